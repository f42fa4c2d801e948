"""Scores of how plausible some bytes are in a charset: the log likelihood of their letters in its best language.

Single-byte charsets are scored together: every pair of charset and language gives each byte from 0x80 to 0xFF a log
probability, so one matrix times the page's counts of those bytes ranks them all. Double-byte charsets are scored on
their decoded characters. All figures are nats.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from stages.decode.letters import COMMON, LETTERS, PUNCTUATION

#: Charset → how much rarer than Windows-1252 it is in news, in nats that its letters must make up for. Chosen by hand;
#: with less, rare ISO charsets win by chance.
SINGLE_BYTE = {
    **dict.fromkeys(("cp1252", "cp1251", "cp1250", "cp1254", "cp1253", "cp1256", "cp1255", "cp1257"), 0.0),
    **dict.fromkeys(("cp874", "koi8-r"), 0.0),
    **dict.fromkeys(("iso8859-2", "iso8859-7", "iso8859-5", "iso8859-15", "koi8-u", "cp1258"), 1.0),
    **dict.fromkeys(("iso8859-6", "iso8859-8"), 1.0),
    **dict.fromkeys(("cp866", "mac-roman", "mac-cyrillic", "cp852", "cp850"), 4.0),
    **dict.fromkeys(("iso8859-13", "iso8859-4", "iso8859-16", "iso8859-10"), 8.0),
    **dict.fromkeys(("mac-latin2", "iso8859-3", "cp437"), 8.0),
}
DOUBLE_BYTE = ("gb18030", "big5hkscs", "cp932", "euc-jp", "cp949")

#: Shares of a text's characters outside ASCII: letters (of which capitals) and punctuation. Chosen by hand.
LETTER_SHARE, CAPITAL_SHARE, PUNCTUATION_SHARE = 0.92, 0.07, 0.06
#: Nats against a language in another script for each letter that touches an ASCII letter: words are in one script.
TWO_SCRIPTS = 2.0
_BESIDE_ASCII_LETTER = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]|[\x80-\xff](?=[A-Za-z])")
#: Probabilities of all other characters. A control character or an undefined byte is hardly ever meant.
FOREIGN_LETTER, FOREIGN_SIGN, NEVER = 2e-4, 3e-5, 1e-8


def character_weight(character: str, language: str) -> float:
    """Return the probability of one character among a language's characters outside ASCII.

    >>> character_weight("ł", "Polish") > 100 * character_weight("³", "Polish")
    True
    """
    letters = LETTERS[language]
    lower = character.lower()
    if lower in letters:
        share = letters[lower] / _total(language)
        return LETTER_SHARE * share * (1 - CAPITAL_SHARE if character == lower else CAPITAL_SHARE)
    if character in PUNCTUATION:
        return PUNCTUATION_SHARE * PUNCTUATION[character] / _PUNCTUATION_TOTAL
    return _rest(character)


_PUNCTUATION_TOTAL = sum(PUNCTUATION.values())


@functools.cache
def _total(language: str) -> float:
    return sum(LETTERS[language].values())


def _rest(character: str) -> float:
    if character == "\ufffd" or unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs"):
        return NEVER
    return FOREIGN_LETTER if character.isalpha() else FOREIGN_SIGN


@functools.cache
def _model() -> tuple[list[str], npt.NDArray[np.float64]]:
    """Build the matrix of log probabilities (a row per codec and language, 128 columns of bytes) and its codecs."""
    codecs, rows = [], []
    for codec in SINGLE_BYTE:
        characters = bytes(range(0x80, 0x100)).decode(codec, "replace")
        for language in LETTERS:
            codecs.append(codec)
            rows.append([math.log(character_weight(each, language)) for each in characters])
    return codecs, np.array(rows)


def single_byte_scores(sample: bytes) -> dict[str, float]:
    """Return the log likelihood of the bytes outside ASCII in each single-byte charset, in its best language."""
    codecs, matrix = _model()
    counts = np.bincount(np.frombuffer(sample, dtype=np.uint8), minlength=256)[0x80:]
    scores = matrix @ counts - TWO_SCRIPTS * len(_BESIDE_ASCII_LETTER.findall(sample)) * _is_other_script()
    best: dict[str, float] = {}
    for codec, score in zip(codecs, scores.tolist(), strict=True):
        best[codec] = max(score, best.get(codec, -math.inf))
    return best


@functools.cache
def _is_other_script() -> npt.NDArray[np.float64]:
    """Return 1 for every row of the matrix whose language is not in Latin script, else 0."""
    is_other = [min(LETTERS[language]) >= "\u0370" for language in LETTERS]
    return np.array(is_other * len(SINGLE_BYTE), dtype=np.float64)


@functools.cache
def _common(codec: str) -> frozenset[str]:
    return frozenset(COMMON[codec])


def double_byte_score(sample: bytes, codec: str) -> float:
    """Return the log likelihood of the bytes outside ASCII in a double-byte charset."""
    text = sample.decode(codec, "replace")
    counts = Counter(character for character in text if character > "\x7f")
    return sum(count * _double_byte_weight(character, codec) for character, count in counts.items())


def _double_byte_weight(character: str, codec: str) -> float:
    if character == "\ufffd":
        return math.log(NEVER)
    if codec in ("cp932", "euc-jp"):
        return _japanese_weight(character)
    if character in _common(codec):
        return math.log(0.4 / len(_common(codec)))
    return math.log(_uncommon_share(character, codec))


def _japanese_weight(character: str) -> float:
    if "ぁ" <= character <= "ん":
        return math.log(0.5 / 50)
    if "ァ" <= character <= "ー":
        return math.log(0.12 / 80)
    if character in "。、「」・（）":
        return math.log(0.07 / 7)
    if "一" <= character <= "鿿":
        lead = character.encode("euc-jp", "replace")[:1]
        return math.log(0.28 / 2965 if b"\xb0" <= lead <= b"\xcf" else 0.01 / 3390)
    return math.log(1e-7 if "｡" <= character <= "ﾟ" else 1e-6)


#: Codec → the smaller charset of its everyday characters (GB 2312 and Big 5 level 1, KS X 1001), their first and last
#: lead byte, and their number.
_EVERYDAY: Mapping[str, tuple[str, bytes, bytes, int]] = {
    "gb18030": ("gb2312", b"\xb0", b"\xd7", 3755),
    "big5hkscs": ("big5", b"\xa4", b"\xc6", 5401),
    "cp949": ("euc-kr", b"\xb0", b"\xc8", 2350),
}


def _uncommon_share(character: str, codec: str) -> float:
    narrow, first, last, size = _EVERYDAY[codec]
    encoded = character.encode(narrow, "replace")
    if len(encoded) < 2:
        return 1e-8
    if first <= encoded[:1] <= last:
        return 0.52 / size
    return 0.02 / 500 if encoded[:1] < first else 0.02 / 4000
