"""Bodies of HTTP answers in web archives: every coding, declared or not, whole, cut and broken."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pytest
import zstandard

from pipeline.sources import Settings
from pipeline.sources.web.http_bodies import parse_answer
from tests.helpers.damage import answer, page, warc_record
from tests.helpers.sources import Rows, read_file

PAGE = page(3) + b"".join(page(n).partition(b"<body>")[2] for n in range(60))
HTTP = "application/http; msgtype=response"


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def flushed_gzip(body: bytes) -> bytes:
    """As servers write that send parts of a page as soon as they have them."""
    packer = zlib.compressobj(wbits=31)
    parts = [packer.compress(body[n : n + 700]) + packer.flush(zlib.Z_SYNC_FLUSH) for n in range(0, len(body), 700)]
    return b"".join(parts) + packer.flush()


def members(body: bytes, pack: Callable[[bytes], bytes], size: int) -> bytes:
    return b"".join(pack(body[n : n + size]) for n in range(0, len(body), size))


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip stored": ("gzip", lambda b: gzip.compress(b, 0)),
    "gzip flushed": ("gzip", flushed_gzip),
    "x-gzip": ("x-gzip", gzip.compress),
    "GZIP": ("GZIP", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "deflate that is gzip": ("deflate", gzip.compress),
    "brotli": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
    "zstd of unknown size": ("zstd", lambda b: zstandard.ZstdCompressor(write_content_size=False).compress(b)),
    "zstd frames": ("zstd", lambda b: members(b, zstandard.compress, 900)),
    "gzip members": ("gzip", lambda b: members(b, gzip.compress, 900)),
    "two gzip members": ("gzip", lambda b: members(b, gzip.compress, len(b) // 2 + 1)),
    "members of one byte": ("gzip", lambda b: members(b[:400], gzip.compress, 1) + gzip.compress(b[400:])),
    "gzip padded": ("gzip", lambda b: gzip.compress(b) + bytes(512)),
    "gzip and line breaks": ("gzip", lambda b: gzip.compress(b) + b"\r\n\r\n"),
    "gzip twice": ("gzip, gzip", lambda b: gzip.compress(gzip.compress(b))),
    "gzip twice, told once": ("gzip", lambda b: gzip.compress(gzip.compress(b))),
    "gzip thrice, told once": ("gzip", lambda b: gzip.compress(gzip.compress(gzip.compress(b)))),
    "zlib and gzip": ("deflate, gzip", lambda b: gzip.compress(zlib.compress(b))),
    "gzip and brotli": ("gzip,br", lambda b: brotli.compress(gzip.compress(b))),
    "gzip not told": ("", gzip.compress),
    "zstd not told": ("", zstandard.compress),
    "gzip that is zstd": ("gzip", zstandard.compress),
    "zstd that is gzip": ("zstd", gzip.compress),
    "identity that is gzip": ("identity", gzip.compress),
    "plain": ("", bytes),
    **{
        f"{coding} that is plain": (coding, bytes) for coding in ("gzip", "x-gzip", "deflate", "br", "zstd", "compress")
    },
    **{f"{coding} for none": (coding, bytes) for coding in ("identity", "none", "UTF-8", "utf8", "binary", " ")},
}
WHOLE_ONLY = ("not told", "that is plain", "for none", "plain", "one byte", "padded", "line breaks")
PACKED = [name for name in CODINGS if not name.endswith(WHOLE_ONLY)]


def chunked(body: bytes, size: int, line_break: bytes = b"\r\n") -> bytes:
    parts = (body[n : n + size] for n in range(0, len(body), size))
    return b"".join(b"%x%s%s%s" % (len(p), line_break, p, line_break) for p in parts) + b"0" + line_break * 2


TRANSFERS: dict[str, tuple[list[str], Callable[[bytes], bytes]]] = {
    "at once": ([], bytes),
    "in chunks": (["Transfer-Encoding: chunked"], lambda b: chunked(b, 100)),
    "in one chunk": (["Transfer-Encoding: chunked"], lambda b: chunked(b, 10**6)),
    "in small chunks": (["Transfer-Encoding: Chunked"], lambda b: chunked(b, 1)),
    "in chunks with line feeds": (["Transfer-Encoding: chunked"], lambda b: chunked(b, 64, b"\n")),
    "in chunks that are joined": (["Transfer-Encoding: chunked"], bytes),
    "with a length": (["Content-Length: 17"], bytes),
}


def read_answer(tmp_path: Path, block: bytes, *fields: str, settings: Settings | None = None) -> tuple[Rows, Rows]:
    """The documents and rows of an answer in a WARC file, between two other pages, which must be read."""
    record = warc_record(3, "response", HTTP, block).content
    for each in fields:
        record = record.replace(b"WARC-Date", each.encode() + b"\r\nWARC-Date", 1)
    others = [warc_record(n, "response", HTTP, answer(page(n))).content for n in (1, 9)]
    documents, rows = read_file(tmp_path / "a.warc", others[0] + record + others[1], settings)
    assert [documents[0]["raw"], documents[-1]["raw"]] == [page(1), page(9)]
    return documents[1:-1], rows


@pytest.mark.parametrize("transfer", TRANSFERS)
@pytest.mark.parametrize("coding", CODINGS)
def test_a_page_in_any_coding_is_read_whole(tmp_path: Path, coding: str, transfer: str) -> None:
    (name, pack), (headers, send) = CODINGS[coding], TRANSFERS[transfer]
    block = answer(send(pack(PAGE)), *headers, *([f"Content-Encoding: {name}"] if name else []))
    (document,), rows = read_answer(tmp_path, block)
    assert (document["raw"], rows) == (PAGE, [])


def test_codings_of_the_transfer_are_undone(tmp_path: Path) -> None:
    block = answer(chunked(gzip.compress(PAGE), 90), "Transfer-Encoding: gzip, chunked")
    (document,), rows = read_answer(tmp_path, block)
    assert (document["raw"], rows) == (PAGE, [])


def is_told(document: dict, rows: Rows) -> bool:
    return any((row["doc_id"], row["reason"]) == (document["doc_id"], "cut_short") for row in rows)


@pytest.mark.parametrize("transfer", ["at once", "in chunks"])
@pytest.mark.parametrize("coding", [*PACKED, "plain"])
def test_a_body_that_is_cut_is_kept_as_far_as_it_goes_and_told(tmp_path: Path, coding: str, transfer: str) -> None:
    (name, pack), (headers, send) = CODINGS[coding], TRANSFERS[transfer]
    whole = pack(PAGE)
    kept = []
    for share in (0.01, 0.3, 0.5, 0.8, 0.95, 0.999):
        cut = send(whole)[: int(share * len(send(whole)))]
        length = [f"Content-Length: {len(whole)}"] if transfer == "at once" else []
        block = answer(cut, *headers, *length, *([f"Content-Encoding: {name}"] if name else []))
        documents, rows = read_answer(tmp_path, block)
        if documents:
            assert PAGE.startswith(documents[0]["raw"])
            assert documents[0]["raw"] == PAGE or is_told(documents[0], rows)
            kept.append(len(documents[0]["raw"]))
        else:
            assert [(row["action"], row["source_id"]) for row in rows] == [("failed", "urn:uuid:3")]
    assert kept == sorted(kept)
    # Most codings give back nearly all that is there; zstd gives whole blocks, and a page of this size is one.
    assert "zstd" in coding or "twice" in coding or "thrice" in coding or kept[-1] > 0.9 * len(PAGE)


@pytest.mark.parametrize("coding", PACKED)
def test_a_body_with_a_broken_byte_is_told_to_be_broken(tmp_path: Path, coding: str) -> None:
    name, pack = CODINGS[coding]
    whole = pack(PAGE)
    for share in (0.2, 0.5, 0.7, 0.9):
        at = int(share * len(whole))
        spoiled = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        documents, rows = read_answer(tmp_path, answer(spoiled, f"Content-Encoding: {name}"))
        if not coding.startswith("gzip") or coding in ("gzip and brotli", "gzip that is zstd"):
            continue  # without a checksum a byte may change into another
        assert all(is_told(each, rows) for each in documents)
        assert documents or [row["action"] for row in rows] == ["failed"]


def test_a_wrong_checksum_costs_no_page(tmp_path: Path) -> None:
    packed = gzip.compress(PAGE)
    (document,), rows = read_answer(tmp_path, answer(packed[:-8] + bytes(8), "Content-Encoding: gzip"))
    assert document["raw"] == PAGE
    assert is_told(document, rows)


def test_what_follows_the_gzip_of_a_body_is_told(tmp_path: Path) -> None:
    body = gzip.compress(PAGE) + b"<!-- served by node 7 -->"
    (document,), rows = read_answer(tmp_path, answer(body, "Content-Encoding: gzip"))
    assert document["raw"] == PAGE
    assert rows[0]["after"] == "25 bytes after the gzip of the body are left out"


@pytest.mark.parametrize("why", ["length", "time", "disconnect", "unspecified"])
def test_what_the_crawler_cut_is_told(tmp_path: Path, why: str) -> None:
    (document,), rows = read_answer(tmp_path, answer(PAGE[:900]), f"WARC-Truncated: {why}")
    assert document["raw"] == PAGE[:900]
    assert [row["after"] for row in rows] == [f"the crawler stored only the beginning (WARC-Truncated: {why})"]
    assert (rows[0]["action"], rows[0]["reason"]) == ("marked", "cut_short")


def test_an_answer_with_fewer_bytes_than_it_promises_is_told(tmp_path: Path) -> None:
    (document,), rows = read_answer(tmp_path, answer(PAGE[:900], "Content-Length: 2000"))
    assert document["raw"] == PAGE[:900]
    assert [row["after"] for row in rows] == ["the answer breaks off after 900 of 2,000 bytes"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("bytes 0-899/2000", True),
        ("bytes 100-1999/2000", True),
        ("bytes 0-1999/2000", False),
        ("bytes */2000", False),
        ("", False),
    ],
)
def test_a_part_of_a_page_is_told(tmp_path: Path, given: str, told: bool) -> None:
    block = answer(PAGE[:900], f"Content-Range: {given}").replace(b"200 OK", b"206 Partial Content")
    (_,), rows = read_answer(tmp_path, block)
    assert bool(rows) is told


def test_a_page_cut_in_its_head_is_no_page(tmp_path: Path) -> None:
    head = b"<html><head><title>Ferry</title><script>var a"
    documents, rows = read_answer(tmp_path, answer(head), "WARC-Truncated: time")
    assert (documents, [(row["action"], row["reason"]) for row in rows]) == ([], [("failed", "unreadable")])


@pytest.mark.parametrize("coding", ["dcb", "compress", "x-snappy", "exi"])
def test_a_coding_that_is_not_read_is_named(tmp_path: Path, coding: str) -> None:
    documents, rows = read_answer(tmp_path, answer(b"\x00\x9d\x90\xff" * 50, f"Content-Encoding: {coding}"))
    assert (documents, [row["after"] for row in rows]) == ([], [f"the content coding {coding!r} is not read"])


@pytest.mark.parametrize(
    "coding", ["gzip", "brotli", "zstd", "zlib", "raw deflate", "gzip twice", "zlib and gzip", "gzip not told"]
)
def test_a_bomb_is_too_large(tmp_path: Path, coding: str) -> None:
    name, pack = CODINGS[coding]
    settings = Settings(max_document_bytes=1_000_000)
    block = answer(pack(b"<p>" + b" " * 30_000_000), *([f"Content-Encoding: {name}"] if name else []))
    documents, rows = read_answer(tmp_path, block, settings=settings)
    assert (documents, [row["reason"] for row in rows]) == ([], ["too_large"])


# ---------------------------------------------------------------- heads of answers


def heads() -> Iterator[tuple[str, bytes]]:
    whole = answer(b"", "Server: x")
    changes = {
        "as it is": (b"", b""), "line feeds": (b"\r\n", b"\n"), "HTTP/1.0": (b"HTTP/1.1", b"HTTP/1.0"), "HTTP/2": (b"HTTP/1.1 200 OK", b"HTTP/2 200"),
        "HTTP/3": (b"HTTP/1.1", b"HTTP/3"), "ICY": (b"HTTP/1.1", b"ICY"), "no words": (b"200 OK", b"200"), "words in Latin-1": (b"OK", b"Art\xedculo hallado"),
        "words in UTF-8": (b"OK", "найдено".encode()), "no number": (b" 200 OK", b""), "a number of five digits": (b"200", b"20000"), "no status line": (b"HTTP/1.1 200 OK\r\n", b""),
        "a breaks in front": (b"HTTP", b"\r\nHTTP"), "a cookie of bytes": (b"Server", b"Set-Cookie: \xf3\xd2\xda\xcd\xd7=%96; path=/\r\nServer"), "a name of bytes": (b"Server", b"S\xe9rver"),
        "a line of no header": (b"Server", b"this is none\r\nServer"), "an empty name": (b"Server", b""), "a name with blanks": (b"Server", b"My Server"), "a folded header": (b"x\r\n", b"x\r\n  y\r\n"),
        "a zero": (b"x\r\n", b"x\0y\r\n"), "a type given twice": (b"Server", b"Content-Type: text/html\r\nServer"), "a long header": (b"x\r\n", b"x" * 100_000 + b"\r\n"),
        "many headers": (b"Server: x\r\n", b"X: y\r\n" * 5_000), "no type": (b"Content-Type: text/html; charset=utf-8\r\n", b""), "a type in capitals": (b"text/html", b"TEXT/HTML"),
        "a type with a comma": (b"text/html;", b"text/html,"), "an unsure type": (b"text/html", b"application/octet-stream"), "a type of XML": (b"text/html", b"application/xml"),
        "a type of text": (b"text/html", b"text/plain"), "no blank line": (b"x\r\n\r\n", b"x\r\n"), "small letters": (b"Content-Type", b"content-type"), "two lines of status": (b"Server", b"HTTP/1.1 200 OK\r\nServer"),
    }  # fmt: skip
    for name, (old, new) in changes.items():
        yield name, whole.replace(old, new) if old else whole


@pytest.mark.parametrize(("name", "head"), list(heads()), ids=lambda each: each if isinstance(each, str) else "")
def test_a_page_behind_any_head_is_read(tmp_path: Path, name: str, head: bytes) -> None:
    (document,), rows = read_answer(tmp_path, head + PAGE)
    assert (document["raw"], document["kind"], rows) == (PAGE, "html", [])


def test_a_text_whose_first_lines_look_like_headers_stays_whole() -> None:
    text = b"Note: the ferry is late.\nReason: the storm.\n\nMore tomorrow."
    assert parse_answer(text).body == text


@pytest.mark.parametrize("status", [301, 302, 304, 400, 403, 404, 410, 429, 500, 503])
def test_an_answer_that_is_no_success_is_no_page(tmp_path: Path, status: int) -> None:
    documents, rows = read_answer(tmp_path, answer(PAGE).replace(b"200 OK", b"%d No" % status))
    assert (documents, [row["after"] for row in rows]) == ([], [f"HTTP status {status}"])
