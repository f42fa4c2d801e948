"""Exports of reference managers that hold texts: RIS, EndNote and BibTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.sources.documents import Problem, too_large
from pipeline.sources.records import Record
from pipeline.sources.settings import Settings
from pipeline.sources.texts.lines import Head, TextLine
from stages.shared import dates

_RIS = re.compile(r"([A-Z][A-Z0-9]) {1,2}- ?(.*)$")
_ENDNOTE = re.compile(r"%([A-Z0-9@!~&\[\]?*()+<>=^$#|:;]) (.*)$")
_BIBTEX = re.compile(r"\s*@\s*(\w+)\s*\{\s*([^,\s]*)\s*,\s*$|\s*@\s*(\w+)\s*\{\s*([^,\s]*)\s*,")
#: Fields by their tags. The first one that has a value wins; the longest of the texts.
_RIS_FIELDS = {
    "title": ("TI", "T1", "CT"), "outlet": ("T2", "JO", "JF", "JA", "PB", "SO"), "authors": ("AU", "A1"),
    "id": ("AN", "ID"), "published": ("DA", "Y1", "PY"), "url": ("UR", "LK", "L2"), "deck": ("ST",),
}  # fmt: skip
_RIS_TEXTS = ("AB", "N2", "N1", "TX", "FT")
_ENDNOTE_FIELDS = {
    "title": ("T",), "outlet": ("B", "J", "I"), "authors": ("A",), "id": ("M", "F"), "published": ("8", "D"),
    "url": ("U",),
}  # fmt: skip
_ENDNOTE_TEXTS = ("X", "Z")


@dataclass(frozen=True)
class TaggedForm:
    """How tagged references are read: a tag on each line, values that go on in the next lines."""

    tag: re.Pattern[str]
    begins: frozenset[str]  # tags that begin a reference
    fields: Mapping[str, tuple[str, ...]]
    texts: tuple[str, ...]
    told: str

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read the records of a file, a reference each."""
        held: list[tuple[str, str]] = []
        number, size = 1, 0
        for line in lines:
            match = self.tag.match(line.text.strip("\ufeff"))
            if match and match[1] in self.begins and held:
                yield from self._record(f"{uri}:{number}", held, size, settings)
                held, size = [], 0
            number = number if held else line.number
            size += line.size
            if size > settings.max_document_bytes:
                held = held or [("", "")]
            elif match:
                held.append((match[1], match[2].strip()))
            elif held and (line.text.strip() or held[-1][0] in self.texts):
                held[-1] = (held[-1][0], f"{held[-1][1]}\n{line.text.strip()}")
        if held:
            yield from self._record(f"{uri}:{number}", held, size, settings)

    def _record(
        self, uri: str, held: list[tuple[str, str]], size: int, settings: Settings
    ) -> Iterator[Record | Problem]:
        if size > settings.max_document_bytes:
            yield too_large(uri, size, settings.max_document_bytes)
        elif any(value for _, value in held):
            yield Record(uri, self._values(held))

    def _values(self, held: list[tuple[str, str]]) -> dict[str, Any]:
        by_tag: dict[str, list[str]] = {}
        for tag, value in held:
            by_tag.setdefault(tag, []).append(value.strip())
        values: dict[str, Any] = {}
        for name, tags in self.fields.items():
            found = next((by_tag[tag] for tag in tags if any(by_tag.get(tag, []))), [])
            values[name] = found if name == "authors" else (found[0].strip("/") if found else "")
        texts = ["\n\n".join(by_tag.get(tag, [])) for tag in self.texts]
        return {**values, "text": max(texts, key=len)}


RIS = TaggedForm(_RIS, frozenset(("TY",)), _RIS_FIELDS, _RIS_TEXTS, "references in the form of RIS")
ENDNOTE = TaggedForm(_ENDNOTE, frozenset(("0",)), _ENDNOTE_FIELDS, _ENDNOTE_TEXTS, "references in the form of EndNote")


@dataclass(frozen=True)
class BibtexForm:
    """How BibTeX is read."""

    told: str = "references in the form of BibTeX"

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read the records of a file, an entry each."""
        held: list[str] = []
        number, size = 1, 0
        for line in lines:
            if _BIBTEX.match(line.text) and held:
                yield from _entry(f"{uri}:{number}", "\n".join(held), size, settings)
                held, size = [], 0
            number = number if held else line.number
            size += line.size
            held += [line.text] if size <= settings.max_document_bytes else []
        yield from _entry(f"{uri}:{number}", "\n".join(held), size, settings)


BIBTEX = BibtexForm()


def _entry(uri: str, text: str, size: int, settings: Settings) -> Iterator[Record | Problem]:
    begin = _BIBTEX.match(text)
    if size > settings.max_document_bytes:
        yield too_large(uri, size, settings.max_document_bytes)
    elif begin and (begin[1] or begin[3]).lower() not in ("comment", "string", "preamble"):
        values = dict(bibtex_fields(text[begin.end() :]))
        named = {
            "id": begin[2] or begin[4], "title": values.get("title", ""),
            "outlet": values.get("journal") or values.get("newspaper") or values.get("publisher", ""),
            "authors": values.get("author", "").split(" and ") if values.get("author") else [],
            "published": values.get("date") or _year_and_month(values), "url": values.get("url", ""),
            "text": max((values.get(name, "") for name in ("abstract", "text", "fulltext", "note", "annote")), key=len),
        }  # fmt: skip
        yield Record(uri, named)


def _year_and_month(values: dict[str, str]) -> str:
    """Return the year of an entry, and its month where it names one ("mar", "March", "3").

    >>> _year_and_month({"year": "2031", "month": "mar"}), _year_and_month({"year": "2031", "month": "spring"})
    ('2031-03', '2031')
    """
    named = values.get("month", "").casefold().rstrip(".")
    month = int(named) if named.isdecimal() else {**dates.month_names(), **dates.month_names("en")}.get(named, 0)
    year = values.get("year", "")
    return f"{year}-{month:02}" if year and 1 <= month <= 12 else year


_FIELD = re.compile(r"\s*,?\s*([A-Za-z][\w-]*)\s*=\s*")


def bibtex_fields(text: str) -> Iterator[tuple[str, str]]:
    """Yield the fields of an entry; values stand in braces, in quotes, or bare.

    >>> dict(bibtex_fields('title = {The {Ferry} is late}, year = 2016, note = "At six."}'))
    {'title': 'The Ferry is late', 'year': '2016', 'note': 'At six.'}
    """
    at = 0
    while match := _FIELD.match(text, at):
        end = _end_of_value(text, match.end())
        value = text[match.end() : end].strip()
        value = value[1:-1] if value[:1] in ('"', "{") else value
        yield match[1].lower(), value.replace("{", "").replace("}", "").strip()
        at = end


_BRACE = re.compile(r"[{}]")


def _end_of_value(text: str, start: int) -> int:
    if text[start : start + 1] == "{":
        depth = 0
        for brace in _BRACE.finditer(text, start):
            depth += 1 if brace[0] == "{" else -1
            if depth == 0:
                return brace.end()
        return len(text)
    if text[start : start + 1] == '"':
        end = text.find('"', start + 1)
        return end + 1 if end > 0 else len(text)
    bare = re.compile(r"[,}\n]").search(text, start)
    return bare.start() if bare else len(text)


def references_in(head: Head) -> TaggedForm | BibtexForm | None:
    """Find references by the first lines of a file."""
    first = [line for line in head.filled[:5] if line.startswith(_BEGINNINGS)]
    if any(line.startswith(_OF_RIS) for line in first):
        return RIS
    if any(line.startswith(_OF_ENDNOTE) for line in first):
        return ENDNOTE
    return BIBTEX if any(map(_BIBTEX.match, first)) else None


_OF_RIS, _OF_ENDNOTE = ("TY  - ", "TY - "), "%0 "
_BEGINNINGS = (*_OF_RIS, _OF_ENDNOTE, "@")
