"""Kinds of characters, how one kind follows another in running text, and which of a kind are common.

The shares are rounded counts of news in European languages, with small ones chosen by hand: only orders of magnitude
matter (a superscript three inside a word means that the charset is the wrong one).
"""

from __future__ import annotations

import functools
import math
import unicodedata

KINDS = ("space", "digit", "lower", "upper", "caseless", "apostrophe", "opening", "closing", "quote", "end", "dash",
         "sign", "rare", "box", "control", "wide")  # fmt: skip
SPACE, DIGIT, LOWER, UPPER, CASELESS, APOSTROPHE, OPENING, CLOSING, QUOTE, END, DASH, SIGN, RARE, BOX, CONTROL, WIDE = (
    range(len(KINDS))
)
IS_LETTER = tuple(kind in (LOWER, UPPER, CASELESS) for kind in range(len(KINDS)))

#: Kind → its characters and their share of it; those not listed have the share LEAST.
_LISTED = {
    APOSTROPHE: "' 0.6 ’ 0.38 ‘ 0.02 \u200c 0.01 \u200d 0.002",
    OPENING: "( 0.4 « 0.25 „ 0.2 [ 0.02 ‚ 0.003 ‹ 0.003 ¿ 0.05 ¡ 0.05 「 0.1",
    CLOSING: ") 0.6 » 0.35 ] 0.03 › 0.003 」 0.1",
    QUOTE: '" 0.5 “ 0.25 ” 0.25',
    END: ". 0.45 , 0.45 : 0.03 ; 0.01 ? 0.01 ! 0.01 … 0.01 · 0.001 ، 0.02 ؟ 0.002 ؛ 0.002 · 0.001",
    DASH: "- 0.75 – 0.1 — 0.1 / 0.04 \u00ad 0.0005 ― 0.001",
    SIGN: "% 0.2 & 0.1 $ 0.1 € 0.08 £ 0.05 ° 0.02 § 0.01 © 0.02 ® 0.01 ™ 0.005 • 0.03 № 0.02 º 0.01 ª 0.005 "
    "@ 0.02 # 0.02 * 0.03 + 0.02 = 0.02 _ 0.01 | 0.02 < 0.02 > 0.02 ~ 0.01 ^ 0.005 \\ 0.005 { 0.005 } 0.005 ` 0.005 "
    "\u200e 0.002 \u200f 0.002",
    RARE: "² 0.1 ³ 0.03 ½ 0.1 ¼ 0.02 ¾ 0.02 × 0.1 ± 0.03 ´ 0.05 † 0.02 ‰ 0.02 ¥ 0.05 ¢ 0.02 ¨ 0.005 ¬ 0.005 ¤ 0.005",
}
LEAST = 0.002  # that of the rarest ones that are listed


def _read(text: str) -> list[tuple[str, float]]:
    parts = text.split(" ")
    return [(character, float(share)) for character, share in zip(parts[::2], parts[1::2], strict=True)]


_SHARES = {character: (kind, share) for kind, text in _LISTED.items() for character, share in _read(text)}
_SHARES |= {" ": (SPACE, 0.9), "\n": (SPACE, 0.08), "\r": (SPACE, 0.01), "\t": (SPACE, 0.01), "\u00a0": (SPACE, 0.01)}

_BY_CATEGORY = {
    **dict.fromkeys(("Lu", "Lt"), UPPER), "Ll": LOWER, **dict.fromkeys(("Lo", "Lm", "Mn", "Mc"), CASELESS),
    "Nd": DIGIT, "Zs": SPACE, "Ps": OPENING, "Pi": OPENING, "Pe": CLOSING, "Pf": CLOSING, "Pd": DASH,
    **dict.fromkeys(("Cc", "Cn", "Co", "Cs"), CONTROL),
}  # fmt: skip


@functools.cache
def kind_of(character: str) -> int:
    """Return the kind of a character.

    >>> [KINDS[kind_of(each)] for each in "Aä7 ³│漢\\ufffd"]
    ['upper', 'lower', 'digit', 'space', 'rare', 'box', 'wide', 'control']
    """
    if character in _SHARES:
        return _SHARES[character][0]
    if "\u2500" <= character <= "\u25ff":
        return BOX
    if character == "\ufffd":
        return CONTROL
    if "\u2e80" <= character <= "\ufaff" or "\uff00" <= character <= "\uffef" or character > "\U0001ffff":
        return WIDE
    if "\u0300" <= character <= "\u036f":
        return LOWER
    return _BY_CATEGORY.get(unicodedata.category(character), RARE)


@functools.cache
def share_log(character: str) -> float:
    """Return the log share of a character, other than a letter, among those of its kind."""
    kind = kind_of(character)
    if kind == DIGIT:
        return -2.3 if character.isascii() else -7.0
    if kind == WIDE:
        return -12.0
    if kind == CONTROL or IS_LETTER[kind]:
        return 0.0
    return math.log(_SHARES.get(character, (kind, LEAST))[1])


@functools.cache
def fold(character: str) -> str:
    """Return the letter that stands for a character in the tables of letters: small, of one form.

    >>> fold("É"), fold("Ș"), fold("\\ufe8e"), fold("ς")
    ('é', 'ş', 'ا', 'ς')
    """
    if "\ufb50" <= character <= "\ufefc":
        character = unicodedata.normalize("NFKC", character).strip()[:1] or character
    return _SAME.get(small := character.lower()[:1], small)


_SAME = {"ș": "ş", "ț": "ţ"}

#: Kind before → shares of the kinds after it; after a letter only of what is no letter: pairs of letters are in tables.
_AFTER_LETTER = (
    "space .78 digit .004 apostrophe .015 opening .0005 closing .012 quote .006 end .16 dash .015 sign .003 rare 3e-6"
)
_FOLLOWING = {
    **dict.fromkeys(("lower", "upper", "caseless"), _AFTER_LETTER),
    "space": "lower .68 upper .2 caseless .88 digit .05 apostrophe .002 opening .02 closing .0015 quote .015 end .002 "
    "dash .012 sign .008 rare 2e-4 box 1e-4 space .02 wide .02",
    "digit": "lower .01 upper .003 caseless .013 digit .5 space .3 end .15 closing .01 dash .02 sign .03 rare 1e-4 "
    "apostrophe .003 quote .002 opening .0005",
    "apostrophe": "lower .6 upper .1 caseless .6 space .15 digit .01 end .05 opening .005 closing .01 quote "
    ".01 dash .005 sign .001",
    "opening": "lower .25 upper .65 caseless .85 digit .05 space .03 apostrophe .01 opening .02 quote .005 "
    "end .01 closing .002 sign .01",
    "closing": "space .65 end .25 closing .02 dash .01 lower .01 upper .003 caseless .013 digit .002 quote "
    ".01 opening .005",
    "quote": "lower .12 upper .3 caseless .42 space .3 end .15 digit .02 quote .005 closing .01 dash .01 "
    "opening .005 apostrophe .005",
    "end": "space .8 quote .03 closing .05 end .03 lower .01 upper .01 caseless .02 digit .04 opening .003 "
    "dash .01 apostrophe .005 sign .005",
    "dash": "lower .35 upper .1 caseless .45 space .4 digit .06 quote .01 opening .01 end .01 dash .03 sign .005",
    "sign": "lower .15 upper .1 caseless .25 space .3 digit .25 sign .15 quote .02 end .03 rare 1e-3",
    "rare": "space .3 digit .1 end .1 lower .002 upper .002 caseless .004 rare .1 sign .05 closing .02",
    "box": "box .9 space .05 lower 1e-3 upper 1e-3 caseless 1e-3",
    "control": "control .1 space .02 lower .02 upper .02 caseless .02",
    "wide": "wide .9 space .02 end .02 lower .005 upper .005 caseless .005",
}  # fmt: skip
_CASES = {
    "lower": "lower .997 upper 3e-4 caseless .003", "upper": "lower .85 upper .15 caseless .003",
    "caseless": "caseless .99 lower .005 upper .005",
}  # fmt: skip
_NEVER = {"control": 1e-8, "box": 1e-6, "rare": 1e-5}
_OTHERWISE = 1e-4


def transitions() -> list[list[float]]:
    """Return the log share of each kind after each."""
    rows = []
    for before in KINDS:
        given = dict(_pairs(_FOLLOWING[before])) | dict(_pairs(_CASES.get(before, "")))
        rows.append([math.log(given.get(after, _NEVER.get(after, _OTHERWISE))) for after in KINDS])
    return rows


def _pairs(text: str) -> list[tuple[str, float]]:
    parts = text.split()
    return [(name, float(share)) for name, share in zip(parts[::2], parts[1::2], strict=True)]
