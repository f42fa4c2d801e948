"""LSH buckets, compiled by numba: candidate pairs of parts that share one."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"

from __future__ import annotations

import numpy as np

from .compilation import inner, kernel
from .hashing import ZERO

PART = np.int64(0xFFFFFFFF)  # the low half of an entry
#: A part that joins a full bucket is compared with the first so many of it only: work stays linear in the bucket.
FEW = 8


@kernel
def mates(entries, block, most):
    """Find the parts of `block` in the buckets of `entries` (both rising): place of the bucket's first entry, and part.

    Of each bucket only the first `most` parts.
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
    """Copy the first n values into an array twice as long."""
    larger = np.empty(2 * n, np.int64)
    for at in range(n):
        larger[at] = values[at]
    return larger


@kernel
def pairs(entries, places, parts, base, cap):
    """Pair parts that share a bucket (earlier << 32 | later); later ones count from `base`.

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
                else:
                    found[n] = (base + (entries[at + k - hits] & PART)) << 32 | (base + later)
                n += 1
        at, hit = end, hit + hits
    return found[:n].copy()
