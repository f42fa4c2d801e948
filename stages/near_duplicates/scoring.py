"""Scoring of alignments, as the verification kernel takes it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Scoring(NamedTuple):
    """Settings of verification: weights, costs and floors in hundredths, so that sums do not depend on their order."""

    match: NDArray[np.int32]  # of an equal word, by its flags
    most: NDArray[np.int32]  # the greatest of its place: with and without a capital
    swap: np.int32
    gap: np.int32
    function_gap: np.int32
    contradiction: np.int32
    best_floor: np.int32  # score from which the best passage is looked at
    quotation_floor: np.int32  # the same for one that is a quotation of both
    further_floor: np.int32
    match_strength: float  # from which two paragraphs match
    minimum_words: int
    minimum_content: int
    whole_sentence_bonus: float
    further_share: float
    nearby_words: int
    border_bonus: float
    mark_bonus: float
    fewest_aligned: int  # words of a match
    fewest_word_pairs: int  # in common, or the paragraphs are not aligned
