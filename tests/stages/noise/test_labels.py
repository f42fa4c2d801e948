"""Labels of cuts: what a reader would call a line, whatever evidence guessed."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.ledger import Edit
from stages.noise.labels import GUESSED, SIGNS, label_for_readers, with_teasers
from stages.noise.rules import LABELS

CASES = tomllib.loads((Path(__file__).parents[2] / "cases" / "noise_labels.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("label", "line"), [(label, line) for label, lines in CASES.items() for line in lines])
def test_a_line_is_called_what_a_reader_would_call_it(label: str, line: str) -> None:
    guess, evidence = CASES[label][line]
    assert label_for_readers(guess, evidence, line) == label


@given(st.sampled_from(LABELS), st.text(max_size=80))
def test_every_label_is_one_of_the_closed_list_and_only_guesses_change(label: str, line: str) -> None:
    found = label_for_readers(label, "model", line)
    assert found in LABELS
    assert found == label or label in GUESSED


def test_a_sign_of_a_beginning_begins_there_in_all_its_alternatives() -> None:
    for sign in (sign for signs in SIGNS.values() for sign in signs if sign.startswith(("~", "^", "=^"))):
        plain = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "", sign)
        while "(" in plain:
            plain = re.sub(r"\([^()]*\)", "", plain)
        assert "|" not in plain, sign


def test_signs_are_those_of_known_labels() -> None:
    assert set(SIGNS) <= set(LABELS)


def test_lines_below_a_heading_are_teasers_until_another_line_stands_between() -> None:
    text = "Related:\n\nFire at the quay\n\nIt rained.\n\nThe quay at dawn"
    starts = [text.index(part) for part in text.split("\n\n")]
    cuts = [
        Edit(starts[at], starts[at] + 5, reason=reason, rule="model", paragraph=at)
        for at, reason in ((0, "related"), (1, "caption"), (3, "caption"))
    ]
    cuts[0] = Edit(0, 8, reason="related", rule="en.read-more", paragraph=0)
    assert [each.reason for each in with_teasers(text, cuts)] == ["related", "related", "caption"]
