"""When an article was published and updated: structured metadata first, then what readers see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from htmldate import find_date
from lxml.etree import LxmlError, XPath

from stages.extract.header import Header, HeaderLine
from stages.extract.structured_metadata import StructuredMetadata, Tree, strings
from stages.shared.dates import (
    DATE_WORDS,
    PUBLISHED,
    UPDATED,
    Bounds,
    Stamp,
    day_matches,
    day_of,
    days_in,
    parse_time,
    stamp_of,
)

Element = Any  # lxml ships no type information

_SAME_DAY = timedelta(hours=26)  # between two moments that can be one day's, seen from different time zones
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # no news page is older than the web

#: Meta tags that say when an article was published …
_PUBLISHED_TAGS = (
    *("article:published_time", "og:article:published_time", "og:published_time", "datepublished", "published_time"),
    *("parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish-date", "publication_date"),
    *("publish_date", "article.published", "article:published", "cxenseparse:recs:publishtime"),
    *("rnews:datepublished", "citation_publication_date"),
)
#: … and those that give some date of a page, which may be that of its last change.
_SOME_DATE_TAGS = ("dc.date.issued", "dcterms.issued", "dc.date", "dcterms.created", "dcterms.date", "date")
_UPDATED_TAGS = ("article:modified_time", "og:updated_time", "datemodified", "modified_time", "last-modified")

_MARKED = re.compile(r"date|datum|time|publi|posted|meta|byline|info|fecha|stamp|topline|timedata", re.IGNORECASE)
#: A line that says more than so many letters beside its dates and labels is prose about some day, not a date line.
_MAX_OTHER_LETTERS, _MAX_OTHER_LETTERS_MARKED = 30, 90
_MAX_LINES_AFTER, _MAX_LINES_BEFORE = 14, 5
#: A line so long begins the story; after so many of them no date line comes.
_PROSE_CHARS, _MAX_PROSE_LINES = 200, 2
_URL_DAYS = (
    re.compile(r"[/_-](?P<y>(?:19|20)\d\d)[/_-]?(?P<m>[01]\d)[/_-]?(?P<d>[0-3]\d)(?![\d])"),
    re.compile(r"[/_-](?P<d>[0-3]\d)-(?P<m>[01]\d)-(?P<y>(?:19|20)\d\d)(?![\d])"),
)


class Times(NamedTuple):
    """The times at which an article was published and last changed."""

    published: datetime | None = None
    updated: datetime | None = None


def find_times(
    tree: Tree, structured: StructuredMetadata, heading: Element, header: Header, url: str | None, latest: datetime
) -> Times:
    """Find when the article was published and updated: to the second if the page says so, else midnight UTC of the day.

    A date that readers see beside the headline comes before meta tags that are called `date` and no more: those are at
    times of the last build of the site. No moment after `latest` is believed.
    """
    stamps = list(stamps_near(header, latest))
    updated = first_moment(strings(structured.article.get("dateModified")) + structured.tagged(*_UPDATED_TAGS), latest)
    updated = updated or next((stamp.moment for stamp in stamps if stamp.is_update), None)
    shown = next((stamp.moment for stamp in stamps if not stamp.is_update), None)
    published = outvoted([*(first_moment(texts, latest) for texts in stated_published(tree, structured)), shown])
    published = published or next(filter(None, less_sure(tree, structured, heading, url, latest)), None)
    return Times(published, updated if updated and (not published or updated > published) else None)


def less_sure(
    tree: Tree, structured: StructuredMetadata, heading: Element, url: str | None, latest: datetime
) -> Iterator[datetime | None]:
    """Iterate over the times of publication from places that may mean another time, surest first; each is a search."""
    yield only_time(tree, heading, latest)
    yield first_moment(structured.tagged(*_SOME_DATE_TAGS), latest)
    yield day_in_url(url or "", latest)
    yield labelled_day(tree, latest)
    yield day_below(tree, heading, latest)
    yield parse_time(day_by_search(tree, url, latest))


def stated_published(tree: Tree, structured: StructuredMetadata) -> list[list[str]]:
    """Collect the times of publication in the structured metadata of a page, place by place, surest first."""
    stated = [
        strings(structured.article.get("datePublished")),
        structured.tagged(*_PUBLISHED_TAGS),
        strings(structured.article.get("dateCreated")),
    ]
    marked = [] if any(stated) else _MARKED_AS_PUBLISHED(tree)
    return [*stated, [element.get("datetime") or element.get("content") or "" for element in marked]]


_MARKED_AS_PUBLISHED = XPath("//@itemprop[.='datePublished']/..")


def outvoted(moments: Sequence[datetime | None]) -> datetime | None:
    """Return the first of the moments that several places of a page give; another, where two agree on it and none does
    with the first.

    >>> first, other = datetime(2021, 5, 3, tzinfo=UTC), datetime(2021, 5, 6, 9, tzinfo=UTC)
    >>> outvoted([first, None, other]) == first, outvoted([first, other, other]) == other
    (True, True)
    """
    given = [moment for moment in moments if moment is not None]
    for at, moment in enumerate(given):
        if any(abs(moment - other) <= _SAME_DAY for other in given[at + 1 :]):
            return moment
    return next(iter(given), None)


def first_moment(texts: Iterable[str], latest: datetime) -> datetime | None:
    """Return the first believable moment among some texts."""
    moments = (parse_time(text) for text in texts)
    return next((moment for moment in moments if moment is not None and _EARLIEST <= moment <= latest), None)


def only_time(tree: Tree, heading: Element, latest: datetime) -> datetime | None:
    """Return the first machine time of a page if all are of one day, else the one right above its heading."""
    moments = [first_moment([element.get("datetime") or ""], latest) for element in tree.iter("time")]
    days = {moment.date() for moment in moments if moment is not None}
    if len(days) == 1:
        return next(moment for moment in moments if moment is not None)
    return time_above(tree, heading, latest) if days and heading is not None else None


def time_above(tree: Tree, heading: Element, latest: datetime) -> datetime | None:
    """Return the last machine time above a heading if it is near."""
    moment, distance = None, 0
    for element in tree.iter():
        distance += 1
        if element.tag == "time" and (stated := first_moment([element.get("datetime") or ""], latest)):
            moment, distance = stated, 0
        elif element is heading:
            return moment if distance <= _NEAR else None
    return None


_NEAR = 20  # elements between a machine time and the heading that it belongs to


def stamps_near(header: Header, latest: datetime) -> Iterator[Stamp]:
    """Iterate over the moments in the lines near a heading: those below it first, then those above, nearest first."""
    prose = 0
    for line in header.after[:_MAX_LINES_AFTER]:
        prose += len(line.text) >= _PROSE_CHARS
        yield from stamps_in(line, latest)
        if prose >= _MAX_PROSE_LINES:
            break
    for line in reversed(header.before[-_MAX_LINES_BEFORE:]):
        yield from stamps_in(line, latest)


def stamps_in(line: HeaderLine, latest: datetime) -> list[Stamp]:
    """Read the moments that a date line shows; none where the line is prose.

    >>> late = datetime(2030, 1, 1, tzinfo=UTC)
    >>> both = stamps_in(HeaderLine("Published 3 May 2021, 10:14 | Updated 4 May 2021", "p"), late)
    >>> [(stamp.moment.isoformat()[:16], stamp.is_update) for stamp in both]
    [('2021-05-03T10:14', False), ('2021-05-04T00:00', True)]
    >>> stamps_in(HeaderLine("The harbour was closed on 3 May 2021 when the storm tore two cranes down.", "p"), late)
    []
    """
    if line.time and (moment := first_moment([line.time], latest)):
        return [Stamp(moment, UPDATED.search(line.text) is not None and not PUBLISHED.search(line.text))]
    text = line.text[:_PROSE_CHARS]
    days = days_in(text, DATE_WORDS, Bounds(_EARLIEST, latest))
    if not days:
        return []
    n_letters = sum(c.isalpha() for c in line.text) - sum(day.match.end() - day.match.start() for day in days)
    marked = _MARKED.search(line.marks) is not None or PUBLISHED.search(text) or UPDATED.search(text)
    most = _MAX_OTHER_LETTERS_MARKED if marked else _MAX_OTHER_LETTERS
    if n_letters > most and not opens_line(text, days[0].match):
        return []
    return [stamp_of(text, at, days) for at in range(len(days))]


def opens_line(text: str, match: re.Match[str]) -> bool:
    """Tell if a day is set before a line and is no part of its sentence.

    >>> [opens_line(text, day_matches(text)[0]) for text in ("3. Mai 2021 - Der Hafen", "(03.05.2021) Der Hafen")]
    [True, True]
    >>> opens_line("3 May 2021 was wet.", day_matches("3 May 2021 was wet.")[0])
    False
    """
    before, after = text[: match.start()], text[match.end() :]
    if before in ("(", "["):
        return after[:1] in (")", "]")
    set_apart = re.match(r"\s*[-–—:|]\s", after) or (match[0][-1:].isdigit() and re.match(r"\s+[„“\"«]", after))
    return not before and set_apart is not None


def day_in_url(url: str, latest: datetime) -> datetime | None:
    """Return the day that an address names.

    >>> late = datetime(2030, 1, 1, tzinfo=UTC)
    >>> day_in_url("https://vellen-times.example/2021/05/03/storm", late).isoformat()[:10]
    '2021-05-03'
    >>> day_in_url("https://vellen-times.example/report/29-10-2021", late).isoformat()[:10]
    '2021-10-29'
    """
    days = (believed_day(match, latest) for form in _URL_DAYS if (match := form.search(url)))
    return next((day for day in days if day), None)


def believed_day(match: re.Match[str], latest: datetime) -> datetime | None:
    """Return the midnight of a day that a page writes, None where a page cannot be of that day."""
    return day_of(match, DATE_WORDS, Bounds(_EARLIEST, latest))


_LABELLED = re.compile(
    rf"(?i)(?<!\w)(?:{PUBLISHED.pattern}|(?:artikel|beitrag|meldung|mitteilung|nachricht|news) vom)"
    r"\W{0,3}(?:\w{1,4}\W{1,2})?\s*$"
)
_NEAR_LABEL = 40


def labelled_day(tree: Tree, latest: datetime) -> datetime | None:
    """Return the first day of a page that a word such as "Published:" or "Datum:" stands before."""
    before = ""
    for piece in tree.itertext():
        text = piece.strip()
        if not text:
            continue
        if len(text) < _PROSE_CHARS and (matches := day_matches(text)):
            label = f"{before} {text[: matches[0].start()]}"[-_NEAR_LABEL:]
            if _LABELLED.search(label) and (day := believed_day(matches[0], latest)):
                return day
        before = text[-_NEAR_LABEL:]
    return None


def day_below(tree: Tree, heading: Element, latest: datetime) -> datetime | None:
    """Return the first day below a heading and near it that an element says and says no more."""
    number = _FAR
    for element in tree.iter():
        if element is heading:
            number = 0
        elif number < _FAR:
            number += 1
            text = " ".join((element.text or "").split())
            if len(text) <= _MAX_DAY_CHARS and (matches := day_matches(text)):
                return believed_day(matches[0], latest)
    return None


_FAR = 150  # elements below a heading from which on a day is that of something else
_MAX_DAY_CHARS = 40


def day_by_search(tree: Tree, url: str | None, latest: datetime) -> str:
    """Search the address, the markup and date lines for a day with htmldate; an empty string where it finds none.

    Not by its extensive search, which guesses from any number on a page (on 270 pages 9 wrong days beside 13 right):
    who published first decides which copy is canonical, so a wrong date is worse than none. The last day is handed
    over because htmldate's own is today.
    """
    first, last = _EARLIEST.date().isoformat(), latest.date().isoformat()
    try:
        day = find_date(tree, extensive_search=False, original_date=True, url=url, min_date=first, max_date=last)
        return day or ""
    except (LxmlError, ValueError, TypeError, AttributeError, LookupError, OverflowError):
        return ""  # a page on which the search fails has no date that it can find
