"""Vietnamese as Windows-1258 writes it, for benchmarks and tables of charsets."""

from __future__ import annotations

import unicodedata


def with_tone_marks(word: str) -> str:
    """Write Vietnamese as Windows-1258 does, with tones as combining marks.

    >>> ascii(with_tone_marks("được"))
    "'\\\\u0111\\\\u01b0\\\\u01a1\\\\u0323c'"
    """
    parts = []
    for letter in unicodedata.normalize("NFC", word):
        try:
            letter.encode("cp1258")
            parts.append(letter)
        except UnicodeEncodeError:
            split = unicodedata.normalize("NFD", letter)
            tones = "".join(mark for mark in split if mark in "\u0300\u0301\u0303\u0309\u0323")
            parts.append(unicodedata.normalize("NFC", "".join(m for m in split if m not in tones)) + tones)
    return "".join(parts)
