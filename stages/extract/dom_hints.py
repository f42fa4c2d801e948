"""DOM hints: what the elements, classes and ids of a page call lines of its article, such as caption or related.

The extractor keeps some of what the page itself sets apart. Lines that stand in such places, and nowhere else on the
page, are handed on as evidence for the noise stage; nothing is taken out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from stages.shared.characters import without_whitespace

Element = Any  # lxml ships no type information

_TAGS = {tag: tag for tag in ("figcaption", "aside", "nav", "footer", "form")}
#: Hints by the words in class names and ids, in the order in which they are looked for.
_CLASSES = tuple(
    (hint, re.compile(pattern))
    for hint, pattern in (
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
_MAX_TEXT_SHARE = 0.3  # of the extracted text, in one box
_MAX_PICTURE_CHARS = 220  # without white space, of what stands around a picture, to be about the picture
_MOST_COMPARED = 300_000_000  # lines times characters, a tenth of a second: no page of news comes near
_MIN_LINKS = 3  # lines that are links, one after the other, for them to be a list of links
_MIN_CHARS = 3  # of a line that can be told from others


class Box(NamedTuple):
    """A part of a page that is set apart: its hint, and its text without white space."""

    hint: str
    text: str


class Boxes(NamedTuple):
    """The boxes of a page, its whole text without white space, and the same of its links, one a line."""

    found: list[Box]
    page: str
    links: str = ""


class HintedLine(NamedTuple):
    """A line of an article, and the hint of the box it stands in."""

    line: str
    hint: str


def boxes_of(tree: Element) -> Boxes:
    """Find the parts that a page sets apart from the article, outermost first. A box as large as the page is none."""
    page = without_whitespace(tree.text_content())
    body = tree.find("body")
    body = tree if body is None else body
    links = "\n".join(without_whitespace(link.text_content()) for link in body.iter("a"))
    return Boxes([*boxes_in(body, len(page) * _MAX_PAGE_SHARE), *pictures_in(body)], page, links)


def boxes_in(body: Element, most: float) -> Iterator[Box]:
    """Iterate over the outermost elements with a hint that hold no more than `most` characters."""
    waiting = list(body)
    while waiting:
        element = waiting.pop()
        if hint := hint_of(element):
            text = without_whitespace(element.text_content())
            if len(text) <= most:
                if len(text) >= _MIN_CHARS:
                    yield Box(hint, text)
                continue
        waiting += element


def hint_of(element: Element) -> str | None:
    """Return the hint in the tag, the classes or the id of an element, None where it has none."""
    classes, name = element.get("class"), element.get("id")
    return _TAGS.get(element.tag) or (classes and hint_in(classes)) or (name and hint_in(name)) or None


def pictures_in(body: Element) -> Iterator[Box]:
    """Iterate over the largest elements around each picture that hold little text besides."""
    passed: set[Element] = {body}
    for picture in body.iter("img"):
        held = ""
        for outer in picture.iterancestors():
            if outer in passed:
                break
            passed.add(outer)
            text = without_whitespace(outer.text_content())
            if len(text) > _MAX_PICTURE_CHARS:
                passed.update(outer.iterancestors())
                break
            held = text
        if len(held) >= _MIN_CHARS:
            yield Box("picture", held)


@lru_cache(maxsize=20_000)
def hint_in(classes: str) -> str | None:
    """Return the hint in classes or an id, None where there is none.

    >>> hint_in("c-related-stories"), hint_in("text")
    ('related', None)
    """
    classes = classes.lower()
    return next((hint for hint, pattern in _CLASSES if pattern.search(classes)), None)


def hinted_lines(text: str, boxes: Boxes, standfirsts: frozenset[str] = frozenset()) -> list[HintedLine]:
    """Return the lines of an article that stand in a box of its page, and nowhere else on it. Standfirsts never do.

    >>> boxes = Boxes([Box("share", "Share")], "Itrainedforadayandanight.Share")
    >>> hinted_lines("It rained for a day and a night.\\nShare", boxes)
    [HintedLine(line='Share', hint='share')]
    """
    lines = [line for line in text.split("\n") if len(form_of_line(line)) >= _MIN_CHARS]
    forms = [form_of_line(line) for line in lines]
    hints = hints_of(forms, boxes)
    listed = in_link_lists(forms, boxes)
    found = ["links" if is_listed else hint for hint, is_listed in zip(hints, listed, strict=True)]
    return [HintedLine(line, hint) for line, hint in zip(lines, found, strict=True) if hint and line not in standfirsts]


def form_of_line(line: str) -> str:
    """Remove white space and the mark of a list or table from a line.

    >>> form_of_line("- Ferry late")
    'Ferrylate'
    """
    return without_whitespace(line.lstrip("-| "))


def hints_of(forms: Sequence[str], boxes: Boxes) -> list[str | None]:
    """Return the hint of each line, without white space, that stands in small boxes of its page and nowhere else.

    >>> boxes = Boxes([Box("share", "Share")], "Itrainedforadayandanight.Share")
    >>> hints_of(["Itrainedforadayandanight.", "Share"], boxes)
    [None, 'share']
    """
    most = _MAX_TEXT_SHARE * sum(map(len, forms))
    here: dict[int, list[Box]] = {}
    for box in boxes.found:
        held = held_in(box, forms)
        if sum(len(forms[at]) for at in held) <= most:
            for at in held:
                here.setdefault(at, []).append(box)
    hints: list[str | None] = [None] * len(forms)
    for at, holding in here.items():
        if boxes.page.count(forms[at]) <= sum(box.text.count(forms[at]) for box in holding):
            hints[at] = holding[0].hint
    return hints


def in_link_lists(forms: Sequence[str], boxes: Boxes) -> list[bool]:
    """Tell of each line if it and several beside it are within links wherever they stand on their page.

    `forms` are the lines without white space.

    >>> page = Boxes([], "Itrained.FloodsagainMillburntFerrylate", "Floodsagain\\nMillburnt\\nFerrylate")
    >>> in_link_lists(["Itrained.", "Floodsagain", "Millburnt", "Ferrylate"], page)
    [False, True, True, True]
    """
    if len(forms) * len(boxes.page) > _MOST_COMPARED:
        return [False] * len(forms)
    linked = [form in boxes.links and boxes.page.count(form) <= boxes.links.count(form) for form in forms]
    runs = [list(run) for _, run in groupby(linked)]
    return [run[0] and len(run) >= _MIN_LINKS for run in runs for _ in run]


def held_in(box: Box, forms: Sequence[str]) -> list[int]:
    """Return the positions of the lines that stand in a box."""
    return [at for at, form in enumerate(forms) if form in box.text]
