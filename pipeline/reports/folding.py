"""Folding: texts without case and accents, so that `ecole` and `LODZ` find `École` and `Łódź`.

Words that a person types and texts that they are looked for in are folded alike, in Python and in Arrow.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

Texts = TypeVar("Texts", pa.Array, pc.Expression)

#: Accents of Latin, Greek and Cyrillic, points of Hebrew, vowel signs of Arabic. Marks of other scripts are letters:
#: without them Hindi and Japanese words become other words.
MARKS = r"[\x{0300}-\x{036f}\x{0591}-\x{05c7}\x{064b}-\x{0652}]+"
_RANGES = (range(0x300, 0x370), range(0x591, 0x5C8), range(0x64B, 0x653))
#: Letters that Unicode does not take apart, and what people type for them.
LETTERS: Mapping[str, str] = {
    "ß": "ss", "ς": "σ", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i",
}  # fmt: skip
_TABLE = str.maketrans({**{mark: None for each in _RANGES for mark in each}, **{ord(a): b for a, b in LETTERS.items()}})


def folded(text: str) -> str:
    """Write a text in small letters without accents.

    >>> folded("ÉCOLE in Gießen"), folded("Łódź"), folded("ΟΔΌΣ"), folded("किताब") == folded("कतब")
    ('ecole in giessen', 'lodz', 'οδοσ', False)
    """
    return unicodedata.normalize("NFKD", text).lower().translate(_TABLE)


def fold_column(texts: Texts) -> Texts:
    """Fold the texts of a column, or of an expression, as `folded` folds one.

    >>> fold_column(pa.array(["ÉCOLE in Gießen", "Łódź", "ΟΔΌΣ"])).to_pylist()
    ['ecole in giessen', 'lodz', 'οδοσ']
    """
    plain = pc.utf8_lower(pc.utf8_normalize(texts.cast(pa.large_string()), form="NFKD"))
    plain = pc.replace_substring_regex(plain, MARKS, "")
    for letter, typed in LETTERS.items():
        plain = pc.replace_substring(plain, letter, typed)
    return plain


def find_folded(text: str, word: str) -> int:
    """Return where a word begins in a text, whatever the case and the accents of both; -1 where it does not stand.

    >>> find_folded("L’École de Gießen, hôtel", "hotel"), find_folded("a ferry", "crane")
    (19, -1)
    """
    plain = [(letter, at) for at, written in enumerate(text) for letter in folded(written)]
    at = "".join(letter for letter, _ in plain).find(folded(word))
    return plain[at][1] if at >= 0 else -1
