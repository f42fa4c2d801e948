"""Bytes to text: which charset, and which bytes had none."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

import cchardet

from stages.decode.labels import codec_of, declared_in_page
from stages.decode.plausibility import DOUBLE_BYTE, SINGLE_BYTE, double_byte_score, single_byte_scores

REPLACEMENT = "\ufffd"

#: UTF-32 first: its little-endian mark begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE_BYTES = 65_536  # of a page without its markup; beyond this the ranking of charsets no longer changes
_MARKUP = re.compile(
    rb"<(?:script|style)\b.*?</(?:script|style)\s*>|<!--.*?-->|<[a-zA-Z/!?][^<>]*>", re.IGNORECASE | re.DOTALL
)
_OUTSIDE_ASCII = re.compile(rb"[\x80-\xff]+")
_UTF_8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_ESCAPES_OF_ISO_2022_JP = (b"\x1b$B", b"\x1b$@")


class Decoded(NamedTuple):
    """A text, the codec that gave it, and the runs of bytes (start, end) that stand in it as one U+FFFD each."""

    text: str
    codec: str
    undecodable: tuple[tuple[int, int], ...] = ()


class Evidence(NamedTuple):
    """What speaks for a charset besides the bytes, in nats; found on the samples of benchmarks/decode.py."""

    declared: float
    detected: float


def decode(raw: bytes, charset: str | None, is_page: bool, max_bad_share: float, evidence: Evidence) -> Decoded:
    """The text of a document: byte order mark, UTF-8, UTF-16, then whatever charset explains the bytes best.

    >>> decode("Später Föhn.".encode("cp1252"), "utf-8", False, 0.02, Evidence(12, 6))
    Decoded(text='Später Föhn.', codec='cp1252', undecodable=())
    """
    for mark, codec in BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return decode_as(raw, codec, len(mark))
    declared = [codec for codec in (codec_of(charset), declared_in_page(raw) if is_page else None) if codec]
    wide = _wide_codec(raw, declared)
    if wide:
        return decode_as(raw, wide)
    if any(escape in raw for escape in _ESCAPES_OF_ISO_2022_JP) and _is_valid(raw, "iso2022-jp"):
        return Decoded(raw.decode("iso2022-jp"), "iso2022-jp")
    if _is_valid(raw, "utf-8"):
        return Decoded(raw.decode(), "utf-8")
    if bad_utf8_share(raw) <= max_bad_share:
        return decode_as(raw, "utf-8")
    return decode_as(raw, legacy_codec(raw, declared, is_page, evidence))


def decode_as(raw: bytes, codec: str, start: int = 0) -> Decoded:
    """The text of `raw` from `start` on in a codec, with one U+FFFD for each run of bytes that have no character.

    >>> decode_as(b"a\\xff\\xfeb\\xff", "utf-8")
    Decoded(text='a�b�', codec='utf-8', undecodable=((1, 3), (4, 5)))
    """
    view = memoryview(raw)
    parts: list[str] = []
    runs: list[tuple[int, int]] = []
    while True:
        try:
            parts.append(str(view[start:], codec))
            break
        except UnicodeDecodeError as error:
            bad, after = start + error.start, start + max(error.end, error.start + 1)
            if error.start:
                parts.append(str(view[start:bad], codec))
            if runs and runs[-1][1] == bad:
                runs[-1] = (runs[-1][0], after)
            else:
                parts.append(REPLACEMENT)
                runs.append((bad, after))
            start = after
    return Decoded("".join(parts), codec, tuple(runs))


def _is_valid(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def bad_utf8_share(raw: bytes) -> float:
    """The share of bad sequences among those outside ASCII, read as UTF-8; a last character cut short is not bad.

    >>> bad_utf8_share("Ærø".encode() + b"\\xc3"), bad_utf8_share("Ærø".encode("cp1252"))
    (0.0, 1.0)
    """
    good = bad = 0
    for run in _OUTSIDE_ASCII.finditer(raw):
        here = len(_UTF_8_CHARACTER.findall(run[0]))
        good += here
        rest = _UTF_8_CHARACTER.sub(b"", run[0])
        bad += bool(rest) and not (run.end() == len(raw) and here and len(rest) <= 3)
    return bad / (good + bad) if good + bad else 0.0


def _wide_codec(raw: bytes, declared: list[str]) -> str | None:
    """UTF-16 or UTF-32 without a mark, told by where the zero bytes are."""
    head = raw[:SAMPLE_BYTES]
    if b"\0" not in head:
        return None
    lanes = [head[at::4].count(0) / max(1, len(head) // 4) for at in range(4)]
    wide = _by_lanes(lanes)
    if wide is None:
        wide = next((codec for codec in declared if codec.startswith("utf-16")), None)
    return wide if wide and _reads_well(head, wide) else None


def _by_lanes(lanes: list[float]) -> str | None:
    """The codec that puts zeros in these lanes (shares of zeros at offsets 0 to 3 of every four bytes)."""
    even, odd = lanes[0] + lanes[2], lanes[1] + lanes[3]
    if min(lanes[2:]) > 0.9 and lanes[0] < 0.1:
        return "utf-32-le"
    if min(lanes[:2]) > 0.9 and lanes[3] < 0.1:
        return "utf-32-be"
    # Every space, digit and tag has a zero byte on one side; hardly any character on the other.
    if odd > 0.06 and odd > 8 * even:
        return "utf-16-le"
    if even > 0.06 and even > 8 * odd:
        return "utf-16-be"
    return None


def _reads_well(head: bytes, codec: str) -> bool:
    text = head[: len(head) // 4 * 4].decode(codec, "replace")
    return text.count(REPLACEMENT) + text.count("\0") <= len(text) // 100


def without_markup(raw: bytes) -> bytes:
    """What of a page a reader sees, roughly: a charset is judged on words and not on tags.

    >>> without_markup(b"<p class='x'>Caf\\xe9<script>var x</script></p>")
    b' Caf\\xe9  '
    """
    return _MARKUP.sub(b" ", raw)


def legacy_codec(raw: bytes, declared: list[str], is_page: bool, evidence: Evidence) -> str:
    """The charset that has most for it: the likelihood of the letters, the declaration and the detector."""
    sample = (without_markup(raw) if is_page else raw)[:SAMPLE_BYTES]
    if not _OUTSIDE_ASCII.search(sample):
        sample = raw
    scores = dict(_scores(sample))
    for codec in declared:
        scores[codec] = scores.get(codec, min(scores.values())) + evidence.declared / len(declared)
    detected = codec_of(cchardet.detect(sample)["encoding"])
    if detected in scores:
        scores[detected] += evidence.detected
    # Sorted so that equals are decided by the order of SINGLE_BYTE, commonest first.
    return max(scores, key=lambda codec: scores[codec])


#: Letters of a text depend on one another: its hundredth "é" says less than the first. Beyond this many bytes, more of
#: them no longer outweigh a declaration.
EFFECTIVE_BYTES = 60


def _scores(sample: bytes) -> Iterator[tuple[str, float]]:
    outside = b"".join(_OUTSIDE_ASCII.findall(sample))
    scale = min(1.0, EFFECTIVE_BYTES / max(1, len(outside)))
    for codec, score in single_byte_scores(sample).items():
        yield codec, scale * score - SINGLE_BYTE[codec]
    for codec in DOUBLE_BYTE:
        yield codec, scale * double_byte_score(sample, codec)
