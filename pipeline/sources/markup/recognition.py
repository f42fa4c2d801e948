"""The first bytes by which markup is told from pages and texts."""

from __future__ import annotations

import re

from pipeline.sources.markup import encoding

#: Roots that no page of HTML and no other text begins with.
KNOWN = frozenset(
    ("rss", "rdf", "feed", "newsmessage", "newsitem", "packageitem", "newsml", "nitf", "mediawiki", "teicorpus",
     "teicorpus.2", "tei", "tei.2", "reuters", "lewis", "doc", "docs", "urlset", "sitemapindex", "opml", "svg",
     "alto", "pmc-articleset", "workbook", "pma_xml_export", "mysqldump", "resultset")
)  # fmt: skip
_HTML = frozenset(
    ("html", "head", "body", "title", "meta", "div", "p", "h1", "h2", "h3", "a", "b", "i", "span", "table",
     "center", "font", "br", "script", "style", "link", "img", "ul", "ol", "section", "main", "header", "nav",
     "em", "strong", "pre")
)  # fmt: skip
_PROLOG = re.compile(
    rb"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?:[^\[>]*\[.*?\]\s*>|[^\[>]*>))*+", re.DOTALL | re.IGNORECASE
)
_FIRST_TAG = re.compile(rb"<([A-Za-z_][\w:.\-]*)(?=[\s/>])")
_CLOSED = re.compile(rb"</([A-Za-z_][\w:.\-]*)\s*>")


def recognise(head: bytes) -> bool:
    """Return True if a file is markup of a known format, or declares that it is XML and is no page.

    >>> recognise(b"<rss><channel>"), recognise(b'<?xml version="1.0"?><html>'), recognise(b"<p>Late.</p>")
    (True, False, False)
    """
    if b"<" not in head:  # in no charset of markup "<" is another byte
        return False
    head = encoding.head_of(head, encoding.charset_of(head))
    prolog = _PROLOG.match(head)
    end = prolog.end() if prolog else 0
    found = _FIRST_TAG.match(head, end)
    root = local(found[1].decode()) if found else ""
    if not root or root in _HTML or b"<!doctype html" in head[:end].lower():
        return False
    declared = b"<?xml" in head[:end]
    # An unknown name needs a declaration, or elements closed one after another: a text may begin with a word in "<>".
    return declared or root in KNOWN or len(set(_CLOSED.findall(head)) - {name.encode() for name in _HTML}) >= 2


def local(name: str) -> str:
    """Return a name without its prefix, in lower case.

    >>> local("rdf:RDF")
    'rdf'
    """
    return name.rpartition(":")[2].lower()
