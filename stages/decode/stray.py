"""Stray bytes in a text of UTF-8: a piece in another charset that was pasted into it.

Each run of them becomes U+FFFD, unless one legacy charset reads it so well, between its neighbours, that it is surely
what was meant: "Caf", E9 and a space are "Café".
"""

from __future__ import annotations

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
#: Nats for a byte, from which on its reading is sure. "Caf" E9 and a space have 6, "te" FF "st" has 13.
SURE = -8.0
CONTEXT = 12  # characters before and after a run that it is read with
LONGEST = 200  # bytes of a run; longer ones are no slip
MOST_RUNS = 200  # of which the charset is judged


class Stray(NamedTuple):
    """A run of bytes (start, end) that are no UTF-8, with the text before and after it."""

    start: int
    end: int
    raw: bytes
    before: str
    after: str


def readings(runs: list[Stray]) -> list[str | None]:
    """Return what each run says in the charset that reads them all best, or None where it is not sure.

    >>> readings([Stray(9, 10, b"\\xe9", "at the Caf", " Quay"), Stray(2, 3, b"\\xff", "te", "st")])
    ['é', None]
    """
    return [text for _, text in with_codec(runs)]


def with_codec(runs: list[Stray]) -> list[tuple[str, str | None]]:
    """Return the charset that reads all runs best, and its sure reading, for each run."""
    totals = {codec: sum(max(-30.0, _score(run, codec)) * len(run.raw) for run in runs[:MOST_RUNS]) for codec in CODECS}
    codec = max(CODECS, key=lambda each: totals[each])
    return [(codec, _text(run, codec) if _score(run, codec) > SURE else None) for run in runs]


def _text(run: Stray, codec: str) -> str:
    return run.raw.decode(codec, "replace")


def _score(run: Stray, codec: str) -> float:
    """Return the log likelihood of a run between its neighbours, for each of its bytes."""
    if len(run.raw) > LONGEST or _is_cut_character(run):
        return -100.0
    text = _text(run, codec)
    if "\ufffd" in text:
        return -100.0
    before, after = run.before[-CONTEXT:], run.after[:CONTEXT]
    without = _neighbours(before) + _neighbours(after)
    return (pairs_score(before + text + after) - without) / len(run.raw)


def _neighbours(text: str) -> float:
    return pairs_score(text) if text and not text.isascii() else 0.0


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
