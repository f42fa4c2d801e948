"""Export as JSON Lines: an object a document, times in ISO 8601."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.console import json_line
from pipeline.reports.exports.documents import ChosenDocuments, ExportOptions


def pieces(documents: ChosenDocuments, options: ExportOptions) -> Iterator[str]:
    """Yield a line for each document."""
    for row in documents.rows():
        options.counts["documents"] += 1
        yield json_line(row) + "\n"
