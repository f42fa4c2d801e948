"""The nearest sentences where a sentence is nowhere: those that share most of its words."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.reports.why.sought import Sought, words_of
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import dataset

#: Sentences that are shown; words of the sentence that are looked for, the longest; the share of them that a sentence
#: must have; texts of a batch that are read closely. Chosen by hand; not tuned.
SHOWN, LOOKED_FOR, LEAST_SHARE, READ_CLOSELY = 3, 12, 0.4, 20
BATCH = 8192  # rows that are compared at once
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[\"'”’»)]*\s+|\n+")


class NearSentence(NamedTuple):
    """A sentence that is like the one that was looked for."""

    shared: int  # of its different words
    n_words: int  # of the sentence that was looked for
    kind: str  # kept, or the action of the ledger
    doc_id: str
    text: str


def nearest_sentences(corpus: Corpus, sought: Sought) -> list[NearSentence]:
    """Find the sentences of a corpus that share most words with one; the tables are read batch by batch."""
    best: dict[str, tuple[tuple[int, float, str], NearSentence]] = {}
    for kind, batch in _texts(corpus):
        for at in _promising(batch["text"], sought):
            for sentence in _SENTENCE_END.split(batch["text"][at].as_py()):
                rank, near = _near(sought, sentence.strip(), kind, batch, at)
                if near.shared >= LEAST_SHARE * near.n_words:
                    best.setdefault(near.text, (rank, near))
        if len(best) > 10 * SHOWN:
            best = dict(heapq.nlargest(SHOWN, best.items(), key=lambda item: item[1][0]))
    return [near for _, near in heapq.nlargest(SHOWN, best.values(), key=lambda item: item[0])]


def _texts(corpus: Corpus) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the paragraphs of all runs and the words that were cut, as columns `doc_id` and `text`."""
    cut = pc.field("action").isin(["cut", "moved"]) & pc.field("doc_id").is_valid()
    for run in corpus.runs:
        paragraphs = dataset(corpus.out, "paragraphs", run)
        for batch in paragraphs.to_batches(columns=["doc_id", "text"], batch_size=BATCH):
            yield "kept", batch
        ledger = dataset(corpus.out, "ledger", run)
        columns = {"doc_id": pc.field("doc_id"), "text": pc.field("before")}
        for batch in ledger.to_batches(columns=columns, filter=cut, batch_size=BATCH):
            yield "cut", batch


def _promising(texts: pa.Array, sought: Sought) -> NDArray[np.int64]:
    """Return the places of the texts that have most of the words."""
    words = sorted(sought.words, key=lambda word: (-len(word), word))[:LOOKED_FOR]
    counts = np.zeros(len(texts), np.int32)
    for word in words:
        has = pc.fill_null(pc.match_substring(texts, word, ignore_case=True), False)
        counts += has.to_numpy(zero_copy_only=False)
    order = np.argsort(-counts, kind="stable")[:READ_CLOSELY]
    return order[counts[order] >= max(1, LEAST_SHARE * len(words))]


def _near(sought: Sought, sentence: str, kind: str, batch: Any, at: int) -> tuple[tuple[int, float, str], NearSentence]:
    words = words_of(sentence)
    shared = len(words & sought.words)
    rank = (shared, shared / max(1, len(words | sought.words)), sentence)
    return rank, NearSentence(shared, len(sought.words), kind, batch["doc_id"][int(at)].as_py(), sentence)
