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
_AUTHORS = ("byline", "by", "author", "au")
_TEXTS = ("text", "body", "lp", "leadpara", "content")
_PARTS = ("p", "s", "w", "g", "div", "hi", "para", "br")


def read_reuters(article: Element, _around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
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
        "authors": re.sub(r",\s*Reuters?$", "", first_text(article, "author"), flags=re.IGNORECASE),
        "published": first_text(article, "date"),
        "dateline": first_text(article, "dateline").rstrip(" -,"),
        "text": content,
    }


def read_doc(doc: Element, _around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read a `<doc>`: its attributes, its fields, and its text, which may stand in a field or in the element itself."""
    texts = _outermost(doc, ("text",)) or _outermost(doc, _TEXTS)
    if not texts and any(child.get("name") for child in doc):
        yield values_of(doc)
        return
    about = {key: value for key, value in doc.attrib.items() if value.strip()}
    number = _field(doc, _IDS)
    outlet, day = _numbered(number)
    found: dict[str, Any] = {
        **about,
        "id": number,
        "title": _title(doc) or about.get("title", ""),
        "published": _day(_field(doc, _DATES) or day),
        "outlet": _outlet(_field(doc, _OUTLETS)) or outlet,
        "authors": _field(doc, _AUTHORS) or _signed(doc),
        "dateline": first_text(doc, "dateline"),
    }
    known = {key: value for key, value in found.items() if value}
    yield {**_others(doc), **known, "text": _text(doc, texts, found["title"])}


def _others(doc: Element) -> dict[str, str]:
    """Return the fields of names that are not of this format, such as an address."""
    own = (*_IDS, *_TITLES, *_DATES, *_OUTLETS, *_AUTHORS, *_TEXTS, "dateline", *_PARTS)
    return {each.tag: text for each in doc if not len(each) and each.tag not in own and (text := flat(each))}


def _field(doc: Element, names: tuple[str, ...]) -> str:
    """Return the first of the fields of these names, else of the attributes."""
    return first_text(doc, *names) or attribute(doc, *names)


def _outermost(doc: Element, names: tuple[str, ...]) -> list[Element]:
    """Return the elements of these names that stand in no other of them, in order."""
    found, stack = [], list(reversed(doc))
    while stack:
        element = stack.pop()
        if element.tag in names:
            found.append(element)
        else:
            stack += reversed(element)
    return found


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
    day = _day(found[2])
    return found[1].upper(), day if len(day) == 10 else ""


def _day(written: str) -> str:
    """Return a date; one of six or eight digits with its parts apart, if they can be year, month and day.

    >>> _day(" = 870324"), _day("20311201"), _day("010189"), _day("May 5, 2031")
    ('1987-03-24', '2031-12-01', '010189', 'May 5, 2031')
    """
    digits = written.lstrip(" =").strip()
    if not re.fullmatch(r"\d{6}|\d{8}", digits):
        return digits
    year, month, day = digits[:-4], int(digits[-4:-2]), int(digits[-2:])
    if not (1 <= month <= 12 and 1 <= day <= 31) or (len(year) == 2 and int(year) < 60):
        return digits  # American collections also write the month first, and they end before 2000
    return f"{year if len(year) == 4 else f'19{year}'}-{digits[-4:-2]}-{digits[-2:]}"


def _outlet(written: str) -> str:
    """Return a source without its page and code.

    >>> _outlet("ANNING GAZETTE (A), PAGE 2"), _outlet("Holm Post")
    ('ANNING GAZETTE', 'Holm Post')
    """
    return re.split(r"\s*\(|,\s*page\b", written, maxsplit=1, flags=re.IGNORECASE)[0].strip()


def _signed(doc: Element) -> str:
    """Return the line "By …" that stands between the fields."""
    body = first(doc, "body")
    lines = ((child.tail or "").strip() for element in (doc, body) if element is not None for child in element)
    return next((line for line in lines if re.match(r"by\s", line, re.IGNORECASE) and len(line) < 100), "")


def _text(doc: Element, texts: list[Element], title: str) -> str:
    if texts:
        return "\n\n".join(text for each in texts if (text := _plain(each)))
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
