"""Tokenizer: UTF-8 texts into hashed words with spans, and words into sentences and quotations; see tokenizer.c."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.native.kernel import Kernel
from stages.near_duplicates.alphabet import TokenizerTables

# Bits of a gap, all that stands between a word and the one before it.
ENDS, OPENS, CLOSES, PAUSES = 1, 2, 4, 8

_tokenize = Kernel(
    "tokenizer_tokenize", np.uint8, np.int64, int,
    np.uint32, np.uint8, np.uint64, np.uint16, np.uint64,
    np.int64, np.int32, np.int32, np.uint8, np.int32, np.int64, np.int64,
)  # fmt: skip
_cut = Kernel(
    "tokenizer_cut", np.uint8, np.int64, int, int, int, int, int,
    np.int64, np.int64, np.int64, np.int64, np.int32, np.int64,
)  # fmt: skip

Arrays = tuple[NDArray[Any], ...]

#: Bytes of texts whose room for words a thread keeps, 17 times as large: a batch of a run has a third of them. Memory
#: that is new to a process takes a microsecond or two a page, a sixth of the time that tokens take.
MOST_KEPT = 1 << 20
_kept = threading.local()


def _room_for(size: int) -> Arrays:
    """Make room for the words of so many bytes of text, or take what this thread had room for before."""
    room: Arrays = getattr(_kept, "room", ())
    if not room or len(room[0]) < size:
        room = tuple(np.empty(size, dtype) for dtype in (np.int64, np.int32, np.int32, np.uint8))
        if size <= MOST_KEPT:
            _kept.room = room
    return room


def tokenize(data: NDArray[np.uint8], offsets: NDArray[np.int64], tables: TokenizerTables) -> Arrays:
    """Split every text (UTF-8, between `offsets`) into words: hashes with flags, spans in the paragraph, gaps.

    Returns words, starts, ends (in code points), gaps, and for each
    paragraph its document and its first word.
    """
    size, texts, count = int(offsets[-1] - offsets[0]), len(offsets) - 1, np.empty(1, np.int64)
    words = _room_for(size)
    paragraphs = np.empty(size // 2 + texts, np.int32), np.empty(size // 2 + texts, np.int64)
    n = _tokenize(data, offsets, texts, *tables, *words, *paragraphs, count)
    return *(column[:n].copy() for column in words), *(column[: count[0]].copy() for column in paragraphs)


def cut(
    words: NDArray[np.int64], gaps: NDArray[np.uint8], first: NDArray[np.int64], smallest: int, longest: int,
    quoted: int, shortest_quote: int,
) -> Arrays:  # fmt: skip
    """Split every paragraph (words `first[p]` to `first[p + 1]`) into sentences, and find the quotations in it.

    A sentence of fewer than `smallest` words is joined with the one after it (the last with the one before); one of
    more than `longest` is cut at the pause nearest its middle. Quotations of at least `quoted` words, and what stands
    beside them if it is as long, are sentences of their own. Returns sentence starts and for each paragraph the
    first of them, and quotations as start, end, paragraph.
    """
    size, quotes = len(words), np.empty(1, np.int64)
    starts, of_paragraph = np.empty(size, np.int64), np.empty(len(first), np.int64)
    quotations = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int32)
    n = _cut(
        gaps,
        first,
        len(first) - 1,
        smallest,
        longest,
        quoted,
        shortest_quote,
        starts,
        of_paragraph,
        *quotations,
        quotes,
    )
    return starts[:n].copy(), of_paragraph, *(column[: quotes[0]].copy() for column in quotations)
