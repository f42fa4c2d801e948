"""MinHash: shingles of words, their signatures and LSH buckets; see minhash.c."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.native.kernel import Kernel

Integers = NDArray[np.int64]
Hashes = NDArray[np.uint32]
Keys = NDArray[np.int32]

_shingle_hashes = Kernel("minhash_shingle_hashes", np.int64, int, int, int, np.uint32)
_UNITS: Any = (np.int64, np.int64, np.int64, int, int)
_signatures = Kernel("minhash_signatures", *_UNITS, np.uint32, np.uint32, int, np.uint32, np.uint32)
_unit_hashes = Kernel("minhash_unit_hashes", *_UNITS, int, np.int64, np.int64, np.uint32)
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


def unit_hashes(
    words: Integers, starts: Integers, ends: Integers, size: int, at: int, spans: tuple[Integers, Integers],
    hashes: Hashes,
) -> None:  # fmt: skip
    """Find the shingles of units (words from start to end): put their hashes into `hashes`, from `at` on.

    `spans` are filled with where those of each unit begin and end. There are up to two hashes a word.
    """
    _unit_hashes(words, starts, ends, len(starts), size, at, *spans, hashes)


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
