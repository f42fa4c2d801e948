"""Wordings: what is found for some lines at once is never less than what a list finds in each."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from stages.page_kind.wordings import Wordings, folded
from stages.shared.page_kinds import page_kind_words, pattern

TABLES = ("wording", "titles", "kickers", "stems")
LISTS = {(table, name): its for table in TABLES for name, its in page_kind_words()[table].items()}
PIECES = sorted({piece for some in LISTS.values() for one in some for piece in re.findall(r"[^\W_]+|[^\w\s]", one)})
LETTERS = st.sampled_from("aİıſKßẞéÉσςΣяЯ 0٣\u00a0\x1c…'’#:.\n")
LINES = st.lists(
    st.one_of(st.sampled_from(PIECES), LETTERS, st.sampled_from([" ", "12:30", "404", "a b"])), max_size=12
)
ALL = {name: Wordings(wordings) for name, wordings in LISTS.items()}


@settings(max_examples=300)
@given(st.lists(LINES.map("".join), max_size=5), st.sampled_from([str, str.upper, str.title, str.swapcase]))
def test_no_line_holds_a_wording_that_its_text_may_not_hold(lines: list[str], cased) -> None:  # type: ignore[no-untyped-def]
    lines = [cased(line) for line in lines]
    held = {name for name in LISTS if any(pattern(*name).search(line) for line in lines)}
    assert held <= {name for name in LISTS if ALL[name].may_be_in("\n".join(lines))}


@settings(max_examples=300)
@given(LINES.map("".join), st.sampled_from([str, str.upper, str.title]))
def test_no_text_holds_a_stem_that_it_may_not_hold(text: str, cased) -> None:  # type: ignore[no-untyped-def]
    stems = page_kind_words()["stems"]["consent"]
    assert ALL["stems", "consent"].may_be_in(cased(text)) or not any(stem in cased(text).lower() for stem in stems)


def test_every_wording_is_found_as_its_list_writes_it() -> None:
    """The lists' own letters, with the marks of patterns left out, are texts that most of their patterns find."""
    found = 0
    for name, wordings in LISTS.items():
        for one in wordings:
            plain = re.sub(r"\\[bW]|[\^$]", "", one)
            text = re.sub(r"\(\?:([^|()]*)[^()]*\)\??", r"\1", plain).replace("?", "")
            if pattern(*name).search(text):
                found += 1
                assert ALL[name].may_be_in(f"It rained.\n{text.upper()}\nThey said.")
    assert found > 60


def test_letters_that_differ_in_case_alone_fold_to_the_same() -> None:
    cased = [chr(code) for code in range(0x10FFFF) if chr(code).lower() != chr(code) or chr(code).upper() != chr(code)]
    for one in cased[::7]:
        alike = re.findall(re.escape(one), "".join(cased), re.IGNORECASE)
        assert {folded(other) for other in alike} == {folded(one)}


def test_an_ordinary_story_is_not_searched_for_any_wording() -> None:
    story = "The harbour of Port Anning opened again on Monday after nine days of storm, the harbour master said.\n"
    assert not any(wordings.may_be_in(story * 20) for wordings in ALL.values())
