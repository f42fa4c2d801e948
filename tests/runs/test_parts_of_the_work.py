"""A part of the work alone: only cleaning, or only the search for copies in texts that are clean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.errors import UserError
from pipeline.reports.verify import check
from pipeline.runs.report import RunReport
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import read

SENTENCE = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm."
TEXTS = {
    "quay": f"By Mara Quill\n\n{SENTENCE}\n\nTwo hundred people had slept in the school on the hill until then.",
    "plume": f"Share this article\n\n{SENTENCE}\n\nThe baker had worked through the night, and the crew was fed first.",
    "star": f"{SENTENCE}\n\nNobody was hurt when the ropes broke, but a crane fell into the water.",
}


def run(folder: Path, only: str, run_id: str, outlets: tuple[str, ...] = tuple(TEXTS)) -> RunReport:
    """Clean the texts of some outlets into `<folder>/out`."""
    records = [{"url": f"https://{name}.example/1", "outlet": name, "text": TEXTS[name]} for name in outlets]
    path = folder / f"{run_id}.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    chosen = settings.parse({"stages": {"only": only}})
    return clean(RunRequest([str(path)], folder / "out", chosen, workers=1, run_id=run_id))


def rows(out: Path, name: str) -> list[dict[str, Any]]:
    return read(out, name, Corpus(out).runs).to_pylist()


def test_only_cleaning_looks_for_no_copies(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(tmp_path, "clean", "one").n_passages == 0
    documents = rows(out, "documents")
    assert all(row["canonical_text"] == row["text"] for row in documents)
    assert {row["duplicate_share"] for row in documents} == {0.0}
    assert not any("Share this" in row["text"] or "By Mara" in row["text"] for row in documents)
    assert rows(out, "passages") == rows(out, "flows") == []
    assert all(row["is_canonical"] for row in rows(out, "paragraphs"))
    assert check(Corpus(out)).wrong == []


def test_only_the_search_for_copies_changes_no_text(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(tmp_path, "dedup", "monday", ("quay", "plume"))
    run(tmp_path, "dedup", "tuesday", ("star",))
    documents = rows(out, "documents")
    assert {row["outlet"]: row["text"] for row in documents} == TEXTS
    assert {row["language"] for row in documents} == {"en"}
    assert {row["page_kind"] for row in documents} == {None}
    assert {row["outlet"] for row in rows(out, "passages")} == set(TEXTS), "history is compared too"
    assert {row["stage"] for row in rows(out, "ledger")} <= {"source", "decode", "segment", "near_duplicates"}
    assert rows(out, "templates") == []
    assert check(Corpus(out)).wrong == []


def test_a_page_among_clean_texts_fails_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(f"<html><body><p>{SENTENCE}</p></body></html>")
    for name in ("quay", "plume"):
        for number in range(3):
            (tmp_path / f"{name}-{number}.txt").write_text(f"{TEXTS[name]}\n\nIt was day {number}.")
    inputs = sorted(str(path) for path in tmp_path.iterdir())
    chosen = settings.parse({"stages": {"only": "dedup"}})
    clean(RunRequest(inputs, tmp_path / "out", chosen, workers=1))
    (failed,) = (row for row in rows(tmp_path / "out", "ledger") if row["action"] == "failed")
    assert (failed["stage"], failed["reason"]) == ("source", "page")


def test_a_corpus_has_one_answer_for_all_its_runs(tmp_path: Path) -> None:
    run(tmp_path, "clean", "one", ("quay",))
    with pytest.raises(UserError, match="made with \\[stages\\] only = 'clean', and this one has 'all'"):
        run(tmp_path, "all", "two", ("plume",))
    run(tmp_path, "clean", "two", ("plume",))
    assert Corpus(tmp_path / "out").runs == ["one", "two"]
