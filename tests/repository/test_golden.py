"""The golden run: what the sample corpus becomes, as text that a reviewer can read in a diff.

`pytest tests/repository/test_golden.py --update-golden` rewrites the files after a change that was meant.
"""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.sample import score
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import read
from tests.helpers.folders import GOLDEN

Row = dict[str, Any]


def name_of(uri: str) -> str:
    """A document's place in the sample, without the machine's folders."""
    return uri[uri.index("corpus/") + len("corpus/") :]


def ledger_lines(run_out: Path) -> list[str]:
    """A line for every cut, moved, skipped or failed row."""
    rows = [row for row in read(run_out, "ledger", ["sample"]).to_pylist() if row["action"] not in ("edited", "marked")]
    rows.sort(key=lambda row: (name_of(row["source_uri"]), row["stage"], row["start"] or 0))
    return [f"{name_of(r['source_uri'])} | {r['action']} {r['reason']} | {r['rule'] or ''} | {said(r)}" for r in rows]


def said(row: Row) -> str:
    words = " ".join((row["before"] or "").split())
    return words if len(words) <= 80 else words[:77] + "..."


def document_lines(run_out: Path) -> list[str]:
    """A few lines for every document: its fields, how much is left of it, how much of that is copied."""
    lines = []
    for row in sorted(read(run_out, "documents", ["sample"]).to_pylist(), key=lambda row: name_of(row["source_uri"])):
        fields = {name: row[name] for name in ("title", "authors", "dateline", "wire", "language")}
        fields["page_kind"] = row["page_kind"] if row["page_kind"] != "article" else None
        fields["published"] = row["published"] and row["published"].isoformat()
        lines.append(name_of(row["source_uri"]) + f": {row['n_words']} words, {row['duplicate_share']:.2f} copied")
        lines += [f"    {name}: {value}" for name, value in fields.items() if value]
    return lines


def manifest_lines(run_out: Path) -> list[str]:
    counts = OutputFolder(run_out).manifest("sample")["counts"]
    totals = [f"{name}: {counts[name]}" for name in ("documents_in", "documents_out", "words_in", "words_out")]
    rows = [f"{r['stage']} {r['action']} {r['reason']}: {r['rows']} rows, {r['words']} words" for r in counts["ledger"]]
    return totals + rows


@pytest.mark.parametrize("what", [ledger_lines, document_lines, manifest_lines])
def test_the_sample_corpus_becomes_what_it_became_before(sample_run: Path, what: Any, request: Any) -> None:
    golden = GOLDEN / f"{what.__name__}.txt"
    found = "\n".join(what(sample_run)) + "\n"
    if request.config.getoption("--update-golden"):
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


def test_the_sample_corpus_scores_no_worse_than_its_floors(sample_run: Path, repository: Path) -> None:
    figures = score(sample_run, repository / "corpus" / "_truth.json")
    print(figures)
    assert figures["line_f1"] >= 0.97
