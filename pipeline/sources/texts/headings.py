"""Markdown, or a text with its headings, that holds an article under each heading."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.sources.record_dates import ways_to_read
from pipeline.sources.texts.header import header_of
from pipeline.sources.texts.lines import Head
from pipeline.sources.texts.markdown import text_of_markdown
from pipeline.sources.texts.pieces import PieceForm
from pipeline.sources.texts.source_lines import MAX_OUTLET, MIN_WORDS, source_line
from pipeline.sources.texts.subjects import cohesion, share_no_subject
from stages.shared.words import count_as_spaced

_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})[ \t]+(?P<title>\S.*?)[ \t]*#*[ \t]*$")
_LINK = re.compile(r"\]\((?P<url>https?://[^\s()]+)")
_MARKS = re.compile(r"(?<!\w)[*_]+|[*_]+(?!\w)|^[\s>|-]+|[\s|]+$")
_BETWEEN = re.compile(r"\s*[|·•]\s*")
_AUTHOR = re.compile(r"(?:by|von|par|por|di|door|av|af)\s+(?P<name>\S.*)", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}")
#: Parts without a common subject from which on they are read as articles, and not asked about: of 460 articles with
#: headings over three long parts and more, none has eight of them with a cohesion below 0.3.
SURE_PARTS = 8
#: Sections with a day below each heading: a live blog has one subject, and one in a hundred articles lies below 0.25.
MAX_COHESION_OF_DATED = 0.3
#: Lines below a heading that are looked at for outlet and day; code points of a day.
LOOKED_AT, LONGEST_DAY = 3, 40


def level_of(line: str) -> int:
    """Return the level of a heading; 0 for other lines.

    >>> level_of("## Ferry late"), level_of("#ferry"), level_of("Ferry #2 late")
    (2, 0, 0)
    """
    match = _HEADING.match(line) if "#" in line else None
    return len(match["marks"]) if match else 0


def sections(head: Head) -> Iterator[tuple[int, list[list[str]]]]:
    """Cut a text at its headings: yield each level that has several of them, the highest first, and its sections."""
    if "#" not in head.marks:
        return
    counts = Counter(filter(None, map(level_of, head.lines)))
    for level in sorted(counts):
        if counts[level] > 1:
            yield level, _at_level(head.lines, level)


def _at_level(lines: Sequence[str], level: int) -> list[list[str]]:
    found: list[list[str]] = []
    inside = False
    for line in lines:
        at = level_of(line)
        if at == level:
            found.append([])
            inside = True
        elif 0 < at < level:
            inside = False
        if inside:
            found[-1].append(line)
    return found


def articles_under_headings(head: Head) -> PieceForm | None:
    """Find an article under each heading: many that share no subject, or with an outlet and a day of its own each."""
    for level, found in sections(head):
        parts = ["\n".join(section[1:]).strip() for section in found]
        if (len(parts) >= SURE_PARTS and share_no_subject(parts)) or _are_dated(found, parts):
            return form_at(head, level)
    return None


def _are_dated(found: Sequence[Sequence[str]], parts: Sequence[str]) -> bool:
    """Return True if each section has a day of its own, with its outlet or author, or alone and on its own subject."""
    facts = [_facts_of(section[1:]) for section in found]
    if not all(facts) or len(set(map(str, facts))) == 1 or statistics.median(map(count_as_spaced, parts)) < MIN_WORDS:
        return False
    return all(len(each) > 1 for each in facts) or cohesion(parts) < MAX_COHESION_OF_DATED


def _facts_of(lines: Sequence[str]) -> dict[str, Any]:
    header = header_of(lines)
    return header.values if header else facts_below(lines)[0]


def form_at(head: Head, level: int) -> PieceForm:
    """Return how a text with an article under each heading of a level is read."""
    first = next((line for line in head.lines if line.strip()), "")
    return PieceForm(
        lambda line: level_of(line) == level,
        lambda lines: article(lines, level),
        f"articles with a heading (“{'#' * level}”) above each; [sources] one_document = true reads it as one",
        mark_is_first=True,
        has_preface=level_of(first) != level,
    )


def repeated_level(head: Head) -> int:
    """Return the level of the headings under which articles stand, if any do: the highest that comes twice."""
    return next((level for level, _ in sections(head)), 1)


def article(lines: Sequence[str], level: int) -> dict[str, Any] | None:
    """Read an article: its heading as the title, lines of outlet and day below it as fields, its text without marks.

    >>> article(["## Ferry *late*", "", "*Holm Post, 4 January 2031*", "", "It sails **at six**.", "# Sport"], 2)
    {'title': 'Ferry late', 'outlet': 'Holm Post', 'published': '4 January 2031', 'text': 'It sails at six.'}
    """
    match = _HEADING.match(lines[0])
    body = [line for line in lines[1:] if not 0 < level_of(line) < level]
    if match is None or not any(map(str.strip, body)):
        return None
    link = _LINK.search(match["title"])
    title = {"title": " ".join(text_of_markdown(match["title"]).split()), **({"url": link["url"]} if link else {})}
    if header := header_of(body):
        rest = "\n".join([*header.kept, *([""] if header.kept else []), *body[header.size :]])
        return {**title, **header.values, "text": text_of_markdown(rest)}
    facts, size = facts_below(body)
    return {**title, **facts, "text": text_of_markdown("\n".join(body[size:]))}


def facts_below(lines: Sequence[str]) -> tuple[dict[str, str], int]:
    """Return outlet, day and authors in the lines below a heading, and how many lines they take; none without a day.

    >>> facts_below(["", "_By Ana Lind | Holm Post | 4 Jan 2031_", "", "It sails."])
    ({'authors': 'Ana Lind', 'outlet': 'Holm Post', 'published': '4 Jan 2031'}, 2)
    >>> facts_below(["In 2031 the ferry sails."])
    ({}, 0)
    """
    facts: dict[str, str] = {}
    size = 0
    for at in [at for at, line in enumerate(lines) if line.strip()][:LOOKED_AT]:
        found = facts_in(_MARKS.sub("", lines[at]))
        if not found or not facts.keys().isdisjoint(found):
            break
        facts, size = {**facts, **found}, at + 1
    return (facts, size) if "published" in facts else ({}, 0)


def facts_in(line: str) -> dict[str, str]:
    """Return what a line says about an article: its author, its outlet, its day; nothing for a line of prose."""
    if parts := source_line(line):
        return {"outlet": parts.outlet, "published": parts.day} if not parts.rest else {}
    found: dict[str, str] = {}
    for each in map(str.strip, _BETWEEN.split(line)):
        named = _AUTHOR.match(each)
        role = "published" if _is_day(each) else "authors" if named else "outlet"
        if role in found or len(each.split()) > MAX_OUTLET + 1:
            return {}
        found[role] = named["name"] if named else each
    return found if found.keys() & {"published", "authors"} else {}


def _is_day(text: str) -> bool:
    return len(text) <= LONGEST_DAY and _YEAR.search(text) is not None and ways_to_read(text) > 0
