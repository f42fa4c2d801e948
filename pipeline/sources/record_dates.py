"""Dates of records: moments in UTC from numbers, standard forms and words; the order of day and month in a column."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from pipeline.sources.values import as_field
from stages.shared import dates

#: Placeholders such as the years 1 and 9999 lie outside; newspapers have been printed since 1605.
EARLIEST, LATEST = datetime(1600, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
#: Numbers stand for moments since 1970 only where the moment is one of the web's time: smaller ones are mostly ids,
#: days or years.
EARLIEST_EPOCH, LATEST_EPOCH = 631_152_000, 4_102_444_800  # 1990-01-01 and 2100-01-01
#: Seconds, milliseconds, microseconds and nanoseconds: between the bounds, no two of them overlap.
UNITS_A_SECOND = (1, 1_000, 1_000_000, 1_000_000_000)
#: The longest text that is read as a date; "Wednesday, the 25th of September 2016, 10:00:00 p.m. Eastern Daylight
#: Time" has 75 code points.
MAX_DATE = 120

#: Spreadsheets count days from the end of 1899; of such numbers those that are days between 1990 and 2100.
_SHEET_DAY, _SHEET_ZERO = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII), datetime(1899, 12, 30, tzinfo=UTC)
SHEET_DAYS = (32_874, 73_050)

_ISO_8601 = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].+)?|\d{8}(?:[T ].+)?|\d{4}-?W\d{2}-?\d(?:[T ].+)?", re.ASCII)
_RFC_2822 = re.compile(r"(?:[A-Za-z]{3},\s*)?\d{1,2}\s+[A-Za-z]{3}\s+\d{4}\s+\d{1,2}:\d{2}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d*)?(?:[eE]\+?\d{1,2})?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?", re.ASCII)
_YEAR = re.compile(r"(\d{4})(?:\.0)?", re.ASCII)
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})", re.ASCII)
#: Three numbers with one mark between them, the year last or first, and what follows them.
_NUMBERS = re.compile(r"(\d{1,4})([/.\-])(\d{1,2})\2(\d{2,4})(?!\d)(?:[,T]?\s*(.*))?", re.ASCII)
_MONTH_ALONE = re.compile(r"([^\W\d_]{3,12})\.?,?\s+(\d{4})")
_SHORT_YEAR = re.compile(r"^(\d{1,2})[-\s]([^\W\d_]{3,10})\.?[-,\s]+'?(\d{2})(?![\d:])")
#: Years before those that articles of today name; a hundred or more years later, the calendar is the same but for 1700
#: and 1800, which had no leap day.
_OLD_YEAR = re.compile(r"\b(1[678])(\d\d)\b")
#: "2016. 12. 25." as Hungarian and Korean write it.
_SPACED = re.compile(r"(\d{4})\.\s?(\d{1,2})\.\s?(\d{1,2})\.?(?=\s|$)", re.ASCII)
_WEEKDAY = re.compile(r"^[^\W\d_]{2,12}\.?,?\s+(?=\d)")
_ZONE_IN_WORDS = re.compile(r"\s*(?:UTC|GMT|Z)\Z")


class Order(NamedTuple):
    """The order of day and month in dates of numbers, `day_first` None where nothing says it; a form overrides it."""

    day_first: bool | None = None
    form: str | None = None  # of `datetime.strptime`


@dataclass(frozen=True)
class Moment:
    """A moment in UTC; `less` says what the text leaves open, such as the day."""

    at: datetime
    less: str = ""


class AmbiguousDateError(ValueError):
    """The day and the month of a date can be read in two orders."""


def parse_published(value: Any, order: Order = Order()) -> datetime:  # noqa: B008 — a frozen value
    """Read a moment in UTC from a number since 1970, ISO 8601, RFC 2822, numbers in any order, or words; without a
    zone it is UTC.

    >>> parse_published("2026-03-01T09:30:00+02:00").isoformat(), parse_published(1772350200000).isoformat()
    ('2026-03-01T07:30:00+00:00', '2026-03-01T07:30:00+00:00')
    >>> parse_published("Sun, 01 Mar 2026 09:30:00 +0200").isoformat(), parse_published("20260301").isoformat()
    ('2026-03-01T07:30:00+00:00', '2026-03-01T00:00:00+00:00')
    >>> parse_published("25.12.2016").isoformat(), parse_published("3/4/2016", Order(day_first=False)).isoformat()
    ('2016-12-25T00:00:00+00:00', '2016-03-04T00:00:00+00:00')
    >>> parse_published("3/4/2016")
    Traceback (most recent call last):
    pipeline.sources.record_dates.AmbiguousDateError: April 3 or March 4; [sources] day_first says which
    >>> parse_published("last Tuesday")
    Traceback (most recent call last):
    ValueError: no form of a date that is known; [sources] date_format names another
    """
    return moment_of(value, order).at


def moment_of(value: Any, order: Order) -> Moment:
    """Read a moment, and what it leaves open. Raises `ValueError`, and `OverflowError` for days that are none."""
    moment = _read(value, order)
    if moment.at == _ZERO:
        raise ValueError("the beginning of 1970, which systems write for no date at all")
    if not EARLIEST <= moment.at <= LATEST:
        raise ValueError(f"not between {EARLIEST.year} and {LATEST.year}")
    return moment


def _read(value: Any, order: Order) -> Moment:
    if isinstance(value, datetime):
        return Moment(_utc(value))
    if isinstance(value, date):
        return Moment(datetime(value.year, value.month, value.day, tzinfo=UTC))
    text = _of_call(_of_parts(value) or as_field(value) or "")
    if len(text) > MAX_DATE:
        raise ValueError("too long for a date")
    if order.form:
        return Moment(_utc(datetime.strptime(text, order.form)))
    readers = (_of_number, _iso, _of_numbers, _mail, _of_words)
    moment = next((found for read in readers if (found := read(text, order)) is not None), None)
    if moment is None:
        raise ValueError("no form of a date that is known; [sources] date_format names another")
    return moment


def _of_parts(value: Any) -> str:
    """Return the date that reference managers write as numbers, year first; nothing for any other value.

    >>> _of_parts({"date-parts": [[2031, 1, 4]]}), _of_parts({"date-parts": [["2031", 1]]}), _of_parts("4 Jan 2031")
    ('2031-01-04', '2031-01', '')
    """
    parts = value.get("date-parts") if isinstance(value, Mapping) else None
    if not (isinstance(parts, list) and parts and isinstance(parts[0], list)):
        return ""
    return "-".join(f"{int(part):02}" for part in parts[0][:3])


def _of_call(text: str) -> str:
    """Return the date in a call as Python writes it out, any other text as it is.

    >>> _of_call("datetime.datetime(2031, 3, 4, 10, 0, tzinfo=tzutc())"), _of_call("Timestamp('2031-03-04 10:00:00')")
    ('2031-03-04T10:00:00', '2031-03-04 10:00:00')
    >>> _of_call("datetime.date(2031, 3, 4)"), _of_call("4 Jan 2031")
    ('2031-03-04', '4 Jan 2031')
    """
    if written := _TIMESTAMP.fullmatch(text):
        return written[1]
    call = _DATETIME.match(text)
    if call is None or ("tzinfo" in text and not re.search(r"tzinfo=[^()]{0,40}utc", text, re.IGNORECASE)):
        return text
    year, month, day, *clock = (int(part) for part in call[1].split(","))
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    return f"{year}-{month:02}-{day:02}" + (f"T{hour:02}:{minute:02}:{second:02}" if clock else "")


_DATETIME = re.compile(r"(?:datetime\.)?date(?:time)?\((\d{4}(?:,\s*\d{1,2}){2,5})(?=[,)])", re.ASCII)
_TIMESTAMP = re.compile(r"(?:pd\.|pandas\.)?Timestamp\(['\"]([^'\"]{8,40})['\"][^()]{0,40}\)")


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _of_number(text: str, _order: Order) -> Moment | None:
    if year := _YEAR.fullmatch(text):
        return Moment(datetime(int(year[1]), 1, 1, tzinfo=UTC), "only the year is given")
    if month := _MONTH.fullmatch(text):
        return Moment(datetime(int(month[1]), int(month[2]), 1, tzinfo=UTC), "only the month is given")
    if (compact := _COMPACT.fullmatch(text.removesuffix(".0"))) and "1600" <= compact[1] <= "2100":
        try:
            return Moment(datetime(*(int(part) for part in compact.groups() if part), tzinfo=UTC))  # type: ignore[arg-type,misc]
        except ValueError:
            pass  # a number of seconds that has as many digits
    if _SHEET_DAY.fullmatch(text) and SHEET_DAYS[0] <= float(text) <= SHEET_DAYS[1]:
        return Moment(_SHEET_ZERO + timedelta(days=float(text)), "taken for a day as spreadsheets count them")
    return Moment(_from_epoch(float(text))) if _NUMBER.fullmatch(text) else None


def _from_epoch(number: float) -> datetime:
    for units in UNITS_A_SECOND:
        if EARLIEST_EPOCH <= number / units <= LATEST_EPOCH:
            return datetime.fromtimestamp(number / units, UTC)
    raise ValueError("a number, and not one of seconds or milliseconds since 1970 between 1990 and 2100")


def _iso(text: str, _order: Order) -> Moment | None:
    if not _ISO_8601.fullmatch(text):
        return None
    try:
        return Moment(_utc(datetime.fromisoformat(_ZONE_IN_WORDS.sub("+00:00", text))))
    except ValueError:
        if _of_words(text, Order()) is None:
            raise
        return None


def _mail(text: str, _order: Order) -> Moment | None:
    if not _RFC_2822.match(text) or dates.US_CLOCK.search(text) or re.search(r"\d\s?[ap]\.?m\b", text, re.IGNORECASE):
        return None
    return Moment(_utc(parsedate_to_datetime(text)))


def _of_numbers(text: str, order: Order) -> Moment | None:
    parts = _NUMBERS.fullmatch(_SPACED.sub(r"\1-\2-\3", _WEEKDAY.sub("", text)))
    if parts is None:
        return None
    year, month, day = _arranged(parts, order)
    midnight = datetime(year, month, day, tzinfo=UTC)
    return Moment(_at_time(midnight, parts[5] or ""))


def _arranged(parts: re.Match[str], order: Order) -> tuple[int, int, int]:
    """Return year, month and day of three numbers."""
    first, mark, second, third = int(parts[1]), parts[2], int(parts[3]), int(parts[4])
    if len(parts[1]) == 4:
        return first, second, third
    if len(parts[1]) == 3 or len(parts[4]) == 3:
        raise ValueError("a year of three digits")
    year = third if len(parts[4]) == 4 else _year(third)
    day_first = True if mark == "." or second > 12 < first else order.day_first
    if first > 12 or second > 12:
        day_first = first > 12
    if day_first is None and first != second:
        months = calendar.month_name
        raise AmbiguousDateError(
            f"{months[second]} {first} or {months[first]} {second}; [sources] day_first says which"
        )
    return (year, second, first) if day_first else (year, first, second)


def _at_time(midnight: datetime, clock: str) -> datetime:
    """Return the moment of a time of day, as words or standards write it, on a day; midnight if there is none."""
    if not clock:
        return midnight
    day = midnight.date().isoformat()
    try:
        return _utc(datetime.fromisoformat(f"{day}T{_ZONE_IN_WORDS.sub('+00:00', clock)}"))
    except ValueError:
        moment = dates.parse_stated(f"{day} {clock}")
    if moment is None:
        raise ValueError(f"after the day stands {clock!r}, which is no time of day")
    return _utc(moment)


def _of_words(text: str, _order: Order) -> Moment | None:
    """Read a date in words of the languages that are known, with the one parser of dates in texts."""
    if (alone := _MONTH_ALONE.fullmatch(text)) and (month := dates.month_names().get(alone[1].casefold())):
        return Moment(datetime(int(alone[2]), month, 1, tzinfo=UTC), "only the month is given")
    old = _OLD_YEAR.search(text)
    moment = dates.parse_stated(_OLD_YEAR.sub(r"19\2", _SHORT_YEAR.sub(_in_full, text)))
    if moment is None:
        return None
    return Moment(_utc(moment.replace(year=int(old[0])) if old else moment))


def _in_full(short: re.Match[str]) -> str:
    return f"{short[1]} {short[2]} {_year(int(short[3]))}"


def _year(last_two: int) -> int:
    """Return the year that two digits stand for, as POSIX has it.

    >>> _year(68), _year(69)
    (2068, 1969)
    """
    return last_two + (1900 if last_two >= 69 else 2000)


def order_in(values: Iterable[Any]) -> bool | None:
    """Find the order of day and month in a column: by the first date of numbers that can be read in one order only.

    >>> order_in(["3/4/2016", "25/12/2016"]), order_in(["3/4/2016", "12-25-2016"]), order_in(["3/4/2016", "25.12.2016"])
    (True, False, None)
    """
    for value in values:
        parts = _NUMBERS.fullmatch(_WEEKDAY.sub("", str(value).strip()[:MAX_DATE]))
        if parts and parts[2] != "." and len(parts[1]) <= 2 and (int(parts[1]) > 12) != (int(parts[3]) > 12):
            return int(parts[1]) > 12
    return None


def ways_to_read(value: Any) -> int:
    """Return in how many ways a date can be read: two where the order of day and month decides, none if it is no date.

    >>> ways_to_read("2016-04-03"), ways_to_read("3/4/2016"), ways_to_read("yesterday")
    (1, 2, 0)
    """
    try:
        parse_published(value)
    except AmbiguousDateError:
        return 2
    except (ValueError, OverflowError, TypeError, IndexError):
        return 0
    return 1
