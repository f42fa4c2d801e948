"""From bytes to text: the choice of a charset, and the list of bytes that it cannot decode."""

from __future__ import annotations

import codecs
import contextlib
import re
from typing import NamedTuple

from stages.decode import stray
from stages.decode.choice import SAMPLE_BYTES, ebcdic, likeliest_codec, reads_well, unmarked_utf16
from stages.decode.labels import codec_of, declared_in_page
from stages.decode.seen_through import Mended, mend

REPLACEMENT = "\ufffd"

#: UTF-32 first: its little-endian mark begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Signs of a text in ASCII whose other letters are written by shifts, and the codecs it may be in; what follows "+".
_BASE_64 = re.compile(rb"\+[A-Za-z0-9+/]{2,}")
_SEVEN_BIT = (
    (b"\x1b$", ("iso2022-jp", "iso2022-jp-ext", "iso2022-jp-2004", "iso2022-kr")), (b"~{", ("hz",)), (b"+", ("utf-7",)),
)  # fmt: skip


class StrayRun(NamedTuple):
    """Bytes (start, end) that are no UTF-8, and what they are sure to say in another charset."""

    start: int
    end: int
    codec: str
    text: str


class Decoded(NamedTuple):
    """A text, its codec, the runs (start, end) of undecodable bytes, each of which became one U+FFFD, the runs that
    were read in another charset, the codecs that were declared, and pieces that had been decoded wrongly before.
    """

    text: str
    codec: str
    undecodable: tuple[tuple[int, int], ...] = ()
    strays: tuple[StrayRun, ...] = ()
    declared: tuple[str, ...] = ()
    mended: tuple[Mended, ...] = ()


def decode(raw: bytes, charset: str | None, is_page: bool, declared_evidence: float) -> Decoded:
    """Decode a document: by its byte order mark, as UTF-16 or UTF-32, as UTF-8, or in the likeliest charset.

    >>> decode("Später Föhn.".encode("cp1252"), "utf-8", False, 10)
    Decoded(text='Später Föhn.', codec='cp1252', undecodable=(), strays=(), declared=('utf-8',), mended=())
    """
    declared = declarations(raw, charset, is_page)
    decoded = _decode(raw, declared, is_page, declared_evidence)
    is_marked = any(raw.startswith(mark) for mark, _ in BYTE_ORDER_MARKS)
    return decoded._replace(declared=declared or ((decoded.codec,) if is_marked else ()))


def declarations(raw: bytes, charset: str | None, is_page: bool) -> tuple[str, ...]:
    """Return the codecs that transport and page declare."""
    both = codec_of(charset), declared_in_page(raw) if is_page else None
    return tuple(dict.fromkeys(codec for codec in both if codec))


def _decode(raw: bytes, declared: tuple[str, ...], is_page: bool, declared_evidence: float) -> Decoded:
    for mark, codec in BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return decode_as(raw, codec, len(mark))
    wide = _wide_codec(raw, declared)
    if wide:
        return decode_as(raw, wide)
    if raw.isascii():
        return _seven_bit(raw) or Decoded(raw.decode(), "utf-8")
    with contextlib.suppress(UnicodeDecodeError):
        return _valid_utf8(raw.decode(), raw)
    with contextlib.suppress(UnicodeDecodeError):
        raw.decode("utf-8", "surrogatepass")
        return _with_strays(raw)
    codec = unmarked_utf16(raw) or ebcdic(raw) or likeliest_codec(raw, declared, is_page, declared_evidence)
    return _with_strays(raw) if codec == "utf-8" else decode_as(raw, codec)


def _valid_utf8(text: str, raw: bytes) -> Decoded:
    mended = mend(text, raw)
    return Decoded(mended.text, "utf-8", mended=mended.pieces)


def _seven_bit(raw: bytes) -> Decoded | None:
    """Return a text that is written in ASCII by shifts, if it has letters that read well; else None.

    >>> _seven_bit(b"F+AOQ-hre & M+APY-we").text
    'Fähre & Möwe'
    >>> _seven_bit(b"tel. +4930-12345, C++11-style")
    """
    for sign, candidates in _SEVEN_BIT:
        if sign[:1] not in raw or sign not in raw or (sign == b"+" and not _BASE_64.search(raw)):
            continue  # the first test is the quickest
        for codec in candidates:
            with contextlib.suppress(UnicodeDecodeError):
                text = raw.decode(codec)
                if reads_well(text[:SAMPLE_BYTES]):
                    return Decoded(text, codec)
    return None


def decode_as(raw: bytes, codec: str, start: int = 0) -> Decoded:
    """Decode `raw` from `start` on, with one U+FFFD for each run of undecodable bytes.

    >>> decode_as(b"a\\xff\\xfeb\\xff", "utf-8").text, decode_as(b"a\\xff\\xfeb\\xff", "utf-8").undecodable
    ('a\ufffdb\ufffd', ((1, 3), (4, 5)))
    """
    parts, runs = pieces(raw, codec, start)
    return Decoded(REPLACEMENT.join(parts), codec, tuple(runs))


def pieces(raw: bytes, codec: str, start: int = 0) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the texts between the runs of undecodable bytes (one more than there are runs), and the runs."""
    view = memoryview(raw)
    parts: list[str] = [""]
    runs: list[tuple[int, int]] = []
    while True:
        try:
            parts[-1] += str(view[start:], codec)
            return parts, runs
        except UnicodeDecodeError as error:
            bad, after = start + error.start, start + max(error.end, error.start + 1)
            parts[-1] += str(view[start:bad], codec)
            if runs and runs[-1][1] == bad:
                runs[-1] = (runs[-1][0], after)
            else:
                runs.append((bad, after))
                parts.append("")
            start = after


def _with_strays(raw: bytes) -> Decoded:
    """Decode UTF-8 with stray bytes: those that surely are a piece in another charset are read in it.

    >>> _with_strays("Später am Caf".encode() + b"\\xe9 te\\xffst").text
    'Später am Café te\ufffdst'
    """
    parts, runs = pieces(raw, "utf-8")
    around = [
        stray.Stray(start, end, raw[start:end], before, after)
        for (start, end), before, after in zip(runs, parts, parts[1:], strict=False)
    ]
    texts = [parts[0]]
    read, unread = [], []
    for run, (codec, text), part in zip(around, stray.readings(around), parts[1:], strict=True):
        texts += [REPLACEMENT if text is None else text, part]
        if text is None:
            unread.append((run.start, run.end))
        else:
            read.append(StrayRun(run.start, run.end, codec, text))
    return Decoded("".join(texts), "utf-8", tuple(unread), tuple(read))


def _wide_codec(raw: bytes, declared: tuple[str, ...]) -> str | None:
    """Return the UTF-16 or UTF-32 codec of bytes without a mark, by the positions of zero bytes, or None."""
    head = raw[:SAMPLE_BYTES]
    if b"\0" not in head:
        return None
    lanes = [head[at::4].count(0) / max(1, len(head) // 4) for at in range(4)]
    wide = _by_lanes(lanes) or next((codec for codec in declared if codec.startswith("utf-16")), None)
    return wide if wide and _has_few_errors(head, wide) else None


def _by_lanes(lanes: list[float]) -> str | None:
    """Return the codec that puts zeros in these lanes (shares of zeros at offsets 0 to 3 of every four bytes)."""
    even, odd = lanes[0] + lanes[2], lanes[1] + lanes[3]
    if min(lanes[2:]) > 0.9 and lanes[0] < 0.1:
        return "utf-32-le"
    if min(lanes[:2]) > 0.9 and lanes[3] < 0.1:
        return "utf-32-be"
    # Every space, digit and tag has a zero byte in one lane; hardly any character has one in the other.
    if odd > 0.06 and odd > 8 * even:
        return "utf-16-le"
    if even > 0.06 and even > 8 * odd:
        return "utf-16-be"
    return None


def _has_few_errors(head: bytes, codec: str) -> bool:
    text = head[: len(head) // 4 * 4].decode(codec, "replace")
    return text.count(REPLACEMENT) + text.count("\0") <= len(text) // 100
