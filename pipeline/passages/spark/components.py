"""Groups of sentences that are connected by matches: what decides the role of a match lies within one.

Each task first puts a star in the place of the connected sentences that it knows: all point at the least. Where one
task holds all edges, that is the answer. Else stars are joined by rounds of "large star" and "small star" (Kiveris and
others, 2014), which keep what is connected and end with one star for each component.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import xxhash

from stages.near_duplicates.history import SENTENCE
from stages.near_duplicates.tokenization import Integers

from .exchange import ShuffleRow, answers, by_key, integers, split, tasks
from .work import Pieces, Work, load, save

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Edges that one task holds: some 100 bytes each while it works on them.
MOST_EDGES = 5_000_000


def connect(spark: SparkSession, work: Work, pieces: Pieces, most_edges: int = MOST_EDGES) -> None:
    """Find for the sentences of each piece that have matches the least sentence that they are connected with."""
    counted = answers(tasks(spark, pieces.number, lambda piece: put_stars(work, piece)))
    shares = 1 + sum(map(int, counted.values())) // most_edges
    begun = tasks(spark, pieces.number, lambda piece: stars_of(work, piece, shares))
    state = answers(by_key(begun, shares, lambda share, rows: put_edges(work, share, rows, shares)))
    last = 0
    while shares > 1:
        state, before = join_stars(spark, work, shares, last), state
        shutil.rmtree(work.aside / "edges" / str(last))
        last += 1
        if state == before:
            break
    found = tasks(spark, shares, lambda share: labels_by_piece(work, pieces, last, share))
    answers(by_key(found, pieces.number, lambda piece, rows: put_labels(work, piece, rows)))


def join_stars(spark: SparkSession, work: Work, shares: int, last: int) -> dict[int, bytes]:
    """Carry out a round of large and small stars; return a digest of each share of the edges."""
    both_ways = tasks(spark, shares, lambda share: edges_both_ways(work, last, share, shares))
    large = by_key(both_ways, shares, lambda share, rows: dealt(large_star(*edges_in(rows)), shares, share))
    return answers(by_key(large, shares, lambda share, rows: put_small_stars(work, last + 1, share, rows)))


# ---------------------------------------------------------------- edges, each from a sentence to an earlier one


def stars(one: Integers, other: Integers) -> tuple[Integers, Integers]:
    """Return for all nodes of some edges but the least of each component an edge to that.

    >>> [nodes.tolist() for nodes in stars(np.array([5, 9, 7]), np.array([3, 5, 8]))]
    [[5, 8, 9], [3, 7, 3]]
    """
    nodes, places = np.unique(np.concatenate([one, other]), return_inverse=True)
    a, b = places[: len(one)], places[len(one) :]
    root = np.arange(len(nodes))
    while True:
        low, high = np.minimum(root[a], root[b]), np.maximum(root[a], root[b])
        apart = low < high
        if not apart.any():
            break
        np.minimum.at(root, high[apart], low[apart])
        while (root[root] != root).any():
            root = root[root]
    outer = np.flatnonzero(root != np.arange(len(nodes)))
    return nodes[outer], nodes[root[outer]]


def least_of(node: Integers, other: Integers) -> Integers:
    """Return for each edge the least of its node and all that the node has edges to; edges rise by node."""
    if not len(node):
        return node
    begins = np.flatnonzero(np.diff(node, prepend=node[0] - 1))
    least = np.minimum(np.minimum.reduceat(other, begins), node[begins])
    return np.repeat(least, np.diff(np.append(begins, len(node))))


def large_star(node: Integers, other: Integers) -> tuple[Integers, Integers]:
    """Point all greater neighbours of a node at the least of them all; edges are given both ways."""
    order = np.argsort(node, kind="stable")
    node, other = node[order], other[order]
    least = least_of(node, other)
    greater = other > node
    return other[greater], least[greater]


def small_star(node: Integers, other: Integers) -> tuple[Integers, Integers]:
    """Point a node and all its lesser neighbours at the least of them; edges go from the greater."""
    order = np.argsort(node, kind="stable")
    node, other = node[order], other[order]
    least = least_of(node, other)
    edges = np.unique(np.column_stack([np.append(node, other), np.append(least, least)]), axis=0)
    edges = edges[edges[:, 0] != edges[:, 1]]
    return edges[:, 0], edges[:, 1]


def share_of(nodes: Integers, shares: int) -> Integers:
    """Return the shares of nodes; neighbours in number are in different ones."""
    return nodes % shares


def dealt(edges: tuple[Integers, Integers], shares: int, at: int) -> Iterator[ShuffleRow]:
    """Yield edges by the share of their first node."""
    pairs = np.column_stack(edges)
    for share, some in split(pairs, share_of(pairs[:, 0], shares)):
        yield ShuffleRow(share, at, some.tobytes())


def edges_in(rows: Iterator[ShuffleRow]) -> tuple[Integers, Integers]:
    """Return the edges of some rows."""
    pairs = np.concatenate([np.zeros((0, 2), np.int64), *(integers(row.values).reshape(-1, 2) for row in rows)])
    return pairs[:, 0], pairs[:, 1]


# ---------------------------------------------------------------- tasks


def put_stars(work: Work, piece: int) -> Iterator[ShuffleRow]:
    """Write the stars of a piece's matches with sentences of this run, and yield how many edges they have."""
    path = work.file("matches", piece)
    if path.exists():
        matches = load(path, "later", "canonical")
        here = matches["canonical"] >= work.base[SENTENCE]
        node, least = stars(matches["later"][here], matches["canonical"][here])
        save(work.file("stars", piece), {"node": node, "least": least})
        yield ShuffleRow(piece, 0, str(len(node)).encode())


def stars_of(work: Work, piece: int, shares: int) -> Iterator[ShuffleRow]:
    """Yield the edges of a piece's stars by shares."""
    path = work.file("stars", piece)
    if path.exists():
        edges = load(path)
        yield from dealt((edges["node"], edges["least"]), shares, piece)


def put_edges(work: Work, share: int, rows: Iterator[ShuffleRow], shares: int) -> Iterator[ShuffleRow]:
    """Write the edges of a share before the first round: where it is the only one, they are final."""
    edges = edges_in(rows)
    return put_share(work, 0, share, stars(*edges) if shares == 1 else edges)


def put_small_stars(work: Work, number: int, share: int, rows: Iterator[ShuffleRow]) -> Iterator[ShuffleRow]:
    """Write the edges of a share after a round."""
    return put_share(work, number, share, small_star(*edges_in(rows)))


def put_share(work: Work, number: int, share: int, edges: tuple[Integers, Integers]) -> Iterator[ShuffleRow]:
    """Write edges, and yield a digest of them."""
    node, least = edges
    save(work.file(f"edges/{number}", share), {"node": node, "least": least})
    yield ShuffleRow(share, 0, xxhash.xxh3_64_digest(np.column_stack(edges).tobytes()))


def edges_both_ways(work: Work, number: int, share: int, shares: int) -> Iterator[ShuffleRow]:
    """Yield the edges of a share from both of their nodes."""
    path = work.file(f"edges/{number}", share)
    if path.exists():
        edges = load(path)
        yield from dealt((edges["node"], edges["least"]), shares, 2 * share)
        yield from dealt((edges["least"], edges["node"]), shares, 2 * share + 1)


def labels_by_piece(work: Work, pieces: Pieces, number: int, share: int) -> Iterator[ShuffleRow]:
    """Yield the final edges of a share by the pieces of their sentences."""
    path = work.file(f"edges/{number}", share)
    if path.exists():
        edges = load(path)
        pairs = np.column_stack([edges["node"], edges["least"]])
        for piece, some in split(pairs, work.piece_of(pieces, SENTENCE, pairs[:, 0])):
            yield ShuffleRow(piece, share, some.tobytes())


def put_labels(work: Work, piece: int, rows: Iterator[ShuffleRow]) -> Iterator[ShuffleRow]:
    """Write what the sentences of a piece are connected with."""
    node, least = edges_in(rows)
    order = np.argsort(node)
    save(work.file("labels", piece), {"node": node[order], "least": least[order]})
    yield ShuffleRow(piece, len(node))


def labels_in(work: Work, piece: int, sentences: Integers) -> Integers:
    """Return the least sentences that some of a piece are connected with; the others are alone."""
    path = work.file("labels", piece)
    if not path.exists():
        return sentences
    labels = load(path)
    at = np.minimum(np.searchsorted(labels["node"], sentences), len(labels["node"]) - 1)
    found: Integers = np.where(labels["node"][at] == sentences, labels["least"][at], sentences)
    return found
