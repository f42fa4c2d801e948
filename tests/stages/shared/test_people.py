"""The one name splitter: the same people from a page and from a text. All names are invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.shared.people import BylineWords, split_names
from tests.stages.shared.test_dates import from_page, from_text


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("By Mara Quill and Tom Okoro", ["Mara Quill", "Tom Okoro"]),
        ("By MARA QUILL", ["Mara Quill"]),
        ("By Mara Quill in Port Anning", ["Mara Quill"]),
        ("By Mara Quill, Staff Writer", ["Mara Quill"]),
    ],
)
def test_a_byline_names_the_same_people_on_a_page_and_in_a_text(line: str, people: list[str]) -> None:
    assert from_page(line)["authors"] == people
    assert from_text(line)["authors"] == people


@pytest.mark.parametrize(
    ("byline", "people"),
    [
        ("Mara Quill, hafenmeisterin", ["Mara Quill"]),
        ("Staff and agencies", []),
        ("Par Mara Quill Publié le 3 mai 2031", ["Mara Quill"]),
        ("Mara Quill (Port Anning) | Tom Okoro", ["Mara Quill", "Tom Okoro"]),
        ("Mara Quill @maraquill", ["Mara Quill"]),
        ("Mara Quill sowie Tom Okoro", ["Mara Quill", "Tom Okoro"]),
    ],
)
def test_a_byline_is_split_by_shared_words_and_those_of_a_pack(byline: str, people: list[str]) -> None:
    words = BylineWords(frozenset({"hafenmeisterin"}), ("sowie",))
    assert split_names(byline, words=words) == people


@given(st.text())
def test_any_text_is_split_without_an_error(text: str) -> None:
    assert all(name == name.strip() for name in split_names(text))
