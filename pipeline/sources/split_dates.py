"""Dates in several columns, read as one: `year+month+day`, `date+time`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from pipeline.sources.columns import SampleColumn, names_of
from pipeline.sources.record_dates import parse_published, ways_to_read
from pipeline.sources.values import is_nothing

#: What stands between the names of the columns that make up a date.
JOINER = "+"
#: Values of a column that are looked at.
_SAMPLE = 50
_NUMBER = re.compile(r"\d{1,4}(?:\.0)?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp]\.?[Mm]\.?)?")
_MONTH_NAME = re.compile(r"[^\W\d_]{3,12}\.?")


def joined(columns: Sequence[SampleColumn], part_of: Callable[[str], str | None]) -> str | None:
    """Return the name of a joined column: year, month and, where there is one, day; None without year and month.

    `part_of` tells of a column's name if it is that of a "year", "month" or "day".
    """
    found: dict[str, str] = {}
    for column in columns:
        part = part_of(column.name)
        if part and part not in found and _holds(column, part):
            found[part] = column.name
    if "year" not in found or "month" not in found:
        return None
    return JOINER.join(found[part] for part in ("year", "month", "day") if part in found)


def _holds(column: SampleColumn, part: str) -> bool:
    """Return True if all first values of a column can be years, months or days."""
    values = [f"{value}".strip() for value in column.values[:_SAMPLE]]
    limits = {"year": (1600, 2100), "month": (1, 12), "day": (1, 31)}[part]
    return bool(values) and all(
        limits[0] <= int(float(value)) <= limits[1]
        if _NUMBER.fullmatch(value)
        else part == "month" and _MONTH_NAME.fullmatch(value) is not None
        for value in values
    )


def finest(dates: Sequence[SampleColumn], columns: Sequence[SampleColumn]) -> tuple[str, ...]:
    """Return the columns of dates, in front the one that also says the time of the days that the first one says.

    A column of the times of day alone is joined to the first column of dates.
    """
    if not dates or _has_times(dates[0]):
        return names_of(dates)
    days = _days(dates[0])
    if better := next((each for each in dates[1:] if _has_times(each) and days and _days(each) == days), None):
        return names_of([better, *(each for each in dates if each is not better)])
    clock = next((each for each in columns if each.values and all(map(_CLOCK.fullmatch, _firsts(each)))), None)
    if clock is None or _share_read(dates[0], clock) <= 0.5:
        return names_of(dates)
    return (f"{dates[0].name}{JOINER}{clock.name}", *names_of(dates))


def _firsts(column: SampleColumn) -> list[str]:
    return [f"{value}".strip() for value in column.values[:_SAMPLE]]


def _has_times(column: SampleColumn) -> bool:
    """Return True if some first values say more than a day: a time of day, or seconds since 1970."""
    return any(":" in value or re.fullmatch(r"\d{9,}(?:\.\d*)?", value) for value in _firsts(column))


def _days(column: SampleColumn) -> list[date]:
    """Return the days of a column's first values; none if one of them cannot be read in one way."""
    values = column.values[:_SAMPLE]
    return (
        [parse_published(value).date() for value in values] if all(ways_to_read(each) == 1 for each in values) else []
    )


def _share_read(dates: SampleColumn, clock: SampleColumn) -> float:
    pairs = list(zip(_firsts(dates), _firsts(clock), strict=False))
    return sum(ways_to_read(f"{day} {time}") > 0 for day, time in pairs) / max(1, len(pairs))


def value_of(record: Mapping[str, Any], name: str, lookup: Callable[[Mapping[str, Any], str], Any]) -> Any:
    """Return the date that a joined column has in a record, as text; None if it has no year.

    >>> record = {"year": 2016, "month": "3", "day": 5.0, "monat": "März"}
    >>> value_of(record, "year+month+day", dict.get), value_of(record, "year+monat", dict.get)
    ('2016-03-05', 'März 2016')
    >>> value_of({"date": "25.12.2016", "time": "10:15"}, "date+time", dict.get)
    '25.12.2016 10:15'
    """
    parts = [lookup(record, each) for each in name.split(JOINER)]
    if len(parts) == 2 and _CLOCK.fullmatch(f"{parts[1]}".strip()):
        return None if is_nothing(parts[0]) else f"{parts[0]} {parts[1]}"
    year, month, day = (_plain(part) for part in [*parts, None][:3])
    if not year or not month:
        return year
    if month.isdigit():
        return "-".join([year.zfill(4), month.zfill(2), *([day.zfill(2)] if day else [])])
    return f"{day} {month} {year}" if day else f"{month} {year}"


def _plain(value: Any) -> str | None:
    """Write a part of a date as text, whole numbers without their fraction."""
    if is_nothing(value):
        return None
    return f"{value}".strip().removesuffix(".0")
