"""Embedded posts: paragraphs that are posts of a social network, and if they go, stay or become quotations.

A post is furniture where the story goes on without it. It is part of the story where a sentence of the story leads up
to it (the paragraph above ends with a colon), and where posts are most of the text: there it stays in any case.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from stages.ledger import Edit
from stages.noise.rules import Rule
from stages.noise.verdict import Verdict
from stages.noise.view import View

#: What happens to a post that the story does not need: it goes, it stays, it stays between quotation marks.
Embeds = Literal["keep", "cut", "quote"]

#: Rules that find a post itself; players, forms and links have the label `embed`, too, and always go.
_TEXT_RULES = frozenset(("post-text", "post-glued-attribution", "post-picture-link"))
_POST_RULES = _TEXT_RULES | {"post-attribution"}
_MOST_OF_TEXT = 0.5  # of a document's words in posts: the story is about them
_LEADS = re.compile(r"[:：]\s*[\"”»’]?\s*$")
_ATTRIBUTION = re.compile(r"\s*[-—–]{1,2}\s?[^()]{1,60}\(@\w{1,20}\).*$")
_LINKS = re.compile(r"(?:\s*(?:pic\.twitter\.com|https?://t\.co)/\w+)+\s*$")
_QUOTED = re.compile(r"^\s*[\"“”„«»‘]")


def posts_in(rules: Mapping[int, Sequence[Rule]], *, attributions: bool = True) -> set[int]:
    """Return the paragraphs that a rule finds to be a post, or the line below one that says whose it is."""
    names = _POST_RULES if attributions else _TEXT_RULES
    return {at for at, some in rules.items() if any(rule.id.rpartition(".")[2] in names for rule in some)}


def settle_posts(
    judged: Mapping[int, Verdict], view: View, rules: Mapping[int, Sequence[Rule]], embeds: Embeds
) -> dict[int, Verdict]:
    """Return the verdicts without those on posts that stay. A post that is there twice goes once."""
    posts = posts_in(rules)
    staying = posts if embeds == "keep" else posts_of_story(view, posts, judged)
    if embeds == "quote":
        staying |= posts_in(rules, attributions=False)
    return {at: verdict for at, verdict in judged.items() if at not in staying or verdict.label == "duplicate"}


def posts_of_story(view: View, posts: set[int], judged: Collection[int]) -> set[int]:
    """Return the posts that the story needs: those that a sentence leads up to, and all where they are most of it.

    `judged` are the paragraphs that go: they lead up to nothing.
    """
    if sum(view.n_words[at] for at in posts) >= _MOST_OF_TEXT * sum(view.n_words):
        return set(posts)
    needed: set[int] = set()
    for at in sorted(posts):
        above = at - 1
        if above in needed or (above >= 0 and above not in judged and _LEADS.search(view.paragraphs[above])):
            needed.add(at)
    return needed


def quotation_marks(text: str, start: int, paragraph: int) -> list[Edit]:
    """Return the edits that put a post between quotation marks: whose it is, and links at its end, stay outside.

    >>> [(edit.start, edit.after) for edit in quotation_marks("Boats! — Ada Quay (@adaquay) May 3, 2031", 0, 0)]
    [(0, '“'), (6, '”')]
    >>> quotation_marks("“Boats!”", 0, 0)
    []
    """
    said = _LINKS.sub("", _ATTRIBUTION.sub("", text)).rstrip()
    if not said or _QUOTED.search(said):
        return []
    ends = ((start, "“"), (start + len(said), "”"))
    return [Edit(at, at, mark, "edited", "embed", "embeds:quote", paragraph) for at, mark in ends]


def with_quotations(paragraphs: Sequence[str], posts: set[int], edits: Sequence[Edit], width: int) -> list[Edit]:
    """Add quotation marks around the posts that an edit script leaves; `width` separates paragraphs."""
    marks: list[Edit] = []
    whole = {edit.paragraph for edit in edits if edit.end - edit.start >= len(paragraphs[edit.paragraph or 0])}
    start = 0
    for at, text in enumerate(paragraphs):
        if at in posts - whole:
            marks += quotation_marks(text, start, at)
        start += len(text) + width
    return sorted([*edits, *marks], key=lambda edit: (edit.start, edit.end))
