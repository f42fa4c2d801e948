"""Text model: a linear model over hashed words, pairs of words, both ends and shapes of a paragraph.

The trees of the line model see classes of words; this sees the words. Its score, and those of the paragraphs around,
are more features for the trees. A paragraph that does not end as sentences do is in a second bucket for each feature:
“pictured” says more there. Weights are whole numbers, so a sum is the same in any order and any batch.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.native.kernel import Kernel
from stages.noise.line_characters import Characters, Integers
from stages.noise.line_features import Matrix

_HASHED = 1 << 16
BUCKETS = 2 * _HASHED  # those of any paragraph, then those of one that ends openly
_OFFSETS = (-2, -1, 1, 2)
_CONTEXT = (
    *("text_before", "text_after", "text_near_before", "text_near_after"),
    *("lowest_before", "lowest_after", "lowest_near_before", "lowest_near_after", "story_before", "story_after"),
)
TEXT_FEATURES = ("text", *(f"text@{offset:+d}" for offset in _OFFSETS), *_CONTEXT)

_PARAGRAPHS = (np.uint32, np.uint8, np.int64, np.int64, int)
_SUM_WEIGHTS = Kernel("line_sum_weights", *_PARAGRAPHS, np.int16, np.int64, np.int64)
_LIST_BUCKETS = Kernel("line_list_buckets", *_PARAGRAPHS, np.int64, np.int32)
_TEXT_FEATURES = Kernel("line_text_features", np.float64, np.float64, np.int64, int, np.float32)


def buckets_of(batch: Characters) -> tuple[Integers, npt.NDArray[np.int32]]:
    """Return each paragraph's number of different buckets, and all buckets in a row: weights are learned from them."""
    n = len(batch.starts)
    counts, kept = np.empty(n, dtype=np.int64), np.empty(6 * len(batch.codes) + 24 * n, dtype=np.int32)
    return counts, kept[: _LIST_BUCKETS(*batch, n, counts, kept)]


@dataclass(frozen=True)
class TextModel:
    """A weight for each bucket, in units of `unit`, and a constant."""

    weights: npt.NDArray[np.int8]
    unit: float
    constant: float

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TextModel:
        """Read the model from plain data. ValueError where weights are missing."""
        weights = np.frombuffer(base64.b64decode(data["weights"]), dtype=np.int8)
        if len(weights) != BUCKETS:
            raise ValueError(f"the text model has {len(weights)} weights, not {BUCKETS}")
        return cls(weights, float(data["unit"]), float(data["constant"]))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data that `from_dict` reads."""
        return {
            "unit": self.unit,
            "constant": self.constant,
            "weights": base64.b64encode(self.weights.tobytes()).decode("ascii"),
        }

    @cached_property
    def sums(self) -> npt.NDArray[np.int16]:
        """The weight of each feature in a paragraph that ends as sentences do, and in one that does not."""
        closed, openly = self.weights.astype(np.int16).reshape(2, _HASHED)
        return np.stack([closed, closed + openly])

    def scores(self, batch: Characters) -> tuple[npt.NDArray[np.float64], Integers]:
        """Return for each paragraph the logarithm of the odds for noise that its words give, and its size: the number
        of its buckets.
        """
        n = len(batch.starts)
        counts, totals = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
        _SUM_WEIGHTS(*batch, n, self.sums, counts, totals)
        scores: npt.NDArray[np.float64] = self.constant + self.unit * totals / np.sqrt(np.maximum(counts, 1))
        return scores, counts


def text_features(scores: npt.NDArray[np.float64], sizes: Integers, begins: Integers) -> Matrix:
    """Lay out the columns TEXT_FEATURES: every paragraph's score, those beside it, and what its document says above and
    below it, each paragraph weighed by its size.

    >>> text_features(np.array([1.0, 2.0, 3.0]), np.array([1, 1, 1]), np.array([0, 2, 3]))[:, :5].tolist()
    [[1.0, -9.0, -9.0, 2.0, -9.0], [2.0, -9.0, 1.0, -9.0, -9.0], [3.0, -9.0, -9.0, -9.0, -9.0]]
    """
    columns = np.empty((len(scores), len(TEXT_FEATURES)), dtype=np.float32)
    _TEXT_FEATURES(scores, sizes.astype(np.float64), begins, len(begins) - 1, columns)
    return columns
