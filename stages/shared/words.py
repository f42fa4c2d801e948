"""The one count of words: tables, manifest and summary go by it.

A word is a maximal run of letters, combining marks and digits; a single apostrophe, hyphen, dot or comma between two of
them joins ("cease-fire", "don't", "3.5", "U.S"). In scripts that are written without spaces (Han, Hiragana, Katakana,
Thai, Lao, Khmer, Myanmar) every letter counts as one word; Hangul is counted by its spaces. The near-duplicate stage
compares words of its own (stages/near_duplicates/tokenization.py) and reports this count in its tables.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from stages.shared.characters import LETTERS, MARKS, SYLLABLES

#: Apostrophes, hyphens (the ASCII one, the hyphen proper and the non-breaking one), dot and comma.
JOINERS = "'’\\-‐‑.,"
#: Both `re` and RE2 read this pattern, with equal results: no `\w` or `\pL`, whose members differ between them and from
#: version to version.
WORD = f"[{SYLLABLES}]|[{LETTERS}][{LETTERS}{MARKS}]*(?:[{JOINERS}][{LETTERS}][{LETTERS}{MARKS}]*)*"
_WORD = re.compile(WORD)


def count_words(text: str) -> int:
    """Count the words of a text.

    >>> [count_words(text) for text in ("Cease-fire holds, 3rd day: U.S. agrees.", "港は月曜日に再び開いた")]
    [6, 11]
    """
    return len(_WORD.findall(text))


def count_words_of(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Count the words of each text of an Arrow column, without making Python strings of them.

    >>> count_words_of(pa.array(["The ferry is back.", ""])).to_pylist()
    [4, 0]
    """
    return pc.count_substring_regex(texts, WORD)
