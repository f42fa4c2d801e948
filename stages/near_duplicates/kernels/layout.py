"""Arrays that the alignment kernels (numba) work in, bundled by purpose, and the names of their rows and columns."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.near_duplicates import alphabet
from stages.near_duplicates.fact_words import FactWords

#: Words without any of these flags have a stem.
PLAIN = alphabet.NUMBER | alphabet.NEGATION | alphabet.FUNCTION | alphabet.SINGLE
#: A word behind all words.
BEYOND = np.int32(2**31 - 1)
#: Words of b that a lacks; words of a already in a passage.
NOWHERE, USED = np.int32(-1), np.int32(-2)
#: Of two paragraphs; chosen by hand, not tuned.
MOST_PASSAGES = 4

#: Rows of `Buffers.slots`: the table's slots of a's words and of their stems, in all and as far as they are free; the
#: same of b's; the next of the words of b that may be aligned with the same word of a, and the first for each; what
#: the words after each can add to an alignment that has come so far.
ALL_A, ALL_STEMS, SAME_A, STEM_A, SAME_B, STEM_B, FOLLOWING, FIRST, AFTER_A, AFTER_B = range(10)
#: Rows of `Buffers.cells`: the word of b, and the score.
WORD, SCORE = range(2)
#: Columns of `Buffers.spans`: a passage's score and its words in both paragraphs.
SPAN_SCORE, A_BEGIN, A_END, B_BEGIN, B_END = range(5)


class Weights(NamedTuple):
    """Scores of words by their flags, and costs."""

    match: NDArray[np.int32]
    gap: NDArray[np.int32]
    gain: NDArray[np.int32]  # the most of an alignment: for a word that is lacking, of the same stem, equal
    tear: np.int32  # the least loss between two words that are neighbours in one text only
    swap: np.int32
    contradiction: np.int32


class WordTable(NamedTuple):
    """An open-addressing table of the words and stems of a paragraph."""

    keys: NDArray[np.int64]
    stamps: NDArray[np.int64]  # whose they are: the table is never cleared
    stem_of: NDArray[np.int32]  # slot of a word's stem
    heads: NDArray[np.int64]  # pair << 32 | the first of the words of b that are linked by the slot


class Stamps(NamedTuple):
    """Marks of the entries that belong to the present pair."""

    stamp: np.int64  # of paragraph a
    mask: int  # of the part of the table in use
    pair: int


class Buffers(NamedTuple):
    """Arrays that one pair of paragraphs is aligned in."""

    cells: NDArray[np.int32]
    rows: NDArray[np.int64]  # first cell of each word of a
    spans: NDArray[np.int64]
    slots: NDArray[np.int32]
    gaps: NDArray[np.int32]  # cost of leaving each word out, of a and of b
    hits: NDArray[np.int8]  # for words of b: 2 if a has it, 1 if a has its stem
    partner: NDArray[np.int64]  # the word of b that is aligned with each word of a
    passage_a: NDArray[np.int8]  # the passage of each word
    passage_b: NDArray[np.int8]
    begins: NDArray[np.int64]  # first words of the sentences of both


class WholeSentences(NamedTuple):
    """Arrays that a whole sentence is compared in; of two rows, the first is the canonical text's."""

    keys: NDArray[np.int64]  # of each word, in two rows
    kinds: NDArray[np.int8]
    mates: NDArray[np.int32]  # the word on the other side, or -1
    moved: NDArray[np.int8]  # 1 where the mate stands in another order
    sentences: NDArray[np.int32]  # of each word of the canonical text
    counts: NDArray[np.int32]  # words of each canonical sentence that are aligned with the later sentence
    votes: NDArray[np.int32]  # for each language


class Pair(NamedTuple):
    """Two paragraphs: words, first words of sentences, and how many sentences of the corpus come before theirs."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    sentences_a: NDArray[np.int64]
    sentences_b: NDArray[np.int64]
    before_a: int
    before_b: int


class VerificationTools(NamedTuple):
    """Everything that is made once for all pairs of a call."""

    marks: NDArray[np.int32]  # the sketch
    table: WordTable
    buffers: Buffers
    weights: Any
    sentences: WholeSentences
    listed: FactWords
