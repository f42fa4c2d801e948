"""Bytes of markup: UTF-16 and other codes in which "<" is not one byte are converted, all else is decoded by article.

In every other charset that news comes in, "<", ">" and "&" are bytes of their own, so that a file can be cut into its
articles before it is decoded, and one article in another charset than the rest costs nothing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.sources.compression import CHUNK
from pipeline.sources.streams import Stream

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([\w.:\-]+)""", re.IGNORECASE)
_LONG = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_SHORT = re.compile(rb"[\xc2-\xdf][\x80-\xbf]")
#: Beginnings of files in UTF-16 and UTF-32, the longest first.
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"), (b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)  # fmt: skip
#: Charsets that are declared for a larger one, as in the Encoding Standard.
_LARGER = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949", "iso8859-9": "cp1254",
}  # fmt: skip
_SEVERAL_BYTES = frozenset(("gb18030", "cp932", "cp949", "big5", "big5hkscs", "euc_jp", "cp950", "johab"))


class Charset(NamedTuple):
    """How a file is decoded: the code of its bytes if "<" is not one byte there, and the charset it declares."""

    wide: str = ""
    declared: str = ""


def charset_of(head: bytes) -> Charset:
    """Find how a file is decoded from its first bytes.

    >>> charset_of(b"\\xff\\xfe<\\0"), charset_of(b"<?xml version='1.0' encoding='ISO-8859-1'?>")
    (Charset(wide='utf-16', declared=''), Charset(wide='', declared='cp1252'))
    """
    if wide := next((name for beginning, name in _WIDE if head.startswith(beginning)), ""):
        return Charset(wide)
    found = _DECLARED.search(head[:1000])
    try:
        name = codecs.lookup(found[1].decode("ascii", "replace")).name if found else ""
    except LookupError:
        return Charset()
    if name.startswith(("iso2022", "hz")):
        return Charset(name)
    return Charset("", "" if name.startswith("utf") or name not in _TEXT else _LARGER.get(name, name))


#: Charsets that Python decodes to text, and not other codecs such as "zip".
_TEXT = frozenset(
    codecs.lookup(name).name
    for name in (
        *(f"iso8859-{number}" for number in (*range(1, 12), 13, 14, 15, 16)), *(f"cp125{digit}" for digit in range(9)),
        "ascii", "gb2312", "gbk", "gb18030", "big5", "big5hkscs", "cp950", "shift_jis", "cp932", "euc_jp", "euc_kr",
        "cp949", "johab", "koi8-r", "koi8-u", "cp437", "cp850", "cp852", "cp855", "cp866", "cp874", "mac-roman",
        "mac-cyrillic", "tis-620", "ptcp154",
    )
)  # fmt: skip


def head_of(head: bytes, charset: Charset) -> bytes:
    """Return the first bytes of a file, in a code in which "<" is one byte, without a byte order mark."""
    if charset.wide:
        return (
            head[: len(head) // 4 * 4]
            .decode(charset.wide, "replace")
            .encode("utf-8", "replace")
            .lstrip(codecs.BOM_UTF8)
        )
    return head.removeprefix(codecs.BOM_UTF8)


def decoded_head(head: bytes, charset: Charset) -> tuple[str, str]:
    """Decode the first bytes of a file, which may end within a character; return the charset too."""
    head = head_of(head, charset)
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(head), "utf-8"
    except UnicodeDecodeError:
        return head.decode(charset.declared or "utf-8", "replace"), charset.declared or "utf-8"


def pieces_of(stream: Stream, charset: Charset) -> Iterator[bytes]:
    """Yield the bytes of a file piece by piece, in a code in which "<" is one byte, without a byte order mark."""
    if charset.wide:
        yield from _converted(stream, charset.wide)
        return
    first = stream.read(CHUNK).removeprefix(codecs.BOM_UTF8)
    while first:
        yield first
        first = stream.read(CHUNK)


def _converted(stream: Stream, wide: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(wide)("replace")
    while piece := stream.read(CHUNK):
        if text := decoder.decode(piece):
            yield text.encode("utf-8", "replace")
    if text := decoder.decode(b"", final=True):
        yield text.encode("utf-8", "replace")


class DecodedMarkup(NamedTuple):
    """A text, and True if the charset declared was not believed."""

    text: str
    against: bool


def decode(raw: bytes, charset: Charset) -> DecodedMarkup:
    """Decode an article: as UTF-8 where it is valid, which no other charset is by chance, else as declared.

    Bytes that fit neither become lone surrogates: the decode stage weighs them.

    >>> decode("café".encode("cp1252"), Charset("", "cp1252")), decode("café".encode(), Charset("", "cp1252"))
    (DecodedMarkup(text='café', against=False), DecodedMarkup(text='café', against=True))
    >>> decode(b"caf\\xe9", Charset())
    DecodedMarkup(text='caf\\udce9', against=False)
    """
    declared = charset.declared
    if declared in _SEVERAL_BYTES and not _LONG.search(raw) and not raw.isascii():
        return DecodedMarkup(_as_declared(raw, declared), False)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return DecodedMarkup(_as_declared(raw, declared), False)
    if declared in _SEVERAL_BYTES and not raw.isascii() and len(_SHORT.findall(raw)) > len(_LONG.findall(raw)):
        return DecodedMarkup(_as_declared(raw, declared), False)
    return DecodedMarkup(text, bool(declared) and not raw.isascii())


def _as_declared(raw: bytes, declared: str) -> str:
    try:
        return raw.decode(declared or "utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1") if declared == "cp1252" else raw.decode("utf-8", "surrogateescape")
