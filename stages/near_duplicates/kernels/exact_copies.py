"""Exact copies: digests of parts, and the earliest part with each digest; see exact_copies.c."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stages.native.kernel import Kernel

Integers = NDArray[np.int64]

UNDATED = np.int64(np.iinfo(np.int64).max)

_digests = Kernel("exact_copies_digests", np.int64, np.int64, np.int64, np.int64, int, int, int, np.int64)
_earliest = Kernel("exact_copies_earliest", np.int64, np.int64, np.int64, np.int64, int, int, np.int64)


def digests(
    words: Integers, first: Integers, sentences: Integers, sentence_first: Integers, least: int, least_content: int
) -> Integers:
    """Digest every part so that exact copies are equal: words, capitals and sentences; 0 for parts of too few words."""
    found = np.empty(len(first) - 1, np.int64)
    _digests(words, first, sentences, sentence_first, len(found), least, least_content, found)
    return found


def earliest(digests: Integers, published: Integers, known: Integers, known_published: Integers, span: int) -> Integers:
    """Find for each part, given by rising digest and in order, the one that it is an exact copy of.

    -1: it is the first, -2: it has no digest, -3 - n: part n of those given, else the number that is known. The first
    is one published at most `span` before or after; then the next one to come is first.
    """
    found = np.empty(len(digests), np.int64)
    _earliest(digests, published, known, known_published, len(digests), span, found)
    return found
