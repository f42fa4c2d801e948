"""What a page calls the lines of its article: captions, related stories, share prompts, by its elements and classes.

The extractor keeps some of what the page itself sets apart. Which lines stand in such places, and nowhere else on the
page, is handed on as evidence for the noise stage; nothing is taken out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

Element = Any  # lxml ships no type information

_TAGS = {tag: tag for tag in ("figcaption", "aside", "nav", "footer", "form")}
#: Cues by the words in class names and ids, in the order in which they are looked for.
_CLASSES = tuple(
    (cue, re.compile(pattern))
    for cue, pattern in (
        (
            "caption",
            r"caption|bildunterschrift|bildtext|bu-text|didascalia|pie-?de-?foto|(?:image|img|photo)-?_?(?:text|desc)",
        ),
        ("credit", r"credit|copyright|bildquelle|photographer"),
        (
            "related",
            r"related|read-?_?(?:more|next|also)|also-?_?(?:read|like)|more-?_?(?:from|stories|news|articles)|recommend"
            r"|weiterlesen|verwandt|siehe-?auch|see-?also|lire-?aussi|leer-?mas|relacionad|correlat|outbrain|taboola"
            r"|most-?_?(?:read|popular)|popular|trending|linklist",
        ),
        ("share", r"share|sharing|\bsocial|follow-?us|shariff|addtoany"),
        ("newsletter", r"newsletter|sign-?_?up|subscri|paywall|reg-?wall|mailchimp|opt-?in\b"),
        (
            "promo",
            r"promo|advert|\bads?\b|\bad-?(?:box|slot|unit)|sponsor|anzeige|werbung|affiliate|\bcta\b|call-to-action",
        ),
        ("comments", r"comment|kommentar|disqus|leserbrief"),
        ("author-bio", r"author-?_?(?:bio|box|info|desc|about|card|profile)|about-?_?(?:the-?)?author|\bbio\b"),
        ("tags", r"\btags?\b|tag-?_?(?:list|cloud|links)|breadcrumb|schlagwort|post-?nav|pagination|pager"),
        ("notice", r"cookie|consent|gdpr|disclaimer|disclosure"),
        ("contact", r"pressekontakt|ansprechpartner|press-?_?contact"),
    )
)
_MAX_PAGE_SHARE = 1 / 3  # of a page's text, beyond which a class names the page and not a box on it
_MAX_TEXT_SHARE = 0.3  # of the extracted text, in all boxes of one cue that are named alike
_MAX_PICTURE_CHARS = 220  # without white space, of what stands around a picture, to be about the picture
_MOST_COMPARED = 300_000_000  # lines times characters, a tenth of a second: no page of news comes near
_MIN_LINKS = 3  # lines that are links, one after the other, for them to be a list of links
_MIN_CHARS = 3  # of a line that can be told from others


class Box(NamedTuple):
    """A part of a page that is set apart: its cue, and its text without white space."""

    cue: str
    solid: str


class Boxes(NamedTuple):
    """What a page sets apart, its whole text without white space, and the same of its links, one a line."""

    found: list[Box]
    page: str
    links: str = ""


class CuedLine(NamedTuple):
    """A line of an article, and what its page calls the place it stands in."""

    line: str
    cue: str


def boxes_of(tree: Element) -> Boxes:
    """What a page sets apart from the article, outermost first. A box as large as the page is none."""
    page = solid(tree.text_content())
    body = tree.find("body")
    body = tree if body is None else body
    links = "\n".join(solid(link.text_content()) for link in body.iter("a"))
    return Boxes([*boxes_in(body, len(page) * _MAX_PAGE_SHARE), *pictures_in(body)], page, links)


def boxes_in(body: Element, most: float) -> Iterator[Box]:
    """The outermost elements with a cue that hold no more than `most` characters."""
    waiting = list(body)
    while waiting:
        element = waiting.pop()
        if cue := cue_of(element):
            text = solid(element.text_content())
            if len(text) <= most:
                if len(text) >= _MIN_CHARS:
                    yield Box(cue, text)
                continue
        waiting += element


def cue_of(element: Element) -> str | None:
    """What the tag, the classes or the id of an element call it, where that sets it apart."""
    classes, name = element.get("class"), element.get("id")
    return _TAGS.get(element.tag) or (classes and cue_in(classes)) or (name and cue_in(name)) or None


def pictures_in(body: Element) -> Iterator[Box]:
    """The largest elements around each picture that hold little text besides."""
    passed: set[Element] = {body}
    for picture in body.iter("img"):
        held = ""
        for outer in picture.iterancestors():
            if outer in passed:
                break
            passed.add(outer)
            text = solid(outer.text_content())
            if len(text) > _MAX_PICTURE_CHARS:
                passed.update(outer.iterancestors())
                break
            held = text
        if len(held) >= _MIN_CHARS:
            yield Box("picture", held)


@lru_cache(maxsize=20_000)
def cue_in(said: str) -> str | None:
    """What classes or an id call an element, where that sets it apart.

    >>> cue_in("c-related-stories"), cue_in("text")
    ('related', None)
    """
    said = said.lower()
    return next((cue for cue, pattern in _CLASSES if pattern.search(said)), None)


def cued_lines(text: str, boxes: Boxes, leads: frozenset[str] = frozenset()) -> list[CuedLine]:
    """The lines of an article that stand in a box of its page, and nowhere else on it. Its standfirsts never do.

    >>> boxes = Boxes([Box("share", "Share")], "Itrainedforadayandanight.Share")
    >>> cued_lines("It rained for a day and a night.\\nShare", boxes)
    [CuedLine(line='Share', cue='share')]
    """
    lines = [(line, form) for line in text.split("\n") if len(form := solid(line.lstrip("-| "))) >= _MIN_CHARS]
    most = _MAX_TEXT_SHARE * sum(len(form) for _, form in lines)
    small = [(box, held) for box in boxes.found if (held := held_in(box, lines)) and chars_of(held, lines) <= most]
    here: dict[int, list[Box]] = {}
    for box, held in small:
        for at in held:
            here.setdefault(at, []).append(box)
    cues: list[str | None] = [None] * len(lines)
    for at, holding in here.items():
        line, form = lines[at]
        if line not in leads and boxes.page.count(form) <= sum(box.solid.count(form) for box in holding):
            cues[at] = holding[0].cue
    listed = in_link_lists([form for _, form in lines], boxes)
    found = ["links" if is_listed else cue for cue, is_listed in zip(cues, listed, strict=True)]
    return [CuedLine(line, cue) for (line, _), cue in zip(lines, found, strict=True) if cue and line not in leads]


def in_link_lists(forms: Sequence[str], boxes: Boxes) -> list[bool]:
    """Which lines, without white space, are within links wherever they stand on their page, several such in a row.

    >>> page = Boxes([], "Itrained.FloodsagainMillburntFerrylate", "Floodsagain\\nMillburnt\\nFerrylate")
    >>> in_link_lists(["Itrained.", "Floodsagain", "Millburnt", "Ferrylate"], page)
    [False, True, True, True]
    """
    if len(forms) * len(boxes.page) > _MOST_COMPARED:
        return [False] * len(forms)
    linked = [form in boxes.links and boxes.page.count(form) <= boxes.links.count(form) for form in forms]
    runs = [list(run) for _, run in groupby(linked)]
    return [run[0] and len(run) >= _MIN_LINKS for run in runs for _ in run]


def held_in(box: Box, lines: Sequence[tuple[str, str]]) -> list[int]:
    """Which lines of an article stand in a box."""
    return [at for at, (_, form) in enumerate(lines) if form in box.solid]


def chars_of(some: Sequence[int], lines: Sequence[tuple[str, str]]) -> int:
    """How many characters some of the lines have."""
    return sum(len(lines[at][1]) for at in some)


def solid(text: str) -> str:
    """A text without white space.

    >>> solid("It rained.")
    'Itrained.'
    """
    return "".join(text.split())
