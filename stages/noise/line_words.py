"""Word classes of the line model (`config/noise/line_words.toml`) and the hash table that they are looked up in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.noise.line_characters import Integers
from stages.shared.compilation import kernel

Hashes = npt.NDArray[np.uint64]

#: The classes; the number of a class is its place here. Features are named after them and the weights depend on the
#: order: changing it, or a word, means training again.
CLASS_NAMES = (
    *("function", "reporting", "pronoun", "connective", "address", "imperative", "related", "media", "agency"),
    *("byline", "social", "signup", "legal", "scene", "calendar", "update", "navigation"),
)
FUNCTION_WORDS = 1 << CLASS_NAMES.index("function")

#: FNV-1a with 64 bits.
FNV_OFFSET = np.uint64(0xCBF29CE484222325)
FNV_PRIME = np.uint64(0x100000001B3)


@kernel
def hash_word(codes: npt.NDArray[np.uint32], start: int, end: int) -> np.uint64:
    """Hash the code points of a word."""
    value = FNV_OFFSET
    for at in range(start, end):
        value = (value ^ np.uint64(codes[at])) * FNV_PRIME
    return max(value, np.uint64(1))  # 0 marks an empty place in the tables


@dataclass(frozen=True)
class WordClasses:
    """The words of each class, in lower case; a word may be in several."""

    words: Mapping[str, tuple[str, ...]]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> WordClasses:
        """Read `line_words.toml`: per class its words, in one string. ValueError where classes differ.

        >>> WordClasses.from_dict({"function": "the a"})
        Traceback (most recent call last):
        ValueError: word lists: missing reporting, pronoun, connective, address, imperative, related, media, agency, \
byline, social, signup, legal, scene, calendar, update, navigation
        """
        unknown, missing = [n for n in data if n not in CLASS_NAMES], [n for n in CLASS_NAMES if n not in data]
        if unknown or missing:
            problems = [f"{kind} {', '.join(names)}" for kind, names in (("unknown", unknown), ("missing", missing))
                        if names]  # fmt: skip
            raise ValueError(f"word lists: {'; '.join(problems)}")
        if odd := next((name for name in CLASS_NAMES if not isinstance(data[name], str)), None):
            raise ValueError(f"word lists: {odd} must be a string of words with blanks between, not {data[odd]!r}")
        return cls({name: tuple(data[name].split()) for name in CLASS_NAMES})

    @property
    def digest(self) -> str:
        """A digest of the lists; the weights name the one they were trained with."""
        text = "\n".join(f"{name} {' '.join(words)}" for name, words in self.words.items())
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def table(self) -> tuple[Hashes, Integers]:
        """Hashes of all words in an open-addressing table, and their classes as bits."""
        bits: dict[str, int] = {}
        for number, name in enumerate(CLASS_NAMES):
            for word in self.words[name]:
                bits[word] = bits.get(word, 0) | 1 << number
        size = 1 << (4 * len(bits)).bit_length()
        keys, values = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.int64)
        for word, mask in sorted(bits.items()):
            value = hash_word(np.array([ord(c) for c in word], dtype=np.uint32), 0, len(word))
            at = int(value) & (size - 1)
            while keys[at]:
                at = (at + 1) & (size - 1)
            keys[at], values[at] = value, mask
        return keys, values


@kernel
def look_up(table, wanted):  # type: ignore[no-untyped-def]
    """Return the classes of the word with this hash, as bits; 0 for a word that is in no list."""
    keys, values = table
    at = np.int64(wanted & np.uint64(len(keys) - 1))
    while keys[at] != 0:
        if keys[at] == wanted:
            return values[at]
        at = (at + 1) & (len(keys) - 1)
    return 0
