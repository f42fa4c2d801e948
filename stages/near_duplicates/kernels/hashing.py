"""Numbers that the compiled loops share: constants of the hash functions and typed zeros."""

from __future__ import annotations

import numpy as np

from stages.near_duplicates import alphabet

#: Masks the flags that belong to a word's place.
ANYWHERE = np.int64(~alphabet.PLACE)
#: FNV-1a (64 bits), and the first multiplier of MurmurHash3's 64-bit finalizer.
SEED, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
MIX = np.uint64(0xFF51AFD7ED558CCD)
THIRTY_THREE, THIRTY_TWO, SLOT_SHIFT = np.uint64(33), np.uint64(32), np.uint64(alphabet.SLOT_SHIFT)
# Numba compiles a function anew for a number written out: where a variable begins with one, it begins with these.
ZERO, FALSE = np.int64(0), np.bool_(False)
