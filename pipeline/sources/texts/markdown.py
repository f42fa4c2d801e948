"""Markdown: its text without marks, links as their words, images left out."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from pipeline.sources.fragments import text_of_fragment

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

#: Tags of site generators that stand alone on a line.
_TEMPLATE_TAG = re.compile(r"^[ \t]*(?:\{\{[<%].{0,2000}?[>%]\}\}|\{%.{0,2000}?%\})[ \t]*$", re.MULTILINE)
_HEADING = re.compile(
    r"\s*#[ \t]+(?P<title>\S.*?)[ \t]*#*[ \t]*(?:\n|\Z)|\s*(?P<above>\S[^\n]{0,300})\n=+[ \t]*(?:\n|\Z)"
)


@cache
def _parser() -> MarkdownIt:
    """Return the parser, imported when a text needs it: few runs read Markdown."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("code")


def text_of_markdown(text: str) -> str:
    """Return the text of Markdown, its paragraphs apart by blank lines.

    >>> text_of_markdown("## Ferry\\n\\nIt is **late**, says\\n[Ana](https://a.example). ![fog](f.png)\\n\\n- 3 < 4")
    'Ferry\\n\\nIt is late, says Ana.\\n\\n3 < 4'
    """
    rendered = _parser().render(_TEMPLATE_TAG.sub("", text))
    return text_of_fragment(rendered) or text


def title_and_rest(text: str) -> tuple[str, str]:
    """Return the heading of the first level that a text begins with, and what follows; no title if there is none.

    >>> title_and_rest("# Ferry *late*\\n\\nIt sails."), title_and_rest("It sails.")
    (('Ferry late', '\\nIt sails.'), ('', 'It sails.'))
    """
    match = _HEADING.match(text)
    if match is None:
        return "", text
    title = " ".join(text_of_markdown(match["title"] or match["above"]).split())
    return title, text[match.end() :]
