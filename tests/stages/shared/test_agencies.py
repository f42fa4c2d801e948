"""The one list of agencies, and the same credit from a page and from a text. All texts are invented."""

from __future__ import annotations

import pytest

from stages.noise.fields import lexicon
from stages.noise.rules import parse_pack
from stages.shared.agencies import AGENCIES, agencies_in
from tests.stages.shared.test_dates import from_page, from_text


@pytest.mark.parametrize("spelling", sorted(AGENCIES.spellings))
def test_every_spelling_is_found_in_a_credit_and_alone(spelling: str) -> None:
    name = AGENCIES.spellings[spelling]
    assert AGENCIES.find(f"Mara Quill, {spelling}.") == [name]
    assert AGENCIES.name_of(spelling) == name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("PAP", ["PAP"]),
        ("With AP, Reuters/dpa", ["AP", "Reuters", "dpa"]),
        ("agence france-presse", ["AFP"]),
        ("(dpa-AFX)", ["dpa"]),
        ("The Associated Press", ["AP"]),
        ("ap and pa and efe", []),
        ("Port Anning, Apia", []),
        ("AP, News from the quay", ["AP"]),
        ("write to mara@bloomberg.example", []),
    ],
)
def test_agencies_are_found_by_their_case_and_their_borders(text: str, names: list[str]) -> None:
    assert agencies_in([text]) == names


@pytest.mark.parametrize("agency", ["PAP", "Reuters", "Anadolu Agency", "Yonhap", "dpa"])
def test_a_byline_credits_the_same_agencies_from_a_page_and_from_a_text(agency: str) -> None:
    line = f"By Mara Quill, {agency}"
    page, text = from_page(line), from_text(line)
    assert page["wire"] == text["wire"] == [AGENCIES.spellings[agency]]
    assert page["authors"] == text["authors"] == ["Mara Quill"]


def test_a_rule_pack_adds_agencies() -> None:
    words = lexicon((parse_pack({"agencies": {"Quay Wire": ["QW", "Quaywire"]}}, "own"),)).agencies
    assert words.find("By QW and AP") == ["Quay Wire", "AP"]
    assert words.name_of("QUAYWIRE") == "Quay Wire"


@pytest.mark.parametrize(
    ("text", "name"),
    [("ТАСС", "TASS"), ("РИА Новости", "RIA Novosti"), ("Укрінформ", "Ukrinform"), ("新华社", "Xinhua"),
     ("共同通信", "Kyodo"), ("연합뉴스", "Yonhap"), ("ΑΠΕ-ΜΠΕ", "AMNA")],
)  # fmt: skip
def test_agencies_are_found_by_the_names_of_their_own_scripts(text: str, name: str) -> None:
    assert AGENCIES.find(f"({text})") == [name]
