"""How plausible a reading is: the log likelihood of its pairs of characters in its best language, in nats.

A pair of letters is in the table of its language; signs follow one another by their kinds (`symbols`). Only pairs with
a character outside ASCII are counted. The others, which are the same in every charset, tell the language.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stages.decode.languages import NONE, Floats, Integers, model
from stages.decode.symbols import IS_LETTER, RARE, fold, kind_of, share_log, transitions

#: Nats by which the ASCII letters of a text can speak against a language: pages mix languages.
MOST_AGAINST = 12.0
#: So many languages of each charset are looked at closely, the likeliest by single letters. With 5 and with all, the
#: same texts of the development half of benchmarks/encoding_detection.py are read right.
CLOSER_LOOKS = 2
_IS_LETTER = np.array(IS_LETTER)
#: Roughly, how likely a sign is by its kind, to choose languages by: from "rare" on it hardly ever is one.
_SIGNS_ALONE = np.array([-4.0 if kind < RARE else -10.0 for kind in range(len(IS_LETTER))], np.float32)


class Symbols(NamedTuple):
    """Characters as symbols: their kinds, log shares among their kind, and rows in the table of each language."""

    kinds: Integers
    shares: Floats
    rows: Integers  # language, symbol


class Pairs(NamedTuple):
    """Pairs of symbols that follow one another, and how often."""

    first: Integers
    second: Integers
    counts: Floats

    def only(self, mask: npt.NDArray[np.bool_]) -> Pairs:
        """Return some of the pairs."""
        return Pairs(self.first[mask], self.second[mask], self.counts[mask])


class Charsets(NamedTuple):
    """Alphabets of several single-byte charsets, and the likelihood of each byte outside ASCII alone."""

    kinds: Integers  # charset, byte
    shares: Floats
    rows: npt.NDArray[np.uint8]  # charset, language, byte
    alone: Floats  # byte, charset, language


@functools.cache
def _transitions() -> Floats:
    return np.array(transitions(), np.float32)


def alphabet_of(characters: list[str]) -> Symbols:
    """Describe characters: the kind of each, its log share in its kind, and its row in the table of each language."""
    kinds = [kind_of(character) for character in characters]
    rows = np.full((len(model().scripts), len(characters)), NONE, np.intp)
    for at, (character, kind) in enumerate(zip(characters, kinds, strict=True)):
        if IS_LETTER[kind]:
            rows[:, at] = model().rows_of(fold(character))
    return Symbols(np.array(kinds, np.intp), np.array([share_log(each) for each in characters], np.float32), rows)


@functools.cache
def byte_alphabet(codec: str) -> Symbols:
    """Return the alphabet of a single-byte charset."""
    return alphabet_of(list(bytes(range(256)).decode(codec, "replace")))


@functools.cache
def charsets(codecs: tuple[str, ...]) -> Charsets:
    """Stack the alphabets of some single-byte charsets, with the scores of letters that stand alone."""
    alphabets = [byte_alphabet(codec) for codec in codecs]
    kinds, shares = np.stack([each.kinds for each in alphabets]), np.stack([each.shares for each in alphabets])
    rows = np.stack([each.rows for each in alphabets])
    letters = _letters_alone()[np.arange(rows.shape[1])[:, None], rows]
    alone = np.where(_IS_LETTER[kinds][:, None, :], letters, (_SIGNS_ALONE[kinds] + shares)[:, None, :])
    return Charsets(kinds, shares, rows.astype(np.uint8), np.ascontiguousarray(alone.transpose(2, 0, 1), np.float32))


def _letters_alone() -> Floats:
    """Return the log share of each letter in each language, as the mean of a word's first three letters."""
    tables = np.exp(model().tables)
    first = tables[:, NONE, :].copy()
    first[:, NONE] = 0
    second = np.einsum("ij,ijk->ik", first, tables)
    third = np.einsum("ij,ijk->ik", second, tables)
    return np.asarray(np.log(np.maximum((first + second + third) / 3, 1e-6)), np.float32)


def pair_scores(alphabet: Symbols, pairs: Pairs) -> Floats:
    """Return the log likelihood of pairs of symbols in each language."""
    first, second = pairs.first, pairs.second
    signs = _transitions()[alphabet.kinds[first], alphabet.kinds[second]] + alphabet.shares[second]
    languages = np.arange(len(alphabet.rows))[:, None]
    letters = model().tables[languages, alphabet.rows[:, first], alphabet.rows[:, second]]
    return np.asarray((letters + signs) @ pairs.counts, np.float32)


def byte_pairs(sample: bytes) -> Pairs:
    """Count pairs of bytes, as if there were a space before and after."""
    raw = np.frombuffer(b" " + sample + b" ", np.uint8).astype(np.intp)
    counts = np.bincount(raw[:-1] << 8 | raw[1:], minlength=1 << 16)
    found = np.flatnonzero(counts)
    return Pairs(found >> 8, found & 0xFF, counts[found].astype(np.float32))


def language_evidence(alphabet: Symbols, pairs: Pairs) -> Floats:
    """Return how much less likely pairs of ASCII are in a language than in the likeliest, at most MOST_AGAINST."""
    scores = pair_scores(alphabet, pairs)
    return np.asarray(np.maximum(scores - scores.max(), -MOST_AGAINST), np.float32)


def single_byte_scores(sample: bytes, codecs: tuple[str, ...]) -> dict[str, float]:
    """Return the log likelihood of the sample in each single-byte charset, in its best language."""
    pairs = byte_pairs(sample)
    outside = (pairs.first >= 0x80) | (pairs.second >= 0x80)
    evidence, high = language_evidence(byte_alphabet("ascii"), pairs.only(~outside)), pairs.only(outside)
    known = charsets(codecs)
    languages = _likeliest_languages(known, high, evidence)
    signs = _transitions()[known.kinds[:, high.first], known.kinds[:, high.second]] + known.shares[:, high.second]
    of = np.arange(len(codecs))[:, None, None]
    first, second = (known.rows[of, languages[:, :, None], each] for each in (high.first, high.second))
    letters = model().tables[languages[:, :, None], first, second]
    scores = (letters @ high.counts + evidence[languages]).max(axis=1) + signs @ high.counts
    return dict(zip(codecs, scores.tolist(), strict=True))


def _likeliest_languages(known: Charsets, high: Pairs, evidence: Floats) -> Integers:
    """Return, for each charset, the CLOSER_LOOKS likeliest languages by its other bytes, and the likeliest by ASCII."""
    counts = np.bincount(high.first, high.counts, 256).astype(np.float32)
    present = np.flatnonzero(counts[0x80:]) + 0x80
    alone = np.tensordot(counts[present], known.alone[present], 1) + evidence
    by_ascii = np.full((len(alone), 1), evidence.argmax())
    return np.hstack([np.argpartition(alone, -CLOSER_LOOKS, axis=1)[:, -CLOSER_LOOKS:], by_ascii])


def pairs_score(text: str) -> float:
    """Return the log likelihood of the pairs of a text with a character outside ASCII, in its best language.

    >>> pairs_score("Bäcker") > pairs_score("B³cker") + 10
    True
    """
    codes = np.frombuffer(f" {text} ".encode("utf-32-le", "replace"), np.uint32)
    symbols, numbers = np.unique(codes, return_inverse=True)
    both, counts = np.unique(numbers[:-1] * len(symbols) + numbers[1:], return_counts=True)
    pairs = Pairs(both // len(symbols), both % len(symbols), counts.astype(np.float32))
    outside = (symbols[pairs.first] > 0x7F) | (symbols[pairs.second] > 0x7F)
    alphabet = alphabet_of([chr(code) for code in symbols])
    evidence = language_evidence(alphabet, pairs.only(~outside))
    return float((pair_scores(alphabet, pairs.only(outside)) + evidence).max())
