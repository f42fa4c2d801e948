"""Place features of the line model: where in its document a paragraph stands, and what the document looks like."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stages.native.kernel import Kernel
from stages.noise.line_characters import Integers
from stages.noise.line_words import Hashes

PLACE = (
    *("paragraphs", "index", "from_end", "place", "words_to_median", "median_words", "share_unstopped", "share_labels"),
    *("share_brackets", "share_prose", "words_before", "since_prose", "until_prose", "before_prose", "after_prose"),
    *("run_length", "run_words", "same_first_word", "first_word_before", "window_words"),
)

#: Features of a paragraph by itself that its place is told by.
TOLD_BY = ("words", "stops", "prose", "words_before_colon", "tail_bracket")
_PLACE = Kernel("line_place", np.int64, int, *(np.float64 for _ in TOLD_BY), np.uint64, np.float64)


def place_features(begins: Integers, told: npt.NDArray[np.float64], first_hash: Hashes) -> npt.NDArray[np.float64]:
    """Compute the PLACE features of every paragraph, document by document.

    `begins` holds where each document begins, and the end; `told` a row of each feature TOLD_BY, `first_hash` the hash
    of each paragraph's first word.
    """
    rows = np.empty((len(first_hash), len(PLACE)), dtype=np.float64)
    _PLACE(begins, len(begins) - 1, *told, first_hash, rows)
    return rows
