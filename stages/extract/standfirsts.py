"""Standfirsts: lines between headline and story that a page marks as such, or gives as its description.

The extractor leaves many of them out, as part of the header. They are the article's own words: they go back to the top
of its text, and the first is the `deck`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from stages.extract.structured_metadata import StructuredMetadata, strings
from stages.shared.characters import letters
from stages.extract.header import Header

_LEAD = re.compile(
    r"\blead\b|[_-]lead\b|\blead[_-]|\blede\b|intro(?:text|duction|_text|-text)?\b|standfirst|\bdek\b|\bdeck\b|vorspann"
    r"|sub-?(?:title|head(?:line)?)\b|untertitel|\babstract\b|summary\b|chapo|sottotitolo|sommario|entradilla|bajada"
    r"|excerpt|einleitung|anrei(?:ss|ß)er|article-?_{0,2}description|ingress\b|manchet|subtitulo|epigraph|teaser-?text"
    r"|itemprop description|\bdescription\b|\bhgroup\b|\bheader\b.*\bh[23]\b",
)
_NOT_LEAD = re.compile(
    r"related|author|byline|autor|caption|share|social|comment|newsletter|promo|breadcrumb|\bdate\b|\btime\b|credit"
)
_DESCRIPTION_TAGS = ("description", "og:description", "twitter:description", "dc.description", "dcterms.description")
_MIN_CHARS, _MIN_WORDS, _MAX_DECK_WORDS = 40, 6, 60
_SAME_START = 50  # letters that a line and a description have to share from their beginning
_MAX_LINES = 12  # below the headline


class Lead(NamedTuple):
    """A line above the story, and whether the page marks it as its standfirst or only describes itself with it."""

    text: str
    is_deck: bool


class Led(NamedTuple):
    """A text with its standfirst, and what of it is the deck."""

    text: str
    deck: str | None
    leads: frozenset[str] = frozenset()  # the lines of the text that are standfirsts


def with_lead(text: str, title: str | None, header: Header, structured: StructuredMetadata) -> Led:
    """The text of an article with the standfirsts that its page shows above the story and the text does not hold."""
    leads = leads_in(header, structured, title)
    if not leads or not text:
        return Led(text, None)
    lines = text.split("\n")
    whole = letters(text)
    missing = [lead.text for lead in leads if letters(lead.text)[:_SAME_START] not in whole]
    if missing:
        head = letters(title or "")
        at = next((number + 1 for number, line in enumerate(lines[:6]) if head and letters(line) == head), 0)
        lines[at:at] = missing
    deck = next((lead.text for lead in leads if lead.is_deck), None)
    return Led("\n".join(lines), deck, frozenset(lead.text for lead in leads))


def leads_in(header: Header, structured: StructuredMetadata, title: str | None) -> list[Lead]:
    """The lines below a headline that are its standfirst, or that the description of the page begins with."""
    said = strings(structured.article.get("description")) + structured.tagged(*_DESCRIPTION_TAGS)
    starts = {letters(text[: 2 * _SAME_START])[:_SAME_START] for text in said}
    leads = []
    for line in header.after[:_MAX_LINES]:
        if is_sentence(line.text) and letters(line.text) != letters(title or "") and not _NOT_LEAD.search(line.marks):
            is_marked = _LEAD.search(line.marks) is not None
            start = letters(line.text[: 2 * _SAME_START])[:_SAME_START]
            if is_marked or (len(start) == _SAME_START and start in starts):
                leads.append(Lead(line.text, is_marked and len(line.text.split()) <= _MAX_DECK_WORDS))
    return leads


def is_sentence(text: str) -> bool:
    """Is a line long enough to say something, and not cut off?

    >>> is_sentence("By Ana Lindqvist"), is_sentence("Two cranes fell, and the ships have to wait until Friday")
    (False, True)
    """
    return len(text) >= _MIN_CHARS and len(text.split()) >= _MIN_WORDS and not text.endswith(("...", "…"))
