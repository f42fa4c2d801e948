"""Tokens and sentences of a paragraph, for formats with a token a line."""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from stages.near_duplicates.kernels.tokenizer import ENDS
from stages.near_duplicates.tokenization import tokenize
from stages.shared.words import WORD

#: A word as the tables count words, else a mark, or the same mark in a row.
_TOKEN = re.compile(rf"{WORD}|(?P<mark>\S)(?P=mark)*")
#: The end of a sentence, with the quotation marks and brackets that close behind it.
_END = re.compile(r"[.!?…。！？؟।]+[\"'”’»›)\]」』]*\s*")


class Token(NamedTuple):
    """A token, and if white space stands between it and the one before."""

    text: str
    apart: bool


def sentences(paragraph: str) -> list[list[Token]]:
    """Split a paragraph into sentences, as the stage for copied passages finds them, and these into tokens.

    Tokens joined by their white space give the paragraph again, with one space for each run of white space.

    >>> [[token.text for token in sentence] for sentence in sentences("Mr. Ode left at 3.5 knots. “Why?” Nobody knew!")]
    [['Mr', '.', 'Ode', 'left', 'at', '3.5', 'knots', '.'], ['“', 'Why', '?', '”'], ['Nobody', 'knew', '!']]
    """
    begins = [0, *_begins(paragraph), len(paragraph)]
    found = [_tokens(paragraph, begin, end) for begin, end in itertools.pairwise(begins)]
    return [tokens for tokens in found if tokens]


def _tokens(paragraph: str, begin: int, end: int) -> list[Token]:
    return [
        Token(match[0], at == 0 or paragraph[at - 1].isspace())
        for match in _TOKEN.finditer(paragraph, begin, end)
        for at in [match.start()]
    ]


def _begins(paragraph: str) -> list[int]:
    """Return the code points at which sentences begin, but the first: behind the mark that ends the one before."""
    words = tokenize(pa.chunked_array([[paragraph]]))
    found = []
    for at in np.flatnonzero(words.gaps[1:] & ENDS) + 1:
        before, after = int(words.ends[at - 1]), int(words.starts[at])
        mark = _END.search(paragraph, before, after)
        if mark:
            found.append(mark.end())
    return found
