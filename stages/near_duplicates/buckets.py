"""The loops that pair up what shares a bucket, and the one that says which sentences lead."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"

from __future__ import annotations

import numpy as np

from .kernels import MIX, SEED, THIRTY_THREE, ZERO, inner, kernel

PART = np.int64(0xFFFFFFFF)  # the low half of an entry
UNDATED = np.int64(np.iinfo(np.int64).max)
#: A part that joins a full bucket is compared with the first so many of it only.
FEW = 8


@kernel
def digests(words, first, sentences, sentence_first, fewest):
    """For every part a number that exact copies share: words, capitals and sentences; 0 for parts of too few words."""
    found = np.zeros(len(first) - 1, np.int64)
    for part in range(len(first) - 1):
        if first[part + 1] - first[part] < fewest:
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
def mates(entries, block, most):
    """Who of `block` is in the buckets of `entries` (both rising): the place of the bucket's first entry, and the part.

    At most so many of a bucket, the first ones.
    """
    places, parts, n = np.empty(1024, np.int64), np.empty(1024, np.int64), ZERO
    at, other = ZERO, ZERO
    while at < len(entries) and other < len(block):
        bucket = entries[at] >> 32
        if block[other] >> 32 < bucket:
            other += 1
            continue
        begin = n
        while other < len(block) and block[other] >> 32 == bucket:
            if n - begin < most:
                if n == len(parts):
                    places, parts = longer(places, n), longer(parts, n)
                places[n], parts[n] = at, block[other] & PART
                n += 1
            other += 1
        while at < len(entries) and entries[at] >> 32 == bucket:
            at += 1
    return places[:n].copy(), parts[:n].copy()


@inner
def longer(values, n):
    """The first n values, in an array twice as long."""
    larger = np.empty(2 * n, np.int64)
    for at in range(n):
        larger[at] = values[at]
    return larger


@kernel
def pairs(entries, places, parts, base, documents, cap):
    """Pairs of parts of different documents that share a bucket (earlier << 32 | later); later ones count from `base`.

    `entries` are those of the later parts, `places` and `parts` say who was in their buckets before. A part is compared
    with all that were in the bucket before it while they are fewer than `cap`, else with the first FEW: what comes
    later never decides, and work is linear in the bucket.
    """
    found, n, at, hit = np.empty(1024, np.int64), ZERO, ZERO, ZERO
    while at < len(entries):
        end, hits = at, ZERO
        while end < len(entries) and entries[end] >> 32 == entries[at] >> 32:
            end += 1
        while hit + hits < len(places) and places[hit + hits] == at:
            hits += 1
        for member in range(at, end):
            later, before = entries[member] & PART, hits + member - at
            for k in range(before if before < cap else min(FEW, cap)):
                if n == len(found):
                    found = longer(found, n)
                if k < hits:
                    found[n] = parts[hit + k] << 32 | (base + later)
                    n += 1
                elif documents[entries[at + k - hits] & PART] != documents[later]:
                    found[n] = (base + (entries[at + k - hits] & PART)) << 32 | (base + later)
                    n += 1
        at, hit = end, hit + hits
    return found[:n].copy()


@kernel
def earliest(digests, published, known, known_published, span):
    """For each part, given by rising digest and in order, the one it is an exact copy of: -1 where it is the first, -2
    where it has no digest, -3 - n for part n of those given, else the number that is known.

    The first is one published at most `span` before or after; then the next one to come is first.
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
    """Whether two times are too far apart; a time that is not known is not."""
    if one == UNDATED or other == UNDATED:  # noqa: PLR1714 - numba compares numbers faster than it looks them up
        return False
    return abs(one - other) > span


@inner
def share_one(a, a_begin, a_end, b, b_begin, b_end):
    """Whether two rising lists have a value in common."""
    while a_begin < a_end and b_begin < b_end:
        if a[a_begin] == b[b_begin]:
            return True
        if a[a_begin] < b[b_begin]:
            a_begin += 1
        else:
            b_begin += 1
    return False


@kernel
def lead(sentence, later, base, sentences, known, known_first, known_leaders):
    """The role of every match: 1 its earlier sentence leads, 2 no leader knows both, 0 one does.

    Rows are in rising order of `later` and `sentence`; there are so many sentences from `base` on. Of sentences before
    those, `known` ones have leaders from `known_first` on. A sentence leads unless an earlier leader matches it.
    """
    first, leaders = np.zeros(sentences + 1, np.int64), np.empty(len(sentence), np.int64)
    role, n, row = np.zeros(len(sentence), np.int8), ZERO, ZERO
    for v in range(sentences):
        begin, first[v] = row, n
        while row < len(later) and later[row] == base + v:
            u = sentence[row]
            if u < base:
                at = np.searchsorted(known, u)
                leads = known_first[at] == known_first[at + 1]
            else:
                leads = first[u - base] == first[u - base + 1]
            if leads:
                role[row], leaders[n] = 1, u
                n += 1
            row += 1
        first[v + 1] = n
        for at in range(begin, row):
            if role[at] == 1:
                continue
            u = sentence[at]
            if u < base:
                place = np.searchsorted(known, u)
                both = share_one(known_leaders, known_first[place], known_first[place + 1], leaders, first[v], n)
            else:
                both = share_one(leaders, first[u - base], first[u - base + 1], leaders, first[v], n)
            role[at] = 0 if both else 2
    return role
