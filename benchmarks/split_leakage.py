"""Leakage of copied passages between splits: documents divided at random, and by cluster as `clean export --split`.

    python benchmarks/split_leakage.py                     # the sample corpus, cleaned into a temporary folder
    python benchmarks/split_leakage.py INPUT…              # other inputs
    python benchmarks/split_leakage.py --out out           # a corpus that is there

It prints, as means over seeds: the share of test documents, and of passages in test, that have a copy in train; the
same for runs of 13 words, which nothing of ours has looked for; and the share of all documents that test got.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.reports.exports.splits import Assignment, assign, chosen_ids, split_by_cluster
from pipeline.storage.ids import as_bytes
from pipeline.storage.reader import Corpus
from pipeline.storage.selection import Selection
from stages.shared.words import WORD

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}
SEEDS = range(5)
#: Words of a run that counts as contamination in evaluations of language models (GPT-3 took 13).
RUN_OF_WORDS = 13
Row = dict[str, Any]


def copies(corpus: Corpus) -> Iterator[tuple[bytes, bytes]]:
    """Document and cluster of every passage."""
    for batch in Selection().rows(corpus, "passages", ["doc_id", "cluster_id"]):
        yield from zip(*(as_bytes(batch[name].to_pylist()).tolist() for name in ("doc_id", "cluster_id")), strict=True)


def runs_of_words(corpus: Corpus) -> Iterator[tuple[bytes, int]]:
    """Document and hash of every run of 13 words."""
    for batch in Selection().documents(corpus, ["doc_id", "text"]):
        ids = as_bytes(batch["doc_id"].to_pylist()).tolist()
        for doc_id, text in zip(ids, batch["text"].to_pylist(), strict=True):
            words = re.findall(WORD, text.lower())
            for at in range(len(words) - RUN_OF_WORDS + 1):
                yield doc_id, hash(tuple(words[at : at + RUN_OF_WORDS]))


def leak(pairs: list[tuple[bytes, Any]], found: Assignment) -> tuple[float, float]:
    """The share of test documents, and of things in test documents, that stand in train too."""
    train, test = (set(found.ids[name].tolist()) for name in ("train", "test"))
    in_train = {thing for doc_id, thing in pairs if doc_id in train}
    in_test = {thing for doc_id, thing in pairs if doc_id in test}
    touched = {doc_id for doc_id, thing in pairs if doc_id in test and thing in in_train}
    return len(touched) / max(len(test), 1), len(in_test & in_train) / max(len(in_test), 1)


def measure(corpus: Corpus) -> list[str]:
    ids = chosen_ids(corpus, Selection())[0]
    passages, words = list(copies(corpus)), list(runs_of_words(corpus))
    lines = [f"{len(ids)} documents, {len(passages)} copied passages"]
    for name in ("at random", "by cluster"):
        figures = []
        for seed in SEEDS:
            if name == "at random":
                found = assign(ids, np.arange(len(ids)), SHARES, seed)
            else:
                found = split_by_cluster(corpus, Selection(), SHARES, seed)
            figures.append((*leak(passages, found), leak(words, found)[0], len(found.ids["test"]) / len(ids)))
        mean = np.mean(figures, axis=0)
        lines.append(
            f"{name}: test documents with a passage of train {mean[0]:.1%}, passages of test in train {mean[1]:.1%}, "
            f"test documents with 13 words of train {mean[2]:.1%}, size of test {mean[3]:.1%}"
        )
    lines.append(f"largest group: {found.component_sizes[0]} documents")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", nargs="*", default=["corpus"])
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = options.out or Path(folder) / "out"
        if not options.out:
            chosen = settings.parse({"run": {"max_failed_share": 1.0}})
            clean(RunRequest(options.inputs, out, chosen, workers=2))
        print("\n".join(measure(Corpus(out))))


if __name__ == "__main__":
    main()
