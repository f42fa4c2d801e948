"""Character classes, and forms of a text that leave characters out for comparing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import unescape

from stages.shared.data_files import read_data

_NO_LETTERS = re.compile(r"[\W_]+")
_NO_ASCII_LETTERS = {code: None for code in range(128) if not chr(code).isalnum()}


def character_class(ranges: str) -> str:
    r"""Write ranges of code points as the inside of a character class that `re` and RE2 read alike.

    >>> character_class("41-5A 5D 61")
    'A-Z\\]a'
    """
    return "".join("-".join(map(_literal, part.split("-"))) for part in ranges.split())


def _literal(code_point: str) -> str:
    character = chr(int(code_point, 16))
    return f"\\{character}" if character in r"\]^-[" else character


_RANGES = read_data("characters")


def ranges_of(name: str) -> list[tuple[int, int]]:
    """Return the first and the last code point of each range of a class: letters, marks or syllables."""
    borders = [[int(border, 16) for border in part.split("-")] for part in _RANGES[name].split()]
    return [(part[0], part[-1]) for part in borders]


#: Letters and digits that form words with their neighbours, combining marks, and letters that are a syllable or a word
#: by themselves, each as the inside of a character class.
LETTERS, MARKS, SYLLABLES = (character_class(_RANGES[name]) for name in ("letters", "marks", "syllables"))
#: A letter of a script that puts no space between words.
UNSPACED = re.compile(f"[{SYLLABLES}]")


def letters(text: str) -> str:
    """Reduce a text to its letters and digits, composed and case folded, for comparing.

    >>> letters("The Port-Vellén Times!")
    'theportvelléntimes'
    """
    folded = text.casefold()
    if folded.isascii():  # the same, in a tenth of the time
        return folded.translate(_NO_ASCII_LETTERS)
    return _NO_LETTERS.sub("", unicodedata.normalize("NFC", folded))


def letters_of_all(texts: Sequence[str]) -> list[str]:
    """Reduce texts to their letters and digits, all at once: the same as `letters` gives for each.

    >>> letters_of_all(["The Port-Vellén Times!", "---", "Port\\nVellén"])
    ['theportvelléntimes', '', 'portvellén']
    """
    folded = _BOUND.join(texts).casefold()
    if folded.isascii():
        return folded.translate(_NO_ASCII_LETTERS_OR_BOUND).split(_BOUND) if texts else []
    return "".join(_LETTERS_OR_BOUND.findall(unicodedata.normalize("NFC", folded))).split(_BOUND)


_BOUND = "\x1e"  # between texts, none of which holds it
_LETTERS_OR_BOUND = re.compile(rf"[^\W_]+|{_BOUND}")
_NO_ASCII_LETTERS_OR_BOUND = {code: None for code in _NO_ASCII_LETTERS if code != ord(_BOUND)}


def one_line(text: str) -> str:
    r"""Resolve the HTML entities of a text and replace each run of white space by one space.

    >>> one_line(" Floods &amp; storms:\n what now? ")
    'Floods & storms: what now?'
    """
    return " ".join((unescape(text) if "&" in text else text).split())


def without_whitespace(text: str) -> str:
    """Remove all white space from a text.

    >>> without_whitespace("It rained.")
    'Itrained.'
    """
    return "".join(text.split())
