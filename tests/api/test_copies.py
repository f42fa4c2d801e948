"""Copied passages among texts that a program holds: spans of the texts as given, in the order that was given."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

import copydesk
from pipeline.api.copies import place_before
from pipeline.storage.tables import read
from stages.ledger import apply_edits
from stages.segment import Settings, segment_edits

QUOTE = "the engine had failed for the third time this winter, and a new one would cost nine million crowns"
FIRST = f"The ferry was late again on Monday.\nThe harbour master said that {QUOTE}."
SECOND = f" Rather boring.\r\n\r\nAs we were told by\nthe harbour master, {QUOTE}. Nobody believed him at all."


def test_spans_are_those_of_the_texts_as_given() -> None:
    texts = {"a": FIRST, "b": SECOND, 3: "Nothing to do with it.", "": ""}
    copies = copydesk.find_copies(texts)
    ((canonical, copy),) = copies.clusters()
    assert (canonical.id, canonical.is_canonical, copy.id, copy.is_canonical) == ("a", True, "b", False)
    for span in copies.spans:
        assert span.text == texts[span.id][span.start : span.end]
        assert QUOTE in span.text
    assert (len(copies), copies.duplicate_of) == (1, {})
    assert {name for name, share in copies.duplicate_share.items() if share} == {"b"}


def test_the_first_text_is_canonical_unless_times_say_otherwise() -> None:
    assert next(copydesk.find_copies([SECOND, FIRST]).clusters())[0].id == 0
    times = [datetime(2026, 3, 2), datetime(2026, 3, 1)]
    table = pa.table({"id": ["one", "two"], "text": [SECOND, FIRST], "published": times})
    assert next(copydesk.find_copies(table).clusters())[0].id == "two"
    half = table.set_column(
        2, "published", pa.array([None, datetime(2026, 3, 1, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    )
    assert next(copydesk.find_copies(half).clusters())[0].id == "two"


def test_a_whole_copy_names_its_original() -> None:
    whole = f"{FIRST}\nNobody on the quay had heard of it, and the mayor, who had promised a second boat, was away."
    copies = copydesk.find_copies([whole, whole])
    assert copies.duplicate_of == {1: 0}
    assert copies.duplicate_share[1] > 0.8 > copies.duplicate_share[0]
    assert copies.to_table()["id"].to_pylist()[0] == 0


def test_a_corpus_of_texts_has_the_passages_of_its_run(sample_run: Path) -> None:
    """Other outlets' articles of the sample: their cleaned texts give the clusters that the run published."""
    documents = read(sample_run, "documents", ["sample"])
    table = documents.select(["doc_id", "text", "outlet", "published"]).rename_columns(
        ["id", "text", "outlet", "published"]
    )
    copies = copydesk.find_copies(table)
    published = read(sample_run, "passages", ["sample"])
    assert abs(len(copies.spans) - len(published)) <= 0.02 * len(published)
    texts = dict(zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True))
    assert all(span.text == texts[span.id][span.start : span.end] for span in copies.spans)
    assert len(copies) == pytest.approx(len(pc.unique(published["cluster_id"])), abs=3)


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        ("one text", TypeError, "texts must be several"),
        ([FIRST, None], TypeError, "text 1 must be str, not NoneType"),
        ([b"bytes"], TypeError, "text 0 must be str, not bytes"),
        (pa.table({"body": ["x"]}), copydesk.UserError, "no column `text`. It has: body"),
        (pa.table({"text": ["x", "y"], "id": [1, 1]}), copydesk.UserError, "two texts have the same id"),
        (pa.table({"text": ["x"], "published": ["May"]}), TypeError, "published must be a column of timestamps"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(texts: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        copydesk.find_copies(texts)


def test_odd_texts_and_no_texts_have_no_copies() -> None:
    assert copydesk.find_copies([]) == copydesk.Copies((), {}, {})
    assert copydesk.find_copies(["", "word", "a\ud800b", "\0"]).spans == ()


def test_tables_of_other_libraries_and_streams_of_a_corpus_are_compared(sample_run: Path) -> None:
    polars, pandas = pytest.importorskip("polars"), pytest.importorskip("pandas")
    columns = {"doc_id": ["x", "y"], "text": [FIRST, SECOND]}
    found = [copydesk.find_copies(make(columns)) for make in (pa.table, polars.DataFrame, pandas.DataFrame)]
    assert [span.id for span in found[0].spans] == ["x", "y"]
    assert found[0] == found[1] == found[2]
    stream = copydesk.open_corpus(sample_run).documents(columns=["doc_id", "text", "published"], outlets="meridian")
    assert len(copydesk.find_copies(stream).duplicate_share) == len(stream.to_table())


@given(st.text(alphabet="ab.- \n\r\t\u2028\u00ad\u65e5", max_size=200))
def test_every_character_of_a_compared_text_is_found_again_in_the_text_as_given(text: str) -> None:
    edits = segment_edits(text, Settings())
    for place, character in enumerate(apply_edits(text, edits)):
        if not character.isspace():
            assert text[place_before(place, edits)] == character
