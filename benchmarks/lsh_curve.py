"""What share of the verified pairs of paragraphs MinHash LSH lets through, against all pairs compared.

    python benchmarks/lsh_curve.py --shared SHARED [--articles ARTICLES.jsonl[.gz]] [--plans]

The oracle is exact: an inverted index of pairs of neighbouring words gives every two paragraphs of different articles
that have three of them in common (the verifier asks for more), and all are verified. `--plans` tries other units,
shingles, bands and rows besides those of the settings.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from near_duplicates import documents_table
from peers import read_articles
from scipy.sparse import csr_matrix

from stages import near_duplicates
from stages.near_duplicates import candidates as lsh
from stages.near_duplicates import numbering, shard_evidence, verification
from stages.near_duplicates.alphabet import PLACE
from stages.near_duplicates.settings import Settings

#: Pairs of neighbouring words that the oracle asks for.
FEWEST = 3
#: Paragraphs that are compared with all others at once, so that memory suffices.
ROWS_AT_ONCE = 500
#: How many equal words two paragraphs have in their passages: bounds of what is told apart.
EQUAL_WORDS = (10, 15, 25)
WORD, PRIME = np.int64(~PLACE), np.int64(0x100000001B3)
#: Longest unit, shingle words, bands, rows.
PLANS = (
    (60, 3, 64, 2), (30, 3, 64, 2), (20, 3, 64, 2), (16, 3, 16, 2), (16, 3, 32, 2), (16, 3, 48, 2), (16, 3, 64, 2),
    (16, 3, 96, 2), (16, 3, 16, 1), (16, 3, 64, 3), (16, 2, 32, 2), (16, 2, 64, 2), (16, 2, 64, 3), (12, 3, 64, 2),
)  # fmt: skip


def pairs_with_common_word_pairs(words: Any, first: Any, document: Any, fewest: int) -> Any:
    """Every two paragraphs of different documents of which the later has `fewest` word pairs that the earlier has."""
    paragraph = np.repeat(np.arange(len(first) - 1), np.diff(first))
    begins = np.flatnonzero(paragraph[1:] == paragraph[:-1])  # words with a neighbour in their paragraph
    hashes = (words[begins] & WORD) * PRIME ^ (words[begins + 1] & WORD)
    _, column = np.unique(hashes, return_inverse=True)
    times = csr_matrix(
        (np.ones(len(begins), np.int32), (paragraph[begins], column)), shape=(len(first) - 1, len(begins))
    )
    earlier = (times > 0).astype(np.int32).T.tocsr()
    found = [np.zeros(0, np.int64)]
    for at in range(0, len(first) - 1, ROWS_AT_ONCE):
        common = (times[at : at + ROWS_AT_ONCE] @ earlier).tocoo()
        later, other = common.row.astype(np.int64) + at, common.col.astype(np.int64)
        chosen = (common.data >= fewest) & (other < later) & (document[other] != document[later])
        found.append(other[chosen] << 32 | later[chosen])
    return np.sort(np.concatenate(found))


def verified(corpus: numbering.NumberedEvidence, pairs: Any, settings: Settings) -> tuple[Any, Any]:
    """The pairs that match, and how many equal words their passages have."""
    matches = verification.verify(numbering.texts(corpus), pairs, settings, 2)
    part, later = (
        np.searchsorted(corpus.sentence_first, sentence, side="right") - 1
        for sentence in (matches.sentence, matches.later)
    )
    spans = matches.spans
    longer = np.maximum(spans[:, 1] - spans[:, 0], spans[:, 3] - spans[:, 2])
    found, place = np.unique(part << 32 | later, return_inverse=True)
    return found, np.bincount(place, weights=np.round(matches.similarity * longer))


def between_articles(corpus: numbering.NumberedEvidence, pairs: Any) -> Any:
    """Leave out pairs within one article, which the oracle does not compare."""
    return pairs[corpus.document[pairs >> 32] != corpus.document[pairs & 0xFFFFFFFF]]


def curve(let_through: Any, equal_words: Any) -> list[str]:
    """The share let through: of all pairs, and of those with so many equal words."""
    bins = [(equal_words >= low) & (equal_words < high) for low, high in pairwise((0, *EQUAL_WORDS, np.inf))]
    return [f"{let_through[chosen].mean():.2%}" for chosen in (np.ones(len(equal_words), bool), *bins)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--articles", type=Path, help="JSON Lines; default: SHARED/data/fnc_train.jsonl.gz")
    parser.add_argument("--plans", action="store_true")
    arguments = parser.parse_args()
    articles = read_articles(arguments.articles or arguments.shared / "data/fnc_train.jsonl.gz")
    documents, settings = documents_table(articles), near_duplicates.Settings()
    evidence = near_duplicates.evidence(documents)
    corpus = numbering.in_canonical_order(evidence, settings)
    compared = pairs_with_common_word_pairs(corpus.words, corpus.first, corpus.document, FEWEST)
    pairs, equal_words = verified(corpus, compared, settings)
    print(f"{len(corpus.first) - 1:,} paragraphs; {len(compared):,} pairs have {FEWEST} word pairs in common;")
    print(f"{len(pairs):,} of them match.\n")
    bins = [
        "all",
        f"under {EQUAL_WORDS[0]} equal words",
        *(f"{low} to {high - 1}" for low, high in pairwise(EQUAL_WORDS)),
    ]
    bins.append(f"{EQUAL_WORDS[-1]} and more")
    print(f"| units of at most, shingles, bands × rows | units | candidates | s | {' | '.join(bins)} |")
    print("|---" * (4 + len(bins)) + "|")
    for longest, shingle_words, bands, rows in plans(settings, arguments.plans):
        shard_evidence.UNIT_WORDS = (shard_evidence.UNIT_WORDS[0], longest)
        plan = replace(settings, shingle_words=shingle_words, bands=bands, rows=rows)
        began = time.perf_counter()
        cut = numbering.in_canonical_order(near_duplicates.evidence(documents), plan)
        entries = lsh.bucket_entries(cut, np.ones(len(cut.document), bool), plan, threads=2)
        candidates = between_articles(corpus, lsh.candidates(entries, plan, threads=2))
        seconds = time.perf_counter() - began
        cells = " | ".join(curve(np.isin(pairs, candidates), equal_words))
        name = f"{longest} words, {shingle_words} words, {bands} × {rows}"
        print(f"| {name} | {len(cut.unit_begin):,} | {len(candidates):,} | {seconds:.2f} | {cells} |", flush=True)


def plans(settings: Settings, others: bool) -> list[tuple[int, int, int, int]]:
    """The plan of the settings, and the others if asked for."""
    own = (shard_evidence.UNIT_WORDS[1], settings.shingle_words, settings.bands, settings.rows)
    return [own, *(plan for plan in PLANS if others and plan != own)]


if __name__ == "__main__":
    main()
