"""Formats of news agencies: NITF, NewsML-G2, NewsML 1 and the XML of the Reuters corpora."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from pipeline.sources.markup.shapes import NoArticle, Values
from pipeline.sources.markup.text import all_texts, attribute, first, first_text, flat, paragraphs, text_of_html

#: Parts of an article in NITF that are no part of its text.
_BESIDE = ("media", "body.head", "body.end", "nitf-table-metadata", "head")


def read_nitf(nitf: Element, around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read an article in NITF."""
    values = nitf_values(nitf)
    yield {**values, "outlet": values["outlet"] or around.get("nitf.outlet", "")}


def nitf_values(nitf: Element) -> Values:
    """Return the fields of an article in NITF."""
    published = first(nitf, "pubdata")
    issued = next(
        (each for name in ("date.issue", "date.release", "story.date") if (each := first(nitf, name)) is not None), None
    )
    return {
        "id": attribute(first(nitf, "doc-id"), "id-string", "regsrc"),
        "url": attribute(published, "ex-ref") or attribute(first(nitf, "doc-id"), "href"),
        "outlet": attribute(published, "name") or attribute(first(nitf, "doc.copyright"), "holder")
        or first_text(nitf, "distributor", "org.source"),
        "title": first_text(nitf, "hl1", "hedline", "title"),
        "deck": first_text(nitf, "hl2"),
        "authors": _byline(nitf),
        "published": attribute(issued, "norm") or attribute(published, "date.publication") or flat(issued)
        or attribute(first(nitf, "story.date"), "norm"),
        "dateline": _dateline(nitf),
        "text": _nitf_text(nitf),
    }  # fmt: skip


def _nitf_text(nitf: Element) -> str:
    """Return the text of the body; a lead that stands in the full text too is taken once."""
    full = [each for each in nitf.iter("block") if each.get("class") == "full_text"]
    bodies = full or list(nitf.iter("body.content")) or list(nitf.iter("body"))
    return "\n\n".join(text for each in bodies if (text := paragraphs(each, _BESIDE)))


def _byline(nitf: Element) -> str:
    """Return the byline as printed: the people in it, else its words without a title of the author."""
    bylines = list(nitf.iter("byline"))
    best = next((each for each in bylines if each.get("class") == "print_byline"), bylines[0] if bylines else None)
    if best is None:
        return ""
    people = all_texts(best, "person")
    if people:
        return "; ".join(people)
    title = {flat(each) for each in best.iter("byttl")}
    words = "".join(part for part in best.itertext() if part.strip() not in title)
    return " ".join(words.split())


def _dateline(nitf: Element) -> str:
    dateline = first(nitf, "dateline")
    return (first_text(dateline, "location") or flat(dateline)) if dateline is not None else ""


def read_g2(item: Element, _around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read an item of NewsML-G2, or an article of a Reuters corpus, which is called alike."""
    if item.tag != "newsitem":
        yield NoArticle(f"a {item.tag}: it refers to articles and holds none")
    elif next(item.iter("itemmeta"), None) is None and first(item, "text") is not None:
        yield _corpus_values(item)
    else:
        yield _g2_values(item)


def _g2_values(item: Element) -> Values:
    meta = first(item, "contentmeta")
    meta = item if meta is None else meta
    inner = first(item, "nitf")
    nitf = nitf_values(inner) if inner is not None else {}
    located = first(meta, "located")
    values: Values = {
        "id": attribute(item, "guid"),
        "url": _web(attribute(first(item, "remotecontent"), "href")) or _web(attribute(first(item, "link"), "href")),
        "outlet": _party(first(item, "infosource")) or _party(first(item, "provider")),
        "title": _of_role(meta, "headline") or first_text(item, "headline", "title", "slugline"),
        "authors": "; ".join(all_texts(meta, "by")) or [name for each in meta.iter("creator") if (name := _name(each))],
        "published": first_text(item, "versioncreated", "contentcreated", "firstcreated"),
        "dateline": first_text(meta, "dateline") or (_name(located) if located is not None else ""),
        "text": nitf.get("text") or _content(item),
    }
    return {**values, **{key: value for key, value in nitf.items() if value and not values.get(key)}}


def _of_role(meta: Element, name: str) -> str:
    """Return the headline that is the main one, if the headlines have roles."""
    found = [each for each in meta.iter(name) if "main" in (each.get("role") or "")]
    return flat(found[0]) if found else ""


def _web(address: str) -> str:
    return address if address.startswith(("http://", "https://")) else ""


def _party(element: Element | None) -> str:
    return "" if element is None else _name(element)


def _name(element: Element) -> str:
    """Return a name as written, else the last part of its code."""
    code = attribute(element, "literal", "qcode", "uri").rpartition(":")[2]
    return first_text(element, "name") or code


def _content(item: Element) -> str:
    """Return the text of the content: XHTML, plain text, or HTML written as text; of several, the first."""
    for name in ("inlinexml", "inlinedata", "contentset"):
        for each in item.iter(name):
            pages = list(each.iter("body"))
            text = "\n\n".join(paragraphs(page) for page in pages) if pages else _plain(each)
            if text.strip():
                return text
    return ""


def _plain(element: Element) -> str:
    return paragraphs(element, ("head", "media")) if len(element) else text_of_html(element.text or "").strip()


def _corpus_values(item: Element) -> Values:
    return {
        "id": attribute(item, "itemid", "id"),
        "outlet": "Reuters" if any("reuters" in text.lower() for text in all_texts(item, "copyright")) else "",
        "title": first_text(item, "headline", "title"),
        "authors": first_text(item, "byline"),
        "dateline": first_text(item, "dateline"),
        "published": attribute(item, "date"),
        "text": "\n\n".join(paragraphs(each) for each in item.iter("text")),
    }


def read_newsml(item: Element, _around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read a NewsItem of NewsML 1."""
    contents = [text for each in item.iter("contentitem") if (text := _newsml_text(each))]
    inner = first(item, "nitf")
    nitf = nitf_values(inner) if inner is not None else {}
    values: Values = {
        "id": first_text(item, "publicidentifier", "newsitemid"),
        "outlet": _formal(item, "provider") or _formal(item, "source") or first_text(item, "providerid"),
        "title": first_text(item, "headline", "title", "slugline"),
        "deck": first_text(item, "subheadline"),
        "authors": first_text(item, "byline"),
        "published": first_text(item, "thisrevisioncreated", "firstcreated", "dateid"),
        "dateline": first_text(item, "dateline"),
        "text": "\n\n".join(dict.fromkeys(contents)),
    }
    yield {**values, **{key: value for key, value in nitf.items() if value and not values.get(key)}}


def _formal(item: Element, name: str) -> str:
    party = first(item, name)
    return "" if party is None else attribute(first(party, "party"), "formalname") or attribute(party, "formalname")


def _newsml_text(content: Element) -> str:
    """Return the text of a content item, if it holds one: XHTML, NITF, or text."""
    data = first(content, "datacontent")
    if data is None:
        return ""
    nitf = first(data, "nitf")
    if nitf is not None:
        return _nitf_text(nitf)
    body = first(data, "body.content", "body")
    return paragraphs(body, ("media",)) if body is not None else _plain(data)
