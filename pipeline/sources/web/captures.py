"""Captures: make documents of what a crawler stored, in whatever archive.

A page that breaks off is kept as far as it goes, with a row of the ledger that says so, if what there is holds a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from pipeline.sources.addresses import Input
from pipeline.sources.compression import BrokenCompressionError
from pipeline.sources.documents import Facts, Problem, RawDocument, failed, skipped, too_large
from pipeline.sources.records import Content, raw_document
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Stream
from pipeline.sources.values import clean
from pipeline.sources.web.framing import Frame, Framer, Gap, Grammar
from pipeline.sources.web.http_bodies import (
    LOOKS_LIKE_HTML,
    CodingError,
    HttpAnswer,
    TooLargeError,
    decode,
    parse_answer,
)

PAGE_TYPES = ("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml")
TEXT_TYPES = ("text/plain",)
#: Types that servers give to pages too, among other things; the first bytes decide.
UNSURE_TYPES = ("", "application/octet-stream", "text/plain", "no-type", "unk", "unknown", "application/unknown")
XML_TYPES = ("application/xml", "text/xml")
IS_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
#: Files that crawlers fetch for themselves; skipped even if the site answers with a page.
FOR_MACHINES = re.compile(
    r"/(?:robots|(?:app-)?ads|(?:\.well-known/)?security|humans|llms(?:-full)?|sitemap[^/]*)\.txt|/\.well-known/.*"
)
NO_STORY = re.compile(
    rb"<(script|style|head|noscript|template)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^>]*(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
#: What is not allowed in an address, or would steer a terminal.
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


class Reader(Protocol):
    """A function that makes documents of one record."""

    def __call__(self, source: Input, settings: Settings, uri: str, frame: Frame, /) -> Iterator[RawDocument | Problem]:
        """Yield the document of a record, or the problem in its place."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One record of an archive that may hold a page."""

    frame: Frame
    is_http: bool  # the block has the head of an HTTP answer
    content_type: str  # of a block without such a head
    facts: Facts
    cut: str = ""  # what the archive itself says of a part that is missing


def charset_of(content_type: str) -> str | None:
    """Return the charset that a Content-Type header declares.

    >>> charset_of("text/html; Charset='ISO-8859-2'"), charset_of("text/html")
    ('ISO-8859-2', None)
    """
    found = CHARSET.search(content_type)
    return found[1] if found else None


def plain_type(content_type: str) -> str:
    """Return a content type without its parameters.

    >>> plain_type("Text/HTML; charset=utf-8")
    'text/html'
    """
    return re.split("[;,]", content_type, maxsplit=1)[0].strip().lower()


def kind_of_body(content_type: str, body: bytes) -> str | None:
    """Return the kind of a body by its declared type, or by its first bytes if the type says nothing.

    >>> kind_of_body("text/html; charset=utf-8", b"<p>Hello"), kind_of_body("", b"<!DOCTYPE html><p>Hello")
    ('html', 'html')
    >>> kind_of_body("image/png", b"..."), kind_of_body("text/plain", b"Hello")
    (None, 'text')
    >>> kind_of_body("application/xml", b"<html><p>Hello"), kind_of_body("application/xml", b"<rss><title>Hello")
    ('html', None)
    """
    plain = plain_type(content_type)
    if plain in PAGE_TYPES:
        return "html"
    if plain in UNSURE_TYPES and LOOKS_LIKE_HTML.search(body[:1024]):
        return "html"
    if plain in XML_TYPES and IS_HTML.match(body[:2048]):
        return "html"
    return "text" if plain in TEXT_TYPES else None


def is_for_machines(url: str | None) -> bool:
    """Return True if a URL is that of a file for crawlers, advertisers and the like.

    >>> is_for_machines("https://harbourpost.example/robots.txt"), is_for_machines("https://a.example/news/ads.txt")
    (True, False)
    """
    try:
        return FOR_MACHINES.fullmatch(urlsplit(url or "").path.lower()) is not None
    except ValueError:  # "http://[::1"
        return False


def address(raw: bytes) -> str | None:
    """Read an address as text. Bytes that are no UTF-8 and control characters are escaped, so that no two addresses
    become one.

    >>> address(b"<https://a.example/canci\\xf3n>"), address("https://a.example/canción".encode()), address(b" ")
    ('https://a.example/canci%F3n', 'https://a.example/canción', None)
    """
    raw = raw.strip().removeprefix(b"<").removesuffix(b">").strip()
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = "".join(chr(byte) if byte < 128 else f"%{byte:02X}" for byte in raw)
    return CONTROLS.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text) or None


def holds_a_page(kind: str, body: bytes) -> bool:
    """Return True if there are words in the part of a page that is there.

    >>> holds_a_page("html", b"<html><head><title>Late</title><scr"), holds_a_page("html", b"<head></head><p>The fer")
    (False, True)
    """
    return bool((NO_STORY.sub(b" ", body) if kind == "html" else body).strip())


def pages(
    source: Input, stream: Stream, settings: Settings, grammar: Grammar, read: Reader
) -> Iterator[RawDocument | Problem]:
    """Read an archive: yield a document or a problem for each record, and a problem for what is none."""
    name = clean(source.uri)
    while True:
        try:
            for each in Framer(stream, grammar, settings.max_document_bytes):
                uri = f"{name}@{each.offset}"
                if isinstance(each, Gap):
                    yield _stepped_over(uri, each)
                else:
                    yield from read(source, settings, uri, each)
            return
        except BrokenCompressionError as error:
            broken = stream.offset_of(stream.position)
            if not stream.skip_to(lambda head: grammar.start.match(head) is not None):
                raise
            yield failed(f"{name}@{broken}", "unreadable", f"{error}; read on from byte {stream.next_offset:,}")


def _stepped_over(uri: str, gap: Gap) -> Problem:
    if not gap.beginning:
        return skipped(uri, "not_a_page", f"{gap}: blanks")
    return failed(uri, "unreadable", str(gap), before=clean(gap.beginning.decode("utf-8", "replace")))


def page_of(source: Input, settings: Settings, uri: str, capture: Capture) -> Iterator[RawDocument | Problem]:
    """Yield the document of a capture after a row for what is missing of it, or the reason why there is none."""
    source_id, limit = capture.facts.source_id, settings.max_document_bytes
    answer = parse_answer(capture.frame.block) if capture.is_http else HttpAnswer(None, {}, capture.frame.block)
    content_type = answer.headers.get("content-type", "") if capture.is_http else capture.content_type
    if why_not := _no_page(capture.facts.url, answer, content_type):
        yield skipped(uri, "not_a_page", why_not, source_id)
        return
    try:
        if capture.frame.size > limit + len(capture.frame.block) - len(answer.body):
            raise TooLargeError
        body, broken = decode(answer, limit)
    except TooLargeError:
        yield too_large(uri, max(capture.frame.size, limit + 1), limit, source_id)
        return
    except CodingError as error:
        yield failed(uri, "unreadable", clean(str(error)), source_id=source_id)
        return
    cut = "; ".join(filter(None, (_cut_of(capture.frame), capture.cut, broken)))
    kind = kind_of_body(content_type, body)
    if kind is None:
        yield skipped(uri, "not_a_page", clean(f"content type {content_type or 'not given'}"), source_id)
    elif cut and not holds_a_page(kind, body):
        yield failed(uri, "unreadable", clean(cut), source_id=source_id)
    elif not body.strip():
        yield failed(uri, "no_text", "the page is empty", source_id=source_id)
    else:
        content = Content(kind, body, charset_of(content_type))
        yield from _with_rows(raw_document(source, settings, content, uri, capture.facts), capture.frame, cut)


def _with_rows(document: RawDocument, frame: Frame, cut: str) -> Iterator[RawDocument | Problem]:
    if frame.is_misdeclared:
        said = "not given" if frame.declared is None else f"{frame.declared}"
        found = f"the record ends after {frame.size:,} bytes"
        yield Problem(document.subject, "marked", "bad_field", rule="length", before=said, after=found)
    if cut:
        yield Problem(document.subject, "marked", "cut_short", after=clean(cut))
    yield document


def _no_page(url: str | None, answer: HttpAnswer, content_type: str) -> str:
    """Say why an answer cannot be a page, without unpacking it."""
    if is_for_machines(url):
        return "a file for machines"
    if answer.status is not None and not 200 <= answer.status < 300:
        return f"HTTP status {answer.status}"
    if plain_type(content_type) not in (*PAGE_TYPES, *TEXT_TYPES, *UNSURE_TYPES, *XML_TYPES):
        return clean(f"content type {content_type}")
    return ""


def _cut_of(frame: Frame) -> str:
    if frame.whole:
        return ""
    of = "" if frame.declared is None else f" of {frame.declared:,}"
    return f"the record breaks off after {frame.size:,}{of} bytes"
