"""Names of files that say outlet and day, as in `holmpost_2031-01-04.txt`, where all files of a folder do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import NamedTuple

_DAY = re.compile(r"(?<![^\W_])(\d{4})([-_.]?)(\d{2})\2(\d{2})(?:[T_ -]?\d{4,6})?(?![^\W_])")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_BETWEEN = " _-.,()[]"
_SEPARATE = re.compile(r"\s+[-–—|]\s+|__+")
_NUMBERS = re.compile(r"(?:[\s_.,()\[\]-]+(?:no|nr|part|p)?\d{1,6}[a-z]?|[\s(]+copy\)?)+$", re.IGNORECASE)
#: Files with such names, of those that are looked at, from which on the names are believed; files of an outlet, on
#: average; outlets; and words and code points of one. Chosen by hand: a name that is a headline comes once.
LEAST_SHARE, FILES_AN_OUTLET, MIN_OUTLETS, MAX_WORDS, LONGEST = 0.9, 2, 2, 5, 60
LOOKED_AT = 5000  # names of a folder
#: Years of days in names.
YEARS = (1600, 2100)


class NameParts(NamedTuple):
    """The parts of a file's name: the day, what stands with it, and whether the day comes first."""

    day: datetime
    outlet: str
    day_first: bool


class Naming(NamedTuple):
    """How the files of a folder are called."""

    day_first: bool

    def of(self, name: str) -> tuple[str, datetime | None]:
        """Return the outlet and the day that a name says; nothing of a name of another form.

        >>> Naming(day_first=False).of("holm/holm_post_20310104-2.txt")[0], Naming(day_first=False).of("notes.txt")
        ('holm post', ('', None))
        """
        parts = parts_of(name)
        return ("", None) if parts is None or parts.day_first != self.day_first else (parts.outlet, parts.day)


def parts_of(name: str) -> NameParts | None:
    """Return the parts of a name that holds one day, at its beginning or behind all else.

    >>> parts_of("2031-01-04 - Holm Post - Ferry late.txt").outlet, parts_of("ValeCourier_20310104_003.txt").outlet
    ('Holm Post', 'ValeCourier')
    >>> parts_of("ferry-late.txt"), parts_of("20310104.txt")
    (None, None)
    """
    text = name.rpartition("/")[2]
    while (suffix := PurePosixPath(text).suffix) and len(suffix) <= 6 and not suffix[1:].isdigit():
        text = text.removesuffix(suffix)
    days = list(_DAY.finditer(text))
    moment = _moment(days[0]) if len(days) == 1 else None
    if moment is None:
        return None
    before, behind = text[: days[0].start()].strip(_BETWEEN), text[days[0].end() :]
    rest = before or _SEPARATE.split(behind.strip(_BETWEEN))[0]
    outlet = _NUMBERS.sub("", f" {rest.strip(_BETWEEN)}").replace("_", " ").strip(_BETWEEN)
    fits = len(outlet) <= LONGEST and len(re.split(r"[\s-]+", outlet)) <= MAX_WORDS and _LETTERS.search(outlet)
    return NameParts(moment, outlet, not before) if fits else None


def _moment(day: re.Match[str]) -> datetime | None:
    try:
        moment = datetime(int(day[1]), int(day[3]), int(day[4]), tzinfo=UTC)
    except ValueError:
        return None
    return moment if YEARS[0] <= moment.year <= YEARS[1] else None


def naming_in(names: Iterable[str]) -> Naming | None:
    """Find out if the files of a folder are called by outlet and day: a few outlets, each on several files.

    >>> naming_in(["holm_2031-01-04.txt", "holm_2031-01-05.txt", "vale_2031-01-04.txt", "vale_2031-01-05.txt"])
    Naming(day_first=False)
    >>> naming_in(["2031-01-04-ferry-late.txt", "2031-01-05-mill-sold.txt", "2031-01-06-bread.txt"]) is None
    True
    """
    looked_at = [name for _, name in zip(range(LOOKED_AT), names, strict=False)]
    found = [parts for name in looked_at if (parts := parts_of(name))]
    for day_first in (False, True):
        if _is_so([parts for parts in found if parts.day_first == day_first], looked_at):
            return Naming(day_first)
    return None


def _is_so(found: Sequence[NameParts], names: Sequence[str]) -> bool:
    outlets = Counter(parts.outlet for parts in found)
    days = {parts.day for parts in found}
    return (
        len(found) >= LEAST_SHARE * len(names)
        and len(outlets) >= MIN_OUTLETS
        and len(found) >= FILES_AN_OUTLET * len(outlets)
        and len(days) > 1
    )
