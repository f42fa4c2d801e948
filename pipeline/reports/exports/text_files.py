"""Export as a folder of text files, one a document, named by its id: `<doc_id>.txt`; a folder for each split."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.reports.exports.documents import ChosenDocuments, ExportOptions


def write_folder(splits: Mapping[str, ChosenDocuments], folder: Path, options: ExportOptions) -> None:
    """Write the files. An id is 32 hexadecimal digits, so no document can choose the name of a file."""
    for split, documents in splits.items():
        (folder / split).mkdir(exist_ok=True)
        for row in documents.rows(["doc_id", "text"]):
            options.counts["documents"] += 1
            (folder / split / f"{row['doc_id']}.txt").write_bytes(f"{row['text']}\n".encode())
