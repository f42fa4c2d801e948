"""Laws of the corpus stage on any text: symmetry, verbatim copies, spans that hold their words."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import near_duplicates
from stages.contract import DOCUMENT
from stages.near_duplicates import Settings
from tests.helpers.examples import examples

SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
WORD = st.lists(st.sampled_from(SYLLABLES), min_size=2, max_size=4).map("".join)
#: A sentence of 8 to 24 words, content and function words mixed.
SENTENCE = st.lists(st.one_of(WORD, WORD, st.sampled_from(["the", "of", "and", "in", "a"])), min_size=10, max_size=24)
SETTINGS = Settings()


def run(texts: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    rows = [
        {"doc_id": f"{n:032x}", "source_uri": "test", "outlet": outlet, "kind": "text", "text": text, "raw_sha256": "",
         "published": datetime(2031, 5, 4 + n, tzinfo=UTC)}
        for n, (outlet, text) in enumerate(texts.items())
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=DOCUMENT)
    found = near_duplicates.resolve([near_duplicates.evidence(table)], SETTINGS)
    return near_duplicates.remove(table, found, SETTINGS).passages.to_pylist(), texts


def sentence(words: list[str]) -> str:
    return " ".join(words).capitalize() + "."


def telling(words: list[str]) -> bool:
    """Whether enough of a sentence are words of content: of function words alone none is a copy."""
    return len([word for word in words if len(word) > 3]) >= 8


@given(SENTENCE.filter(telling), SENTENCE, SENTENCE)
@examples(25)
def test_a_sentence_printed_word_for_word_is_found_with_its_span(
    words: list[str], before: list[str], after: list[str]
) -> None:
    copied = sentence(words)
    passages, texts = run({"star": copied, "echo": f"{sentence(before)} {copied} {sentence(after)}"})
    spans = {row["outlet"]: "" for row in passages}
    for row in passages:
        spans[row["outlet"]] += texts[row["outlet"]][row["start"] : row["end"]] + " "
    assert set(spans) == {"star", "echo"}
    assert copied.rstrip(".").casefold() in spans["star"].casefold()
    assert set(words) <= set(spans["echo"].casefold().replace(".", "").split())


@given(SENTENCE, SENTENCE, st.integers(0, 2**16))
@examples(25)
def test_which_of_two_texts_was_first_does_not_decide_whether_they_match(
    one: list[str], other: list[str], seed: int
) -> None:
    chance = random.Random(seed)
    mixed = [chance.choice(pair) for pair in zip(one, other, strict=False)]
    there, _ = run({"star": sentence(one), "echo": sentence(mixed)})
    back, _ = run({"echo": sentence(mixed), "star": sentence(one)})
    assert bool(there) is bool(back)


@pytest.mark.parametrize(
    ("b", "copied", "differ"),
    [
        ("On Monday: Nine skiffs and a barge drifted past the boom at Calder. All were towed home.",
         "Nine skiffs and a barge drifted past the boom at Calder", False),
        ("Seven skiffs and a barge drifted past the boom at Calder. All were towed home.",
         "Seven skiffs and a barge drifted past the boom at Calder", True),
        ("9 skiffs and a barge drifted past the boom at Calder.",
         "9 skiffs and a barge drifted past the boom at Calder", False),
    ],
)  # fmt: skip
def test_a_copy_is_told_to_the_character_and_with_what_differs(b: str, copied: str, differ: bool) -> None:
    passages, texts = run({"star": "Nine skiffs and a barge drifted past the boom at Calder.", "echo": b})
    (found,) = [row for row in passages if row["outlet"] == "echo"]
    assert texts["echo"][found["start"] : found["end"]] in {copied, copied.split(" ", 1)[1]}
    assert found["numbers_differ"] is differ


def test_a_copy_over_a_sentence_border_is_one_passage_a_sentence() -> None:
    first = "Nine skiffs and a barge drifted past the boom at Calder during the storm."
    second = "Volunteers towed them back before breakfast with ropes borrowed from the circus."
    passages, texts = run({"star": f"{first} {second}", "echo": f"It is told that {first} {second} Nobody complained."})
    spans = sorted(texts["echo"][row["start"] : row["end"]] for row in passages if row["outlet"] == "echo")
    assert spans == [first.rstrip("."), second.rstrip(".")]
