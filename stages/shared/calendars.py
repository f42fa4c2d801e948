"""Days in other calendars: those of Thailand, Japan, Taiwan and Iran, rewritten as days of the Gregorian calendar.

A day of the Islamic lunar calendar is not rewritten: it begins at sunset and depends on a sighting of the moon, so its
Gregorian day cannot be told for sure.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from stages.shared.data_files import read_data

_NAMES = read_data("calendars")


def _numbered(months: list[str]) -> dict[str, int]:
    """Return the number of each name of a month."""
    return {name: number for number, names in enumerate(months, 1) for name in names.split()}


_THAI, _PERSIAN = _numbered(_NAMES["thai"]), _numbered(_NAMES["persian"])
#: The year before the first of each era.
_ERAS: dict[str, int] = _NAMES["eras"]


def _any_of(names: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


_THAI_DAY = re.compile(rf"(?<!\d)(?P<d>\d\d?)\s*(?P<w>{_any_of(_THAI)})\s*(?:พ\.?\s?ศ\.?\s*)?(?P<y>\d{{4}}|\d\d)(?!\d)")
_PERSIAN_DAY = re.compile(rf"(?<!\d)(?P<d>\d\d?)\s*(?P<w>{_any_of(_PERSIAN)})(?:\s*ماه)?\s*(?P<y>\d{{4}})(?!\d)")
_ERA_YEAR = re.compile(rf"(?P<era>{_any_of(_ERAS)})\s?(?P<y>\d{{1,3}}|元)\s?年(?=\s?\d)")


def in_gregorian(text: str) -> str:
    """Rewrite the days of Thai, Japanese and Persian calendars in a text.

    >>> in_gregorian("3 พฤษภาคม 2564 10:14"), in_gregorian("令和3年5月3日"), in_gregorian("۱۳ اردیبهشت ۱۴۰۰")
    ('2021-05-03 10:14', '2021年5月3日', '2021-05-03')
    >>> in_gregorian("21 رمضان 1442"), in_gregorian("3 พ.ค. 64"), in_gregorian("平成元年1月8日")
    ('21 رمضان 1442', '2021-05-03', '1989年1月8日')
    >>> in_gregorian("民國110年5月3日")
    '2021年5月3日'
    """
    text = _ERA_YEAR.sub(lambda year: f"{_ERAS[year['era']] + (1 if year['y'] == '元' else int(year['y']))}年", text)
    text = _THAI_DAY.sub(lambda day: _written(day, thai_day(int(day["y"]), _THAI[day["w"]], int(day["d"]))), text)
    return _PERSIAN_DAY.sub(
        lambda day: _written(day, persian_day(int(day["y"]), _PERSIAN[day["w"]], int(day["d"]))), text
    )


def _written(found: re.Match[str], day: date | None) -> str:
    """Write a day by ISO 8601; leave what was found as it is where there is no such day."""
    return day.isoformat() if day else found[0]


def thai_day(year: int, month: int, day: int) -> date | None:
    """Return a day whose year counts from the death of Buddha, in four digits or two; None where there is none.

    A year that is no more than a Gregorian one is taken for that.

    >>> thai_day(2564, 5, 3) == thai_day(64, 5, 3) == thai_day(2021, 5, 3)
    True
    """
    whole = year + _BUDDHIST_CENTURY if year < 100 else year
    try:
        return date(whole - _BUDDHIST if whole > _LAST_GREGORIAN else whole, month, day)
    except ValueError:
        return None


_BUDDHIST, _BUDDHIST_CENTURY, _LAST_GREGORIAN = 543, 2500, 2400


def persian_day(year: int, month: int, day: int) -> date | None:
    """Return a day of the Persian solar calendar; None where there is none.

    >>> [persian_day(*day).isoformat() for day in ((1400, 1, 1), (1403, 12, 30), (1404, 1, 1), (1369, 10, 11))]
    ['2021-03-21', '2025-03-20', '2025-03-21', '1991-01-01']
    >>> persian_day(1402, 12, 30) is None
    True
    """
    if not _PERSIAN_YEARS[0] <= year <= _PERSIAN_YEARS[1]:
        return None
    last = 31 if month <= 6 else 30 if month < 12 or is_persian_leap_year(year) else 29
    if not 1 <= day <= last:
        return None
    first, other = sorted((year, _PERSIAN_YEAR))
    between = sum(366 if is_persian_leap_year(each) else 365 for each in range(first, other))
    new_year = _PERSIAN_NEW_YEAR + timedelta(days=between if year > _PERSIAN_YEAR else -between)
    return new_year + timedelta(days=31 * min(month - 1, 6) + 30 * max(month - 7, 0) + day - 1)


_PERSIAN_YEAR, _PERSIAN_NEW_YEAR = 1400, date(2021, 3, 21)
_PERSIAN_YEARS = (1343, 1472)  # for which the rule for leap years holds: 1964 to 2093


def is_persian_leap_year(year: int) -> bool:
    """Tell if a Persian year has 366 days, by the cycle of 33 years that holds from 1343 to 1472.

    >>> [year for year in range(1395, 1410) if is_persian_leap_year(year)]
    [1395, 1399, 1403, 1408]
    """
    return year % 33 in (1, 5, 9, 13, 17, 22, 26, 30)
