"""The process that reads one ORC file: its path and columns as arguments, an Arrow stream on standard output."""

from __future__ import annotations

import sys

import pyarrow as pa
import pyarrow.dataset as pads


def main(path: str, batch_rows: int, columns: list[str]) -> None:
    """Write the batches of a file to standard output; the columns that dotted names lead into, or all for none."""
    with pa.OSFile(path) as stored:
        fragment = pads.OrcFileFormat().make_fragment(stored)
        names = fragment.physical_schema.names
        wanted = [each for each in names if any(_is_within(name, each) for name in columns)] if columns else names
        batches = fragment.to_batches(columns=wanted, batch_size=batch_rows, use_threads=False, batch_readahead=0)
        schema = pa.schema([fragment.physical_schema.field(each) for each in wanted])
        with pa.ipc.new_stream(sys.stdout.buffer, schema) as out:
            for batch in batches:
                out.write_batch(batch)


def _is_within(field: str, column: str) -> bool:
    return field == column or field.startswith(f"{column}.")


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
    except UnicodeError as error:
        sys.exit(f"the name of a column is no text ({error})")
    except (pa.ArrowException, OSError, MemoryError, LookupError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
