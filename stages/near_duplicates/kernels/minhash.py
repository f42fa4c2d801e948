"""MinHash: shingles of words, their signatures and LSH buckets; see minhash.c."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.native.kernel import Kernel

Integers = NDArray[np.int64]
Hashes = NDArray[np.uint32]

_shingle_hashes = Kernel("minhash_shingle_hashes", np.int64, int, int, int, np.uint32)
_UNITS: Any = (np.int64, np.int64, np.int64, int, int, np.uint32, np.uint32, int)
_signatures = Kernel("minhash_signatures", *_UNITS, np.uint32, np.uint32)
_band_keys = Kernel("minhash_band_keys", *_UNITS, int, np.uint32, np.uint32, np.int32, np.int64)


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


def band_keys(
    words: Integers, starts: Integers, ends: Integers, size: int, a: Hashes, b: Hashes, keys: NDArray[np.int32],
    shingled: Integers,
) -> int:  # fmt: skip
    """Fill `keys` (bands × units) with one int32 a band, the hash of its rows of the unit's signature.

    Units without a shingle are left out; fills `shingled` with the units that have one and returns their number.
    """
    hashes, row = room_for_shingles(starts, ends), np.empty(len(a), np.uint32)
    return _band_keys(words, starts, ends, len(starts), size, a, b, len(a), len(keys), hashes, row, keys, shingled)
