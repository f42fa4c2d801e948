"""Quality checks: extractions that went wrong by what the page itself says, and the text to take instead.

The first extractor can come back with a consent notice, with the free lines above a paywall, with the first section of
an article that is longer, or with several articles in one. Each failed check has a number and its limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from typing import Any, NamedTuple

from stages.extract.dom_hints import form_of_line
from stages.extract.plain import blocks
from stages.extract.structured_metadata import StructuredMetadata, Tree
from stages.shared.characters import without_whitespace

Element = Any  # lxml ships no type information

_CONSENT = re.compile(
    r"cookie|consent|einwillig|datenschutz|privacy|vertraulich|zustimm|accepte|partner|personal data|personenbezogen"
    r"|confidentialit|privacidad|consenso|toestemming|gdpr|dsgvo|tracking|store and/or access|données personnelles",
    re.IGNORECASE,
)
_MAX_NOTICE_CHARS = 3000  # a consent notice is no longer
_WORDS_PER_MATCH = 25  # a text with a word of consent in every so many, or more, is a consent notice
_MIN_MATCHES = 3
_LONGER = 1.5  # times what was extracted, from which on the article that JSON-LD gives was cut short
_MIN_MISSING = 500  # characters that it has to be longer by
_BEGINNING = 200  # characters with which a text has to begin again to hold its story twice
_MAX_STUB_CHARS = 1500  # of an article behind a paywall, for what is there to be its free lines
_MIN_SAME = 0.7  # of the first text, in a second that is the same article and more
_MIN_SECOND_CHARS = 300  # of a second text, to be one
_MIXED_SHARE = 0.3  # of an extracted text in the article of the headline, and in others, for it to mix them


class FailedCheck(NamedTuple):
    """A quality check that an extraction fails: a reason of the ledger, the number that says so, and its limit."""

    reason: str
    measured: float
    limit: float


class Second(NamedTuple):
    """A text to take instead, and the way it was read."""

    text: str
    way: str


def failed_check(text: str, structured: StructuredMetadata) -> FailedCheck | None:
    """Return the first quality check that an extracted text fails, None where it fails none.

    >>> nothing = StructuredMetadata({}, {}, frozenset())
    >>> failed_check("We use cookies and ask for your consent. Our partners use cookies too.", nothing)
    FailedCheck(reason='consent_notice', measured=4.0, limit=3.0)
    """
    matches = len(_CONSENT.findall(text)) if len(text) <= _MAX_NOTICE_CHARS else 0
    enough = max(_MIN_MATCHES, len(text.split()) / _WORDS_PER_MATCH)
    if matches >= enough:
        return FailedCheck("consent_notice", float(matches), float(enough))
    body = without_whitespace(article_body(structured))
    size = len(without_whitespace(text)) if body else 0
    if body and len(body) >= max(_LONGER * size, size + _MIN_MISSING) and share_in(text, body) >= _MIN_SAME:
        return FailedCheck("cut_short", float(size), float(len(body)))
    if is_paid(structured) and len(text) <= _MAX_STUB_CHARS:
        return FailedCheck("paywall", float(len(text)), float(_MAX_STUB_CHARS))
    return None


def article_body(structured: StructuredMetadata) -> str:
    """Return the text of the article as JSON-LD gives it, one paragraph a line."""
    body = structured.article.get("articleBody")
    if not isinstance(body, str):
        return ""
    body = once(unescape(body))
    lines = [text for _, text in blocks(body)] if re.search(r"</?(?:p|br|div)\b", body) else body.splitlines()
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


def once(text: str) -> str:
    """Remove the second copy of a story from a text that holds it twice, as some descriptions of articles do.

    >>> story = "".join(f"On day {day} it rained for {day + 3} hours. " for day in range(9))
    >>> once(story + story) == story
    True
    """
    again = text.find(text[:_BEGINNING], _BEGINNING) if len(text) > _BEGINNING else -1
    is_twice = again > 0 and text[again:].strip() == text[:again].strip()
    return text[:again] if is_twice else text


def is_paid(structured: StructuredMetadata) -> bool:
    """Tell if the page says that its article is not free to read.

    >>> is_paid(StructuredMetadata({}, {"isAccessibleForFree": "False"}, frozenset()))
    True
    """
    is_free = structured.article.get("isAccessibleForFree")
    return is_free is False or (isinstance(is_free, str) and is_free.strip().lower() == "false")


def second_text(
    text: str, failed: FailedCheck, structured: StructuredMetadata, ways: dict[str, Callable[[], str]]
) -> Second | None:
    """Return the first text that is better than one that failed a check, None where there is none.

    `ways` are other extractions, tried in their order where JSON-LD does not give the article.
    """
    body = article_body(structured)
    for way, read in ways.items():
        other = read()
        if is_better(other, text, failed, structured):
            return Second(other, way)
    if body and is_better(body, text, failed, structured):
        return Second(body, "article_body")
    return None


class Neighbours(NamedTuple):
    """The articles that a page marks side by side, without white space: that of the headline, and the others."""

    own: str
    others: list[str]


def articles_beside(tree: Tree, heading: Element) -> Neighbours:
    """Find the articles of a page; none where the headline is not in one of several."""
    marked = list(tree.iter("article")) if heading is not None else []
    outer = [each for each in marked if not any(above.tag == "article" for above in each.iterancestors())]
    if len(outer) < 2:
        return Neighbours("", [])
    within = set(heading.iterancestors())
    own = "".join(without_whitespace(each.text_content()) for each in outer if each in within)
    others = [without_whitespace(each.text_content()) for each in outer if each not in within]
    return Neighbours(own, [form for form in others if len(form) >= _MIN_SECOND_CHARS])


def unmixed(text: str, beside: Neighbours) -> tuple[str, FailedCheck | None]:
    """Remove the lines that only other articles of the page hold, where they are many.

    >>> page = Neighbours("Itrainedhere.", ["Itsnowedthere."])
    >>> unmixed("It rained here.\\nIt snowed there.", page)[0]
    'It rained here.'
    """
    if not beside.own or not beside.others:
        return text, None
    lines = [(line, form_of_line(line)) for line in text.split("\n")]
    all_chars = max(sum(len(form) for _, form in lines), 1)
    foreign = foreign_forms([form for _, form in lines], beside)
    own_share = sum(len(form) for _, form in lines if form and form in beside.own) / all_chars
    share = sum(len(form) for _, form in lines if form in foreign) / all_chars
    if min(own_share, share) < _MIXED_SHARE:
        return text, None
    kept = "\n".join(line for line, form in lines if form not in foreign)
    return kept, FailedCheck("several_articles", share, _MIXED_SHARE)


def foreign_forms(forms: Sequence[str], beside: Neighbours) -> set[str]:
    """Return the lines, without white space, that only other articles of the page hold.

    >>> foreign_forms(["Itrainedhere.", "Itsnowedthere."], Neighbours("Itrainedhere.", ["Itsnowedthere."]))
    {'Itsnowedthere.'}
    """
    return {form for form in forms if form not in beside.own and any(form in other for other in beside.others)}


def share_in(text: str, whole: str) -> float:
    """Return the share of a text whose lines stand in another, which has no white space; 1.0 for an empty text.

    >>> share_in("It rained.\\nIt snowed.", "Itrained.Forlong.")
    0.5
    """
    forms = [form for line in text.split("\n") if (form := form_of_line(line))]
    held = sum(len(form) for form in forms if form in whole)
    return held / sum(map(len, forms)) if forms else 1.0


def is_better(other: str, text: str, failed: FailedCheck, structured: StructuredMetadata) -> bool:
    """Tell if another text passes the check that the first one failed, and is an article."""
    if len(other) < max(_MIN_SECOND_CHARS, len(text)):
        return False
    if failed.reason == "cut_short":
        is_whole = failed.limit / _LONGER < len(without_whitespace(other)) < failed.limit * _LONGER
        return is_whole and share_in(text, without_whitespace(other)) >= _MIN_SAME
    again = failed_check(other, structured)
    return again is None or again.reason != failed.reason
