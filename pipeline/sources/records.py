"""Records of JSON Lines, CSV and Parquet: convert their fields to a raw document."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields as dataclass_fields
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tld import get_fld

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem, RawDocument, document_id, failed, too_large
from pipeline.sources.settings import Settings
from pipeline.sources.surrogates import in_percent
from stages.decode import Settings as DecodeSettings
from stages.decode.decoding import decode
from stages.shared.people import in_order

BEFORE_CHARACTERS = 200
RFC_2822 = re.compile(r"(?:[A-Za-z]{3},\s*)?\d{1,2}\s+[A-Za-z]{3}\s+\d{4}\s+\d{1,2}:\d{2}", re.ASCII)
ISO_8601 = re.compile(r"\d{4}-?\d{2}-?\d{2}(?:[T ].+)?|\d{4}-?W\d{2}-?\d(?:[T ].+)?", re.ASCII)
NUMBER = re.compile(r"-?\d{1,16}(?:\.\d*)?", re.ASCII)
LATEST_EPOCH = 4_102_444_800  # 2100-01-01: later numbers of seconds are milliseconds
#: Dates of other calendars, and placeholders such as the years 1 and 9999, lie outside.
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
EARLIEST_MILLISECONDS = 100_000_000_000  # 1973-03-03: smaller numbers are seconds

_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_ESCAPED_BYTE = re.compile(rb"\xed([\xb2\xb3])([\x80-\xbf])")


class Content(NamedTuple):
    """The bytes of a document, their kind and charset."""

    kind: str
    raw: bytes
    charset: str | None


class Facts(NamedTuple):
    """Metadata that a source gives besides the content."""

    source_id: str | None = None
    url: str | None = None
    outlet: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    crawled: datetime | None = None


def to_bytes(text: str) -> bytes:
    """Encode text in UTF-8. Bytes that came in as lone surrogates (`surrogateescape`) are restored; other lone
    surrogates become bytes that are invalid in UTF-8, for the decode stage to report.

    >>> to_bytes("naïve"), to_bytes("na\\udcefve"), to_bytes("\\ud800")
    (b'na\\xc3\\xafve', b'na\\xefve', b'\\xed\\xa0\\x80')
    """
    try:
        return text.encode()
    except UnicodeEncodeError:
        passed = text.encode("utf-8", "surrogatepass")
        return _ESCAPED_BYTE.sub(lambda m: bytes([((m[1][0] & 0x0F) << 6 | (m[2][0] & 0x3F)) & 0xFF]), passed)


def clean(text: str) -> str:
    """Replace lone surrogates, which Arrow cannot hold: by what their bytes say, or by U+FFFD if they stand for none.

    >>> clean("caf\\udce9"), clean("\\ud800!"), clean("".join(chr(0xDC00 + each) for each in "Паром".encode("cp1251")))
    ('café', '�!', 'Паром')
    """
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        raw = _NO_BYTE.sub("\ufffd", text).encode("utf-8", "surrogateescape")
        return decode(raw, None, False, DecodeSettings().declared_evidence).text


def lookup(record: Mapping[str, Any], name: str) -> Any:
    """Return the value of a field; a dotted name leads into nested objects unless the record has that exact name.

    >>> lookup({"meta": {"link": "a"}, "meta.link": "b"}, "meta.link"), lookup({"meta": {"link": "a"}}, "meta.link")
    ('b', 'a')
    """
    if name in record:
        return record[name]
    head, dot, rest = name.partition(".")
    inner = record.get(head) if dot else None
    return lookup(inner, rest) if isinstance(inner, Mapping) else None


def as_text(value: Any) -> str | None:
    """Return a field as a string; None if it is blank.

    >>> as_text(17), as_text("  "), as_text(" Ferry late ")
    ('17', None, 'Ferry late')
    """
    if value is None or isinstance(value, (Mapping, list, bool)):
        return None
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    text = clean(value if isinstance(value, str) else _number_text(value)).replace("\0", "").strip()
    return text or None


def _number_text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def as_authors(value: Any) -> tuple[str, ...]:
    """Return the authors in a list, in objects with a `name`, or in one string.

    >>> as_authors("By Ana Lind; Bo Kask"), as_authors("Ana Lind, Bo Kask and Cy Orme"), as_authors("Lind, Ana")
    (('Ana Lind', 'Bo Kask'), ('Ana Lind', 'Bo Kask', 'Cy Orme'), ('Ana Lind',))
    >>> as_authors("['Ana Lind', 'Bo Kask']"), as_authors("Lind, Ana; Kask, Bo")
    (('Ana Lind', 'Bo Kask'), ('Ana Lind', 'Bo Kask'))
    >>> as_authors([{"name": "Ana Lind"}, "Bo Kask", None])
    ('Ana Lind', 'Bo Kask')
    """
    if isinstance(value, list):
        return tuple(dict.fromkeys(name for each in value for name in _one_author(each)))
    if isinstance(value, Mapping):
        return _one_author(value)
    text = as_text(value)
    return tuple(dict.fromkeys(split_authors(text))) if text else ()


def _one_author(value: Any) -> tuple[str, ...]:
    name = as_text(value.get("name") if isinstance(value, Mapping) else value)
    return (in_order(name),) if name else ()


def split_authors(text: str) -> list[str]:
    """Names in one string, split at ";", " and ", "&", and at commas between what looks like whole names; a list
    written as text is read as one.
    """
    if _LIST.fullmatch(text):
        listed = [quoted[0] or quoted[1] for quoted in _LISTED.findall(text)]
        return [in_order(name.strip()) for name in listed if name.strip()]
    text = re.sub(r"\A(?:[Bb]y|BY)\s+", "", text)
    if ";" in text:
        parts = text.split(";")
    else:
        parts = re.split(r"\s+(?:and|&)\s+", text)
        pieces = [piece for part in parts for piece in re.split(r",\s+", part.rstrip(","))]
        if all(len(piece.split()) > 1 for piece in pieces):
            parts = pieces
    return [in_order(part.strip()) for part in parts if part.strip()]


_LISTED = re.compile(r"""'((?:[^'\\]|\\.|'(?=\w))*)'|"((?:[^"\\]|\\.)*)\"""")
_LIST = re.compile(rf"\[\s*(?:(?:{_LISTED.pattern})\s*,?\s*)*\]")


def parse_published(value: Any) -> datetime:
    """A moment in UTC: ISO 8601, RFC 2822, seconds or milliseconds since 1970, or a date. Without a zone it is UTC.

    >>> parse_published("2026-03-01T09:30:00+02:00").isoformat(), parse_published(1772350200000).isoformat()
    ('2026-03-01T07:30:00+00:00', '2026-03-01T07:30:00+00:00')
    >>> parse_published("Sun, 01 Mar 2026 09:30:00 +0200").isoformat(), parse_published("20260301").isoformat()
    ('2026-03-01T07:30:00+00:00', '2026-03-01T00:00:00+00:00')
    >>> parse_published("last Tuesday")
    Traceback (most recent call last):
    ValueError: neither ISO 8601 nor RFC 2822 nor seconds or milliseconds since 1970
    """
    moment = _read_published(value)
    if not EARLIEST <= moment <= LATEST:
        raise ValueError(f"not between {EARLIEST.year} and {LATEST.year}")
    return moment


def _read_published(value: Any) -> datetime:
    if isinstance(value, datetime):
        return _utc(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    text = as_text(value) or ""
    if ISO_8601.fullmatch(text):
        return _utc(datetime.fromisoformat(re.sub(r"\s*(?:UTC|GMT|Z)\Z", "+00:00", text)))
    if NUMBER.fullmatch(text):
        return _from_epoch(float(text))
    if RFC_2822.match(text):
        return _utc(parsedate_to_datetime(text))
    raise ValueError("neither ISO 8601 nor RFC 2822 nor seconds or milliseconds since 1970")


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _from_epoch(number: float) -> datetime:
    seconds = number / 1000 if abs(number) >= EARLIEST_MILLISECONDS else number
    if not 0 < seconds < LATEST_EPOCH:
        raise ValueError("not between 1970 and 2100 as seconds or milliseconds since 1970")
    return datetime.fromtimestamp(seconds, UTC)


def registered_domain(url: str | None) -> str | None:
    """Return the registered domain of a URL by the public suffix list packaged with `tld`; else its host.

    >>> registered_domain("https://www.harbourpost.co.uk/a"), registered_domain("harbourpost.co.uk/a")
    ('harbourpost.co.uk', 'harbourpost.co.uk')
    >>> registered_domain("https://www.harbourpost.example/a"), registered_domain("http://192.0.2.7:8080/a")
    ('harbourpost.example', '192.0.2.7')
    >>> registered_domain("harbourpost.example"), registered_domain("urn:uuid:4b80da6f")
    (None, None)
    """
    if not url:
        return None
    try:
        return get_fld(url, fail_silently=True, fix_protocol=True) or _host(url)
    except ValueError:  # raised by urlsplit for "http://[::1" and not caught by tld
        return None


def _host(url: str) -> str | None:
    """Return the host of an address that the public suffix list does not know, such as one of a private network."""
    host = clean(urlsplit(url.strip()).hostname or "").rstrip(".")
    return host.removeprefix("www.") or host or None


def outlet_of(source: Input, settings: Settings, outlet: str | None, url: str | None) -> str:
    """Return the outlet: set by the user, else the document's own, else the domain of its address, else the folder."""
    return settings.outlet or outlet or registered_domain(url) or clean(source.folder)


def own_address(raw: bytes) -> str | None:
    """Return the address that a page calls its own in its head: by a canonical link, else by OpenGraph.

    >>> own_address(b'<head><link href="https://harbourpost.example/a" rel=canonical></head>')
    'https://harbourpost.example/a'
    >>> own_address(b"<meta property='og:url' content='https://harbourpost.example/b'>"), own_address(b"<p>no head</p>")
    ('https://harbourpost.example/b', None)
    """
    head = in_percent(raw[:_HEAD_BYTES].decode("utf-8", "surrogateescape"))
    tags = {
        name: _attributes(tag[0]) for tag in _HEAD_TAG.finditer(head) for name in _NAMED.findall(tag[0].lower())[:1]
    }
    given = [tags.get(name, {}).get(key) for name, key in (("canonical", "href"), ("og:url", "content"))]
    return next((url for url in given if url and _ABSOLUTE.match(url)), None)


_HEAD_BYTES = 200_000
_HEAD_TAG = re.compile(r"<(?:link|meta)\s[^>]{1,2000}>", re.IGNORECASE)
_NAMED = re.compile(r"""(?:rel|property|name)\s*=\s*["']?(canonical|og:url)(?=["'\s/>])""")
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_ABSOLUTE = re.compile(r"https?://[^/\s]+\.\S+$")


def _attributes(tag: str) -> dict[str, str]:
    """Return the attributes of a tag by name."""
    return {name.lower(): (double or single or bare).strip() for name, double, single, bare in _ATTRIBUTE.findall(tag)}


def content_of(record: Mapping[str, Any], settings: Settings) -> Content | None:
    """Return the page of a record, else its text, else None."""
    for kind, name in (("html", settings.fields.html), ("text", settings.fields.text)):
        value = lookup(record, name)
        if isinstance(value, bytes) and value.strip():
            return Content(kind, value, None)
        if isinstance(value, str) and value.strip():
            raw = to_bytes(value)
            # Lone surrogates stand for bytes of an unknown charset: the decode stage has to find it.
            return Content(kind, raw, "utf-8" if _is_utf_8(raw) else None)
    return None


def _is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def from_record(
    source: Input, settings: Settings, record: Mapping[str, Any], uri: str
) -> Iterator[RawDocument | Problem]:
    """Yield problems with single fields and then the document, or one problem in its place."""
    names = settings.fields
    source_id, url = as_text(lookup(record, names.id)), as_text(_address(lookup(record, names.url)))
    content = content_of(record, settings)
    if content is None:
        why = f"neither {names.html!r} nor {names.text!r} in: {', '.join(sorted(map(str, record)))}"
        yield failed(uri, "no_text", clean(why[: 4 * BEFORE_CHARACTERS]), source_id=source_id)
        return
    if len(content.raw) > settings.max_document_bytes:
        yield too_large(uri, len(content.raw), settings.max_document_bytes, source_id)
        return
    published, bad = _published(record, names.published)
    facts = Facts(
        source_id=source_id,
        url=url,
        outlet=as_text(lookup(record, names.outlet)),
        title=as_text(lookup(record, names.title)),
        authors=as_authors(lookup(record, names.authors)),
        published=published,
    )
    document = raw_document(source, settings, content, uri, facts)
    if bad:
        yield Problem(document.subject, "edited", "bad_field", rule="published", before=bad[0], after=bad[1])
    yield document


def _address(value: Any) -> Any:
    return in_percent(value) if isinstance(value, str) else value


def _published(record: Mapping[str, Any], name: str) -> tuple[datetime | None, tuple[str, str] | None]:
    value = lookup(record, name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None, None
    try:
        return parse_published(value), None
    except (ValueError, OverflowError, TypeError, IndexError) as error:
        return None, (clean(f"{value}"[:BEFORE_CHARACTERS]), f"published left empty: {error}")


def raw_document(source: Input, settings: Settings, content: Content, uri: str, facts: Facts) -> RawDocument:
    """Build a document with its outlet, its id and the digest of its bytes."""
    address = facts.url or (own_address(content.raw) if content.kind == "html" else None)
    outlet = outlet_of(source, settings, facts.outlet, address)
    place = facts.url or "\0".join([clean(source.name), facts.source_id or ""])
    return RawDocument(
        doc_id=document_id(outlet, place, content.raw), source_id=facts.source_id, source_uri=clean(uri), outlet=outlet,
        url=facts.url, title=facts.title, authors=facts.authors, published=facts.published, crawled=facts.crawled,
        kind=content.kind, charset=content.charset, raw=content.raw, raw_sha256=hashlib.sha256(content.raw).hexdigest(),
    )  # fmt: skip


def columns_wanted(settings: Settings) -> list[str]:
    """Return the user's names of all fields."""
    return [getattr(settings.fields, each.name) for each in dataclass_fields(settings.fields)]
