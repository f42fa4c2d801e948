"""Selections choose the documents that they say, in every order of conditions, and lead to the rows these have."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.cli.options import selection_of
from pipeline.errors import UserError
from pipeline.storage.reader import Corpus
from pipeline.storage.selection import Selection
from pipeline.storage.tables import TABLES, read

STORY = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm."


@pytest.fixture(scope="module")
def every(sample_run: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read(sample_run, "documents", ["sample"]).drop_columns(["run"]).to_pylist()
    return rows


def chosen(out: Path, selection: Selection) -> list[dict[str, Any]]:
    return [row for batch in selection.documents(Corpus(out)) for row in batch.to_pylist()]


NOON = datetime(2025, 3, 11, 12, tzinfo=UTC)
CONDITIONS = {
    "an outlet": (Selection(outlets=("daily-plume",)), lambda row: row["outlet"] == "daily-plume"),
    "two languages": (Selection(languages=("de", "fr")), lambda row: row["language"] in {"de", "fr"}),
    "unknown languages": (Selection(languages=("und", "fr")), lambda row: row["language"] in {None, "fr"}),
    "a kind of page": (Selection(page_kinds=("opinion", "list")), lambda row: row["page_kind"] in {"opinion", "list"}),
    "a beginning": (Selection(since=NOON), lambda row: row["published"] is not None and row["published"] >= NOON),
    "an end": (Selection(until=NOON), lambda row: row["published"] is not None and row["published"] < NOON),
    "words": (Selection(min_words=300), lambda row: row["n_words"] >= 300),
    "no duplicates": (Selection(without_duplicates=True), lambda row: row["duplicate_of"] is None),
    "all at once": (
        Selection(languages=("en",), until=NOON, min_words=100, without_duplicates=True, page_kinds=("article",)),
        lambda row: row["language"] == "en" and row["n_words"] >= 100 and row["duplicate_of"] is None
        and row["published"] is not None and row["published"] < NOON and row["page_kind"] == "article",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_selection_is_the_documents_for_which_its_conditions_hold(
    sample_run: Path, every: list[dict[str, Any]], name: str
) -> None:
    selection, holds = CONDITIONS[name]
    replaced = {row["revision_of"] for row in every} | {row["doc_id"] for row in every if row["superseded_by"]}
    expected = [row for row in every if holds(row) and row["doc_id"] not in replaced]
    assert chosen(sample_run, selection) == expected
    assert expected or name in {"unknown languages", "a kind of page"}, "the condition is tried where it holds"


def test_all_versions_of_an_article_are_chosen_where_they_are_asked_for(tmp_path: Path) -> None:
    rows = [
        {"id": str(n), "outlet": "star", "url": "https://star.example/1", "published": f"2025-03-0{n + 1}T06:00:00Z",
         "text": f"{STORY}\n\nVersion {n} adds that the night boat waits for the {n + 3}rd train of the evening."}
        for n in range(3)
    ]  # fmt: skip
    for n, row in enumerate(rows):
        (tmp_path / "in.jsonl").write_text(json.dumps(row), encoding="utf-8")
        clean(RunRequest([str(tmp_path / "in.jsonl")], tmp_path / "out", settings.parse({}), workers=1, run_id=f"n{n}"))
    out = tmp_path / "out"
    assert [row["source_id"] for row in chosen(out, Selection())] == ["2"]
    assert [row["source_id"] for row in chosen(out, Selection(runs=("n0", "n1")))] == ["1"]
    assert [row["source_id"] for row in chosen(out, Selection(latest_versions_only=False))] == ["0", "1", "2"]
    paragraphs = pa.Table.from_batches(Selection(runs=("n1",)).rows(Corpus(out), "paragraphs"))
    assert {text[:9] for text in paragraphs["text"].to_pylist()} == {"The ferry", "Version 1"}


@pytest.mark.parametrize("table", ["paragraphs", "passages", "ledger"])
def test_rows_of_other_tables_are_those_of_the_chosen_documents(sample_run: Path, table: str) -> None:
    selection = Selection(outlets=("daily-plume", "meridian"))
    ids = {row["doc_id"] for row in chosen(sample_run, selection)}
    found = [row for batch in selection.rows(Corpus(sample_run), table) for row in batch.to_pylist()]
    whole = read(sample_run, table, ["sample"]).drop_columns(["run"]).to_pylist()
    assert found == [row for row in whole if row["doc_id"] in ids]
    assert found
    columns = next(selection.rows(Corpus(sample_run), table, TABLES[table].names[:2]))
    assert columns.schema.names == TABLES[table].names[:2]


def test_columns_and_batches_are_as_they_were_asked_for(sample_run: Path) -> None:
    batches = list(Selection().documents(Corpus(sample_run), ["title", "outlet"], batch_size=7))
    assert {tuple(batch.schema.names) for batch in batches} == {("title", "outlet")}
    assert max(map(len, batches)) == 7


MISTAKES = {
    "a kind that there is not": ({"kinds": ["news"]}, "no kind of page"),
    "a language in words": ({"languages": ["German"]}, "no code of a language"),
    "a time without its zone": ({"since": "2025-03-11T12:00"}, "needs its zone"),
    "an end before the beginning": ({"since": "2025-03-11", "until": "2025-03-10"}, "is not before"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_options_that_can_match_nothing_are_refused(name: str) -> None:
    options, told = MISTAKES[name]
    with pytest.raises(UserError, match=told):
        selection_of(**options)


def test_a_run_that_there_is_not_is_refused(sample_run: Path) -> None:
    with pytest.raises(UserError, match="no run 'monday'"):
        chosen(sample_run, Selection(runs=("monday",)))


def test_a_time_from_python_needs_its_zone_and_may_have_any() -> None:
    with pytest.raises(UserError, match="needs its zone"):
        Selection(since=datetime(2025, 3, 11))
    assert Selection(since=NOON, until=NOON + timedelta(hours=1)).in_words().startswith("since 2025-03-11T12:00:00")
