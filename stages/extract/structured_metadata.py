"""Structured metadata of a page: its meta tags, its JSON-LD, and the names of its site."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from stages.shared.characters import letters, one_line

Tree = Any  # lxml ships no type information
Node = dict[str, Any]  # one thing in JSON-LD

_ARTICLE_TYPES = re.compile(r"(?:Article|Posting|Report|Review)$")
_PAGE_TYPES = re.compile(r"(?:WebPage|VideoObject|ItemPage)$")
_SITE_TAGS = ("og:site_name", "application-name", "twitter:app:name:iphone", "dc.publisher", "publisher")


class StructuredMetadata(NamedTuple):
    """The meta tags of a page by name, the article in its JSON-LD, the names of its site (letters only), all types."""

    tags: dict[str, list[str]]
    article: Node
    sites: frozenset[str]
    types: tuple[str, ...] = ()  # of everything in its JSON-LD

    def tagged(self, *names: str) -> list[str]:
        """Return the contents of all meta tags of these names, in the order of the names."""
        return [value for name in names for value in self.tags.get(name, ())]


def read_structured_metadata(tree: Tree, url: str | None) -> StructuredMetadata:
    """Read the structured metadata of a page, once for all that look into it."""
    tags = meta_tags(tree)
    titles = [*tags.get("og:title", ()), *(one_line(title.text_content()) for title in tree.iter("title"))]
    nodes = list(linked_data(tree))
    article = main_article(nodes, titles)
    names = [*(value for name in _SITE_TAGS for value in tags.get(name, ())), *names_in(article.get("publisher"))]
    host = host_of(url or "")
    names = [name for name in names if len(name.split()) < _MIN_TITLE_WORDS or name not in titles]
    domain = [host, host.rpartition(".")[0]]
    types = tuple(kind for node in nodes for kind in strings(node.get("@type")))
    return StructuredMetadata(tags, article, frozenset(filter(None, map(letters, names + domain))), types)


_MIN_TITLE_WORDS = 5  # of a name of a site that is also the title of the page, for it to be no name of a site


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
        name, content = (
            tag.get("property") or tag.get("name") or tag.get("itemprop"),
            tag.get("content") or tag.get("value"),
        )
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
    waiting = list(json_values(text))
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting = node + waiting
        elif isinstance(node, dict):
            yield node
            inner = [node[key] for key in _NESTING if isinstance(node.get(key), (dict, list))]
            waiting = inner + waiting


#: Where one thing in JSON-LD holds another that the page is about.
_NESTING = ("@graph", "mainEntity", "mainEntityOfPage", "subjectOf", "article", "newsArticle")


def json_values(text: str) -> Iterator[Any]:
    r"""Iterate over the values in a script of JSON: one, or several in a row; markers and slips are overlooked.

    >>> list(json_values('//<![CDATA[\n{"a": 1,}\n//]]>'))
    [{'a': 1}]
    >>> list(json_values('{"a": "He said "no" twice"}; {"b": 2}'))
    [{'a': 'He said "no" twice'}, {'b': 2}]
    >>> list(json_values("no data"))
    []
    """
    is_wrapped = "CDATA" in text or "]]>" in text or "--" in text
    bare = (_MARKERS.sub("", text) if is_wrapped else text).strip(" \t\r\n;\ufeff\u200b")
    for mend in (str, without_slips, with_quotes_escaped):
        values = _values_in(mend(bare))
        if values is not None:
            yield from values
            return


#: What scripts are wrapped in so that old browsers skip them, on a line of its own or within a comment.
_MARKERS = re.compile(r"(?://|/\*|<!--)?\s*(?:<!\[CDATA\[|\]\]>)\s*(?:\*/|-->)?|^\s*<!--|-->\s*$")
_DECODER = json.JSONDecoder(strict=False)


def _values_in(text: str) -> list[Any] | None:
    """Read the values that stand one after the other in a text; None where one of them is no JSON."""
    values, at = [], 0
    try:
        while at < len(text):
            value, at = _DECODER.raw_decode(text, at)
            values.append(value)
            at = _BETWEEN_VALUES.match(text, at).end()  # type: ignore[union-attr]  # it matches the empty text
    except (ValueError, RecursionError):
        return None
    return values


_BETWEEN_VALUES = re.compile(r"[\s;,]*")
_STRING_OR_SLIP = re.compile(r'"(?:[^"\\]|\\.)*"|/\*.*?\*/|,(?=\s*[,}\]])|(?<=[\[{])\s*,', re.DOTALL)
_BAD_ESCAPE = re.compile(r'\\(?:u(?![\da-fA-F]{4})|([^"\\/bfnrtu]))', re.DOTALL)


def without_slips(text: str) -> str:
    """Remove commas that nothing follows, comments, and escapes that JSON does not have.

    >>> without_slips('{"a": "so, ]",, "b": [1, 2,],}')
    '{"a": "so, ]", "b": [1, 2]}'
    """
    kept = _STRING_OR_SLIP.sub(lambda found: found[0] if found[0].startswith('"') else "", text)
    return _BAD_ESCAPE.sub(lambda found: found[1] or "", kept)


def with_quotes_escaped(text: str) -> str:
    """Escape the quotation marks within a text: an outer one stands beside a bracket, a comma or a colon."""
    return without_slips(_QUOTE.sub(_escaped, text))


_QUOTE = re.compile(r'(?P<before>\S?)(?P<space>\s*)"(?=\s*(?P<after>\S?))')


def _escaped(quote: re.Match[str]) -> str:
    before, after = quote["before"], quote["after"]
    is_outer = before in ("", "\\", *"{[,:") or after in ("", *",:}]")
    return quote[0] if is_outer else f'{before}{quote["space"]}\\"'


def main_article(nodes: list[Node], titles: Sequence[str] = ()) -> Node:
    """Return the node of the article, else that of the page, with authors that are only referred to looked up.

    Of several articles it is the one that has one of the `titles` of the page: others are related stories.

    >>> nodes = [{"@type": "Article", "headline": name} for name in ("Ferry late", "Storm closes harbour")]
    >>> main_article(nodes, ["Storm closes harbour - Vellén Times"])["headline"]
    'Storm closes harbour'
    """
    for types in (_ARTICLE_TYPES, _PAGE_TYPES):
        of_type = [node for node in nodes if _is_of(node, types)]
        if of_type:
            node = next((node for node in of_type if _is_titled(node, titles)), of_type[0])
            by_id = {n["@id"]: n for n in nodes if isinstance(n.get("@id"), str)}
            named = as_list(node.get("author")) or as_list(node.get("creator"))
            authors = [_resolved(author, by_id) for author in named]
            return {**node, "author": authors}
    return {}


def _is_of(node: Node, types: re.Pattern[str]) -> bool:
    return any(types.search(t) for t in as_list(node.get("@type")) if isinstance(t, str))


def _is_titled(node: Node, titles: Sequence[str]) -> bool:
    """Tell if a title of the page begins with or is the headline of a thing in JSON-LD."""
    headlines = [letters(text) for text in strings(node.get("headline"))]
    return any(headline and headline in letters(title) for headline in headlines for title in titles)


def _resolved(author: Any, by_id: dict[str, Node]) -> Any:
    if isinstance(author, dict) and isinstance(author.get("@id"), str) and not author.get("name"):
        return by_id.get(author["@id"], author)
    return author


def as_list(value: Any) -> list[Any]:
    """Return a value of JSON-LD as a list: one thing comes bare, several in a list."""
    if value is None:
        return []
    if isinstance(value, dict):
        value = value.get("@list", value.get("@set", value))
    return value if isinstance(value, list) else [value]


def strings(value: Any) -> list[str]:
    """Return the texts among some values of JSON-LD, each on one line.

    >>> strings(["Floods\\n again", None, 3])
    ['Floods again']
    """
    return [one_line(text) for text in as_list(value) if isinstance(text, str) and text.strip()]


def names_in(value: Any) -> list[str]:
    """Return the names of things in JSON-LD, given as text or as nodes.

    >>> names_in([{"name": {"@type": "Person", "name": "Ana Lindqvist"}}, "Tomás Okoro"])
    ['Ana Lindqvist', 'Tomás Okoro']
    """
    found: list[str] = []
    for thing in as_list(value):
        inner = thing.get("name") or _parts_of_name(thing) if isinstance(thing, dict) else thing
        found += names_in(inner) if isinstance(inner, (dict, list)) else map(without_tags, strings(inner))
    return found


def without_tags(text: str) -> str:
    """Remove the tags that some systems leave in a name.

    >>> without_tags("<a href='/authors/ana'>Ana Lindqvist</a>"), without_tags("Ana <3")
    ('Ana Lindqvist', 'Ana <3')
    """
    return one_line(_NAME_TAG.sub("", text)) if "<" in text else text


_NAME_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def _parts_of_name(thing: Node) -> str | None:
    parts = [*strings(thing.get("givenName")), *strings(thing.get("familyName"))]
    return " ".join(parts) or None


def is_a(thing: Any, kind: str) -> bool:
    """Tell if JSON-LD gives a thing this type, or one whose name holds it.

    >>> is_a({"@type": ["NewsMediaOrganization"]}, "Organization"), is_a("Ana Lindqvist", "Person")
    (True, False)
    """
    return isinstance(thing, dict) and any(kind in str(t) for t in as_list(thing.get("@type")))
