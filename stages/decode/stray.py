"""Stray bytes in a text of UTF-8: a piece in another charset that was pasted into it.

Each run of them becomes U+FFFD, unless one legacy charset reads it so well, between its neighbours, that it is surely
what was meant: "Caf", E9 and a space are "Café".
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from stages.decode.likelihood import pairs_score

#: The charsets of pasted pieces, commonest first.
CODECS = (
    "cp1252",
    "cp1251",
    "cp1250",
    "cp1254",
    "cp1253",
    "cp1257",
    "koi8-r",
    "cp1256",
    "cp1255",
    "mac-roman",
    "cp850",
)
#: Nats for a pair of characters, from which on a reading is sure. The worst of 13 real slips has 6.2, the best of nine
#: kinds of noise 6.75: "Caf" E9 and a space have 4.5, "te" FF "st" 9.5.
SURE = -6.5
#: Nats against each charset but the first, which nearly all pasted pieces are in, and of a pair in noise.
RARER, NOISE = 25.0, -10.0
CONTEXT = 40  # characters before and after a run that it is read with
LONGEST = 200  # bytes of a run; longer ones are no slip
MOST_RUNS = 200  # of which the charset is judged


#: Bytes that alone are the half of a UTF-8 character (C2, C3), or what broken programs fill in (FE, FF).
_MEANINGLESS = (b"\xc2", b"\xc3", b"\xfe", b"\xff")


class Stray(NamedTuple):
    """A run of bytes (start, end) that are no UTF-8, with the text before and after it."""

    start: int
    end: int
    raw: bytes
    before: str
    after: str


def readings(runs: list[Stray]) -> list[tuple[str, str | None]]:
    """Return the charset that reads all runs best, and what each run surely says in it, or None.

    >>> readings([Stray(9, 10, b"\\xe9", "at the Caf", " Quay"), Stray(2, 3, b"\\xff", "te", "st")])
    [('cp1252', 'é'), ('cp1252', None)]
    """
    totals = {codec: sum(_clipped(run, codec) for run in runs[:MOST_RUNS]) for codec in CODECS}
    for codec in CODECS[1:]:
        totals[codec] -= RARER
    codec = max(CODECS, key=lambda each: totals[each])
    return [_reading(run, codec) for run in runs]


def _reading(run: Stray, codec: str) -> tuple[str, str | None]:
    if _SURROGATE_PAIRS.fullmatch(run.raw):
        return "cesu-8", run.raw.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass").decode(
            "utf-16-le"
        )
    return codec, run.raw.decode(codec) if _is_sure(run, codec) else None


#: Characters beyond U+FFFF as two surrogates of three bytes each, as some databases write them.
_SURROGATE_PAIRS = re.compile(rb"(?:\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf])+")


def _is_sure(run: Stray, codec: str) -> bool:
    """Tell if a run is read well; a single byte is in the commonest charset only, if it is not a meaningless one."""
    if len(run.raw) == 1 and (codec != CODECS[0] or run.raw in _MEANINGLESS):
        return False
    return _score(run, codec) > SURE * (len(run.raw) + 1)


def _clipped(run: Stray, codec: str) -> float:
    """Return the score of a run, at least that of noise, so that noise does not choose the charset."""
    return max(NOISE * (len(run.raw) + 1), _score(run, codec))


def _score(run: Stray, codec: str) -> float:
    """Return the log likelihood that a run adds to its neighbours."""
    text = run.raw[: LONGEST + 1].decode(codec, "replace")
    if len(run.raw) > LONGEST or "\ufffd" in text or _is_cut_character(run):
        return -math.inf
    before, after = _nearest(run.before[-CONTEXT:][::-1])[::-1], _nearest(run.after[:CONTEXT])
    return pairs_score(before + text + after) - pairs_score(before) - pairs_score(after)


def _nearest(text: str) -> str:
    """Return the ASCII that a text begins with, if any, else the text: beyond it another script may begin."""
    ascii_ = _ASCII.match(text)
    return ascii_[0] if ascii_ else text


_ASCII = re.compile("[\x00-\x7f]+")


def _is_cut_character(run: Stray) -> bool:
    """Tell the beginning or the rest of a UTF-8 character that was cut: at the end, or several bytes of one."""
    lead, rest = run.raw[0], run.raw[1:]
    if not run.after and lead >= 0xC2 and not rest.strip(_CONTINUATION):
        return True
    return (
        bool(rest)
        and not rest.strip(_CONTINUATION)
        and (lead in _CONTINUATION or (0xE0 <= lead <= 0xF4 and len(rest) < 3))
    )


_CONTINUATION = bytes(range(0x80, 0xC0))
