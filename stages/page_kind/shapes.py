"""Shapes of a text that tell its kind: turns of questions and answers, numbered items, times of day, days, counters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from stages.page_kind.evidence import PROSE_WORDS, LineShape, PageEvidence, wordings
from stages.shared.dates import day_matches
from stages.shared.page_kinds import page_kind_words, pattern

#: Questions with an answer, or changes of speaker, of an interview: fewer stand in many a story.
MIN_TURNS = 4
MIN_ITEMS = 3
MANY_ITEMS = 8  # numbered headings that make a list by themselves; fewer are the steps of a story
MIN_ENTRIES = 3  # of a live blog
MANY_ENTRIES = 5
#: Share of the words outside quotations by which an author speaks of oneself, from which a text is personal.
PERSONAL = 0.02
#: Share of a text's words in paragraphs about consent from which it is a consent notice, and what a notice has.
CONSENT, _MAX_NOTICE_WORDS, _MIN_CONSENT, _WORDS_PER_MATCH = 0.6, 500, 3, 25

_NUMBERED = re.compile(
    r"^(?:#|n[ro]\.? ?|platz |tipp? |step |schritt |rule |étape |paso |passo )?(\d{1,3})\s?[.):–—-]?\s*(?=\D|$)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"^(?:[^\W\d_]{2,12}\.?,? )?(?:kl\.? ?)?(?P<hour>[01]?\d|2[0-3])"
    r"(?:(?::|\.|h| h |Uhr)(?P<minute>[0-5]\d)(?!\d|[.:]\d|\s?%)|(?=\s?[ap]\.?m\b))"
    r"(?:\s?[ap]\.?m\.?| Uhr| h|Z| [A-Z]{2,4}T?)?(?=$|[\s:–—|-])",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"^(?P<name>[^\W\d_][^:.!?]{0,28})\s?[:：]\s+\S")
_SPEAKER_CHARS = 31  # of a paragraph, in which the colon stands
_QUOTED = re.compile(r"[\"“„«»][^\"“”„«»]{3,600}[\"”“»«]")
_CUT_OFF = re.compile(r"(?:…|\.\.\.)\]?\W*(?:[^\W\d_]+\s?){0,3}\W*$")
_SHORT = 14  # words of a heading, at most
NOTHING = LineShape("", 0, False, False, False, False)  # below the last paragraph


def question_turns(evidence: PageEvidence) -> int:
    """Count the paragraphs that are a question with an answer below; 0 where they are few among the rest."""
    if not any(one.question for one in evidence.paragraphs):
        return 0
    pairs = pairwise([one for one in evidence.paragraphs if one.words >= 3])
    turns = sum([asks(one) and not below.question and below.words >= 8 for one, below in pairs if one.question])
    return turns if turns >= 0.2 * max(1, evidence.prose) else 0


def asks(one: LineShape) -> bool:
    """Tell if a paragraph is a question that somebody is asked."""
    return one.question and 4 <= one.words <= 90 and not one.text.lstrip().startswith(("“", "„", "«", '"', "»", "‘"))


def addressed(evidence: PageEvidence) -> bool:
    """Tell if most questions speak to somebody."""
    words = pattern("address", evidence.language or "")
    asked = [bool(words.search(one.text)) for one in evidence.paragraphs if asks(one)]
    return sum(asked) * 3 >= max(1, len(asked))


def speaker_turns(evidence: PageEvidence) -> int:
    """Count the changes between speakers named at the beginning of paragraphs; 0 where they are few among the rest.

    Names that come once are headings ("Weather: …").
    """
    found = [_SPEAKER.match(one.text) for one in evidence.paragraphs if has_colon(one)]
    names = [match["name"].casefold().strip() for match in found if match]
    speakers = {name for name in names if names.count(name) >= 2}
    turns = sum(one != below for one, below in pairwise(name for name in names if name in speakers))
    return turns if 2 <= len(speakers) <= 6 and turns >= 0.4 * max(1, evidence.prose) else 0


def has_colon(one: LineShape) -> bool:
    """Tell if a paragraph that ends as a sentence does has a colon where the name of a speaker would end."""
    if not one.closed or one.words < 4:
        return False
    head = one.text[:_SPEAKER_CHARS]
    return ":" in head or "：" in head


def numbered_items(evidence: PageEvidence) -> int:
    """Count the items that carry on one series of numbers, up or down, one by one, and have prose in or below them.

    Dates of a calendar, counters and tables have none.
    """
    return series_of(one for one, below in item_pairs(evidence) if one.is_prose or below.words >= PROSE_WORDS)


def numbered_headings(evidence: PageEvidence) -> int:
    """Count the numbered items that are headings above prose."""
    return series_of(
        one
        for one, below in item_pairs(evidence)
        if one.words <= _SHORT and not one.is_prose and below.words >= PROSE_WORDS
    )


def item_pairs(evidence: PageEvidence) -> Iterator[tuple[LineShape, LineShape]]:
    """Iterate over the paragraphs that a number begins, each with the one below, where there may be a list of them."""
    if len(evidence.numbered) < MIN_ITEMS:
        return iter(())
    lines = [*evidence.paragraphs, NOTHING]
    return ((lines[at], lines[at + 1]) for at in evidence.numbered if _NUMBERED.match(lines[at].text))


def series_of(items: Iterable[LineShape]) -> int:
    """Return the length of the longest series among the numbers of some paragraphs."""
    numbers = [int(match[1]) for match in (_NUMBERED.match(one.text) for one in items) if match]
    return max(longest_series(numbers, 1), longest_series(numbers, -1))


def longest_series(numbers: Sequence[int], step: int) -> int:
    """Return the length of the longest series that is carried on by `step`, other numbers between left out.

    One that counts up begins with 1.

    >>> longest_series([1, 30, 2, 3, 7], 1), longest_series([10, 9, 8], -1), longest_series([4, 4], 1)
    (3, 3, 0)
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

    >>> [counts_items(t) for t in ("Ten ways out", "10 Tipps gegen Kälte", "Winter: 7 ideas", "12 dead in flood")]
    [True, True, True, False]
    """
    return _counted().search(title) is not None


@cache
def _counted() -> re.Pattern[str]:
    """Compile the pattern of a number that counts things in a headline: a small one before a word, no sum, no age."""
    lists = page_kind_words()["counts"]
    numbers, before, uncounted = ("|".join(lists[name]) for name in ("numbers", "before", "uncounted"))
    return re.compile(
        rf"(?:^|[:–—|]\s*|\b(?:{before})\s+)(?:[3-9]|[1-9]\d|1\d\d|{numbers})\+?\s+(?!(?:{uncounted})\b)[^\W\d_]{{3,}}",
        re.IGNORECASE,
    )


def alternating_headings(evidence: PageEvidence) -> int:
    """Count the short lines without a stop that stand above prose."""
    pairs = pairwise(evidence.paragraphs)
    return sum([not one.closed and 1 <= one.words <= _SHORT and below.is_prose for one, below in pairs])


def timed_entries(evidence: PageEvidence) -> int:
    """Count the paragraphs that begin with a time of day, if most carry one order; 0 else.

    A programme of events is in order as well: entries of a live blog hold prose.
    """
    found = [_CLOCK.match(evidence.paragraphs[at].text) for at in evidence.numbered]
    times = [int(match["hour"]) * 60 + int(match["minute"] or 0) for match in found if match]
    if evidence.prose < len(times) / 2:
        return 0
    steps = [(later > earlier) - (later < earlier) for earlier, later in pairwise(times)]
    ordered = max(steps.count(1), steps.count(-1)) >= 0.8 * max(1, len(steps) - steps.count(0))
    return len(times) if ordered else 0


def counted_pictures(evidence: PageEvidence) -> int:
    """Return the length of the longest series of counters such as "3/12" or "Bild 3 von 12"."""
    by_total: dict[int, list[int]] = {}
    for match in evidence.counters:
        if match and int(match["at"]) <= int(match["all"]):
            by_total.setdefault(int(match["all"]), []).append(int(match["at"]))
    return max((longest_series(numbers, 1) for numbers in by_total.values()), default=0)


def cut_off(evidence: PageEvidence) -> int:
    """Count the paragraphs that are cut off, as teasers are, or that only lead on."""
    leads = sum(1 for _ in evidence.lines_with("more", evidence.paragraphs, 8))
    return leads + sum(bool(_CUT_OFF.search(one.text[-40:])) for one in evidence.paragraphs if one.words <= 80)


def dated_lines(evidence: PageEvidence) -> int:
    """Count the short lines that hold a day: an article has one or two, an archive one for each story."""
    short = [one for one in evidence.paragraphs if one.words <= 10 and not one.is_prose]
    return sum(bool(day_matches(one.text)) for one in short)


def longest_prose(evidence: PageEvidence) -> int:
    """Return the number of paragraphs of prose that stand one after the other; captions with a counter are none."""
    return max(map(len, evidence.prose_runs), default=0)


def longest_prose_words(evidence: PageEvidence) -> int:
    """Return the number of words of the longest run of prose."""
    return max((sum(one.words for one in run) for run in evidence.prose_runs), default=0)


def first_person_share(evidence: PageEvidence) -> float:
    """Return the share of words, outside quotations, by which an author speaks of oneself."""
    words = pattern("me", evidence.language or "")
    prose = [_QUOTED.sub("", one.text) for one in evidence.paragraphs if one.is_prose]
    return sum(len(words.findall(text)) for text in prose) / max(1, evidence.prose_words)


def consent_share(evidence: PageEvidence) -> float:
    """Return the share of a text's words in paragraphs about consent; 0 where it is too long for a notice.

    A notice says a word of consent three times or more, and in every 25 words: stories about privacy do not.
    """
    if evidence.words > _MAX_NOTICE_WORDS:
        return 0.0
    text = "\n".join([one.text for one in evidence.paragraphs])
    if not wordings("stems", "consent").may_be_in(text):
        return 0.0
    stems, whole = page_kind_words()["stems"]["consent"], text.lower()
    if sum(map(whole.count, stems)) < max(_MIN_CONSENT, evidence.words / _WORDS_PER_MATCH):
        return 0.0
    pairs = ((one, one.text.lower()) for one in evidence.paragraphs)
    words = sum(one.words for one, text in pairs if any(stem in text for stem in stems))
    return words / max(1, evidence.words)


def in_first_person(title: str, language: str | None) -> bool:
    """Tell if a headline is in its author's own person, and no quotation.

    >>> in_first_person("My winter on the bar", "en"), in_first_person("“I saw the wave”: a skipper", "en")
    (True, False)
    """
    return not re.search(r"[\"“”„«»‘:]|'\w.*'", title) and bool(pattern("me", language or "").search(title))
