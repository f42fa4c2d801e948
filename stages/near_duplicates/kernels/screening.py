"""Screening of candidate pairs by the neighbouring words that they share; see screening.c."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.native.kernel import Kernel

Integers = NDArray[np.int64]

_mark = Kernel("screening_mark", np.int64, np.int64, int, np.uint16, np.uint8)
_keep = Kernel("screening_keep", np.int64, int, np.uint16, int, np.int64, int, int, np.int64)


class Marks(NamedTuple):
    """Paragraphs as far as they are known before any pair of them is looked at."""

    neighbours: NDArray[np.uint16]  # of every word a hash of it and of the one before it in the paragraph
    quotes: NDArray[np.uint8]  # 1 for paragraphs with a word in quotation marks


def marks_of(words: Integers, first: Integers) -> Marks:
    """Mark the words of some paragraphs, which begin at `first`."""
    marks = Marks(np.empty(len(words), np.uint16), np.empty(len(first) - 1, np.uint8))
    _mark(words, first, len(first) - 1, *marks)
    return marks


def kept(pairs: Integers, marks: Marks, first: Integers, fewest: int) -> tuple[Integers, Integers]:
    """Keep the pairs of paragraphs that may share so many pairs of neighbouring words, or may be equal.

    Returns them, and how many pairs of neighbours each may share: never too few, hardly ever too many.

    >>> words = np.array([1, 2, 3, 4, 9, 1, 2, 3, 7, 3, 2, 8]) * 0x1234567890ABC
    >>> first = np.array([0, 4, 8, 12])
    >>> [each.tolist() for each in kept(np.array([1, 2]), marks_of(words, first), first, 2)]
    [[1], [2]]
    """
    found, shared = pairs.copy(), np.empty(len(pairs), np.int64)
    count = _keep(found, len(found), marks.neighbours, len(marks.neighbours), first, len(first) - 1, fewest, shared)
    if count < 0:
        raise ValueError("pairs of paragraphs that do not exist")
    return found[:count], shared[:count]
