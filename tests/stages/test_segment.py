"""Segment: cases as files, and the laws that hold for any text."""

from __future__ import annotations

import hashlib
import textwrap

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import segment
from stages.contract import DOCUMENT
from stages.ledger import apply_edits, undo_edits
from tests.helpers.cases import cases

DEFAULT = segment.Settings()

PIECES = ["the", "Bridge", "was", "shut.", "Monday,", "said", "“No,”", "he-said", "well-", "know\xad", "12", "–", "•"]
PIECES += ["1.", "大桥", "关闭。", "สะพาน", "ปิด", "https://example.org/a"]
words = st.sampled_from(PIECES)
spaces = st.sampled_from(
    [" ", " ", " ", "\n", "\n", "\n\n", "  ", "\t", "\xa0", "\u3000", "\u2028", "\r\n", "\f", " \n ", "\u200b"]
)
any_text = st.one_of(
    st.text(max_size=60),
    st.lists(st.tuples(words, spaces), max_size=60).map(lambda pairs: "".join(a + b for a, b in pairs)),
    st.lists(words, max_size=80).map(lambda found: textwrap.fill(" ".join(found), 40)),
)


@pytest.mark.parametrize("case", cases("segment"))
def test_a_text_falls_into_the_paragraphs_its_file_names(case):
    assert segment.segment(case["input"], DEFAULT).split("\n\n") == case["expected"]


@given(any_text)
def test_paragraphs_are_separated_by_blank_lines_and_hold_single_spaces(text):
    done = segment.segment(text, DEFAULT)
    paragraphs = done.split("\n\n") if done else []
    assert all(paragraph == " ".join(paragraph.split()) != "" for paragraph in paragraphs)


def test_no_white_space_but_the_space_is_printable():
    assert [one for one in map(chr, range(0x110000)) if one.isspace() and one.isprintable()] == [" "]


@given(any_text)
def test_a_second_segmentation_has_nothing_to_do(text):
    assert segment.segment_edits(segment.segment(text, DEFAULT), DEFAULT) == []


@given(any_text)
def test_undoing_the_edits_gives_the_text_back(text):
    edits = segment.segment_edits(text, DEFAULT)
    changes = [(e.start, e.end, text[e.start : e.end], e.after) for e in edits]
    assert undo_edits(apply_edits(text, edits), changes) == text


@given(any_text)
def test_nothing_but_white_space_and_hyphens_is_touched(text):
    def solid(one: str) -> str:
        return "".join(
            character for character in one if not character.isspace() and character not in "-‐" + segment.INVISIBLE
        )

    assert solid(segment.segment(text, DEFAULT)) == solid(text)


PROSE = (
    "The old bridge over the harbour of Fennwick will stay closed until spring, the council said on Monday. "
    "Engineers had found cracks in two of its pillars, and nobody knows yet what it will cost or who pays for it."
)


@given(st.integers(50, 90), st.integers(2, 5), st.booleans())
def test_wrapped_prose_comes_back_whatever_the_width(width, count, keep_hyphens):
    paragraphs = [f"Part {number + 1} begins here. {PROSE}" for number in range(count)]
    wrapped = "\n\n".join(textwrap.fill(one, width, break_on_hyphens=keep_hyphens) for one in paragraphs)
    assert segment.segment(wrapped, DEFAULT).split("\n\n") == paragraphs


def test_a_long_text_is_segmented_in_linear_time():
    text = "\n".join([*textwrap.wrap(PROSE, 70), ""] * 4000)
    assert segment.segment(text, DEFAULT).split("\n\n") == [PROSE] * 4000


def documents(texts: list[str]) -> pa.Table:
    plain = {
        name: [f"{name}-{number}" for number in range(len(texts))]
        for name in ("doc_id", "source_uri", "outlet", "kind", "raw_sha256")
    }
    values = {**plain, "text": texts}
    return pa.table({f.name: pa.array(values.get(f.name, [None] * len(texts)), f.type) for f in DOCUMENT}, DOCUMENT)


def test_a_document_without_text_is_named_and_not_carried_on():
    outcome = segment.run(documents(["One.", " \n\u200b\n", "", "Two."]), DEFAULT)
    assert outcome.documents["text"].to_pylist() == ["One.", "Two."]
    rows = outcome.ledger.select(["doc_id", "action", "reason", "before"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("doc_id-1", "failed", "no_text", " \n\u200b\n"),
        ("doc_id-2", "failed", "no_text", ""),
    ]


def test_the_digest_is_that_of_the_text_handed_in_and_the_ledger_gives_that_text_back():
    text = " Bridge shut \nThe bridge  is shut.\n"
    outcome = segment.run(documents([text]), DEFAULT)
    (document,) = outcome.documents.to_pylist()
    assert document["segmented_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    changes = [(row["start"], row["end"], row["before"], row["after"]) for row in outcome.ledger.to_pylist()]
    assert undo_edits(document["text"], changes) == text
    assert outcome.documents.schema == DOCUMENT


@settings(max_examples=30)
@given(st.lists(any_text, max_size=6), st.integers(1, 3))
def test_batching_decides_nothing(texts, size):
    table = documents([text.encode("utf-8", "replace").decode() for text in texts])
    whole = segment.run(table, DEFAULT)
    parts = [segment.run(table.slice(at, size), DEFAULT) for at in range(0, len(table), size)]
    assert [row for part in parts for row in part.documents.to_pylist()] == whole.documents.to_pylist()
    assert [row for part in parts for row in part.ledger.to_pylist()] == whole.ledger.to_pylist()


@pytest.mark.parametrize("bad", [{"min_width": 0}, {"min_width": 90, "max_width": 80}, {"min_full_lines": 0}])
def test_settings_out_of_range_are_refused(bad):
    with pytest.raises(ValueError, match="must"):
        segment.Settings(**bad)
