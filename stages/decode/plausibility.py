"""How plausible some bytes are in a charset: the log likelihood of their letters, in pairs, in its best language.

Every language has a table of the letters that follow each letter (`data/characters.npz`, made by
benchmarks/character_pairs.py); signs follow one another by their kinds (`symbols`). All figures are nats.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stages.decode.symbols import CONTROL, IS_LETTER, RARE, WIDE, fold, kind_of, share_log, transitions

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.intp]

DATA = Path(__file__).with_name("data") / "characters.npz"
SCALE = 16.0  # of the stored logarithms

#: Columns and rows of a language's table besides its letters: what is no letter, letters of its script that it does not
#: have, ASCII letters in a language of another script, and letters of other scripts.
NONE, EXTRA = 0, 3
FOREIGN, LATIN, FAR = 1, 2, 3


class Model(NamedTuple):
    """All languages: tables of pairs (language, letter before, letter after), and the index of each letter in each."""

    languages: tuple[str, ...]
    tables: Floats
    letters: dict[str, int]  # folded letter → its number in `index`
    index: Integers  # language, number of the letter → row or column of the table
    scripts: tuple[str, ...]


@functools.cache
def model() -> Model:
    """Read the tables of pairs."""
    with np.load(DATA) as data:
        names = tuple(key.removeprefix("pairs ") for key in data.files if key.startswith("pairs "))
        alphabets = [str(data[f"alphabet {name}"]) for name in names]
        pairs = [data[f"pairs {name}"].astype(np.float32) / -SCALE for name in names]
    scripts = [_main_script(alphabet) for alphabet in alphabets]
    unions = {script: "".join(sorted(set("".join(a for a, s in zip(alphabets, scripts, strict=True) if s == script)))) for script in scripts}
    size = max(map(len, unions.values())) + 1 + EXTRA
    tables = np.stack([_spread(table, alphabet, unions[script], size) for table, alphabet, script in zip(pairs, alphabets, scripts, strict=True)])
    for script in set(scripts):
        of_script = np.array([each == script for each in scripts])
        tables[of_script] = (1 - OF_OTHER_LANGUAGE) * tables[of_script] + OF_OTHER_LANGUAGE * tables[of_script].mean(axis=0)
    letters = {letter: number for number, letter in enumerate(sorted(set("".join(alphabets))))}
    index = np.zeros((len(names), len(letters)), np.intp)
    for row, script in enumerate(scripts):
        own = {letter: 1 + EXTRA + at for at, letter in enumerate(unions[script])}
        index[row] = [own.get(letter, stranger(letter, script)) for letter in letters]
    return Model(names, _with_strangers(np.log(np.maximum(tables, LEAST))), letters, index, tuple(scripts))


OF_OTHER_LANGUAGE = 0.05
LEAST = 1e-6


def _spread(table: Floats, alphabet: str, union: str, size: int) -> Floats:
    """Return the shares of pairs of letters in a table of all letters of a script."""
    spread = np.zeros((size, size), np.float32)
    at = np.array([0, *(1 + EXTRA + union.index(letter) for letter in alphabet)])
    spread[np.ix_(at, at)] = np.exp(table)
    return spread


def _main_script(alphabet: str) -> str:
    scripts = [_script(letter) for letter in alphabet]
    return max(sorted(set(scripts)), key=scripts.count)


@functools.cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def stranger(letter: str, script: str) -> int:
    """Return the index of a letter that a language does not have."""
    if letter.isascii() and script != "LATIN":
        return LATIN
    return FOREIGN if _script(letter) in (script, "COMBINING") else FAR


def _with_strangers(tables: Floats) -> Floats:
    """Fill the rows and columns for letters of other alphabets."""
    for row, column, value in _STRANGERS:
        tables[:, row, column] = value
    return tables


_ALL = slice(None)
_STRANGERS = (
    (NONE, NONE, 0.0), (_ALL, FOREIGN, -13.0), (FOREIGN, _ALL, -4.0), (FOREIGN, FOREIGN, -9.0), (FOREIGN, NONE, -2.0),
    (_ALL, LATIN, -14.0), (LATIN, _ALL, -14.0), (NONE, LATIN, -6.0), (LATIN, LATIN, -3.2), (LATIN, NONE, -1.8),
    (_ALL, FAR, -13.0), (FAR, _ALL, -6.0), (FAR, FAR, -11.0), (FAR, NONE, -3.0),
)  # fmt: skip


class Alphabet(NamedTuple):
    """The characters that symbols stand for: their kinds, log shares, and rows in the table of each language."""

    kinds: Integers
    shares: Floats
    index: Integers  # language, symbol


def alphabet_of(characters: list[str]) -> Alphabet:
    """Look up characters."""
    known = model()
    kinds = [kind_of(character) for character in characters]
    index = np.zeros((len(known.languages), len(characters)), np.intp)
    for at, (character, kind) in enumerate(zip(characters, kinds, strict=True)):
        if IS_LETTER[kind]:
            index[:, at] = _rows_of(fold(character))
    return Alphabet(np.array(kinds, np.intp), np.array([share_log(each) for each in characters], np.float32), index)


@functools.cache
def _rows_of(letter: str) -> Integers:
    known = model()
    if letter in known.letters:
        return known.index[:, known.letters[letter]]
    return np.array([stranger(letter, script) for script in known.scripts], np.intp)


@functools.cache
def _transitions() -> Floats:
    return np.array(transitions(), np.float32)


_IS_LETTER = np.array(IS_LETTER)


def pair_scores(alphabet: Alphabet, first: Integers, second: Integers, counts: Floats, languages: Integers) -> Floats:
    """Return the log likelihood of pairs of symbols in some languages."""
    kinds = alphabet.kinds
    signs = _transitions()[kinds[first], kinds[second]] + alphabet.shares[second]
    rows, columns = alphabet.index[np.ix_(languages, first)], alphabet.index[np.ix_(languages, second)]
    letters = model().tables[languages[:, None], rows, columns]
    return np.asarray((letters + signs) @ counts, np.float32)


#: Nats by which the letters inside ASCII can speak against a language: pages mix languages.
MOST_AGAINST = 12.0


class Pairs(NamedTuple):
    """Pairs of symbols that follow one another in a sample, and how often."""

    first: Integers
    second: Integers
    counts: Floats

    def only(self, mask: npt.NDArray[np.bool_]) -> Pairs:
        """Return some of the pairs."""
        return Pairs(self.first[mask], self.second[mask], self.counts[mask])


def byte_pairs(sample: bytes) -> Pairs:
    """Count pairs of bytes, as if there were a space before and after."""
    raw = np.frombuffer(b" " + sample + b" ", np.uint8).astype(np.intp)
    counts = np.bincount(raw[:-1] << 8 | raw[1:], minlength=1 << 16)
    found = np.flatnonzero(counts)
    return Pairs(found >> 8, found & 0xFF, counts[found].astype(np.float32))


@functools.cache
def byte_alphabet(codec: str) -> Alphabet:
    """Return the alphabet of a single-byte charset."""
    return alphabet_of(list(bytes(range(256)).decode(codec, "replace")))


def language_evidence(pairs: Pairs) -> Floats:
    """Return for each language how much less likely its ASCII pairs are than in the likeliest, at most MOST_AGAINST."""
    languages = np.arange(len(model().languages))
    scores = pair_scores(byte_alphabet("ascii"), *pairs, languages)
    return np.maximum(scores - scores.max(), -MOST_AGAINST)


class Charsets(NamedTuple):
    """Single-byte charsets stacked: kinds and log shares of their bytes, rows in each language's table, and the log
    likelihood of each byte alone, to choose the pairs of charset and language that are worth a closer look.
    """

    kinds: Integers  # charset, byte
    shares: Floats
    index: npt.NDArray[np.uint8]  # charset, language, byte
    alone: Floats  # byte, charset, language


@functools.cache
def charsets(codecs: tuple[str, ...]) -> Charsets:
    """Look up the bytes of some single-byte charsets."""
    alphabets = [byte_alphabet(codec) for codec in codecs]
    kinds, shares = np.stack([each.kinds for each in alphabets]), np.stack([each.shares for each in alphabets])
    index = np.stack([each.index for each in alphabets])
    letters = _letters_alone()[np.arange(len(model().languages))[:, None], index]
    signs = (_SIGNS_ALONE[kinds] + shares)[:, None, :]
    alone = np.where(np.array(IS_LETTER)[kinds][:, None, :], letters, signs)
    return Charsets(kinds, shares, index.astype(np.uint8), np.ascontiguousarray(alone.transpose(2, 0, 1), np.float32))


def _letters_alone() -> Floats:
    """Return the log share of each letter in each language: of letters that begin words, and follow those."""
    tables = np.exp(model().tables)
    first = tables[:, NONE, :].copy()
    first[:, NONE] = 0
    second = np.einsum("ij,ijk->ik", first, tables)
    third = np.einsum("ij,ijk->ik", second, tables)
    return np.asarray(np.log(np.maximum((first + second + third) / 3, 1e-6)), np.float32)


_SIGNS_ALONE = np.array([-4.0 if k < RARE else -10.0 - 3 * (k - RARE) for k in range(16)], np.float32)
CLOSER_LOOKS = 2


def single_byte_scores(sample: bytes, codecs: tuple[str, ...], wanted: frozenset[str]) -> dict[str, float]:
    """Return the log likelihood of the pairs with a byte outside ASCII in the likeliest charsets, in their best language."""
    pairs = byte_pairs(sample)
    outside = (pairs.first >= 0x80) | (pairs.second >= 0x80)
    prior, high = language_evidence(pairs.only(~outside)), pairs.only(outside)
    known, count = charsets(codecs), len(prior)
    bytes_ = np.bincount(high.first, high.counts, 256).astype(np.float32)
    present = np.flatnonzero(bytes_[0x80:]) + 0x80
    alone = np.tensordot(bytes_[present], known.alone[present], 1) + prior
    top = np.argpartition(alone, -CLOSER_LOOKS, axis=1)[:, -CLOSER_LOOKS:]
    rows = (np.arange(len(codecs))[:, None] * count + top).ravel()
    of, languages = rows // count, rows % count
    signs = _transitions()[known.kinds[:, high.first], known.kinds[:, high.second]] + known.shares[:, high.second]
    first, second = (known.index[of[:, None], languages[:, None], each] for each in (high.first, high.second))
    letters = model().tables[languages[:, None], first, second]
    scores = letters @ high.counts + (signs @ high.counts)[of] + prior[languages]
    best: dict[str, float] = {}
    for at, score in zip(of.tolist(), scores.tolist(), strict=True):
        best[codecs[at]] = max(score, best.get(codecs[at], -np.inf))
    return best


@functools.cache
def _east_asian() -> dict[str, dict[str, float]]:
    with np.load(DATA) as data:
        names = [key.removeprefix("logs ") for key in data.files if key.startswith("logs ")]
        tables = {
            name: dict(zip(str(data[f"characters {name}"]), (data[f"logs {name}"] / -SCALE - 0.1).tolist(), strict=True))
            for name in names
        }
    half = {h: tables["ja"].get(f, -9.0) for h, f in _half_width().items()}
    tables["ja-half"] = {**tables["ja"], **half}
    return tables


def _half_width() -> dict[str, str]:
    """Return the hiragana that each half-width katakana is read as, for its frequency."""
    pairs = {}
    for code in range(0xFF66, 0xFF9E):
        full = unicodedata.normalize("NFKC", chr(code))
        pairs[chr(code)] = chr(ord(full) - 0x60) if "ァ" <= full <= "ン" else full
    return pairs | {"ﾞ": "が", "ﾟ": "ぱ", "｡": "。", "､": "、"}


_EAST_ASIAN_SIGNS = {**dict.fromkeys("，。、", -3.0), **dict.fromkeys("「」“”：・（）《》！？", -5.5), "\u3000": -6.0, "ー": -5.0}


_ASCII_LETTER = re.compile("[a-zA-Z]")
_BESIDE_LETTER = re.compile("(?<=[a-zA-Z])[^\\x00-\\x7f]|[^\\x00-\\x7f](?=[a-zA-Z])")
_BESIDE_HALF = re.compile("(?<=[a-zA-Z])[\uff61-\uff9f]|[\uff61-\uff9f](?=[a-zA-Z])")
TWO_SCRIPTS, HALF_WIDTH = 2.5, 6.0


def east_asian_score(text: str, language: str) -> float:
    """Return the log likelihood of the characters outside ASCII."""
    known = _east_asian()[language]
    letters = len(_ASCII_LETTER.findall(text))
    outside = len(text) - len(text.encode("ascii", "ignore"))
    score = -MOST_AGAINST * letters / max(1, letters + outside)
    score -= TWO_SCRIPTS * len(_BESIDE_LETTER.findall(text)) + HALF_WIDTH * len(_BESIDE_HALF.findall(text))
    if language == "ja-half":
        score -= 6
    for character, count in Counter(text).items():
        if character > "\x7f":
            score += count * (known.get(character) or _EAST_ASIAN_SIGNS.get(character) or _unknown(character))
    return score


def is_usual(text: str) -> bool:
    """Tell if most characters of a text without ASCII are common East Asian ones, or letters of a known language.

    >>> is_usual("渡轮公司宣布"), is_usual(b"The ferry is late.".decode("utf-16-le"))
    (True, False)
    """
    tables, letters = _east_asian(), model().letters
    usual = sum(x in letters or x in _EAST_ASIAN_SIGNS or any(x in each for each in tables.values()) for x in text)
    return usual > USUAL_SHARE * len(text)


USUAL_SHARE = 0.7


def _unknown(character: str) -> float:
    if character == "\ufffd" or unicodedata.category(character) in ("Co", "Cn", "Cc", "Cs"):
        return -20.0
    if "\uff01" <= character <= "\uff5e":
        return -9.0
    if "ァ" <= character <= "ヺ" or "가" <= character <= "힣":
        return -10.0
    return -13.0 if "一" <= character <= "鿿" else -14.0


def text_score(text: str) -> float:
    """Return the log likelihood of a decoded text, of any script, in its best language."""
    symbols, numbers = np.unique(np.frombuffer(f" {text} ".encode("utf-32-le", "replace"), np.uint32), return_inverse=True)
    alphabet = alphabet_of([chr(code) for code in symbols])
    codes, counts = np.unique(numbers[:-1] * len(symbols) + numbers[1:], return_counts=True)
    pairs = Pairs(codes // len(symbols), codes % len(symbols), counts.astype(np.float32))
    outside = pairs.only((symbols[pairs.first] > 0x7F) | (symbols[pairs.second] > 0x7F))
    best = float(pair_scores(alphabet, *outside, np.arange(len(model().languages))).max())
    return max([best, *(east_asian_score(text, language) for language in _east_asian())])


def sequence_score(text: str) -> float:
    """Return the score of characters that UTF-8 gave: one that is in no table is hardly meant."""
    known = model().letters
    return sum(-6.0 if fold(x) in known or kind_of(x) == WIDE or share_log(x) > -7 else UNKNOWN for x in text if x > "\x7f")


UNKNOWN = -13.0


def reads_well(text: str) -> bool:
    """Tell if the characters outside ASCII are likely ones."""
    limit = -9.0 if any(kind_of(character) in (WIDE, CONTROL) for character in text) else -16.0
    return mean_score(text) > limit


def mean_score(text: str) -> float:
    """Return the log likelihood of a text for each character outside ASCII.

    >>> mean_score("Der Bäcker") > -9 > mean_score("Der B³cker")
    True
    """
    outside = len(text) - len(text.encode("ascii", "ignore"))
    return text_score(text) / outside if outside else -np.inf
