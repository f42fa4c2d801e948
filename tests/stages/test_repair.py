"""Repair: cases as files, and the laws that hold for any text."""

from __future__ import annotations

import itertools

import ftfy
import pyarrow as pa
import pytest
from ftfy.badness import BADNESS_RE, MOJIBAKE_CATEGORIES
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stages import repair
from stages.contract import DOCUMENT
from stages.ledger import apply_edits, undo_edits
from tests.helpers.cases import cases

DEFAULT = repair.Settings()
EVERY_SETTINGS = [repair.Settings(*flags) for flags in itertools.product([False, True], repeat=3)]

# Characters that ftfy's decisions hang on, beside plain words: what hypothesis draws from is what can go wrong.
HOSTILE = "".join(MOJIBAKE_CATEGORIES.values()) + "\r\n\x0b\x0c\x1b[0m\u2028\u2029\x85\xad\u200b\u2060\ufeff\ufffd\x00"
WORDS = [
    "&amp;",
    "&lt;",
    "&#233;",
    "&#8232;",
    "&nbsp;",
    "<b>",
    "Ã©",
    "â€™",
    "Ã ",
    "Â ",
    "à ",
    "œ",
    "вЂ",
    "\x1b[31m",
    "ﬁ",
    "，",
    "Ａ",
]
WORDS += [
    "e\u0301",
    "\u0e01\u200b",
    "co\xadop",
    "\n",
    "\r\n",
    " ",
    "“so”",
    "Брак",
    "मु",
    "é".encode().decode("cp1251"),
    "한",
]
hostile_text = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.text(st.sampled_from(HOSTILE), max_size=4),
        st.text(max_size=4),
        st.text(max_size=4).map(lambda t: t.encode("utf-8", "replace").decode("latin-1")),
        st.text(max_size=4).map(lambda t: t.encode("utf-8", "replace").decode("cp1251", "replace")),
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize("case", cases("repair"))
def test_a_case_is_mended_as_its_file_says(case):
    chosen = repair.Settings(**case.get("settings", {}))
    edits = repair.repair_edits(case["input"], chosen)
    assert apply_edits(case["input"], edits) == case["expected"]
    if "reasons" in case:
        assert [edit.reason for edit in edits] == case["reasons"]


def always_ftfy(text: str, chosen: repair.Settings) -> str:
    """The plain spelling: ftfy's own `fix_text` over the whole text and what it leaves, with no test in front of it."""
    before = None
    while text != before:
        before = text
        text = ftfy.fix_text(repair.LINE_BREAK_RE.sub("\n", text), repair.fixer_config(chosen))
        text = repair.mended_letters(repair.INVISIBLE_RE.sub("", text))
    return text


@pytest.mark.parametrize("chosen", EVERY_SETTINGS, ids=str)
@given(text=hostile_text)
@example("œ\r\nœ")
@example("a\nÂ b")
@example("Ã\n la")
@example("aÃ‘â€™В€")
def test_repair_gives_what_always_running_ftfy_gives(chosen, text):
    assert repair.repair(text, chosen) == always_ftfy(text, chosen)


@given(hostile_text)
def test_a_second_repair_has_nothing_to_do(text):
    assert repair.repair_edits(repair.repair(text, DEFAULT), DEFAULT) == []


@given(hostile_text)
def test_undoing_the_edits_gives_the_text_back(text):
    edits = repair.repair_edits(text, DEFAULT)
    changes = [(e.start, e.end, text[e.start : e.end], e.after) for e in edits]
    assert undo_edits(apply_edits(text, edits), changes) == text


@given(hostile_text)
def test_no_line_break_but_a_newline_is_left(text):
    assert set(repair.repair(text, DEFAULT)).isdisjoint("\r\x0b\x0c\u2028\u2029\x85\x00\ufeff")


@given(hostile_text)
def test_whatever_ftfy_thinks_bad_is_suspect(text):
    assert repair.SUSPECT_RE.search(text) or not BADNESS_RE.search(text)


@pytest.mark.parametrize("around", ["{}", " {} ", "a{}a", "а{}Р"])
def test_every_pair_that_ftfy_thinks_bad_is_suspect(around):
    mentioned = repair.BADNESS_RE.pattern + "".join(map(chr, range(0x80, 0x180)))
    characters = sorted(set(filter(lambda character: not character.isascii(), mentioned)))
    pairs = (around.format(one + other) for one in characters for other in characters)
    assert [pair for pair in pairs if BADNESS_RE.search(pair) and not repair.SUSPECT_RE.search(pair)] == []


@given(hostile_text.map(lambda text: text.replace("\n", " ")))
def test_looking_where_mojibake_can_be_is_as_good_as_looking_everywhere(line):
    assert repair.is_bad(line) == (BADNESS_RE.search(line) is not None)


def test_a_long_text_is_mended_in_linear_time():
    text = "cafÃ© &amp; crÃ¨me\r\n" * 5000
    edits = repair.repair_edits(text, DEFAULT)
    assert apply_edits(text, edits) == "café & crème\n" * 5000
    assert len(edits) == 4 * 5000


def documents(*texts: str, **columns: list[object]) -> pa.Table:
    plain = {
        name: [f"{name}-{number}" for number in range(len(texts))]
        for name in ("doc_id", "source_uri", "outlet", "kind", "raw_sha256")
    }
    values = {**plain, "text": list(texts), **columns}
    return pa.table({f.name: pa.array(values.get(f.name, [None] * len(texts)), f.type) for f in DOCUMENT}, DOCUMENT)


def test_titles_decks_and_authors_are_mended_and_named_in_the_ledger():
    given_documents = documents(
        "One.", "Two.", title=["Caf&eacute;", None], deck=["a\nb", None], authors=[["ZoÃ« Quill", "Bo"], None]
    )
    outcome = repair.run(given_documents, DEFAULT)
    assert outcome.documents["title"].to_pylist() == ["Café", None]
    assert outcome.documents["deck"].to_pylist() == ["a b", None]
    assert outcome.documents["authors"].to_pylist() == [["Zoë Quill", "Bo"], None]
    rows = outcome.ledger.select(["doc_id", "reason", "start", "before", "after"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("doc_id-0", "entities", None, "Caf&eacute;", "Café"),
        ("doc_id-0", "line_breaks", None, "a\nb", "a b"),
        ("doc_id-0", "mojibake", None, "ZoÃ« Quill", "Zoë Quill"),
    ]


@settings(max_examples=30)
@given(st.lists(hostile_text.filter(lambda t: t.isprintable() or "\n" in t), max_size=6), st.integers(1, 3))
def test_batching_decides_nothing(texts, size):
    texts = [t.encode("utf-8", "replace").decode() for t in texts]
    table = documents(*texts)
    whole = repair.run(table, DEFAULT)
    parts = [repair.run(table.slice(at, size), DEFAULT) for at in range(0, len(table), size)]
    assert [row for part in parts for row in part.documents.to_pylist()] == whole.documents.to_pylist()
    assert [row for part in parts for row in part.ledger.to_pylist()] == whole.ledger.to_pylist()
    assert whole.documents.schema == DOCUMENT
