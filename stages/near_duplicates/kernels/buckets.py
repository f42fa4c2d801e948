"""LSH buckets: candidate pairs of parts that share one; see buckets.c."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.native.kernel import Buffer, Kernel

Integers = NDArray[np.int64]

_entries = Kernel("buckets_entries", np.int32, np.int64, int, np.int64)
_once = Kernel("buckets_once", np.int64, int)
_mates = Kernel("buckets_mates", np.int64, int, np.int64, int, int, np.int64, np.int64)
_merge = Kernel("buckets_merge", np.int64, np.int64, int, int, np.int64)
_pairs = Kernel("buckets_pairs", np.int64, int, np.int64, np.int64, int, int, int, Buffer)
_unmet = Kernel("buckets_unmet", np.int64, int, np.int64, int)

#: Bits of the number of pairs that `unmet` knows: 2 MB, which a processor's cache holds. Of 2.3 million pairs in the 96
#: bands of 1,683 articles it leaves 0.26 million to be sorted.
MET_BITS = 18


def entries_of(buckets: NDArray[np.int32], owners: Integers) -> Integers:
    """Make the entries (bucket << 32 | part) of units whose parts are `owners`."""
    entries = np.empty(len(owners), np.int64)
    _entries(buckets, owners, len(owners), entries)
    return entries


def once(rising: Integers) -> Integers:
    """Return each of some values that rise once; they are moved within their array."""
    return rising[: _once(rising, len(rising))]


def mates(entries: Integers, block: Integers, most: int) -> tuple[Integers, Integers]:
    """Find the parts of `block` in the buckets of `entries` (both rising): place of the bucket's first entry, and part.

    Of each bucket only the first `most` parts.
    """
    places, parts = np.empty(len(block), np.int64), np.empty(len(block), np.int64)
    n = _mates(entries, len(entries), block, len(block), most, places, parts)
    return places[:n].copy(), parts[:n].copy()


def merged(runs: Sequence[Integers], most: int) -> Integers:
    """Merge runs of entries, each of them rising, into one; of each bucket only the first `most` entries.

    >>> runs = [np.array([1 << 32, 2 << 32 | 4]), np.array([1 << 32 | 5]), np.array([1 << 32 | 6])]
    >>> [(int(entry) >> 32, int(entry) & 0xFFFFFFFF) for entry in merged(runs, 2)]
    [(1, 0), (1, 5), (2, 4)]
    """
    entries = np.concatenate(runs)
    first = np.cumsum([0, *map(len, runs)])
    return entries[: _merge(entries, first, len(runs), most, np.empty_like(entries))]


def pairs(entries: Integers, places: Integers, parts: Integers, base: int, cap: int) -> Integers:
    """Pair parts that share a bucket (earlier << 32 | later); later ones count from `base`.

    `entries` are those of the later parts, `places` and `parts` say who was in their buckets before. A part is compared
    with all that were in the bucket before it while they are fewer than `cap`, else with the first eight: what comes
    later never decides, and work is linear in the bucket.
    """
    found = Buffer(np.int64)
    return found.taken(_pairs(entries, len(entries), places, parts, len(places), base, cap, found))


def no_pairs_met() -> Integers:
    """Make the table of pairs for `unmet`."""
    return np.zeros(1 << MET_BITS, np.int64)


def unmet(found: Integers, met: Integers) -> Integers:
    """Leave out pairs that are in the table `met` of pairs met lately, and note the others there.

    True copies share a bucket in most bands. Pairs that the table forgot come again.
    """
    return found[: _unmet(found, len(found), met, MET_BITS)].copy()
