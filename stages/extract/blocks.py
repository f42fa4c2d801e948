"""Read a page's tree into blocks: every piece of visible text once, in document order.

A block is what a reader takes for one piece of text: a paragraph, a list item, a table row, a heading, a stretch of
text between two blank lines of a `div`. Nothing is judged here. Elements that carry text for scripts alone
are left out only where no browser ever shows them; what a style hides is marked instead, since pages also hide the
story until a script has run.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from lxml import etree

Element = Any  # lxml ships no type information


def words_in(text: str) -> tuple[str, ...]:
    """Split a list of names that is written as one text."""
    return tuple(text.split())


#: Words of class and id names, by what they say about the text. Broad on purpose: a name counts only as evidence.
CLASS_WORDS = {
    "story": "article story body content text entry paragraph richtext prose main articlebody copy post artikel",
    "caption": "caption captions figcaption legend bildunterschrift legende cutline",
    "media": "image images img photo photos picture media gallery galleries slideshow slide slider carousel video "
    "player figure foto bild audio podcast",
    "credit": "credit credits source sources agency rights copyright",
    "nav": "nav menu navigation navbar breadcrumb breadcrumbs skip pagination pager paging toolbar topbar submenu "
    "sitemap",
    "related": "related recommend recommended recommendation recommendations more teaser teasers promo promos card "
    "cards popular trending latest next also outbrain taboola feed river recirc recirculation similar readmore most "
    "mehr linklist collection",
    "social": "share sharing social follow facebook twitter whatsapp like sharebar sns",
    "signup": "newsletter subscribe subscription subscriptions signup login register offer donate donation app abo "
    "membership account",
    "paywall": "paywall paywalled premium regwall regwalled locked metered piano",
    "legal": "cookie cookies consent gdpr privacy terms disclaimer legal imprint impressum",
    "ad": "ad ads adv advert adverts advertisement advertising sponsor sponsored banner dfp gpt adslot anzeige werbung "
    "commercial affiliate",
    "byline": "author authors byline bylines writer bio contributor contributors autor autoren profile reporter",
    "date": "date dates time timestamp published datetime updated pubdate dateline datum readtime",
    "meta": "meta metadata info details",
    "comment": "comment comments disqus reply replies respond discussion kommentare commenting",
    "tags": "tag tags topic topics keyword keywords category categories label labels kicker rubric eyebrow",
    "title": "title headline heading hed titel",
    "deck": "lead lede deck dek standfirst summary intro subtitle excerpt abstract preamble perex chapo strapline "
    "description subheadline vorspann",
    "aside": "sidebar aside widget widgets rail infobox factbox complementary",
    "embed": "embed embedded tweet instagram oembed",
    "hidden": "hidden visually sr screenreader invisible offscreen modal popup overlay lightbox dialog tooltip "
    "dropdown print",
    "quote": "quote pullquote blockquote zitat",
    "form": "form search input error field",
    "header": "header masthead hero banner",
    "footer": "footer foot bottom colophon",
}
#: Elements whose mere name is such evidence.
TAG_WORDS = words_in(
    "nav aside footer header figure figcaption form article main section ul ol table blockquote a button label "
    "noscript details address dl time p li dialog"
)
EVIDENCE = (*CLASS_WORDS, *("<" + tag for tag in TAG_WORDS), "unseen", "articleBody")
_BIT = {name: 1 << n for n, name in enumerate(EVIDENCE)}
_WORD_BIT = {word: _BIT[name] for name, words in CLASS_WORDS.items() for word in words.split()}
_TAG_BIT = {tag: _BIT["<" + tag] for tag in TAG_WORDS}
_NAME_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


#: Never text of the page: read by scripts, or shown only where the browser fails.
SKIPPED = frozenset(
    words_in(
        "script style template svg iframe object embed video audio canvas select textarea datalist head meta link "
        "input progress meter frameset noframes applet param source track"
    )
)
#: Elements that begin a line of their own and end it.
_BLOCK_TAGS = frozenset(
    words_in(
        "html body div p section article main aside header footer nav h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table "
        "caption thead tbody tfoot tr blockquote pre figure figcaption form fieldset legend details summary address "
        "noscript hr menu dir center dialog hgroup search picture optgroup option frame isindex listing xmp plaintext "
        "multicol"
    )
)
_CELLS = frozenset(("td", "th"))
_BOLD = frozenset(("b", "strong"))
_LONG_CELL = 200  # characters; a longer cell is a text of its own, and its row sets out the page
_BREAK = "\x1e"  # a line break of the page, until the text's white space is put in order


class Block(NamedTuple):
    """One piece of a page's text. `box` is the number of the box whose own text it is."""

    text: str
    tag: str
    box: int
    linked: int  # characters within links
    links: int
    bold: int  # characters in bold
    evidence: int  # bits of EVIDENCE from the inline elements in it

    @property
    def line(self) -> str:
        """The text as the extract shows it: list items begin with a hyphen."""
        return f"- {self.text}" if self.tag == "li" else self.text


class Container(NamedTuple):
    """An element that holds blocks: those from `first` up to `end`, and boxes within boxes."""

    tag: str
    parent: int
    depth: int
    evidence: int
    name: str  # its class, for telling alike boxes
    first: int


class Blocks(NamedTuple):
    """A page in blocks. `ends` holds for each box the number of the block after its last."""

    blocks: list[Block]
    boxes: list[Container]
    ends: list[int]


def name_evidence(name: str) -> int:
    """Collect the bits of EVIDENCE that a class or id gives.

    >>> [name for name in EVIDENCE if name_evidence("c-articleBody__relatedLinks") >> EVIDENCE.index(name) & 1]
    ['story', 'related']
    >>> name_evidence("pageroot commentary")
    0
    """
    bits = 0
    for part in _NAME_PARTS.findall(name):
        bits |= _WORD_BIT.get(part.lower(), 0)
    return bits


def element_evidence(element: Element) -> int:
    """Collect the bits of EVIDENCE that an element's name and attributes give."""
    bits = _TAG_BIT.get(element.tag, 0)
    for key in element.keys():  # noqa: SIM118  # an element is no mapping
        if key in _TELLING:
            bits |= attribute_evidence(key, element.get(key))
    return bits


@lru_cache(maxsize=16_384)
def attribute_evidence(key: str, value: str) -> int:
    """Collect the bits of EVIDENCE that an attribute gives, one of _TELLING."""
    if key in _NAMES:
        return name_evidence(value) | (_BIT["articleBody"] if value == "articleBody" else 0)
    if key == "style":
        return _BIT["unseen"] if _UNSEEN.search(value) else 0
    return _BIT["unseen"] if key == "hidden" or value == "true" else 0


_NAMES = frozenset(("class", "id", "role", "itemprop", "data-component", "data-testid", "aria-label"))
_TELLING = _NAMES | {"style", "hidden", "aria-hidden"}


def tidy(text: str) -> str:
    r"""Put the white space of a block in order: single spaces, line breaks only where the page breaks the line.

    >>> tidy("  Rain \n\t falls\x1e in  Lund \x1e")
    'Rain falls\nin Lund'
    """
    if _BREAK not in text:
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in text.split(_BREAK))
    return "\n".join(line for line in lines if line)


#: What reading does at an element, by its name; other elements stand within a line.
_BOX, _LINK, _BOLD_TEXT, _LINE_BREAK, _CELL, _UNREAD = range(1, 7)
_KINDS = (
    dict.fromkeys(_BLOCK_TAGS, _BOX)
    | dict.fromkeys(_BOLD, _BOLD_TEXT)
    | dict.fromkeys(_CELLS, _CELL)
    | {"a": _LINK, "br": _LINE_BREAK}
    | dict.fromkeys(SKIPPED, _UNREAD)
)


class _Reader:
    """Walks a tree once, without recursion, and gathers its text into blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.boxes: list[Container] = []
        self.ends: list[int] = []
        self.stack: list[int] = []
        self.pieces: list[str] = []
        self.links_open = self.bold_open = self.breaks = 0
        self._forget()

    def _forget(self) -> None:
        self.pieces.clear()
        self.linked = self.links = self.bold = self.inline = self.breaks = 0
        self.is_solid = False  # one of the pieces is more than white space

    def read(self, root: Element) -> Blocks:
        walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            kind = _KINDS.get(element.tag, 0)
            if event == "start":
                if kind == _UNREAD and not (element.tag == "template" and element.get("shadowrootmode")):
                    walk.skip_subtree()
                    continue
                self.start(kind, element)
                text = element.text
            else:
                if kind and event == "end":
                    self.end(kind)
                text = element.tail
            if text:
                self.add(text)
        return Blocks(self.blocks, self.boxes, self.ends)

    def start(self, kind: int, element: Element) -> None:
        if kind == _BOX:
            self.open_box(element)
            return
        self.inline |= element_evidence(element)
        if kind == _LINK:
            self.links_open += 1
            self.links += 1
        elif kind == _BOLD_TEXT:
            self.bold_open += 1
        elif kind == _LINE_BREAK:
            self.line_break()
        elif kind == _CELL:
            self.open_cell()

    def end(self, kind: int) -> None:
        if kind == _BOX:
            self.close_box()
        elif kind == _LINK:
            self.links_open -= 1
        elif kind == _BOLD_TEXT:
            self.bold_open -= 1
        elif kind == _CELL:
            self.close_cell()

    def add(self, text: str) -> None:
        self.pieces.append(text)
        if text.isspace():
            return
        self.is_solid = True
        self.breaks = 0
        if self.links_open:
            self.linked += len(text)
        if self.bold_open:
            self.bold += len(text)

    def line_break(self) -> None:
        self.breaks += 1
        if self.breaks > 1:  # a blank line ends a paragraph
            self.flush()
        else:
            self.pieces.append(_BREAK)

    def open_box(self, element: Element) -> None:
        self.flush()
        tag = element.tag
        parent = self.stack[-1] if self.stack else -1
        evidence = 0 if tag in ("html", "body") else element_evidence(element)
        self.stack.append(len(self.boxes))
        self.boxes.append(
            Container(tag, parent, len(self.stack), evidence, element.get("class") or "", len(self.blocks))
        )
        self.ends.append(-1)

    def close_box(self) -> None:
        self.flush()
        self.ends[self.stack.pop()] = len(self.blocks)

    def open_cell(self) -> None:
        if self.is_solid:
            self.pieces.append(" | ")

    def close_cell(self) -> None:
        if sum(map(len, self.pieces)) > _LONG_CELL:
            self.flush()

    def flush(self) -> None:
        """End the block that is being read."""
        if self.is_solid and self.stack:
            self.add_block(self.stack[-1])
        if self.pieces or self.inline or self.links:
            self._forget()

    def add_block(self, box: int) -> None:
        """Add the block whose pieces were read, in the innermost box that is open."""
        tag, raw = self.boxes[box].tag, "".join(self.pieces)
        text = tidy(raw.replace("\n", _BREAK) if tag == "pre" else raw)
        if text:
            self.blocks.append(Block(text, tag, box, self.linked, self.links, self.bold, self.inline))


def read_blocks(tree: Element) -> Blocks:
    """Read a page's tree into blocks. The tree is left as it is.

    >>> from lxml.html import document_fromstring
    >>> page = document_fromstring("<h1>Rain</h1><div>It <b>fell</b>.<br><br>Then<ul><li>sun</ul>and wind.</div>")
    >>> [(block.tag, block.text) for block in read_blocks(page).blocks]
    [('h1', 'Rain'), ('div', 'It fell.'), ('div', 'Then'), ('li', 'sun'), ('div', 'and wind.')]
    """
    body = tree.find("body")
    return _Reader().read(tree if body is None else body)
