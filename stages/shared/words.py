"""The one count of words: tables, manifest and summary go by it.

A word is a maximal run of letters, combining marks and digits; a single apostrophe, hyphen, dot or comma between two of
them joins ("cease-fire", "don't", "3.5", "U.S"). In scripts that are written without spaces (Han, Hiragana, Katakana,
Thai, Lao, Khmer, Myanmar) every letter counts as one word; Hangul is counted by its spaces. The near-duplicate stage
compares words of its own (stages/near_duplicates/tokenization.py) and reports this count in its tables.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stages.native.kernel import Kernel
from stages.shared.characters import LETTERS, MARKS, SYLLABLES, UNSPACED, ranges_of

#: Apostrophes, hyphens (the ASCII one, the hyphen proper and the non-breaking one), dot and comma.
JOINERS = "'’-‐‑.,"
#: Both `re` and RE2 read this pattern, with equal results: no `\w` or `\pL`, whose members differ between them and from
#: version to version. The kernel counts the same.
WORD = f"[{SYLLABLES}]|[{LETTERS}][{LETTERS}{MARKS}]*(?:[{re.escape(JOINERS)}][{LETTERS}][{LETTERS}{MARKS}]*)*"
_WORD = re.compile(WORD)


def count_words(text: str) -> int:
    """Count the words of a text.

    >>> [count_words(text) for text in ("Cease-fire holds, 3rd day: U.S. agrees.", "港は月曜日に再び開いた")]
    [6, 11]
    """
    return len(_WORD.findall(text))


def count_as_spaced(text: str) -> int:
    """Count words; of scripts without spaces, two letters as one, as limits that were found on spaced scripts need it.

    >>> count_as_spaced("The ferry is late."), count_as_spaced("渡轮晚点了。")
    (4, 3)
    """
    return count_words(text) - len(UNSPACED.findall(text)) // 2


def count_words_of(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Count the words of each text of an Arrow column, without making Python strings of them.

    >>> count_words_of(pa.array(["The ferry is back.", ""])).to_pylist()
    [4, 0]
    """
    if isinstance(texts, pa.ChunkedArray):
        return pa.chunked_array([count_words_of(chunk) for chunk in texts.chunks], _type_of_counts(texts.type))
    counts = np.empty(len(texts), dtype=np.int64)
    _, offsets, content = texts.buffers()
    if len(texts):
        width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
        starts = np.frombuffer(offsets, width)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
        _COUNT(np.frombuffer(content or b"\0", np.uint8), starts, len(texts), _classes(), counts)
    mask = texts.is_null().to_numpy(zero_copy_only=False) if texts.null_count else None
    return pa.array(counts, mask=mask).cast(_type_of_counts(texts.type))


def _type_of_counts(kind: pa.DataType) -> pa.DataType:
    return pa.int64() if pa.types.is_large_string(kind) else pa.int32()


_COUNT = Kernel("words_count", np.uint8, np.int64, int, np.uint8, np.int64)


@cache
def _classes() -> npt.NDArray[np.uint8]:
    """Return for each code point what it is to the kernel: letter, mark, syllable, joiner, as bits in this order."""
    classes = np.zeros(0x110000, dtype=np.uint8)
    for bit, name in enumerate(("letters", "marks", "syllables")):
        for first, last in ranges_of(name):
            classes[first : last + 1] |= 1 << bit
    classes[[ord(joiner) for joiner in JOINERS]] |= 1 << 3
    return classes
