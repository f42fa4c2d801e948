"""Extractions that went wrong, by what the page itself says, and the second-best text to take instead.

The first extractor can come back with a consent notice, with the free lines above a paywall, with the first section of
an article that is longer, or with several articles in one. Each of these is a doubt with a number and its limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any, NamedTuple

from stages.extract.dom_hints import solid
from stages.extract.structured_metadata import StructuredMetadata, Tree
from stages.extract.plain import blocks

Element = Any  # lxml ships no type information

_CONSENT = re.compile(
    r"cookie|consent|einwillig|datenschutz|privacy|vertraulich|zustimm|accepte|partner|personal data|personenbezogen"
    r"|confidentialit|privacidad|consenso|toestemming|gdpr|dsgvo|tracking|store and/or access|données personnelles",
    re.IGNORECASE,
)
_MAX_NOTICE_CHARS = 3000  # a consent notice is no longer
_WORDS_A_CUE = 25  # a text with a word of consent in every so many, or more, is a consent notice
_MIN_CUES = 3
_LONGER = 1.5  # times what was extracted, from which on the article that JSON-LD gives was cut short
_MIN_MISSING = 500  # characters that it has to be longer by
_MAX_STUB_CHARS = 1500  # of an article behind a paywall, for what is there to be its free lines
_MIN_SAME = 0.7  # of the first text, in a second that is the same article and more
_MIN_SECOND_CHARS = 300  # of a second text, to be one


_MIXED_SHARE = 0.3  # of an extracted text in the article of the headline, and in others, for it to mix them


class Doubt(NamedTuple):
    """What is wrong with an extraction: a reason of the ledger, the number that says so, and its limit."""

    reason: str
    measured: float
    limit: float


class Second(NamedTuple):
    """The text to take instead, and the way it was read."""

    text: str
    way: str


def doubt_about(text: str, structured: StructuredMetadata) -> Doubt | None:
    """What speaks against an extracted text.

    >>> nothing = StructuredMetadata({}, {}, frozenset())
    >>> doubt_about("We use cookies and ask for your consent. Our partners use cookies too.", nothing)
    Doubt(reason='consent_notice', measured=4.0, limit=3.0)
    """
    cues = len(_CONSENT.findall(text)) if len(text) <= _MAX_NOTICE_CHARS else 0
    enough = max(_MIN_CUES, len(text.split()) / _WORDS_A_CUE)
    if cues >= enough:
        return Doubt("consent_notice", float(cues), float(enough))
    body = solid(article_body(structured))
    size = len(solid(text)) if body else 0
    if body and len(body) >= max(_LONGER * size, size + _MIN_MISSING) and share_in(text, body) >= _MIN_SAME:
        return Doubt("cut_short", float(size), float(len(body)))
    if is_paid(structured) and len(text) <= _MAX_STUB_CHARS:
        return Doubt("paywall", float(len(text)), float(_MAX_STUB_CHARS))
    return None


def article_body(structured: StructuredMetadata) -> str:
    """The text of the article as JSON-LD gives it, one paragraph a line."""
    said = structured.article.get("articleBody")
    if not isinstance(said, str):
        return ""
    said = unescape(said)
    lines = [text for _, text in blocks(said)] if re.search(r"</?(?:p|br|div)\b", said) else said.splitlines()
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


def is_paid(structured: StructuredMetadata) -> bool:
    """Does the page say that its article is not free to read?

    >>> is_paid(StructuredMetadata({}, {"isAccessibleForFree": "False"}, frozenset()))
    True
    """
    said = structured.article.get("isAccessibleForFree")
    return said is False or (isinstance(said, str) and said.strip().lower() == "false")


def second_text(text: str, doubt: Doubt, structured: StructuredMetadata, ways: dict[str, Callable[[], str]]) -> Second | None:
    """A better text than the one in doubt, the first that is; none where there is no better one.

    `ways` are other extractions, tried in their order where JSON-LD does not give the article.
    """
    body = article_body(structured)
    for way, read in ways.items():
        other = read()
        if is_better(other, text, doubt, structured):
            return Second(other, way)
    if body and is_better(body, text, doubt, structured):
        return Second(body, "article_body")
    return None


class Neighbours(NamedTuple):
    """The articles that a page marks one beside the other, without white space: that of the headline, and the rest."""

    own: str
    others: list[str]


def articles_beside(tree: Tree, heading: Element) -> Neighbours:
    """The articles of a page, where the headline is in one of several."""
    marked = list(tree.iter("article")) if heading is not None else []
    outer = [each for each in marked if not any(above.tag == "article" for above in each.iterancestors())]
    if len(outer) < 2:
        return Neighbours("", [])
    within = set(heading.iterancestors())
    own = "".join(solid(each.text_content()) for each in outer if each in within)
    others = [solid(each.text_content()) for each in outer if each not in within]
    return Neighbours(own, [form for form in others if len(form) >= _MIN_SECOND_CHARS])


def unmixed(text: str, beside: Neighbours) -> tuple[str, Doubt | None]:
    """A text without the lines that only other articles of its page hold, where they are many.

    >>> page = Neighbours("Itrainedhere.", ["Itsnowedthere."])
    >>> unmixed("It rained here.\\nIt snowed there.", page)[0]
    'It rained here.'
    """
    if not beside.own or not beside.others:
        return text, None
    lines = [(line, solid(line.lstrip("-| "))) for line in text.split("\n")]
    all_chars = max(sum(len(form) for _, form in lines), 1)
    foreign = {form for _, form in lines if form not in beside.own and any(form in other for other in beside.others)}
    own_share = sum(len(form) for _, form in lines if form and form in beside.own) / all_chars
    share = sum(len(form) for _, form in lines if form in foreign) / all_chars
    if min(own_share, share) < _MIXED_SHARE:
        return text, None
    kept = "\n".join(line for line, form in lines if form not in foreign)
    return kept, Doubt("several_articles", share, _MIXED_SHARE)


def share_in(text: str, whole: str) -> float:
    """The share of a text whose lines stand in another, which has no white space; of nothing, all of it.

    >>> share_in("It rained.\\nIt snowed.", "Itrained.Forlong.")
    0.5
    """
    forms = [form for line in text.split("\n") if (form := solid(line.lstrip("-| ")))]
    held = sum(len(form) for form in forms if form in whole)
    return held / sum(map(len, forms)) if forms else 1.0


def is_better(other: str, text: str, doubt: Doubt, structured: StructuredMetadata) -> bool:
    """Is another text free of the doubt, and an article?"""
    if len(other) < max(_MIN_SECOND_CHARS, len(text)):
        return False
    if doubt.reason == "cut_short":
        is_whole = doubt.limit / _LONGER < len(solid(other)) < doubt.limit * _LONGER
        return is_whole and share_in(text, solid(other)) >= _MIN_SAME
    again = doubt_about(other, structured)
    return again is None or again.reason != doubt.reason
