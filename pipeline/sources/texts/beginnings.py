"""Articles that each begin with a line of a form: an id as corpora write it ("@@4100", "##4100"), or the same label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from pipeline.sources.fields import rank_of
from pipeline.sources.texts.header import ROLES
from pipeline.sources.texts.lines import Head
from pipeline.sources.texts.pieces import IsMark, PieceForm, label_in, labelled, labels_of_articles

#: How corpora such as NOW, GloWbE and COCA begin a text: its number, then the text with a mark before each paragraph.
_ID = re.compile(r"(?:@@|##)(?P<id>\d{2,})(?=\s|$)\s*")
_MARKED = re.compile(r"\s*<(?P<tag>h|p)>\s*", re.IGNORECASE)


def ids_in_front(head: Head) -> PieceForm | None:
    """Find articles that each begin with an id, the first one at the top of the file."""
    if not head.filled or not _ID.match(head.filled[0]):
        return None
    found = [match["id"] for line in head.filled if (match := _ID.match(line))]
    if len(found) < 2 or len(set(found)) < len(found):
        return None
    return PieceForm(_begins_with_id, _with_id, "articles with an id in front of each", mark_is_first=True)


def _begins_with_id(line: str) -> bool:
    return _ID.match(line.strip()) is not None


def _with_id(lines: Sequence[str]) -> dict[str, Any] | None:
    """Read an article with its id and its paragraphs.

    >>> _with_id(["@@4100 <h> Ferry late <p> It sails. <p> At six."])
    {'id': '4100', 'text': 'It sails.\\n\\nAt six.', 'title': 'Ferry late'}
    """
    whole = "\n".join(lines).strip()
    match = _ID.match(whole)
    first, *rest = _MARKED.split(whole[match.end() :] if match else whole)
    marked = list(zip(rest[::2], rest[1::2], strict=False))
    titles = [text for tag, text in marked[:1] if tag in "hH"]
    text = "\n\n".join(part for part in (first, *(text for _, text in marked[len(titles) :])) if part).strip()
    if not text:
        return None
    return {"id": match["id"] if match else None, "text": text, **({"title": titles[0]} if titles else {})}


def same_label_in_front(head: Head) -> PieceForm | None:
    """Find articles that each begin with the label that the file begins with, and name their text by another."""
    first = label_in(head.filled[0]) if head.filled else None
    if first is None or all(rank_of(first, role) is None for role in ROLES):
        return None
    is_mark: IsMark = lambda line: label_in(line) == first  # noqa: E731
    parts: list[list[str]] = []
    for line in head.lines:
        if is_mark(line):
            parts.append([])
        if parts:
            parts[-1].append(line)
    if found := labels_of_articles(parts):
        labels, text = found
        told = f"articles that each begin with “{first}:”; [sources] one_document = true reads it as one"
        return PieceForm(is_mark, partial(labelled, labels=labels, text=text), told, mark_is_first=True)
    return None
