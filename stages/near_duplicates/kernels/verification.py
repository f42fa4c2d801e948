"""Verification of candidate pairs: paragraphs aligned word by word, and scored; see verification.c."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stages.native.kernel import Buffer, Kernel
from stages.near_duplicates.fact_words import FactWords
from stages.near_duplicates.history import Texts
from stages.near_duplicates.match_columns import COLUMNS
from stages.near_duplicates.scoring import Scoring

from .screening import Marks

Integers = NDArray[np.int64]

#: Fields of `Scoring`, in the order of the structures `Costs` and `Bonuses` in C.
_COSTS = (
    *("swap", "gap", "function_gap", "contradiction"),
    *("best_floor", "quotation_floor", "further_floor"),
    *("minimum_words", "minimum_content", "nearby_words", "fewest_aligned", "fewest_word_pairs"),
)
_BONUSES = ("match_strength", "whole_sentence_bonus", "further_share", "border_bonus", "mark_bonus")

_verify = Kernel(
    "verification_verify",
    *(np.int64, int, np.int64),  # pairs
    *(np.int64, int, np.int64, int, np.int64, int, np.int64, np.uint16, np.uint8, int),  # paragraphs
    *(np.int32, np.int32, np.int64, np.float64),  # scoring
    *(np.int64, np.int32, np.int64, np.int32, int),  # listed words
    Buffer,  # matches
)


def verify(
    pairs: Integers, shared: Integers, texts: Texts, marks: Marks, scoring: Scoring, listed: FactWords
) -> Integers:
    """Align pairs of paragraphs, of which `screening.kept` tells what they share, and keep the verified matches.

    Returns one row for each match of a sentence with a sentence (columns: `match_columns`).
    """
    costs = np.array([getattr(scoring, name) for name in _COSTS], np.int64)
    bonuses = np.array([getattr(scoring, name) for name in _BONUSES], np.float64)
    matches, longest = Buffer(np.int64), int(np.diff(texts.first).max(initial=0))
    count = _verify(
        pairs, len(pairs), shared, texts.words, len(texts.words), texts.first, len(texts.first) - 1,
        texts.sentences, len(texts.sentences), texts.sentence_first, *marks, longest,
        scoring.match, scoring.most, costs, bonuses, *listed, len(listed.keys), matches,
    )  # fmt: skip
    if count < 0:
        raise ValueError("pairs of paragraphs that do not exist, or sentences that begin in other paragraphs")
    return matches.taken(count * COLUMNS).reshape(count, COLUMNS)
