"""Files of programs for text analysis, and lines that hold several articles: each begins behind a mark of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.sources.documents import Problem, skipped, too_large
from pipeline.sources.records import Record
from pipeline.sources.settings import Settings
from pipeline.sources.texts.header import role_of
from pipeline.sources.texts.lines import Head, TextLine
from pipeline.sources.texts.treebanks import documents

#: IRaMuTeQ and Alceste: "**** *outlet_holmpost *date_2031-03-04"; MAXQDA: "#TEXT Ferry late".
_STARS = re.compile(r"\*{4}(?:\s+\*\S+)+\s*$")
_VARIABLE = re.compile(r"\*([^\s_*]+)_(\S+)")
_TEXT = re.compile(r"#TEXT\b\s*(?P<title>.*)$")
_END = re.compile(r"#ENDTEXT\b")
#: What stands between the articles of a line in Multi-News, and between their paragraphs.
BETWEEN, BREAK = "|||||", re.compile(r"\s*NEWLINE_CHAR\s*")


def values_of_stars(line: str) -> dict[str, Any]:
    """Return the variables of a text, those that are fields of an article by our names.

    >>> values_of_stars("**** *source_HolmPost *date_2031-03-04 *topic_sea")
    {'published': '2031-03-04', 'outlet': 'HolmPost'}
    """
    named = ((role_of(name, value), value) for name, value in _VARIABLE.findall(line))
    return {role: value for role, value in reversed(list(named)) if role}


def values_of_text(line: str) -> dict[str, Any]:
    """Return the name of a text, which is its headline or the name of its file."""
    found = _TEXT.match(line)
    return {"title": found["title"].strip()} if found and found["title"].strip() else {}


@dataclass(frozen=True)
class MarkedForm:
    """Articles that each begin with a line of one form, which holds their fields."""

    told: str
    begins: re.Pattern[str]
    fields: Callable[[str], dict[str, Any]]

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read the records of a file, an article each."""
        for number, size, document in documents(lines, settings.max_row_bytes, self.begins):
            yield from self._record(f"{uri}:{number}", document, size, settings)

    def _record(self, where: str, held: list[str], size: int, settings: Settings) -> Iterator[Record | Problem]:
        if size > settings.max_row_bytes:
            yield too_large(where, size, settings.max_row_bytes)
            return
        begins = self.begins.match(held[0]) is not None
        text = "\n".join(line for line in held[begins:] if not _END.match(line)).strip()
        if text:
            yield Record(where, {**(self.fields(held[0]) if begins else {}), "text": text})
        elif begins:
            yield skipped(where, "empty", "no text below its mark")


@dataclass(frozen=True)
class BundleForm:
    """Lines that hold several articles each, with a mark between them, as Multi-News has them."""

    told: str = f"the articles of each line, with {BETWEEN} between them"

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read the records of a file, an article each."""
        for line in lines:
            if line.size > settings.max_row_bytes:
                yield too_large(f"{uri}:{line.number}", line.size, settings.max_row_bytes)
                continue
            parts = [BREAK.sub("\n\n", part).strip() for part in line.text.split(BETWEEN)]
            for number, text in enumerate(filter(None, parts), start=1):
                yield Record(f"{uri}:{line.number}", {"id": f"{line.number}.{number}", "text": text})


def marked_texts_in(head: Head) -> MarkedForm | BundleForm | None:
    """Find the form of a file whose first line is the mark of a text, or nearly all of whose lines hold several."""
    first = head.filled[0] if head.filled else ""
    if _STARS.match(first):
        return MarkedForm("texts of IRaMuTeQ, each behind its line of stars", _STARS, values_of_stars)
    if _TEXT.match(first) and _END.search(head.text):
        return MarkedForm("texts of MAXQDA, each behind its #TEXT", _TEXT, values_of_text)
    if BETWEEN in head.text and 2 * sum(BETWEEN in line for line in head.filled) > len(head.filled):
        return BundleForm()
    return None
