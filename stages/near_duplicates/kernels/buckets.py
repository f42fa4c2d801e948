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
_pairs = Kernel("buckets_pairs", np.int64, int, np.int64, np.int64, int, int, int, np.int64, int, Buffer)
_shared = Kernel("buckets_shared", np.int32, np.int64, int, np.int64)

#: At most so many bits has the number of pairs that a table of those met lately knows: 2 MB. A processor's cache should
#: hold it, and it should hold the pairs of a band, or those of the next bands come again and have to be sorted: of 1.4
#: million pairs in the 96 bands of 1,683 articles 0.29 million with 16 bits, 0.19 million with 18, which takes a third
#: longer. With 16 bits 150,000 paragraphs took a tenth more time and 40 MB.
MOST_BITS = 18


def entries_of(buckets: NDArray[np.int32], owners: Integers) -> Integers:
    """Make the entries (bucket << 32 | part) of units whose parts are `owners`."""
    entries = np.empty(len(owners), np.int64)
    _entries(buckets, owners, len(owners), entries)
    return entries


def shared_entries_of(buckets: NDArray[np.int32], owners: Integers) -> Integers:
    """Make the entries of units that share their bucket with another one, and of a few that do not.

    >>> shared_entries_of(np.array([5, 7, 5], np.int32), np.array([0, 1, 2])).tolist() == [5 << 32, 5 << 32 | 2]
    True
    """
    entries = np.empty(len(owners), np.int64)
    return entries[: _shared(buckets, owners, len(owners), entries)]


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


def pairs(
    entries: Integers, places: Integers, parts: Integers, base: int, cap: int, met: Integers | None = None
) -> Integers:
    """Pair parts that share a bucket (earlier << 32 | later); later ones count from `base`.

    `entries` are those of the later parts, `places` and `parts` say who was in their buckets before. A part is compared
    with all that were in the bucket before it while they are fewer than `cap`, else with the first eight: what comes
    later never decides, and work is linear in the bucket.

    True copies share a bucket in most bands: pairs in the table `met` of pairs met lately are left out, and the others
    noted there. Those that the table forgot come again.
    """
    found, met = Buffer(np.int64), no_pairs_met(len(entries)) if met is None else met
    return found.taken(
        _pairs(entries, len(entries), places, parts, len(places), base, cap, met, len(met).bit_length() - 1, found)
    )


def no_pairs_met(entries: int) -> Integers:
    """Make the table of pairs for `pairs`, of bands with about so many entries.

    >>> [len(no_pairs_met(entries)) for entries in (0, 18_000, 10**7)] == [1 << 10, 1 << 16, 1 << 18]
    True
    """
    return np.zeros(1 << min(MOST_BITS, max(10, (2 * entries).bit_length())), np.int64)
