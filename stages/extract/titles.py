"""Headline of a page: its heading, reconciled with the titles in its structured metadata."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

from stages.extract.structured_metadata import StructuredMetadata, Tree, strings
from stages.shared.characters import letters, one_line

Element = Any  # lxml ships no type information

_TITLE_TAGS = ("og:title", "twitter:title", "headline", "dc.title", "parsely-title", "sailthru.title", "title")
_MIN_SHARED_WORDS = 0.6  # of the shorter of two titles, for them to be two forms of one
_MIN_LONE_WORDS = 5  # of the only heading of a page, for it to be the headline whatever its description says
_MIN_PART_WORDS = 3  # of a part of a title, for an element that says the same to be the headline
_WORD = re.compile(r"\w+")
_MIN_SECTIONS = 3  # parts of a title, for the shorter ones around the longest to be names of sections and site
_MAX_SEPARATORS = 6  # of a title, that are looked at
_LEADING_DAY = re.compile(r"^(?:\d{1,2}[./]\s?\d{1,2}[./]\s?\d{4}|\d{4}-\d\d-\d\d)\s*(?:[-–—:|]\s*)?(?=\w)")
_SEPARATOR = re.compile(r"\s+[-–—|·•»«:/~]+\s+|\s*[|»]\s*|:\s+")

#: Parts of a heading that are not the headline: the line above it, and the day.
_KICKER = re.compile(
    r"kicker|dachzeile|oberzeile|spitzmarke|super-?title|over-?line|eyebrow|topline|strapline|roofline|pre-?title|pre-?headline|rubrik|ressort"
    r"|category|breadcrumb|sr-only|visually-?hidden|permalink|cintillo|antetitulo|occhiello|surtitre",
    re.IGNORECASE,
)
_IN_ADDRESSES = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_MAX_HEADING_WORDS = 30
_STORY_CHARS = 150  # of a paragraph that begins the story
_LOWER_HEADINGS = ("h2", "h3", "h4", "strong", "b")


class Headline(NamedTuple):
    """The title of a page, and the element that shows it, where one does."""

    text: str | None
    element: Element = None


class Heading(NamedTuple):
    """An element that may show the title, its text, and its text without the kicker."""

    element: Element
    text: str
    bare: str


def find_headline(tree: Tree, structured: StructuredMetadata, url: str | None) -> Headline:
    """Find the headline: the text of the heading that agrees with the structured metadata, else the latter's title.

    The heading is what readers saw, while meta titles are worded for search engines; but a heading on its own may be
    the name of a section, and may hold a kicker.
    """
    titles, slug = stated_titles(tree, structured), slug_of(url or "")
    shown = (heading_of(element) for element in tree.iter("h1") if not is_kicker(element))
    named = [each for each in shown if each.text]
    headings = [each for each in named if letters(each.text) not in structured.sites]
    if (agreed := agreed_headline(headings, titles, slug)) is not None:
        return agreed
    if is_alone(headings):
        return Headline(headings[0].bare, headings[0].element)
    if (lower := lower_heading(tree, titles)) is not None:
        return Headline(lower.text, lower.element)
    if len(headings) != 1 and not meant_titles(structured) and (above := heading_above_story(tree)) is not None:
        return Headline(above.text, above.element)
    return Headline(titles[0]) if titles else first_shown(headings + named)


def is_alone(headings: Sequence[Heading]) -> bool:
    """Tell if a page has one heading, long enough for a headline whatever its structured metadata say."""
    return len(headings) == 1 and len(headings[0].bare.split()) >= _MIN_LONE_WORDS


def first_shown(headings: Sequence[Heading]) -> Headline:
    """Return the first of some headings as headline, one without text where there is none."""
    return Headline(headings[0].bare, headings[0].element) if headings else Headline(None)


def agreed_headline(headings: Sequence[Heading], titles: Sequence[str], slug: str) -> Headline | None:
    """Return the heading that agrees with a title of the structured metadata, None where none does."""
    for title in titles:
        heading = max(headings, key=lambda each: shared_words(each.text, title), default=None)
        if heading is not None and same_title(heading.text, title):
            return Headline(form_of(heading, titles, slug), heading.element)
    return None


def meant_titles(structured: StructuredMetadata) -> list[str]:
    """Collect the titles that structured metadata give the article; the title of a page may be that of a section."""
    return strings(structured.article.get("headline")) + structured.tagged(*_TITLE_TAGS)


def stated_titles(tree: Tree, structured: StructuredMetadata) -> list[str]:
    """Collect the titles in the structured metadata of a page, surest first, without the name of the site."""
    named = [one_line(title.text_content()) for title in tree.iter("title") if title.getparent().tag == "head"]
    stated = meant_titles(structured) + [main_part(text) for text in named]
    return [title for text in stated if (title := without_day(without_site(text, structured.sites)))]


def heading_of(element: Element) -> Heading:
    """Read an element as a heading."""
    text = without_day(one_line(" ".join(element.itertext())))
    aside = [part for part in element.iterdescendants() if is_kicker(part)]
    bare = text
    for part in aside:
        bare = one_line(bare.replace(one_line(" ".join(part.itertext())), " ", 1)).strip(" :|–-") or text
    return Heading(element, text, bare)


def slug_of(url: str) -> str:
    """Join the words of the last part of an address, where it is made of words.

    >>> slug_of("https://vellen-times.example/2021/harbour-closed-after-storm-4711.html"), slug_of("https://x.example/")
    ('harbourclosedafterstorm', '')
    """
    parts = [part for part in re.split(r"[/?#]", url)[3:] if part.count("-") + part.count("_") >= _MIN_PART_WORDS]
    words = re.split(r"[-_.,]+", max(parts, key=len, default="").casefold())
    return "".join(word for word in words if word.isalpha() and word not in ("html", "htm", "php"))


def is_slug(text: str, slug: str) -> bool:
    """Tell if an address gives the words of a text, in the letters that addresses have.

    >>> is_slug("Häfen geschlossen nach Sturm", "haefengeschlossennachsturm")
    True
    """
    if not slug or len(text.split()) <= _MIN_PART_WORDS:
        return False
    folded = letters(text).translate(_IN_ADDRESSES)
    plain = unicodedata.normalize("NFKD", letters(text)).encode("ascii", "ignore").decode()
    return slug in (folded, plain)


def is_kicker(element: Element) -> bool:
    """Tell if a part of a heading is the line above the headline, or the day."""
    return (
        element.tag == "time" or _KICKER.search(f"{element.get('class') or ''} {element.get('id') or ''}") is not None
    )


def form_of(heading: Heading, titles: Sequence[str], slug: str = "") -> str:
    """Choose the form of a title, of those that heading, structured metadata and address give.

    >>> form_of(Heading(None, "Coast Harbour closed", "Coast Harbour closed"), ["Harbour closed"])
    'Harbour closed'
    >>> form_of(Heading(None, "Coast Harbour closed again", ""), ["Harbour closed again"], "coastharbourclosedagain")
    'Coast Harbour closed again'
    >>> form_of(Heading(None, "Storm: Harbour closed", "Harbour closed"), ["Storm: Harbour closed"])
    'Harbour closed'
    """
    forms = [letters(title) for title in titles]
    if heading.bare not in ("", heading.text) and any(letters(heading.bare) in form for form in forms):
        return heading.bare
    named = next((part for part in (heading.text, *parts_of(heading.text)) if is_slug(part, slug)), None)
    if named or letters(heading.text) in forms:
        return named or heading.text
    return next(
        (t for t, form in zip(titles, forms, strict=True) if form and form in letters(heading.text)), heading.text
    )


def lower_heading(tree: Tree, titles: Sequence[str]) -> Heading | None:
    """Find the element that shows a title of the structured metadata, or a part of it, where no first heading does."""
    parts = [part for title in titles for part in parts_of(title) if len(part.split()) >= _MIN_PART_WORDS]
    wanted = {letters(title) for title in (*titles, *parts)} - {""}
    if not wanted:
        return None
    longest = max(map(len, titles)) * 2
    for element in tree.iter(*_LOWER_HEADINGS):
        text = one_line(" ".join(element.itertext()))
        if len(text) <= longest and letters(text) in wanted:
            return Heading(element, text, text)
    return None


def heading_above_story(tree: Tree) -> Heading | None:
    """Return the last heading of some words before the first long paragraph of a page."""
    above = None
    for element in tree.iter(*_HEADINGS, "p"):
        text = one_line(" ".join(element.itertext()))
        if element.tag != "p" and _MIN_LONE_WORDS <= len(text.split()) <= _MAX_HEADING_WORDS:
            above = Heading(element, text, text)
        elif element.tag == "p" and len(text) >= _STORY_CHARS:
            break
    return above


def parts_of(title: str) -> list[str]:
    """Return the parts between any two separators of a title, longest first.

    >>> parts_of("Coast Agency - News » Harbour closed again")
    ['News » Harbour closed again', 'Harbour closed again', 'Coast Agency - News', 'Coast Agency', 'News']
    """
    marks = list(_SEPARATOR.finditer(title))[:_MAX_SEPARATORS]
    starts, ends = [0, *(mark.end() for mark in marks)], [*(mark.start() for mark in marks), len(title)]
    runs = [title[start:end] for start in starts for end in ends if start < end]
    return sorted((run for run in runs if run != title), key=len, reverse=True)


def main_part(title: str) -> str:
    """Return the headline in the title of a page: not the short part at its end, nor sections around a longer part.

    >>> main_part("Coast Agency Vellén - Harbour closed after the first storm - Port - News")
    'Harbour closed after the first storm'
    >>> main_part("Harbour of Port Vellén closed after storm | Coast Agency")
    'Harbour of Port Vellén closed after storm'
    """
    separators = {mark[0] for mark in _SEPARATOR.finditer(title)}
    parts = re.split(_SEPARATOR, title)
    longest, *others = sorted(parts, key=lambda part: len(part.split()), reverse=True)
    if len(separators) != 1 or len(parts) < _MIN_SECTIONS or len(longest.split()) < _MIN_LONE_WORDS:
        return without_last_part(title)
    return longest if len(longest.split()) > len(others[0].split()) else without_last_part(title)


def without_day(title: str) -> str:
    """Remove a day written before a title.

    >>> without_day("23.01.2031 - Harbour closed after storm"), without_day("1. Mai - Feiertag")
    ('Harbour closed after storm', '1. Mai - Feiertag')
    """
    return _LEADING_DAY.sub("", title)


def without_last_part(title: str) -> str:
    """Remove what comes after the last separator of a title, where that is the shorter part by far.

    >>> without_last_part("Harbour of Port Vellén closed after storm | Coast Agency")
    'Harbour of Port Vellén closed after storm'
    >>> without_last_part("Harbour closed - what now?")
    'Harbour closed - what now?'
    """
    breaks = list(_SEPARATOR.finditer(title))
    if not breaks or len(title[: breaks[-1].start()].split()) < 2 * len(title[breaks[-1].end() :].split()):
        return title
    return title[: breaks[-1].start()]


def without_site(title: str, sites: frozenset[str]) -> str:
    """Remove the name of the site before or after a title; empty where it is the name alone.

    >>> without_site("Harbour closed - News | The Vellén Times", frozenset({"thevelléntimes"}))
    'Harbour closed - News'
    >>> without_site("The Vellén Times", frozenset({"thevelléntimes"}))
    ''
    """
    if letters(title) in sites:
        return ""
    breaks = list(_SEPARATOR.finditer(title))
    for mark in breaks:
        if letters(title[mark.end() :]) in sites:
            return title[: mark.start()].strip()
        if letters(title[: mark.start()]) in sites:
            return title[mark.end() :].strip()
    return title.strip()


def same_title(one: str, other: str) -> bool:
    """Tell if two texts are forms of one title.

    >>> same_title("Harbour closed after storm", "Storm: Harbour closed - Port Vellén")
    True
    >>> same_title("News", "Harbour closed after storm")
    False
    """
    first, second = letters(one), letters(other)
    shorter, longer = sorted((first, second), key=len)
    if shorter and shorter in longer and len(shorter) * 4 >= len(longer):
        return True
    fewest = min(len(_WORD.findall(one)), len(_WORD.findall(other)))
    return shared_words(one, other) >= _MIN_SHARED_WORDS * max(fewest, 3)


def shared_words(one: str, other: str) -> int:
    """Count the different words that two texts share.

    >>> shared_words("Storm closes the harbour", "Harbour closed by the storm")
    3
    """
    return len(set(_WORD.findall(one.casefold())) & set(_WORD.findall(other.casefold())))
