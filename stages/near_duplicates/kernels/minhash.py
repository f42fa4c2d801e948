"""MinHash: shingles of words, their signatures and LSH buckets; see minhash.c."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.native.kernel import Kernel

Integers = NDArray[np.int64]
Hashes = NDArray[np.uint32]
Keys = NDArray[np.int32]

_shingle_hashes = Kernel("minhash_shingle_hashes", np.int64, int, int, int, np.uint32)
_signatures = Kernel(
    "minhash_signatures", np.int64, np.int64, np.int64, int, int, np.uint32, np.uint32, int, np.uint32, np.uint32
)
_unit_hashes = Kernel(
    "minhash_unit_hashes", np.int64, np.int64, np.int64, np.int32, np.int32, np.uint8, int, int, int,
    int, np.int64, np.int64, np.uint32,
)  # fmt: skip
_band_keys = Kernel(
    "minhash_band_keys", np.uint32, np.int64, np.int64, int,
    np.uint32, np.uint32, int, int, int, np.uint32, int, int, np.int32,
)  # fmt: skip


def shingle_hashes(words: Integers, start: int, end: int, size: int, hashes: Hashes) -> int:
    """Fill `hashes` with the shingles of the words from start to end; return their number (up to two a word)."""
    return _shingle_hashes(words, start, end, size, hashes)


def room_for_shingles(starts: Integers, ends: Integers) -> Hashes:
    """Make an array for the shingles of the longest unit."""
    return np.empty(2 * int(np.max(ends - starts, initial=0)), np.uint32)


def signatures(
    words: Integers, starts: Integers, ends: Integers, size: int, a: Hashes, b: Hashes, values: Hashes
) -> None:
    """Fill `values` with the MinHash signature of every unit (words from start to end), equal to datasketch's."""
    hashes = room_for_shingles(starts, ends)
    _signatures(words, starts, ends, len(starts), size, a, b, len(a), hashes, values)


class Units(NamedTuple):
    """Units of parts of paragraphs, in words of their part, and 1 for each part whose units are looked at."""

    words: Integers
    first: Integers  # first word of each part
    unit_first: Integers  # first unit of each part, and the end
    begin: NDArray[np.int32]
    end: NDArray[np.int32]
    chosen: NDArray[np.uint8]


def unit_hashes(
    units: Units, parts: range, size: int, at: int, spans: tuple[Integers, Integers], hashes: Hashes
) -> None:
    """Find the shingles of the units of some parts: put their hashes into `hashes`, from `at` on.

    `spans` of units are filled with where those of each begin and end. There are up to two hashes a word.
    """
    _unit_hashes(*units, parts.start, parts.stop, size, at, *spans, hashes)


def band_keys(
    hashes: Hashes, begins: Integers, ends: Integers, a: Hashes, b: Hashes, band: int, column: int, keys: Keys
) -> None:
    """Fill columns of `keys` (bands × units), from `column` on, with one int32 a band: the hash of its rows.

    The hashes of units lie from `begins` to `ends`, one at least for each; the first row of `keys` is band `band`, and
    the permutations are those of the bands in `keys` alone.
    """
    bands, columns = keys.shape
    row = np.empty(len(a), np.uint32)
    _band_keys(hashes, begins, ends, len(begins), a, b, len(a), bands, band, row, column, columns, keys)
