"""The choice of a charset for some bytes, and the list of bytes that it cannot decode."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from stages.decode.labels import codec_of, declared_in_page
from stages.decode.plausibility import east_asian_score, is_usual, mean_score, reads_well, sequence_score, single_byte_scores

REPLACEMENT = "\ufffd"

#: UTF-32 first: its little-endian mark begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SINGLE_BYTE = {
    **dict.fromkeys(("cp1252", "cp1251", "cp1250", "cp1254", "cp1253", "cp1256", "cp1255", "cp1257"), 0.0),
    **dict.fromkeys(("cp874", "koi8-r"), 0.0),
    **dict.fromkeys(("iso8859-2", "iso8859-7", "iso8859-5", "iso8859-15", "koi8-u", "cp1258"), 0.5),
    **dict.fromkeys(("iso8859-6", "iso8859-8"), 0.5),
    **dict.fromkeys(("cp866", "mac-roman", "mac-cyrillic", "cp852", "cp850", "cp437"), 1.5),
    **dict.fromkeys(("iso8859-13", "iso8859-4", "iso8859-16", "iso8859-10", "iso8859-3", "iso8859-14", "iso8859-9"), 2.0),
    **dict.fromkeys(("mac-latin2", "mac-greek", "mac-turkish", "mac-iceland", "mac-croatian", "mac-romanian"), 2.0),
    **dict.fromkeys(("cp720", "cp737", "cp775", "cp855", "cp857", "cp858", "cp860", "cp861", "cp862", "cp863", "cp864", "cp865", "cp869", "cp1125", "mac-arabic", "mac-farsi", "kz1048", "ptcp154", "koi8-t", "hp-roman8", "iso8859-1"), 2.5),
}
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
    with contextlib.suppress(UnicodeDecodeError):
        return (_seven_bit(raw) if raw.isascii() else None) or Decoded(raw.decode(), "utf-8")
    return _unmarked_utf16(raw) or decode_as(raw, legacy_codec(raw, charset, is_page, evidence))


def _unmarked_utf16(raw: bytes) -> Decoded | None:
    """Return the text of UTF-16 without a mark and without a character of ASCII, if it reads well."""
    if len(raw) % 2:
        return None
    heads = {codec: raw[:WIDE_SAMPLE].decode(codec, "replace") for codec in ("utf-16-le", "utf-16-be")}
    scores = {mean_score(head): codec for codec, head in heads.items() if is_usual(head)}
    return decode_as(raw, scores[max(scores)]) if scores and max(scores) > READS_WELL else None


WIDE_SAMPLE = 1024


_SHIFTED = re.compile(rb"\x1b\$|~\{|\+[A-Za-z0-9+/]{2,}")
_SEVEN_BIT = (
    (b"\x1b$", ("iso2022-jp", "iso2022-jp-ext", "iso2022-jp-2004", "iso2022-kr")), (b"~{", ("hz",)), (b"+", ("utf-7",)),
)  # fmt: skip


def _seven_bit(raw: bytes) -> Decoded | None:
    """Return a text that is written in ASCII by shifts, if it has letters that read well; else None.

    >>> _seven_bit(b"F+AOQ-hre & M+APY-we"), _seven_bit(b"tel. +4930-12345, C++11-style")
    (Decoded(text='Fähre & Möwe', codec='utf-7', undecodable=()), None)
    """
    if not _SHIFTED.search(raw):
        return None
    for sign, codecs_ in _SEVEN_BIT:
        for codec in codecs_ if sign in raw else ():
            with contextlib.suppress(UnicodeDecodeError):
                text = raw.decode(codec)
                if reads_well(text):
                    return Decoded(text, codec)
    return None


#: Nats for a character outside ASCII.
READS_WELL = -9.0


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


LANGUAGES = {
    "gb18030": ("zh", "zh-hant"), "big5hkscs": ("zh-hant",), "cp932": ("ja", "ja-half"), "euc-jp": ("ja",), "cp949": ("ko",), "johab": ("ko",),
}


def legacy_codec(raw: bytes, charset: str | None, is_page: bool, evidence: EvidenceWeights) -> str:
    """Return the codec with the highest score: likelihood of the letters, plus declaration."""
    declared = [codec for codec in (codec_of(charset), declared_in_page(raw) if is_page else None) if codec]
    sample = (without_markup(raw[: 8 * SAMPLE_BYTES]) if is_page else raw)[:SAMPLE_BYTES]
    if not _OUTSIDE_ASCII.search(sample):
        sample = raw
    scores = dict(_scores(sample))
    for codec in declared:
        scores[codec] = scores.get(codec, min(scores.values())) + evidence.declared / len(declared)
    return max(scores, key=lambda codec: scores[codec])


EFFECTIVE_BYTES = 60
EAST_ASIAN_SAMPLE = 2048


def _scores(sample: bytes) -> Iterator[tuple[str, float]]:
    """Yield every legacy codec with its log likelihood for the sample, scaled to at most EFFECTIVE_BYTES."""
    outside = max(1, _outside_ascii(sample))
    scale = min(1, EFFECTIVE_BYTES / outside)
    for codec, score in single_byte_scores(sample, tuple(SINGLE_BYTE), frozenset()).items():
        yield codec, scale * score - SINGLE_BYTE[codec]
    short = _from_first_outside_ascii(sample)
    scale = min(EFFECTIVE_BYTES, outside) / max(1, _outside_ascii(short))
    for codec, languages in LANGUAGES.items():
        text = short.decode(codec, "replace")
        yield codec, scale * max(east_asian_score(text, language) for language in languages)
    text = sample.decode("utf-8", "ignore")
    if not text.isascii():
        bad = len(sample) - len(text.encode())
        yield "utf-8", min(1, EFFECTIVE_BYTES / outside) * (sequence_score(text) - 12.0 * bad)


def _from_first_outside_ascii(sample: bytes) -> bytes:
    found = _OUTSIDE_ASCII.search(sample)
    start = found.start() if found else 0
    return sample[start : start + EAST_ASIAN_SAMPLE]


def _outside_ascii(sample: bytes) -> int:
    return len(sample) - len(sample.translate(None, _HIGH_BYTES))
