"""The choice of a charset for some bytes, and the list of bytes that it cannot decode."""

from __future__ import annotations

import codecs
import contextlib
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
SAMPLE_BYTES = 16_384  # of a page without its markup; with more the ranking of charsets no longer changes
_MARKUP = re.compile(
    rb"<(?:script|style)\b.*?</(?:script|style)\s*>|<!--.*?-->|<[a-zA-Z/!?][^<>]*>", re.IGNORECASE | re.DOTALL
)
_HIGH_BYTES = bytes(range(0x80, 0x100))
_OUTSIDE_ASCII = re.compile(rb"[\x80-\xff]+")
_CUT_CHARACTER = re.compile(rb"(?:[\xc2-\xf4]|[\xe0-\xf4][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2})\Z")


class Decoded(NamedTuple):
    """A text, its codec, and the runs (start, end) of undecodable bytes, each of which became one U+FFFD."""

    text: str
    codec: str
    undecodable: tuple[tuple[int, int], ...] = ()


class EvidenceWeights(NamedTuple):
    """The weights, in nats, of a declaration and of the detector's vote, as in the settings of decode."""

    declared: float
    detected: float


def decode(raw: bytes, charset: str | None, is_page: bool, max_bad_share: float, evidence: EvidenceWeights) -> Decoded:
    """Decode a document: by its byte order mark, as UTF-16 or UTF-32, as UTF-8, or in the likeliest legacy charset.

    >>> decode("Später Föhn.".encode("cp1252"), "utf-8", False, 0.02, EvidenceWeights(12, 6))
    Decoded(text='Später Föhn.', codec='cp1252', undecodable=())
    """
    for mark, codec in BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return decode_as(raw, codec, len(mark))
    wide = _wide_codec(raw, charset)
    if wide:
        return decode_as(raw, wide)
    for codec in ("iso2022-jp", "utf-8") if b"\x1b" in raw else ("utf-8",):
        with contextlib.suppress(UnicodeDecodeError):
            return Decoded(raw.decode(codec), codec)
    if bad_utf8_share(raw) <= max_bad_share:
        return decode_as(raw, "utf-8")
    return decode_as(raw, legacy_codec(raw, charset, is_page, evidence))


def decode_as(raw: bytes, codec: str, start: int = 0) -> Decoded:
    """Decode `raw` from `start` on, with one U+FFFD for each run of undecodable bytes.

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


def bad_utf8_share(raw: bytes) -> float:
    """Return the share of bad UTF-8 sequences among those outside ASCII; a last character cut short is not bad.

    >>> bad_utf8_share("Ærø".encode() + bytes([0xC3])), bad_utf8_share("Ærø".encode("cp1252"))
    (0.0, 1.0)
    """
    text = _CUT_CHARACTER.sub(b"", raw).decode("utf-8", "replace")
    outside = len(text) - len(text.encode("ascii", "ignore"))
    return text.count(REPLACEMENT) / outside if outside else 0.0


def _wide_codec(raw: bytes, charset: str | None) -> str | None:
    """Return the UTF-16 or UTF-32 codec of bytes without a mark, by the positions of zero bytes, or None."""
    head = raw[:SAMPLE_BYTES]
    if b"\0" not in head:
        return None
    lanes = [head[at::4].count(0) / max(1, len(head) // 4) for at in range(4)]
    wide = _by_lanes(lanes)
    if wide is None and (declared := codec_of(charset) or "").startswith("utf-16"):
        wide = declared
    return wide if wide and _reads_well(head, wide) else None


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


def _reads_well(head: bytes, codec: str) -> bool:
    text = head[: len(head) // 4 * 4].decode(codec, "replace")
    return text.count(REPLACEMENT) + text.count("\0") <= len(text) // 100


def without_markup(raw: bytes) -> bytes:
    """Replace tags, scripts, styles and comments by spaces: a charset is judged on words and not on tags.

    >>> without_markup(b"<p class='x'>Caf\\xe9<script>var x</script></p>")
    b' Caf\\xe9  '
    """
    return _MARKUP.sub(b" ", raw)


def legacy_codec(raw: bytes, charset: str | None, is_page: bool, evidence: EvidenceWeights) -> str:
    """Return the codec with the highest score: likelihood of the letters, plus declaration, plus detector."""
    declared = [codec for codec in (codec_of(charset), declared_in_page(raw) if is_page else None) if codec]
    sample = (without_markup(raw[: 8 * SAMPLE_BYTES]) if is_page else raw)[:SAMPLE_BYTES]
    if not _OUTSIDE_ASCII.search(sample):
        sample = raw
    scores = dict(_scores(sample))
    for codec in declared:
        scores[codec] = scores.get(codec, min(scores.values())) + evidence.declared / len(declared)
    detected = codec_of(cchardet.detect(sample)["encoding"])
    if detected in scores:
        scores[detected] += evidence.detected
    # `max` takes the first of equals: the order of SINGLE_BYTE, commonest charset first.
    return max(scores, key=lambda codec: scores[codec])


#: Letters of a text depend on one another: its hundredth "é" says less than the first. More bytes outside ASCII than
#: this no longer outweigh a declaration. Found together with the weights in EvidenceWeights, by benchmarks/decode.py.
EFFECTIVE_BYTES = 60
DOUBLE_BYTE_SAMPLE = 4096  # bytes; characters are scored one by one, which is slow, and few are enough


def _scores(sample: bytes) -> Iterator[tuple[str, float]]:
    """Yield every legacy codec with its log likelihood for the sample, scaled to at most EFFECTIVE_BYTES."""
    weight = min(EFFECTIVE_BYTES, _outside_ascii(sample))
    for codec, score in single_byte_scores(sample).items():
        yield codec, weight * score / max(1, _outside_ascii(sample)) - SINGLE_BYTE[codec]
    short = _from_first_outside_ascii(sample)
    for codec in DOUBLE_BYTE:
        yield codec, weight * double_byte_score(short, codec) / max(1, _outside_ascii(short))


def _from_first_outside_ascii(sample: bytes) -> bytes:
    found = _OUTSIDE_ASCII.search(sample)
    start = found.start() if found else 0
    return sample[start : start + DOUBLE_BYTE_SAMPLE]


def _outside_ascii(sample: bytes) -> int:
    return len(sample) - len(sample.translate(None, _HIGH_BYTES))
