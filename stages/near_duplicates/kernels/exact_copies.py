"""Exact copies, compiled by numba: digests of parts, and the earliest part with each digest."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"

from __future__ import annotations

import numpy as np

from stages.near_duplicates import alphabet

from .compilation import inner, kernel
from .hashing import MIX, SEED, THIRTY_THREE, ZERO

NO_CONTENT, SINGLE = alphabet.NO_CONTENT, alphabet.SINGLE

UNDATED = np.int64(np.iinfo(np.int64).max)


@inner
def suffices(words, begin, end, least, least_content):
    """Return True if words from begin to end are enough for a copy, as `strength.suffices` counts them."""
    halves, content = 0, 0
    for i in range(begin, end):
        counts = 1 if words[i] & SINGLE else 2
        halves += counts
        content += 0 if words[i] & NO_CONTENT else counts
    return halves >= 2 * least and content >= 2 * least_content


@kernel
def digests(words, first, sentences, sentence_first, least, least_content):
    """Digest every part so that exact copies are equal: words, capitals and sentences; 0 for parts of too few words."""
    found = np.zeros(len(first) - 1, np.int64)
    for part in range(len(first) - 1):
        if not suffices(words, first[part], first[part + 1], least, least_content):
            continue
        value = SEED
        for i in range(first[part], first[part + 1]):
            value = (value ^ np.uint64(words[i])) * MIX
            value = value ^ (value >> THIRTY_THREE)
        for i in range(sentence_first[part], sentence_first[part + 1]):
            value = (value ^ np.uint64(sentences[i] - first[part])) * MIX
            value = value ^ (value >> THIRTY_THREE)
        found[part] = max(np.int64(value >> np.uint64(1)), np.int64(1))
    return found


@kernel
def earliest(digests, published, known, known_published, span):
    """Find for each part, given by rising digest and in order, the one that it is an exact copy of.

    -1: it is the first, -2: it has no digest, -3 - n: part n of those given, else the number that is known. The first
    is one published at most `span` before or after; then the next one to come is first.
    """
    found = np.full(len(digests), -1, np.int64)
    first, time = np.int64(-1), ZERO
    for at in range(len(digests)):
        if digests[at] == 0:
            found[at] = -2
            continue
        if at == 0 or digests[at] != digests[at - 1]:
            first, time = known[at], known_published[at]
        if first != -1 and not apart(time, published[at], span):
            found[at] = first
        else:
            first, time = -3 - at, published[at]
    return found


@inner
def apart(one, other, span):
    """Return True if two times are too far apart; an unknown time is not."""
    if one == UNDATED or other == UNDATED:  # noqa: PLR1714 - numba compares numbers faster than it looks them up
        return False
    return abs(one - other) > span
