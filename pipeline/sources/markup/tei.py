"""TEI, JATS and ALTO: texts of libraries, archives and publishers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from pipeline.sources.markup.shapes import NoArticle, Values
from pipeline.sources.markup.text import all_texts, attribute, first, first_text, flat, paragraphs
from pipeline.sources.markup.vertical import joined_tokens

#: What an editor adds to a text, or corrected in it, and what a page has around it.
_BESIDE = ("note", "fw", "figdesc", "pb", "sic", "orig", "abbr", "del", "teiheader", "back")
_ARTICLE = re.compile(r"(?:news[-_ ]?)?(?:article|story|item|report|artikel|articulo|notice)s?", re.IGNORECASE)


def read_tei(tei: Element, around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read a text of TEI: one article, or one for each division that says that it is one."""
    known = _header(tei, around)
    body = first(tei, "body", "text")
    if body is None:
        yield {**known, "text": ""}
        return
    articles = [each for each in body.iter() if is_article(each)]
    if len(articles) < 2:
        yield {**known, **_found_in(body, known), "text": _text(body, known["title"])}
        return
    for article in articles:
        own = _found_in(article, {})
        text = _text(article, own.get("title", ""))
        ids = [known["id"], attribute(article, "id", "n")]
        yield {**known, "title": "", "authors": "", **own, "id": "/".join(filter(None, ids)), "text": text}


def is_article(element: Element) -> bool:
    """Return True for a division that says that it is an article."""
    return element.tag.startswith("div") and _ARTICLE.fullmatch(element.get("type", "")) is not None


def read_division(article: Element, around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read a division of a long text that is an article."""
    outlet = around.get("tei.outlet", "")
    own = _found_in(article, {})
    yield {
        "id": attribute(article, "id", "n"), "outlet": outlet, "published": around.get("tei.published", ""),
        "title": "", **own, "text": _text(article, own.get("title", "")),
    }  # fmt: skip


def header_of(root: Element) -> dict[str, str]:
    """Return what the header of a text says about all articles in it."""
    known = _header(root, {})
    return {"tei.outlet": known["outlet"], "tei.published": known["published"]}


def _header(tei: Element, around: Mapping[str, str]) -> Values:
    found = first(tei, "teiheader")
    header = tei if found is None else found
    statement, source, published = (first(header, name) for name in ("titlestmt", "sourcedesc", "publicationstmt"))
    statement, source, published = (Element("") if each is None else each for each in (statement, source, published))
    return {
        "id": attribute(tei, "id", "n") or first_text(published, "idno"),
        "url": _address(published) or _address(source),
        "title": _titled(source, "level", "a") or _titled(statement, "type", "main")
        or first_text(statement, "title") or first_text(source, "title"),
        "outlet": _outlet(source, published) or around.get("tei.outlet", ""),
        "authors": _people(statement) or _people(source),
        "published": _first_date(source, published, first(header, "creation")) or around.get("tei.published", ""),
    }  # fmt: skip


def _titled(element: Element, key: str, value: str) -> str:
    """Return the title that says that it is of this kind."""
    return next((flat(each) for each in element.iter("title") if each.get(key) == value), "")


def _outlet(source: Element, published: Element) -> str:
    """Return the journal or volume of the source, else its publisher, else that of the text."""
    journal = _titled(source, "level", "j") or _titled(source, "level", "m")
    return journal or first_text(source, "publisher") or first_text(published, "publisher")


def _address(element: Element) -> str:
    targets = [attribute(each, "target") for name in ("ptr", "ref") for each in element.iter(name)]
    found = [*all_texts(element, "idno"), *targets]
    return next((each for each in found if each.startswith(("http://", "https://"))), "")


def _first_date(*elements: Element | None) -> str:
    return next(filter(None, map(_date, elements)), "")


def _date(element: Element | None) -> str:
    for each in [] if element is None else element.iter("date"):
        if written := attribute(each, "when", "when-iso", "value", "notbefore", "from") or flat(each):
            return written
    return ""


def _people(element: Element) -> list[str]:
    """Return the authors, with their names in order."""
    return [name for each in element.iter("author") if (name := _person(each))]


def _person(author: Element) -> str:
    names = [first_text(author, part) for part in ("forename", "surname")]
    return " ".join(filter(None, names)) if all(names) else first_text(author, "persname", "name") or flat(author)


def _found_in(body: Element, known: Mapping[str, str]) -> Values:
    """Return the fields that the text itself holds: its heading, byline, date and place."""
    heads = [each for each in body.iter("head") if flat(each)]
    found = {
        "title": known.get("title") or (flat(heads[0]) if heads else ""),
        "authors": known.get("authors") or first_text(body, "docauthor", "byline"),
        "published": known.get("published") or _date(first(body, "docdate", "dateline", "opener")) or "",
        "dateline": first_text(body, "dateline"),
    }
    return {key: value for key, value in found.items() if value}


def _text(body: Element, title: str) -> str:
    """Return the text without the heading that is its title."""
    if next(body.iter("w"), None) is not None:
        text = joined_tokens(body)
    else:
        text = paragraphs(
            body, (*_BESIDE, "byline", "docauthor") if next(body.iter("p"), None) is not None else _BESIDE
        )
    first_line, _, rest = text.partition("\n\n")
    return rest if rest and title and first_line.split() == title.split() else text


def read_jats(article: Element, _around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read an article in JATS, as publishers of journals write it."""
    body = first(article, "body")
    meta = first(article, "article-meta")
    if meta is None:
        meta = article
    text = paragraphs(body, ("fig", "table-wrap", "xref", "disp-formula")) if body is not None else ""
    yield {
        "id": first_text(meta, "article-id"),
        "url": next((address for each in meta.iter("self-uri") if (address := attribute(each, "href"))), ""),
        "title": first_text(meta, "article-title"),
        "outlet": first_text(article, "journal-title") or first_text(article, "publisher-name"),
        "authors": [
            _contributor(each) for each in meta.iter("contrib") if each.get("contrib-type", "author") == "author"
        ],
        "published": _day(first(meta, "pub-date")),
        "text": text or "\n\n".join(paragraphs(each) for each in meta.iter("abstract")),
    }


def _contributor(contributor: Element) -> str:
    names = [first_text(contributor, part) for part in ("given-names", "surname")]
    return " ".join(filter(None, names)) or first_text(contributor, "string-name", "collab")


def _day(date: Element | None) -> str:
    if date is None:
        return ""
    parts = [first_text(date, name).zfill(2) for name in ("year", "month", "day")]
    known = [part for part in parts if part != "00"]
    return attribute(date, "iso-8601-date") or "-".join(known)


def read_alto(page: Element, _around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read a page of a digitised newspaper in ALTO: its lines, by blocks."""
    blocks = []
    for block in page.iter("textblock"):
        lines = [
            " ".join(attribute(each, "content") for each in line.iter("string")) for line in block.iter("textline")
        ]
        blocks.append("\n".join(filter(None, lines)))
    yield {"id": attribute(first(page, "page"), "id"), "text": "\n\n".join(filter(None, blocks))}
