"""Dates in columns of their own for year, month and day, read as one column: `year+month+day`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipeline.sources.columns import SampleColumn
from pipeline.sources.values import is_nothing

#: What stands between the names of the columns that make up a date.
JOINER = "+"
#: Values of a column that are looked at.
_SAMPLE = 50
_NUMBER = re.compile(r"\d{1,4}(?:\.0)?")
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


def value_of(record: Mapping[str, Any], name: str, lookup: Callable[[Mapping[str, Any], str], Any]) -> Any:
    """Return the date that a joined column has in a record, as text; None if it has no year.

    >>> record = {"year": 2016, "month": "3", "day": 5.0, "monat": "März"}
    >>> value_of(record, "year+month+day", dict.get), value_of(record, "year+monat", dict.get)
    ('2016-03-05', 'März 2016')
    """
    parts = [lookup(record, each) for each in name.split(JOINER)]
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
