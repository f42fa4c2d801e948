"""Word classes of the line model (`config/noise/line_words.toml`) and the hash table that they are looked up in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.native.kernel import Kernel
from stages.noise.line_characters import Integers

Hashes = npt.NDArray[np.uint64]

#: The classes; the number of a class is its place here. Features are named after them and the weights depend on the
#: order: changing it, or a word, means training again.
CLASS_NAMES = (
    *("function", "reporting", "pronoun", "connective", "address", "imperative", "related", "media", "agency"),
    *("byline", "social", "signup", "legal", "scene", "calendar", "update", "navigation"),
)

_HASH_WORDS = Kernel("line_hash_words", np.uint32, np.int64, int, np.uint64)


def hash_words(words: Sequence[str]) -> Hashes:
    """Hash the code points of each word as the loops do that look words up."""
    offsets = np.concatenate([[0], np.cumsum([len(word) for word in words], dtype=np.int64)]).astype(np.int64)
    hashes = np.empty(len(words), dtype=np.uint64)
    codes = np.frombuffer("".join(words).encode("utf-32-le"), dtype=np.uint32)
    _HASH_WORDS(codes, offsets, len(words), hashes)
    return hashes


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
        for word, value in zip(sorted(bits), hash_words(sorted(bits)), strict=True):
            at = int(value) & (size - 1)
            while keys[at]:
                at = (at + 1) & (size - 1)
            keys[at], values[at] = value, bits[word]
        return keys, values
