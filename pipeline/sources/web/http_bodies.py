"""HTTP answers as crawlers stored them: split head from body, undo the codings, and tell what was cut.

Nothing raises on broken bytes: what can be decoded is kept, and `Body.broken` says why there is no more.
"""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from typing import NamedTuple

import brotli
import zstandard

from pipeline.sources.compression import GZIP_MAGIC, ZSTD_CHUNK, ZSTD_MAGIC

#: Output is taken in pieces of this size, so that a break costs no more than one piece and a bomb no memory.
PIECE = 1 << 16
SMALL_PIECE = 1 << 9
STATUS_LINE = re.compile(
    rb"[\r\n]{0,8}(?:HTTP/\d[\d.]{0,8}|ICY)(?:[ \t]{1,8}(\d{3})(?!\d))?[^\n]*(?:\n|\Z)", re.IGNORECASE
)
FIELDS = re.compile(rb"(?:[!#-'*+.^-z|~\w-]{1,200}[ \t]*:[^\n]*(?:\n|\Z)|[ \t]+[^\s][^\n]*(?:\n|\Z))*")
#: Headers that show that lines without a status line before them are the head of an answer.
OF_HTTP = re.compile(
    rb"^(?:content-(?:type|length|encoding)|transfer-encoding|set-cookie|server)[ \t]*:", re.IGNORECASE | re.MULTILINE
)
BLANK_LINE = re.compile(rb"\n\r?\n")
CHUNK_HEAD = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
PART_OF_CHUNK_HEAD = re.compile(rb"[0-9a-fA-F]{1,8}\r?")
LINE_BREAK = re.compile(rb"\r?\n")
LOOKS_LIKE_HTML = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|title|meta|article|div|p|h1)\b", re.IGNORECASE)
CONTENT_RANGE = re.compile(r"bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18})")
#: Names of a coding that mean there is none.
NO_CODING = ("", "identity", "none", "utf-8", "utf8", "binary", "8bit", "7bit", "aws-chunked", "text/html")


class TooLargeError(Exception):
    """A page that unpacks to more than the limit."""


class CodingError(ValueError):
    """A content coding that is not read."""


class HttpAnswer(NamedTuple):
    """An HTTP answer; `headers` by lower-case name, values of the same name joined by commas."""

    status: int | None
    headers: dict[str, str]
    body: bytes


class Body(NamedTuple):
    """The decoded content of an answer, and why it is not all of it."""

    content: bytes
    broken: str = ""


def parse_answer(block: bytes) -> HttpAnswer:
    """Split an answer into its status, headers and body; a block without a head is a body.

    >>> parse_answer(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/html\\r\\n\\r\\n<p>Late.")
    HttpAnswer(status=200, headers={'content-type': 'text/html'}, body=b'<p>Late.')
    >>> parse_answer(b"<p>Late.")
    HttpAnswer(status=None, headers={}, body=b'<p>Late.')
    """
    line = STATUS_LINE.match(block)
    begin = line.end() if line else 0
    end = _end_of_head(block, begin, has_status=line is not None)
    status = int(line[1]) if line and line[1] else None
    return HttpAnswer(status, _headers(block[begin : end[0]]), block[end[1] :])


def _end_of_head(block: bytes, begin: int, *, has_status: bool) -> tuple[int, int]:
    """Return where the headers end and where the body begins."""
    fields = FIELDS.match(block, begin)
    end = fields.end() if fields else begin
    if not has_status and not OF_HTTP.search(block, begin, end):
        return begin, begin
    if blank := LINE_BREAK.match(block, end):
        return end, blank.end()
    # A line among the headers is none: the next blank line ends them, unless a page begins before it.
    later = BLANK_LINE.search(block, end)
    page = LOOKS_LIKE_HTML.search(block, end, later.start() if later else len(block))
    return (later.start() + 1, later.end()) if later and not page else (end, end)


def _headers(lines: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in re.sub(rb"\r?\n[ \t]+", b" ", lines).split(b"\n"):
        name, colon, value = line.decode("latin-1").partition(":")
        key, text = name.strip().lower(), value.strip()
        if colon and text:
            found[key] = f"{found[key]}, {text}" if key in found and key != "content-type" else found.get(key, text)
    return found


def decode(answer: HttpAnswer, limit: int) -> Body:
    """Undo transfer and content codings, those that are declared and are there, and those that are only there."""
    body, broken = Body(answer.body), [_shortfall(answer)]
    if "chunked" in answer.headers.get("transfer-encoding", "").lower():
        body = unchunk(body.content)
        broken.append(body.broken)
    codings = f"{answer.headers.get('content-encoding', '')},{_codings_of_transfer(answer)}".lower().split(",")
    for coding in reversed([each.strip() for each in codings]):
        body = unpack(body.content, coding, limit)
        broken.append(body.broken)
    for _ in range(2):  # packed once more than the headers say, by the server or the crawler
        if body.content.startswith((GZIP_MAGIC, ZSTD_MAGIC)):
            body = unpack(body.content, "gzip" if body.content.startswith(GZIP_MAGIC) else "zstd", limit)
            broken.append(body.broken)
    if len(body.content) > limit:
        raise TooLargeError
    return Body(body.content, "; ".join(filter(None, broken)))


def _codings_of_transfer(answer: HttpAnswer) -> str:
    return answer.headers.get("transfer-encoding", "").lower().replace("chunked", "")


def _shortfall(answer: HttpAnswer) -> str:
    """Say if the answer has fewer bytes than its headers promise. Decoded bodies are longer than their length says."""
    length, have = answer.headers.get("content-length", ""), len(answer.body)
    plain = not {"content-encoding", "transfer-encoding"} & answer.headers.keys()
    if plain and re.fullmatch(r"\d{1,18}", length) and 0 < have < int(length):
        return f"the answer breaks off after {have:,} of {int(length):,} bytes"
    part = CONTENT_RANGE.match(answer.headers.get("content-range", "")) if answer.status == 206 else None
    if part and (int(part[1]) > 0 or int(part[2]) + 1 < int(part[3])):
        return f"the answer holds bytes {int(part[1]):,} to {int(part[2]):,} of {int(part[3]):,}"
    return ""


def unchunk(body: bytes) -> Body:
    """Join a body in chunked transfer coding; return it unchanged if it is not (crawlers often decode it).

    >>> unchunk(b"5\\r\\nHello\\r\\n1;x=y\\r\\n!\\r\\n0\\r\\n\\r\\n").content, unchunk(b"<p>Hello").content
    (b'Hello!', b'<p>Hello')
    >>> unchunk(b"5\\r\\nHello\\r\\n9\\r\\n, sail").broken
    'the chunked body breaks off'
    """
    parts: list[bytes] = []
    at = 0
    while head := CHUNK_HEAD.match(body, at):
        size, begin = int(head[1], 16), head.end()
        if size == 0:
            return Body(b"".join(parts))
        parts.append(body[begin : begin + size])
        line_break = LINE_BREAK.match(body, begin + size)
        at = line_break.end() if line_break else begin + size
        if line_break is None:
            break
    return _not_all_chunks(body, parts, at)


def _not_all_chunks(body: bytes, parts: list[bytes], at: int) -> Body:
    """Keep what there is of a body without a last chunk, if it is chunked at all."""
    rest = body[at:]
    if parts and (not rest.strip() or PART_OF_CHUNK_HEAD.fullmatch(rest)):
        return Body(b"".join(parts), "the chunked body breaks off")
    if len(parts) > 1 or (parts and LINE_BREAK.match(body, at - 1)):
        return Body(b"".join([*parts, rest]), "the chunks of the body are broken; what follows is kept as it is")
    return Body(body)


def unpack(body: bytes, coding: str, limit: int) -> Body:
    """Undo one content coding; return the body unchanged if it is not in that coding."""
    if coding in NO_CODING or not body.strip():
        return Body(body)
    if coding in ("gzip", "x-gzip"):
        return _gunzip(body, limit) if body.startswith(GZIP_MAGIC) else Body(body)
    if coding == "zstd":
        return _unzstd(body, limit) if body.startswith(ZSTD_MAGIC) else Body(body)
    if coding == "deflate":
        return _undeflate(body, limit)
    if coding == "br":
        return _unbrotli(body, limit)
    if _is_plain(body[:1024]):
        return Body(body)
    raise CodingError(f"the content coding {coding[:40]!r} is not read")


def _cut(name: str, have: int) -> str:
    return f"the {name} of the body ends too early; {have:,} bytes came of it"


def _damaged(name: str, have: int) -> str:
    return f"the {name} of the body is broken after {have:,} bytes"


def _gunzip(body: bytes, limit: int) -> Body:
    """Unpack all members: browsers stop after the first, but servers that write several mean them all."""
    parts, size, at, broken = [], 0, 0, ""
    while body.startswith(GZIP_MAGIC, at) and not broken and size <= limit:
        member, broken, at = _inflate(body, at, limit + 1 - size, 31)
        parts.append(member)
        size += len(member)
    left = len(body[at:].strip(b"\0\r\n "))
    if left and not broken and size <= limit:
        broken = f"{left:,} bytes after the gzip of the body are left out"
    return Body(b"".join(parts), broken)


def _inflate(body: bytes, at: int, limit: int, wbits: int) -> tuple[bytes, str, int]:
    """Unpack at most `limit` bytes; return them, why there are no more, and where the packed bytes end."""
    inflate, size, pending, step = zlib.decompressobj(wbits), 0, b"", SMALL_PIECE
    parts: list[bytes] = []
    name = "gzip" if wbits == 31 else "deflate"
    while not inflate.eof and size < limit:
        if not pending:
            pending, at, step = body[at : at + step], at + step, PIECE
            if not pending:
                return b"".join(parts), _cut(name, size), len(body)
        before = inflate.copy()
        try:
            part = inflate.decompress(pending, PIECE)
        except zlib.error:
            parts.append(_byte_by_byte(before, pending))
            return b"".join(parts), _damaged(name, size + len(parts[-1])), len(body)
        parts.append(part)
        size, pending = size + len(part), inflate.unconsumed_tail
    return b"".join(parts), "", min(at, len(body)) - len(inflate.unused_data)


def _byte_by_byte(inflate: zlib._Decompress, packed: bytes) -> bytes:
    """Unpack what comes before a break: a call that fails loses all that it had unpacked."""
    parts: list[bytes] = []
    with suppress(zlib.error):
        parts.extend(inflate.decompress(packed[n : n + 1]) for n in range(len(packed)))
    return b"".join(parts)


def _undeflate(body: bytes, limit: int) -> Body:
    """Unpack zlib, or deflate without a head, by what gives more."""
    if body.startswith(GZIP_MAGIC):
        return _gunzip(body, limit)
    tried = [Body(*_inflate(body, 0, limit + 1, wbits)[:2]) for wbits in (15, -15)]
    best = max(tried, key=lambda each: (not each.broken, len(each.content)))
    return _unless_plain(body, best)


def _unbrotli(body: bytes, limit: int, step: int = 0) -> Body:
    """Unpack brotli, given at once or, to save what comes before a break, in small steps."""
    unpacker, size, at = brotli.Decompressor(), 0, 0
    parts: list[bytes] = []
    step = step or max(1, len(body))
    while not unpacker.is_finished() and size <= limit:
        given = body[at : at + step] if unpacker.can_accept_more_data() else b""
        if not given and unpacker.can_accept_more_data():
            return _unless_plain(body, Body(b"".join(parts), _cut("brotli", size)))
        try:
            part = unpacker.process(given, output_buffer_limit=PIECE)
        except brotli.error:
            broken = Body(b"".join(parts), _damaged("brotli", size))
            return _unless_plain(body, broken) if step == SMALL_PIECE else _unbrotli(body, limit, SMALL_PIECE)
        parts.append(part)
        size, at = size + len(part), at + len(given)
    return Body(b"".join(parts))


def _unless_plain(body: bytes, unpacked: Body) -> Body:
    """Return the body itself where it was not in the coding that its headers claim, which gives nothing or a little."""
    return Body(body) if unpacked.broken and _is_plain(body[:1024]) else unpacked


def _is_plain(beginning: bytes) -> bool:
    """Return True if bytes are not compressed: a tag begins them, or they hold no control characters."""
    if LOOKS_LIKE_HTML.search(beginning[:64]):
        return True
    if re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", beginning):
        return False
    return len(beginning) >= 64 or beginning.decode(errors="ignore").encode() == beginning


def _unzstd(body: bytes, limit: int) -> Body:
    """Unpack all frames."""
    size, at = 0, 0
    parts: list[bytes] = []
    while body.startswith(ZSTD_MAGIC, at) and size <= limit:
        frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            while not frame.eof and at < len(body) and size <= limit:
                parts.append(frame.decompress(body[at : at + ZSTD_CHUNK]))
                size, at = size + len(parts[-1]), at + ZSTD_CHUNK
        except zstandard.ZstdError:
            return Body(b"".join(parts), _damaged("zstd", size))
        if not frame.eof and size <= limit:
            return Body(b"".join(parts), _cut("zstd", size))
        at = min(at, len(body)) - len(frame.unused_data)
    return Body(b"".join(parts))
