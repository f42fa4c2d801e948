"""Character classes of the line model: the characters of a batch of paragraphs as arrays of code points and classes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stages.native.kernel import Kernel
from stages.shared.derived import derived

Integers = npt.NDArray[np.int64]

#: Classes of characters; the number of a class is its place here. The weights depend on the order.
CHARACTERS = (
    *("other", "space", "lower", "upper", "caseless", "digit", "mark", "stop", "comma", "colon", "quote", "apostrophe"),
    *("dash", "bar", "opening", "closing", "at", "hash", "slash", "ellipsis", "underscore"),
)
OTHER, SPACE, LOWER, UPPER, CASELESS, DIGIT, MARK, STOP, COMMA, COLON, QUOTE, APOSTROPHE, *_ = range(len(CHARACTERS))
DASH, BAR, OPENING, CLOSING, AT, HASH, SLASH, ELLIPSIS, UNDERSCORE = range(12, len(CHARACTERS))

_SIGNS = {
    STOP: ".!?。！？؟", COMMA: ",;،、", COLON: ":：", QUOTE: "\"“”„«»‟", APOSTROPHE: "'’‘‚`´", DASH: "-–—−‐‑―",
    BAR: "|•·›‹>→▸►■◆*=~¦", OPENING: "([{", CLOSING: ")]}", AT: "@", HASH: "#", SLASH: "/\\", ELLIPSIS: "…",
    UNDERSCORE: "_",
}  # fmt: skip
_CATEGORIES = {"Ll": LOWER, "Lu": UPPER, "Lt": UPPER, "Lo": CASELESS, "Lm": CASELESS, "Nd": DIGIT, "Nl": DIGIT}
_TABLE_SIZE = 0x10000  # the basic plane; what lies beyond it (emoji, mostly) is "other"

_CLASSIFY = Kernel(
    "line_classify",
    *(np.uint32, np.uint8, np.uint32),  # code points; the tables
    *(np.int64, np.int64, int),  # paragraphs
    *(np.uint32, np.uint8, np.int64),  # results
)


class CharacterTables(NamedTuple):
    """Per code point of the basic plane: its class, and its lower-case form."""

    classes: npt.NDArray[np.uint8]
    lowered: npt.NDArray[np.uint32]


def _class_of(character: str) -> int:
    category = unicodedata.category(character)
    if category[0] == "M":
        return MARK
    if category[0] == "Z" or character in "\t\n\r":
        return SPACE
    return _CATEGORIES.get(category, OTHER)


@lru_cache(maxsize=1)
def character_tables() -> CharacterTables:
    """Return the tables, a pure function of Python's version of Unicode, from disk: making them takes 80 ms."""
    return CharacterTables(*derived("characters", b"", _made_tables))


def _made_tables() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint32]]:
    characters = [chr(code) for code in range(_TABLE_SIZE)]
    classes = np.array([_class_of(c) for c in characters], dtype=np.uint8)
    for number, signs in _SIGNS.items():
        classes[[ord(sign) for sign in signs]] = number
    lowered = np.array([ord(c.lower()[0]) for c in characters], dtype=np.uint32)
    return classes, lowered


class Characters(NamedTuple):
    """The characters of a batch: all paragraphs, each followed by one line break."""

    codes: npt.NDArray[np.uint32]  # lower case
    classes: npt.NDArray[np.uint8]
    starts: Integers  # of each paragraph
    ends: Integers  # of each paragraph, its white space at the end left out


def characters_of(paragraphs: Sequence[str]) -> Characters:
    """Convert a batch to arrays of code points and their classes.

    >>> batch = characters_of(["A b. ", ""])
    >>> [CHARACTERS[number] for number in batch.classes], batch.starts.tolist(), batch.ends.tolist()
    (['upper', 'space', 'lower', 'stop', 'space', 'space', 'space'], [0, 6], [4, 6])
    """
    raw = np.frombuffer("\n".join([*paragraphs, ""]).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    lengths = np.array([len(paragraph) + 1 for paragraph in paragraphs], dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    codes, classes, ends = np.empty_like(raw), np.empty(len(raw), dtype=np.uint8), np.empty_like(starts)
    _CLASSIFY(raw, *character_tables(), starts, lengths, len(starts), codes, classes, ends)
    return Characters(codes, classes, starts, ends)
