"""Character classes of the line model: the characters of a batch of paragraphs as arrays of code points and classes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stages.shared.compilation import inner, kernel
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
_TABLE_SIZE = 0x10000  # the basic plane; what lies beyond it (emoji, mostly) is "other" …
_BEYOND = np.uint32(0xFFFD)  # … as this is


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
    codes, classes, ends = _classify(raw, tuple(character_tables()), starts, lengths)
    return Characters(codes, classes, starts, ends)


@kernel
def _classify(raw, tables, starts, lengths):  # type: ignore[no-untyped-def]
    """Look up each character's lower case and class; find where each paragraph ends but for white space."""
    class_of, lower_of = tables
    codes, classes = np.empty(len(raw), dtype=np.uint32), np.empty(len(raw), dtype=np.uint8)
    ends = starts.copy()
    for number in range(len(starts)):
        for at in range(starts[number], starts[number] + lengths[number]):
            code = raw[at] if raw[at] < _TABLE_SIZE else _BEYOND
            codes[at], classes[at] = lower_of[code], class_of[code]
            if classes[at] != SPACE:
                ends[number] = at + 1
    return codes, classes, ends


@kernel
def is_word(kind: int) -> bool:
    """Tell if characters of this class make words."""
    return kind in (LOWER, UPPER, CASELESS, DIGIT, MARK)


@inner
def last_inside(classes, start, end):  # type: ignore[no-untyped-def]
    """Return the class of the last character inside quotes and brackets."""
    at = end - 1
    while at > start and classes[at] in (QUOTE, APOSTROPHE, CLOSING, SPACE):
        at -= 1
    return classes[at] if at >= start else np.uint8(SPACE)
