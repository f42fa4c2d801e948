"""Plain extractor: reads the paragraphs of a page from left to right, without a tree.

For pages that are too large, too deep or too slow for the first. It is linear in the length of the page whatever the
page holds, knows nothing of layout, and prefers leaving out to taking in.
"""

from __future__ import annotations

import re
from html import unescape

_TOKEN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)[^<>]*+>")  # possessive: linear on any input
_INLINE = frozenset(
    (
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em"),
        *("font", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup"),
        *("time", "tt", "u", "var", "wbr"),
    )
)
_SKIPPED = ("script", "style", "svg", "noscript", "template", "nav", "header", "footer", "aside", "form", "select")
_HEADINGS = frozenset(("h1", "h2", "h3", "h4"))
_MIN_PARAGRAPH_CHARS = 40  # shorter paragraphs at such a distance from any tree are as often buttons as text
_MIN_BLOCK_CHARS = 120  # the same for text outside of paragraphs


def plain_text(html: str) -> str:
    """Return the paragraphs of a page, one a line; where it has none to speak of, its longer blocks of text.

    >>> plain_text("<div>Menu<p>The harbour of <b>Port Vell&eacute;n</b> was closed on Monday.</p><p>Share</p></div>")
    'The harbour of Port Vellén was closed on Monday.'
    """
    found = blocks(without_comments(without_elements(html, *_SKIPPED)))
    paragraphs = [text for tag, text in found if tag == "p" and len(text) >= _MIN_PARAGRAPH_CHARS]
    return "\n".join(paragraphs or [text for _, text in found if len(text) >= _MIN_BLOCK_CHARS])


def blocks(html: str) -> list[tuple[str, str]]:
    """Return the runs of text between two block tags, each with the tag that it follows.

    >>> blocks("<div>One <i>two</i><p>three</p>four</div>")
    [('div', 'One two'), ('p', 'three'), ('', 'four')]
    """
    found: list[tuple[str, str]] = []
    parts: list[str] = []
    opened, at = "", 0

    def close() -> None:
        text = " ".join(unescape("".join(parts)).split())
        parts.clear()
        if text:
            found.append((opened, text))

    for token in _TOKEN.finditer(html):
        parts.append(html[at : token.start()])
        at = token.end()
        slash, tag = token[1], token[2].lower()
        if tag not in _INLINE:
            close()
            opened = "" if slash else tag
    parts.append(html[at:])
    close()
    return found


def without_comments(html: str) -> str:
    """Remove the comments of a page; one that never ends is kept, as text.

    >>> without_comments("one <!-- two --> three <!-- four")
    'one  three <!-- four'
    """
    return _without(html, re.compile("<!--"), re.compile("-->"))


def without_elements(html: str, *tags: str) -> str:
    """Remove the elements with these tags, data scripts excepted; one that is never closed is kept.

    >>> without_elements("a<script>b</script>c<SCRIPT type='application/ld+json'>d</SCRIPT>e", "script")
    "ac<SCRIPT type='application/ld+json'>d</SCRIPT>e"
    """
    for tag in tags:
        opening = re.compile(rf"<{tag}\b(?![^<>]*ld\+json)[^<>]*+>", re.IGNORECASE)
        html = _without(html, opening, re.compile(rf"</{tag}\s*>", re.IGNORECASE))
    return html


def _without(html: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> str:
    """Remove the spans from an opening to the next closing mark. Both are sought once, from left to right."""
    parts, at = [], 0
    while (start := opening.search(html, at)) and (end := closing.search(html, start.end())):
        parts.append(html[at : start.start()])
        at = end.end()
    parts.append(html[at:])
    return "".join(parts)
