"""Standfirsts: lines between headline and story that a page marks so, or gives as its description.

The extractor leaves many of them out, as part of the header. They are the article's own words: they go back to the top
of its text, and the first is the `deck`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from stages.extract.header import Header
from stages.extract.structured_metadata import StructuredMetadata, strings
from stages.shared.characters import letters

_STANDFIRST = re.compile(
    r"\blead\b|[_-]lead\b|\blead[_-]|\blede\b|intro(?:text|duction|_text|-text)?\b|standfirst|\bdek\b|\bdeck\b|vorspann"
    r"|sub-?(?:title|head(?:line)?)\b|untertitel|\babstract\b|summary\b|chapo|sottotitolo|sommario|entradilla|bajada"
    r"|excerpt|einleitung|anrei(?:ss|ß)er|article-?_{0,2}description|ingress\b|manchet|subtitulo|epigraph|teaser-?text"
    r"|itemprop description|\bdescription\b|\bhgroup\b|\bheader\b.*\bh[23]\b",
)
_NOT_STANDFIRST = re.compile(
    r"related|author|byline|autor|caption|share|social|comment|newsletter|promo|breadcrumb|\bdate\b|\btime\b|credit"
)
_DESCRIPTION_TAGS = ("description", "og:description", "twitter:description", "dc.description", "dcterms.description")
_MIN_CHARS, _MIN_WORDS, _MAX_DECK_WORDS = 40, 6, 60
_SAME_START = 50  # letters that a line and a description have to share from their beginning
_MAX_LINES = 12  # below the headline


class Standfirst(NamedTuple):
    """A line above the story; a deck if the page marks it as standfirst and does not only describe itself with it."""

    text: str
    is_deck: bool


class Introduced(NamedTuple):
    """A text with its standfirsts, the one of them that is the deck, and all of them as lines of the text."""

    text: str
    deck: str | None
    standfirsts: frozenset[str] = frozenset()


def with_standfirsts(text: str, title: str | None, header: Header, structured: StructuredMetadata) -> Introduced:
    """Add to the text of an article the standfirsts that its page shows above the story and the text does not hold."""
    standfirsts = standfirsts_in(header, structured, title)
    if not standfirsts or not text:
        return Introduced(text, None)
    lines = text.split("\n")
    whole = letters(text)
    missing = [each.text for each in standfirsts if letters(each.text)[:_SAME_START] not in whole]
    if missing:
        head = letters(title or "")
        at = next((number + 1 for number, line in enumerate(lines[:6]) if head and letters(line) == head), 0)
        lines[at:at] = missing
    deck = next((each.text for each in standfirsts if each.is_deck), None)
    return Introduced("\n".join(lines), deck, frozenset(each.text for each in standfirsts))


def standfirsts_in(header: Header, structured: StructuredMetadata, title: str | None) -> list[Standfirst]:
    """Find the lines below a headline that are marked as standfirst, or that the page's description begins with."""
    descriptions = strings(structured.article.get("description")) + structured.tagged(*_DESCRIPTION_TAGS)
    starts, heading = {start_of(text) for text in descriptions}, letters(title or "")
    found = []
    for line in header.after[:_MAX_LINES]:
        if not is_sentence(line.text) or letters(line.text) == heading:
            continue
        if not _is_of_another(line.marks):
            is_marked = _is_marked(line.marks)
            start = start_of(line.text)
            if is_marked or (len(start) == _SAME_START and start in starts):
                found.append(Standfirst(line.text, is_marked and len(line.text.split()) <= _MAX_DECK_WORDS))
    return found


@lru_cache(maxsize=20_000)  # pages of one outlet have the same marks
def _is_of_another(marks: str) -> bool:
    return _NOT_STANDFIRST.search(marks) is not None


@lru_cache(maxsize=20_000)
def _is_marked(marks: str) -> bool:
    return _STANDFIRST.search(marks) is not None


def start_of(text: str) -> str:
    """Return the first letters of a text, by which a line and a description are compared.

    >>> start_of("The harbour is closed.")
    'theharbourisclosed'
    """
    return letters(text[: 2 * _SAME_START])[:_SAME_START]


def is_sentence(text: str) -> bool:
    """Tell if a line is long enough to say something, and not cut off.

    >>> is_sentence("By Ana Lindqvist"), is_sentence("Two cranes fell, and the ships have to wait until Friday")
    (False, True)
    """
    return len(text) >= _MIN_CHARS and len(text.split()) >= _MIN_WORDS and not text.endswith(("...", "…"))
