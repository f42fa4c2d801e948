"""Lists of links in HTML, as browsers and reading lists export bookmarks: addresses, and no article."""

from __future__ import annotations

import re

#: Links to other hosts that a list has at least, and the most words beside them, to those within. Chosen by hand.
MIN_LINKS, MOST_BESIDE = 3, 0.25
_LINK = re.compile(r"<a\s[^<>]{0,4000}?href\s*=\s*[\"']?https?://[^<>]*>(?P<words>[^<]*)</a\s*>", re.IGNORECASE)
_TAG = re.compile(r"<!?/?([a-z][a-z0-9]*)\b[^<>]*>", re.IGNORECASE)
#: What a list is made of; a page of a website has boxes, pictures and programs.
_OF_LISTS = frozenset(
    ("html", "head", "meta", "title", "body", "doctype", "h1", "h2", "h3", "ul", "ol", "li", "dl", "dt", "dd", "a", "p",
     "hr", "br")
)  # fmt: skip
_NOT_SHOWN = re.compile(r"<(title|h[1-3])\b[^<>]*>[^<]*</\1\s*>|<!--[^<>]*-->", re.IGNORECASE)


def is_link_list(head: bytes) -> bool:
    """Return True for a page that is made of lists of links to other hosts, and of hardly any words besides.

    >>> links = '<li><a href="https://holm.example/1">Ferry to Holm late again</a></li>' * 3
    >>> is_link_list(f"<html><h1>Unread</h1><ul>{links}</ul></html>".encode())
    True
    >>> is_link_list(f"<html><div>{links}</div></html>".encode()), is_link_list(b"<p>See <a href='https://a.example'>A</a>")
    (False, False)
    """
    page = head.decode("utf-8", "replace")
    if any(tag[1].lower() not in _OF_LISTS for tag in _TAG.finditer(page)):
        return False
    words = [len(link.split()) for link in _LINK.findall(page)]
    beside = len(_TAG.sub(" ", _NOT_SHOWN.sub(" ", _LINK.sub(" ", page))).split())
    return len(words) >= MIN_LINKS and beside <= MOST_BESIDE * sum(words)
