"""Splits by cluster: documents that share a copied passage, or are copies or versions of one another, stay together.

Such documents are connected components of a graph. A component goes to a split by the hash of one of its documents,
so the same seed gives the same splits on every machine, and a run that is added moves a document only where its
articles connect components that were apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import UserError
from pipeline.storage.ids import as_bytes, places_in
from pipeline.storage.reader import Corpus
from pipeline.storage.selection import Selection

Integers = NDArray[np.int64]
#: A component of more than this share of the smallest split is a giant and goes to the largest one: it would make up
#: most of a small split. A half is chosen by hand; docs/how-to/export.md says what follows from it.
LARGEST_SHARE = 0.5
#: How far the sum of the shares may be from 1.
SLACK = 1e-6
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Assignment(NamedTuple):
    """Splits with the sorted ids (as bytes) of their documents, and the sizes of the components."""

    ids: dict[str, NDArray[Any]]
    component_sizes: Integers  # descending


def shares_of(text: str) -> dict[str, float]:
    """Parse the value of --split. Raises UserError if it is none.

    >>> shares_of("train=0.8, test=0.2")
    {'train': 0.8, 'test': 0.2}
    >>> shares_of("train=0.8,test=0.1")
    Traceback (most recent call last):
    pipeline.errors.UserError: --split train=0.8,test=0.1: the shares add up to 0.9 and not to 1.
    """
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = (each.strip() for each in part.partition("="))
        try:
            share = float(number)
        except ValueError:
            share = 0.0
        if not _NAME.fullmatch(name) or not 0 < share <= 1 or name in shares:
            raise UserError(
                f"--split {text}: {part.strip()!r} is not a new name with a share up to 1. Try: train=0.8,test=0.2"
            )
        shares[name] = share
    if abs(sum(shares.values()) - 1) > SLACK:
        raise UserError(f"--split {text}: the shares add up to {round(sum(shares.values()), 6)} and not to 1.")
    return shares


def split_by_cluster(
    corpus: Corpus, chosen: Selection, shares: Mapping[str, float], seed: int = 0, only: NDArray[Any] | None = None
) -> Assignment:
    """Divide the chosen documents, or `only` some of them (sorted ids), among splits, whole components each.

    Memory holds no text: 240 MB for a million documents with five million copied passages, which takes 15 s (two
    cores that others used too).
    """
    ids, earliest = chosen_ids(corpus, chosen)
    if only is not None:
        inside = places_in(only, ids)[1]
        ids, earliest = ids[inside], np.argsort(np.argsort(earliest[inside]))
    return assign(ids, components(ids, earliest, *_links(corpus, chosen, ids)), shares, seed)


def sample_of(ids: NDArray[Any], size: int, seed: int) -> NDArray[Any]:
    """Return a sample of sorted ids, sorted. It depends on ids and seed alone; a larger one contains a smaller one."""
    order = np.argsort(hashes(ids, seed), kind="stable")
    return np.sort(ids[order[:size]])


def chosen_ids(corpus: Corpus, chosen: Selection) -> tuple[NDArray[Any], Integers]:
    """Return the ids of the chosen documents, sorted, and for each its place in the order of runs, then of ids."""
    parts, runs = [as_bytes([])], [np.zeros(0, np.int64)]
    number = {run: at for at, run in enumerate(corpus.runs)}
    for batch in chosen.documents(corpus, ["doc_id", "run"]):
        parts.append(as_bytes(batch["doc_id"].to_pylist()))
        runs.append(np.array([number[run] for run in batch["run"].to_pylist()], np.int64))
    ids, of_run = np.concatenate(parts), np.concatenate(runs)
    order = np.argsort(ids, kind="stable")
    places = np.empty(len(ids), np.int64)
    places[np.argsort(of_run[order], kind="stable")] = np.arange(len(ids))
    return ids[order], places


def _links(corpus: Corpus, chosen: Selection, ids: NDArray[Any]) -> tuple[Integers, Integers]:
    """Return pairs of document (its place among the ids) and key (of what it shares with others).

    A key is the first half of the id of a cluster or of a document. Two equal ones of different things, which is not
    to be expected, would join two components more and part none.
    """
    documents, keys = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for found, other in _relations(corpus, chosen):
        places, known = places_in(ids, as_bytes(found))
        documents.append(places[known])
        keys.append(_halves(as_bytes(other))[known])
    return np.concatenate(documents), np.concatenate(keys)


def _relations(corpus: Corpus, chosen: Selection) -> Iterator[tuple[list[str], list[str]]]:
    """Yield documents with the clusters and the documents that they share something with, column by column."""
    for batch in chosen.rows(corpus, "passages", ["doc_id", "cluster_id"]):
        yield batch["doc_id"].to_pylist(), batch["cluster_id"].to_pylist()
    related = ["duplicate_of", "revision_of", "superseded_by"]
    for batch in chosen.documents(corpus, ["doc_id", *related]):
        own = batch["doc_id"].to_pylist()
        yield own, own
        for name in related:
            there = batch.filter(batch[name].is_valid())
            yield there["doc_id"].to_pylist(), there[name].to_pylist()


def components(ids: NDArray[Any], earliest: Integers, documents: Integers, keys: Integers) -> Integers:
    """Return for each document the earliest one of its component, as a place among the ids.

    Documents with one key are linked in a row. Labels are handed along the links until they agree: each round at least
    halves the number of components that are still apart, so there are few.

    >>> ids = np.array([b"a", b"b", b"c", b"d"])
    >>> components(ids, np.arange(4), np.array([0, 2, 2, 3]), np.array([7, 7, 9, 9])).tolist()
    [0, 1, 0, 0]
    """
    order = np.argsort(keys, kind="stable")
    same = keys[order][1:] == keys[order][:-1]
    a, b = earliest[documents[order][1:][same]], earliest[documents[order][:-1][same]]
    labels = np.arange(len(ids))
    while len(a):
        low, high = np.minimum(labels[a], labels[b]), np.maximum(labels[a], labels[b])
        apart = low != high
        a, b = a[apart], b[apart]
        np.minimum.at(labels, high[apart], low[apart])
        while (labels[labels] != labels).any():
            labels = labels[labels]
    by_place = np.empty(len(ids), np.int64)
    by_place[earliest] = np.arange(len(ids))
    return by_place[labels[earliest]]


def assign(ids: NDArray[Any], component: Integers, shares: Mapping[str, float], seed: int) -> Assignment:
    """Give each component to a split: a giant to the largest split, any other by its hash.

    What the giants take of the largest split is taken off its share of the rest, so that sizes stay as they were asked
    for as long as they can.
    """
    first, inverse, sizes = np.unique(component, return_inverse=True, return_counts=True)
    names, wanted = list(shares), np.array(list(shares.values())) * len(ids)
    giant = sizes > max(wanted.min() * LARGEST_SHARE, 1)
    largest = int(np.argmax(wanted))
    wanted[largest] = max(wanted[largest] - sizes[giant].sum(), 0)
    bounds = np.cumsum(wanted) / max(wanted.sum(), 1)
    draws = hashes(ids[first], seed) / 2.0**64
    splits = np.minimum(np.searchsorted(bounds, draws, side="right"), len(names) - 1)
    splits[giant] = largest
    return Assignment(
        {name: ids[splits[inverse] == number] for number, name in enumerate(names)},
        np.sort(sizes)[::-1].astype(np.int64),
    )


def hashes(ids: NDArray[Any], seed: int) -> NDArray[np.uint64]:
    """Mix ids and a seed into evenly spread numbers (the finalizer of SplitMix64)."""
    x = _halves(ids).view(np.uint64) + np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % 2**64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = x ^ (x >> np.uint64(31))
    return mixed


def _halves(ids: NDArray[Any]) -> Integers:
    """Return the first 8 bytes of each id as an integer, the same on every machine."""
    return np.frombuffer(ids.tobytes(), "<i8")[::2].astype(np.int64)
