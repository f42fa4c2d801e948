"""Text of elements by paragraphs, and of HTML in the fields of feeds."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element

from pipeline.sources.fragments import is_page, text_of_fragment

#: Elements in which a line break is a space: paragraphs and headings.
_LINES = frozenset(
    ("p", "para", "head", "headline", "title", "subtitle", "hl", "hl1", "hl2", "hl3", "h1", "h2", "h3", "h4", "h5",
     "h6", "li", "td", "th", "l", "s", "ab", "item", "byline", "dateline", "figcaption", "abstract-p")
)  # fmt: skip
#: Elements that are paragraphs, or hold some, wherever they stand.
_BLOCKS = _LINES - {"s"} | frozenset(
    ("address", "article", "aside", "block", "blockquote", "body", "caption", "closer", "dd", "div", "dl", "dt",
     "figure", "hedline", "lg", "list", "ol", "opener", "pre", "row", "sec", "section", "signed", "sp", "speaker",
     "stage", "table", "tr", "trailer", "ul", "div1", "div2", "div3")
)  # fmt: skip
_INLINE = frozenset(
    ("a", "abbr", "b", "bold", "cite", "date", "em", "emph", "expan", "foreign", "hi", "i", "italic", "lang",
     "location", "money", "name", "num", "org", "orgname", "person", "persname", "placename", "q", "quote", "ref",
     "rs", "s", "seg", "span", "strong", "sub", "sup", "sc", "term", "tt", "u", "underline", "w", "pc", "ent",
     "chron", "event", "function", "frac", "copyrite", "object.title", "virtloc", "xref", "ext-link", "forename",
     "surname", "time", "small", "font")
)  # fmt: skip
_BREAKS = frozenset(("br", "lb"))
_DROPPED = frozenset(("script", "style", "noscript", "svg", "iframe"))
_BLANK = re.compile(r"\n[ \t\r\f\v]*\n")
_MARKED = re.compile(r"</?[a-zA-Z!][^<>]*>|&(?:#\w+|[a-zA-Z]\w*);")
_TAG_OF_PARAGRAPH = re.compile(r"<(?:p|div|br)\b", re.IGNORECASE)
_TAG_IN_LINE = re.compile(
    r"</?(?:b|i|em|strong|span|a|p|br|sup|sub|u|font|img|small|q|cite|mark|wbr|h[1-6])(?:\s[^<>=]*+=[^<>]*+)?\s*/?>",
    re.IGNORECASE,
)
#: Lone surrogates stand for bytes of an unknown charset, and the parser of HTML takes none: they pass as characters
#: that nobody uses.
_TO_PRIVATE = {0xDC80 + at: 0x10FE80 + at for at in range(128)}
_FROM_PRIVATE = {there: here for here, there in _TO_PRIVATE.items()}
_SURROGATE = re.compile("[\udc80-\udcff]")


def flat(element: Element | None) -> str:
    """Return the text of an element on one line.

    >>> from pipeline.sources.markup.tree import Names, parse
    >>> flat(parse("<t> Ferry <b>late</b>\\n again</t>", Names({})).root)
    'Ferry late again'
    """
    return "" if element is None else " ".join("".join(element.itertext()).split())


def first(element: Element, *names: str) -> Element | None:
    """Return the first element below this one that has the first of the names that any has."""
    for name in names:
        found = next(element.iter(name), None)
        if found is not None and found is not element:
            return found
    return None


def first_text(element: Element, *names: str) -> str:
    """Return the text of the first element, of the first name, that has some."""
    for name in names:
        for found in element.iter(name):
            if text := flat(found):
                return text
    return ""


def all_texts(element: Element, *names: str) -> list[str]:
    """Return the texts of all elements of these names, each once."""
    return list(dict.fromkeys(text for name in names for found in element.iter(name) if (text := flat(found))))


def attribute(element: Element | None, *names: str) -> str:
    """Return the first attribute that an element has."""
    if element is None:
        return ""
    return next((value.strip() for name in names if (value := element.get(name))), "")


def paragraphs(element: Element, without: Collection[str] = ()) -> str:
    """Return the text of an element by paragraphs, apart by blank lines; `without` are elements to be left out.

    An element of a name that nobody knows is a paragraph where its parent holds nothing but elements.

    >>> from pipeline.sources.markup.tree import Names, parse
    >>> paragraphs(parse("<body><lead>Late\\nagain.</lead><p>It is <x>six</x>.</p></body>", Names({})).root)
    'Late\\nagain.\\n\\nIt is six.'
    """
    pieces = "".join(_walk(element, frozenset(without), in_line=element.tag.lower() in _LINES))
    blocks = (_block(each) for each in pieces.split("\x00"))
    return "\n\n".join(filter(None, blocks))


def _walk(element: Element, without: frozenset[str], *, in_line: bool) -> Iterator[str]:
    r"""Yield the text of an element, "\0" around blocks and "\x01" for a line break that is meant."""
    yield _run(element.text, in_line=in_line)
    mixed = in_line or has_own_text(element)
    for child in element:
        name = child.tag.lower()
        if name in _BREAKS:
            yield "\x01" if name == "br" else "" if child.get("break") == "no" else " "
        elif name not in without and name not in _DROPPED:
            block = name in _BLOCKS or not (mixed or name in _INLINE)
            mark = "\x00" if block else ""
            yield mark
            yield from _walk(child, without, in_line=name in _LINES or (in_line and not block))
            yield mark
        yield _run(child.tail, in_line=in_line)


def has_own_text(element: Element) -> bool:
    """Return True if text stands directly in an element, and not only in the elements in it."""
    return bool((element.text or "").strip()) or any((each.tail or "").strip() for each in element)


def _run(text: str | None, *, in_line: bool) -> str:
    if not text:
        return ""
    text = text.replace("\x00", "").replace("\x01", "")
    if not in_line or "\n" not in text:
        return text
    return "\x00".join(" ".join(part.split("\n")) for part in _BLANK.split(text))


def _block(text: str) -> str:
    lines = text.replace("\r\n", "\n").split("\n")
    if len(lines) > 2:
        lines = _with_breaks(lines)
    stripped = (" ".join(line.split()) for part in lines for line in part.split("\x01"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(stripped)).strip()


def _with_breaks(lines: list[str]) -> list[str]:
    """Put a blank line before each line that is set in, where this is how paragraphs are marked."""
    depths = [len(line) - len(line.lstrip()) if line.strip() else -1 for line in lines]
    written = [depth for depth in depths[1:] if depth >= 0]
    base = min(written, default=0)
    set_in = [depth >= base + 2 for depth in depths[1:]]
    if not any(set_in) or 2 * sum(set_in) > len(written):
        return lines
    broken = ("\n" + line if deep else line for line, deep in zip(lines[1:], set_in, strict=True))
    return "\n".join([lines[0], *broken]).split("\n")


def text_of_html(markup: str) -> str:
    """Return the text of HTML, or of what has some marks of HTML in it; a whole page stays a page.

    >>> text_of_html("The <b>ferry</b> is late.\\n\\nIt sails at&nbsp;six."), text_of_html("3 < 4")
    ('The ferry is late.\\n\\nIt sails at six.', '3 < 4')
    """
    if is_page(markup) or not _MARKED.search(markup):
        return markup
    if not _TAG_OF_PARAGRAPH.search(markup):
        markup = _BLANK.sub("\n<p>", markup.replace("\r\n", "\n")) if "<" in markup else markup
    if not re.search(r"<[a-zA-Z/!]", markup):
        return html.unescape(markup).replace("\xa0", " ")
    if _SURROGATE.search(markup):
        return text_of_fragment(markup.translate(_TO_PRIVATE)).translate(_FROM_PRIVATE)
    return text_of_fragment(markup)


def line_of_html(markup: str) -> str:
    """Return a title or a name that may be written in HTML as one line.

    >>> line_of_html("Tom &amp;amp; Jerry"), line_of_html("<b>Ferry</b> late"), line_of_html("a <b or c> d")
    ('Tom & Jerry', 'Ferry late', 'a <b or c> d')
    """
    for _ in range(2):
        if "&" in markup:
            markup = html.unescape(markup)
    return " ".join(_TAG_IN_LINE.sub("", markup).split())
