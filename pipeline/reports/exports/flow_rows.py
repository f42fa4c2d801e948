"""Export of flows between outlets: CSV, or JSON Lines if the output is so named."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipeline.console import json_line
from pipeline.reports.exports.csv_files import table
from pipeline.reports.exports.documents import ExportOptions


def pieces(flows: pa.Table, options: ExportOptions) -> Iterator[str]:
    """Yield a line for each pair of outlets, the most words first."""
    if options.suffix not in {".jsonl", ".ndjson"}:
        yield from table(flows.to_pylist(), flows.column_names, options)
        return
    for row in flows.to_pylist():
        options.counts[options.counted] += 1
        yield json_line(row) + "\n"
