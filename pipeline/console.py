"""Printing: text of documents, outlets and file names can neither control the terminal nor fake a line of output."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

#: Control characters, bidirectional overrides, line separators, and lone surrogates.
_STEERING = "\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff"
_HARMFUL = re.compile(f"[{_STEERING}]")
_HARMFUL_OR_BREAK = re.compile(f"[{_STEERING}\t\n]")

#: Columns where output is no terminal: more than a path of 4,096 bytes (Linux) takes with each byte escaped.
UNLIMITED_WIDTH = 1 << 16

_PICTURES = {chr(n): chr(0x2400 + n) for n in range(32)} | {"\x7f": "␡", "\t": " "}


def harmless(text: str) -> str:
    r"""Escape characters that would control a terminal; line breaks and tabs stay.

    >>> print(harmless("a \x1b[2J tidy\r ferry \u202eevil\nline"))
    a \x1b[2J tidy\r ferry \u202eevil
    line
    """
    return _HARMFUL.sub(_written_out, text)


def in_one_line(text: str) -> str:
    r"""Escape line breaks and tabs too, for text that must stay in one line.

    >>> print(in_one_line("ferry\n  outlet  trusted"))
    ferry\n  outlet  trusted
    """
    return _HARMFUL_OR_BREAK.sub(_written_out, text)


def pictured(text: str) -> str:
    r"""Replace every such character by one symbol, so that offsets into the text stay right.

    >>> pictured("a \x1b[2J ferry\nis \u202elate")
    'a ␛[2J ferry␊is �late'
    """
    return _HARMFUL_OR_BREAK.sub(lambda found: _PICTURES.get(found[0], "\ufffd"), text)


def counted(number: int, noun: str) -> str:
    """Write a number and its noun, in the plural unless it is one.

    >>> counted(1, "document"), counted(2_000, "run")
    ('1 document', '2,000 runs')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write rows of cells as lines whose columns stand below each other.

    >>> aligned([("cut", "nav"), ("moved", "date")])
    ['cut    nav', 'moved  date']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _written_out(found: re.Match[str]) -> str:
    return repr(found[0])[1:-1]


def json_line(value: Any) -> str:
    r"""Write JSON in one line, times in ISO 8601, with characters that would control a terminal escaped.

    >>> print(json_line({"title": "a \x9b5m \u202eevil café", "out": "\udcff"}))
    {"title": "a \u009b5m \u202eevil café", "out": "\udcff"}
    >>> print(json_line([datetime(2031, 5, 4, 6, 30)]))
    ["2031-05-04T06:30:00"]
    """
    text = json.dumps(value, ensure_ascii=False, default=_in_iso)
    return _HARMFUL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _in_iso(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"JSON has no form for {type(value).__name__}")


class PlainConsole(Console):
    """A rich console that interprets neither rich markup nor control characters in a text.

    Where the output is no terminal, no line is wrapped: paths and ids stay whole for `grep` and scripts.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, highlight=False, emoji=False, **options)
        if not self.is_terminal:
            self.width = UNLIMITED_WIDTH

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render like rich, with characters that would control the terminal escaped."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=harmless(segment.text))


def prepare_streams() -> None:
    """Write UTF-8 to files and pipes; on a terminal escape the characters that its encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


class StandardOutput:
    """Standard output for text of documents: unchanged into a pipe or a file, escaped on a terminal."""

    def write(self, text: str) -> int:
        """Write the text."""
        return sys.stdout.write(harmless(text) if sys.stdout.isatty() else text)
