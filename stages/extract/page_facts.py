"""Page facts: what a page says of its own kind, handed on to the stage that names the kind.

Types in JSON-LD and microdata, the OpenGraph type, the section, the classes that content systems give to the body
("archive", "error404"), how much of the extracted text is within links, and how many players and pictures there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from stages.extract.dom_hints import Boxes, form_of_line
from stages.extract.structured_metadata import StructuredMetadata, as_list, linked_data, strings
from stages.shared.characters import one_line

Tree = Any  # lxml ships no type information

_PLAYER = re.compile(r"<(?:video|audio|amp-video|amp-audio)\b|<iframe[^>]{0,300}(?:youtube|vimeo|player)", re.IGNORECASE)
_MOST = 40  # of types, sections and classes each: a page that names more names none in particular


def page_facts(tree: Tree, html: str, structured: StructuredMetadata) -> dict[str, Any]:
    """Read the facts of a page, before its article is sought; `contract.PAGE_FACTS` names them."""
    return {
        "types": list(dict.fromkeys(types_of(tree, structured)))[:_MOST],
        "sections": sections_of(structured)[:_MOST],
        "classes": classes_of(tree)[:_MOST],
        "players": len(_PLAYER.findall(html)),
    }


def types_of(tree: Tree, structured: StructuredMetadata) -> Iterator[str]:
    """Iterate over the types that a page gives what it is about: names of schema.org, and OpenGraph's after "og:"."""
    for node in linked_data(tree):
        yield from strings(node.get("@type"))
    body = tree.find("body")
    for item in () if body is None else body.iter():
        if item.get("itemtype") and not item.get("itemprop"):
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


def linked_share(text: str, boxes: Boxes) -> float:
    """Return the share of an article's characters in lines that are links and nothing besides.

    >>> boxes = Boxes([], "Itrained.Floodsagain", "Floodsagain")
    >>> round(linked_share("It rained.\\nFloods again", boxes), 2)
    0.55
    """
    links = set(boxes.links.split("\n"))
    forms = [form_of_line(line) for line in text.split("\n")]
    linked = sum(len(form) for form in forms if form in links)
    return round(linked / max(1, sum(map(len, forms))), 4)
