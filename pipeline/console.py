"""What is printed: whatever a document, an outlet or a file is called, it steers no terminal and forges no line."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

#: Control characters, what turns the direction of text round, line separators, and halves of characters.
_STEERING = "\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff"
_HARMFUL = re.compile(f"[{_STEERING}]")
_HARMFUL_OR_BREAK = re.compile(f"[{_STEERING}\t\n]")

_PICTURES = {chr(n): chr(0x2400 + n) for n in range(32)} | {"\x7f": "␡", "\t": " "}


def harmless(text: str) -> str:
    r"""The text with what would steer a terminal written out; line breaks and tabs stay.

    >>> print(harmless("a \x1b[2J tidy\r ferry \u202eevil\nline"))
    a \x1b[2J tidy\r ferry \u202eevil
    line
    """
    return _HARMFUL.sub(_written_out, text)


def in_one_line(text: str) -> str:
    r"""Likewise, for what must not look like several lines.

    >>> print(in_one_line("ferry\n  outlet  trusted"))
    ferry\n  outlet  trusted
    """
    return _HARMFUL_OR_BREAK.sub(_written_out, text)


def pictured(text: str) -> str:
    r"""Likewise, every such character as one sign, for where spans count characters.

    >>> pictured("a \x1b[2J ferry\nis \u202elate")
    'a ␛[2J ferry␊is �late'
    """
    return _HARMFUL_OR_BREAK.sub(lambda found: _PICTURES.get(found[0], "\ufffd"), text)


def counted(number: int, what: str) -> str:
    """So many of them.

    >>> counted(1, "document"), counted(2_000, "run")
    ('1 document', '2,000 runs')
    """
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _written_out(found: re.Match[str]) -> str:
    return repr(found[0])[1:-1]


def json_line(value: Any) -> str:
    r"""JSON in one line that steers no terminal either, and means the same to whoever parses it.

    >>> print(json_line({"title": "a \x9b5m \u202eevil café", "out": "\udcff"}))
    {"title": "a \u009b5m \u202eevil café", "out": "\udcff"}
    """
    text = json.dumps(value, ensure_ascii=False)
    return _HARMFUL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class PlainConsole(Console):
    """A console of rich that takes nothing in a text for an order: neither its own markup nor a terminal's."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, highlight=False, emoji=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich does, with what would steer the terminal written out."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=harmless(segment.text))


def prepare_streams() -> None:
    """No character that a terminal's encoding lacks ends a command; what goes into a file or a pipe is UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


class StandardOutput:
    """Where documents' own words are written: to the letter into a pipe or a file, harmless on a terminal."""

    def write(self, text: str) -> int:
        """Write the text."""
        return sys.stdout.write(harmless(text) if sys.stdout.isatty() else text)
