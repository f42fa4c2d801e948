"""Damage to web archives: more than a hundred kinds, and what a reader owes each of them.

Every record of the archive that is not hit is read as if nothing had happened. Of the one that is hit there is a
document or a row of the ledger; if the damage leaves its page whole, there is the whole page.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import zstandard

from tests.helpers.sources import Rows, read_file

STORY = (
    "The ferry no. {0} to Port Anning was back at its pier on Monday after {0} weeks of repairs, its owner said.",
    "About {0} hundred people had waited on the quay since the early morning, some of them with bicycles.",
    "Nobody had told us that the engine would take so long, said Mara Quill, who runs kiosk {0} there.",
)


def page(number: int, line_break: str = "\n") -> bytes:
    """A page of news."""
    body = line_break.join(f"<p>{each.format(number)}</p>" for each in STORY)
    head = f'<!DOCTYPE html>{line_break}<html lang="en"><head><title>Ferry {number}</title></head>'
    return f"{head}<body>{line_break}{line_break}<h1>Ferry {number}</h1>{body}</body></html>{line_break}".encode()


@dataclass(frozen=True)
class Record:
    """One record of an archive, and the page that a reader should find in it."""

    number: int
    content: bytes
    raw: bytes | None  # None: no page

    @property
    def url(self) -> str:
        return url(self.number)


def url(number: int) -> str:
    return f"https://ferry.example/{number}"


def warc_record(number: int, kind: str, content_type: str, block: bytes, raw: bytes | None = None) -> Record:
    names = [
        "WARC/1.0", f"WARC-Type: {kind}", f"WARC-Record-ID: <urn:uuid:{number}>", f"WARC-Target-URI: {url(number)}",
        "WARC-Date: 2031-01-01T00:00:00Z", f"Content-Type: {content_type}", f"Content-Length: {len(block)}",
    ]  # fmt: skip
    return Record(number, "\r\n".join(names).encode() + b"\r\n\r\n" + block + b"\r\n\r\n", raw)


def answer(body: bytes, *headers: str, content_type: str = "text/html; charset=utf-8") -> bytes:
    """An HTTP answer."""
    return ("\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {content_type}", *headers]) + "\r\n\r\n").encode() + body


def warc_records() -> list[Record]:
    """An archive with records of all kinds; every second one holds a page."""
    text = "\n".join(STORY).format(7).encode()
    http, response = "application/http; msgtype=response", "response"
    return [
        warc_record(0, "warcinfo", "application/warc-fields", b"software: tests\r\n"),
        warc_record(1, response, http, answer(page(1)), page(1)),
        warc_record(
            2, "request", "application/http; msgtype=request", b"GET /2 HTTP/1.1\r\nHost: ferry.example\r\n\r\n"
        ),
        warc_record(3, response, http, answer(page(3, "\r\n")), page(3, "\r\n")),
        warc_record(4, response, http, answer(b"\x89PNG\r\n\x1a\n" + bytes(90), content_type="image/png")),
        warc_record(5, response, http, answer(gzip.compress(page(5)), "Content-Encoding: gzip"), page(5)),
        warc_record(6, "metadata", "application/warc-fields", b"fetchTimeMs: 12\r\n"),
        warc_record(7, "conversion", "text/plain", text, text),
        warc_record(8, "revisit", http, answer(b"")),
        warc_record(9, "resource", "text/html", page(9), page(9)),
    ]


ARC_HEAD = b"1 0 Ferry Archive\nURL IP-address Archive-date Content-type Archive-length\n"


def arc_record(number: int, block: bytes, content_type: str = "text/html", raw: bytes | None = None) -> Record:
    line = f"{url(number)} 192.0.2.7 20310101000000 {content_type} {len(block)}\n"
    return Record(number, line.encode() + block + b"\n", raw)


def arc_records() -> list[Record]:
    """An ARC file; every second record holds a page."""
    described = f"filedesc://ferry.arc 0.0.0.0 20310101000000 text/plain {len(ARC_HEAD)}\n".encode()
    return [
        Record(0, described + ARC_HEAD + b"\n", None),
        arc_record(1, answer(page(1)), raw=page(1)),
        arc_record(2, answer(b"\x89PNG\r\n\x1a\n" + bytes(90), content_type="image/png"), "image/png"),
        arc_record(3, answer(page(3, "\r\n")), raw=page(3, "\r\n")),
        arc_record(4, b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>Nothing."),
        arc_record(5, answer(gzip.compress(page(5)), "Content-Encoding: gzip"), raw=page(5)),
    ]


Change = Callable[[bytes, Random], bytes]


@dataclass(frozen=True)
class Damage:
    """A way to spoil one record."""

    name: str
    change: Change
    whole: bool = False  # the page is still there
    first_only: bool = False  # only at the beginning of a file
    doubles: bool = False  # the record is there twice
    holds_more: int = 0  # its length takes so many of the following records for a part of it


def _length(value: str | Callable[[int, Random], object]) -> Change:
    def change(record: bytes, random: Random) -> bytes:
        true = int(re.search(rb"Content-Length: (\d+)", record)[1])  # type: ignore[index]
        new = value if isinstance(value, str) else str(value(true, random))
        return record.replace(b"Content-Length: %d\r\n" % true, f"Content-Length: {new}\r\n".encode(), 1)

    return change


def _swap(old: bytes, new: bytes) -> Change:
    return lambda record, _: record.replace(old, new, 1)


def _pattern(old: bytes, new: bytes) -> Change:
    return lambda record, _: re.sub(old, lambda _: new, record, count=1)


def _behind(added: bytes | Callable[[Random], bytes]) -> Change:
    return lambda record, random: record + (added if isinstance(added, bytes) else added(random))


def _before(added: bytes | Callable[[Random], bytes]) -> Change:
    return lambda record, random: (added if isinstance(added, bytes) else added(random)) + record


def _end(separator: bytes) -> Change:
    return lambda record, _: record[:-4] + separator


def _head(change: Callable[[bytes], bytes]) -> Change:
    def apply(record: bytes, _: Random) -> bytes:
        head, blank, block = record.partition(b"\r\n\r\n")
        return change(head + blank) + block

    return apply


def _cut(part: Callable[[int, Random], int], separator: bytes = b"") -> Change:
    return lambda record, random: record[: part(len(record), random)] + separator


def _over(new: Callable[[int, Random], bytes], where: Callable[[int, Random], int], size: int) -> Change:
    """Overwrite a part of a record, as a lost sector does."""

    def change(record: bytes, random: Random) -> bytes:
        begin = min(where(len(record), random), len(record) - 1)
        end = min(begin + size, len(record))
        return record[:begin] + new(end - begin, random) + record[end:]

    return change


def _zeros(size: int, _: Random) -> bytes:
    return bytes(size)


def _noise(size: int, random: Random) -> bytes:
    return random.randbytes(size)


LENGTHS: dict[str, str | Callable[[int, Random], object]] = {
    "empty": "", "blank": "   ", "negative": "-5", "minus one": "-1", "zero": "0", "one": "1", "ten": "10",
    "half": lambda n, _: n // 2, "one less": lambda n, _: n - 1, "two less": lambda n, _: n - 2, "four less": lambda n, _: n - 4,
    "ten less": lambda n, _: max(0, n - 10), "one more": lambda n, _: n + 1, "two more": lambda n, _: n + 2, "three more": lambda n, _: n + 3,
    "four more": lambda n, _: n + 4, "five more": lambda n, _: n + 5, "ten more": lambda n, _: n + 10, "a hundred more": lambda n, _: n + 100,
    "random less": lambda n, r: r.randrange(n + 1), "random more": lambda n, r: n + r.randrange(1, 3000), "double": lambda n, _: 2 * n,
    "ten times": lambda n, _: 10 * n, "a thousand times": lambda n, _: 1000 * n, "a gigabyte": "1000000000", "2^31": str(2**31), "2^32": str(2**32),
    "2^63": str(2**63), "2^64": str(2**64), "thirty digits": "9" * 30, "hexadecimal": lambda n, _: hex(n), "exponent": "1e3", "fraction": lambda n, _: f"{n}.0",
    "a word": "abc", "a unit": lambda n, _: f"{n} bytes", "thousands": lambda n, _: f"{n:,}.", "a plus": lambda n, _: f"+{n}", "quoted": lambda n, _: f'"{n}"',
    "not a number": "NaN", "null": "null", "zeros in front": lambda n, _: f"000000{n}", "other digits": "٧٧٧", "a zero byte": lambda n, _: f"{n}\0",
    "two numbers": lambda n, _: f"{n}, {n}", "a comment": lambda n, _: f"{n} ; true",
}  # fmt: skip
#: What stands between records.
GARBAGE: dict[str, bytes | Callable[[Random], bytes]] = {
    "one letter": b"x", "a word": b"garbage", "a line": b"garbage\r\n", "lines": b"one\r\ntwo\r\n\r\nthree\r\n", "a zero": b"\0", "zeros": bytes(512),
    "a block of zeros": bytes(10_240), "blanks": b" " * 100, "a page": page(99), "a page and a break": page(99) + b"\r\n\r\n", "JSON": b'{"text": "The ferry is late."}\n',
    "a log": b"2031-01-01 00:00:00 INFO fetched https://ferry.example/\n" * 9, "noise": lambda r: r.randbytes(700), "much noise": lambda r: r.randbytes(70_000),
    "the word WARC/": b"WARC/", "a version alone": b"WARC/1.0\r\n\r\n", "a version in text": b"It says WARC/1.0 here.\r\n", "a version of letters": b"WARC/one\r\nA: b\r\n\r\n",
    "an HTTP answer": b"HTTP/1.1 500 Oops\r\n\r\nOops", "gzip": gzip.compress(b"The ferry is late."), "half a head": b"WARC/1.0\r\nWARC-Ty", "a tail": b"ferry.</p></body></html>\r\n\r\n",
    "line feeds": b"\n" * 50, "returns": b"\r" * 50, "a mark of byte order": b"\xef\xbb\xbf", "UTF-16": "The ferry is late.".encode("utf-16"), "a traceback": b"Traceback (most recent call last):\n  File\nOSError\n",
}  # fmt: skip
VERSIONS = {
    "2.0": b"WARC/2.0", "1.1": b"WARC/1.1", "0.18": b"WARC/0.18", "17.99": b"WARC/17.99", "small letters": b"warc/1.0", "mixed letters": b"Warc/1.0", "no minor": b"WARC/1",
    "blanks behind": b"WARC/1.0   ", "a tab behind": b"WARC/1.0\t", "a blank in front": b" WARC/1.0", "a blank inside": b"WARC /1.0", "no slash": b"WARC 1.0", "turned letters": b"WRAC/1.0",
    "one letter lost": b"ARC/1.0", "only the number": b"1.0", "none": b"", "a letter O": b"WARC/1.O", "words behind": b"WARC/1.0 and so on", "noise": b"\xff\xfe\x00\x80",
    "zeros": bytes(8), "a mark of byte order": b"\xef\xbb\xbfWARC/1.0", "HTTP": b"HTTP/1.1 200 OK", "twice": b"WARC/1.0\r\nWARC/1.0", "a break behind": b"WARC/1.0\r\n",
}  # fmt: skip


def _length_damages() -> Iterator[Damage]:
    for name, value in LENGTHS.items():
        yield Damage(f"length {name}", _length(value), whole=True)
    yield Damage("length missing", _pattern(rb"Content-Length: \d+\r\n", b""), whole=True)
    yield Damage("length named in small letters", _swap(b"Content-Length", b"content-length"), whole=True)
    yield Damage("length named wrongly", _swap(b"Content-Length", b"Content-Lenght"), whole=True)
    yield Damage("length without a colon", _swap(b"Content-Length:", b"Content-Length"), whole=True)
    yield Damage(
        "length given twice, first wrong", _swap(b"Content-Length", b"Content-Length: 3\r\nContent-Length"), whole=True
    )
    yield Damage("length given twice, last wrong", _head(lambda h: h[:-2] + b"Content-Length: 3\r\n\r\n"), whole=True)
    for number in (1, 2):
        yield Damage(f"length that holds {number} more records", _length(lambda n, _: n), whole=True, holds_more=number)


def _head_damages() -> Iterator[Damage]:
    for name, version in VERSIONS.items():
        yield Damage(f"version {name}", _swap(b"WARC/1.0", version), whole=True)
    changes: dict[str, Callable[[bytes], bytes]] = {
        "line feeds": lambda h: h.replace(b"\r\n", b"\n"), "returns": lambda h: h.replace(b"\r\n", b"\r"),
        "line feeds but the last": lambda h: h[:-4].replace(b"\r\n", b"\n") + b"\r\n\r\n", "two blank lines": lambda h: h + b"\r\n",
        "a line of noise": lambda h: h[:-2] + b"\xff\x00\x80noise\r\n\r\n", "a line without a name": lambda h: h[:-2] + b": nothing\r\n\r\n",
        "a line without a colon": lambda h: h[:-2] + b"nothing here\r\n\r\n", "a folded line": lambda h: h[:-2] + b"X: a\r\n b\r\n\r\n", "zeros in a value": lambda h: h[:-2] + b"X: \0\0\r\n\r\n",
        "Latin-1 in a value": lambda h: h[:-2] + b"X: caf\xe9\r\n\r\n", "a long value": lambda h: h[:-2] + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
        "many lines": lambda h: h[:-2] + b"X: y\r\n" * 3_000 + b"\r\n", "no date": lambda h: re.sub(rb"WARC-Date[^\n]*\n", b"", h), "a broken date": lambda h: h.replace(b"2031-01-01T", b"2031-99-99T"),
        "blanks around": lambda h: h.replace(b": ", b" :   "), "tabs": lambda h: h.replace(b": ", b":\t"), "no blanks": lambda h: h.replace(b": ", b":"),
        "capitals": lambda h: h[:8] + h[8:].replace(b"WARC-Date", b"WARC-DATE").replace(b"Content-Type", b"CONTENT-TYPE"), "no identity": lambda h: re.sub(rb"WARC-Record-ID[^\n]*\n", b"", h),
        "an empty identity": lambda h: re.sub(rb"urn:uuid:\d+", b"", h), "a field twice": lambda h: h[:-2] + b"WARC-Date: 2031-01-01T00:00:00Z\r\n\r\n",
    }  # fmt: skip
    for name, change in changes.items():
        yield Damage(f"head with {name}", _head(change), whole=True)
    yield Damage("head with no blank line", _head(lambda h: h[:-2]))
    yield Damage("head twice", _head(lambda h: h[:-2] + h))
    yield Damage("head without a type", _head(lambda h: re.sub(rb"WARC-Type[^\n]*\n", b"", h)))
    yield Damage("head with an unknown type", _head(lambda h: re.sub(rb"WARC-Type: \w+", b"WARC-Type: whatever", h)))
    yield Damage("head without an address", _head(lambda h: re.sub(rb"WARC-Target-URI[^\n]*\n", b"", h)))
    yield Damage("head of a megabyte", _head(lambda h: h[:-2] + b"X: " + b"y" * 1_500_000 + b"\r\n\r\n"))
    yield Damage("head lost", lambda record, _: record.partition(b"\r\n\r\n")[2])


def _block_damages() -> Iterator[Damage]:
    for name, separator in {
        "none": b"", "a return": b"\r", "a line feed": b"\n", "CR LF": b"\r\n", "line feeds": b"\n\n", "three": b"\r\n" * 3, "many": b"\r\n" * 40, "returns": b"\r\r", "blanks": b"  ", "zeros": bytes(4),
    }.items():  # fmt: skip
        yield Damage(f"end of {name}", _end(separator), whole=True)
    for name, part in {
        "in the version": lambda n, r: 5, "in the head": lambda n, r: r.randrange(9, 60), "behind the head": lambda n, r: min(n, 260),
        "in the middle": lambda n, r: n // 2, "anywhere": lambda n, r: r.randrange(1, n), "near the end": lambda n, r: n - r.randrange(1, 9),
    }.items():  # fmt: skip
        yield Damage(f"cut {name}", _cut(part))
        yield Damage(f"cut {name}, with line breaks", _cut(part, b"\r\n\r\n"))
    for name, new in {"zeros": _zeros, "noise": _noise, "blanks": lambda n, _: b" " * n}.items():
        for place, where in {
            "start": lambda n, r: 0,
            "middle": lambda n, r: n // 3,
            "anywhere": lambda n, r: r.randrange(n),
        }.items():
            for size in (1, 16, 512):
                yield Damage(f"{size} {name} over the {place}", _over(new, where, size))
    yield Damage("line feeds everywhere", lambda record, _: record.replace(b"\r\n", b"\n"))
    yield Damage("returns and line feeds everywhere", lambda record, _: re.sub(rb"(?<!\r)\n", b"\r\n", record))
    yield Damage("in UTF-8 twice", lambda record, _: record.decode("latin-1").encode())
    yield Damage("written twice", lambda record, _: record * 2, whole=True, doubles=True)
    yield Damage("first half lost", lambda record, _: record[len(record) // 2 :])
    yield Damage("HTTP head lost", _pattern(rb"HTTP/1.1 200(?s:.*?)\r\n\r\n", b""))
    yield Damage("status line lost", _swap(b"HTTP/1.1 200 OK\r\n", b""))


def _garbage_damages() -> Iterator[Damage]:
    for name, added in GARBAGE.items():
        yield Damage(f"{name} behind", _behind(added), whole=True)
        if name != "gzip":  # a file that begins with gzip is one of gzip
            yield Damage(f"{name} before", _before(added), whole=True)
            yield Damage(f"{name} at the beginning", _before(added), whole=True, first_only=True)


def damages() -> list[Damage]:
    """All kinds of damage to a WARC file."""
    return [*_length_damages(), *_head_damages(), *_block_damages(), *_garbage_damages()]


@dataclass(frozen=True)
class Spoiled:
    """A damaged archive: its parts, of which the one at `hit` is damaged."""

    records: list[Record]
    parts: list[bytes]
    hit: int


def spoil(records: list[Record], damage: Damage, hit: int, seed: int) -> Spoiled:
    """Damage one record of an archive."""
    parts = [each.content for each in records]
    parts[hit] = damage.change(parts[hit], Random(f"{damage.name} {hit} {seed}"))
    if damage.holds_more:
        more = sum(len(each.content) for each in records[hit + 1 : hit + 1 + damage.holds_more])
        length = int(re.search(rb"Content-Length: (\d+)", parts[hit])[1])  # type: ignore[index]
        parts[hit] = parts[hit].replace(b"Content-Length: %d" % length, b"Content-Length: %d" % (length + more), 1)
    return Spoiled(records, parts, hit)


def packed(parts: list[bytes], container: str) -> tuple[bytes, list[int]]:
    """Write the parts to a file; return it and where each part begins, as a reader says it."""
    if container == "one.gz":
        return zlib.compress(b"".join(parts), wbits=31), [0] * len(parts)
    pack: dict[str, Callable[[bytes], bytes]] = {
        "": bytes,
        "gz": lambda b: gzip.compress(b, 1),
        "zst": zstandard.compress,
    }
    stored = [pack[container](each) for each in parts]
    return b"".join(stored), [sum(map(len, stored[:n])) for n in range(len(stored))]


def wrongs(path: Path, spoiled: Spoiled, damage: Damage, container: str) -> list[str]:
    """List what a reader owes a damaged archive and does not give."""
    content, starts = packed(spoiled.parts, container)
    documents, ledger = read_file(path, content)
    rows = [row for row in ledger if row["action"] in ("skipped", "failed")]
    wrong = []
    for n, record in enumerate(spoiled.records):
        end = starts[n + 1] if n + 1 < len(starts) else len(content)
        found = _pages_of(record, documents)
        named = any(row["source_id"] == f"urn:uuid:{record.number}" for row in rows)
        there = any(starts[n] <= _offset_of(row, path) < max(end, starts[n] + 1) for row in [*rows, *documents])
        if len(found) > 1 + damage.doubles:
            wrong.append(f"{record.number} is read twice")
        if record.raw and (n != spoiled.hit or damage.whole):
            wrong += [] if record.raw.strip() in found else [f"{record.number} is {found or rows}"]
        elif not found and not named and not there:
            wrong.append(f"{record.number} has no row")
    return wrong


def _offset_of(row: dict[str, Any], path: Path) -> int:
    """Return where in the file a row says that something is; 0 if it is about the whole file."""
    return int(row["source_uri"].removeprefix(str(path)).removeprefix("@") or 0)


def _pages_of(record: Record, documents: Rows) -> list[bytes]:
    """Return the pages that were read from a record, but for breaks and zeros around them."""
    return [
        each["raw"].strip(b"\r\n \0")
        for each in documents
        if each["url"] == record.url or each["source_id"] == f"urn:uuid:{record.number}"
    ]
