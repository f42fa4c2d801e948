"""The one parser of dates and times as texts write them: in date lines of pages, of texts, and in structured data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from stages.shared.calendars import in_gregorian
from stages.shared.data_files import read_data

_MONTHS: dict[str, list[str]] = read_data("months")  # by language, twelve each
_ZONES = read_data("zones")
_LABELS = read_data("date_labels")
#: Labels of the last change and of publication, as parts of patterns in which case does not count.
OF_UPDATES, OF_PUBLICATION = "|".join(_LABELS["updated"]), "|".join(_LABELS["published"])
UPDATED = re.compile(OF_UPDATES, re.IGNORECASE)
PUBLISHED = re.compile("|".join([*_LABELS["published"], *_LABELS["date"]]), re.IGNORECASE)
#: Labels of days that are neither.
NEITHER = re.compile("|".join(_LABELS["neither"]), re.IGNORECASE)
_LABEL = re.compile(f"{UPDATED.pattern}|{PUBLISHED.pattern}", re.IGNORECASE)


def month_names(language: str | None = None) -> dict[str, int]:
    """Return the names of months in a language and their numbers; those of all languages for None.

    >>> month_names("nl")["maart"], month_names()["maja"], month_names("xx")
    (3, 5, {})
    """
    chosen = _MONTHS.values() if language is None else [_MONTHS.get(language, [])]
    numbered = [pair for names in chosen for pair in enumerate(names, 1)]
    return {word.casefold().replace("_", " "): number for number, words in numbered for word in words.split()}


@dataclass(frozen=True)
class DateWords:
    """The names of months and time zones that a date may use: zones by their offset or by their place; and the order
    of day and month in numbers.
    """

    months: Mapping[str, int]
    zones: Mapping[str, tzinfo]
    month_first: bool = False

    @classmethod
    def with_more(cls, months: Iterable[tuple[str, int]], zones: Iterable[tuple[str, int]]) -> DateWords:
        """Return the shared names and some more: months by number, zones in minutes east of Greenwich.

        >>> DateWords.with_more([("brumaire", 10)], []).months["brumaire"]
        10
        """
        own = {name: _offset(minutes) for name, minutes in zones}
        return cls({**DATE_WORDS.months, **dict(months)}, {**DATE_WORDS.zones, **own})

    @cached_property
    def zone(self) -> re.Pattern[str]:
        """The pattern of a zone right after a time of day: a name, with dots or without, or an offset."""
        names = "|".join(map(_zone_form, sorted(self.zones, key=len, reverse=True)))
        return re.compile(
            r"[\s,]*\(?(?:(?:GMT|UTC)\s?(?P<ahead>[+-])(?P<h>\d\d?)(?::?(?P<m>\d\d))?\b"
            r"|(?P<sign>[+-])(?P<hours>\d\d)(?::?(?P<minutes>\d\d))?(?![\d./-])"
            rf"|(?P<name>{names})(?!\w))"
        )


def _offset(minutes: int) -> tzinfo:
    return timezone(timedelta(minutes=minutes))


def _zone_form(name: str) -> str:
    """Write the pattern of a zone's name: letters alone may have dots between them ("E.T.")."""
    return r"\.?".join(name) if name.isalpha() and name.isupper() else re.escape(name)


DATE_WORDS = DateWords(
    month_names(),
    {name: _offset(minutes) for name, minutes in _ZONES["minutes"].items()}
    | {name: ZoneInfo(place) for name, place in _ZONES["places"].items()},
)

#: The same where the month stands before the day, as in the United States.
US_DATE_WORDS = DateWords(DATE_WORDS.months, DATE_WORDS.zones, month_first=True)

_YEAR = r"(?P<y>(?:19|20)\d\d)"
_LETTER = r"(?:[^\W\d_]|[\u0900-\u0d7f])"  # vowel signs of Indian scripts are no letters for regular expressions
_MONTH_WORD = (
    rf"(?!(?:st|nd|rd|th)\b)(?P<w>(?:كانون|تشرين)\s[^\W\d_]{{4,6}}|{_LETTER}{{2,16}})\.?(?:\s?/\s?[^\W\d_]{{3,12}})?"
)
_DAY = r"(?P<d>[0-3]?\d)"
#: The ways to write a day. Months are looked up, so a word that is none makes no date.
_FORMS = tuple(
    re.compile(rf"(?<![\d.]){form}(?![\d]|\.\d)", re.IGNORECASE)
    for form in (
        rf"{_YEAR}[-/.](?P<m>[01]?\d)[-/.]{_DAY}",
        rf"{_DAY}(?:\.?(?:st|nd|rd|th|er|º|°)\.?|\.)?,?\s*(?:de\s+|di\s+|of\s+|d['’])?{_MONTH_WORD},?\s*(?:de\s+|del\s+)?{_YEAR}",
        rf"{_DAY}(?P<j>[-/ ]){_MONTH_WORD}(?P=j){_YEAR}",
        rf"{_MONTH_WORD}-{_DAY}-{_YEAR}",
        rf"{_YEAR}-{_MONTH_WORD}-{_DAY}",
        rf"{_YEAR}\.\sgada\s{_DAY}\.\s{_MONTH_WORD}",
        rf"{_YEAR}\.\s{_MONTH_WORD}\s{_DAY}\.",
        rf"{_YEAR}\sm\.\s{_MONTH_WORD}\s{_DAY}\sd\.",
        rf"{_DAY}\s+tháng\s+(?P<m>[01]?\d),?\s+(?:năm\s+)?{_YEAR}",
        rf"{_MONTH_WORD}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}",
        rf"{_DAY}\s?\.\s?(?P<m>[01]?\d)\s?\.\s?{_YEAR}",
        rf"{_DAY}(?P<s>[/-])(?P<m>[0-3]?\d)(?P=s){_YEAR}",
        rf"{_YEAR}\s?[年년]\s?(?P<m>[01]?\d)\s?[月월]\s?{_DAY}\s?[日일]?",
        r"(?P<d>[0-3]\d)\.(?P<m>[01]\d)\.(?P<y>[0-3]\d)",
        r"(?P<d>[0-3]\d)(?P<s>/)(?P<m>[0-3]\d)/(?P<y>[0-3]\d)(?!/)",
    )
)
#: A time of day: minutes, or "am" or "pm" in their place; a lone "p" is one right after a digit only ("6:05p").
_CLOCK = re.compile(
    r"(?<!\d)(?P<hour>[0-2]?\d)(?:\s?[:.h]\s?(?P<minute>[0-5]\d)(?::[0-5]\d(?:\.\d{1,9})?)?|(?=\s?[ap]\.?\s?m\b))"
    r"(?:\s*(?:(?P<half>[ap])(?:(?<=\d.)\b|\.?\s?m\b)\.?|uhr\b|hs?\b|Z\b)|\b)",
    re.IGNORECASE,
)


class Bounds(NamedTuple):
    """The days between which a date is believed, the first and the last among them."""

    earliest: datetime = datetime.min.replace(tzinfo=UTC)
    latest: datetime = datetime.max.replace(tzinfo=UTC)


ANY_TIME = Bounds()


class Day(NamedTuple):
    """A day that a text names: where, and its midnight in UTC."""

    match: re.Match[str]
    midnight: datetime


class Stamp(NamedTuple):
    """A moment that a text shows, and what the words before it call it."""

    moment: datetime
    is_update: bool
    is_publication: bool = False


def stamps_in_text(text: str, words: DateWords = DATE_WORDS, bounds: Bounds = ANY_TIME) -> list[Stamp]:
    """Read the moments that a text names, in its order and in UTC; a day alone is its midnight.

    >>> [stamp] = stamps_in_text("Posted: May 3, 2031 6:05 p.m. ET")
    >>> stamp.moment.isoformat(), stamp.is_publication
    ('2031-05-03T22:05:00+00:00', True)
    """
    text = usual_form(text)
    days = days_in(text, words, bounds)
    return [stamp_of(text, at, days, words) for at in range(len(days))]


@lru_cache(maxsize=1024)  # of the lines of a page each is asked for five times
def usual_form(text: str) -> str:
    """Rewrite what some languages and systems set in another order: the year after the time of day, "p.m." before it;
    and days of other calendars.

    >>> usual_form("Fri Apr 28 19:20:36 CEST 2023"), usual_form("2023년 4월 28일 오후 7시 20분")
    ('Fri Apr 28 2023 19:20:36 CEST', '2023년 4월 28일 7:20 pm')
    """
    if not _DIGIT.search(text):
        return text
    if not text.isascii():
        text = _CJK_CLOCK.sub(_clock_in_numbers, in_gregorian(text))
    return _YEAR_LAST.sub(r"\1 \4 \2 \3", text)


_DIGIT = re.compile(r"\d")  # every form has one
_CJK_CLOCK = re.compile(
    r"(?P<half>오전|오후|上午|下午|午前|午後|晚上|凌晨)?\s?(?P<h>\d{1,2})(?:\s?[時时点點시]\s?(?:(?P<m>\d{1,2})\s?[分분]?)?|(?<=\d):(?P<c>\d\d))"
)
_AFTER_NOON = frozenset(("오후", "下午", "午後", "晚上"))


def _clock_in_numbers(clock: re.Match[str]) -> str:
    half = clock["half"]
    if clock["c"] and not half:
        return clock[0]
    minutes = clock["c"] or f"{int(clock['m'] or 0):02d}"
    return f"{' ' if clock[0][0].isspace() else ''}{clock['h']}:{minutes}" + (
        "" if not half else " pm" if half in _AFTER_NOON else " am"
    )


def days_in(text: str, words: DateWords = DATE_WORDS, bounds: Bounds = ANY_TIME) -> list[Day]:
    """Find the days that a text names and that there are, in its order."""
    matches = day_matches(text)
    if any(is_month_first(match) for match in matches) or US_CLOCK.search(text):
        words = US_DATE_WORDS if words is DATE_WORDS else replace(words, month_first=True)
    days = ((match, day_of(match, words, bounds)) for match in matches)
    return [Day(match, midnight) for match, midnight in days if midnight]


#: A time of day in a zone of the United States.
US_CLOCK = re.compile(
    r"\d\s?(?:[ap]\.?m\.?)?[\s,(]{1,3}(?:[ECMP]\.?[SD]?\.?T\b|(?:Eastern|Central|Mountain|Pacific)\b)", re.IGNORECASE
)


def is_month_first(match: re.Match[str]) -> bool:
    """Tell if numbers with strokes between them can be a day only with the month first.

    >>> [is_month_first(day_matches(text)[0]) for text in ("03/14/2024", "14/03/2024", "03/04/2024")]
    [True, False, False]
    """
    part = match.groupdict()
    return bool(part.get("s")) and int(part["m"]) > _MONTHS_IN_YEAR >= int(part["d"])


def is_ambiguous(match: re.Match[str]) -> bool:
    """Tell if numbers with strokes between them can be a day with either order of day and month.

    >>> [is_ambiguous(day_matches(text)[0]) for text in ("03/04/2024", "03/03/2024", "14/03/2024", "3 April 2024")]
    [True, False, False, False]
    """
    part = match.groupdict()
    return bool(part.get("s")) and part["m"] != part["d"] and int(part["m"]) <= _MONTHS_IN_YEAR >= int(part["d"])


_MONTHS_IN_YEAR = 12
#: The digits of Arabic, Persian, Devanagari and Bengali.
_DIGITS = {ord(zero) + value: str(value) for zero in "٠۰०০" for value in range(10)}


_TWO_NUMBERS = re.compile(r"\d\D+\d")  # every form has day and year


@lru_cache(maxsize=1024)  # of the lines of a page each is asked for twice
def day_matches(text: str) -> tuple[re.Match[str], ...]:
    """Find what is written like a day, in order, without overlap; the surest form first where forms overlap.

    >>> [match[0] for match in day_matches("Montag, 3. Mai 2021 | 04.05.2021")]
    ['3. Mai 2021', '04.05.2021']
    """
    if not _TWO_NUMBERS.search(text):
        return ()
    text = text.translate(_DIGITS)
    taken: list[re.Match[str]] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if not any(match.start() < other.end() and other.start() < match.end() for other in taken):
                taken.append(match)
    return tuple(sorted(taken, key=lambda match: match.start()))


def day_of(match: re.Match[str], words: DateWords = DATE_WORDS, bounds: Bounds = ANY_TIME) -> datetime | None:
    """Return the midnight of a match of one of the forms; None where there is no such day, or not between the bounds.

    Between day and month in numbers with slashes, the day comes first, unless the words say so or there is no such
    month.
    """
    part = match.groupdict()
    month = int(part["m"]) if part.get("m") else words.months.get((part.get("w") or "").casefold(), 0)
    day, year = int(part["d"]), int(part["y"])
    if part.get("s") and (month > _MONTHS_IN_YEAR or (words.month_first and day <= _MONTHS_IN_YEAR)):
        day, month = month, day
    try:
        moment = datetime(year + (2000 if year < 100 else 0), month, day, tzinfo=UTC)
    except ValueError:
        return None
    return moment if bounds.earliest <= moment <= bounds.latest else None


def stamp_of(text: str, at: int, days: list[Day], words: DateWords = DATE_WORDS) -> Stamp:
    """Return one of the days in a text with its time of day, called what the words before it say.

    The time of day stands after the day, or before it and after a label: that of another day does not count.

    >>> text = "Published: 13:05, 4 May 2031 | Updated: 13:59, 4 May 2031"
    >>> [f"{stamp.moment:%H:%M}" for stamp in stamps_in_text(text)]
    ['13:05', '13:59']
    """
    match, midnight = days[at]
    text = text.translate(_DIGITS)
    before = text[days[at - 1].match.end() if at else 0 : match.start()]
    after = text[match.end() : days[at + 1].match.start() if at + 1 < len(days) else len(text)]
    own, *_ = _LABEL.split(after, maxsplit=1)
    label = _LABEL.search(before)
    clock = _CLOCK.search(own)
    if clock is None and (label or not at):
        clock = _CLOCK.search(before, label.start() if label and at else 0)
    if clock is None and at + 1 == len(days):
        clock = _CLOCK.search(after)
    is_publication = PUBLISHED.search(before) is not None
    is_update = not is_publication and UPDATED.search(before) is not None
    return Stamp(at_clock(midnight, clock, words) if clock else midnight, is_update, is_publication)


def at_clock(midnight: datetime, clock: re.Match[str], words: DateWords) -> datetime:
    """Return the moment of a time of day and the zone after it, in UTC; without a zone it is taken for UTC.

    >>> may = datetime(2031, 5, 3, tzinfo=UTC)
    >>> said = ("10:14 CEST", "6 p.m. (E.T.)", "10:14 GMT+0530", "19.18 Uhr")
    >>> [at_clock(may, _CLOCK.search(text), DATE_WORDS).strftime("%H:%M") for text in said]
    ['08:14', '22:00', '04:44', '19:18']
    """
    hour, minute = int(clock["hour"]), int(clock["minute"] or 0)
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"] in "pP" else 0)
    if hour > 23:
        return midnight
    try:
        local = midnight.replace(hour=hour, minute=minute, tzinfo=zone_after(clock, words))
        return local.astimezone(UTC)
    except OverflowError:  # the first day of all, far in the east
        return midnight


def zone_after(clock: re.Match[str], words: DateWords = DATE_WORDS) -> tzinfo:
    """Return the time zone written after a time of day, UTC where none is.

    >>> [str(zone_after(_CLOCK.search(text))) for text in ("6:05 pm (EDT)", "10:14 a.m. P.T.", "10:14 Uhr")]
    ['UTC-04:00', 'America/Los_Angeles', 'UTC']
    """
    found = words.zone.match(clock.string, clock.end())
    if found is None:
        return UTC
    if found["name"]:
        name = found["name"]
        return words.zones[name] if name in words.zones else words.zones[name.replace(".", "")]
    sign, hours, minutes = found["sign"] or found["ahead"], found["hours"] or found["h"], found["minutes"] or found["m"]
    east = int(hours) * 60 + int(minutes or 0)
    return _offset(-east if sign == "-" else east) if east < 24 * 60 else UTC


def parse_time(text: str) -> datetime | None:
    """Read a moment given in ISO 8601 or as mail does, in UTC; without a time zone it is taken for UTC.

    >>> parse_time("2021-03-04T00:30:00+01:00").isoformat()
    '2021-03-03T23:30:00+00:00'
    >>> parse_time("2021-03-04").isoformat()
    '2021-03-04T00:00:00+00:00'
    >>> parse_time("last Thursday") is None
    True
    """
    moment = parse_stated(text)
    return moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def parse_stated(text: str) -> datetime | None:
    """Read a moment given in ISO 8601, as mail does, or as date lines do; without a time zone where none is said.

    >>> [parse_stated(text).isoformat() for text in ("Fri Apr 28 19:20:36 CEST 2023", "2024-08-05 20:59:59.0")]
    ['2023-04-28T17:20:36+00:00', '2024-08-05T20:59:59']
    >>> parse_stated("Fri Apr 28 2023 19:20:36 GMT+0200 (Central European Summer Time)").isoformat()
    '2023-04-28T17:20:36+00:00'
    """
    text = _BRACKETED_ZONE.sub(" ", usual_form(text.strip()))[:_MAX_STATED].strip()
    text = _OFFSET_FROM.sub(r"\1\2", text)
    if (placed := _PLACE.fullmatch(text)) and placed["place"] in available_timezones():
        moment = parse_stated(placed["time"])
        return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=ZoneInfo(placed["place"]))
    readers = (datetime.fromisoformat, _as_shown, parsedate_to_datetime)
    for read in (datetime.fromisoformat, parsedate_to_datetime) if not _NAMED_ZONE.search(text) else readers:
        try:
            moment = read(text)
            if moment is not None:
                return moment if moment.utcoffset() is None else moment.astimezone(UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return _as_shown(text) if re.search(r"(?:19|20)\d\d", text) else None


_MAX_STATED = 80  # characters of a value that states one moment
#: "Fri Apr 28 19:20:36 CEST 2023": the year comes last.
_YEAR_LAST = re.compile(r"\b([A-Z][a-z]{2}\s+\d{1,2})\s+(\d{1,2}:\d\d(?::\d\d)?)\s+([A-Z]{3,5})\s+((?:19|20)\d\d)\b")
#: The name of the place after an offset, as Java writes it.
_BRACKETED_ZONE = re.compile(r"(?<=\d|Z)\[[\w/+-]+\]$")
#: What an offset is counted from, which the reader of mail's dates stumbles over: browsers write "GMT+0200".
_OFFSET_FROM = re.compile(r"(?<=\d )(?:GMT|UTC)([+-]\d\d):?(\d\d)\b")
_PLACE = re.compile(r"(?P<time>.*\d)\s?\[?(?P<place>[A-Z][a-zA-Z]+/[A-Z][A-Za-z_]+)\]?$")
_NAMED_ZONE = re.compile(r"\d\s+(?!GMT|UTC)[A-Z]{2,5}\b|\d\s?[ap]\.?m\b", re.ASCII)


#: A day in numbers with strokes and a time of day with seconds in two halves, as systems of the United States give it.
_AMERICAN_CLOCK = re.compile(r"^\d\d?/\d\d?/\d{4} \d\d?:\d\d:\d\d [AP]M$")


def _as_shown(text: str) -> datetime | None:
    """Read the first moment that a text shows; the seconds as well. None for a day that may be read in two orders."""
    stamps = stamps_in_text(text)
    if stamps and _AMERICAN_CLOCK.search(text):
        stamps = stamps_in_text(text, US_DATE_WORDS)
    elif not stamps or is_ambiguous(day_matches(text)[0]):
        return None
    moment = stamps[0].moment
    seconds = re.search(r"\d:\d\d:([0-5]\d)", text)
    has_clock = moment.hour or moment.minute
    return moment.replace(second=int(seconds[1])) if seconds and has_clock else moment


def texts_of_times(value: object) -> list[str]:
    """Return the texts of the times in a value of JSON-LD: numbers are seconds or milliseconds since 1970.

    >>> texts_of_times([1712301300, "2024-04-05"])
    ['2024-04-05T07:15:00+00:00', '2024-04-05']
    """
    values = value if isinstance(value, list) else [value]
    bare = [each.get("@value") if isinstance(each, dict) else each for each in values]
    return [text for each in bare if (text := _text_of_time(each))]


def _text_of_time(value: object) -> str | None:
    if isinstance(value, str):
        value = int(value) if re.fullmatch(r"1\d{9}(?:\d{3})?", value.strip()) else value
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return value if isinstance(value, str) else None
    seconds = value / 1000 if value > _MILLISECONDS else value
    return datetime.fromtimestamp(seconds, UTC).isoformat() if 0 < seconds < _LAST_EPOCH else None


_MILLISECONDS, _LAST_EPOCH = 100_000_000_000, 4_102_444_800  # larger numbers are milliseconds; the year 2100
