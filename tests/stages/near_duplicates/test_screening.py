"""Screening of candidate pairs against plain Python: how many pairs of neighbouring words two paragraphs share."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.near_duplicates.kernels.screening import kept, marks_of

Integers = NDArray[np.int64]
FEWEST = 4


def paragraphs(seed: int, count: int, vocabulary: int) -> tuple[Integers, Integers]:
    """Draw paragraphs of up to 60 words, some empty; several are equal."""
    draw = np.random.default_rng(seed)
    known = draw.integers(1 << 40, 1 << 62, vocabulary)
    texts = [known[draw.integers(0, vocabulary, draw.integers(0, 60))] for _ in range(count)]
    texts += texts[::4]
    return np.concatenate(texts), np.cumsum([0, *map(len, texts)])


def words_of(words: Integers, first: Integers, paragraph: int) -> list[int]:
    return words[first[paragraph] : first[paragraph + 1]].tolist()


def shared_neighbours(words: Integers, first: Integers, a: int, b: int) -> int:
    """Count the pairs of neighbours in b that a has, too."""
    of_a, of_b = (list(pairwise(words_of(words, first, paragraph))) for paragraph in (a, b))
    return sum(pair in set(of_a) for pair in of_b)


@pytest.mark.parametrize("vocabulary", [5, 60, 2000])
def test_pairs_that_share_enough_or_are_equal_are_kept_and_hardly_any_others(vocabulary: int) -> None:
    words, first = paragraphs(vocabulary, 80, vocabulary)
    count = len(first) - 1
    pairs = np.array([a << 32 | b for a in range(count) for b in range(a + 1, count)])
    true = {int(pair): shared_neighbours(words, first, int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in pairs}
    found, shared = kept(pairs, marks_of(words, first), first, FEWEST)
    told = dict(zip(found.tolist(), shared.tolist(), strict=True))
    assert found.tolist() == [pair for pair in pairs.tolist() if pair in told]  # in their order
    assert all(told[pair] >= number for pair, number in true.items() if number >= FEWEST)
    equal = {pair for pair in told if words_of(words, first, pair >> 32) == words_of(words, first, pair & 0xFFFFFFFF)}
    assert sum(number < FEWEST for pair, number in true.items() if pair in told.keys() - equal) <= len(pairs) / 100
    assert sum(told[pair] != true[pair] for pair in told) <= len(pairs) / 100


def test_equal_paragraphs_are_kept_however_short() -> None:
    words, first = np.array([8, 9, 8, 9, 8]) << 40, np.array([0, 2, 4, 5])
    found, shared = kept(np.array([1, 2, 1 << 32 | 2]), marks_of(words, first), first, FEWEST)
    assert (found.tolist(), shared.tolist()) == ([1], [1])


def test_paragraphs_with_a_word_in_quotation_marks_are_known() -> None:
    assert marks_of(np.array([1 << 40, 1 << 40 | 32, 1 << 41]), np.array([0, 2, 3, 3])).quotes.tolist() == [1, 0, 0]


@pytest.mark.parametrize("pair", [3, 3 << 32 | 1, -1])
def test_pairs_of_paragraphs_that_do_not_exist_are_refused(pair: int) -> None:
    words, first = paragraphs(1, 2, 9)
    with pytest.raises(ValueError, match="do not exist"):
        kept(np.array([pair]), marks_of(words, first), first, FEWEST)
