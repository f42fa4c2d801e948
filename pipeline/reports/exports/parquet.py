"""Export as one Parquet file, in row groups that readers can hold."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.reports.exports.documents import ChosenDocuments, ExportOptions
from pipeline.storage.tables import DOCUMENTS

#: A row group ends at the first batch that reaches either: small enough to be held, large enough to be compressed.
GROUP_ROWS, GROUP_BYTES = 10_000, 64 << 20


def write(documents: ChosenDocuments, path: Path, options: ExportOptions) -> None:
    """Write the documents. Texts are `large_string`, times are in UTC, lists are never null."""
    schema = pa.schema([DOCUMENTS.field(name) for name in options.columns])
    options.counts["documents"] += write_batches(documents.batches(), path, schema)


def write_batches(batches: Iterable[pa.RecordBatch], path: Path, schema: pa.Schema) -> int:
    """Write batches to a file, and return the number of rows. A file without rows has no row group.

    Readers that take the size of the first row group stop at an empty one.
    """
    held: list[pa.RecordBatch] = []
    rows = total = size = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            held.append(batch.cast(schema))
            rows, size, total = rows + len(batch), size + batch.nbytes, total + len(batch)
            if rows >= GROUP_ROWS or size >= GROUP_BYTES:
                writer.write_table(pa.Table.from_batches(held))
                held, rows, size = [], 0, 0
        if rows:
            writer.write_table(pa.Table.from_batches(held))
    return total
