"""Damaged and missing files of tables: whoever reads one is told its name and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from pipeline.errors import UserError
from pipeline.storage.protocol import Columns, OutputLocation


class DamagedTableError(UserError):
    """A file of a published table cannot be read."""

    finding = ""  # names the file, and the reason
    advice = ""  # the ways out


class MissingTableError(DamagedTableError):
    """A file of a published table is gone."""


def damaged_table(path: OutputLocation, error: Exception) -> DamagedTableError:
    """Return the error for a file that cannot be read."""
    why = " ".join(str(error).split()).rstrip(".") or "it cannot be read"
    return _in_words(DamagedTableError, path, f"{path} is damaged: {why}")


def missing_table(path: OutputLocation) -> DamagedTableError:
    """Return the error for a file that was published and is gone."""
    return _in_words(MissingTableError, path, f"{path} is missing: it was published and is gone")


def _in_words(kind: type[DamagedTableError], path: OutputLocation, finding: str) -> DamagedTableError:
    run, out = path.parent.name, path.parent.parent.parent
    advice = (
        f"restore the file from a backup, or give up its run: move the folders {run} out of {out}, and clean its "
        "inputs again."
    )
    error = kind(f"{finding}. `clean verify` lists all that is damaged; {advice}")
    error.finding, error.advice = finding, advice
    return error


class StoredTable:
    """A table of one run, to be filtered and read lazily. Raises DamagedTableError where a file cannot be read."""

    def __init__(self, place: OutputLocation, rows: ds.Dataset) -> None:
        self.place, self.rows = place, rows

    def to_table(self, columns: Columns = None, filter: pc.Expression | None = None) -> pa.Table:  # noqa: A002 - as Arrow calls it
        """Read the rows, or some of them, at once."""
        with damage_in_words(self.place):
            return self.rows.to_table(columns=columns, filter=filter)

    def of_document(self, doc_id: str) -> pa.Table:
        """Read the rows of a document. The row groups that hold it are found by the column of ids alone."""
        wanted = pc.field("doc_id") == doc_id
        with damage_in_words(self.place):
            parts = [part for part in self.rows.get_fragments() if part.count_rows(filter=wanted)]
            groups = [group for part in parts for group in part.split_by_row_group() if group.count_rows(filter=wanted)]
            found = [group.to_table(schema=self.rows.schema, filter=wanted) for group in groups]
        return pa.concat_tables(found) if found else self.rows.schema.empty_table()

    def to_batches(
        self,
        columns: Columns = None,
        filter: pc.Expression | None = None,  # noqa: A002
        batch_size: int = 131_072,
        **read_ahead: int,
    ) -> Iterator[pa.RecordBatch]:
        """Read the rows, or some of them, batch by batch; `read_ahead` as Arrow's scanners take it."""
        with damage_in_words(self.place):
            yield from self.rows.to_batches(columns=columns, filter=filter, batch_size=batch_size, **read_ahead)

    def head(self, n: int, columns: Columns = None) -> pa.Table:
        """Read the first rows."""
        with damage_in_words(self.place):
            return self.rows.head(n, columns=columns)

    def count_rows(self, filter: pc.Expression | None = None) -> int:  # noqa: A002
        """Count the rows, or some of them."""
        with damage_in_words(self.place):
            return int(self.rows.count_rows(filter=filter))


@contextmanager
def damage_in_words(place: OutputLocation) -> Iterator[None]:
    """Raise DamagedTableError where reading a file, or a folder of files, fails: one of them is damaged or gone."""
    try:
        yield
    except FileNotFoundError as error:
        if (found := first_damaged(place)) is None:
            raise
        raise found from error
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the system: no rights, a broken disk
            raise
        if (found := first_damaged(place)) is None:
            raise
        raise found from None


def first_damaged(place: OutputLocation) -> DamagedTableError | None:
    """Read a Parquet file, or those of a folder, and return the error of the first that is damaged."""
    paths: list[OutputLocation] = list(place.glob("*.parquet")) if place.is_dir() else [place]
    for path in sorted(paths, key=str):
        try:
            with path.open("rb") as file:
                for _ in pq.ParquetFile(file).iter_batches():
                    pass
        except FileNotFoundError:
            return missing_table(path)
        except (pa.ArrowException, OSError) as error:
            return damaged_table(path, error)
    return None
