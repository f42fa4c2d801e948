"""Boosted trees: the probability that a forest gives each row of features. Same rows, same bits, whatever the batch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stages.native.kernel import Kernel

MAX_LEAVES = 16  # of a tree: its leaves are the bits of one short number
_TREES = Kernel(
    "boosted_trees",
    *(np.float32, int),  # features and rows
    *(np.int64, np.float32, np.int64, np.int32, np.float64, int, int, float),  # a Scorer, its sizes, and the base
    np.float64,
)


class Nodes(NamedTuple):
    """Decision trees in flat arrays. A leaf has feature -1, and a value."""

    roots: npt.NDArray[np.int32]
    feature: npt.NDArray[np.int16 | np.int32]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.int32 | np.int64]
    right: npt.NDArray[np.int32]
    value: npt.NDArray[np.float32]


class Scorer(NamedTuple):
    """The same trees, laid out for QuickScorer (`kernels/boosted_trees.c`): all tests of one feature in a row,
    thresholds rising.
    """

    starts: npt.NDArray[np.int64]  # of each feature's tests, and the end
    thresholds: npt.NDArray[np.float32]
    tree: npt.NDArray[np.int64]  # that a test belongs to
    leaves_left: npt.NDArray[np.int32]  # what stays of the tree's leaves where a test fails, as bits
    values: npt.NDArray[np.float64]  # of each tree's leaves

    def probabilities(self, rows: npt.NDArray[np.float32], base: float) -> npt.NDArray[np.float64]:
        """Return for each row the sigmoid of `base` and the sum of its leaves; ValueError for other columns."""
        columns = len(self.starts) - 1
        if rows.shape[1] != columns:
            raise ValueError(f"the trees read {columns} columns, not {rows.shape[1]}")
        found = np.empty(len(rows))
        _TREES(rows, len(rows), *self, columns, len(self.values), base, found)
        return found


class _Test(NamedTuple):
    feature: int
    threshold: float
    tree: int
    leaves_left: int


def scorer_of(nodes: Nodes, columns: int) -> Scorer:
    """Lay trees over so many columns out for scoring; ValueError where one has too many leaves."""
    values = np.zeros((len(nodes.roots), MAX_LEAVES))
    tests: list[_Test] = []
    for number, root in enumerate(nodes.roots.tolist()):
        leaves = [float(value) for value in _read_tree(nodes, number, root, 0, tests)]
        if len(leaves) > MAX_LEAVES:
            raise ValueError(f"tree {number} has {len(leaves)} leaves; at most {MAX_LEAVES} are read")
        values[number, : len(leaves)] = leaves
    tests.sort()
    features, thresholds, tree, masks = zip(*tests, strict=True) if tests else ((), (), (), ())
    return Scorer(
        np.searchsorted(features, np.arange(columns + 1)).astype(np.int64),
        np.array(thresholds, np.float32),
        np.array(tree, np.int64),
        np.array(masks, np.int32),
        values,
    )


def _read_tree(nodes: Nodes, number: int, node: int, first: int, tests: list[_Test]) -> list[float]:
    """Return the values of the leaves below a node, left to right, and add the nodes' tests to `tests`.

    `first` is the number that the leftmost of these leaves has in the tree.
    """
    if nodes.feature[node] < 0:
        return [nodes.value[node]]
    left = _read_tree(nodes, number, int(nodes.left[node]), first, tests)
    struck = ((1 << len(left)) - 1) << first
    kept = ~struck & 0xFFFF
    tests.append(_Test(int(nodes.feature[node]), float(nodes.threshold[node]), number, kept))
    return left + _read_tree(nodes, number, int(nodes.right[node]), first + len(left), tests)
