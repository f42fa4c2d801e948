"""Words that leave the text for a field of the document: names, times, places, agencies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

NAME_WORD = r"(?:(?:[^\W\d_a-zß-öø-ÿ]|d['’]|O['’])[\w'’.\-]*|al-\w+|de|la|van|von|der|den|di|da|dos|del|bin|el)"
NAME = re.compile(rf"^{NAME_WORD}(?:\s+{NAME_WORD}){{1,4}}$")
NUMBERS = re.compile(r"\d+")
CLOCK = re.compile(
    r"(?i)\b(\d{1,2})[:.h](\d{2})(?::\d{2})?\s*(a\.?m\.?|p\.?m\.?|uhr|h)?\b|\b(\d{1,2})\s*(a\.?m\.?|p\.?m\.?)\b"
)
OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{2}):?(\d{2})\b|\b(Z)\b|(?<=\d)(Z)\b")
ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
DAY_FIRST = re.compile(
    r"(?i)\b(\d{1,2})(?:st|nd|rd|th|er|º|°|\.)?\s*(?:de\s+|di\s+)?([^\W\d_]{3,12})\.?,?\s*(?:de\s+|del\s+)?(\d{4})\b"
)
MONTH_FIRST = re.compile(r"(?i)\b([^\W\d_]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")
DOTTED = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\b")


def authors_of(words: str, roles: Iterable[str], joiners: Iterable[str], agencies: Iterable[str]) -> list[str]:
    """The people that a byline names, in its order: no titles, no agencies, no "Staff".

    >>> authors_of("Mara Quill and Tom Okoro, staff writers", ["staff", "writers"], ["and"], [])
    ['Mara Quill', 'Tom Okoro']
    >>> authors_of("Staff and agencies", ["staff", "agencies"], ["and"], [])
    []
    """
    joined = "|".join(re.escape(word) for word in sorted(joiners, key=len, reverse=True))
    parts = re.split(rf"\s*[,;|/•·&]\s*|\s+(?:{joined})\s+" if joined else r"\s*[,;|/•·&]\s*", words)
    role_words, agency_names = {role.casefold() for role in roles}, {name.casefold() for name in agencies}
    names: list[str] = []
    for part in (name_part(part) for part in parts):
        is_role = any(word.casefold().strip(".") in role_words for word in part.split())
        if NAME.match(part) and not is_role and part.casefold() not in agency_names and part not in names:
            names.append(part)
    return names


def name_part(part: str) -> str:
    """A name without what stands around it: bullets, brackets, a place after "in"; capitals become a name's own.

    >>> name_part("• MARA QUILL (Port Anning)"), name_part("Par Mara Quill Publié le 3 mai 2031")
    ('Mara Quill', 'Mara Quill')
    """
    bare = re.sub(r"\(.*?\)|<.*?>|\[.*?\]|@\w+|\s+(?:in|at|for|aus)\s.*$", " ", BEFORE_NAME.sub("", part))
    bare = next(iter(TIMES.split(bare, maxsplit=1)))
    bare = re.sub(r"\s+", " ", bare).strip(" \t•·-—–*:.\"'")
    return " ".join(word.title() if len(word) > 2 else word for word in bare.split()) if bare.isupper() else bare


def agencies_of(words: str, spellings: Mapping[str, str]) -> list[str]:
    """The agencies that some words credit, by canonical name, in their order.

    >>> agencies_of("With reporting by AP, Reuters and dpa", {"AP": "AP", "Reuters": "Reuters", "dpa": "dpa"})
    ['AP', 'Reuters', 'dpa']
    """
    places = []
    for spelling, canonical in spellings.items():
        if spelling in words and (found := re.search(rf"(?<!\w){re.escape(spelling)}(?!\w)", words)):
            places.append((found.start(), -len(spelling), canonical))
    return list(dict.fromkeys(canonical for _, _, canonical in sorted(places)))


def time_of(words: str, months: Mapping[str, int], zones: Mapping[str, int]) -> datetime | None:
    """The moment that a date line gives, in UTC; a date alone is its midnight. None where it names no full date.

    >>> time_of("Posted: 3 May 2031, 10:14 BST", {"may": 5}, {"BST": 60})
    datetime.datetime(2031, 5, 3, 9, 14, tzinfo=datetime.timezone.utc)
    >>> time_of("Updated an hour ago", {"may": 5}, {}) is None
    True
    """
    found = date_of(words, months)
    if found is None:
        return None
    (year, month, day), rest = found
    hour, minute = clock_of(rest)
    try:
        local = datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
    return local - timedelta(minutes=zone_of(rest, zones) if (hour, minute) != (0, 0) else 0)


_UPDATED = (
    r"\b(?:updated?|modified|aktualisiert|geändert|mise? à jour|actualizad[oa]|aggiornat[oa]|atualizad[oa]|bijgewerkt"
    r"|gewijzigd|uppdaterad|opdateret|oppdatert)\b|تحديث"
)
_PUBLISHED = (
    r"\b(?:published|posted|veröffentlicht|erschienen|publiée?|publicad[oa]|pubblicat[oa]|gepubliceerd|publicerad"
    r"|udgivet)\b|نشر"
)
UPDATED = re.compile(_UPDATED, re.IGNORECASE)
TIMES = re.compile(rf"{_UPDATED}|{_PUBLISHED}", re.IGNORECASE)
BEFORE_NAME = re.compile(r"(?i)^\W*(?:by|von|par|por|di|door|de|av|af)\s+")


def times_of(
    words: str, months: Mapping[str, int], zones: Mapping[str, int]
) -> tuple[datetime | None, datetime | None]:
    """The moments of publication and of the last change that a date line gives, each where it calls it so.

    >>> both = times_of("Published: 3 May 2031 | Updated: 4 May 2031, 10:14 GMT", {"may": 5}, {"GMT": 0})
    >>> [moment.isoformat()[:16] for moment in both]
    ['2031-05-03T00:00', '2031-05-04T10:14']
    >>> times_of("4 May 2031", {"may": 5}, {})
    (None, None)
    """
    found = list(TIMES.finditer(words))
    if not found:
        return None, None
    ends = [*(mark.start() for mark in found[1:]), len(words)]
    moments: dict[bool, datetime | None] = {}
    for mark, after in zip(found, ends, strict=True):
        is_update = UPDATED.match(mark[0]) is not None
        moments[is_update] = moments.get(is_update) or time_of(words[mark.end() : after], months, zones)
    if moments.get(True) and not moments.get(False):  # "3 May 2031 | Updated 4 May 2031"
        moments[False] = time_of(words[: found[0].start()], months, zones)
    return moments.get(False), moments.get(True)


def date_of(words: str, months: Mapping[str, int]) -> tuple[tuple[int, int, int], str] | None:
    """Year, month and day that some words name, and the words around them."""
    if found := ISO.search(words):
        return (int(found[1]), int(found[2]), int(found[3])), around(words, found)
    for found in DAY_FIRST.finditer(words):
        if month := months.get(found[2].casefold()):
            return (int(found[3]), month, int(found[1])), around(words, found)
    for found in MONTH_FIRST.finditer(words):
        if month := months.get(found[1].casefold()):
            return (int(found[3]), month, int(found[2])), around(words, found)
    if found := DOTTED.search(words):
        return (int(found[3]), int(found[2]), int(found[1])), around(words, found)
    return None


def around(words: str, found: re.Match[str]) -> str:
    """The words before and after a match."""
    return words[: found.start()] + " | " + words[found.end() :].removeprefix("T")


def clock_of(words: str) -> tuple[int, int]:
    """Hour and minute that some words give, 0:00 where none.

    >>> clock_of("at 6:05 p.m. ET"), clock_of("19.18 Uhr"), clock_of("Monday")
    ((18, 5), (19, 18), (0, 0))
    """
    found = CLOCK.search(words)
    if found is None:
        return 0, 0
    hour, minute = int(found[1] or found[4]), int(found[2] or 0)
    half = (found[3] or found[5] or "").casefold()[:1]
    if half in ("a", "p"):
        hour = hour % 12 + (12 if half == "p" else 0)
    return (hour, minute) if hour < 24 and minute < 60 else (0, 0)


def zone_of(words: str, zones: Mapping[str, int]) -> int:
    """Minutes east of Greenwich of the time zone that some words name, 0 where none.

    >>> zone_of("18:05 +02:00", {}), zone_of("6:05 p.m. ET", {"ET": -300})
    (120, -300)
    """
    if (found := OFFSET.search(words)) and found[1]:
        return (int(found[2]) * 60 + int(found[3])) * (-1 if found[1] == "-" else 1)
    for zone, minutes in zones.items():
        if zone in words and re.search(rf"(?<!\w){re.escape(zone)}(?!\w)", words):
            return minutes
    return 0


def merged(known: Sequence[str] | None, new: Iterable[str]) -> list[str]:
    """What is known, then what is new, each once."""
    return list(dict.fromkeys([*(known or ()), *new]))
