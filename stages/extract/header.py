"""Header lines: the text around the heading of an article, line by line, as readers see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

Element = Any  # lxml ships no type information

_INLINE = frozenset(
    (
        *("a", "abbr", "b", "bdi", "cite", "data", "em", "font", "i", "mark", "q", "small", "span", "strong", "sub"),
        *("sup", "time", "u", "address"),
    )
)
_SKIPPED = frozenset(
    (
        *("script", "style", "svg", "noscript", "template", "figure", "aside", "nav", "form", "footer", "button"),
        *("select", "iframe", "video", "audio", "picture", "object"),
    )
)
_HOLDS_ENOUGH = 2500  # characters of the box around a heading from which on no larger one is looked at
_MAX_LEVELS = 8  # of elements around a heading
_BEFORE, _AFTER, _MOST_ELEMENTS = 12, 16, 1500  # lines, lines, elements


class HeaderLine(NamedTuple):
    """A run of text between two block boundaries, the marks of the elements around it, and its machine time."""

    text: str
    marks: str
    time: str | None = None
    element: Element = None


class Header(NamedTuple):
    """The lines before and after a heading, each in the order of the page."""

    before: list[HeaderLine]
    after: list[HeaderLine]


def header_of(heading: Element) -> Header:
    """Collect the lines near a heading; none where there is no heading."""
    if heading is None:
        return Header([], [])
    before: list[HeaderLine] = []
    after: list[HeaderLine] = []
    seen = False
    for line in lines_in(box_around(heading), heading):
        if line.element is heading:
            seen = True
        elif seen and is_in_other_article(line.element, heading):
            break
        elif seen:
            after.append(line)
            if len(after) >= _AFTER:
                break
        else:
            before.append(line)
    return Header(before[-_BEFORE:], after)


def is_in_other_article(element: Element, heading: Element) -> bool:
    """Tell if an element stands in an article beside that of the heading: its lines are about another story."""
    own = set(heading.iterancestors("article"))
    if not own or element is None:
        return False
    around = [each for each in (element, *element.iterancestors()) if each.tag == "article"]
    return bool(around) and own.isdisjoint(around)


def box_around(heading: Element) -> Element:
    """Return the smallest element around a heading that holds a good piece of text beside it."""
    box = heading
    for _, outer in zip(range(_MAX_LEVELS), heading.iterancestors(), strict=False):
        box = outer
        if outer.tag in ("body", "html") or len(outer.text_content()) >= _HOLDS_ENOUGH:
            break
    return box


def lines_in(box: Element, heading: Element) -> Iterator[HeaderLine]:
    """Iterate over the lines in an element, from its beginning; `heading` gives one line whatever is in it."""
    walk = etree.iterwalk(box, events=("start", "end"))
    reader = LineReader()
    for number, (event, element) in enumerate(walk):
        if number > _MOST_ELEMENTS:
            return
        if element.tag not in _INLINE and (done := reader.finished()):
            yield done
        if event == "end":
            reader.leave(element)
        elif element is heading or (element.tag in _SKIPPED and not is_small_byline(element)):
            walk.skip_subtree()
            reader.marks.append("")
            if element is heading:
                yield HeaderLine(" ".join(" ".join(element.itertext()).split()), "heading", None, heading)
        else:
            reader.enter(element)
    if done := reader.finished():
        yield done


def is_small_byline(element: Element) -> bool:
    """Tell if a box beside the story is no more than the byline: short, and one of its elements is marked so."""
    if element.tag not in ("aside", "nav") or len(element.text_content()) > _MAX_BYLINE_BOX:
        return False
    return any(_BYLINE_BOX.search(mark_of(each)) for each in element.iter(etree.Element))


_MAX_BYLINE_BOX = 200  # characters
_BYLINE_BOX = re.compile(r"byline|author[-_]?name|\bauthors?\b|author-link|\bautor(?:e|en|in)?\b", re.IGNORECASE)


class LineReader:
    """The line that is being read, element by element."""

    def __init__(self) -> None:
        self.marks: list[str] = []  # of the elements that are open, outermost first
        self._clear()

    def _clear(self) -> None:
        self.parts: list[str] = []
        self.seen: list[str] = []
        self.time: str | None = None
        self.element: Element = None

    def finished(self) -> HeaderLine | None:
        """Return the line as read so far, if there is one, and begin another."""
        if not self.parts and not self.time:
            return None
        whole = "".join(self.parts)
        if not self.time and not whole.strip(_BLANK):
            self._clear()
            return None
        if _PLAIN_EDGE in whole:
            whole = _PLAIN_SEAM.sub(" | ", whole).replace(_PLAIN_EDGE, "")
        if _EDGE in whole:
            whole = _SEAM.sub(seam, whole).replace(_EDGE, "")
        text = " ".join(whole.split()).strip("| ")
        line = HeaderLine(text, " ".join(self.seen).lower(), self.time, self.element) if text or self.time else None
        self._clear()
        return line

    def enter(self, element: Element) -> None:
        """Read the beginning of an element."""
        self.marks.append(mark_of(element))
        self.time = self.time or element.get("datetime")
        if element.tag in _APART:
            self.parts.append(_APART[element.tag])
        self._read(edge_of(element), element.text, element)

    def leave(self, element: Element) -> None:
        """Read the text after an element."""
        self.marks.pop()
        if element.tag == "time":
            self.parts.append(_APART["time"])
        self._read(edge_of(element), element.tail, element.getparent())

    def _read(self, edge: str, text: str | None, element: Element) -> None:
        self.parts += filter(None, (edge, text))
        if edge or (text and not text.isspace()):
            self.seen += self.marks[-_OUTER_MARKS:]
            self.element = element if self.element is None else self.element


#: Where an inline element with attributes begins or ends: two words that meet there are two things.
_EDGE = "\x1f"
#: The same of one without: they are two things where a name ends and another begins ("Ana Lind" "Tom Okoro").
_PLAIN_EDGE = "\x1e"
_BLANK = f"{_EDGE}{_PLAIN_EDGE} \t\n|"  # a line of these alone is none
_PLAIN_SEAM = re.compile(rf"(?<=[a-zß-ÿ]{{2}}){_PLAIN_EDGE}+(?=[A-ZÀ-Þ][a-zß-ÿ])")
_SEAM = re.compile(rf"(?<=\w){_EDGE}+(?=\w)")
_APART = {"br": " ", "time": " | "}  # stands for these elements in the text of their line
_OUTER_MARKS = 3  # elements around a piece of text whose marks tell its kind


def edge_of(element: Element) -> str:
    """Return the sign for the beginning or end of an inline element, an empty string for another."""
    if element.tag not in _INLINE:
        return ""
    return _EDGE if element.keys() else _PLAIN_EDGE if element.tag in ("span", "a", "cite") else ""


def seam(edge: re.Match[str]) -> str:
    """Write what stands between two words that meet where an element begins or ends.

    Nothing within one word, whose last or first letter is set apart for its looks.

    >>> _SEAM.sub(seam, "Ana Lindqvist\x1fFollow"), _SEAM.sub(seam, "Ana Lindqvis\x1ft")
    ('Ana Lindqvist | Follow', 'Ana Lindqvist')
    """
    text, start, end = edge.string, edge.start(), edge.end()
    is_letter = not text[max(start - 2, 0) : start - 1].isalnum() or not text[end + 1 : end + 2].isalnum()
    return "" if is_letter and text[end].islower() else " | "


def mark_of(element: Element) -> str:
    """Return the tag of an element, its class and the like, and a mark if it links to the page of an author."""
    marks = [element.get(name) for name in ("class", "id", "itemprop", "rel", "data-testid")]
    if element.tag == "a" and _AUTHOR_PAGE.search(element.get("href") or ""):
        marks.append(AUTHOR_LINK)
    return " ".join([element.tag, *filter(None, marks)])


AUTHOR_LINK = "author-link"
_AUTHOR_PAGE = re.compile(
    r"/(?:autor(?:en|in|es|i)?|authors?|auteurs?|autrice|journalist[a-z]*|contributors?|redakteur[a-z]*|redacteur|writers?"
    r"|reporters?|columnists?|by|byline|staff|firmas?|opinionisti|skribent(?:er)?|forfatter|profiles?|profil|perfil|bios?"
    r"|penulis|yazar(?:lar)?|toimittajat?|signatures?|firme)/[^/?#]"
)
