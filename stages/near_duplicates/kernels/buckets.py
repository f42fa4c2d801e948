"""LSH buckets: candidate pairs of parts that share one; see buckets.c."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.native.kernel import Buffer, Kernel

Integers = NDArray[np.int64]

_entries = Kernel("buckets_entries", np.int32, np.int64, np.int64, int, np.int64)
_once = Kernel("buckets_once", np.int64, int)
_mates = Kernel("buckets_mates", np.int64, int, np.int64, int, int, np.int64, np.int64)
_merge = Kernel("buckets_merge", np.int64, np.int64, int, int, np.int64)
_pairs = Kernel("buckets_pairs", np.int64, int, np.int64, np.int64, int, int, int, np.int64, int, Buffer)
_class_pairs = Kernel(
    "buckets_class_pairs", np.int32, int, np.int64, np.int64, int, int,
    np.uint8, np.int64, int, np.uint64, int, np.int32, np.int32, int,
    np.int64, Buffer, Buffer,
)  # fmt: skip

#: At most so many bits has the number of pairs that a table of those met lately knows: 2 MB. A processor's cache should
#: hold it, and it should hold the pairs of a band, or those of the next bands come again and have to be sorted: of 1.4
#: million pairs in the 96 bands of 1,683 articles 0.29 million with 16 bits, 0.19 million with 18, which takes a third
#: longer. With 16 bits 150,000 paragraphs took a tenth more time and 40 MB.
MOST_BITS = 18
#: Slots of the table that tells which classes are alone in their bucket, so many for each at least: one in twenty of
#: those shares its slot by chance.
SLOTS_A_CLASS = 16


def entries_of(buckets: NDArray[np.int32], class_of: Integers, owners: Integers) -> Integers:
    """Make the entries (bucket << 32 | part) of units from the buckets of their classes; their parts are `owners`."""
    entries = np.empty(len(owners), np.int64)
    _entries(buckets, class_of, owners, len(owners), entries)
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


class Room(NamedTuple):
    """Room for the classes of a band, which is made once, and pairs that are known from one band to the next."""

    paired: NDArray[np.uint8]  # 1 for classes of units whose own parts are paired
    met: Integers  # pairs of classes that were met lately
    table: NDArray[np.uint64]
    lists: NDArray[np.int32]
    places: NDArray[np.int32]


def room_for(first: Integers) -> Room:
    """Make room for `class_pairs`; the units of each class begin at `first`."""
    classes = len(first) - 1
    slots = 1 << max(6, (SLOTS_A_CLASS * classes - 1).bit_length())
    places = 1 << max(6, (2 * classes).bit_length())
    return Room(
        (np.diff(first) == 1).astype(np.uint8), no_pairs_met(classes), np.empty(slots // 32, np.uint64),
        np.empty(3 * classes + 1, np.int32), np.empty(2 * places, np.int32),
    )  # fmt: skip


def class_pairs(
    buckets: NDArray[np.int32], first: Integers, owners: Integers, cap: int, room: Room
) -> tuple[Integers, list[Integers]]:
    """Pair the parts of units that share a bucket in one of some bands; return them, and entries to be paired by band.

    A row of `buckets` for each band has the bucket of each class of units; `owners` are the parts of one class after
    the other, from `first` on. Together with `pairs` of the sorted entries of each band these are the pairs that it
    finds in all entries: returned are those of buckets that may have more than `cap` members. Pairs met lately are left
    out.

    >>> first, owners = np.array([0, 1, 2, 4]), np.array([0, 1, 2, 3])
    >>> found, crowded = class_pairs(np.array([[5, 7, 5]], np.int32), first, owners, 10, room_for(first))
    >>> sorted((int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in found), [len(band) for band in crowded]
    ([(0, 2), (0, 3), (2, 3)], [0])
    """
    found, crowded, bits = Buffer(np.int64), Buffer(np.int64), len(room.met).bit_length() - 1
    ends = np.empty(len(buckets) + 1, np.int64)
    count = _class_pairs(
        buckets, len(buckets), first, owners, len(first) - 1, cap,
        room.paired, room.met, bits, room.table, 32 * len(room.table), room.lists, room.places, len(room.places) // 2,
        ends, found, crowded,
    )  # fmt: skip
    return found.taken(count), np.split(crowded.taken(int(ends[-1])), ends[1:-1])


def no_pairs_met(entries: int) -> Integers:
    """Make the table of pairs for `pairs`, of bands with about so many entries.

    >>> [len(no_pairs_met(entries)) for entries in (0, 18_000, 10**7)] == [1 << 10, 1 << 16, 1 << 18]
    True
    """
    return np.zeros(1 << min(MOST_BITS, max(10, (2 * entries).bit_length())), np.int64)
