"""Read a page's tree into blocks: every piece of visible text once, in document order.

A block is what a reader takes for one piece of text: a paragraph, a list item, a table row, a heading, a stretch of
text between two blank lines of a `div`. Nothing is judged here. Elements that carry text for scripts alone
are left out only where no browser ever shows them; what a style hides is marked instead, since pages also hide the
story until a script has run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from html import unescape
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from stages.native.kernel import Kernel

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


@dataclass(frozen=True)
class Blocks:
    """A page in blocks, and what the kernels know of its blocks and boxes: a row a kind of number."""

    blocks: list[Block]
    text: NDArray[np.uint8]  # of all blocks, one after the other, in UTF-8
    of_blocks: NDArray[np.int64]  # end in the text, box, linked, links, bold, evidence
    of_boxes: NDArray[np.int64]  # parent, depth, first, end, evidence, hash of the element's name, hash of its class
    source: bytes  # the page
    places: NDArray[np.int64]  # in it: begin and end of the name of each box, and of its class

    @cached_property
    def boxes(self) -> list[Container]:
        """The elements that hold the blocks."""
        parent, depth, first, _, evidence, *_ = self.of_boxes.tolist()
        names = [value_in(self.source, *place) for place in self.places[2:].T.tolist()]
        return list(map(Container, self.tags(range(len(parent))), parent, depth, evidence, names, first))

    def tags(self, boxes: Iterable[int]) -> list[str]:
        """Return the names of the elements that some boxes are."""
        return tags_at(self.source, self.places, boxes)

    def called(self, tags: Iterable[str]) -> list[int]:
        """Return the boxes whose elements have one of some names."""
        wanted = {_signed_hash(tag) for tag in tags}
        return [box for box, tag in enumerate(self.of_boxes[_TAG].tolist()) if tag in wanted]

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """The number of characters of each block."""
        return np.fromiter((len(block.text) for block in self.blocks), np.int64, len(self.blocks))

    @property
    def linked(self) -> NDArray[np.int64]:
        """The number of characters within links of each block."""
        linked: NDArray[np.int64] = self.of_blocks[_LINKED]
        return linked

    @cached_property
    def ends(self) -> list[int]:
        """The number of the block after the last one of each box."""
        ends: list[int] = self.of_boxes[_END].tolist()
        return ends


_END, _TAG = 3, 5  # rows of Blocks.of_boxes
_LINKED = 2  # row of Blocks.of_blocks
_NAMES = ("class", "id", "role", "itemprop", "data-component", "data-testid", "aria-label")

#: What reading does at an element, by its name (`kernels/page_blocks.c`); other elements stand within a line.
_BOX, _LINK, _BOLD_TEXT, _LINE_BREAK, _CELL, _UNREAD, _BARE_BOX = range(1, 8)
_KIND_BITS = 3  # of an element's value in the dictionary; the bits above are its evidence
_KINDS = (
    dict.fromkeys(_BLOCK_TAGS, _BOX)
    | dict.fromkeys(_BOLD, _BOLD_TEXT)
    | dict.fromkeys(_CELLS, _CELL)
    | {"a": _LINK, "br": _LINE_BREAK, "html": _BARE_BOX, "body": _BARE_BOX}
    | dict.fromkeys(SKIPPED, _UNREAD)
)
#: What an attribute says: by its words, by its style, by being there, by being "true".
_BY_WORDS, _BY_STYLE, _BY_ITSELF, _BY_TRUTH = range(1, 5)
_TELLING = dict.fromkeys(_NAMES, _BY_WORDS) | {"style": _BY_STYLE, "hidden": _BY_ITSELF, "aria-hidden": _BY_TRUTH}

_BLOCKS = Kernel(
    "page_blocks",
    *(np.uint8, int),  # a page
    *(np.uint64, np.int64, int),  # a Dictionary
    *(int, int),  # bits of evidence: what a style hides, and the body of an article
    *(np.int64, np.int64, int),  # what is found of boxes and of blocks, and room for how many
    *(np.uint8, np.int64),  # the text of the blocks; numbers of boxes and blocks
)
_NUMBERS_OF_BOX, _PLACES_OF_BOX, _NUMBERS_OF_BLOCK = 7, 4, 6


class Dictionary(NamedTuple):
    """Words by their kind, for the kernels: a table of hashes, and what stands for each."""

    hashes: NDArray[np.uint64]
    values: NDArray[np.int64]
    places: int


def dictionary_of(*kinds: Mapping[str, int]) -> Dictionary:
    """Lay out words of the first kind, the second and so on."""
    words = [(hash_of(word, kind), value) for kind, some in enumerate(kinds, 1) for word, value in some.items()]
    places = 1 << (2 * len(words)).bit_length()
    hashes, values = np.zeros(places, np.uint64), np.zeros(places, np.int64)
    for number, value in words:
        at = number % places
        while hashes[at]:
            at = (at + 1) % places
        hashes[at], values[at] = number, value
    return Dictionary(hashes, values, places)


def hash_of(word: str, kind: int) -> int:
    """Hash a word of a kind as the kernels do: FNV-1a with 64 bits."""
    value = 0xCBF29CE484222325
    for byte in (kind, *word.encode()):
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


@cache
def _signed_hash(tag: str) -> int:
    """Return the hash of an element's name as arrays of signed numbers hold it."""
    value = hash_of(tag, 0)
    return value - 2**64 if value >= 2**63 else value


@cache
def _dictionary() -> Dictionary:
    tags = {tag: _KINDS.get(tag, 0) | _TAG_BIT.get(tag, 0) << _KIND_BITS for tag in _KINDS.keys() | _TAG_BIT.keys()}
    return dictionary_of(tags, _TELLING, _WORD_BIT)


def source_of(element: Element) -> bytes:
    """Write an element as XML for the kernels, which read that faster than Python walks a tree."""
    return bytes(etree.tostring(element, encoding="utf-8", with_tail=False))


def value_in(source: bytes, begin: int, end: int) -> str:
    """Return the value of an attribute in a page that is written as XML."""
    value = source[begin:end].decode("utf-8", "replace")
    return unescape(value) if "&" in value else value


def blocks_in(source: bytes) -> Blocks:
    """Read blocks from a page that is written as XML."""
    room = source.count(b"<") + 1
    boxes = np.empty((_NUMBERS_OF_BOX + _PLACES_OF_BOX, room), np.int64)
    blocks = np.empty((_NUMBERS_OF_BLOCK, room), np.int64)
    text, found = np.empty(len(source) + 1, np.uint8), np.zeros(2, np.int64)
    bits = (_BIT["unseen"], _BIT["articleBody"])
    page = np.frombuffer(source, np.uint8)
    n_bytes = _BLOCKS(page, len(source), *_dictionary(), *bits, boxes, blocks, room, text, found)
    n_boxes, n_blocks = found.tolist()
    of_boxes, places = np.split(np.ascontiguousarray(boxes[:, :n_boxes]), [_NUMBERS_OF_BOX])
    of_blocks = np.ascontiguousarray(blocks[:, :n_blocks])
    text_to, box, *numbers = of_blocks.tolist()
    written = text[:n_bytes].tobytes()
    texts = [written[begin:end].decode("utf-8", "replace") for begin, end in pairwise([0, *text_to])]
    read = list(map(Block, texts, tags_at(source, places, box), box, *numbers))
    return Blocks(read, text[:n_bytes], of_blocks, of_boxes, source, places)


def tags_at(source: bytes, places: NDArray[np.int64], boxes: Iterable[int]) -> list[str]:
    """Return the names of the elements that some boxes are; `places` is what `Blocks.places` is."""
    begin, end = places[:2].tolist()
    return [_name(source[begin[box] : end[box]]) for box in boxes]


@lru_cache(maxsize=1024)
def _name(tag: bytes) -> str:
    return tag.decode("utf-8", "replace")


def read_blocks(tree: Element) -> Blocks:
    """Read a page's tree into blocks. The tree is left as it is.

    >>> from lxml.html import document_fromstring
    >>> page = document_fromstring("<h1>Rain</h1><div>It <b>fell</b>.<br><br>Then<ul><li>sun</ul>and wind.</div>")
    >>> [(block.tag, block.text) for block in read_blocks(page).blocks]
    [('h1', 'Rain'), ('div', 'It fell.'), ('div', 'Then'), ('li', 'sun'), ('div', 'and wind.')]
    """
    body = tree.find("body")
    return blocks_in(source_of(tree if body is None else body))
