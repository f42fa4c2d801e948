"""What share of the verified pairs of paragraphs MinHash LSH lets through, against all pairs compared.

    python benchmarks/lsh_curve.py --shared SHARED [--articles ARTICLES.jsonl[.gz]] [--plans]

The oracle is exact: an inverted index of word pairs gives every two paragraphs of different articles that the verifier
would look at, and the verifier looks at all of them. `--plans` tries other units, shingles, bands and rows besides
those of the settings.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numba
import numpy as np
from near_duplicates import documents_table
from peers import read_articles

from stages import near_duplicates
from stages.near_duplicates import gathering, kernels, resolution
from stages.near_duplicates.settings import Settings, word_weights

#: Bounds of the strengths that are told apart; the first is what the settings ask of a match.
STRENGTHS = (9.0, 12.0, 20.0)
#: Longest unit, shingle words, bands, rows.
PLANS = (
    (60, 3, 64, 2), (30, 3, 64, 2), (20, 3, 64, 2), (16, 3, 16, 2), (16, 3, 32, 2), (16, 3, 48, 2), (16, 3, 64, 2),
    (16, 3, 96, 2), (16, 3, 16, 1), (16, 3, 64, 3), (16, 2, 32, 2), (16, 2, 64, 2), (16, 2, 64, 3), (12, 3, 64, 2),
)  # fmt: skip


@numba.njit
def inverted_index(words: Any, first: Any) -> Any:
    """The word pairs of all paragraphs: of each its paragraph and its posting list; the lists, their beginnings."""
    hashes, owners, n = np.empty(len(words), np.uint64), np.empty(len(words), np.int64), 0
    for p in range(len(first) - 1):
        for i in range(first[p], first[p + 1] - 1):
            hashes[n], owners[n] = kernels.word_pair(words, i), p
            n += 1
    order = np.argsort(hashes[:n], kind="mergesort")
    lists, begins, count = np.empty(n, np.int64), np.empty(n + 1, np.int64), 0
    for k in range(n):
        if k == 0 or hashes[order[k]] != hashes[order[k - 1]]:
            begins[count] = k
            count += 1
        lists[order[k]] = count - 1
    begins[count] = n
    return owners[:n], lists, owners[order], begins[: count + 1]


@numba.njit
def count_common(posting: Any, paragraph: int, common: Any, touched: Any, met: int) -> int:
    """Count one word pair for every earlier paragraph that has it; returns how many paragraphs are counted for now."""
    previous = -1
    for other in posting:
        if other >= paragraph:
            break
        if other != previous:
            if common[other] == 0:
                touched[met] = other
                met += 1
            common[other] += 1
        previous = other
    return met


@numba.njit
def pairs_with_common_word_pairs(words: Any, first: Any, document: Any, fewest: int) -> Any:
    """Every two paragraphs of different documents of which the later has `fewest` word pairs that the earlier has."""
    owners, lists, postings, begins = inverted_index(words, first)
    common, touched = np.zeros(len(first), np.int32), np.empty(len(first), np.int64)
    found = [np.int64(0) for _ in range(0)]
    at = 0
    while at < len(owners):
        paragraph, met = owners[at], 0
        while at < len(owners) and owners[at] == paragraph:
            posting = postings[begins[lists[at]] : begins[lists[at] + 1]]
            met = count_common(posting, paragraph, common, touched, met)
            at += 1
        for other in touched[:met]:
            if common[other] >= fewest and document[other] != document[paragraph]:
                found.append(other << 32 | paragraph)
            common[other] = 0
    return np.sort(np.array(found))


def verified(corpus: resolution.Corpus, pairs: Any, settings: Settings) -> tuple[Any, Any]:
    """The pairs that match, and how strongly."""
    rows, strengths = kernels.verify(
        pairs, corpus.words, corpus.first, corpus.sentences, corpus.sentence_first,
        np.array(word_weights(settings), np.float32), np.array(resolution.limits(settings), np.float32),
        resolution.FEWEST_ALIGNED, resolution.FEWEST_WORD_PAIRS,
    )  # fmt: skip
    matched = np.unique(rows[:, 0])
    return pairs[matched], strengths[matched]


def curve(let_through: Any, strengths: Any) -> list[str]:
    """The share let through: of all pairs, and of those of each strength."""
    bounds = (-np.inf, *STRENGTHS, np.inf)
    bins = [(strengths >= low) & (strengths < high) for low, high in pairwise(bounds)]
    return [f"{let_through[chosen].mean():.2%}" for chosen in (np.ones(len(strengths), bool), *bins)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--articles", type=Path, help="JSON Lines; default: SHARED/data/fnc_train.jsonl.gz")
    parser.add_argument("--plans", action="store_true")
    arguments = parser.parse_args()
    articles = read_articles(arguments.articles or arguments.shared / "data/fnc_train.jsonl.gz")
    documents, settings = documents_table(articles), near_duplicates.Settings()
    evidence = near_duplicates.evidence(documents, settings)
    corpus = resolution.in_canonical_order(evidence, settings)
    fewest = min(resolution.FEWEST_WORD_PAIRS, resolution.FEWEST_ALIGNED - 1)
    compared = pairs_with_common_word_pairs(corpus.words, corpus.first, corpus.document, fewest)
    pairs, strengths = verified(corpus, compared, settings)
    print(f"{len(corpus.first) - 1:,} paragraphs; {len(compared):,} pairs have {fewest} word pairs in common;")
    print(f"{len(pairs):,} of them match.\n")
    bins = ["all", f"strength under {STRENGTHS[0]:g}", *(f"{low:g} to {high:g}" for low, high in pairwise(STRENGTHS))]
    bins.append(f"{STRENGTHS[-1]:g} and more")
    print(f"| units of at most, shingles, bands × rows | units | candidates | s | {' | '.join(bins)} |")
    print("|---" * (4 + len(bins)) + "|")
    for longest, shingle_words, bands, rows in plans(settings, arguments.plans):
        gathering.UNIT_WORDS = (gathering.UNIT_WORDS[0], longest)
        plan = replace(settings, shingle_words=shingle_words, bands=bands, rows=rows)
        began = time.perf_counter()
        units = near_duplicates.evidence(documents, plan).units
        candidates = resolution.candidates(corpus, units, plan)
        seconds = time.perf_counter() - began
        cells = " | ".join(curve(np.isin(pairs, candidates), strengths))
        name = f"{longest} words, {shingle_words} words, {bands} × {rows}"
        print(f"| {name} | {len(units):,} | {len(candidates):,} | {seconds:.2f} | {cells} |", flush=True)


def plans(settings: Settings, others: bool) -> list[tuple[int, int, int, int]]:
    """The plan of the settings, and the others if asked for."""
    own = (gathering.UNIT_WORDS[1], settings.shingle_words, settings.bands, settings.rows)
    return [own, *(plan for plan in PLANS if others and plan != own)]


if __name__ == "__main__":
    main()
