"""Verification of candidate pairs: the settings as the kernel takes them, and its matches."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .alphabet import NAME
from .fact_words import fact_words
from .history import Texts
from .kernels import screening
from .kernels import verification as kernel
from .match_columns import ALIGNED, COLUMNS, DIFFERS, END_A, END_B, SENTENCE_A, SENTENCE_B, START_A, START_B
from .scoring import Scoring
from .settings import Settings, word_weights
from .tokenization import Integers

#: Sentence pairs with fewer aligned words are no passage of their own, unless nothing else of the passage is.
FEWEST_ALIGNED = 4
#: Pairs of paragraphs that have fewer pairs of neighbouring words in common are not aligned at all (unless
#: they are equal): on all pairs that share a shingle this saves four fifths of the time and loses nothing.
FEWEST_WORD_PAIRS = 4
#: Pairs that a thread verifies at a time.
PAIRS_AT_ONCE = 8192


class Matches(NamedTuple):
    """Verified matches of a sentence with a later one, a row each, by the numbers of the texts that were verified."""

    sentence: Integers
    later: Integers
    spans: Integers  # four columns, in words of their parts: begin and end in the earlier one, and in the later one
    differs: Integers
    similarity: NDArray[np.float32]


def verify(texts: Texts, pairs: Integers, settings: Settings, threads: int = 1) -> Matches:
    """Align every candidate pair on its words; return a match for each passage that two sentences share."""
    weights, listed = scoring(settings), fact_words()
    marks = screening.marks_of(texts.words, texts.first)

    def verified(begin: int) -> Integers:
        some = screening.kept(pairs[begin : begin + PAIRS_AT_ONCE], marks, texts.first, FEWEST_WORD_PAIRS)
        return kernel.verify(*some, texts, marks, weights, listed)

    with ThreadPoolExecutor(threads) as pool:
        found = [*pool.map(verified, range(0, len(pairs), PAIRS_AT_ONCE)), np.zeros((0, COLUMNS), np.int64)]
    rows = np.concatenate(found)
    sentences = rows[:, SENTENCE_A] << 32 | rows[:, SENTENCE_B]
    rows = rows[np.lexsort((rows[:, START_A], -rows[:, ALIGNED], sentences))]
    longer = np.maximum(rows[:, END_A] - rows[:, START_A], rows[:, END_B] - rows[:, START_B])
    similarity = (rows[:, ALIGNED] / longer).astype(np.float32)
    spans = rows[:, [START_A, END_A, START_B, END_B]]
    return Matches(rows[:, SENTENCE_A], rows[:, SENTENCE_B], spans, rows[:, DIFFERS], similarity)


def scoring(settings: Settings) -> Scoring:
    """Turn the settings of verification into weights, costs and floors in whole hundredths."""
    match = hundredths(*word_weights(settings))
    swap, gap, function_gap, contradiction = hundredths(
        settings.swap_cost, settings.gap_cost, settings.function_gap_cost, settings.contradiction_cost
    )
    best_floor, quotation_floor, further_floor = hundredths(
        settings.best_score, settings.quotation_score, settings.further_score
    )
    return Scoring(
        match=match,
        most=np.maximum(match, match[np.arange(len(match)) ^ NAME]),
        swap=swap,
        gap=gap,
        function_gap=function_gap,
        contradiction=contradiction,
        best_floor=best_floor,
        quotation_floor=quotation_floor,
        further_floor=further_floor,
        match_strength=100 * float(settings.match_strength),
        minimum_words=settings.minimum_words,
        minimum_content=settings.minimum_content,
        whole_sentence_bonus=100 * float(settings.whole_sentence_bonus),
        further_share=float(settings.further_share),
        nearby_words=settings.nearby_words,
        border_bonus=100 * float(settings.border_bonus),
        mark_bonus=100 * float(settings.mark_bonus),
        fewest_aligned=FEWEST_ALIGNED,
        fewest_word_pairs=FEWEST_WORD_PAIRS,
    )


def hundredths(*values: float) -> NDArray[np.int32]:
    """Round scores to whole hundredths.

    >>> hundredths(1.0, 0.35).tolist()
    [100, 35]
    """
    return np.round(np.array(values) * 100).astype(np.int32)
