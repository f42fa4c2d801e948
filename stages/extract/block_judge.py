"""Judge for every block of a page whether it is story, by models that were learnt on pages of many publishers.

The models see numbers only (`block_features`) and know no word of any language. Boosted trees give each block a
probability. The first of two looks at what the page itself says; where it is not sure of the page, trafilatura reads
the page as well, and the second, which knows what trafilatura took, decides: a block that was taken needs less of a
probability to stay than one that was left out. How the models and the border between them were chosen, and what they
reach on publishers that they were not trained on: docs/decisions/0041-block-judge.md and 0063-first-judge.md.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.extract.block_features import Described, Floats, with_taken
from stages.extract.blocks import Block, Blocks
from stages.shared.boosted_trees import Nodes, Scorer, scorer_of

WEIGHTS = Path(__file__).with_name("data") / "block_judge.npz"
WEIGHTS_ALONE = Path(__file__).with_name("data") / "block_judge_alone.npz"  # of the model that knows no trafilatura

#: Least probability of a block to stay, where trafilatura left it out and where it took it. Found on 274 pages
#: cross-validated by publisher, after the whole run: 0.35 and 0.15 lose more of the story and gain nothing, lower ones
#: than these keep more furniture and no more story. Change both or neither (docs/decisions/0041-block-judge.md).
LEAST_LEFT_OUT, LEAST_TAKEN = 0.30, 0.10
TAKEN = 0.5  # share of a block in the text of trafilatura, from which on it took the block

#: The most doubt about a page, and the fewest characters that stay, for it to be judged without trafilatura; and the
#: least probability of its blocks to stay. Cross-validated by publisher (docs/decisions/0063-first-judge.md and
#: 0072-elected-box.md): three of four pages are judged so, and every score is as good as if trafilatura were asked on
#: all, or better. A doubt of 0.1 costs .001 of F1 and a tenth of the story that is lost now. Blocks of 0.12 to 0.20 are
#: half story; after the noise stage they cost publishers .0005 of F1 and give back a quarter of what others lose.
MOST_DOUBT, ENOUGH_CHARS, LEAST_UNASKED = 0.07, 500, 0.12
#: The same for a block that is mostly links: lists of links stand between 0.12 and 0.20, hardly any story does.
LEAST_LINKS_UNASKED, MOSTLY = 0.20, 0.5


class JudgedBlock(NamedTuple):
    """One block with its verdict. `label` is `story`, or the kind of furniture or metadata that it looks like."""

    block: Block
    keep: bool
    label: str
    probability: float
    taken: bool  # by trafilatura, most of it


class Judgement(NamedTuple):
    """A page's blocks, each with its verdict."""

    blocks: list[JudgedBlock]

    @property
    def text(self) -> str:
        """Join the blocks that stay, one a paragraph."""
        return "\n".join(judged.block.line for judged in self.blocks if judged.keep)


@dataclass(frozen=True)
class BoostedTrees:
    """Boosted trees as arrays, one row a tree. A leaf points at itself."""

    names: list[str]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float32]
    roots: NDArray[np.int32]
    depth: int
    base: float
    provenance: str

    @cached_property
    def scorer(self) -> Scorer:
        """The trees, laid out for speed."""
        is_leaf = self.left == np.arange(len(self.left))
        nodes = (self.roots, np.where(is_leaf, -1, self.feature), self.threshold, self.left, self.right, self.value)
        return scorer_of(Nodes(*nodes), len(self.names))


@cache
def load(path: Path = WEIGHTS) -> BoostedTrees:
    """Read the trees that the package brings along."""
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as data:
        return BoostedTrees(
            names=data["names"].tolist(),
            feature=data["feature"],
            threshold=data["threshold"],
            left=data["left"],
            right=data["right"],
            value=data["value"],
            roots=data["roots"],
            depth=int(data["depth"]),
            base=float(data["base"]),
            provenance=str(data["provenance"]),
        )


def probabilities(trees: BoostedTrees, rows: Floats) -> Floats:
    """Return the probability of story for each row."""
    return trees.scorer.probabilities(np.ascontiguousarray(rows), trees.base).astype(np.float32)


def columns_of(described: Described, trees: BoostedTrees) -> Floats:
    """Return the columns that some trees were trained with, in their order."""
    if trees.names == list(described.names):
        return described.rows
    place = {name: n for n, name in enumerate(described.names)}
    return described.rows[:, [place[name] for name in trees.names]]


def stays(blocks: Blocks, probability: Floats, taken: Floats) -> NDArray[np.bool_]:
    """Decide which blocks stay: one that trafilatura took needs less evidence; lists within the story stay with it."""
    keep = (probability >= LEAST_LEFT_OUT) | ((taken >= TAKEN) & (probability >= LEAST_TAKEN))
    return with_lists(blocks, keep)


_LISTS = ("ul", "ol", "dl", "table")
MAX_LINKED = 0.3  # share of a list's characters within links, beyond which it is a list of links


def with_lists(blocks: Blocks, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep also the lists and tables that stand within the story: between blocks of one box that stay, not of links.

    Ingredients, results and steps look like furniture one by one; what stands around them says that they are none.
    """
    kept = keep.copy()
    for number in blocks.called(_LISTS):
        first, after = blocks.of_boxes[_FIRST_AND_END, number].tolist()
        if _is_within_story(blocks, number, first, after, kept):
            kept[first:after] = True
    return kept


_FIRST_AND_END = [2, 3]  # rows of Blocks.of_boxes


def _is_within_story(blocks: Blocks, number: int, first: int, after: int, kept: NDArray[np.bool_]) -> bool:
    """Tell if a list stands between two blocks of the box around it that stay, and is not one of links."""
    if first == 0 or after == len(kept) or not (kept[first - 1] and kept[after]):
        return False
    parents = blocks.of_boxes[0]
    around = {int(parents[blocks.blocks[at].box]) for at in (first - 1, after)}
    return around == {int(parents[number])} and _linked(blocks, first, after) < MAX_LINKED


def _linked(blocks: Blocks, first: int, end: int) -> float:
    """Return the share of the characters of some blocks that stand within links."""
    some = blocks.blocks[first:end]
    return sum(block.linked for block in some) / max(sum(len(block.text) for block in some), 1)


#: The label of a block that goes, by the nearest evidence of names; of two as near, the first here.
_LABELS = (
    *(("caption", "is_<figcaption"), ("caption", "is_caption"), ("comment", "is_comment"), ("signup", "is_signup")),
    *(("social", "is_social"), ("ad", "is_ad"), ("legal", "is_legal"), ("credit", "is_credit")),
    *(("byline", "is_byline"), ("date", "is_date"), ("date", "is_<time"), ("tags", "is_tags")),
    *(("related", "is_related"), ("signup", "is_paywall"), ("embed", "is_embed"), ("gallery", "is_media")),
    *(("nav", "is_nav"), ("nav", "is_<nav"), ("form", "is_form"), ("form", "is_<form"), ("caption", "is_<figure")),
    *(("legal", "is_footer"), ("legal", "is_<footer"), ("aside", "is_aside"), ("aside", "is_<aside")),
    *(("nav", "is_header"), ("nav", "is_<header"), ("hidden", "is_hidden"), ("hidden", "is_unseen")),
)
_METADATA = (("title", "title", 0.8), ("deck", "description", 1.0), ("duplicate", "again", 1.0))


@cache
def _places_of_labels(names: tuple[str, ...]) -> tuple[list[int], list[int], int]:
    """Return the columns of _LABELS and _METADATA, and that of links."""
    place = {name: n for n, name in enumerate(names)}
    return [place[name] for _, name in _LABELS], [place[name] for _, name, _ in _METADATA], place["linked"]


def labels(names: Sequence[str], rows: Floats) -> list[str]:
    """Name the kind of furniture or metadata that each block would be."""
    by_name, by_metadata, linked = _places_of_labels(tuple(names))
    evidence = rows[:, by_name]
    nearest = evidence.argmax(axis=1)
    none = evidence.max(axis=1, initial=0.0) <= 0
    found = np.where(none, np.where(rows[:, linked] > _MOST_LINKED, _NAV, _OTHER), nearest)
    for number, at in reversed(list(enumerate(by_metadata, _FIRST_OF_METADATA))):
        found[rows[:, at] >= _METADATA[number - _FIRST_OF_METADATA][2]] = number
    return [_LABEL_NAMES[number] for number in found.tolist()]


_MOST_LINKED = 0.6  # share of a block within links, beyond which it is navigation where nothing names it
_LABEL_NAMES = (*(label for label, _ in _LABELS), *(label for label, _, _ in _METADATA), "nav", "other")
_FIRST_OF_METADATA = len(_LABELS)
_NAV, _OTHER = len(_LABEL_NAMES) - 2, len(_LABEL_NAMES) - 1


class BlockWeights(NamedTuple):
    """The blocks of a page as a model sees them: the probability of each, if it stays, and if trafilatura took it."""

    probability: Floats
    keep: NDArray[np.bool_]
    taken: NDArray[np.bool_]


def judge_alone(blocks: Blocks, described: Described, trees: BoostedTrees | None = None) -> Judgement:
    """Judge the blocks of a page by what the page itself says."""
    return judgement_of(blocks, described, weigh_alone(blocks, described, trees))


def weigh_alone(blocks: Blocks, described: Described, trees: BoostedTrees | None = None) -> BlockWeights:
    """Weigh the blocks of a page by what the page itself says."""
    trees = trees or load(WEIGHTS_ALONE)
    probability = probabilities(trees, columns_of(described, trees))
    keep = with_lists(blocks, stays_unasked(blocks, probability))
    return BlockWeights(probability, keep, np.zeros_like(keep))


def stays_unasked(blocks: Blocks, probability: Floats, least: float = LEAST_UNASKED) -> NDArray[np.bool_]:
    """Decide which blocks stay where trafilatura is not asked."""
    is_linked = blocks.linked > MOSTLY * blocks.lengths
    return probability >= np.where(is_linked, max(least, LEAST_LINKS_UNASKED), least).astype(np.float32)


def least_unasked(block: Block, least: float = LEAST_UNASKED) -> float:
    """Return the least probability of a block to stay where trafilatura is not asked."""
    return max(least, LEAST_LINKS_UNASKED) if block.linked > MOSTLY * len(block.text) else least


def judge(blocks: Blocks, described: Described, taken: str, trees: BoostedTrees | None = None) -> Judgement:
    """Judge the blocks of a page by what it says and by what trafilatura took from it."""
    trees, both = trees or load(), with_taken(described, taken)
    probability, share = probabilities(trees, columns_of(both, trees)), both.column("taken")
    return judgement_of(blocks, described, BlockWeights(probability, stays(blocks, probability, share), share >= TAKEN))


def judgement_of(blocks: Blocks, described: Described, weighed: BlockWeights) -> Judgement:
    """Name what goes of a page, and lay out the verdict on each block."""
    named = iter(labels(described.names, described.rows[~weighed.keep]))
    keep = weighed.keep.tolist()
    kinds = ["story" if stay else next(named) for stay in keep]
    return Judgement(
        list(map(JudgedBlock, blocks.blocks, keep, kinds, weighed.probability.tolist(), weighed.taken.tolist()))
    )


def is_sure(blocks: Blocks, alone: BlockWeights) -> bool:
    """Tell if what a page says of its blocks itself leaves so little doubt that trafilatura need not be asked."""
    kept = int(blocks.lengths[alone.keep].sum())
    return kept >= ENOUGH_CHARS and doubtful_chars(alone.probability, blocks.lengths) <= MOST_DOUBT * kept


def doubtful_chars(probability: Floats, lengths: NDArray[np.int64]) -> float:
    """Return how many characters of a page are expected to be judged wrongly, by the probabilities of its blocks.

    >>> [doubtful_chars(np.array([p], np.float32), np.array([20])) for p in (1.0, 0.75, 0.25)]
    [0.0, 5.0, 5.0]
    """
    wide = probability.astype(np.float64)
    return float((np.minimum(wide, 1 - wide) * lengths).sum())
