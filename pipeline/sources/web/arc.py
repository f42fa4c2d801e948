"""ARC reader, versions 1.0 and 1.1 and the older version 2 of its lines, as the Internet Archive wrote them until 2009.

A record is a line `URL IP-address date content-type length`, the HTTP answer, and a line break; the first record
(`filedesc:`) describes the file. `source_uri` of a document is `file@offset`, as of WARC.
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
from pipeline.sources.web.captures import Capture, address, page_of, pages
from pipeline.sources.web.framing import Frame, Grammar

SCHEME = rb"(?:filedesc|https?|ftp|dns|whois|gopher|warcinfo|metadata)"
IP = rb"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,40}|-)"
#: What is behind the address: IP address, date, type, and, last, the length. Between these version 2 has more.
REST = rb"[ \t]" + IP + rb"[ \t]+(?:\d{8,17}|-)[ \t][^\r\n]{0,1024}+\r?\n"
#: Addresses with blanks are read only in a line of their own, where nothing else can be meant.
LINE = (
    rb"(?:^"
    + SCHEME
    + rb":(?://)?(?:(?![ \t]"
    + IP
    + rb"[ \t]|https?://)[^\r\n]){1,8192}?|"
    + SCHEME
    + rb":[^\s\"'<>]{1,2048}+)"
    + REST
)
FIELDS = re.compile(
    rb"(?P<url>.*?)[ \t](?P<ip>" + IP + rb")[ \t]+(?P<date>\d{8,17}|-)[ \t](?P<more>[^\r\n]*)", re.DOTALL
)
LAST_NUMBER = re.compile(rb"(?:^|[ \t])(\d{1,18})[ \t]*\r?$")


def length_of(head: bytes) -> int | None:
    """Return the length at the end of a line.

    >>> length_of(b"http://a.example/ 192.0.2.7 20010304050607 text/html 120\\n")
    120
    >>> length_of(b"http://a.example/ 192.0.2.7 20010304050607 text/html -\\n") is None
    True
    """
    found = LAST_NUMBER.search(head.rstrip(b"\n"))
    return int(found[1]) if found else None


GRAMMAR = Grammar(
    start=re.compile(rb"(" + LINE + rb")", re.MULTILINE),
    sure=re.compile(rb"(" + LINE + rb")", re.MULTILINE),
    inner=re.compile(rb"\n(" + SCHEME + rb":[^\r\n]{1,8192}?" + REST + rb")"),
    head_end=re.compile(rb"\n"),
    length=length_of,
    separators=(b"\r\n", b"\n"),
    overlap=12_000,
)


def read(source: Input, stream: Stream, settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read the pages of an ARC file, and a problem for everything else."""
    yield from pages(source, stream, settings, GRAMMAR, from_record)


def from_record(source: Input, settings: Settings, uri: str, frame: Frame) -> Iterator[RawDocument | Problem]:
    """Read one record."""
    line = FIELDS.match(frame.head)
    url = address(line["url"]) if line else None
    if url is None or not url.lower().startswith(("http:", "https:", "ftp:")):
        yield skipped(uri, "not_a_page", clean(f"record of {(url or 'no address').partition(':')[0]}"))
        return
    content_type = (line["more"].split() or [b""])[0].decode("latin-1") if line else ""
    facts = Facts(url=url, crawled=crawl_time(line["date"].decode() if line else ""))
    is_http = re.match(rb"HTTP/\d|ICY ", frame.block) is not None
    yield from page_of(source, settings, uri, Capture(frame, is_http, content_type, facts))


def crawl_time(digits: str) -> datetime | None:
    """Return the moment that the digits of a date give; None if they give none.

    >>> crawl_time("20010304050607"), crawl_time("20019999999999")
    (datetime.datetime(2001, 3, 4, 5, 6, 7, tzinfo=datetime.timezone.utc), None)
    """
    try:
        return datetime.strptime(digits[:14].ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
