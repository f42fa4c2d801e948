"""WARC and WET reader. `source_uri` of a document is `file@offset`.

The offset is that of its record in the stored file, or of the gzip member or zstd frame that holds it, as in CDX
indexes. Every record is accounted for: one that is no page is a `skipped` row, and what is no record a row of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Facts, Problem, RawDocument, skipped
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Stream
from pipeline.sources.values import clean
from pipeline.sources.web.captures import Capture, address, page_of, pages, plain_type
from pipeline.sources.web.framing import Frame, Grammar

PAGE_RECORDS = ("response", "resource", "conversion")
END = rb"(?:\r\n|\n|\r(?!\n))"
FIELD = rb"[ \t]{0,8}[A-Za-z][\w-]{0,60}[ \t]{0,8}:"
# Letters of both cases one by one: a search for them is several times as fast as one that ignores case.
WARC = rb"[Ww][Aa][Rr][Cc]"
VERSION = rb"/\d{1,4}(?:\.\d{1,4})?[ \t]{0,8}" + END + rb"(?=" + FIELD + rb")"
#: Where the line of the version is lost, one of these fields begins a record, at the start of a line.
FIRST_FIELD = rb"(?<![^\r\n]....)-(?i:Type|Record-ID|Date|Target-URI)[ \t]{0,8}:"
LENGTH = re.compile(rb"^[ \t]*Content-Length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


def length_of(head: bytes) -> int | None:
    """Return the length of the block that follows a head.

    >>> length_of(b"WARC/1.0\\r\\nContent-Length: 12\\r\\n\\r\\n"), length_of(b"WARC/1.0\\nContent-Length: -5\\n\\n")
    (12, None)
    """
    found = LENGTH.search(head.replace(b"\r", b"\n"))
    return int(found[1]) if found else None


GRAMMAR = Grammar(
    start=re.compile(rb"(" + WARC + rb"(?:" + VERSION + rb"|" + FIRST_FIELD + rb"))"),
    sure=re.compile(rb"(" + WARC + VERSION + rb")"),
    inner=re.compile(rb"\n\r?\n(WARC" + VERSION + rb")"),
    # A blank line; where it is lost, what cannot be a field; where the head is cut, the next one.
    head_end=re.compile(END + rb"(?:" + END + rb"|(?=HTTP/\d|<))|(" + WARC + VERSION + rb")"),
    length=length_of,
    separators=(b"\r\n\r\n", b"\n\n"),
    overlap=128,
)


def read(source: Input, stream: Stream, settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read the pages of a WARC file, and a problem for everything else. A broken gzip member costs its content."""
    yield from pages(source, stream, settings, GRAMMAR, from_record)


def from_record(source: Input, settings: Settings, uri: str, frame: Frame) -> Iterator[RawDocument | Problem]:
    """Read one record."""
    fields = fields_of(frame.head)
    kind, content_type = _text(fields, "warc-type").lower(), _text(fields, "content-type")
    facts = Facts(
        source_id=_text(fields, "warc-record-id").strip("<> ") or None,
        url=address(fields.get("warc-target-uri", b"")),
        crawled=crawl_time(_text(fields, "warc-date")),
    )
    if why_not := _no_page(kind, facts.url, content_type):
        yield skipped(uri, "not_a_page", why_not, facts.source_id)
        return
    truncated = _text(fields, "warc-truncated")
    cut = f"the crawler stored only the beginning (WARC-Truncated: {truncated})" if truncated else ""
    is_http = kind == "response" and plain_type(content_type) in ("", "application/http")
    yield from page_of(source, settings, uri, Capture(frame, is_http, content_type, facts, cut))


def fields_of(head: bytes) -> dict[str, bytes]:
    """Return the fields of a head by their lower-case name; the first one of each name.

    >>> fields_of(b"WARC/1.0\\r\\nWARC-Type: response\\r\\nX: a\\r\\n b\\r\\n\\r\\n")
    {'warc-type': b'response', 'x': b'a b'}
    """
    found: dict[str, bytes] = {}
    for line in re.sub(END + rb"[ \t]+(?=\S)", b" ", head).splitlines():
        name, colon, value = line.partition(b":")
        if colon:
            found.setdefault(name.strip().lower().decode("latin-1"), value.strip())
    return found


def _text(fields: dict[str, bytes], name: str) -> str:
    return clean(fields.get(name, b"").decode("utf-8", "surrogateescape"))


def _no_page(kind: str, url: str | None, content_type: str) -> str:
    """Say why a record cannot be a page."""
    if kind not in PAGE_RECORDS:
        return clean(f"record type {kind[:80] or 'not given'}")
    if kind == "resource" and _is_about_the_crawl(url, content_type):
        return clean(f"about the crawl itself: {url}")
    return ""


def _is_about_the_crawl(url: str | None, content_type: str) -> bool:
    """Return True of logs and lists that crawlers store beside the pages.

    >>> _is_about_the_crawl("metadata://gnu.org/software/wget/warc/wget.log", "text/plain")
    True
    >>> _is_about_the_crawl("urn:X-wpull:log", "text/plain"), _is_about_the_crawl("https://a.example/", "text/plain")
    (True, False)
    """
    scheme = (url or "").partition(":")[0].lower()
    is_log = plain_type(content_type) == "text/plain" and scheme in ("urn", "about", "crawl", "warcinfo")
    return scheme == "metadata" or is_log


def crawl_time(text: str) -> datetime | None:
    """Return the moment of a WARC-Date; None if it is none.

    >>> crawl_time("2026-03-01T09:30:00Z"), crawl_time("yesterday")
    (datetime.datetime(2026, 3, 1, 9, 30, tzinfo=datetime.timezone.utc), None)
    """
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the first or last day that Python knows, moved out of range by its zone
        return None
