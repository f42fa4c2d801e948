"""Dumps of MediaWiki: a document for each article."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote
from xml.etree.ElementTree import Element

from pipeline.sources.markup.shapes import NoArticle, Values
from pipeline.sources.markup.wikitext import facts_of, text_of_wiki
from pipeline.sources.values import to_bytes

_REDIRECT = re.compile(r"\s*#[^\W\d_]{4,20}\s*:?\s*\[\[", re.IGNORECASE)
_BASE = re.compile(r"(https?://[^/]+/(?:wiki/)?)")


def read(page: Element, around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read the newest revision of a page of the namespace of articles."""
    title, namespace = (page.findtext(name, "").strip() for name in ("title", "ns"))
    revisions = list(page.iter("revision"))
    if namespace not in ("", "0"):
        yield NoArticle(f"{title}: a page of namespace {namespace}, which holds no articles")
        return
    texts = [revision.findtext("text") or "" for revision in revisions]
    text = next(filter(str.strip, reversed(texts)), "")
    if page.find("redirect") is not None or _REDIRECT.match(text):
        yield NoArticle(f"{title}: a redirect")
        return
    told = facts_of(text)
    yield {
        "id": page.findtext("id", "").strip(),
        "url": _address(around, title),
        "outlet": around.get("siteinfo.sitename", ""),
        "title": title,
        "published": told.published
        or min(filter(None, (each.findtext("timestamp") for each in revisions)), default=""),
        "dateline": told.dateline,
        "text": text_of_wiki(text),
    }


def _address(around: Mapping[str, str], title: str) -> str:
    found = _BASE.match(around.get("siteinfo.base", ""))
    return f"{found[1]}{quote(to_bytes(title.replace(' ', '_')), safe=_SAFE)}" if found else ""


_SAFE = "/:,;@!()*'"
