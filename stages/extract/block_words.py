"""Score the blocks of a page by their words: a linear model over hashed words, pairs of words, and first and last ones.

What a block says tells furniture that looks like story ("Did you enjoy this article?") from story that looks like
furniture. The score is evidence for the trees beside the numbers of `block_features`; they see it of neighbours, too.
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.extract.block_features import Columns, Floats, shifted, window

BUCKETS = 1 << 16  # 128 kB of weights; half as many or twice as many were not tried
_END = "\x1e"  # between blocks
#: Words, single characters of scripts without spaces, numbers, and signs.
_TOKEN = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f\u1000-\u109f]|[^\\W\\d_]+|\\d+|[^\\w\\s]|" + _END
)
#: Odd numbers by which words are told apart by their place: single, in a pair, first, last, first two, last two.
_ALONE, _PAIR, _FIRST, _LAST, _FIRST_TWO, _LAST_TWO = (2 * n + 0x9E3779B1 for n in (0, 7, 19, 31, 53, 71))
_WORD_BITS = (1 << 32) - 1
LARGEST = 6.0  # log odds that a score may reach: no words alone decide


class WordBuckets(NamedTuple):
    """Hashed words of the blocks of a page: the block and the bucket of each."""

    block: NDArray[np.int64]
    bucket: NDArray[np.int64]
    n_blocks: int


class WordModel(NamedTuple):
    """Weights of the buckets, and of a block without any."""

    weights: Floats
    base: float


@lru_cache(maxsize=65_536)
def _hash(token: str) -> int:
    return zlib.crc32(b"0" if token.isdigit() else token.encode("utf-8", "replace"))


def _bucket(first: NDArray[np.int64], second: NDArray[np.int64] | int, place: int) -> NDArray[np.int64]:
    """Mix one or two hashes of words and a place into the number of a bucket."""
    mixed = (first.astype(np.uint64) * np.uint64(place) + np.asarray(second, np.uint64) * np.uint64(0x85EBCA6B)) & (
        np.uint64(_WORD_BITS)
    )
    found: NDArray[np.int64] = ((mixed ^ (mixed >> np.uint64(15))) % np.uint64(BUCKETS)).astype(np.int64)
    return found


def word_buckets(texts: list[str]) -> WordBuckets:
    """Hash the words of each block.

    >>> found = word_buckets(["Read more", "7 ferries"])
    >>> found.block.tolist() == [0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]  # words, pairs, first, last, two of each
    True
    """
    tokens = _TOKEN.findall("".join(text.replace(_END, " ") + _END for text in texts).casefold())
    is_end = np.fromiter((token == _END for token in tokens), bool, len(tokens))
    block = np.cumsum(is_end) - is_end
    hashes = np.fromiter(map(_hash, tokens), np.int64, len(tokens))
    before = np.concatenate(([True], is_end[:-1]))
    after = np.concatenate((is_end[1:], [True]))
    follows = np.concatenate((hashes[1:], [0]))
    word = ~is_end
    pair = word & ~after
    first_two, last_two = pair & before, pair & np.concatenate((after[1:], [True]))
    ways = (
        (word, 0, _ALONE),
        (pair, follows, _PAIR),
        (word & before, 0, _FIRST),
        (word & after, 0, _LAST),
        (first_two, follows, _FIRST_TWO),
        (last_two, follows, _LAST_TWO),
    )
    buckets = [_bucket(hashes[at], n if isinstance(n, int) else n[at], place) for at, n, place in ways]
    return WordBuckets(np.concatenate([block[at] for at, _, _ in ways]), np.concatenate(buckets), len(texts))


def strengths(found: WordBuckets) -> Floats:
    """Return how much each bucket of a block counts: each block has length one."""
    counts = np.bincount(found.block, minlength=found.n_blocks)
    sizes: Floats = (1 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)[found.block]
    return sizes


def word_scores(model: WordModel, found: WordBuckets) -> Floats:
    """Return the log odds that each block is story, by its words."""
    sums = np.bincount(found.block, model.weights[found.bucket] * strengths(found), minlength=found.n_blocks)
    scores: Floats = np.clip(sums + model.base, -LARGEST, LARGEST).astype(np.float32)
    return scores


def word_columns(scores: Floats) -> tuple[list[str], Floats]:
    """Describe each block by its score and those around it."""
    out = Columns()
    out.add("said", scores)
    for by in (-2, -1, 1, 2):
        out.add(f"said{by:+d}", shifted(scores, by, 0.0))
    for reach in (3, 8):
        out.add(f"said_{reach}", window(scores, reach))
    return out.names, out.matrix()
