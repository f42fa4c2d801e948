"""The sentence that is looked for: found whatever its white space, quotation marks, dashes and case."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import UserError
from stages.shared.words import count_words

#: Fewer words stand anywhere.
MIN_WORDS = 3
#: Of a sentence, so many of its longest words choose the texts that are read closely.
LOOKED_UP = 3
#: Signs that people and programs put in each other's place.
SINGLE, DOUBLE, DASHES = "'’‘‚‛´`′", '"“”„‟«»″', "-‐‑‒–—―−"
_SIGNS = {sign: f"[{re.escape(signs)}]" for signs in (SINGLE, DOUBLE, DASHES) for sign in signs}
_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Sought:
    """A sentence or a part of one. Raises UserError if it has fewer than three words."""

    text: str

    def __post_init__(self) -> None:
        if count_words(self.text) < MIN_WORDS:
            raise UserError(
                f"{self.text!r}: give at least {MIN_WORDS} words of a sentence, between quotation marks. "
                "`clean find` looks for single words."
            )

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern that finds it.

        >>> found = Sought('she said "so be it"').pattern.search("And she  said “So be it” again")
        >>> found.span()
        (4, 24)
        """
        words = self.text.split()
        return re.compile(r"\s+".join("".join(map(_any_form, word)) for word in words), re.IGNORECASE)

    def candidates(self, texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
        """Tell for each text of a column if it has the longest words: few have, and the pattern reads only those."""
        words = sorted(set(_LETTERS.findall(self.text)), key=lambda word: (-len(word), word))[:LOOKED_UP]
        have = None
        for word in words:
            has = pc.fill_null(pc.match_substring(texts, word, ignore_case=True), False)
            have = has if have is None else pc.and_(have, has)
        return have

    @cached_property
    def words(self) -> frozenset[str]:
        """The distinct words of the text, in lower case."""
        return words_of(self.text)


def words_of(text: str) -> frozenset[str]:
    """Return the different words of a text.

    >>> sorted(words_of("The quay, the ferry."))
    ['ferry', 'quay', 'the']
    """
    return frozenset(word.casefold() for word in _LETTERS.findall(text))


def _any_form(sign: str) -> str:
    return _SIGNS.get(sign) or re.escape(sign)
