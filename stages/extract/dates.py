"""When an article was published, and when it was updated: structured data first, then what readers see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from htmldate import find_date
from lxml.etree import LxmlError, XPath

from stages.extract.described import Described, Tree, strings
from stages.extract.header import Header, Line

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

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner jän janvier janv enero ene gennaio gen janeiro januari stycznia ocak января"
            " tammikuuta ledna januára januarie ianuarie siječnja januarja ιανουαρίου січня يناير",
            "february feb februar feber février févr febrero febbraio fevereiro fev februari lutego şubat февраля"
            " helmikuuta února februára februarie veljače februarja φεβρουαρίου лютого فبراير",
            "march mar märz mär mrz mars marzo março maart mrt marca mart марта maaliskuuta března martie ožujka"
            " μαρτίου березня مارس",
            "april apr avril avr abril abr aprile aprel kwietnia nisan апреля huhtikuuta dubna apríla aprilie travnja"
            " aprila απριλίου квітня أبريل ابريل",
            "may mai mayo maggio mag maio mei maj maja mayıs мая toukokuuta května mája svibnja μαΐου травня مايو",
            "june jun juni juin junio giugno giu junho czerwca haziran июня kesäkuuta června júna iunie lipnja junija"
            " ιουνίου червня يونيو",
            "july jul juli juillet juil julio luglio lug julho lipca temmuz июля heinäkuuta července júla iulie srpnja"
            " julija ιουλίου липня يوليو",
            "august aug août aout agosto ago augustus augusti sierpnia ağustos августа elokuuta srpna augusta kolovoza"
            " avgusta αυγούστου серпня أغسطس",
            "september sept sep septembre septiembre settembre set setembro września eylül сентября syyskuuta září"
            " septembra septembrie rujna σεπτεμβρίου вересня سبتمبر",
            "october oct oktober okt octobre octubre ottobre ott outubro out października ekim октября lokakuuta října"
            " októbra octombrie listopada oktobra οκτωβρίου жовтня أكتوبر اكتوبر",
            "november nov novembre noviembre novembro listopada kasım ноября marraskuuta listopadu novembra noiembrie"
            " studenog novembrie νοεμβρίου листопада نوفمبر",
            "december dec dezember dez décembre déc diciembre dic dicembre dezembro desember des grudnia aralık декабря"
            " joulukuuta prosince decembra decembrie prosinca δεκεμβρίου грудня ديسمبر",
        ),
        1,
    )
    for name in names.split()
}
_YEAR = r"(?P<y>(?:19|20)\d\d)"
_MONTH_WORD = r"(?P<w>[^\W\d_]{3,12})\.?"
_DAY = r"(?P<d>[0-3]?\d)"
#: The ways to write a day. Months are looked up, so a word that is none makes no date.
_FORMS = tuple(
    re.compile(rf"(?<![\d.]){form}(?![\d]|\.\d)", re.IGNORECASE)
    for form in (
        rf"{_YEAR}[-/.](?P<m>[01]?\d)[-/.]{_DAY}",
        rf"{_DAY}(?:\.|st|nd|rd|th|er|º|°)?,?\s*(?:de\s+|di\s+|of\s+)?{_MONTH_WORD},?\s*(?:de\s+|del\s+)?{_YEAR}",
        rf"{_MONTH_WORD}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}",
        rf"{_DAY}\s?\.\s?(?P<m>[01]?\d)\s?\.\s?{_YEAR}",
        rf"{_DAY}(?P<s>[/-])(?P<m>[0-3]?\d)(?P=s){_YEAR}",
        rf"{_YEAR}\s?[年년]\s?(?P<m>[01]?\d)\s?[月월]\s?{_DAY}\s?[日일]?",
        r"(?P<d>[0-3]\d)\.(?P<m>[01]\d)\.(?P<y>[0-3]\d)",
    )
)
_CLOCK = re.compile(r"(?<!\d)([0-2]?\d)\s?[:.h]\s?([0-5]\d)(?::[0-5]\d)?\s*([ap])?\.?m?\b", re.IGNORECASE)
#: What stands before the moment of the last change, and before that of publication, as parts of patterns.
OF_UPDATES = (
    r"updat|modif|aktualisier|ge[äa]ndert|änderung|\bstand\b|mis[e]? à jour|actuali[sz]|aggiorna|atualiz|bijgewerkt"
    r"|gewijzigd|uppdater|opdater|oppdater|endret|päivitetty|обновл|изменен|güncelle|zmieni|تحديث"
)
OF_PUBLICATION = (
    r"publish|publi[ée]|veröffentlicht|erschienen|erstellt|posted|publicad|pubblicat|gepubliceerd|geplaatst|publicerad"
    r"|publisert|udgivet|опубликован|yayın|opublikowan|created|نشر"
)
_UPDATED = re.compile(OF_UPDATES, re.IGNORECASE)
_PUBLISHED = re.compile(rf"{OF_PUBLICATION}|\bdatum\b|\bdate\b|\bfecha\b", re.IGNORECASE)
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
    """When an article was published, and when it was last changed."""

    published: datetime | None = None
    updated: datetime | None = None


class Stamp(NamedTuple):
    """A moment that a line shows, and what the words before it call it."""

    moment: datetime
    is_update: bool


def find_times(
    tree: Tree, described: Described, heading: Element, header: Header, url: str | None, latest: datetime
) -> Times:
    """When the article was published and updated: to the second where the page says so, else midnight UTC of the day.

    A date that readers see beside the headline comes before meta tags that are called `date` and no more: those are at
    times of the last build of the site.
    """
    stamps = list(stamps_near(header, latest))
    updated = first_moment(strings(described.article.get("dateModified")) + described.tagged(*_UPDATED_TAGS), latest)
    updated = updated or next((stamp.moment for stamp in stamps if stamp.is_update), None)
    shown = next((stamp.moment for stamp in stamps if not stamp.is_update), None)
    published = outvoted([*(first_moment(said, latest) for said in said_published(tree, described)), shown])
    published = (
        published or only_time(tree, heading, latest) or first_moment(described.tagged(*_SOME_DATE_TAGS), latest)
    )
    published = published or day_in_url(url or "", latest) or labelled_day(tree, latest)
    published = published or day_below(tree, heading, latest) or parse_time(day_by_search(tree, url, latest))
    return Times(published, updated if updated and (not published or updated > published) else None)


def said_published(tree: Tree, described: Described) -> list[list[str]]:
    """What the structured part of a page gives as the time of publication, place by place, surest first."""
    said = [
        strings(described.article.get("datePublished")),
        described.tagged(*_PUBLISHED_TAGS),
        strings(described.article.get("dateCreated")),
    ]
    marked = [] if any(said) else _MARKED_AS_PUBLISHED(tree)
    return [*said, [element.get("datetime") or element.get("content") or "" for element in marked]]


_MARKED_AS_PUBLISHED = XPath("//@itemprop[.='datePublished']/..")


def outvoted(moments: Sequence[datetime | None]) -> datetime | None:
    """The first of the moments that several places of a page give; another, where two agree on it and none does with
    the first.

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
    """The first believable moment among some texts."""
    moments = (parse_time(text) for text in texts)
    return next((moment for moment in moments if moment is not None and _EARLIEST <= moment <= latest), None)


def only_time(tree: Tree, heading: Element, latest: datetime) -> datetime | None:
    """The first of the machine times of a page, where they are all of one day; else the one right above its heading."""
    moments = [first_moment([element.get("datetime") or ""], latest) for element in tree.iter("time")]
    days = {moment.date() for moment in moments if moment is not None}
    if len(days) == 1:
        return next(moment for moment in moments if moment is not None)
    return time_above(tree, heading, latest) if days and heading is not None else None


def time_above(tree: Tree, heading: Element, latest: datetime) -> datetime | None:
    """The last machine time above a heading, where it is near."""
    moment, distance = None, 0
    for element in tree.iter():
        distance += 1
        if element.tag == "time" and (said := first_moment([element.get("datetime") or ""], latest)):
            moment, distance = said, 0
        elif element is heading:
            return moment if distance <= _NEAR else None
    return None


_NEAR = 20  # elements between a machine time and the heading that it belongs to


def stamps_near(header: Header, latest: datetime) -> Iterator[Stamp]:
    """The moments that lines near a heading show: those below it first, then those above it, nearest first."""
    prose = 0
    for line in header.after[:_MAX_LINES_AFTER]:
        prose += len(line.text) >= _PROSE_CHARS
        yield from stamps_in(line, latest)
        if prose >= _MAX_PROSE_LINES:
            break
    for line in reversed(header.before[-_MAX_LINES_BEFORE:]):
        yield from stamps_in(line, latest)


def stamps_in(line: Line, latest: datetime) -> list[Stamp]:
    """The moments that a date line shows; none where the line is prose.

    >>> late = datetime(2030, 1, 1, tzinfo=UTC)
    >>> both = stamps_in(Line("Published 3 May 2021, 10:14 | Updated 4 May 2021", "p"), late)
    >>> [(stamp.moment.isoformat()[:16], stamp.is_update) for stamp in both]
    [('2021-05-03T10:14', False), ('2021-05-04T00:00', True)]
    >>> stamps_in(Line("The harbour was closed on 3 May 2021 when the storm tore two cranes down.", "p"), late)
    []
    """
    if line.time and (moment := first_moment([line.time], latest)):
        return [Stamp(moment, _UPDATED.search(line.text) is not None and not _PUBLISHED.search(line.text))]
    text = line.text[:_PROSE_CHARS]
    found = [(match, day) for match in day_matches(text) if (day := day_of(match, latest))]
    if not found:
        return []
    opens = opens_line(text, found[0][0])
    rest = sum(c.isalpha() for c in line.text) - sum(m.end() - m.start() for m, _ in found)
    marked = _MARKED.search(line.marks) is not None or _PUBLISHED.search(text) or _UPDATED.search(text)
    if rest > (_MAX_OTHER_LETTERS_MARKED if marked else _MAX_OTHER_LETTERS) and not opens:
        return []
    return [stamp_of(text, at, found) for at in range(len(found))]


def zone_after(clock: re.Match[str]) -> int:
    """Minutes east of Greenwich of the time zone written after a time of day; 0 where none is.

    >>> [zone_after(_CLOCK.search(text)) for text in ("10:14 CEST", "6:05 pm (EDT)", "10:14 GMT+0530", "10:14 Uhr")]
    [120, -240, 330, 0]
    """
    found = _ZONE.match(clock.string, clock.end())
    if found is None:
        return 0
    if found["hours"]:
        return (int(found["hours"]) * 60 + int(found["minutes"])) * (-1 if found["sign"] == "-" else 1)
    return 60 * _ZONES.get(found["name"], 0)


#: Hours east of Greenwich of the time zones that date lines name; those that mean one place only.
_ZONES = {
    name: hours
    for hours, names in (
        *((0, "GMT UTC WET"), (1, "BST WEST CET MEZ"), (2, "CEST MESZ EET"), (3, "EEST MSK"), (8, "HKT SGT")),
        *((9, "JST KST"), (10, "AEST"), (11, "AEDT"), (12, "NZST"), (13, "NZDT"), (-4, "EDT"), (-5, "EST ET CDT")),
        *((-6, "CST MDT"), (-7, "MST PDT"), (-8, "PST")),
    )
    for name in names.split()
}
_ZONE = re.compile(
    r"\s*(?:Uhr|h)?\s*\(?(?:(?P<name>[A-Z]{2,4}T|MEZ|MESZ|UTC|MSK|GMT|ET)\b(?![+-]\d)"
    r"|(?:GMT|UTC)?(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)\b)"
)


def opens_line(text: str, match: re.Match[str]) -> bool:
    """Is a day set before a line, and not part of what the line says?

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


def stamp_of(text: str, at: int, found: list[tuple[re.Match[str], datetime]]) -> Stamp:
    """One of the days in a text with the clock time after it, called what the words before it say."""
    match, day = found[at]
    before = text[found[at - 1][0].end() if at else 0 : match.start()]
    after = text[match.end() : found[at + 1][0].start() if at + 1 < len(found) else len(text)]
    clock = _CLOCK.search(after) or (_CLOCK.search(before) if not at else None)
    if clock:
        hour = int(clock[1]) % 12 + (12 if clock[3] in "pP" else 0) if clock[3] else int(clock[1])
        day += timedelta(hours=hour if hour < 24 else 0, minutes=int(clock[2]) - zone_after(clock))
    return Stamp(day, _UPDATED.search(before) is not None and not _PUBLISHED.search(before))


def day_matches(text: str) -> list[re.Match[str]]:
    """What in a text is written as a day, in order, without overlap; the surest form first where forms overlap.

    >>> [match[0] for match in day_matches("Montag, 3. Mai 2021 | 04.05.2021")]
    ['3. Mai 2021', '04.05.2021']
    """
    if not any(character.isdigit() for character in text):
        return []
    taken: list[re.Match[str]] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if not any(match.start() < other.end() and other.start() < match.end() for other in taken):
                taken.append(match)
    return sorted(taken, key=lambda match: match.start())


def day_of(match: re.Match[str], latest: datetime) -> datetime | None:
    """The day that a match of one of the forms gives, none where there is no such day.

    Between day and month in numbers with slashes, the day comes first, unless there is no such month.
    """
    said = match.groupdict()
    word = (said.get("w") or "").casefold()
    month = int(said["m"]) if said.get("m") else _MONTHS.get(word, 0)
    day, year = int(said["d"]), int(said["y"])
    if month > 12 and said.get("s"):
        day, month = month, day
    try:
        moment = datetime(year + (2000 if year < 100 else 0), month, day, tzinfo=UTC)
    except ValueError:
        return None
    return moment if _EARLIEST <= moment <= latest else None


def day_in_url(url: str, latest: datetime) -> datetime | None:
    """The day that an address names.

    >>> late = datetime(2030, 1, 1, tzinfo=UTC)
    >>> day_in_url("https://vellen-times.example/2021/05/03/storm", late).isoformat()[:10]
    '2021-05-03'
    >>> day_in_url("https://vellen-times.example/report/29-10-2021", late).isoformat()[:10]
    '2021-10-29'
    """
    days = (day_of(match, latest) for form in _URL_DAYS if (match := form.search(url)))
    return next((day for day in days if day), None)


_LABELLED = re.compile(
    rf"(?i)(?<!\w)(?:{_PUBLISHED.pattern}|(?:artikel|beitrag|meldung|mitteilung|nachricht|news) vom)"
    r"\W{0,3}(?:\w{1,4}\W{1,2})?\s*$"
)
_NEAR_LABEL = 40


def labelled_day(tree: Tree, latest: datetime) -> datetime | None:
    """The first day of a page that a word such as "Published:" or "Datum:" stands before."""
    before = ""
    for piece in tree.itertext():
        text = piece.strip()
        if not text:
            continue
        if len(text) < _PROSE_CHARS and (matches := day_matches(text)):
            lead = f"{before} {text[: matches[0].start()]}"[-_NEAR_LABEL:]
            if _LABELLED.search(lead) and (day := day_of(matches[0], latest)):
                return day
        before = text[-_NEAR_LABEL:]
    return None


def day_below(tree: Tree, heading: Element, latest: datetime) -> datetime | None:
    """The first day below a heading and near it that an element says and says no more."""
    number = _FAR
    for element in tree.iter():
        if element is heading:
            number = 0
        elif number < _FAR:
            number += 1
            text = " ".join((element.text or "").split())
            if len(text) <= _MAX_DAY_CHARS and (matches := day_matches(text)):
                return day_of(matches[0], latest)
    return None


_FAR = 150  # elements below a heading from which on a day is that of something else
_MAX_DAY_CHARS = 40


def day_by_search(tree: Tree, url: str | None, latest: datetime) -> str:
    """The day as htmldate finds it in the address, the markup and date lines, nothing where it finds none.

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


def parse_time(text: str) -> datetime | None:
    """A moment in UTC from ISO 8601 or the dates of mail; without a time zone it is taken for UTC.

    >>> parse_time("2021-03-04T00:30:00+01:00").isoformat()
    '2021-03-03T23:30:00+00:00'
    >>> parse_time("2021-03-04").isoformat()
    '2021-03-04T00:00:00+00:00'
    >>> parse_time("last Thursday") is None
    True
    """
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None
