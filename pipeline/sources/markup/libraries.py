"""Records of reference managers, of ProQuest and of the British National Corpus in XML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from pipeline.sources.markup.shapes import NoArticle, Values
from pipeline.sources.markup.text import all_texts, attribute, first, first_text, flat, paragraphs, text_of_html

_SAMPLE = re.compile(r"[\s.:]*(?:Sample containing about|, electronic edition of).*", re.DOTALL)
_YEAR = re.compile(r"\d{4}")


def read_endnote(record: Element, _around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read a reference of EndNote: its abstract or notes as the text, the longest of them."""
    titles = first(record, "titles")
    titles = record if titles is None else titles
    yield {
        "id": first_text(record, "accession-num") or first_text(record, "rec-number"),
        "title": first_text(titles, "title"),
        "outlet": first_text(titles, "secondary-title") or first_text(record, "full-title"),
        "authors": all_texts(record, "author"),
        "published": _day_of(record),
        "url": first_text(record, "url"),
        "text": max((_text_of(record, name) for name in ("abstract", "notes", "research-notes")), key=len),
    }


def read_proquest(record: Element, _around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read a record of ProQuest's TDM Studio: article and publication have their titles in boxes of their own."""
    titled, publication = first(record, "titleatt"), first(record, "pubfrosting")
    texts = [each for name in ("fulltext", "text", "hiddentext", "abstext") for each in record.iter(name)]
    yield {
        "id": first_text(record, "goid"),
        "title": "" if titled is None else first_text(titled, "title"),
        "outlet": "" if publication is None else _PLACE.sub("", first_text(publication, "title")),
        "authors": [name for each in record.iter("contributor") if (name := _contributor(each))],
        "published": first_text(record, "numericdate", "startdate", "alphadate"),
        "url": first_text(record, "url"),
        "text": max(map(text_of_element, texts), key=len, default=""),
    }


_PLACE = re.compile(r";\s*[^;]{1,80}$")  # behind the name of a publication


def _contributor(person: Element) -> str:
    if attribute(person, "contribrole").lower() not in ("", "author", "byline"):
        return ""
    parts = [first_text(person, "firstname"), first_text(person, "lastname")]
    return " ".join(filter(None, parts)) or first_text(person, "originalform", "normalizeddisplayform")


def text_of_element(element: Element) -> str:
    """Return the text of an element, in which markup may stand as text."""
    whole = "".join(element.itertext()).strip()
    return text_of_html(whole) if "</p>" in whole or "<br" in whole else paragraphs(element)


def _text_of(record: Element, name: str) -> str:
    found = first(record, name)
    return "" if found is None else "\n".join(line.strip() for line in "".join(found.itertext()).split("\n")).strip()


def _day_of(record: Element) -> str:
    """Return the day of a reference, with the year that stands beside it."""
    dates = first(record, "dates")
    if dates is None:
        return ""
    year, day = first_text(dates, "year"), first_text(dates, "date")
    return day if _YEAR.search(day) else ", ".join(filter(None, (day, year)))


def read_bnc(document: Element, _around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read a text of the British National Corpus: one article, or one for each part of it that has a headline."""
    body = first(document, "wtext", "stext")
    if body is None or body.tag == "stext":
        yield NoArticle("a recording, and no written text")
        return
    source = first(document, "sourcedesc")
    source = document if source is None else source
    date = first(source, "date")
    known: Values = {
        "outlet": _SAMPLE.sub("", first_text(source, "title")),
        "authors": all_texts(source, "author"),
        "published": attribute(date, "value", "when") or flat(date),
    }
    named = attribute(document, "xml:id", "id")
    title = _SAMPLE.sub("", first_text(document, "title"))
    parts = [each for each in body if each.tag.startswith("div")]
    headed = [part for part in parts if first(part, "head") is not None]
    if len(headed) > 1:
        for number, part in enumerate(parts, start=1):
            yield {**known, "id": f"{named}/{attribute(part, 'n') or number}", **_with_head(part, "")}
    else:
        yield {**known, "id": named, **_with_head(body, title)}


def _with_head(part: Element, title: str) -> Values:
    """Return the text of a part, and its headline as the title."""
    head = first(part, "head")
    text = paragraphs(part)
    headline = flat(head)
    if not headline or not text.startswith(headline.split("\n")[0][:20]):
        return {"title": title, "text": text}
    return {"title": headline, "text": paragraphs(part, ("head",))}
