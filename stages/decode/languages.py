"""Tables of the letters that follow each letter, by language.

They are in `data/characters.npz`, made by benchmarks/character_pairs.py. All figures are natural logarithms of
probabilities.
"""

from __future__ import annotations

import functools
import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stages.decode.symbols import fold

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.intp]

DATA = Path(__file__).with_name("data") / "characters.npz"
SCALE = 16.0  # of the stored logarithms, as in benchmarks/character_pairs.py

#: Rows and columns of a table before its letters: what is no letter; a letter of the script that no language has; an
#: ASCII letter in a language of another script; any other letter of another script.
NONE, FOREIGN, LATIN, FAR = range(4)
BEFORE_LETTERS = 4  # rows: the four above
_ALL = slice(None)
#: Chosen by hand, so that a foreign name costs less than a wrong charset: words are in one script.
_STRANGERS = (
    (NONE, NONE, 0.0), (_ALL, FOREIGN, -15.0), (FOREIGN, _ALL, -4.0), (FOREIGN, FOREIGN, -9.0), (FOREIGN, NONE, -4.0),
    (_ALL, LATIN, -14.0), (LATIN, _ALL, -14.0), (NONE, LATIN, -6.0), (LATIN, LATIN, -3.2), (LATIN, NONE, -1.8),
    (_ALL, FAR, -18.0), (FAR, _ALL, -12.0), (NONE, FAR, -13.0), (FAR, FAR, -11.0), (FAR, NONE, -4.0),
)  # fmt: skip
#: Share of each table that is the mean of all languages of its script: texts have foreign words. Held against 0 (a
#: "résumé" in English looks wrong) on the development half of benchmarks/encoding_detection.py.
OF_OTHER_LANGUAGES = 0.05
#: The first languages of the file (English, German, French, Spanish, Portuguese, Italian) lend more words than others.
LENDERS, LENDER = 6, 5.0
LEAST = 1e-6


class Model(NamedTuple):
    """All languages: tables of pairs (language, letter before, letter after), and the row of each letter in each."""

    scripts: tuple[str, ...]  # of each language
    tables: Floats
    letters: dict[str, int]  # folded letter → its column in `rows`
    rows: Integers  # language, letter → row and column of the table

    def rows_of(self, letter: str) -> Integers:
        """Return the row of a folded letter in the table of each language."""
        if letter in self.letters:
            return self.rows[:, self.letters[letter]]
        return np.array([_stranger(letter, script) for script in self.scripts], np.intp)


@functools.cache
def model() -> Model:
    """Read the tables."""
    with np.load(DATA) as data:
        names = [key.removeprefix("pairs ") for key in data.files if key.startswith("pairs ")]
        alphabets = [str(data[f"alphabet {name}"]) for name in names]
        shares = [np.exp(data[f"pairs {name}"].astype(np.float32) / -SCALE) for name in names]
    scripts = tuple(_main_script(alphabet) for alphabet in alphabets)
    unions = _unions(alphabets, scripts)
    tables = _tables(shares, alphabets, [unions[script] for script in scripts])
    _mix(tables, scripts)
    letters = {letter: number for number, letter in enumerate(sorted(set("".join(alphabets))))}
    rows = np.array([_rows(letters, unions[script], script) for script in scripts], np.intp)
    logs = np.log(np.maximum(tables, LEAST))
    for row, column, value in _STRANGERS:
        logs[:, row, column] = value
    return Model(scripts, logs, letters, rows)


def _main_script(alphabet: str) -> str:
    scripts = [_script(letter) for letter in alphabet]
    return max(sorted(set(scripts)), key=scripts.count)


@functools.cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _unions(alphabets: list[str], scripts: tuple[str, ...]) -> dict[str, str]:
    """Return all letters of each script."""
    together = dict.fromkeys(scripts, "")
    for alphabet, script in zip(alphabets, scripts, strict=True):
        together[script] = "".join(sorted({*together[script], *alphabet}))
    return together


def _tables(shares: list[Floats], alphabets: list[str], unions: list[str]) -> Floats:
    """Return the tables of all languages, each with rows for all letters of its script."""
    size = BEFORE_LETTERS + max(map(len, unions))
    tables = np.zeros((len(shares), size, size), np.float32)
    for number, (table, alphabet, union) in enumerate(zip(shares, alphabets, unions, strict=True)):
        at = np.array([NONE, *(BEFORE_LETTERS + union.index(letter) for letter in alphabet)])
        tables[number][np.ix_(at, at)] = table
    return tables


def _mix(tables: Floats, scripts: tuple[str, ...]) -> None:
    """Add some of the mean of all languages of its script to each table."""
    for script in set(scripts):
        same = np.array([each == script for each in scripts])
        weights = np.where(np.flatnonzero(same) < LENDERS, LENDER, 1.0).astype(np.float32)
        mean = np.average(tables[same], axis=0, weights=weights)
        tables[same] = (1 - OF_OTHER_LANGUAGES) * tables[same] + OF_OTHER_LANGUAGES * mean


def _rows(letters: dict[str, int], union: str, script: str) -> list[int]:
    own = {letter: BEFORE_LETTERS + at for at, letter in enumerate(union)}
    return [own.get(letter, _stranger(letter, script)) for letter in letters]


def _stranger(letter: str, script: str) -> int:
    """Return the row of a letter that no language of the script has."""
    if letter.isascii() and script != "LATIN":
        return LATIN
    return FOREIGN if _script(letter) in (script, "COMBINING") else FAR


def is_known(character: str) -> bool:
    """Tell if any language has a letter.

    >>> is_known("Ł"), is_known("ק"), is_known("ߟ")
    (True, True, False)
    """
    return fold(character) in model().letters
