"""Repetition features of the line model: how much of a paragraph's words stands elsewhere in its document."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stages.native.kernel import Kernel
from stages.noise.line_characters import Integers
from stages.noise.line_counts import LineCounts

#: How much of a paragraph's words stands elsewhere in its document. The shipped weights know the features by these
#: names, so they keep them.
REPETITIONS = (
    *("content_words", "echoed", "echoed_before", "echoed_after", "echo_best", "echo_best_gap", "echo_next"),
    *("echo_previous", "echo_first", "pairs_echoed", "repeats_before", "repeats_after"),
)

_REPETITIONS = Kernel("line_repetitions", np.uint64, np.int64, np.int64, np.int64, int, np.float64)


def repetitions(counted: LineCounts, begins: Integers) -> npt.NDArray[np.float64]:
    """Compute the REPETITIONS of every paragraph; `begins` holds where each document begins, and the end."""
    rows = np.empty((len(counted.counts), len(REPETITIONS)), dtype=np.float64)
    _REPETITIONS(counted.hashes, counted.masks, counted.offsets, begins, len(begins) - 1, rows)
    return rows
