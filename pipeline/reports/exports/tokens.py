"""Tokens and sentences of a text, for formats with a token a line."""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stages.contract import PARAGRAPH_BREAK
from stages.near_duplicates.kernels.tokenizer import ENDS
from stages.near_duplicates.tokenization import tokenize
from stages.shared.words import WORD

Places = NDArray[np.int32]

#: A word as the tables count words, else a mark, or the same mark in a row.
_TOKEN = re.compile(rf"{WORD}|(?P<mark>\S)(?P=mark)*")
#: The end of a sentence, with the quotation marks and brackets that close behind it.
_END = re.compile(r"[.!?…。！？؟।]+[\"'”’»›)\]」』]*\s*")


class Token(NamedTuple):
    """A token, and if white space stands between it and the one before."""

    text: str
    apart: bool


def sentences(text: str) -> list[list[list[Token]]]:
    r"""Split a text into paragraphs, these into sentences as the search for copies finds them, these into tokens.

    Tokens joined by their white space give a paragraph again, with one space for each run of white space.

    >>> found = sentences("Mr. Ode left at 3.5 knots. “Why?” Nobody knew!\n\nThe end.")
    >>> [[" ".join(token.text for token in sentence) for sentence in paragraph] for paragraph in found]
    [['Mr . Ode left at 3.5 knots .', '“ Why ? ”', 'Nobody knew !'], ['The end .']]
    """
    words = tokenize(pa.chunked_array([[text]]))
    ends_before = (words.gaps & ENDS) > 0
    found = []
    for number, paragraph in enumerate(text.split(PARAGRAPH_BREAK)):
        own = slice(int(words.first[number]), int(words.first[number + 1]))
        begins = [0, *_begins(paragraph, words.starts[own], words.ends[own], ends_before[own]), len(paragraph)]
        parts = [_tokens(paragraph, begin, end) for begin, end in itertools.pairwise(begins)]
        found.append([tokens for tokens in parts if tokens])
    return found


def _tokens(paragraph: str, begin: int, end: int) -> list[Token]:
    return [
        Token(match[0], at == 0 or paragraph[at - 1].isspace())
        for match in _TOKEN.finditer(paragraph, begin, end)
        for at in [match.start()]
    ]


def _begins(paragraph: str, starts: Places, ends: Places, ends_before: NDArray[np.bool_]) -> list[int]:
    """Return the code points at which sentences begin, but the first: behind the mark that ends the one before."""
    found = []
    for at in np.flatnonzero(ends_before[1:]) + 1:
        mark = _END.search(paragraph, int(ends[at - 1]), int(starts[at]))
        if mark:
            found.append(mark.end())
    return found
