"""How plausible an East Asian text is: the log likelihood of its characters one by one, in nats."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter

import numpy as np

from stages.decode.languages import DATA, SCALE
from stages.decode.likelihood import MOST_AGAINST
from stages.decode.symbols import CONTROL, kind_of

#: Share of an East Asian text that are letters, in nats: the rest are signs.
OF_LETTERS = -0.1
SIGNS = {**dict.fromkeys("，。、", -3.0), **dict.fromkeys("「」“”：・（）《》！？", -5.5), "\u3000": -6.0, "ー": -5.0}
#: Nats of characters that no table has, found by hand: undefined ones, full-width ASCII, rare kana and syllables, rare
#: ideographs, all others (Cyrillic and box drawings, which these charsets have too).
UNDEFINED, FULL_WIDTH, RARE_SYLLABLE, RARE_IDEOGRAPH, OTHER = -20.0, -9.0, -12.0, -14.0, -15.0
#: Nats against a character beside an ASCII letter, and more against half-width kana there: words are in one script.
TWO_SCRIPTS, TWO_SCRIPTS_HALF = 4.0, 6.0
#: Nats against a whole text in half-width kana, which is rare.
HALF_WIDTH = 6.0

_ASCII_LETTER = re.compile("[a-zA-Z]")
_BESIDE_LETTER = re.compile("(?<=[a-zA-Z])[^\x00-\x7f]|[^\x00-\x7f](?=[a-zA-Z])")
_BESIDE_HALF = re.compile("(?<=[a-zA-Z])[\uff61-\uff9f]|[\uff61-\uff9f](?=[a-zA-Z])")


@functools.cache
def tables() -> dict[str, dict[str, float]]:
    """Read the logarithms of the shares of each language's characters."""
    with np.load(DATA) as data:
        names = [key.removeprefix("logs ") for key in data.files if key.startswith("logs ")]
        found = {}
        for name in names:
            logs = data[f"logs {name}"] / -SCALE + OF_LETTERS
            found[name] = dict(zip(str(data[f"characters {name}"]), logs.tolist(), strict=True))
    half = {kana: found["ja"].get(full, -9.0) for kana, full in _half_width().items()}
    return found | {"ja-half": found["ja"] | half}


def _half_width() -> dict[str, str]:
    """Return the hiragana that each half-width katakana stands for: it is as frequent, where all kana are katakana."""
    pairs = {"ﾞ": "が", "ﾟ": "ぱ", "｡": "。", "､": "、"}
    for code in range(0xFF66, 0xFF9E):
        full = unicodedata.normalize("NFKC", chr(code))
        pairs[chr(code)] = chr(ord(full) - 0x60) if "ァ" <= full <= "ン" else full
    return pairs


def east_asian_score(text: str, language: str) -> float:
    """Return the log likelihood of the characters outside ASCII.

    >>> east_asian_score("渡轮公司", "zh") > east_asian_score("渡轮公司", "ko")
    True
    """
    known = tables()[language]
    score = -HALF_WIDTH if language == "ja-half" else 0.0
    for character, count in Counter(text).items():
        if character > "\x7f":
            score += count * (known.get(character) or SIGNS.get(character) or _unknown(character))
    return score - _against(text)


def _against(text: str) -> float:
    """Return the nats against an East Asian language by ASCII letters in the text, and beside its characters."""
    letters = len(_ASCII_LETTER.findall(text))
    if not letters:
        return 0.0
    outside = len(text) - len(text.encode("ascii", "ignore"))
    mixed = TWO_SCRIPTS * len(_BESIDE_LETTER.findall(text)) + TWO_SCRIPTS_HALF * len(_BESIDE_HALF.findall(text))
    return mixed + MOST_AGAINST * letters / (letters + outside)


def _unknown(character: str) -> float:
    if kind_of(character) == CONTROL:
        return UNDEFINED
    if "\uff01" <= character <= "\uff5e":
        return FULL_WIDTH
    if "ァ" <= character <= "ヺ" or "가" <= character <= "힣":
        return RARE_SYLLABLE
    return RARE_IDEOGRAPH if "一" <= character <= "鿿" else OTHER


def is_common(character: str) -> bool:
    """Tell if a character is a common one of an East Asian language."""
    return character in SIGNS or any(character in table for table in tables().values())
