"""Words of the blocks of a page: hashed the same way everywhere, and scored block by block."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.extract.block_judge import load
from stages.extract.block_words import BUCKETS, LARGEST, WordModel, word_buckets, word_columns, word_scores

RANDOM = WordModel(np.random.default_rng(5).normal(size=BUCKETS).astype(np.float32), 0.25)
TEXTS = st.lists(st.text("ab C7.\x1e港 ẞ", min_size=1, max_size=12), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_the_score_of_a_block_knows_nothing_of_the_blocks_around_it(texts: list[str]) -> None:
    together = word_scores(RANDOM, word_buckets(texts))
    alone = [float(word_scores(RANDOM, word_buckets([text]))[0]) for text in texts]
    assert together.tolist() == pytest.approx(alone, abs=1e-5)


def test_words_fall_into_the_buckets_that_the_weights_were_learned_for() -> None:
    found = word_buckets(["Ferry aground", "港は"])
    assert [found.bucket[found.block == n].tolist() for n in (0, 1)] == [
        [31991, 6497, 23230, 24140, 44604, 62329, 19994],
        [14034, 31933, 23688, 54713, 8779, 3511, 56344],
    ]


def test_case_and_the_value_of_a_number_make_no_difference() -> None:
    first, second = (word_buckets([text]).bucket.tolist() for text in ("7 Ferries", "12 FERRIES"))
    assert first == second


def test_a_block_without_words_has_the_score_of_no_words() -> None:
    assert word_scores(RANDOM, word_buckets(["_"])).tolist() == [0.25]


def test_no_words_alone_decide() -> None:
    sure = WordModel(np.full(BUCKETS, 1000.0, np.float32), 0.0)
    assert word_scores(sure, word_buckets(["Ferry aground"])).tolist() == [LARGEST]


def test_the_columns_of_a_page_show_the_scores_of_neighbours() -> None:
    names, rows = word_columns(np.array([1.0, 2.0, 4.0], np.float32))
    assert rows[:, names.index("said+1")].tolist() == [2.0, 4.0, 0.0]
    assert rows[:, names.index("said-2")].tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("furniture", "story"),
    [
        ("Sign up for our newsletter and read more", "The crew of the ferry said on Monday that the crane had failed."),
        ("Lesen Sie auch: Mehr zum Thema", "Der Hafenmeister sagte am Montag, dass der Kran stillsteht."),
        ("All rights reserved. Terms of use", "He told the board that the harbour would be closed until May."),
    ],
)
def test_what_is_said_around_stories_scores_lower_than_what_is_told_in_them(furniture: str, story: str) -> None:
    low, high = word_scores(load().words, word_buckets([furniture, story])).tolist()
    assert low < high - 1
