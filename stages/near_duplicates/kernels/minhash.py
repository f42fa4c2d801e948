"""MinHash, compiled by numba: shingles of words, their signatures and LSH buckets."""

# numba infers the types of arguments:
# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"
# ruff: noqa: SIM110

from __future__ import annotations

import numpy as np

from stages.near_duplicates import alphabet

from .compilation import borrowing, inner, kernel
from .hashing import ANYWHERE, MIX, PRIME, SEED, THIRTY_THREE, THIRTY_TWO, ZERO

FUNCTION = alphabet.FUNCTION
REFERENCE = alphabet.NAME | alphabet.NUMBER  # two reporters of one event share these without having copied


@borrowing
def mix32(value):
    """Apply the finalizer of MurmurHash3, as datasketch does to every hash (scheme "affine32")."""
    value = np.uint32((value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    value = np.uint32((value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@borrowing
def shingle_hash(words, start, size):
    """Return the 32-bit hash of `size` words from `start`; capitals make no difference."""
    value = SEED
    for i in range(start, start + size):
        value = (value ^ np.uint64(words[i] & ANYWHERE)) * MIX
        value = value ^ (value >> THIRTY_THREE)
    return np.uint32(value >> THIRTY_THREE)


@borrowing
def telling(words, start, size):
    """Return True if a shingle holds a word that is no function word."""
    for i in range(start, start + size):
        if words[i] & FUNCTION == 0:
            return True
    return False


@borrowing
def pair_hash(one, other):
    """Return the 32-bit hash of two consecutive content words; function words between them do not count."""
    value = (PRIME ^ np.uint64(one & ANYWHERE)) * MIX
    value = ((value ^ (value >> THIRTY_THREE)) ^ np.uint64(other & ANYWHERE)) * MIX
    return np.uint32((value ^ (value >> THIRTY_THREE)) >> THIRTY_THREE)


@kernel
def shingle_hashes(words, start, end, size, hashes):
    """Fill `hashes` with the shingles of the words from start to end; return their number (up to two a word).

    A shingle is a run of `size` words that are not all function words; or two words of content with none between them,
    of which one at least is neither name nor figure.
    """
    n, before = ZERO, np.int64(-1)
    for i in range(start, end):
        if i + size <= end and telling(words, i, size):
            hashes[n] = shingle_hash(words, i, size)
            n += 1
        if words[i] & FUNCTION:
            continue
        if before >= 0 and not (words[i] & REFERENCE and words[before] & REFERENCE):
            hashes[n] = pair_hash(words[before], words[i])
            n += 1
        before = i
    return n


@borrowing
def sign(hashes, n, a, b, row):
    """Fill `row` with the MinHash signature of the first n hashes."""
    row[:] = np.uint32(0xFFFFFFFF)
    for i in range(n):
        value = mix32(hashes[i])
        for k in range(len(a)):
            row[k] = min(row[k], np.uint32(a[k] * value + b[k]))


@inner
def room_for_shingles(starts, ends):
    """Make an array for the shingles of the longest unit."""
    longest = 0
    for unit in range(len(starts)):
        longest = max(longest, ends[unit] - starts[unit])
    return np.empty(2 * longest, np.uint32)


@kernel
def signatures(words, starts, ends, size, a, b, values):
    """Fill `values` with the MinHash signature of every unit (words from start to end), equal to datasketch's."""
    hashes = room_for_shingles(starts, ends)
    for unit in range(len(starts)):
        sign(hashes, shingle_hashes(words, starts[unit], ends[unit], size, hashes), a, b, values[unit])


@kernel
def band_keys(words, starts, ends, size, a, b, keys, shingled):
    """Fill `keys` (bands × units) with one int32 a band, the hash of its rows of the unit's signature.

    Units without a shingle are left out; fills `shingled` with the units that have one and returns their number.
    """
    bands, n, row = len(keys), ZERO, np.empty(len(a), np.uint32)
    rows, hashes = len(a) // bands, room_for_shingles(starts, ends)
    for unit in range(len(starts)):
        shingles = shingle_hashes(words, starts[unit], ends[unit], size, hashes)
        if shingles == 0:
            continue
        sign(hashes, shingles, a, b, row)
        for band in range(bands):
            key = SEED + np.uint64(band)
            for k in range(band * rows, band * rows + rows):
                key = (key ^ np.uint64(row[k])) * MIX
                key = key ^ (key >> THIRTY_THREE)
            keys[band, n] = np.int32(key >> THIRTY_TWO)
        shingled[n] = unit
        n += 1
    return n
