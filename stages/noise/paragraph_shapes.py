"""Shapes of paragraphs: what is measured of each by itself, a whole batch in one pass over its characters.

`line_of` says what a shape is. A kernel measures the paragraphs of which every character has the same normal form
whatever stands beside it: nearly all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stages.native.kernel import Kernel
from stages.noise.keywords import Keywords, compile_keywords
from stages.shared.characters import UNSPACED
from stages.shared.derived import derived

#: A paragraph that ends in one of these, whatever quotes, brackets or stray marks come after it, ends as prose does.
CLOSED_END = re.compile(
    r"""[.!?…:;,。！？؟۔।]['"`´\u2018-\u201f«»‹›)\]\s·•|*>-]*(?:[(\[][^()\[\]]{1,120}[)\]][\s.]*)?$"""
)
STOPS = frozenset(".!?…:;,。！？؟۔।")  # those of CLOSED_END
COUNTED = re.compile(r"\d{1,3}/\d{1,3} ")  # a caption of a gallery, which no prose is judged by
NORMAL_WORD = re.compile(r"[^\W_]+")
LONG_FOR_A_WORD = 8  # letters a word, on average: with fewer, a text has spaces
#: The commonest marks beyond ASCII: a paragraph that has no others takes the fast way.
COMMON_MARKS = "“”‘’–—…"
#: ASCII in lower case, marks as spaces.
ASCII_FORM = bytes(ord(chr(n).lower()) if chr(n).isalnum() else 32 for n in range(128)) + bytes(128)


class ParagraphShape(NamedTuple):
    """Measures of a paragraph by itself."""

    form: str  # normal form
    n_words: int
    closed: bool  # ends as prose does
    counted: bool  # opens as a caption of a gallery
    speaks: bool  # opens with a speaker of a broadcast and what they are there


#: Shapes by paragraph, kept because a document is judged more than once.
Shapes = dict[str, ParagraphShape]
#: Keywords where no pack is known: counters such as "3/12".
NO_KEYWORDS = compile_keywords()


def line_of(paragraph: str, keywords: Keywords = NO_KEYWORDS) -> ParagraphShape:
    """Measure a paragraph by itself.

    >>> line_of("3/9 The ferry Alba, afloat")
    ParagraphShape(form='3 9 the ferry alba afloat', n_words=5, closed=False, counted=True, speaks=False)
    """
    return ParagraphShape(
        normal_form(paragraph),
        n_words_of(paragraph),
        ends_closed(paragraph),
        paragraph[:1].isdigit() and COUNTED.match(paragraph) is not None,
        keywords.speaker.match(paragraph) is not None,
    )


def n_words_of(paragraph: str) -> int:
    """Count the words between spaces, and letters of a script without spaces as one word each.

    >>> n_words_of("The ferry, Alba, is back"), n_words_of("港は月曜日に再び開いた")
    (5, 11)
    """
    count = len(paragraph.split())
    if paragraph.isascii() or len(paragraph) < LONG_FOR_A_WORD * count:
        return count
    return max(count, len(UNSPACED.findall(paragraph)))


def ends_closed(paragraph: str) -> bool:
    """Return True if a paragraph ends as prose does, quotes and brackets after the stop allowed.

    >>> ends_closed('“We are home.”'), ends_closed("Rescuers in the harbour"), ends_closed("It rained (again.)")
    (True, False, True)
    """
    last = paragraph[-1:]
    if last in STOPS or last.isalnum():  # nearly always
        return last in STOPS
    return CLOSED_END.search(paragraph, max(0, len(paragraph) - 130)) is not None


def normal_form(paragraph: str) -> str:
    """Normalize a paragraph: without case, marks and white space, so that two differing in nothing else are equal.

    >>> normal_form("  The Harbour — “open”! ")
    'the harbour open'
    """
    plain = paragraph
    for mark in () if paragraph.isascii() else COMMON_MARKS:
        plain = plain.replace(mark, " ")
    if plain.isascii():
        return " ".join(plain.encode().translate(ASCII_FORM).decode().split())
    return " ".join(NORMAL_WORD.findall(unicodedata.normalize("NFKC", paragraph).casefold()))


# ---------------------------------------------------------------- many at once

_TABLE_SIZE = 0x10000  # the basic plane
#: What is known of a character, beside its normal form, and of a paragraph: as in kernels/paragraph_shapes.c.
FACT_SPACE, FACT_HARD, FACT_STOP, FACT_ALNUM, FACT_DIGIT = (1 << bit for bit in range(16, 21))
SHAPE_HARD, SHAPE_CLOSED, SHAPE_END_UNSURE, SHAPE_OPENS_WITH_DIGIT = (1 << bit for bit in range(4))
_HANGUL_PARTS = range(0x1100, 0x1200)  # they compose, by rule and not by table
_SHAPES = Kernel(
    "paragraph_shapes",
    *(np.uint32, np.int64, int, np.uint32),  # paragraphs; facts
    *(np.uint32, np.int64, np.uint8),  # results
)


def add_shapes(known: Shapes, paragraphs: Iterable[str], keywords: Keywords = NO_KEYWORDS) -> None:
    """Add to `known` the shapes of those paragraphs that it does not hold yet."""
    new = [paragraph for paragraph in dict.fromkeys(paragraphs) if paragraph not in known]
    if new:
        known.update(zip(new, shapes_of(new, keywords), strict=True))


def shapes_of(paragraphs: Sequence[str], keywords: Keywords = NO_KEYWORDS) -> list[ParagraphShape]:
    """Measure paragraphs, each by itself, as `line_of` does.

    >>> shapes_of(["3/9 The ferry Alba, afloat"]) == [line_of("3/9 The ferry Alba, afloat")]
    True
    """
    codes = np.frombuffer("\n".join([*paragraphs, ""]).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, paragraphs), np.int64, len(paragraphs))
    written, n_words = np.empty_like(codes), np.empty_like(lengths)
    found = np.empty(len(paragraphs), np.uint8)
    used = _SHAPES(codes, lengths, len(paragraphs), facts_of_characters(), written, n_words, found)
    forms = written[:used].tobytes().decode("utf-32-le", "surrogatepass").split("\n")[:-1]
    closed, counted = found & SHAPE_CLOSED != 0, np.zeros(len(found), np.bool_)
    for at in np.flatnonzero(found & SHAPE_END_UNSURE).tolist():
        closed[at] = ends_closed(paragraphs[at])
    for at in np.flatnonzero(found & SHAPE_OPENS_WITH_DIGIT).tolist():
        counted[at] = COUNTED.match(paragraphs[at]) is not None
    speaks = [keywords.speaker.match(paragraph) is not None for paragraph in paragraphs]
    columns = zip(forms, n_words.tolist(), closed.tolist(), counted.tolist(), speaks, strict=True)
    shapes = list(map(ParagraphShape._make, columns))
    for at in np.flatnonzero(found & SHAPE_HARD).tolist():
        shapes[at] = line_of(paragraphs[at], keywords)
    return shapes


@lru_cache(maxsize=1)
def facts_of_characters() -> npt.NDArray[np.uint32]:
    """Return what is known of each character of the basic plane, from disk: finding it out takes 0.1 s."""
    facts: npt.NDArray[np.uint32] = derived("paragraph_shapes", b"", _made_facts)
    return facts


def _made_facts() -> npt.NDArray[np.uint32]:
    seconds = frozenset(filter(None, map(_second_of, range(_TABLE_SIZE))))
    return np.array([_facts_of(chr(code), seconds) for code in range(_TABLE_SIZE)], np.uint32)


def _second_of(code: int) -> str:
    """Return the character that another one, before it, composes with to this one; nothing where there is none."""
    parts = unicodedata.decomposition(chr(code)).split()
    return chr(int(parts[1], 16)) if len(parts) == 2 and not parts[0].startswith("<") else ""


def _facts_of(character: str, seconds: frozenset[str]) -> int:
    """Return the normal form of a character and what else is known of it, as bits."""
    form, folded = normal_form(character), unicodedata.normalize("NFKC", character).casefold()
    first = unicodedata.normalize("NFKD", character)[0]
    joins = unicodedata.combining(first) != 0 or first in seconds or ord(first) in _HANGUL_PARTS
    if joins or form not in ("", folded) or len(form) > 1 or UNSPACED.match(character):
        return FACT_HARD
    facts = {
        FACT_SPACE: character.isspace(), FACT_STOP: character in STOPS, FACT_ALNUM: character.isalnum(),
        FACT_DIGIT: character.isdigit(),
    }  # fmt: skip
    return sum((bit for bit, holds in facts.items() if holds), start=ord(form or "\0"))
