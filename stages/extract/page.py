"""Parse HTML into the tree of a page, and extract the article from the tree."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from stages.extract.header import is_small_byline
from stages.extract.plain import without_elements
from stages.native.kernel import Kernel
from stages.shared.characters import without_whitespace

# A row of the ledger says what they would log about a page.
for _name in ("trafilatura", "htmldate", "courlan", "justext"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

Element = Any  # lxml ships no type information
Tree = Any

#: What lxml and trafilatura are known to raise on a page; anything else is a bug of ours and stops the run.
PAGE_TROUBLE = (etree.LxmlError, ValueError, TypeError, AttributeError, LookupError, AssertionError, RecursionError)

#: Characters that XML has no place for: the parser makes U+FFFD of them, and writing them into a tree is an error.
_CONTROL = bytes(range(9)) + b"\x0b\x0c" + bytes(range(14, 32))
_NONCHARACTERS = str.maketrans("", "", "\ufffe\uffff")
#: The same, written as character references: one of them, and trafilatura gives no text for the whole page.
_CONTROL_REFERENCE = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d)|[xX]0*(?:[0-8bcefBCEF]|1[\da-fA-F]|[fF]{3}[efEF])(?![\da-fA-F]));?"
)

_TAG = re.compile(r"<[a-zA-Z!?/]")
_LOOKED_AT = 4096  # characters at the start of a page that tell text from binary data

#: Never part of an article, and a third of the elements of a page: taken out once, they are not copied and searched by
#: each of trafilatura's passes (270 pages: 5.5 s to 5.1 s, and the same text to the letter on every one).
_INERT = (
    *(
        "style",
        "svg",
        "iframe",
        "button",
        "select",
        "textarea",
        "noscript",
        "canvas",
        "object",
        "embed",
        "video",
        "audio",
    ),
    *("dialog", "template", "option", "datalist"),
)
#: The same for what only metadata are read from: taken out right before the article is sought, together with the boxes
#: beside it that are no larger than an article's (these and the longer list above: 4.2 s to 3.6 s, three texts differ).
_READ_BEFORE = ("meta", "link", "input")
_BESIDE = ("footer", "aside")
_MAX_BESIDE_SHARE = 1 / 3  # of a page's text; one that was never closed holds the article as well
_DATA = "application/ld+json"  # scripts of this kind hold metadata, and at times the article


class PageError(Exception):
    """Error of a page that cannot be read: a reason of the ledger, with the number and the limit it breaks."""

    def __init__(
        self, reason: str, detail: str | None = None, *, measured: float | None = None, limit: float | None = None
    ):
        super().__init__(reason)
        self.reason, self.detail, self.measured, self.limit = reason, detail, measured, limit


class PageArticle(NamedTuple):
    """An extracted article: the text, and trafilatura's tree of it (p, head, list, quote, table…)."""

    text: str
    body: Element


def _parser() -> HTMLParser:
    """Make a parser like trafilatura's own, but for the class of its elements.

    lxml's HTML parsers ask a Python function for the class of every element they hand out, a million times on 270
    pages, to make forms and inputs something special that nobody here needs (5.8 s to 5.5 s).
    """
    parser = HTMLParser(
        collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    return parser


_PARSER = _parser()


_PAGE_BYTES = Kernel("page_bytes", *(np.uint8, int), np.uint8, np.int64)  # a page, what the parser gets, players


class PageBytes(NamedTuple):
    """A page as the parser gets it, and how many players it has."""

    data: bytes
    players: int


def printable(html: str) -> PageBytes:
    r"""Encode a page as UTF-8, without the characters that XML has no place for, and count its players.

    The tag that ends a page goes as well: where a page goes on below, browsers read on, and the parser of libxml2 2.14
    drops the rest.

    >>> printable("<p>caf\u00e9\x00 &#x1B;&#169;</p>\ufffe</HTML >").data.decode()
    '<p>café &#169;</p>'
    >>> printable("<video src=a></video><iframe src=//player.vimeo.example/1>").players
    2
    """
    if "\ufffe" in html or "\uffff" in html:
        html = html.translate(_NONCHARACTERS)
    if "&#" in html:
        html = _CONTROL_REFERENCE.sub("", html)
    page = np.frombuffer(html.encode("utf-8", "replace"), np.uint8)
    written, players = np.empty(len(page), np.uint8), np.zeros(1, np.int64)
    length = _PAGE_BYTES(page, len(page), written, players)
    return PageBytes(written[:length].tobytes(), int(players[0]))


def binary_share(html: str) -> float:
    r"""Return the share of control characters and undecodable bytes at the start of a page.

    >>> binary_share("<p>Rain expected.</p>\n")
    0.0
    >>> binary_share("%PDF\x00\x01\x02\x03")
    0.5
    """
    start = html[:_LOOKED_AT]
    data = start.encode("utf-8", "replace")
    strange = len(data) - len(data.translate(None, _CONTROL)) + start.count("\ufffd")
    return strange / max(len(start), 1)


def check_html(html: str) -> None:
    """Raise a PageError for what is no HTML at all, before it is parsed."""
    if not html or html.isspace():
        raise PageError("no_text", "the page is empty")
    share = binary_share(html)
    if share > MAX_BINARY_SHARE:
        raise PageError("not_html", "binary data", measured=share, limit=MAX_BINARY_SHARE)
    if not _TAG.search(html):
        raise PageError("not_html", "no tags")


#: Of the pages of a crawl those that were text stayed below 0.01, images and archives above 0.2.
MAX_BINARY_SHARE = 0.1


@cache
def _deeper_than(depth: int) -> etree.XPath:
    return etree.XPath("boolean(" + "/*" * (depth + 1) + ")")


class ParsedPage(NamedTuple):
    """The tree of a page, and how many players it has: they are pruned from the tree."""

    tree: Tree
    players: int


def parse(html: str, max_chars: int, max_depth: int) -> ParsedPage:
    """Parse a page into its tree; raise a PageError for one that is too large, too deep or no HTML."""
    check_html(html)
    if len(html) > max_chars:
        html = without_elements(html, "script", "style", "svg")
        if len(html) > max_chars:
            raise PageError("too_large", measured=len(html), limit=max_chars)
    page = printable(html)
    try:
        tree = document_fromstring(page.data, parser=_PARSER)
        tree.getroottree().docinfo.clear()  # one of XHTML gives elements more attributes when they are written
    except etree.ParserError as error:
        raise PageError("no_text", str(error)) from None
    if _deeper_than(max_depth)(tree):
        raise PageError("too_deep", measured=_depth(tree), limit=max_depth)
    return ParsedPage(tree, page.players)


def parse_head(html: str) -> Tree:
    """Parse the part before the body of a page that cannot be read whole."""
    head = re.split("<body", html[:_HEAD_CHARS], maxsplit=1, flags=re.IGNORECASE)[0]
    return document_fromstring(b"<html>" + printable(head).data, parser=_PARSER)


_HEAD_CHARS = 200_000  # in which a head ends, if its page has a body


def _depth(tree: Tree) -> int:
    """Return the depth to which elements are nested, as far as the parser went."""
    deepest = depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def prune(tree: Tree) -> None:
    """Remove the elements that no article is in: styles, drawings, scripts that are no data, menus."""
    etree.strip_elements(tree, *_INERT, with_tail=False)
    found: dict[str, list[Element]] = {"script": [], "nav": [], "table": []}
    for element in tree.iter(*found):
        found[element.tag].append(element)
    for script in [each for each in found["script"] if each.get("type") != _DATA]:
        script.drop_tree()
    for menu in [each for each in found["nav"] if is_menu(each) and not is_small_byline(each)]:
        menu.drop_tree()
    for table in [each for each in found["table"] if is_layout(each)]:
        unfold(table)


#: A cell so long holds an article, or a column of the page, and no datum.
_CELL_CHARS = 600


def is_layout(table: Element) -> bool:
    """Tell if a table lays out a page: its cells hold tables, or more text than data are."""
    if next(table.iterdescendants("table"), None) is not None:
        return True
    return any(_solid_chars(cell) > _CELL_CHARS for cell in table.iter("td"))


def unfold(table: Element) -> None:
    """Turn a table and its cells into boxes: they hold text."""
    for element in (table, *(e for part in table for e in parts_of_table(part))):
        element.tag = "div"


def parts_of_table(element: Element) -> Iterator[Element]:
    """Iterate over the rows and cells of one table, those of tables within left out."""
    if element.tag in ("tbody", "thead", "tfoot", "tr", "td", "th"):
        yield element
        if element.tag not in ("td", "th"):
            for part in element:
                yield from parts_of_table(part)


def is_menu(element: Element) -> bool:
    """Tell if most of the text of `element` within links. One that was never closed holds the article as well.

    trafilatura drops every `nav`, after it has copied and searched the page several times (5.2 s to 4.4 s).
    """
    linked = sum(len(link.text_content()) for link in element.iter("a"))
    return linked * 2 >= len("".join(element.text_content().split()))


#: An article of so many characters, and of such a share of what the page holds outside of links, is believed as it is.
#: Below either, trafilatura's other extractors are asked as well, which take a third of its time and 24 s instead of 2
#: on nested blocks of 1 MB. 270 pages, 11 of them read twice: 4.2 s to 3.4 s, wanted strings 769 of 809 and unwanted
#: ones 83 of 817 as when all are asked on every page (757 and 83 when never). A share of 0.2 gives 770 and 85 in 3.7 s.
ENOUGH_CHARS, ENOUGH_SHARE = 500, 0.1


def read_article(tree: Tree, n_chars: int, again: Callable[[], Tree]) -> PageArticle:
    """Extract the article of a pruned page that is `n_chars` long without white space.

    `tree` is used up; `again` gives another one where a second look is due. Raises a PageError if there is no article.
    """
    strip(tree, n_chars)
    enough = max(ENOUGH_CHARS, ENOUGH_SHARE * chars_outside_links(tree, n_chars))
    article = _article(tree, fast=True)
    if len(article.text) < enough:
        tree = again()
        article = _article(tree, fast=False)
    if not article.text:
        raise PageError("no_text", _why_nothing(tree))
    return article


def strip(tree: Tree, n_chars: int) -> None:
    """Remove what the search for an article would drop after it has copied the page several times."""
    etree.strip_elements(tree, *_READ_BEFORE, with_tail=False)
    for box in [each for each in tree.iter(*_BESIDE) if _solid_chars(each) <= n_chars * _MAX_BESIDE_SHARE]:
        if box.getparent() is not None:
            box.drop_tree()


def chars_outside_links(tree: Tree, n_chars: int) -> int:
    """Count the characters of a page outside links, white space not counted.

    >>> chars_outside_links(document_fromstring("<p>Late <b>again</b><a>More</a><script>{}</script>"), 15)
    9
    """
    beside = sum(_solid_chars(element) for element in tree.iter("a", "script", "noscript"))
    return n_chars - beside


def _solid_chars(element: Element) -> int:
    return len(without_whitespace(element.text_content()))


def read_freely(tree: Tree) -> str:
    """Extract the article with trafilatura's preference for recall, where its first find fails a quality check."""
    return _article(tree, fast=True, favor_recall=True).text


def _article(tree: Tree, *, fast: bool, favor_recall: bool = False) -> PageArticle:
    """Run trafilatura, by its own rules alone (`fast`) or comparing them with other extractors' finds."""
    import trafilatura  # noqa: PLC0415 - takes 0.1 s, which a run without pages need not wait for

    try:
        found: Any = trafilatura.bare_extraction(
            tree, include_comments=False, deduplicate=False, fast=fast, favor_recall=favor_recall
        )
    except PAGE_TROUBLE as error:
        raise PageError("extractor_error", f"{type(error).__name__}: {error}") from error
    if found is None:
        return PageArticle("", None)
    return PageArticle(unicodedata.normalize("NFC", found.text or "").strip(), found.body)


def _why_nothing(tree: Tree) -> str:
    """Describe a page without an article."""
    if next(tree.iter("frame", "frameset"), None) is not None:
        return "frames only"
    if not tree.text_content().strip():
        return "no text in the page"
    return "no article in the page"
