"""Collections of texts in SGML and in what looks like it: Reuters-21578, TREC, Gigaword, corpora of linguists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from pipeline.sources.markup.elements import values_of
from pipeline.sources.markup.shapes import NoArticle, Values
from pipeline.sources.markup.text import attribute, first, first_text, flat, paragraphs
from pipeline.sources.markup.vertical import is_vertical, joined_lines

#: Numbers of documents in which agencies write their name and the day, as in "AFP_ENG_20311201.0001".
_NUMBERED = re.compile(r"\s*([A-Za-z]{2,6})(?:_[A-Za-z]{3})?[-_]?((?:19|20)\d{6}|\d{6})[.\-_]\d+")
_IDS = ("docno", "docid", "doc_id", "id", "docnum", "num")
_TITLES = ("headline", "hl", "head", "ht", "ti", "title", "h3", "slug")
_DATES = ("date_time", "datetime", "date1", "dd", "date", "pubdate", "pub_date")
_OUTLETS = ("so", "source", "outlet", "publisher", "newspaper")
_TEXTS = ("text", "body", "lp", "leadpara", "content")


def read_reuters(article: Element, around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read an article of the Reuters collections of 1987; those of a headline alone have no text."""
    text = first(article, "text")
    body = first(article, "body")
    content = paragraphs(body) if body is not None else ""
    if body is None and text is not None and text.get("type") == "UNPROC":
        content = paragraphs(text)
    yield {
        "id": attribute(article, "newid", "oldid"),
        "outlet": "Reuters",
        "title": first_text(article, "title"),
        "authors": first_text(article, "author"),
        "published": first_text(article, "date"),
        "dateline": first_text(article, "dateline").rstrip(" -,"),
        "text": content,
    }


def read_doc(doc: Element, around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read a `<doc>`: its attributes, its fields, and its text, which may stand in a field or in the element itself."""
    texts = [each for each in doc.iter() if each.tag in _TEXTS and each is not doc]
    if not texts and any(child.get("name") for child in doc):
        yield values_of(doc)
        return
    about = {key: value for key, value in doc.attrib.items() if value.strip()}
    number = first_text(doc, *_IDS) or next((about[key] for key in _IDS if key in about), "")
    outlet, day = _numbered(number)
    found: dict[str, Any] = {
        **about,
        "id": number,
        "title": _title(doc) or about.get("title", ""),
        "published": first_text(doc, *_DATES) or next((about[key] for key in _DATES if key in about), "") or day,
        "outlet": first_text(doc, *_OUTLETS) or next((about[key] for key in _OUTLETS if key in about), "") or outlet,
        "authors": first_text(doc, "byline", "by", "author", "au") or about.get("author", ""),
        "dateline": first_text(doc, "dateline"),
    }
    yield {**{key: value for key, value in found.items() if value}, "text": _text(doc, texts, found["title"])}


def _title(doc: Element) -> str:
    return next((text for name in _TITLES for each in doc.iter(name) if each.tag != "doc" and (text := flat(each))), "")


def _numbered(number: str) -> tuple[str, str]:
    """Return the agency and the day that the number of a document says.

    >>> _numbered("AFP_ENG_20311201.0001"), _numbered("AP310212-0001"), _numbered("LA010189-0001"), _numbered("17")
    (('AFP', '2031-12-01'), ('AP', ''), ('LA', ''), ('', ''))
    """
    found = _NUMBERED.match(number)
    if found is None:
        return "", ""
    outlet, day = found[1].upper(), found[2]
    if len(day) == 8:
        return outlet, f"{day[:4]}-{day[4:6]}-{day[6:]}"
    year, month, last = int(day[:2]), int(day[2:4]), int(day[4:])
    known = 60 < year and 1 <= month <= 12 and 1 <= last <= 31
    return outlet, f"19{day[:2]}-{day[2:4]}-{day[4:]}" if known else ""


def _text(doc: Element, texts: list[Element], title: str) -> str:
    if texts:
        outer = [each for each in texts if not any(each is not other and each in list(other.iter()) for other in texts)]
        inner = [each for each in texts if each.tag == "text"] or outer
        return "\n\n".join(text for each in inner if (text := _plain(each)))
    text = _plain(doc, without=(*_IDS, *_TITLES, *_DATES, *_OUTLETS, "byline", "dateline"))
    first_line, _, rest = text.partition("\n")
    return rest.strip() if title and rest.strip() and first_line.split() == title.split() else text


def _plain(element: Element, without: tuple[str, ...] = ()) -> str:
    """Return the text by paragraphs; of one that has a word on each line, the words joined."""
    inside = [each for each in element.iter() if each is not element and each.tag not in without]
    structure = {each.tag for each in inside} <= {"s", "p", "g", "head", "text", "w", "div", "hi"}
    lines = [line for line in "".join(element.itertext()).split("\n") if line.strip()]
    if not structure or not is_vertical(lines):
        return paragraphs(element, without)
    blocks = [each for each in inside if each.tag in ("p", "head")]
    return "\n\n".join(filter(None, (_joined(each) for each in blocks or [element])))


def _joined(block: Element) -> str:
    """Join the words of a block; `<g/>` says that there is no space."""
    for glue in block.iter("g"):
        glue.text = "\n\x02\n"
    return joined_lines("\n".join(line for line in "".join(block.itertext()).split("\n") if line.strip()))
