"""Metadata of an article: address, title, authors, agencies, times, language.

Where a page says a thing in several places, the order is: what the source knew, then what `titles`, `authors` and
`dates` find in JSON-LD, meta tags (OpenGraph among them), the lines around the heading, and the markup of the page.
Searches of the whole page run only where all others are silent.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from stages.extract.authors import find_credits
from stages.extract.dates import find_times
from stages.extract.header import Header, header_of
from stages.extract.structured_metadata import StructuredMetadata, Tree, read_structured_metadata, strings
from stages.extract.titles import find_headline, read_texts


class Metadata(NamedTuple):
    """The columns of a document that its page can fill."""

    url: str | None = None
    title: str | None = None
    deck: str | None = None
    authors: list[str] | None = None
    published: datetime | None = None
    updated: datetime | None = None
    wire: list[str] | None = None
    language: str | None = None

    @classmethod
    def known(cls, document: dict[str, Any]) -> Metadata:
        """Return the metadata that the source knew of a document; an empty value is no knowledge."""
        return cls(**{name: document[name] or None for name in cls._fields})


class PageMetadata(NamedTuple):
    """The metadata of a page, and what they were read from: structured metadata, and the lines around the heading."""

    metadata: Metadata
    structured: StructuredMetadata
    header: Header
    heading: Any = None  # the element that shows the title
    heading_text: str = ""  # all that it says, a kicker as well


def read_metadata(tree: Tree, known: Metadata, ceiling: datetime) -> PageMetadata:
    """Complete `known` by what the page says. No date after `ceiling` (and a day, for time zones) is believed."""
    structured = read_structured_metadata(tree, known.url)
    headline = find_headline(tree, structured, known.url)
    header = header_of(headline.element)
    times = find_times(tree, structured, headline.element, header, known.url, ceiling + timedelta(days=1))
    credited = find_credits(tree, structured, header)
    metadata = Metadata(
        url=known.url or find_url(tree, structured),
        title=known.title or headline.text,
        deck=known.deck,
        authors=known.authors or credited.authors or None,
        published=known.published or times.published,
        updated=known.updated or times.updated,
        wire=known.wire or credited.wire or None,
        language=known.language or find_language(tree, structured),
    )
    said = "" if headline.element is None else "".join(read_texts(headline.element))
    return PageMetadata(metadata, structured, header, headline.element, said)


def find_url(tree: Tree, structured: StructuredMetadata) -> str | None:
    """Return the address that the page calls its own."""
    links = [link.get("href") for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    for url in [*links, *structured.tags.get("og:url", ())]:
        if url and re.match(r"https?://[^/\s]+\.[^\s]+$", url.strip()):
            return str(url.strip())
    return None


def find_language(tree: Tree, structured: StructuredMetadata) -> str | None:
    """Return the language that the page says it is in, as a code of two or three letters."""
    stated = [tree.get("lang"), *strings(structured.article.get("inLanguage")), *structured.tags.get("og:locale", ())]
    for text in stated:
        if text and (code := re.match(r"([a-z]{2,3})(?![a-z])", text.strip().lower())):
            return code[1]
    return None
