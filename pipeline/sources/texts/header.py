"""Headers at the top of a text: lines such as "Title: ...", "Date: ..." before a blank line, and front matter.

A first line such as "Berlin: ..." or a dialogue is no header: two different fields have to be named and to hold what
their names promise, and nothing but header lines may stand before the text.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.sources.columns import SampleColumn
from pipeline.sources.fields import OTHER, rank_of, share_of_dates, words_of

#: A name, a colon and a value; the name may stand in bold marks of Markdown.
_LINE = re.compile(
    r"(?P<mark>\*\*|__|)(?P<name>[^\W\d_][^\n:*]{0,39}?)(?P=mark)\s{0,3}(?::(?P=mark)(?=\s|$)|：)\s*(?P<value>.*)$"
)
_RULE = re.compile(r"[-=_*#~+]{3,}\s*$")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？]$")
#: Lines and code points of a header. Chosen by hand: exports have at most 30 lines of metadata.
MAX_LINES, MAX_FRONT_MATTER = 60, 64_000
#: Code points of a headline that no name stands in front of. Chosen by hand.
LONGEST_HEADLINE = 160
#: The fields that a header can name. A text starts behind it, so it names none.
ROLES = ("title", "published", "authors", "outlet", "url", "id", "deck", "dateline")
#: Fields of which one must be among those named: the other names are also words that begin a line of a dialogue.
_SURE = frozenset(("title", "published", "url"))


class TextHeader(NamedTuple):
    """The fields of a header, the lines of it that name none and belong to the text, and how many lines it has."""

    values: dict[str, Any]
    kept: list[str]
    size: int


def header_of(lines: Sequence[str]) -> TextHeader | None:
    """Find the header at the top of a text.

    >>> header_of(["Title: Ferry late", "Date: 25 December 2016", "Weather: fog", "", "The ferry sails."])
    TextHeader(values={'title': 'Ferry late', 'published': '25 December 2016'}, kept=['Weather: fog'], size=4)
    >>> header_of(["Berlin: The ferry is late.", "", "It sails."]), header_of(["Host: Why?", "Source: No idea.", ""])
    (None, None)
    >>> header_of(["https://holm.example/1", "2031-01-04", "Ferry late", "It sails at six."]).values["title"]
    'Ferry late'
    """
    start = next((at for at, line in enumerate(lines[:MAX_LINES]) if line.strip()), None)
    if start is None:
        return None
    if _ADDRESS.match(lines[start].strip()):
        return _bare(lines, start)
    found, end = _header_lines(lines, start)
    names = [name for name, _ in found]
    if len(set(names)) < len(names):
        return None
    values: dict[str, Any] = {}
    kept = []
    for name, value in found:
        role = role_of(name, value)
        if role and role not in values:
            values[role] = value
        elif value and not OTHER & set(words_of(name)):
            kept.append(f"{name}: {value}")
    enough = len(values) >= (2 if _is_closed(lines, end) else 3) and not _SURE.isdisjoint(values)
    return TextHeader(values, kept, _behind(lines, end)) if enough else None


def _bare(lines: Sequence[str], start: int) -> TextHeader | None:
    """Return the address, the day and the headline on the first lines, without names; None if more addresses follow."""
    filled = [at for at in range(start, min(len(lines), start + MAX_LINES)) if lines[at].strip()][:4]
    values = {"url": lines[filled[0]].strip()}
    behind = filled[1:]
    if behind and not _ADDRESS.match(lines[behind[0]].strip()) and _fits("published", lines[behind[0]].strip()):
        values["published"] = lines[behind.pop(0)].strip()
    if len(behind) > 1 and _is_headline(lines[behind[0]].strip()) and not _ADDRESS.match(lines[behind[1]].strip()):
        values["title"] = lines[behind.pop(0)].strip()
    found = behind and not _ADDRESS.match(lines[behind[0]].strip())
    return TextHeader(dict(values), [], behind[0]) if found else None


def _is_headline(line: str) -> bool:
    return len(line) <= LONGEST_HEADLINE and not (_SENTENCE_END.search(line) or _ADDRESS.match(line))


def _header_lines(lines: Sequence[str], start: int) -> tuple[list[tuple[str, str]], int]:
    """Return the names and values of the lines from `start` on, and where they end."""
    found: list[tuple[str, str]] = []
    at = start
    for at in range(start, min(len(lines), start + MAX_LINES)):
        line = lines[at]
        if found and line[:1] in (" ", "\t") and line.strip():
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}".strip())
        elif match := _LINE.match(line.strip()):
            found.append((match["name"].strip(), match["value"].strip()))
        else:
            return found, at
    return found, at + 1


def _is_closed(lines: Sequence[str], end: int) -> bool:
    return end < len(lines) and (not lines[end].strip() or _RULE.match(lines[end].strip()) is not None)


def _behind(lines: Sequence[str], end: int) -> int:
    """Return where the text begins: behind the blank line or the rule that closes the header."""
    return end + 1 if _is_closed(lines, end) else end


def role_of(name: str, value: str) -> str | None:
    """Return the field that a line of a header gives, if its value is one.

    >>> role_of("Datum", "25. Dezember 2016"), role_of("Date", "none of your business"), role_of("Source", "Holm Post")
    ('published', None, 'outlet')
    """
    ranks = {role: rank for role in ROLES if (rank := rank_of(name, role)) is not None}
    return next((role for role in sorted(ranks, key=lambda role: ranks[role]) if _fits(role, value)), None)


def _fits(role: str, value: str) -> bool:
    if not value:
        return False
    if role == "published":
        return len(value) <= 80 and share_of_dates(SampleColumn(name=role, values=[value])) > 0
    if role == "url":
        return _ADDRESS.match(value) is not None
    if role == "title":
        return len(value) <= 400
    if role == "outlet" and _ADDRESS.match(value):
        return False
    words = len(value.split())
    return words <= (30 if role == "deck" else 12) and not (words > 6 and _SENTENCE_END.search(value))


# ---------------------------------------------------------------- front matter


def front_matter(text: str) -> tuple[Mapping[str, Any], str] | None:
    """Return the values of the front matter of a text, in YAML, TOML or JSON, and the text behind it.

    >>> front_matter("---\\ntitle: Ferry late\\ntags: [sea]\\n---\\nIt sails.")
    ({'title': 'Ferry late', 'tags': ['sea']}, 'It sails.')
    >>> front_matter('+++\\ntitle = "Ferry"\\n+++\\nIt sails.'), front_matter('{"title": "Ferry"}\\n\\nIt sails.')
    (({'title': 'Ferry'}, 'It sails.'), ({'title': 'Ferry'}, 'It sails.'))
    >>> front_matter("---\\nThe ferry is late.\\n---\\nIt sails.") is None
    True
    """
    if not text.startswith(_BEGINNINGS):
        return None
    for fence, form, parse in _FORMS:
        if match := form.match(text[: MAX_FRONT_MATTER + 100]):
            values = parse(match["inner"])
            return (values, text[match.end() :]) if any(map(_is_known, values)) else None
        if fence and text.startswith(fence):
            return None
    return _json_in_front(text) if text.startswith("{") else None


def _is_known(name: str) -> bool:
    return any(rank_of(name, role) is not None for role in ROLES)


def _fenced(fence: str, end: str) -> re.Pattern[str]:
    return re.compile(rf"{fence}[ \t]*\n(?P<inner>.{{1,{MAX_FRONT_MATTER}}}?)\n(?:{end})[ \t]*(?:\n\s*|\Z)", re.DOTALL)


def _yaml(inner: str) -> Mapping[str, Any]:
    """Parse YAML with all scalars as text; what is none, such as a title with a colon in it, line by line."""
    import yaml  # when front matter needs it: few runs read any

    try:
        loaded = yaml.load(inner, Loader=yaml.BaseLoader)  # builds text, lists and dictionaries only
    except (yaml.YAMLError, ValueError, RecursionError):
        lines = [line for line in inner.split("\n") if line.strip()]
        pairs = [match.groups() for line in lines if (match := _KEY.match(line))]
        return {name: value.strip(" '\"") for name, value in pairs} if len(pairs) > len(lines) / 2 else {}
    return loaded if isinstance(loaded, dict) and all(isinstance(key, str) for key in loaded) else {}


_KEY = re.compile(r"([\w][\w .-]{0,60}?)\s*:\s+(.*)$")


def _toml(inner: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(inner)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _json_in_front(text: str) -> tuple[Mapping[str, Any], str] | None:
    try:
        values, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    behind = text[end:]
    found = behind.startswith("\n") and behind.strip() and any(map(_is_known, values))
    return (values, behind.strip("\n")) if found else None


#: What front matter begins with, in any of its forms.
_BEGINNINGS = ("---", "+++", "{")
_FORMS = (("---\n", _fenced("---", r"---|\.\.\."), _yaml), ("+++\n", _fenced(r"\+\+\+", r"\+\+\+"), _toml))
