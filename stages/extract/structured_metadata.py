"""Structured metadata of a page: its meta tags, its JSON-LD, and the names of its site."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from stages.shared.characters import letters, one_line

Tree = Any  # lxml ships no type information
Node = dict[str, Any]  # one thing in JSON-LD

_ARTICLE_TYPES = re.compile(r"(?:Article|Posting|Report|Review)$")
_PAGE_TYPES = re.compile(r"(?:WebPage|VideoObject|ItemPage)$")
_SITE_TAGS = ("og:site_name", "application-name", "twitter:app:name:iphone", "dc.publisher", "publisher")


class StructuredMetadata(NamedTuple):
    """The meta tags of a page by name, the article in its JSON-LD, and the names of its site, letters only."""

    tags: dict[str, list[str]]
    article: Node
    sites: frozenset[str]

    def tagged(self, *names: str) -> list[str]:
        """Return the contents of all meta tags of these names, in the order of the names."""
        return [value for name in names for value in self.tags.get(name, ())]


def read_structured_metadata(tree: Tree, url: str | None) -> StructuredMetadata:
    """Read the structured metadata of a page, once for all that look into it."""
    tags = meta_tags(tree)
    article = main_article(list(linked_data(tree)))
    names = [*(value for name in _SITE_TAGS for value in tags.get(name, ())), *names_in(article.get("publisher"))]
    host = host_of(url or "")
    domain = [host, host.rpartition(".")[0]]
    return StructuredMetadata(tags, article, frozenset(filter(None, map(letters, names + domain))))


def host_of(url: str) -> str:
    """Return the host of an address without "www.", an empty string where there is none.

    >>> host_of("https://www.vellen-times.example/2021/storm"), host_of("http://[storm")
    ('vellen-times.example', '')
    """
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def meta_tags(tree: Tree) -> dict[str, list[str]]:
    """Collect the contents of the meta tags of a page by property, name or itemprop, in their order."""
    tags: dict[str, list[str]] = {}
    for tag in tree.iter("meta"):
        name, content = tag.get("property") or tag.get("name") or tag.get("itemprop"), tag.get("content")
        if name and content and not content.isspace():
            tags.setdefault(name.strip().lower(), []).append(one_line(content))
    return tags


def linked_data(tree: Tree) -> Iterator[Node]:
    """Iterate over the nodes in the JSON-LD of a page, outermost first; data that does not parse has none."""
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "") and script.text:
            yield from parse_linked_data(script.text)


def parse_linked_data(text: str) -> Iterator[Node]:
    """Iterate over the nodes in one piece of JSON-LD, graphs and lists opened.

    >>> [node.get("@type") for node in parse_linked_data('{"@graph": [{"@type": "WebPage"}, {"@type": "Article"}]}')]
    [None, 'WebPage', 'Article']
    """
    try:
        data = json.loads(text.strip().removesuffix(";"), strict=False)
    except (ValueError, RecursionError):
        return
    waiting = [data]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting = node + waiting
        elif isinstance(node, dict):
            yield node
            waiting = [node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in node] + waiting


def main_article(nodes: list[Node]) -> Node:
    """Return the node of the article, else that of the page, with authors that are only referred to looked up."""
    for types in (_ARTICLE_TYPES, _PAGE_TYPES):
        for node in nodes:
            if any(types.search(t) for t in as_list(node.get("@type")) if isinstance(t, str)):
                by_id = {n["@id"]: n for n in nodes if isinstance(n.get("@id"), str)}
                authors = [_resolved(author, by_id) for author in as_list(node.get("author"))]
                return {**node, "author": authors}
    return {}


def _resolved(author: Any, by_id: dict[str, Node]) -> Any:
    if isinstance(author, dict) and isinstance(author.get("@id"), str) and not author.get("name"):
        return by_id.get(author["@id"], author)
    return author


def as_list(value: Any) -> list[Any]:
    """Return a value of JSON-LD as a list: one thing comes bare, several in a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def strings(value: Any) -> list[str]:
    """Return the texts among some values of JSON-LD, each on one line.

    >>> strings(["Floods\\n again", None, 3])
    ['Floods again']
    """
    return [one_line(text) for text in as_list(value) if isinstance(text, str) and text.strip()]


def names_in(value: Any) -> list[str]:
    """Return the names of things in JSON-LD, given as text or as nodes."""
    found = []
    for thing in as_list(value):
        found += strings(thing.get("name") if isinstance(thing, dict) else thing)
    return found


def is_a(thing: Any, kind: str) -> bool:
    """Tell if JSON-LD gives a thing this type, or one whose name holds it.

    >>> is_a({"@type": ["NewsMediaOrganization"]}, "Organization"), is_a("Ana Lindqvist", "Person")
    (True, False)
    """
    return isinstance(thing, dict) and any(kind in str(t) for t in as_list(thing.get("@type")))
