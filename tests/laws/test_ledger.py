"""The conservation law in its smallest form: what the ledger says was done to a text can be undone."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.catalog import reasons
from stages.contract import RAW_DOCUMENT
from stages.ledger import LEDGER, Edit, LedgerRows, Subject, apply_edits, subjects, undo_edits


@st.composite
def texts_with_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text(max_size=60))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=10)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return text, [Edit(start, end, draw(st.text(max_size=5))) for start, end in pairs]


@given(texts_with_edits())
def test_undoing_edits_gives_back_the_text_to_the_character(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    after = apply_edits(text, edits)
    assert undo_edits(after, [(e.start, e.end, text[e.start : e.end], e.after) for e in edits]) == text


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        apply_edits("harbour", [Edit(0, 4), Edit(3, 5)])


def test_a_ledger_that_does_not_fit_its_text_is_refused() -> None:
    with pytest.raises(ValueError, match="does not hold"):
        undo_edits("The ferry sails.", [(4, 9, "boat", "barge")])


def test_a_reason_outside_the_closed_list_is_refused() -> None:
    with pytest.raises(ValueError, match="no reason of stage"):
        LedgerRows("noise", ("byline",)).add(Subject("d", None, "a.txt"), "cut", "ugly")


@pytest.mark.parametrize("stage", reasons())
def test_rows_of_every_stage_fit_the_ledger_table(stage: str) -> None:
    rows = LedgerRows(stage, reasons()[stage])
    for reason in reasons()[stage]:
        rows.add(Subject("d", "1", "a.txt"), "cut", reason, start=0, end=4, before="word")
    table = rows.table()
    assert table.schema == LEDGER
    assert table["reason"].to_pylist() == list(reasons()[stage])
    assert set(table["stage"].to_pylist()) <= {stage}


def test_rows_that_are_alike_are_those_that_are_added_one_by_one() -> None:
    about = pa.table({"doc_id": ["a", "b"], "source_id": [None, "7"], "source_uri": ["a.txt", "b.txt"]})
    whole = LedgerRows("noise", ("byline",)).alike(
        about, "marked", "byline", limit=0.5, paragraph=pa.array([3, None]), measured=pa.chunked_array([[0.25], [1]])
    )
    rows = LedgerRows("noise", ("byline",))
    rows.add(Subject("a", None, "a.txt"), "marked", "byline", limit=0.5, paragraph=3, measured=0.25)
    rows.add(Subject("b", "7", "b.txt"), "marked", "byline", limit=0.5, paragraph=None, measured=1)
    assert whole.schema == LEDGER
    assert whole.to_pylist() == rows.table().to_pylist()
    with pytest.raises(ValueError, match="no reason of stage"):
        rows.alike(about, "marked", "ugly")


def test_subjects_follow_the_order_of_documents() -> None:
    documents = RAW_DOCUMENT.empty_table()
    assert subjects(documents) == []
