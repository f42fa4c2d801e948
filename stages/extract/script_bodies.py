"""Bodies of articles in the data of a page: texts, paragraphs and the blocks of editors, written as markup.

Arc, Contentful, Draft.js, Editor.js, Lexical, Portable Text, ProseMirror, Slate and WordPress are known to be read;
their forms are told by where the texts are, not by their names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import escape, unescape
from typing import Any

Node = Mapping[str, Any]

#: Kinds of blocks that are no text of the story.
_NO_TEXT = re.compile(
    r"image|photo|picture|gallery|video|audio|player|embed|\bad\b|advert|promo|related|social|newsletter|interstitial"
    r"|divider|button|share|caption|map|chart|reference|signup|banner|widget|script",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^(?:h[1-6]|head(?:er|ing|line)?(?:-\w+)?|sub-?head(?:er|ing|line)?|title)$", re.IGNORECASE)
_BLOCK_KIND = re.compile(r"para|^p$|^h[1-6]$|head|list|quote|block|section", re.IGNORECASE)
_KINDS = ("type", "_type", "nodeType", "blockType", "kind", "__typename", "style", "tag")
#: Keys under which an object keeps blocks, and those under which it keeps blocks or a text; spans of a paragraph.
_BLOCKS = (
    *("blocks", "content_elements", "paragraphs", "components", "elements", "sections", "items", "nodes", "root"),
    *("document", "json", "raw"),
)
_INNER = (*_BLOCKS, "children", "content", "text", "html", "value", "body", "data", "markdown", "rendered")
_SPANS = ("text", "value", "children", "content")
ADDRESSES = ("canonical_url", "website_url", "url", "path", "slug", "link", "permalink", "href")
TAG = re.compile(r"</?[a-zA-Z][^<>]*+>")
_BLOCK_TAG = re.compile(r"<(?:p|div|h[1-6]|ul|ol|blockquote|section|article|table|figure)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…।؟][\"'”’»)]*(?:\s|$|<)|[。！？]")
_ESCAPED = 100  # characters in which markup that was escaped as a whole shows itself

#: Characters without which a text beside a headline is a teaser, and sentences without which it is no prose.
LEAST_CHARS, LEAST_SENTENCES = 300, 3
#: Levels of a body (documents of editors have about eight) and its parts.
MAX_LEVELS, MAX_PARTS = 12, 50_000


def referred(value: Any, refs: Node) -> Any:
    """Return the object that a reference of Apollo's store stands for, anything else as it is."""
    if not isinstance(value, dict):
        return value
    name = value.get("__ref") or (value.get("id") if value.get("type") == "id" else None)
    return refs.get(name, value) if isinstance(name, str) else value


def is_prose(markup: str) -> bool:
    """Tell if markup holds as many characters and sentences as a story."""
    text = TAG.sub(" ", markup)
    return len(text) >= LEAST_CHARS and len(_SENTENCE_END.findall(text)) >= LEAST_SENTENCES


def markup_of(value: Any, refs: Node) -> str:
    """Return a body as markup: a text with its own, paragraphs and blocks of editors with one for each.

    >>> markup_of("The ferry <b>sails</b>.", {}), markup_of("It sails.\\n\\nIt is late.", {})
    ('<p>The ferry <b>sails</b>.</p>', '<p>It sails.</p><p>It is late.</p>')
    >>> markup_of([{"type": "text", "content": "It sails."}, {"type": "image", "caption": "A ferry"}], {})
    '<p>It sails.</p>'
    >>> paragraph = {"type": "paragraph", "content": [{"text": "It "}, {"text": "sails."}]}
    >>> markup_of({"type": "doc", "content": [paragraph]}, {})
    '<p>It sails.</p>'
    """
    return "" if isinstance(value, list) and are_articles(value) else "".join(parts_of(value, refs, 1, [MAX_PARTS]))


def are_articles(values: list[Any]) -> bool:
    """Tell if a list holds other articles: most have a title and an address."""
    objects = [each for each in values if isinstance(each, dict)]
    named = [each for each in objects if is_entry(each)]
    return 2 * len(named) > len(values)


def is_entry(node: Node) -> bool:
    """Tell if an object has a title and an address, as entries of lists of articles have."""
    return any(node.get(key) for key in ADDRESSES) and any(node.get(key) for key in ("title", "headline"))


def parts_of(value: Any, refs: Node, depth: int, budget: list[int]) -> Iterator[str]:
    """Iterate over the paragraphs of a body, as markup; `budget` is how many of its parts may be looked at."""
    budget[0] -= 1
    if depth > MAX_LEVELS or budget[0] < 0:
        return
    value = referred(value, refs)
    if isinstance(value, str):
        yield from paragraphs_in(value, refs, depth, budget)
    elif isinstance(value, dict):
        yield from parts_of_block(value, refs, depth, budget)
    elif isinstance(value, list):
        for each in value:
            yield from parts_of(each, refs, depth + 1, budget)


def parts_of_block(block: Node, refs: Node, depth: int, budget: list[int]) -> Iterator[str]:
    """Iterate over the paragraphs of one block of an editor, as markup."""
    kind = kind_of(block)
    key = next((key for key in _INNER if block.get(key)), None)
    if key is None or _NO_TEXT.search(kind):
        return
    inner = block[key]
    if isinstance(inner, list) and key not in _BLOCKS and are_spans(inner):
        inner = spans_of(inner)
    if isinstance(inner, str) and _HEADING.match(kind):
        yield f"<h2>{inner}</h2>"
    else:
        yield from parts_of(inner, refs, depth + 1, budget)


def kind_of(block: Node) -> str:
    """Return how a block calls its kind, an empty text where it does not."""
    return next((block[key] for key in _KINDS if isinstance(block.get(key), str)), "")


def are_spans(values: list[Any]) -> bool:
    """Tell if a list holds the spans of one paragraph, and no paragraphs: some are texts that are no blocks.

    >>> are_spans([{"text": "It "}, {"type": "link", "children": [{"text": "sails."}]}]), are_spans([{"children": []}])
    (True, False)
    """
    objects = [each for each in values if isinstance(each, dict)]
    if any(_BLOCK_KIND.search(kind_of(each)) for each in objects):
        return False
    return any(isinstance(each.get(key), str) for each in objects for key in ("text", "value"))


def spans_of(values: list[Any], depth: int = 1) -> str:
    """Join the spans of a paragraph as they stand."""
    found = []
    for each in values if depth < MAX_LEVELS else ():
        inner = next((each[key] for key in _SPANS if each.get(key)), "") if isinstance(each, dict) else each
        found.append(spans_of(inner, depth + 1) if isinstance(inner, list) else inner)
    return "".join(each for each in found if isinstance(each, str))


def paragraphs_in(text: str, refs: Node, depth: int, budget: list[int]) -> Iterator[str]:
    """Iterate over the paragraphs of a text, as markup; of one that is JSON, over those of its value."""
    if text.lstrip()[:2] in ('{"', "[{", "[["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return
        yield from parts_of(value, refs, depth + 1, budget)
        return
    whole = unescape(text) if "&lt;" in text[:_ESCAPED] else text
    if _BLOCK_TAG.search(whole):
        yield f"<div>{whole}</div>"
        return
    marked = whole if TAG.search(whole) else escape(unescape(whole), quote=False)
    yield from (f"<p>{line.strip()}</p>" for line in re.split(r"\n+", marked) if line.strip())
