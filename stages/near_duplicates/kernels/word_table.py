"""Hash table of the words of a paragraph and their stems, compiled by numba."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"

from __future__ import annotations

import numpy as np

from stages.near_duplicates import alphabet

from .compilation import borrowing, inner
from .hashing import ANYWHERE, MIX, THIRTY_THREE
from .layout import NOWHERE, PLAIN, USED, WordTable

STEM = np.int64(-(1 << alphabet.STEM_SHIFT))  # masks the stem in a word
STEM_TAG = np.int64(alphabet.QUOTED)  # tells stems from words in one table: words are noted without flags of place


@borrowing
def slot_of(key, keys, stamps, stamp, mask):
    """Return the slot of a key, or the free one for it; `stamp` tells one paragraph's entries from others'."""
    value = np.uint64(key) * MIX
    slot = np.int64(value >> THIRTY_THREE) & mask
    while stamps[slot] == stamp and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@borrowing
def note(key, keys, stamps, stamp, mask):
    """Put a key into the table; return its slot."""
    slot = slot_of(key, keys, stamps, stamp, mask)
    keys[slot], stamps[slot] = key, stamp
    return np.int32(slot)


@borrowing
def find(key, keys, stamps, stamp, mask):
    """Return the slot of a key, NOWHERE if the table does not have it."""
    slot = slot_of(key, keys, stamps, stamp, mask)
    return np.int32(slot) if stamps[slot] == stamp else NOWHERE


@borrowing
def note_words(a, table, at, same, stem):
    """Put the words of a paragraph and their stems into the table; note the slot of each."""
    keys, stamps, stem_of, stamp, mask = table.keys, table.stamps, table.stem_of, at.stamp, at.mask
    for i in range(len(a)):
        same[i] = note(a[i] & ANYWHERE, keys, stamps, stamp, mask)
        stem[i] = note((a[i] & STEM) | STEM_TAG, keys, stamps, stamp, mask) if a[i] & PLAIN == 0 else USED
        stem_of[same[i]] = stem[i] if stem[i] >= 0 else NOWHERE


@borrowing
def mask_for(words):
    """Return the mask of the part of the table that so many words use: sparse, or searching it takes long."""
    mask = 15
    while mask < 4 * words:
        mask = 2 * mask + 1
    return mask


@inner
def empty_table(longest):
    """Make a table for the words and stems of paragraphs of at most `longest` words."""
    size = 16
    while size < 8 * longest:
        size *= 2
    heads = np.full(size, -1, np.int64)
    return WordTable(np.empty(size, np.int64), np.full(size, -1, np.int64), np.empty(size, np.int32), heads)
