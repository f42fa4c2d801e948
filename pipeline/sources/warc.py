"""WARC and WET reader. `source_uri` of a document is `file@offset`.

The offset is that of its record in the stored file, or of the gzip member that holds it, as in CDX indexes. Every
record is accounted for: one that is no page is a `skipped` row.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from fastwarc.stream_io import BrotliReader
from fastwarc.warc import ArchiveIterator

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem, RawDocument, failed, skipped, too_large
from pipeline.sources.records import Content, Facts, clean, raw_document
from pipeline.sources.settings import Settings
from pipeline.sources.streams import BrokenCompressionError, Stream
from pipeline.sources.surrogates import in_percent

PAGE_TYPES = ("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml")
TEXT_TYPES = ("text/plain",)
LOOKS_LIKE_HTML = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|title|meta|article|div|p|h1)\b", re.IGNORECASE)
CHUNK_HEAD = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
PAGE_RECORDS = ("response", "resource", "conversion")


#: Files that crawlers fetch for themselves; skipped even if the site answers with a page.
FOR_MACHINES = re.compile(
    r"/(?:robots|(?:app-)?ads|(?:\.well-known/)?security|humans|llms(?:-full)?|sitemap[^/]*)\.txt|/\.well-known/.*"
)


class TooLargeError(Exception):
    """A page that unpacks to more than the limit."""


def charset_of(content_type: str) -> str | None:
    """Return the charset that a Content-Type header declares.

    >>> charset_of("text/html; Charset='ISO-8859-2'"), charset_of("text/html")
    ('ISO-8859-2', None)
    """
    found = CHARSET.search(content_type)
    return found[1] if found else None


def kind_of_body(content_type: str, body: bytes) -> str | None:
    """Return the kind of a body by its declared type, or by its first bytes if the type says nothing.

    >>> kind_of_body("text/html; charset=utf-8", b"<p>Hello"), kind_of_body("", b"<!DOCTYPE html><p>Hello")
    ('html', 'html')
    >>> kind_of_body("image/png", b"..."), kind_of_body("text/plain", b"Hello")
    (None, 'text')
    """
    plain = content_type.partition(";")[0].strip().lower()
    if plain in PAGE_TYPES:
        return "html"
    if plain in ("", "application/octet-stream", "text/plain") and LOOKS_LIKE_HTML.search(body[:1024]):
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


def unchunk(body: bytes) -> bytes:
    """Join a body in chunked transfer coding; return it unchanged if it is not (crawlers often decode it).

    >>> unchunk(b"5\\r\\nHello\\r\\n1;x=y\\r\\n!\\r\\n0\\r\\n\\r\\n"), unchunk(b"<p>Hello")
    (b'Hello!', b'<p>Hello')
    """
    parts: list[bytes] = []
    at = 0
    while head := CHUNK_HEAD.match(body, at):
        size, begin = int(head[1], 16), head.end()
        if size == 0:
            return b"".join(parts)
        parts.append(body[begin : begin + size])
        at = begin + size + (2 if body[begin + size : begin + size + 2] == b"\r\n" else 1)
    # A last chunk that was cut off still counts; anything else was not chunked.
    return b"".join(parts) if parts and at >= len(body) else body


def unpack(body: bytes, coding: str, limit: int) -> bytes:
    """Decode the content coding of a body; return it unchanged if it is not in that coding."""
    for each in reversed(coding.lower().replace(" ", "").split(",")):
        if each in ("gzip", "x-gzip", "deflate") and (each == "deflate" or body.startswith(b"\x1f\x8b")):
            body = _inflate(body, limit)
        elif each == "br":
            body = _unbrotli(body, limit)
    if len(body) > limit:
        raise TooLargeError
    return body


def _inflate(body: bytes, limit: int) -> bytes:
    for wbits in (47, -15):  # gzip or zlib by its header; raw deflate
        inflate = zlib.decompressobj(wbits)
        try:
            return inflate.decompress(body, limit + 1)
        except zlib.error:
            continue
    return body


def _unbrotli(body: bytes, limit: int) -> bytes:
    try:
        return bytes(BrotliReader(io.BytesIO(body)).read(limit + 1)) or body
    except (OSError, ValueError):
        return body


def read(source: Input, stream: Stream, settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read the pages of a WARC file, and a problem for every other record. A broken gzip member costs its content."""
    while True:
        try:
            yield from _records(source, stream, settings)
            return
        except BrokenCompressionError as error:
            broken = stream.offset_of(stream.position)
            if not stream.skip_to(b"WARC/"):
                raise
            why = f"{error}; read on from byte {stream.next_offset:,}"
            yield failed(f"{clean(source.uri)}@{broken}", "unreadable", why)


def _records(source: Input, stream: Stream, settings: Settings) -> Iterator[RawDocument | Problem]:
    for record in ArchiveIterator(cast(BinaryIO, stream), parse_http=False):
        uri = f"{clean(source.uri)}@{stream.offset_of(record.stream_pos)}"
        try:
            yield from _from_record(source, record, uri, settings)
        except TooLargeError:
            yield too_large(uri, settings.max_document_bytes + 1, settings.max_document_bytes, _id(record))
        except (ValueError, UnicodeError) as error:
            yield failed(uri, "malformed", clean(str(error)), source_id=_id(record))


def _from_record(source: Input, record: Any, uri: str, settings: Settings) -> Iterator[RawDocument | Problem]:
    why_not = _parse_http(record)
    size = record.content_length
    content_type = _content_type(record)
    if why_not:
        yield skipped(uri, "not_a_page", why_not, _id(record))
        return
    if size > settings.max_document_bytes:
        yield too_large(uri, size, settings.max_document_bytes, _id(record))
        return
    body = record.reader.read(size)
    if len(body) < size:
        yield failed(
            uri, "unreadable", f"the record breaks off after {len(body):,} of {size:,} bytes", source_id=_id(record)
        )
        return
    body = _decoded(body, record.http_headers or {}, settings.max_document_bytes)
    kind = kind_of_body(content_type, body)
    if kind is None:
        yield skipped(uri, "not_a_page", clean(f"content type {content_type or 'not given'}"), _id(record))
    elif not body.strip():
        yield failed(uri, "no_text", "the page is empty", source_id=_id(record))
    else:
        facts = Facts(source_id=_id(record), url=_url(record), crawled=_crawled(record))
        yield raw_document(source, settings, Content(kind, body, charset_of(content_type)), uri, facts)


def _decoded(body: bytes, headers: Any, limit: int) -> bytes:
    if "chunked" in (headers.get("Transfer-Encoding") or "").lower():
        body = unchunk(body)
    return unpack(body, headers.get("Content-Encoding") or "", limit)


def _parse_http(record: Any) -> str:
    """Advance to the body of a record; return why it cannot be a page, or an empty string."""
    kind = (record.headers.get("WARC-Type") or "").lower()
    if kind not in PAGE_RECORDS:
        return clean(f"record type {kind or 'not given'}")
    if is_for_machines(_url(record)):
        return "a file for machines"
    if kind == "response" and record.is_http:
        try:
            record.parse_http(auto_decode="none", quirks_mode=True)
        except BrokenCompressionError:
            raise
        except OSError as error:
            raise ValueError(f"HTTP headers cannot be read: {error}") from None
        status = record.http_headers.status_code if record.http_headers else None
        if status is not None and not 200 <= status < 300:
            return f"HTTP status {status}"
    return ""


def _content_type(record: Any) -> str:
    if record.http_headers:
        return record.http_headers.get("Content-Type") or ""
    return "" if record.is_http else record.headers.get("Content-Type") or ""


def _id(record: Any) -> str | None:
    return clean(record.record_id).strip("<>") if record.record_id else None


def _url(record: Any) -> str | None:
    raw = record.headers.get_bytes(b"WARC-Target-URI") or b""
    url = clean(in_percent(raw.decode("utf-8", "surrogateescape"))).strip("<> ")
    return url or None


def _crawled(record: Any) -> datetime | None:
    moment: datetime | None = record.record_date
    if moment is None:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:  # the first or last day that Python knows, moved out of range by its zone
        return None
