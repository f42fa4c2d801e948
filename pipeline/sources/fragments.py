"""Fragments of HTML in the fields of records: turn them into text, a paragraph for each block.

A feed or an export of a content management system holds the body of an article, not a page: there is no furniture
around it to be judged, so nothing is left out but scripts and styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.html import fragments_fromstring

_PAGE = re.compile(
    r"\ufeff?\s*(?:<\?xml\b[^<>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_BEGINS = re.compile(
    r"\s*<(?:p|div|h[1-6]|ul|ol|figure|blockquote|section|article|table|img|span|a|b|i|em|strong|br)\b[^<]*>",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"<a\s[^<>]{0,2000}href\s*=[^<>]{1,4000}>[^<>]{0,2000}</a>|<(?:b|i|em|strong|span)>[^<>]{0,2000}</(?:b|i|em|strong|span)>",
    re.IGNORECASE,
)
_BLOCK_END = re.compile(
    r"</(?:p|div|h[1-6]|li|ul|ol|blockquote|figure|section|article|td|tr)\s*>|<br\s*/?>", re.IGNORECASE
)
_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
     "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav",
     "ol", "p", "pre", "section", "summary", "table", "tbody", "thead", "tr", "ul")
)  # fmt: skip
_DROPPED = frozenset(("script", "style", "noscript", "template", "iframe", "object", "svg", "head"))


def is_page(text: str) -> bool:
    r"""Return True if a text is a whole page of HTML.

    >>> is_page("<!DOCTYPE html><p>Late."), is_page("<p>Late.</p>")
    (True, False)
    >>> is_page('<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><p>Late.</p></html>')
    True
    """
    return _PAGE.match(text) is not None


def is_escaped(text: str) -> bool:
    r"""Return True if the characters of a text are written as in a program's source, as when it is dumped twice.

    >>> [is_escaped(text) for text in (r"It rained.\n\nIt stopped.", r"C:\news\notes", r"K\u00f6ln, M\u00fcnchen")]
    [True, False, True]
    >>> is_escaped(r"He said \"no\" and left."), is_escaped('He said "no" and left.')
    (True, False)
    """
    if "\\" not in text:
        return False
    breaks, codes, quotes = (len(found.findall(text)) for found in (_ESCAPED_BREAK, _ESCAPED_CODE, _ESCAPED_QUOTE))
    in_one_line = "\n" not in text.strip()
    return (
        (breaks >= _SOME and in_one_line)
        or (codes >= _SOME and text.isascii())
        or (quotes >= _SOME and _BARE_QUOTE.search(text) is None)
    )


_ESCAPED_BREAK = re.compile(r"\\n(?![a-z])")  # "C:\news" is a path
_ESCAPED_CODE = re.compile(r"\\u[0-9a-fA-F]{4}")
_ESCAPED_QUOTE, _BARE_QUOTE = re.compile(r"\\[\"']"), re.compile(r"(?<!\\)[\"']")
_SOME = 2  # escapes; one alone may be what an article is about
_ESCAPE = re.compile(r"\\(?:u(?P<code>[0-9a-fA-F]{4})|(?P<letter>[nrt\"'/\\]))")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}


def unescaped(text: str) -> str:
    r"""Return a text with the escapes of a program's source written out.

    >>> unescaped(r"It rained.\nHe said \"no\"."), unescaped(r"K\u00f6ln \ud83d\ude80")
    ('It rained.\nHe said "no".', 'Köln 🚀')
    """
    plain = _ESCAPE.sub(_written_out, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _written_out(escape: re.Match[str]) -> str:
    return chr(int(escape["code"], 16)) if escape["code"] else _LETTERS.get(escape["letter"], escape["letter"])


def is_fragment(text: str) -> bool:
    """Return True if a text is marked up in HTML: it ends two blocks, begins with a tag, or holds a link.

    >>> is_fragment("<p>The ferry is late.</p>"), is_fragment("The ferry is late.<br>It sails.<br/>At six.")
    (True, True)
    >>> is_fragment("In HTML, <p> begins a paragraph."), is_fragment("3 < 4 and 5 > 4")
    (False, False)
    """
    if "<" not in text:
        return False
    head = text[:100_000]
    ends = len(_BLOCK_END.findall(head))
    return ends >= 2 or (ends == 1 and _BEGINS.match(text) is not None) or _LINK.search(head) is not None


def text_of_fragment(markup: str) -> str:
    """Return the text of a fragment, its blocks apart by blank lines; the markup itself where it cannot be parsed.

    >>> text_of_fragment("<h2>Ferry</h2><p>It is <b>late</b>,<br>again.</p><script>x()</script>")
    'Ferry\\n\\nIt is late,\\nagain.'
    >>> text_of_fragment("It is <b>late</b>.\\nSee <a href='/a'>the timetable</a>.")
    'It is late.\\nSee the timetable.'
    """
    try:
        parts = fragments_fromstring(markup.replace("\0", ""))
    except (etree.ParserError, ValueError):
        return markup
    pieces = [piece for part in parts for piece in ([part] if isinstance(part, str) else _pieces(part))]
    text = "".join(pieces)
    if "\x00" not in text and "\x01" not in text:  # links and the like in a text with line breaks of its own
        return text.replace("\xa0", " ").strip()
    blocks = re.split(r"\x00+|\x01(?:\s*\x01)+|\n\s*\n", text)
    lines = [[" ".join(line.split()) for line in block.split("\x01")] for block in blocks]
    return "\n\n".join(kept for each in lines if (kept := "\n".join(filter(None, each))))


def _pieces(element: Any) -> Iterator[str]:
    r"""Yield the text of an element and its tail, with "\0" around blocks and "\x01" for a line break."""
    stack: list[tuple[Any, bool]] = [(element, False)]
    while stack:
        node, done = stack.pop()
        tag = node.tag if isinstance(node.tag, str) else ""
        mark = "\x00" if tag in _BLOCKS else "\x01" if tag == "br" else " " if tag in ("td", "th") else ""
        if done:
            yield mark if tag != "br" else ""
            yield node.tail or ""
            continue
        yield mark
        stack.append((node, True))
        if tag and tag not in _DROPPED:
            yield node.text or ""
            stack += [(child, False) for child in reversed(node)]
