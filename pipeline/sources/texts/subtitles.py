"""Subtitles (SRT, WebVTT): the spoken text of a broadcast, without the times at which it is shown."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

#: The time of a subtitle, on a line of its own; settings of WebVTT may follow.
_TIME = re.compile(r"(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{3}\s+-->\s+(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{3}(?:\s.*)?$")
#: Marks within a line: times of single words, classes, styles of SRT.
_MARK = re.compile(r"</?[a-zA-Z0-9_.:][^<>]{0,80}>|\{\\an?\d\}")
#: Times in the beginning of a file, for it to hold subtitles.
MIN_TIMES, LOOKED_AT = 2, 60
#: Share of subtitles that begin with the last line of the one before, from which on lines roll up and are shown twice.
MIN_ROLLING = 0.3


def is_subtitles(lines: Sequence[str]) -> bool:
    """Return True for lines of which the first ones hold times of subtitles.

    >>> is_subtitles(["1", "00:00:01,000 --> 00:00:02,500", "Good evening.", "", "2", "00:00:03,000 --> 00:00:04,000"])
    True
    """
    return sum(_TIME.match(line.strip()) is not None for line in lines[:LOOKED_AT]) >= MIN_TIMES


def spoken_text(lines: Sequence[str]) -> str:
    """Return what is spoken, as one paragraph.

    >>> spoken_text(["WEBVTT", "", "00:01.000 --> 00:02.000", "Good <b>day</b>.", "", "00:02.000 --> 00:03.000", "Fog"])
    'Good day. Fog'
    """
    shown = list(subtitles_in(lines))
    again = sum(one[-1] == other[0] for one, other in itertools.pairwise(shown))
    rolls_up = again >= MIN_ROLLING * len(shown)
    spoken: list[str] = []
    for line in itertools.chain.from_iterable(shown):
        if not (rolls_up and spoken[-1:] == [line]):
            spoken.append(line)
    return " ".join(spoken)


def subtitles_in(lines: Sequence[str]) -> Iterator[list[str]]:
    """Iterate over the lines of each subtitle, without marks: what stands between a time and the next blank line."""
    held: list[str] | None = None
    for line in (*map(str.strip, lines), ""):
        if _TIME.match(line):
            held = []
        elif held is not None and line:
            held += [text] if (text := " ".join(_MARK.sub("", line).split())) else []
        elif held:
            yield held
            held = None
