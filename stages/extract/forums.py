"""Forums: all posts of a thread are its text, not only the one that looks most like an article.

Where a page says that it is a thread, and its story as judged stands in a box that the page repeats, the boxes like it
hold the other posts. They are judged as one: what stands in them stays. Names, counts and signatures stand in boxes of
their own around them, comments on a post too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from stages.extract.block_judge import JudgedBlock, Judgement
from stages.extract.blocks import Blocks
from stages.shared.addresses import segments_of
from stages.shared.page_kinds import page_kind_words, pattern

#: Elements that hold a post; paragraphs that are alike are no posts.
_HOLDERS = frozenset(("div", "section", "article", "main", "li", "tr", "dd", "blockquote"))
_NUMBERING = re.compile(r"\d+|\b(?:odd|even|alt|first|last)\b")  # parts of a class that tell boxes of one kind apart
#: The same posts of the two threads among 101 labelled pages are found with 0.5 to 0.99 and 0.3 to 0.9, all of them
#: story; of 274 pages of publishers one has the address of a thread, and nothing of it changes. A post that holds much
#: more than the story as judged is the box around it.
_MIN_KEPT, _MIN_HELD = 0.8, 0.5
_MAX_LINKED = 0.5  # share of a block within links, beyond which it is no part of a post


def is_thread(types: Collection[str], url: str | None) -> bool:
    """Tell of a page if it says so by its types or its address.

    >>> is_thread(["QAPage"], None), is_thread([], "https://gull.example/showthread.php?t=7"), is_thread([], None)
    (True, True, False)
    """
    is_named = not _thread_types().isdisjoint(types)
    return is_named or any(map(pattern("segments", "forum").match, segments_of(url)))


@cache
def _thread_types() -> frozenset[str]:
    return frozenset(page_kind_words()["types"]["forum"])


def with_posts(judgement: Judgement, blocks: Blocks) -> Judgement:
    """Keep the posts of a thread that are like those which stay already."""
    posts = posts_like(blocks, [judged.keep for judged in judgement.blocks])
    kept = sorted(judgement.blocks[at].probability for at in posts if judgement.blocks[at].keep)
    if not kept:
        return judgement
    middle = kept[len(kept) // 2]
    found = list(judgement.blocks)
    for at in posts:
        found[at] = _as_story(found[at], middle)
    return Judgement(found)


def _as_story(judged: JudgedBlock, probability: float) -> JudgedBlock:
    if judged.block.linked > _MAX_LINKED * len(judged.block.text):
        return judged
    return judged._replace(keep=True, label="story", probability=max(judged.probability, probability))


class _Kind(NamedTuple):
    """Boxes that are alike: how much of the story they hold, its share of the first of them, and their blocks."""

    held: int
    share: float
    blocks: list[int]


def posts_like(blocks: Blocks, keep: Sequence[bool]) -> list[int]:
    """Find the blocks within the boxes that hold most of the story and little else, and those like them.

    >>> from stages.extract.blocks import read_blocks
    >>> from lxml.html import document_fromstring
    >>> post = "<div class='post'><b>Ada</b><div class='said'>{}</div></div>"
    >>> page = document_fromstring(post.format("It rained here.") + post.format("And there.") + "<p>Log in</p>")
    >>> found = read_blocks(page)
    >>> [found.blocks[at].text for at in posts_like(found, [False, True, False, False, False])]
    ['It rained here.', 'And there.']
    """
    size = [len(block.text) for block in blocks.blocks]
    kept = [chars if stays else 0 for chars, stays in zip(size, keep, strict=True)]
    kinds = (_measured(blocks, alike, size, kept) for alike in _alike(blocks))
    story = sum(kept)
    found = [kind for kind in kinds if kind is not None and kind.held >= _MIN_HELD * story]
    return max(found, key=lambda kind: (_agreement(kind, story), len(kind.blocks))).blocks if found else []


def _agreement(kind: _Kind, story: int) -> float:
    """Weigh the story's share that boxes hold with their own share that is story, which counts double (F0.5)."""
    held = kind.held / story
    return 1.25 * held * kind.share / (held + 0.25 * kind.share)


def _alike(blocks: Blocks) -> list[list[int]]:
    """Collect the boxes by their element and class, those without a class by the elements and classes around them."""
    found: dict[tuple[str, ...], list[int]] = {}
    for number, box in enumerate(blocks.boxes):
        if box.tag in _HOLDERS and box.first < blocks.ends[number]:
            found.setdefault(_name(blocks, number), []).append(number)
    return [alike for alike in found.values() if len(alike) > 1]


def _name(blocks: Blocks, number: int) -> tuple[str, ...]:
    name: list[str] = []
    while number >= 0 and len(name) < 6:  # three boxes
        box = blocks.boxes[number]
        name += (box.tag, _NUMBERING.sub("", box.name).strip())
        if name[1]:
            break
        number = box.parent
    return tuple(name)


def _measured(blocks: Blocks, alike: list[int], size: list[int], kept: list[int]) -> _Kind | None:
    """Measure boxes that are alike; none where they stand within one another, or hold much besides the story."""
    spans = [range(blocks.boxes[number].first, blocks.ends[number]) for number in alike]
    if any(after.start < before.stop for before, after in pairwise(spans)):
        return None
    held = [sum(kept[span.start : span.stop]) for span in spans]
    whole = [sum(size[span.start : span.stop]) for span in spans]
    first = max(range(len(spans)), key=held.__getitem__)
    if not held[first] or held[first] < _MIN_KEPT * whole[first]:
        return None
    return _Kind(sum(held), held[first] / whole[first], [at for span in spans for at in span])
