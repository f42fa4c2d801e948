"""DOM hints: what the elements, classes and ids of a page call lines of its article, such as caption or related.

The extractor keeps some of what the page itself sets apart. Lines that stand in such places, and nowhere else on the
page, are handed on as evidence for the noise stage; nothing is taken out here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import groupby
from typing import NamedTuple

import re2

from stages.extract.outline import PageOutline
from stages.shared.characters import without_whitespace

_TAGS = {tag: tag for tag in ("figcaption", "aside", "nav", "footer", "form")}
#: Hints by the words of class names and ids, in the order in which they are looked for. Words are whole: "commentary"
#: is no comment, "PageRow" no pager. `paywall` and `regwall` alone name the story behind them (Google's structured data
#: ask for such a class), so only their prompts are furniture; `image-text` and `tag-economy` are kinds of articles.
_CLASSES = tuple(
    (hint, re.compile(rf"(?<![^-])(?:{pattern})(?![^-])"))
    for hint, pattern in (
        (
            "caption",
            r"captions?|figcaption|bildunterschrift|bildtext|bu-?text|didascalia|pie-?de-?foto"
            r"|(?:image|img|photo|picture)-?(?:caption|desc|description|legend)|caption-?(?:text|wrap|box)",
        ),
        ("credit", r"credits?|copyright|bildquelle|photographer|(?:image|img|photo|picture)-?(?:credits?|source)"),
        (
            "related",
            r"related(?:s|-?(?:articles?|stor(?:y|ies)|posts?|content|links?|news|items?|box|list))?|read-?(?:more|next|also)"
            r"|also-?(?:read|like)|more-?(?:from|stor(?:y|ies)|news|articles|on)|recommend(?:ed|s|ations?)?|weiterlesen"
            r"|verwandte?s?|siehe-?auch|see-?also|lire-?aussi|leer-?mas|(?:notas-?)?relacionad[oa]s?|correlat[aei]"
            r"|outbrain|taboola|most-?(?:read|popular)|popular(?:-?posts)?|trending|linklist|link-list",
        ),
        (
            "share",
            r"shar(?:e|ing)-?(?:bar|box|buttons?|tools?|links?|this|icons?|wrap|count|list|container|social)?"
            r"|social(?:s|-?(?:share|sharing|media|bar|links?|icons?|buttons?|follow|box|list|tools))?|follow-?us"
            r"|shariff|addtoany",
        ),
        (
            "newsletter",
            r"newsletters?(?:-?(?:sign-?up|box|form|teaser|promo|subscribe|widget|block|cta|banner|container))?|sign-?up"
            r"|(?:un)?subscribe|subscription|mailchimp|opt-?in"
            r"|(?:pay|reg)-?wall-?(?:prompt|message|banner|cta|box|overlay|modal|offer|teaser|notice|login)",
        ),
        (
            "promo",
            r"promos?|promo-?(?:box|block|bar|unit)|advert(?:s|isements?|ising|orial)?|ads?|ad-?(?:box|slot|unit|container|wrapper)"
            r"|sponsor(?:s|ed)?|anzeigen?|werbung|publicidad|affiliates?|cta|call-to-action",
        ),
        (
            "comments",
            r"comments?|(?:user|reader|post|article|entry)-?comments?|comments?-?(?:list|area|section|body|text|content|form|item|box|wrap|thread)"
            r"|kommentare?|leserbriefe?",
        ),
        (
            "author-bio",
            r"author-?(?:bio|box|info|desc|description|about|card|profile)|about-?(?:the-?)?author|bio|autoren?-?(?:info|box)",
        ),
        (
            "tags",
            r"tags|tag-?(?:list|cloud|links?)|(?:post|article|entry)-?tags|breadcrumbs?|schlagwort|schlagworte|schlagwörter"
            r"|post-?nav(?:igation)?|pagination|pager",
        ),
        ("notice", r"cookies?|cookie-?(?:notice|banner|consent|bar|law)|consent|gdpr|disclaimer|disclosure"),
        (
            "comment-system",
            r"disqus-?(?:thread|comments)?|fb-?comments|hyvor-?talk|giscus|utterances|isso-?thread|remark42",
        ),
        ("contact", r"pressekontakt|ansprechpartner|press-?contact"),
    )
)
#: Any of them in many names at once, between which two spaces or line ends stand: hardly one in ten gives a hint.
_ANY_CLASS = re2.compile(
    "|".join(
        pattern.pattern.replace("(?<![^-])", r"(?:^|[-\s])").replace("(?![^-])", r"(?:[-\s]|$)")
        for _, pattern in _CLASSES
    )
)
#: A class that says what the story is about or what state it is in, not what the element is: WordPress topics, and what
#: follows "--" in a name made after BEM.
_TOPIC = re.compile(
    r"(?:category|tag|tags|topic|section|format|status|type|postid|post)-(?!list|cloud|links?|nav|tags|comments?)"
)
_CAPITAL_OR_DIGIT = re.compile(r"[A-Z\d]")
_BETWEEN_WORDS = re.compile(r"[-_:.]+")
_MODIFIER = re.compile(r"(?<=[\w-])--[\w-]+(?!\S)")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-zA-Z])(?=\d)")
_MAX_PAGE_SHARE = 1 / 3  # of a page's text, beyond which a class names the page and not a box on it
_MAX_TEXT_SHARE = 0.3  # of the extracted text, in one box, or in all boxes of one class
_MAX_PICTURE_CHARS = 220  # without white space, of what stands around a picture, to be about the picture
_MOST_COMPARED = 300_000_000  # lines times characters, a tenth of a second: no page of news comes near
_MIN_LINKS = 3  # lines that are links, one after the other, for them to be a list of links
_MIN_CHARS = 3  # of a line that can be told from others


class Box(NamedTuple):
    """A part of a page that is set apart: its hint, its text without white space, and the class that names it."""

    hint: str
    text: str
    name: str = ""


class Boxes(NamedTuple):
    """The boxes of a page, its whole text without white space, and the same of its links, one a line."""

    found: list[Box]
    page: str
    links: str = ""


class HintedLine(NamedTuple):
    """A line of an article, and the hint of the box it stands in."""

    line: str
    hint: str


def boxes_of(page: PageOutline) -> Boxes:
    """Find the parts that a page sets apart from the article, outermost first. A box as large as the page is none."""
    body = next((at for at in page.named("body") if page.parent[at] == 0), 0)
    links = "\n".join(page.text(at) for at in page.named("a") if body <= at < page.end[body])
    most = len(page.solid) * _MAX_PAGE_SHARE
    return Boxes([*boxes_in(page, body, most), *pictures_in(page, body)], page.solid, links)


def boxes_in(page: PageOutline, body: int, most: float) -> Iterator[Box]:
    """Iterate over the outermost elements with a hint that hold no more than `most` characters, the last ones first."""
    outermost: list[tuple[int, str]] = []
    passed = body + 1
    for at, hint in hints_in(page, body):
        if at >= passed and page.length(at) <= most:
            outermost.append((at, hint))
            passed = page.end[at]
    for at, hint in reversed(outermost):
        if page.length(at) >= _MIN_CHARS:
            name = page.name(page.classes[at]) or page.name(page.ids[at]) or page.names[page.tag[at]]
            yield Box(hint, page.text(at), name)


def hints_in(page: PageOutline, body: int) -> Iterator[tuple[int, str]]:
    """Iterate over the elements of a body that have a hint in their tag, their classes or their id, each with it."""
    values = hints_of_values(page)
    found: dict[tuple[int, int, int], str | None] = {}
    within = slice(body + 1, page.end[body])
    places = zip(page.tag[within], page.classes[within], page.ids[within], strict=True)
    for at, named in enumerate(places, body + 1):
        if named not in found:
            tag, classes, name = named
            found[named] = _TAGS.get(page.names[tag]) or values.get(classes) or values.get(name)
        if (hint := found[named]) is not None:
            yield at, hint


def hints_of_values(page: PageOutline) -> dict[int, str]:
    """Return the hints of the names of a page, by their numbers, as if they were classes or ids."""
    known = _known_places()
    if len(known) > _MOST_KNOWN:
        _known_places.cache_clear()
    fresh = {name: name.split() for name in page.names if name not in known}
    known.update(places_of_hints({word for words in fresh.values() for word in words if word not in known}))
    known.update({name: min(map(known.__getitem__, words), default=_NO_HINT) for name, words in fresh.items()})
    places = map(known.__getitem__, page.names)
    return {number: _CLASSES[place][0] for number, place in enumerate(places) if place != _NO_HINT}


@cache
def _known_places() -> dict[str, int]:
    """Return the places of hints of the classes that were looked at already: pages of one outlet have the same ones."""
    return {}


_MOST_KNOWN = 50_000  # ten megabytes; 540 pages of 254 outlets have 55,000 names


def places_of_hints(names: Iterable[str]) -> dict[str, int]:
    """Return the places in _CLASSES of the hints that some classes give, as `place_of_hint` does for each.

    >>> places_of_hints(["text"]) == {"text": place_of_hint("text")}
    True
    """
    some = list(names)
    text = words_of_name("\n\n".join(some))
    starts = [0, *(mark.end() for mark in _LINE_ENDS.finditer(text))]
    likely = {bisect_right(starts, max(match.start(), 0) + 1) - 1 for match in _ANY_CLASS.finditer(text)}
    return dict.fromkeys(some, _NO_HINT) | {some[at]: place_of_hint(some[at]) for at in likely}


_LINE_ENDS = re.compile("\n\n")


def pictures_in(page: PageOutline, body: int) -> Iterator[Box]:
    """Iterate over the largest elements around each picture that hold little text besides."""
    passed = {body}
    for picture in page.named("img"):
        held, outer = -1, page.parent[picture]
        while outer >= 0 and outer not in passed:
            passed.add(outer)
            if page.length(outer) > _MAX_PICTURE_CHARS:
                passed.update(around(page, outer))
                break
            held, outer = outer, page.parent[outer]
        if held >= 0 and page.length(held) >= _MIN_CHARS:
            yield Box("picture", page.text(held))


def around(page: PageOutline, element: int) -> Iterator[int]:
    """Iterate over the elements around one, innermost first."""
    while (element := page.parent[element]) >= 0:
        yield element


_NO_HINT = len(_CLASSES)


@lru_cache(maxsize=20_000)
def place_of_hint(name: str) -> int:
    """Return the place in _CLASSES of the hint that one class gives, beyond its end where it gives none.

    >>> named = ("c-related-stories", "relatedStories", "disqus_thread", "comments")
    >>> [_CLASSES[place_of_hint(name)][0] for name in named]
    ['related', 'related', 'comment-system', 'comments']
    >>> others = ("text", "paywall", "commentary", "APageRoot", "tag-economy", "image-text", "report--ads")
    >>> {place_of_hint(name) for name in others} == {_NO_HINT}
    True
    """
    if _TOPIC.match(name.lower()):
        return _NO_HINT
    words = words_of_name(name)
    return next((place for place, (_, pattern) in enumerate(_CLASSES) if pattern.search(words)), _NO_HINT)


def words_of_name(name: str) -> str:
    """Split a class name into its words, joined by hyphens, without a modifier.

    >>> words_of_name("PageRow__adBox--large"), words_of_name("related_posts")
    ('page-row-ad-box', 'related-posts')
    """
    if "--" in name:
        name = _MODIFIER.sub("", name)
    if _CAPITAL_OR_DIGIT.search(name):
        name = _CAMEL.sub("-", name)
    return _BETWEEN_WORDS.sub("-", name).lower().strip("-")


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
    held = [held_in(box, forms) for box in boxes.found]
    named: dict[str, set[int]] = {}
    for box, lines in zip(boxes.found, held, strict=True):
        named.setdefault(box.name or box.hint, set()).update(lines)
    small = {name for name, lines in named.items() if sum(len(forms[at]) for at in lines) <= most}
    here: dict[int, list[Box]] = {}
    for box, lines in zip(boxes.found, held, strict=True):
        for at in lines if (box.name or box.hint) in small else ():
            here.setdefault(at, []).append(box)
    hints: list[str | None] = [None] * len(forms)
    for at, holding in here.items():
        if boxes.page.count(forms[at]) <= sum(box.text.count(forms[at]) for box in holding):
            hints[at] = joint_hint(holding)
    return hints


def joint_hint(holding: Sequence[Box]) -> str:
    """Return the hint of the boxes that hold a line: the first one's, but for what is called a caption and is beside a
    picture, which is one as surely as a `figcaption`.

    >>> joint_hint([Box("caption", "Boats"), Box("picture", "Boats")]), joint_hint([Box("caption", "Boats")])
    ('figcaption', 'caption')
    """
    is_caption = {"caption", "picture"} <= {box.hint for box in holding}
    return "figcaption" if is_caption else holding[0].hint


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
