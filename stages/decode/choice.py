"""The choice of a charset: every candidate's reading is scored, the declaration is further evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from stages.decode.east_asian import east_asian_score, is_common, tables
from stages.decode.languages import is_known
from stages.decode.likelihood import byte_alphabet, byte_pairs, pair_scores, pairs_score, single_byte_scores
from stages.decode.symbols import WIDE, kind_of, share_log

#: Charset → how much rarer than Windows-1252 it is in news, in nats. Chosen by hand: they decide where two charsets
#: read a text nearly as well.
RARER = {
    "cp1252": 0.0,
    **dict.fromkeys(("cp1251", "cp1250", "cp1254", "cp1253", "cp1256", "cp1255", "cp874", "koi8-r"), 0.3),
    **dict.fromkeys(("iso8859-2", "iso8859-7", "iso8859-5", "iso8859-15", "koi8-u", "cp1257", "cp1258"), 0.6),
    **dict.fromkeys(("iso8859-6", "iso8859-8"), 0.5),
    **dict.fromkeys(("cp866", "mac-roman", "mac-cyrillic", "cp852", "cp850", "cp437"), 1.5),
    **dict.fromkeys(
        ("iso8859-13", "iso8859-4", "iso8859-16", "iso8859-10", "iso8859-3", "iso8859-14", "iso8859-9"), 2.0
    ),
    **dict.fromkeys(("mac-latin2", "mac-greek", "mac-turkish", "mac-iceland", "mac-croatian", "mac-romanian"), 2.0),
    **dict.fromkeys(("cp720", "cp737", "cp775", "cp855", "cp857", "cp858", "cp860", "cp861", "cp862", "cp863"), 2.5),
    **dict.fromkeys(("cp864", "cp865", "cp869", "cp1125", "mac-arabic", "mac-farsi", "kz1048", "ptcp154"), 2.5),
    **dict.fromkeys(("koi8-t", "hp-roman8", "iso8859-1"), 2.5),
}
SINGLE_BYTE = tuple(RARER)
EAST_ASIAN = {
    "gb18030": ("zh", "zh-hant"), "big5hkscs": ("zh-hant",), "cp932": ("ja", "ja-half"), "euc-jp": ("ja",),
    "cp949": ("ko",), "johab": ("ko",),
}  # fmt: skip
EBCDIC = ("cp037", "cp1140", "cp500", "cp273", "cp1026", "cp424", "cp875")

#: Bytes of a text without its markup that are scored, and bytes of an East Asian one, where fewer tell enough.
SAMPLE_BYTES, EAST_ASIAN_BYTES, WIDE_BYTES = 16_384, 2048, 1024
#: Letters of a text depend on one another: its hundredth "é" says less than the first. More bytes outside ASCII than
#: this no longer outweigh a declaration.
EFFECTIVE_BYTES = 60
#: Nats of a valid UTF-8 sequence: of a usual character, and of one that hardly any text has; of a byte in none, after
#: valid sequences and without any. Legacy readings of a valid sequence cost 15 to 30.
SEQUENCE, ODD_SEQUENCE, STRAY, ONLY_STRAY = -6.0, -13.0, -12.0, -22.0
#: Nats for a character from which on an East Asian text reads well: texts have 6 to 8, chance characters 13.
READS_WELL = -9.0
#: Share of usual characters from which on bytes may be UTF-16 without a mark.
USUAL_SHARE = 0.7
#: Log share of a sign among those of its kind, from which on it is a usual one: that of all that are listed.
LEAST_USUAL = -6.21

_MARKUP = re.compile(
    rb"<(?:script|style)\b.*?</(?:script|style)\s*>|<!--.*?-->|<[a-zA-Z/!?][^<>]*>", re.IGNORECASE | re.DOTALL
)
_HIGH_BYTES = bytes(range(0x80, 0x100))
_OUTSIDE_ASCII = re.compile(rb"[\x80-\xff]")
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")


def without_markup(raw: bytes) -> bytes:
    """Replace tags, scripts, styles and comments by spaces: a charset is judged on words and not on tags.

    >>> without_markup(b"<p class='x'>Caf\\xe9<script>var x</script></p>")
    b' Caf\\xe9  '
    """
    return _MARKUP.sub(b" ", raw)


def likeliest_codec(raw: bytes, declared: tuple[str, ...], is_page: bool, declared_evidence: float) -> str:
    """Return the codec with the highest score: likelihood of the characters, plus declaration.

    >>> likeliest_codec("Prom nie wypłynął".encode("iso8859-2"), ("cp1252",), False, 10)
    'iso8859-2'
    """
    sample = (without_markup(raw[: 8 * SAMPLE_BYTES]) if is_page else raw)[:SAMPLE_BYTES]
    if not _OUTSIDE_ASCII.search(sample):
        sample = _around(raw)
    scores = dict(scored(sample))
    for codec in declared:
        scores[codec] = scores.get(codec, min(scores.values())) + declared_evidence / len(declared)
    # `max` takes the first of equals: the order of RARER, commonest charset first.
    return max(scores, key=lambda codec: scores[codec])


def _around(raw: bytes) -> bytes:
    """Return a sample that begins shortly before the first byte outside ASCII."""
    found = _OUTSIDE_ASCII.search(raw)
    start = max(0, found.start() - 200) if found else 0
    return raw[start : start + SAMPLE_BYTES]


def scored(sample: bytes) -> Iterator[tuple[str, float]]:
    """Yield every candidate with its log likelihood for the sample, scaled to at most EFFECTIVE_BYTES."""
    outside = max(1, outside_ascii(sample))
    scale = min(1.0, EFFECTIVE_BYTES / outside)
    for codec, score in single_byte_scores(sample, SINGLE_BYTE).items():
        yield codec, scale * score - RARER[codec]
    yield "utf-8", scale * _utf8_score(sample)
    short = _from_first_outside_ascii(sample)
    scale = min(EFFECTIVE_BYTES, outside) / max(1, outside_ascii(short))
    for codec, languages in EAST_ASIAN.items():
        text = short.decode(codec, "replace")
        yield codec, scale * max(east_asian_score(text, language) for language in languages)


def _from_first_outside_ascii(sample: bytes) -> bytes:
    found = _OUTSIDE_ASCII.search(sample)
    start = found.start() if found else 0
    return sample[start : start + EAST_ASIAN_BYTES]


def outside_ascii(sample: bytes) -> int:
    """Return the number of bytes outside ASCII."""
    return len(sample) - len(sample.translate(None, _HIGH_BYTES))


def _utf8_score(sample: bytes) -> float:
    """Return the score of UTF-8: its valid sequences, and the bytes that are in none.

    >>> _utf8_score("Ærø".encode() + b"\\xff"), _utf8_score(b"\\xff")
    (-24.0, -22.0)
    """
    sample, surrogates = _SURROGATE.subn(b"", sample)
    text = sample.decode("utf-8", "ignore")
    stray = len(sample) - len(text.encode())
    sequences = sum(SEQUENCE if _is_usual(x) or kind_of(x) == WIDE else ODD_SEQUENCE for x in text if x > "\x7f")
    return sequences + surrogates * SEQUENCE + stray * (ONLY_STRAY if text.isascii() and not surrogates else STRAY)


def _is_usual(character: str) -> bool:
    return is_known(character) or LEAST_USUAL < share_log(character) < 0 or is_common(character)


def mean_score(text: str) -> float:
    """Return the log likelihood of a text for each character outside ASCII.

    >>> mean_score("Der Bäcker") > -9 > mean_score("Der B³cker")
    True
    """
    outside = len(text) - len(text.encode("ascii", "ignore"))
    best = max(pairs_score(text), *(east_asian_score(text, language) for language in tables()))
    return best / outside if outside else -np.inf


def reads_well(text: str) -> bool:
    """Tell if the characters outside ASCII are likely ones.

    >>> reads_well("Fähre für £5"), reads_well("渡轮公司宣布"), reads_well("丅ⅇ獹")
    (True, True, False)
    """
    outside = [character for character in text if character > "\x7f"]
    if any(kind_of(character) == WIDE for character in outside):
        return mean_score(text) > READS_WELL
    return sum(map(_is_usual, outside)) >= USUAL_SHARE * len(outside) > 0


def unmarked_utf16(raw: bytes) -> str | None:
    """Return the UTF-16 codec of bytes without a mark and (almost) without ASCII, if they read well, or None.

    >>> unmarked_utf16("渡轮公司宣布".encode("utf-16-be")), unmarked_utf16("渡轮公司宣布".encode("gbk"))
    ('utf-16-be', None)
    """
    if len(raw) % 2:
        return None
    heads = {codec: raw[:WIDE_BYTES].decode(codec, "replace") for codec in ("utf-16-le", "utf-16-be")}
    usual = {codec: sum(map(_is_usual, head)) > USUAL_SHARE * len(head) for codec, head in heads.items()}
    scores = {codec: mean_score(head) for codec, head in heads.items() if usual[codec]}
    best = max(scores, key=lambda codec: scores[codec], default=None)
    return best if best and scores[best] > READS_WELL else None


#: Mean nats of a pair from which on bytes are EBCDIC: texts in it have 2.5 to 3.5, others 6 and more.
EBCDIC_READS_WELL = -4.5


def ebcdic(raw: bytes) -> str | None:
    """Return the EBCDIC codec of bytes whose spaces are 0x40, if they read well, or None.

    >>> ebcdic("Die Fähre nach Süderhafen fällt aus.".encode("cp273"))
    'cp273'
    """
    sample = raw[:SAMPLE_BYTES]
    if sample.count(b"\x40") < 5 * sample.count(b" ") + len(sample) / 16:
        return None
    pairs = byte_pairs(sample.replace(b"\x15", b"\x40"))
    pairs = pairs.only((pairs.first != 0x20) & (pairs.second != 0x20))
    scores = {codec: float(pair_scores(byte_alphabet(codec), pairs).max()) for codec in EBCDIC}
    best = max(scores, key=lambda codec: scores[codec])
    return best if scores[best] > EBCDIC_READS_WELL * float(pairs.counts.sum()) else None
