"""Counts of the line model: signs, words, shapes and word classes of each paragraph."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stages.native.kernel import Kernel
from stages.noise.line_characters import CHARACTERS, Characters, Integers
from stages.noise.line_words import CLASS_NAMES, Hashes, WordClasses

#: LineCounts of a paragraph, made by one pass over its characters.
COUNTS = (
    *(f"n_{name}" for name in CHARACTERS),
    *("words", "letters", "capitalised", "all_caps", "numbers", "joined", "longest_word", "sentences"),
    *("lead_caps", "lead_capitalised", "words_before_colon", "colons_in_words", "tail_bracket_words", "tail_bracket"),
    *("first", "last", "last_inside", "times", "dates", "years", "ing", "ed", "hosts"),
    *(f"has_{name}" for name in CLASS_NAMES),
    *(f"starts_{name}" for name in CLASS_NAMES),
    *(f"ends_{name}" for name in CLASS_NAMES),
    *(f"tail_{name}" for name in CLASS_NAMES),
)

_COUNT = Kernel(
    "line_count",
    *(np.uint32, np.uint8, np.int64, np.int64, int),  # characters and paragraphs
    *(np.uint64, np.int64, int),  # the table of words
    *(np.int32, np.uint64, np.int64, np.int64),  # results
)


class LineCounts(NamedTuple):
    """Counts of paragraphs, one row each, columns COUNTS; and their words."""

    counts: npt.NDArray[np.int32]
    hashes: Hashes  # of all words
    masks: Integers  # the classes of all words, as bits
    offsets: Integers  # where each paragraph's words begin, and the end


def count_all(batch: Characters, word_classes: WordClasses) -> LineCounts:
    """Count every paragraph of a batch."""
    n, (keys, values) = len(batch.starts), word_classes.table
    counts, offsets = np.zeros((n, len(COUNTS)), dtype=np.int32), np.empty(n + 1, dtype=np.int64)
    hashes = np.empty(
        len(batch.codes) // 2 + n + 1, dtype=np.uint64
    )  # a word has a character that parts it from the next
    masks = np.empty(len(hashes), dtype=np.int64)
    _COUNT(*batch, n, keys, values, len(keys), counts, hashes, masks, offsets)
    return LineCounts(counts, hashes[: offsets[-1]], masks[: offsets[-1]], offsets)
