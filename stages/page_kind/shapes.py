"""Shapes of a text that tell its kind: turns of questions and answers, numbered items, times of day, days, counters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from stages.page_kind.evidence import Evidence, Shape, pattern
from stages.shared.dates import day_matches

MIN_TURNS = 4  # questions with an answer: fewer stand in many a story
MIN_ITEMS = 3
MANY_ITEMS = 5
MIN_ENTRIES = 3  # of a live blog
MANY_ENTRIES = 5
#: Share of the words outside quotations by which an author speaks of oneself, from which a text is personal.
PERSONAL = 0.02
#: Share of words of consent in a text from which it is a consent notice, and the longest notice there is.
CONSENT, _MAX_NOTICE_WORDS = 0.04, 500

_NUMBERED = re.compile(r"^(?:#|nr\.? ?|no\.? ?|platz |tipp |tip |step |schritt |rule |étape |paso |passo )?(\d{1,3})\s?[.):–—-]?\s*(?=\D|$)", re.IGNORECASE)
_CLOCK = re.compile(
    r"^(?:[^\W\d_]{2,12}\.?,? )?(?:kl\.? ?)?(?P<hour>[01]?\d|2[0-3])(?:(?::|\.|h| h |Uhr)(?P<minute>[0-5]\d)(?!\d|[.:]\d|\s?%)|(?=\s?[ap]\.?m\b))"
    r"\s?(?:[ap]\.?m\.?|Uhr|h|Z|[A-Z]{2,4}T?)?(?=$|[\s:–—|-])",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"^(?P<name>[^\W\d_][^:.!?]{0,28})\s?[:：]\s+\S")
_COUNTER = re.compile(
    r"(?:^|[(\s|])(?P<at>\d{1,3})\s?(?:/|of|von|de|di|van|sur|из|z|av)\s?(?P<all>\d{1,3})(?=$|[)\s|.:,–-])", re.IGNORECASE
)
_QUOTED = re.compile(r"[\"“„«»][^\"“”„«»]{3,600}[\"”“»«]")
#: A number in a headline that counts what follows: small, with a plural's length of words behind it, no year or sum.
_COUNTED = re.compile(
    r"(?:^|[:–—|]\s*|\b(?:top|the|die|les|los|las|i|le|our|these|unsere|diese|meine|my)\s+)(?P<n>[3-9]|[1-9]\d|100|1[0-9]\d)\+?\s+(?!(?:uhr|pm|am|euro|dollar|prozent|percent|per cent|million\w*|mrd|mio|milliard\w*|billion\w*|years?|jahre?n?|ans|años|anni|months?|monate?n?|days?|tage?n?|hours?|stunden|jahr|dead|tote|injured|verletzte|muertos|morts|killed|people|personen|menschen)\b)[^\W\d_]{3,}",
    re.IGNORECASE,
)
_SHORT = 14  # words of a heading, at most


def question_turns(evidence: Evidence) -> int:
    """Count the questions that are paragraphs of their own and have an answer below; 0 where they are few among the rest."""
    pairs = list(pairwise(one for one in evidence.paragraphs if one.words >= 3))
    turns = sum(asks(one) and not below.question and below.words >= 8 for one, below in pairs)
    return turns if turns >= 0.15 * max(1, evidence.prose) else 0


def asks(one: Shape) -> bool:
    """Tell if a paragraph is a question that somebody is asked."""
    return one.question and 4 <= one.words <= 90 and not one.text.lstrip().startswith(("“", "„", "«", '"', "»", "‘"))


def addressed(evidence: Evidence) -> bool:
    """Tell if most questions speak to somebody."""
    words = pattern("address", evidence.language or "")
    asked = [bool(words.search(one.text)) for one in evidence.paragraphs if asks(one)]
    return sum(asked) * 3 >= max(1, len(asked))


def speaker_turns(evidence: Evidence) -> int:
    """Count the changes between speakers named at the beginning of paragraphs; 0 where they are few among the rest.

    Names that come once are headings ("Weather: …").
    """
    found = [_SPEAKER.match(one.text) for one in evidence.paragraphs if one.words >= 4]
    names = [match["name"].casefold().strip() for match in found if match]
    speakers = {name for name in names if names.count(name) >= 2}
    spoken = [name for name in names if name in speakers]
    turns = sum(one != below for one, below in pairwise(spoken))
    return turns if 2 <= len(speakers) <= 6 and turns >= 0.4 * max(1, evidence.prose) else 0


def numbered_items(evidence: Evidence) -> int:
    """Count the paragraphs that carry on one series of numbers, up or down, one by one."""
    found = [_NUMBERED.match(one.text) for one in evidence.paragraphs]
    numbers = [int(match[1]) for match in found if match]
    return max(longest_series(numbers, 1), longest_series(numbers, -1))


def longest_series(numbers: Sequence[int], step: int) -> int:
    """Return the length of the longest series that is carried on by `step`, other numbers between left out.

    >>> longest_series([1, 30, 2, 3, 7], 1), longest_series([10, 9, 8], -1), longest_series([4, 4], 1)
    (3, 3, 1)
    """
    ends: dict[int, int] = {}
    for number in numbers:
        ends[number] = max(ends.get(number, 0), ends.get(number - step, 0) + 1)
    begins = 1 if step > 0 else None
    if begins and begins not in ends:
        return 0
    return max(ends.values(), default=0)


def counts_items(title: str) -> bool:
    """Tell if a headline counts what its text lists.

    >>> [counts_items(t) for t in ("Ten ways", "10 Tipps gegen Kälte", "Winter: 7 ideas", "12 dead in flood", "2031 budget")]
    [False, True, True, False, False]
    """
    return _COUNTED.search(title) is not None


def alternating_headings(evidence: Evidence) -> int:
    """Count the short lines without a stop that stand above prose."""
    return sum(
        not one.closed and 1 <= one.words <= _SHORT and below.is_prose for one, below in pairwise(evidence.paragraphs)
    )


def timed_entries(evidence: Evidence) -> int:
    """Count the paragraphs that begin with a time of day, if most carry one order; 0 else.

    A programme of events is in order as well: entries of a live blog hold prose.
    """
    found = [_CLOCK.match(one.text) for one in evidence.paragraphs]
    times = [int(match["hour"]) * 60 + int(match["minute"] or 0) for match in found if match]
    if evidence.prose < len(times) / 2:
        return 0
    steps = [(later > earlier) - (later < earlier) for earlier, later in pairwise(times)]
    ordered = max(steps.count(1), steps.count(-1)) >= 0.6 * max(1, len(steps) - steps.count(0))
    return len(times) if ordered else 0


def counted_pictures(evidence: Evidence) -> int:
    """Return the length of the longest series of counters such as "3/12" or "Bild 3 von 12"."""
    found = [_COUNTER.search(one.text) for one in evidence.paragraphs if one.words <= 80]
    by_total: dict[int, list[int]] = {}
    for match in found:
        if match and int(match["at"]) <= int(match["all"]):
            by_total.setdefault(int(match["all"]), []).append(int(match["at"]))
    return max((longest_series(numbers, 1) for numbers in by_total.values()), default=0)


def dated_lines(evidence: Evidence) -> int:
    """Count the short lines that hold a day: an article has one or two, an archive one for each story."""
    short = [one for one in evidence.paragraphs if one.words <= 10 and not one.is_prose]
    return sum(bool(day_matches(one.text)) for one in short)


def longest_prose(evidence: Evidence) -> int:
    """Return the number of paragraphs of prose that stand one after the other."""
    runs = (list(run) for is_prose, run in groupby(evidence.paragraphs, key=lambda one: one.is_prose) if is_prose)
    return max(map(len, runs), default=0)


def first_person_share(evidence: Evidence) -> float:
    """Return the share of words, outside quotations, by which an author speaks of oneself."""
    words = pattern("me", evidence.language or "")
    prose = [_QUOTED.sub("", one.text) for one in evidence.paragraphs if one.is_prose]
    return sum(len(words.findall(text)) for text in prose) / max(1, evidence.prose_words)


def consent_share(evidence: Evidence) -> float:
    """Return the share of words of consent; 0 where a text is too long for a notice or has fewer than three."""
    if evidence.words > _MAX_NOTICE_WORDS:
        return 0.0
    found = sum(1 for _ in consent_words(evidence))
    return found / max(1, evidence.words) if found >= 3 else 0.0


def consent_words(evidence: Evidence) -> Iterator[str]:
    """Iterate over the words of consent in a text."""
    words = pattern("wording", "consent")
    return (match[0] for one in evidence.paragraphs for match in words.finditer(one.text))
