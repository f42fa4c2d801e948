"""Page facts: what a page says of its own kind, handed on to the stage that names the kind.

Types in JSON-LD and microdata, the OpenGraph type, the section, the classes that content systems give to the body
("archive", "error404"), how much of the extracted text is within links, and how many players and pictures there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from stages.extract.dom_hints import Boxes, form_of_line
from stages.extract.outline import PageOutline
from stages.extract.structured_metadata import StructuredMetadata, as_list, strings
from stages.shared.characters import one_line, without_whitespace

Tree = Any  # lxml ships no type information

_LIVE_ENTRY = re.compile(
    r"\b(?:live-?blog|live-?ticker|ticker)[-_]{0,2}(?:post|entry|item|event|update|message|card)\b", re.IGNORECASE
)
_ITEMS = etree.XPath("//*[@itemtype and not(@itemprop)]")
_MOST = 40  # of types, sections and classes each: a page that names more names none in particular
_MIN_ITEM_SHARE = 0.3  # of a page's text, in an item of microdata, for the page to be about it


def page_facts(tree: Tree, page: PageOutline, players: int, structured: StructuredMetadata) -> dict[str, Any]:
    """Read the facts (`contract.PAGE_FACTS`) of a page, before its article is sought."""
    return {
        "types": list(dict.fromkeys(types_of(tree if page.has_items else None, len(page.solid), structured)))[:_MOST],
        "sections": sections_of(structured)[:_MOST],
        "classes": classes_of(tree)[:_MOST],
        "players": players,
        "live_entries": live_entries(page),
    }


def live_entries(page: PageOutline) -> int:
    """Count the elements whose classes call them an entry of a live blog."""
    named = {
        number
        for number in set(page.classes)
        if "live" in (names := page.name(number) or "") or "icker" in names
        if _LIVE_ENTRY.search(names)
    }
    return sum(number in named for number in page.classes) if named else 0


def types_of(tree: Tree | None, n_chars: int, structured: StructuredMetadata) -> Iterator[str]:
    """Iterate over the types that a page gives what it is about: names of schema.org, and OpenGraph's after "og:".

    `tree` is that of a page with microdata.
    `n_chars` is the length of the page: microdata of a small part of it are about another thing.
    """
    yield from structured.types
    for item in [] if tree is None else _ITEMS(tree)[:_MOST]:
        if len(without_whitespace(item.text_content())) >= n_chars * _MIN_ITEM_SHARE:
            yield item.get("itemtype").strip().rstrip("/").rpartition("/")[2]
    yield from (f"og:{value.lower()}" for value in structured.tagged("og:type"))


def sections_of(structured: StructuredMetadata) -> list[str]:
    """Return the sections that a page says its article stands in, and its genre."""
    named = [*as_list(structured.article.get("articleSection")), *as_list(structured.article.get("genre"))]
    return [*strings(named), *map(one_line, structured.tagged("article:section"))]


def classes_of(tree: Tree) -> list[str]:
    """Return the classes of a page's body, in small letters."""
    body = tree.find("body")
    return [] if body is None else (body.get("class") or "").lower().split()


def links_in(text: str, boxes: Boxes) -> dict[str, float]:
    """Count the lines of an article that are links and nothing besides, and their share of its characters.

    >>> boxes = Boxes([], "Itrained.Floodsagain", "Floodsagain")
    >>> links_in("It rained.\\nFloods again", boxes)
    {'linked_lines': 1, 'linked_share': 0.55}
    """
    links = set(boxes.links.split("\n"))
    forms = [form for form in map(form_of_line, text.split("\n")) if form]
    linked = [len(form) for form in forms if form in links]
    return {"linked_lines": len(linked), "linked_share": round(sum(linked) / max(1, sum(map(len, forms))), 4)}
