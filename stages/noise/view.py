"""View of a document for rules: its paragraphs, each with the few measures that rules read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from stages.noise.keywords import Keywords, compile_keywords
from stages.shared.characters import UNSPACED

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


@dataclass(frozen=True, slots=True)
class View:
    """The paragraphs of a document and, in step with them, what rules read of each."""

    paragraphs: tuple[str, ...]
    forms: tuple[str, ...]  # the normal form of each
    n_words: tuple[int, ...]
    closed: tuple[bool, ...]  # ends as prose does
    title: str | None
    outlet: str
    is_transcript: bool  # of a broadcast, some speakers named with what they are there
    is_prose: bool  # nearly all its long paragraphs end as prose does, so one that does not stands out
    keywords: Keywords

    def of(self, chosen: Sequence[int]) -> View:
        """Return the view of some of its paragraphs, which are a transcript or prose where all are."""
        return replace(
            self,
            paragraphs=tuple(self.paragraphs[at] for at in chosen),
            forms=tuple(self.forms[at] for at in chosen),
            n_words=tuple(self.n_words[at] for at in chosen),
            closed=tuple(self.closed[at] for at in chosen),
        )


def look(
    paragraphs: list[str],
    title: str | None = None,
    outlet: str = "",
    known: Shapes | None = None,
    keywords: Keywords = NO_KEYWORDS,
) -> View:
    """Make the view of a document. Shapes that `known` does not hold yet are added to it.

    >>> look(["Harbour reopens", "The harbour opened again on Monday after the storm."]).closed
    (False, True)
    """
    known = {} if known is None else known
    for paragraph in paragraphs:
        if paragraph not in known:
            known[paragraph] = line_of(paragraph, keywords)
    shapes = [known[paragraph] for paragraph in paragraphs]
    forms, n_words, closed, _, speaks = zip(*shapes, strict=True)
    return View(tuple(paragraphs), forms, n_words, closed, title, outlet, any(speaks), is_prose(shapes), keywords)


def is_prose(shapes: Sequence[ParagraphShape]) -> bool:
    """Return True if at least two thirds of the paragraphs of 25 words and more end as prose does.

    Of 12 words and more, where there are fewer than three; captions of a gallery do not count.

    >>> is_prose([line_of("It rained. " * 15), line_of("Ferry"), line_of("1/2 A boat and " + "a gull and " * 9)])
    True
    """
    ends = [shape.closed for shape in shapes if shape.n_words >= 25 and not shape.counted]
    if len(ends) < 3:
        ends = [shape.closed for shape in shapes if shape.n_words >= 12 and not shape.counted]
    return len(ends) > 0 and sum(ends) >= 2 / 3 * len(ends)


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
