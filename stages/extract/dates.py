"""When an article was published and updated: structured metadata first, then what readers see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from lxml import etree
from lxml.etree import LxmlError, XPath

from stages.extract.header import Header, HeaderLine
from stages.extract.structured_metadata import StructuredMetadata, Tree, host_of, json_values, strings
from stages.shared.dates import (
    DATE_WORDS,
    NEITHER,
    PUBLISHED,
    UPDATED,
    US_CLOCK,
    US_DATE_WORDS,
    Bounds,
    DateWords,
    Day,
    Stamp,
    day_matches,
    day_of,
    days_in,
    is_ambiguous,
    parse_stated,
    parse_time,
    stamp_of,
    stamps_in_text,
    texts_of_times,
    usual_form,
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
_MAX_LINES_AFTER, _MAX_LINES_BEFORE = 14, 5  # of the heading, among which a day is looked for
#: A line so long begins the story; after so many of them no date line comes.
_PROSE_CHARS, _MAX_PROSE_LINES = 200, 2
_URL_DAYS = (
    re.compile(r"[/_-](?P<y>(?:19|20)\d\d)[/_-]?(?P<m>[01]\d)[/_-]?(?P<d>[0-3]\d)(?![\d])"),
    re.compile(r"/(?P<y>(?:19|20)\d\d)/(?P<w>[a-z]{3,9})/(?P<d>[0-3]?\d)(?!\d)"),
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
    zones = stated_zones(structured, header)
    updated = first_moment(stated_updates(structured), latest, zones)
    words = order_of(tree, header, (day_in_url(url or "", latest), updated), host_of(url or ""))
    stamps = list(stamps_near(header, latest, words))
    updated = updated or next((stamp.moment for stamp in stamps if stamp.is_update), None)
    published_first = sorted(
        (stamp for stamp in stamps if not stamp.is_update), key=lambda each: not each.is_publication
    )
    shown = next((stamp.moment for stamp in published_first), None)
    places = stated_published(tree, structured)
    stated = [first_moment(texts, latest, zones) for texts in places]
    published = outvoted(without_updates([*stated, shown], updated))
    published = shown_before(published, shown, updated)
    published = published or next(filter(None, less_sure(tree, structured, heading, url, latest)), None)
    begun = None if any(stated) else first_of_posts(tree, latest)
    published = min(filter(None, (published, begun)), default=None)
    return Times(published, updated if updated and (not published or updated > published) else None)


def first_of_posts(tree: Tree, latest: datetime) -> datetime | None:
    """Return the earliest machine time of the posts of a live blog, whose newest stands first; None for no posts."""
    times = [element for element in tree.iter("time") if any(map(_is_post, element.iterancestors()))]
    moments = [first_moment([element.get("datetime") or ""], latest) for element in times]
    return min(filter(None, moments), default=None)


_POST = re.compile(r"live-?_?(?:blog|post|ticker|entry|update)|ticker-?_?(?:entry|item|post)", re.IGNORECASE)


def _is_post(element: Element) -> bool:
    return element.tag != "body" and _POST.search(element.get("class") or "") is not None


def stated_updates(structured: StructuredMetadata) -> list[str]:
    """Collect the times of the last change in the structured metadata of a page, surest first."""
    return texts_of_times(structured.article.get("dateModified")) + structured.tagged(*_UPDATED_TAGS)


def stated_zones(structured: StructuredMetadata, header: Header) -> list[datetime]:
    """Collect the moments that a page gives for machines with their time zone, as they are written."""
    linked = [text for name in ("datePublished", "dateModified") for text in strings(structured.article.get(name))]
    tagged = structured.tagged(*_PUBLISHED_TAGS, *_SOME_DATE_TAGS, *_UPDATED_TAGS)
    shown = [line.time for line in (*header.after, *header.before) if line.time]
    moments = [zoned for text in (*linked, *tagged, *shown) if (zoned := _with_offset(text)) is not None]
    return [moment for moment in moments if moment.tzinfo]


def _with_offset(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def in_zone(naive: datetime, zoned: Sequence[datetime]) -> datetime:
    """Return a moment that is stated without its zone, in the zone in which the same page states times.

    In UTC where the page states the same moment so, or where its zones differ.

    >>> local = [datetime.fromisoformat("2024-08-05T20:59:59+02:00")]
    >>> in_zone(datetime(2024, 8, 5, 20, 59, 59), local).astimezone(UTC).hour
    18
    >>> in_zone(datetime(2024, 8, 5, 18, 59, 59), local).astimezone(UTC).hour
    18
    """
    in_utc = naive.replace(tzinfo=UTC)
    offsets = {moment.utcoffset() for moment in zoned}
    if len(offsets) != 1 or any(abs(moment - in_utc) < _SAME_MINUTE for moment in zoned):
        return in_utc
    return naive.replace(tzinfo=zoned[0].tzinfo)


_SAME_MINUTE = timedelta(minutes=1)


def order_of(tree: Tree, header: Header, named: Sequence[datetime | None], host: str) -> DateWords:
    """Tell if a page writes the month before the day, by days `named` elsewhere, its language, host or time zone."""
    near = (*header.after[:_MAX_LINES_AFTER], *header.before[-_MAX_LINES_BEFORE:])
    lines = [line.text[:_PROSE_CHARS] for line in near]
    numeric = [text for text in lines if _NUMERIC_DAY.search(text)]
    unsure = [match for text in numeric for match in day_matches(text) if is_ambiguous(match)]
    if not unsure:
        return DATE_WORDS
    known = (order_by_day(unsure, day) for day in named)
    if (by_day := next(filter(None, known), None)) is not None:
        return by_day
    # not og:locale: many systems write en_US on every page
    is_american = _AMERICAN.fullmatch((tree.get("lang") or "").strip()) or any(map(US_CLOCK.search, lines))
    return US_DATE_WORDS if is_american or host.endswith(_AMERICAN_HOSTS) else DATE_WORDS


_NUMERIC_DAY = re.compile(r"\d[/-]\d")  # in all forms that may be read in two orders
_AMERICAN_HOSTS = (".us", ".gov", ".mil")
_AMERICAN = re.compile(r"en[-_]us", re.IGNORECASE)


def order_by_day(unsure: Sequence[re.Match[str]], named: datetime | None) -> DateWords | None:
    """Return the order in which a day that may be read in two is the one named elsewhere; None for neither."""
    if named is None:
        return None
    both = ((words, day_of(match, words)) for match in unsure for words in (DATE_WORDS, US_DATE_WORDS))
    return next((words for words, day in both if day and abs(day - named) <= _SAME_DAY), None)


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
        texts_of_times(structured.article.get("datePublished")),
        structured.tagged(*_PUBLISHED_TAGS),
        texts_of_times(structured.article.get("dateCreated")),
    ]
    marked = [] if any(stated) else _MARKED_AS_PUBLISHED(tree.getroottree())
    return [*stated, [element.get("datetime") or element.get("content") or "" for element in marked]]


_MARKED_AS_PUBLISHED = XPath("//@itemprop[.='datePublished']/..")


def without_updates(moments: Sequence[datetime | None], updated: datetime | None) -> list[datetime | None]:
    """Leave out the moments after the first that are the last change: some pages call that publication in one place.

    >>> first, changed = datetime(2021, 5, 3, tzinfo=UTC), datetime(2021, 5, 4, 9, tzinfo=UTC)
    >>> without_updates([first, changed, None], changed) == [first, None]
    True
    """
    first = next(filter(None, moments), None)
    if first is None or updated is None or is_of_update(first, updated):
        return list(moments)
    return [moment for moment in moments if moment is None or not is_of_update(moment, updated)]


def is_of_update(moment: datetime, updated: datetime) -> bool:
    """Tell if a moment is that of the last change: the same, its day, or its time of day in another zone.

    >>> changed = datetime(2021, 5, 4, 9, 15, tzinfo=UTC)
    >>> others = (datetime(2021, 5, *rest, tzinfo=UTC) for rest in ((4,), (4, 11, 15), (4, 11), (3, 9, 15)))
    >>> [is_of_update(other, changed) for other in others]
    [True, True, False, False]
    """
    apart = abs(moment - updated)
    is_midnight = (moment.hour, moment.minute) == (0, 0) and moment.date() == updated.date()
    is_in_zone = apart <= _FARTHEST_ZONE and (apart % _HALF_HOUR) < _SAME_MINUTE and apart >= _HALF_HOUR
    return apart < _SAME_MINUTE or is_midnight or is_in_zone


_HALF_HOUR, _FARTHEST_ZONE = timedelta(minutes=30), timedelta(hours=14)


def shown_before(published: datetime | None, shown: datetime | None, updated: datetime | None) -> datetime | None:
    """Return the moment that readers see where the description says that the page was changed before it was published.

    Systems that put an old article on the page again give it such a time.

    >>> again, seen, changed = (datetime(2022, *day, tzinfo=UTC) for day in ((11, 17, 9, 1), (3, 9), (11, 17, 9)))
    >>> shown_before(again, seen, changed) == seen, shown_before(seen, again, changed) == seen
    (True, True)
    """
    if published is None or shown is None or updated is None or published <= updated:
        return published
    return shown if shown < updated and published - shown > _SAME_DAY else published


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


def first_moment(texts: Iterable[str], latest: datetime, zones: Sequence[datetime] = ()) -> datetime | None:
    """Return the first believable moment among some texts; `zones` are moments of the same page with their zones.

    Midnight in some zone is a day, and stands for it as midnight in UTC does.

    >>> first_moment(["2024-10-16T00:00:00+08:00"], datetime(2030, 1, 1, tzinfo=UTC)).isoformat()
    '2024-10-16T00:00:00+00:00'
    """
    moments = (_in_utc(text, zones) for text in texts)
    return next((moment for moment in moments if moment is not None and _EARLIEST <= moment <= latest), None)


def _in_utc(text: str, zones: Sequence[datetime]) -> datetime | None:
    written = _with_offset(text)
    if written is not None and (written.hour, written.minute, written.second) == (0, 0, 0):
        return written.replace(tzinfo=UTC)
    moment = parse_stated(text)
    if moment is None or moment.tzinfo is not None:
        return moment and parse_time(text)
    try:
        return in_zone(moment, zones).astimezone(UTC)
    except OverflowError:
        return None


def only_time(tree: Tree, heading: Element, latest: datetime) -> datetime | None:
    """Return the first machine time of a page if all are of one day, else the one right above its heading."""
    times = [element for element in tree.iter("time") if not is_elsewhere(element)]
    moments = [first_moment([element.get("datetime") or ""], latest) for element in times]
    days = {moment.date() for moment in moments if moment is not None}
    if len(days) == 1:
        return next(moment for moment in moments if moment is not None)
    return time_above(tree, heading, latest) if days and heading is not None else None


#: Boxes whose dates are those of comments, other stories, pictures, quotations, or the site.
_ELSEWHERE = re.compile(
    r"comment|kommentar|disqus|related|recommend|teaser|sidebar|promo|trending|popular|more-?_?(?:news|stories)|newsticker|caption",
    re.IGNORECASE,
)
_ELSEWHERE_TAGS = frozenset(("aside", "nav", "blockquote", "figure", "form"))


def is_elsewhere(element: Element) -> bool:
    """Tell if an element is in a comment, a box beside the story, a quotation or a sentence of the story."""
    within = 0
    for outer in (element, *element.iterancestors()):
        if outer.tag in ("body", "html", "main"):
            break
        within += outer.tag == "article"
        marks = f"{outer.get('class') or ''} {outer.get('id') or ''}"
        is_box = _ELSEWHERE.search(marks) is not None and len(outer.text_content()) <= _MAX_BESIDE
        if outer.tag in _ELSEWHERE_TAGS or is_box:
            return next(outer.iter("h1"), None) is None
        if outer.tag == "footer" and not any(above.tag in ("article", "main") for above in outer.iterancestors()):
            return True
    return within > 1 or _is_in_prose(element)


_MAX_BESIDE = 3000  # characters of a box of comments or related stories; one that holds more may hold the article


def _is_in_prose(element: Element) -> bool:
    """Tell if an element stands in the middle of a sentence."""
    around = element.getparent()
    if around is None or around.tag not in ("p", "li", "td"):
        return False
    before = "".join(
        [
            around.text or "",
            *("".join(each.itertext()) + (each.tail or "") for each in element.itersiblings(preceding=True)),
        ]
    )
    return len((element.tail or "").split()) > _MIN_PROSE_WORDS and len(before.split()) > _MIN_PROSE_WORDS


_MIN_PROSE_WORDS = 3  # before and after a machine time that is part of a sentence


def time_above(tree: Tree, heading: Element, latest: datetime) -> datetime | None:
    """Return the last machine time above a heading if it is near."""
    moment, distance = None, 0
    for element in tree.iter():
        distance += 1
        if (
            element.tag == "time"
            and not is_elsewhere(element)
            and (stated := first_moment([element.get("datetime") or ""], latest))
        ):
            moment, distance = stated, 0
        elif element is heading:
            return moment if distance <= _NEAR else None
    return None


_NEAR = 20  # elements between a machine time and the heading that it belongs to


def stamps_near(header: Header, latest: datetime, words: DateWords = DATE_WORDS) -> Iterator[Stamp]:
    """Iterate over the moments in the lines near a heading: those below it first, then those above, nearest first."""
    prose = 0
    for line in header.after[:_MAX_LINES_AFTER]:
        prose += len(line.text) >= _PROSE_CHARS
        yield from stamps_in(line, latest, words)
        if prose >= _MAX_PROSE_LINES:
            break
    for line in reversed(header.before[-_MAX_LINES_BEFORE:]):
        yield from stamps_in(line, latest, words)


def stamps_in(line: HeaderLine, latest: datetime, words: DateWords = DATE_WORDS) -> list[Stamp]:
    """Read the moments that a date line shows; none where the line is prose.

    >>> late = datetime(2030, 1, 1, tzinfo=UTC)
    >>> both = stamps_in(HeaderLine("Published 3 May 2021, 10:14 | Updated 4 May 2021", "p"), late)
    >>> [(stamp.moment.isoformat()[:16], stamp.is_update) for stamp in both]
    [('2021-05-03T10:14', False), ('2021-05-04T00:00', True)]
    >>> stamps_in(HeaderLine("The harbour was closed on 3 May 2021 when the storm tore two cranes down.", "p"), late)
    []
    """
    if not (line.time or _DIGIT.search(line.text)) or is_quoted(line):
        return []
    if (stamp := machine_stamp(line, latest)) is not None:
        return [] if is_in_box(line) else [stamp]
    text = usual_form(line.text[:_PROSE_CHARS])
    days = days_in(text, words, Bounds(_EARLIEST, latest))
    if not days or is_in_box(line) or is_story(line, text, days):
        return []
    ends = [0, *(day.match.end() for day in days)]
    others = {at for at, day in enumerate(days) if NEITHER.search(text[ends[at] : day.match.start()])}
    return [stamp_of(text, at, days, words) for at in range(len(days)) if at not in others]


def is_story(line: HeaderLine, text: str, days: Sequence[Day]) -> bool:
    """Tell if a line says more than a date line does, beside its days and labels, or has a day in a sentence."""
    n_letters = sum(c.isalpha() for c in line.text) - sum(day.match.end() - day.match.start() for day in days)
    marked = _MARKED.search(line.marks) is not None or PUBLISHED.search(text) or UPDATED.search(text)
    most = _MAX_OTHER_LETTERS_MARKED if marked else _MAX_OTHER_LETTERS
    if n_letters > most:
        return not opens_line(text, days[0].match)
    return not marked and is_within_sentence(text, days[0].match)


def is_within_sentence(text: str, match: re.Match[str]) -> bool:
    """Tell if a day is part of a sentence: it begins before the day, goes on in small letters after it, and ends.

    >>> sentences = ("The law of 3 May 1998 forbids it.", "Velin, 3 May 2021, 10 a.m.", "By Ada Lind, 3 May 2021")
    >>> [is_within_sentence(text, day_matches(text)[0]) for text in sentences]
    [True, False, False]
    """
    before, after = text[: match.start()], text[match.end() :]
    return (
        text.rstrip("”“\"»’' ").endswith(_ENDS)
        and _WORD.search(before) is not None
        and _GOES_ON.match(after) is not None
    )


_ENDS = (".", "!", "?", "…")
_WORD = re.compile(r"[^\W\d_]{2,}")
_GOES_ON = re.compile(r",?\s(?:[a-zß-öø-ÿа-яёα-ώ]+(?:\s|['’]))?[a-zß-öø-ÿа-яёα-ώ]{3,}")


_DIGIT = re.compile(r"\d")


def is_in_box(line: HeaderLine) -> bool:
    """Tell if a line is in a box of other stories; "teaser" alone may be a part of the header."""
    return line.element is not None and any(
        _OTHER_STORIES.search(f"{outer.get('class') or ''} {outer.get('id') or ''}")
        and len(outer.text_content()) <= _MAX_BESIDE
        for outer in (line.element, *line.element.iterancestors())
        if outer.tag not in ("html", "body")
    )


_OTHER_STORIES = re.compile(
    r"related|recommend|trending|popular|most-?_?read|more-?_?(?:news|stories)|newsticker|teasers|teaser-?_?(?:list|group)",
    re.IGNORECASE,
)


def machine_stamp(line: HeaderLine, latest: datetime) -> Stamp | None:
    """Return the moment that a line gives for machines; None where it gives none, or is prose."""
    if not line.time:
        return None
    is_sentence = line.text.endswith((".", "!", "?")) and len(line.text.split()) >= _MIN_SENTENCE_WORDS
    is_prose = is_sentence or sum(c.isalpha() for c in line.text) > _MAX_OTHER_LETTERS_MARKED
    moment = None if is_prose else first_moment([line.time], latest)
    if moment is None:
        return None
    is_update = UPDATED.search(line.text) is not None and not PUBLISHED.search(line.text)
    return Stamp(in_shown_zone(moment, line, latest), is_update)


def in_shown_zone(moment: datetime, line: HeaderLine, latest: datetime) -> datetime:
    """Return a moment that a line gives for machines without its zone as it shows it to readers, with its zone.

    >>> late, noon = datetime(2030, 1, 1, tzinfo=UTC), datetime(2021, 3, 2, 12, tzinfo=UTC)
    >>> shown = HeaderLine("2 March 2021, 12:00 CET", "p", "2021-03-02T12:00:00")
    >>> zoneless = shown._replace(text="2 March 2021, 13:00")
    >>> in_shown_zone(noon, shown, late).hour, in_shown_zone(noon, zoneless, late).hour
    (11, 12)
    """
    written = _with_offset(line.time or "")
    if written is None or written.tzinfo is not None or not _ZONE_SHOWN.search(line.text):
        return moment
    shown = [stamp.moment for stamp in stamps_in_text(line.text, bounds=Bounds(_EARLIEST, latest))]
    return next((other for other in shown if other != moment and is_of_update(other, moment)), moment)


_ZONE_SHOWN = re.compile(rf"\d\s?(?:[ap]\.?m\.?|Uhr|h)?{DATE_WORDS.zone.pattern}", re.IGNORECASE)


_MIN_SENTENCE_WORDS = 12  # of a line that ends like a sentence, for it to be one


def is_quoted(line: HeaderLine) -> bool:
    """Tell if a line is part of a quotation, or of a box of comments."""
    return line.element is not None and any(
        outer.tag in ("blockquote", "q") or _COMMENTS.search(f"{outer.get('class') or ''} {outer.get('id') or ''}")
        for outer in (line.element, *line.element.iterancestors())
        if outer.tag not in ("html", "body")
    )


_COMMENTS = re.compile(r"(?:^|[\s_-])(?:comments?|kommentare?|disqus)(?:$|[\s_-])", re.IGNORECASE)


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
_NEAR_LABEL = 40  # characters before a day, in which its label may stand


def labelled_day(tree: Tree, latest: datetime) -> datetime | None:
    """Return the first day of a page that a word such as "Published:" or "Datum:" stands before."""
    before = ""
    for piece in tree.itertext():
        text = usual_form(piece.strip())
        if not text:
            continue
        if len(text) < _PROSE_CHARS and (matches := day_matches(text)):
            label = f"{before} {text[: matches[0].start()]}"[-_NEAR_LABEL:]
            if _LABELLED.search(label) and not NEITHER.search(label) and (day := believed_day(matches[0], latest)):
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
            text = usual_form(" ".join((element.text or "").split()))
            is_short = len(text) <= _MAX_DAY_CHARS and not NEITHER.search(text)
            matches = day_matches(text) if is_short else ()
            if matches and not is_within_sentence(text, matches[0]) and not is_elsewhere(element):
                return believed_day(matches[0], latest)
    return None


_FAR = 150  # elements below a heading from which on a day is that of something else
_MAX_DAY_CHARS = 40  # of an element that holds a day and hardly more


def day_by_search(tree: Tree, url: str | None, latest: datetime) -> str:
    """Search the address, the markup and date lines for a day with htmldate; an empty string where it finds none.

    Not by its extensive search, which guesses from any number on a page (on 270 pages 9 wrong days beside 13 right):
    who published first decides which copy is canonical, so a wrong date is worse than none. The last day is handed
    over because htmldate's own is today.
    """
    from htmldate import find_date  # noqa: PLC0415 - takes 0.1 s, which a run without pages need not wait for

    tree = without_elsewhere(tree)
    first, last = _EARLIEST.date().isoformat(), latest.date().isoformat()
    try:
        day = find_date(tree, extensive_search=False, original_date=True, url=url, min_date=first, max_date=last)
        return day if day and is_written(day, tree, url) else ""
    except (LxmlError, ValueError, TypeError, AttributeError, LookupError, OverflowError):
        return ""  # a page on which the search fails has no date that it can find


def is_written(day: str, tree: Tree, url: str | None) -> bool:
    """Tell if an address, a text or an attribute of a page gives the day of a date, and not only its month.

    htmldate makes the first of the month of "12/2020".
    """
    year, month, date = day.split("-")
    if date != "01":
        return True
    texts = [url or "", *tree.itertext(), *(value for each in tree.iter() for value in each.attrib.values())]
    words = (DATE_WORDS, US_DATE_WORDS)
    days = (day_of(match, order) for text in texts for match in day_matches(usual_form(text)) for order in words)
    wanted = f"{year}{month}{date}"
    return any(f"{found:%Y%m%d}" == wanted for found in days if found) or any(wanted in text for text in texts)


def without_elsewhere(tree: Tree) -> Tree:
    """Copy a page without the boxes whose dates are those of something else, and without the JSON-LD that was read."""
    page = deepcopy(tree.getroottree().getroot())
    for script in [each for each in page.iter("script") if next(json_values(each.text or ""), None) is not None]:
        script.drop_tree()
    body = page.find("body")
    boxes = [] if body is None else [each for each in body.iter(etree.Element) if is_box_elsewhere(each)]
    boxes += [time for time in page.iter("time") if _is_in_prose(time)]
    for box in boxes:
        if box.getparent() is not None:
            box.drop_tree()
    return page


def is_box_elsewhere(element: Element) -> bool:
    """Tell if an element is itself a box of comments, other stories, a quotation, or the foot of the site."""
    if element.tag == "footer":
        return not any(outer.tag in ("article", "main") for outer in element.iterancestors())
    marks = f"{element.get('class') or ''} {element.get('id') or ''}"
    is_box = element.tag in _ELSEWHERE_TAGS or _ELSEWHERE.search(marks) is not None
    return is_box and len(element.text_content()) <= _MAX_BESIDE
