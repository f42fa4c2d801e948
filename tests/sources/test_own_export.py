"""Exports of our own come back whole: what `clean export` writes, and the tables, are read with every field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline import sources
from pipeline.reports.exports.job import ExportRequest, export
from pipeline.reports.exports.registry import FORMATS
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import dataset

FIELDS = ("outlet", "url", "title", "deck", "authors", "published", "dateline", "wire")


def read(path: Path) -> dict[str, dict[str, Any]]:
    """Read an input; return its documents by the ids that it gives them."""
    batches = list(sources.batches(sources.plan([str(path)]), sources.Settings()))
    rows = [row for batch in batches for row in batch.ledger.to_pylist() if row["reason"] != "read_as"]
    assert rows == []
    return {row["source_id"]: row for batch in batches for row in batch.documents.to_pylist()}


def exported(out: Path, form: str, folder: Path) -> Path:
    """Write the documents of a run in one of the forms that a user has them in."""
    if form == "parquet":
        return next((out / "documents").glob("run=*/*.parquet"))
    path = folder / f"export.{form}"
    export(Corpus(out), ExportRequest(FORMATS[form], path))
    return path


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_an_export_of_our_own_comes_back_whole(sample_run: Path, tmp_path: Path, form: str) -> None:
    written = {row["doc_id"]: row for row in dataset(sample_run, "documents", "sample").to_table().to_pylist()}
    found = read(exported(sample_run, form, tmp_path))
    assert found.keys() <= written.keys()
    assert len(found) > 60
    for doc_id, document in found.items():
        unlike = {name for name in FIELDS if document[name] != written[doc_id][name]}
        assert not unlike, (doc_id, [(document[name], written[doc_id][name]) for name in unlike])
        assert document["raw"].decode() == written[doc_id]["text"]
