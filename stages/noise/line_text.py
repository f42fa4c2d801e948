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

from stages.noise.line_characters import (
    DIGIT,
    ELLIPSIS,
    SPACE,
    STOP,
    UPPER,
    Characters,
    Integers,
    is_word,
    last_inside,
)
from stages.noise.line_features import Matrix
from stages.noise.line_words import FNV_OFFSET, FNV_PRIME
from stages.shared.compilation import inner, kernel

_HASHED = 1 << 16
BUCKETS = 2 * _HASHED  # those of any paragraph, then those of one that ends openly
_OFFSETS = (-2, -1, 1, 2)
_CONTEXT = (
    *("text_before", "text_after", "text_near_before", "text_near_after"),
    *("lowest_before", "lowest_after", "lowest_near_before", "lowest_near_after", "story_before", "story_after"),
)
TEXT_FEATURES = ("text", *(f"text@{offset:+d}" for offset in _OFFSETS), *_CONTEXT)
_NOWHERE = -9.0  # where the document has no such paragraph
_NEAR = 5  # paragraphs on either side that count as near
_STORY = -1.0  # a paragraph's score from which down it reads as story

_ZERO = np.uint32(ord("0"))  # all digits are one
# Shapes of tokens, beyond Unicode; a sign is its own shape.
_CAPITALS, _CAPITALISED, _NUMBER, _PLAIN, _END = (np.uint64(0x110000 + n) for n in range(1, 6))
# Kinds of features; the last two also stand for the next two tokens.
_WORD, _PAIR, _SHAPES, _FIRST_SHAPES, _LAST_SHAPES, _FIRST_PAIR, _LAST_PAIR, _FIRST, _LAST = (*range(1, 9), 11)
_ENDS = 3  # tokens at either end that are features by their place


@inner
def _bucket(kind, first, second, third):  # type: ignore[no-untyped-def]
    """Hash a feature to its bucket: its kind, and up to three tokens or shapes (0 for none)."""
    value = (np.uint64(kind) ^ FNV_OFFSET) * FNV_PRIME
    value = (value ^ first) * FNV_PRIME
    value = (value ^ (value >> np.uint64(29)) ^ second) * FNV_PRIME
    value = (value ^ (value >> np.uint64(29)) ^ third) * FNV_PRIME
    return np.int64((value ^ (value >> np.uint64(31)) ^ (value >> np.uint64(47))) & np.uint64(_HASHED - 1))


@inner
def _shape(codes, classes, begin, end, upper):  # type: ignore[no-untyped-def]
    """Return the shape of a token with so many capitals."""
    if not is_word(classes[begin]):
        return np.uint64(codes[begin])
    if upper == end - begin and upper > 1:
        return _CAPITALS
    if classes[begin] == UPPER:
        return _CAPITALISED
    return _NUMBER if classes[begin] == DIGIT else _PLAIN


@inner
def _tokenize(codes, classes, start, end, tokens, shapes):  # type: ignore[no-untyped-def]
    """Fill in hashes and shapes of the words and signs of one paragraph; return their number."""
    at, used = start, 0
    while at < end:
        if classes[at] == SPACE:
            at += 1
            continue
        begin, value, upper = at, FNV_OFFSET, 0
        while at == begin or (at < end and is_word(classes[begin]) and is_word(classes[at])):
            value = (value ^ np.uint64(_ZERO if classes[at] == DIGIT else codes[at])) * FNV_PRIME
            upper += classes[at] == UPPER
            at += 1
        tokens[used], shapes[used] = value, _shape(codes, classes, begin, at, upper)
        used += 1
    return used


@inner
def _add(bucket, stamp, stamps, found, used):  # type: ignore[no-untyped-def]
    """Note a bucket that this paragraph has not been in yet; return the number of its buckets."""
    if stamps[bucket] == stamp:
        return used
    stamps[bucket], found[used] = stamp, bucket
    return used + 1


@inner
def _add_ends(tokens, shapes, count, stamp, stamps, found, used):  # type: ignore[no-untyped-def]
    """Add the buckets of the first and the last tokens and shapes; return the number of buckets."""
    no, last = np.uint64(0), count - 1
    for at in range(min(_ENDS, count)):
        used = _add(_bucket(_FIRST + at, tokens[at], no, no), stamp, stamps, found, used)
        used = _add(_bucket(_LAST + at, tokens[last - at], no, no), stamp, stamps, found, used)
    if count > 1:
        used = _add(_bucket(_FIRST_PAIR, tokens[0], tokens[1], no), stamp, stamps, found, used)
        used = _add(_bucket(_LAST_PAIR, tokens[last - 1], tokens[last], no), stamp, stamps, found, used)
    if count > 0:
        second, third = shapes[1] if count > 1 else _END, shapes[2] if count > 2 else _END
        used = _add(_bucket(_FIRST_SHAPES, shapes[0], second, third), stamp, stamps, found, used)
        second, third = shapes[last - 1] if count > 1 else _END, shapes[last - 2] if count > 2 else _END
        used = _add(_bucket(_LAST_SHAPES, shapes[last], second, third), stamp, stamps, found, used)
    return used


@inner
def _find(tokens, shapes, count, stamp, stamps, found):  # type: ignore[no-untyped-def]
    """Fill in the different buckets of one paragraph; return their number."""
    used, no = 0, np.uint64(0)
    for at in range(count):
        used = _add(_bucket(_WORD, tokens[at], no, no), stamp, stamps, found, used)
        following = tokens[at + 1] if at + 1 < count else _END
        used = _add(_bucket(_PAIR, tokens[at], following, no), stamp, stamps, found, used)
        if at + 2 < count:
            used = _add(_bucket(_SHAPES, shapes[at], shapes[at + 1], shapes[at + 2]), stamp, stamps, found, used)
    return _add_ends(tokens, shapes, count, stamp, stamps, found, used)


@inner
def _ends_openly(classes, start, end):  # type: ignore[no-untyped-def]
    last = last_inside(classes, start, end)
    return last not in (STOP, ELLIPSIS)


@inner
def _room(starts, ends):  # type: ignore[no-untyped-def]
    """Allocate tokens, shapes, stamps of buckets and found buckets, long enough for the longest paragraph."""
    longest = (ends - starts).max() if len(starts) else 0
    tokens, shapes = np.empty(longest, dtype=np.uint64), np.empty(longest, dtype=np.uint64)
    return tokens, shapes, np.full(_HASHED, -1, dtype=np.int64), np.empty(3 * longest + 12, dtype=np.int64)


@kernel
def _sum_weights(codes, classes, starts, ends, weights):  # type: ignore[no-untyped-def]
    """Return per paragraph the number of its different buckets, and the sum of their weights."""
    tokens, shapes, stamps, found = _room(starts, ends)
    counts, totals = np.zeros(len(starts), dtype=np.int64), np.zeros(len(starts), dtype=np.int64)
    for number in range(len(starts)):
        n_tokens = _tokenize(codes, classes, starts[number], ends[number], tokens, shapes)
        used = _find(tokens, shapes, n_tokens, number, stamps, found)
        openly = np.int64(_ends_openly(classes, starts[number], ends[number]))
        for at in range(used):
            totals[number] += weights[openly, found[at]]
        counts[number] = used * (1 + openly)
    return counts, totals


@kernel
def _list_buckets(codes, classes, starts, ends):  # type: ignore[no-untyped-def]
    """Return per paragraph the number of its different buckets, and all those buckets in a row."""
    tokens, shapes, stamps, found = _room(starts, ends)
    counts, n_kept = np.zeros(len(starts), dtype=np.int64), 0
    kept = np.empty(2 * (3 * len(codes) + 12 * len(starts)), dtype=np.int32)
    for number in range(len(starts)):
        n_tokens = _tokenize(codes, classes, starts[number], ends[number], tokens, shapes)
        used = _find(tokens, shapes, n_tokens, number, stamps, found)
        openly = np.int64(_ends_openly(classes, starts[number], ends[number]))
        for one in range(1 + openly):
            for at in range(used):
                kept[n_kept] = found[at] + one * _HASHED
                n_kept += 1
        counts[number] = used * (1 + openly)
    return counts, kept[:n_kept]


def buckets_of(batch: Characters) -> tuple[Integers, npt.NDArray[np.int32]]:
    """Return each paragraph's number of different buckets, and all buckets in a row: weights are learned from them."""
    counts, kept = _list_buckets(batch.codes, batch.classes, batch.starts, batch.ends)
    return counts, kept


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
        counts, totals = _sum_weights(batch.codes, batch.classes, batch.starts, batch.ends, self.sums)
        scores: npt.NDArray[np.float64] = self.constant + self.unit * totals / np.sqrt(np.maximum(counts, 1))
        return scores, counts


@inner
def _walk(scores, sizes, begin, end, step, rows, side):  # type: ignore[no-untyped-def]
    """Write what is known of the paragraphs passed on one walk through a document: their mean score, the lowest score
    (all, then the near ones), and how many read as story. `side` is 0 for the walk down, 1 for the walk up.
    """
    total, weight, lowest, story = 0.0, 0.0, 9.0, 0
    at = begin if step > 0 else end - 1
    while begin <= at < end:
        near, near_weight, near_lowest = 0.0, 0.0, 9.0
        for back in range(1, _NEAR + 1):
            other = at - step * back
            if begin <= other < end:
                near += scores[other] * sizes[other]
                near_weight += sizes[other]
                near_lowest = min(near_lowest, scores[other])
        rows[at, side] = total / weight if weight > 0 else _NOWHERE
        rows[at, 2 + side] = near / near_weight if near_weight > 0 else _NOWHERE
        rows[at, 4 + side], rows[at, 6 + side], rows[at, 8 + side] = lowest, near_lowest, story
        total, weight = total + scores[at] * sizes[at], weight + sizes[at]
        lowest, story = min(lowest, scores[at]), story + (scores[at] < _STORY)
        at += step


@kernel
def _context(scores, sizes, begins):  # type: ignore[no-untyped-def]
    """Compute the columns _CONTEXT of every paragraph, document by document."""
    rows = np.empty((len(scores), 10), dtype=np.float64)
    for number in range(len(begins) - 1):
        begin, end = begins[number], begins[number + 1]
        _walk(scores, sizes, begin, end, 1, rows, 0)
        _walk(scores, sizes, begin, end, -1, rows, 1)
    return rows


def text_features(scores: npt.NDArray[np.float64], sizes: Integers, begins: Integers) -> Matrix:
    """Lay out the columns TEXT_FEATURES: every paragraph's score, those beside it, and what its document says above and
    below it, each paragraph weighed by its size.

    >>> text_features(np.array([1.0, 2.0, 3.0]), np.array([1, 1, 1]), np.array([0, 2, 3]))[:, :5].tolist()
    [[1.0, -9.0, -9.0, 2.0, -9.0], [2.0, -9.0, 1.0, -9.0, -9.0], [3.0, -9.0, -9.0, -9.0, -9.0]]
    """
    columns = np.full((len(scores), len(TEXT_FEATURES)), _NOWHERE, dtype=np.float32)
    columns[:, 0] = scores
    columns[:, 1 + len(_OFFSETS) :] = _context(scores, sizes.astype(np.float64), begins)
    document = np.repeat(np.arange(len(begins) - 1), np.diff(begins))
    for column, offset in enumerate(_OFFSETS, 1):
        here = np.arange(max(0, -offset), len(scores) - max(0, offset))
        here = here[document[here] == document[here + offset]]
        columns[here, column] = scores[here + offset]
    return columns
