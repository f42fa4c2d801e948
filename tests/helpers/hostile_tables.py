"""A corpus whose tables hold hostile texts word for word, as if no stage had mended any of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa

from pipeline.storage.tables import TABLES, dataset, write_part
from stages.contract import PARAGRAPH_BREAK, replace_column
from tests.helpers.hostile_texts import HostileText, hostile_texts


def as_arrow_holds_it(text: str) -> str:
    """The text with U+FFFD for lone surrogates, which no column of UTF-8 can hold."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def write_hostile_tables(run: Path, out: Path) -> Path:
    """Copy a run over the hostile articles, and put texts, titles, authors and addresses into it as they were given."""
    shutil.copytree(run, out)
    cases = {each.id: each for each in hostile_texts()}
    documents = dataset(run, "documents", "hostile").to_table()
    mine = [cases[source] for source in documents["source_id"].to_pylist()]
    texts = [as_arrow_holds_it(each.text) for each in mine]
    for name, values in {"text": texts, "canonical_text": texts, **_fields(mine)}.items():
        documents = replace_column(documents, name, list(values))
    shutil.rmtree(out / "documents" / "run=hostile")
    shutil.rmtree(out / "paragraphs" / "run=hostile")
    _put(out, "documents", documents)
    _put(out, "paragraphs", _paragraphs(documents))
    return out


def _fields(cases: list[HostileText]) -> dict[str, list[object]]:
    titles = [as_arrow_holds_it(each.title) for each in cases]
    return {"title": [*titles], "deck": [*titles], "authors": [[title, "Mara Quill"] for title in titles],
            "url": [each.url for each in cases], "source_uri": [*titles]}  # fmt: skip


def _paragraphs(documents: pa.Table) -> pa.Table:
    rows = [
        {"doc_id": row["doc_id"], "paragraph": number, "text": text, "n_words": 1, "is_canonical": True,
         "duplicate_share": 0.0, "origin": "own"}
        for row in documents.select(["doc_id", "text"]).to_pylist()
        for number, text in enumerate(row["text"].split(PARAGRAPH_BREAK))
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=TABLES["paragraphs"])


def _put(out: Path, name: str, table: pa.Table) -> None:
    written = write_part(out / "staged", name, 0, table)
    shutil.copytree(written.parent, out / name / "run=hostile", dirs_exist_ok=True)
    shutil.rmtree(out / "staged")
