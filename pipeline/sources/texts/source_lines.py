"""Lines that name an outlet and a day, as news databases write them above each article: "Holm Post, 4 January 2031"."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from pipeline.sources.documents import Problem, too_large
from pipeline.sources.fields import rank_of
from pipeline.sources.record_dates import ways_to_read
from pipeline.sources.records import Record
from pipeline.sources.settings import Settings
from pipeline.sources.texts.header import LONGEST_HEADLINE
from pipeline.sources.texts.lines import Head, TextLine
from stages.shared import dates
from stages.shared.words import count_as_spaced

#: Code points and words of such a line, words of the outlet in it, lines of a block that are looked at for it, words of
#: an article below it. Chosen by hand: a headline may follow on the line, a notice has forty words.
LONGEST, MAX_WORDS, MAX_OUTLET, LOOKED_AT, MIN_WORDS = 220, 30, 6, 3, 30
_NUMBERS = r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}年\d{1,2}月\d{1,2}日"
_YEAR = re.compile(r"\d{4}")
_CONNECTED = re.compile(r"(?:\s+(?:vom|of|du|del|van|den|dated|from|на|от)|[\s.,|:;(\[–—·•-])+$", re.IGNORECASE)
_IN_FRONT = re.compile(r"^(?:\d{1,3}[.)]\s+|[\W_]+)")
_PLACE = re.compile(r"\s*\([^()]{1,60}\)\s*$")
_LABELLED = re.compile(r"(?P<name>[^\W\d_][^\n:]{0,39}?)\s?:\s+\S")
_RIGHTS = re.compile(
    r"(?:©|\(c\)|copyright\b|all rights reserved|alle rechte|alle artikler|tous droits)", re.IGNORECASE
)


class SourceLine(NamedTuple):
    """The parts of such a line: the outlet, the day as it is written, and what follows it."""

    outlet: str
    day: str
    rest: str


@cache
def _day() -> re.Pattern[str]:
    months = "|".join(sorted(map(re.escape, dates.month_names()), key=len, reverse=True))
    return re.compile(
        rf"(?<![\w.])(?:{_NUMBERS}|\d{{1,2}}\.?\s+(?:de\s+)?(?:{months})\.?,?\s+(?:de\s+)?\d{{4}}"
        rf"|(?:{months})\.?\s+\d{{1,2}},?\s+\d{{4}})(?:,?\s+\d{{1,2}}:\d{{2}})?(?!\w)",
        re.IGNORECASE,
    )


def source_line(line: str) -> SourceLine | None:
    """Return the parts of a line that names an outlet and a day; None for any other.

    >>> source_line("Holm Post vom 04.01.2031, S. 12 / Lokales")
    SourceLine(outlet='Holm Post', day='04.01.2031', rest='S. 12 / Lokales')
    >>> source_line("Holm Post (Holm, NW) - January 4, 2031").outlet, source_line("On January 4, 2031, it was late.")
    ('Holm Post', None)
    >>> source_line("Answers until 4 January 2031"), source_line("We wrote on 4 January 2031 to all members:")
    (None, None)
    """
    line = line.strip()
    if len(line) > LONGEST or not _YEAR.search(line) or len(line.split()) > MAX_WORDS:
        return None
    found = _day().search(line)
    if found is None:
        return None
    outlet = _PLACE.sub("", _CONNECTED.sub("", _IN_FRONT.sub("", line[: found.start()])))
    outlet = _CONNECTED.sub("", outlet)
    is_sentence = line[-1:] in ".!?" and found.end() < len(line) - 12
    if is_sentence or not _may_be_outlet(outlet):
        return None
    return SourceLine(outlet, found[0], line[found.end() :].strip(" ,.|:;)]*-–—")) if ways_to_read(found[0]) else None


def _may_be_outlet(name: str) -> bool:
    words = name.casefold().split()
    if not words or len(words) > MAX_OUTLET or not name[0].isalpha() or name[0].islower() or ":" in name:
        return False
    return words[0] not in _NO_OUTLETS and words[-1] not in _BEFORE_DAYS


#: Words right before a day in a sentence: "Answers until 23.06.2031".
_BEFORE_DAYS = frozenset(("am", "bis", "seit", "ab", "on", "until", "since", "till", "before", "after", "jusqu'au"))
#: Words before a day in a sentence, a signature or a date line with its weekday.
_NO_OUTLETS = frozenset(
    ("on", "in", "by", "from", "since", "until", "published", "updated", "last", "first", "posted", "date", "datum",
     "am", "im", "der", "die", "das", "le", "la", "el", "il", "stand", "monday", "tuesday", "wednesday", "thursday",
     "friday", "saturday", "sunday", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag",
     "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
)  # fmt: skip


def _in_block(block: Sequence[str]) -> tuple[int, SourceLine] | None:
    """Return the line of a block's first ones that names outlet and day, and which it is."""
    found = ((at, parts) for at, line in enumerate(block[:LOOKED_AT]) if (parts := source_line(line)))
    return next(found, None)


def article_below(lines: Sequence[str]) -> dict[str, Any] | None:
    """Read an article with a line of outlet and day on its top; None if it has none.

    >>> article_below(["Ferry late", "Holm Post, 2031-01-04", "Section: News", "", "It sails.", "", "© Holm Post"])
    {'title': 'Ferry late', 'outlet': 'Holm Post', 'published': '2031-01-04', 'text': 'It sails.'}
    """
    filled = [at for at, line in enumerate(lines) if line.strip()][: LOOKED_AT + 1]
    found = next(((n, at, parts) for n, at in enumerate(filled) if (parts := source_line(lines[at]))), None)
    if found is None:
        return None
    order, at, parts = found
    title = _IN_FRONT.sub("", " ".join(lines[each].strip() for each in filled[:order]) or parts.rest)
    author, text = _below(lines[at + 1 :])
    values = {"title": title, "outlet": parts.outlet, "published": parts.day, "authors": author}
    return {**{name: value for name, value in values.items() if value}, "text": text} if text else None


def _below(lines: Sequence[str]) -> tuple[str, str]:
    """Return the author and the text that stand below the line, without the lines of other fields around it."""
    begin, end, author = 0, len(lines), ""
    while begin < end and lines[begin].strip() and _is_about(lines[begin]):
        author = author or _author(lines[begin])
        begin += 1
    while end > begin and _is_below(lines[end - 1].strip()):
        end -= 1
    return author, "\n".join(lines[begin:end]).strip()


def _is_about(line: str) -> bool:
    """Return True for a line right below that of the outlet which is no prose: a field, or a few words."""
    return _names_a_field(line) or len(line.split()) < MAX_OUTLET


def _names_a_field(line: str) -> bool:
    match = _LABELLED.match(line.strip())
    return match is not None and len(match["name"].split()) <= 4 and len(line) <= LONGEST


def _is_below(line: str) -> bool:
    """Return True for a line that databases write below an article: blank, of a field, of rights, of an address."""
    short_address = "://" in line and len(line.split()) <= MAX_OUTLET
    return not line or short_address or _names_a_field(line) or _RIGHTS.match(line) is not None


def _author(line: str) -> str:
    name, _, value = line.partition(":")
    return value.strip() if rank_of(name.strip(), "authors") is not None else ""


@dataclass(frozen=True)
class BlockForm:
    """Articles that follow one another without a mark, each with a line of outlet and day near its top."""

    told: str = "articles with a line of outlet and day on top of each; [sources] one_document = true reads it as one"

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read the records of a text, an article each."""
        for number, size, article in articles(lines, settings.max_document_bytes):
            if size > settings.max_document_bytes:
                yield too_large(f"{uri}:{number}", size, settings.max_document_bytes)
            else:
                yield Record(f"{uri}:{number}", article_below(article) or {"text": "\n".join(article).strip()})


def articles(lines: Iterator[TextLine], limit: int) -> Iterator[tuple[int, int, list[str]]]:
    """Cut a text where a block begins with outlet and day: yield its first line's number, its size and its lines."""
    held: list[str] = []
    number, size = 1, 0
    for first, block in _blocks(lines):
        if _in_block([line.text for line in block if line.text.strip()]) and size:
            yield number, size, held
            held, number, size = [], first, 0
        for line in block:
            size += line.size + 1
            held += [line.text] if size <= limit else []
    if size and any(line.strip() for line in held):
        yield number, size, held


#: Lines of a block that are held to look at its first ones.
MAX_BLOCK = 200


def _blocks(lines: Iterator[TextLine]) -> Iterator[tuple[int, list[TextLine]]]:
    """Yield runs of lines, each up to the last blank line behind it; long runs in parts."""
    block: list[TextLine] = []
    for line in lines:
        ended = block and not block[-1].text.strip() and line.text.strip()
        if ended or len(block) >= MAX_BLOCK:
            yield block[0].number, block
            block = []
        block.append(line)
    if block:
        yield block[0].number, block


def sources_on_top(head: Head) -> BlockForm | None:
    """Find articles that each have a line of outlet and day near their top, the first one at the top of the file."""
    if sum(len(line) <= LONGEST and source_line(line) is not None for line in head.filled) < 2:
        return None
    lines = (TextLine(at, line, len(line)) for at, line in enumerate(head.lines, start=1))
    found = [article_below(article) for _, _, article in articles(lines, 1 << 30)]
    read = [each for each in found if each]
    if len(read) < 2 or len(read) < len(found):
        return None
    words = statistics.median(count_as_spaced(each["text"]) for each in read)
    titled = all(0 < len(each.get("title", "")) <= LONGEST_HEADLINE for each in read)
    return BlockForm() if words >= MIN_WORDS and titled else None
