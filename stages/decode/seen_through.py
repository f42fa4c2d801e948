"""Text in a legacy charset that was once read as Latin-1 or Windows-1252 and then saved as UTF-8: "ÐÂÎÅ" for "新闻".

Left to the repair stage, half of it would be taken for mis-decoded UTF-8. Here it is read once more, if what comes out
is far likelier than what is there; else it is left alone.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from stages.decode.choice import EAST_ASIAN, SINGLE_BYTE, mean_score, scored

#: Characters of Latin-1 and Windows-1252 outside ASCII, back to their bytes.
_BYTES = {chr(code): bytes([code]) for code in range(0x80, 0x100)}
_BYTES |= {
    bytes([code]).decode("cp1252"): bytes([code]) for code in range(0x80, 0x100) if code not in b"\x81\x8d\x8f\x90\x9d"
}
_UPPER_HALF = re.escape("".join(sorted(_BYTES)))
#: So many of them in a row are in no word of any language.
LONG_RUN = 6
_RUN = re.compile(f"[{_UPPER_HALF}]{{{LONG_RUN}}}")
#: What stands between two tags or line breaks. Searched for by itself: with a run in the pattern, the search of a long
#: stretch without one is begun again at each of its characters (18 seconds for a page with 300 kB of scripts).
_STRETCH = re.compile(f"[ -;=?-~{_UPPER_HALF}]+")
#: The least number of such characters, the mean nats for a character and the nats for a byte by which the new reading
#: must be likelier.
LEAST_CHARACTERS, LEAST_MEAN, LEAST_GAIN = 12, -8.5, 3.0


class Mended(NamedTuple):
    """A piece (start, end in bytes of UTF-8) that was read once more, in another charset."""

    start: int
    end: int
    codec: str
    before: str
    after: str


class Result(NamedTuple):
    """A text and its mended pieces."""

    text: str
    pieces: tuple[Mended, ...] = ()


def mend(text: str, raw: bytes) -> Result:
    """Read pieces once more that were in a legacy charset and read as Latin-1 or Windows-1252.

    >>> mend(seen := "市政府宣布新大桥正式通车。".encode("gbk").decode("latin-1"), seen.encode()).text
    '市政府宣布新大桥正式通车。'
    >>> mend("Ça s’est passé à l’été".replace("’", "'"), b"").text
    "Ça s'est passé à l'été"
    """
    if not _may_have_run(raw) or not _RUN.search(text):
        return Result(text)
    found = [stretch for stretch in _STRETCH.finditer(text) if _RUN.search(text, stretch.start(), stretch.end())]
    codec = _codec([match[0] for match in found]) if found else None
    return _mended(text, found, codec) if codec else Result(text)


def _may_have_run(raw: bytes) -> bool:
    """Tell quickly if UTF-8 may have three characters of Latin-1 in a row: its lead bytes for them are C2 and C3."""
    if b"\xc3" not in raw and b"\xc2" not in raw:
        return False
    leads = np.frombuffer(raw, np.uint8) & 0xFE == 0xC2
    return bool((leads[:-4] & leads[2:-2] & leads[4:]).any())


def _codec(pieces: list[str]) -> str | None:
    """Return the codec in which the pieces are far likelier than they are now, or None."""
    raw = b" ".join(map(_to_bytes, pieces))
    high = sum(byte >= 0x80 for byte in raw)
    if high < LEAST_CHARACTERS:
        return None
    scores = dict(scored(raw))
    now = max(scores["cp1252"], scores["iso8859-1"])
    best = max((*SINGLE_BYTE, *EAST_ASIAN), key=lambda codec: scores[codec])
    gain = (scores[best] - now) / min(high, 60)
    return best if gain > LEAST_GAIN and mean_score(raw.decode(best, "replace")) > LEAST_MEAN else None


def _to_bytes(piece: str) -> bytes:
    return b"".join(_BYTES.get(character) or character.encode() for character in piece)


def _mended(text: str, found: list[re.Match[str]], codec: str) -> Result:
    parts, pieces, at, place = [], [], 0, 0
    for match in found:
        after = _to_bytes(match[0]).decode(codec, "replace")
        if "\ufffd" in after:
            continue
        parts += [text[at : match.start()], after]
        place += len(text[at : match.start()].encode())
        end = place + len(match[0].encode())
        pieces.append(Mended(place, end, codec, match[0], after))
        at, place = match.end(), end
    return Result("".join([*parts, text[at:]]), tuple(pieces))
