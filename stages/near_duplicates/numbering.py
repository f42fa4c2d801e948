"""Evidence of a corpus, numbered in canonical order."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from .history import Texts
from .kernels.lists import place
from .settings import Settings
from .tables import Evidence
from .tokenization import Integers


class NumberedEvidence(NamedTuple):
    """Evidence numbered in canonical order: whatever has the smaller number is canonical for what has the larger."""

    documents: pa.Table
    document: NDArray[np.int32]  # of each part of a paragraph
    paragraph: NDArray[np.int32]
    offset: NDArray[np.int32]
    words: Integers
    first: Integers  # first word of each part, and the end
    sentences: Integers  # the word each sentence begins with
    sentence_first: Integers  # first sentence of each part, and the end
    begins: NDArray[np.int32]  # of each sentence, in code points of its paragraph
    ends: NDArray[np.int32]
    unit_begin: NDArray[np.int32]  # words of its part that each unit begins and ends with
    unit_end: NDArray[np.int32]
    unit_first: Integers  # first unit of each part, and the end


def canonical_order(documents: pa.Table, settings: Settings) -> Integers:
    """Order documents from the most to the least canonical.

    Earliest published first (undated last), then by outlet rank, then the longest, then the smallest id.
    """
    keys = [("published", "ascending"), ("rank", "ascending"), ("n_words", "descending"), ("doc_id", "ascending")]
    ranked = documents.append_column("rank", outlet_ranks(documents, settings))
    order: Integers = pc.sort_indices(ranked, keys).to_numpy().astype(np.int64)
    return order


def outlet_ranks(documents: pa.Table, settings: Settings) -> pa.ChunkedArray:
    """Return the place of each document's outlet among those of the settings; unnamed ones are last."""
    rank = pa.array(settings.outlet_rank, pa.string())
    return pc.fill_null(pc.index_in(documents["outlet"], value_set=rank), len(rank))


def in_canonical_order(evidence: Evidence, settings: Settings) -> NumberedEvidence:
    """Number documents, paragraphs and sentences of the evidence in canonical order."""
    order = canonical_order(evidence.documents, settings)
    documents = evidence.documents.take(pa.array(order))
    if pc.count_distinct(documents["doc_id"]).as_py() < len(documents):
        raise ValueError("a document is in the evidence twice; pass each document once")
    numbers = pc.index_in(evidence.paragraphs["doc_id"], value_set=documents["doc_id"].combine_chunks())
    document = numbers.to_numpy().astype(np.int32)
    paragraph, offset = (evidence.paragraphs[name].to_numpy() for name in ("paragraph", "offset"))
    rows = np.lexsort((offset, paragraph, document))
    first, words = flat_list(evidence.paragraphs["words"], rows)
    sentence_first, starts = flat_list(evidence.paragraphs["sentences"], rows)
    sentences = starts.astype(np.int64) + np.repeat(first[:-1], np.diff(sentence_first))
    begins, ends = (flat_list(evidence.paragraphs[name], rows)[1] for name in ("begins", "ends"))
    unit_first, unit_begin = flat_list(evidence.paragraphs["unit_begins"], rows)
    _, unit_end = flat_list(evidence.paragraphs["unit_ends"], rows)
    return NumberedEvidence(
        documents, document[rows], paragraph[rows], offset[rows], words, first, sentences, sentence_first, begins, ends,
        unit_begin, unit_end, unit_first,
    )  # fmt: skip


def flat_list(column: pa.ChunkedArray, rows: Integers) -> tuple[Integers, NDArray[Any]]:
    """Reorder the rows of a column of lists: where each begins (and the end), and their values one after another.

    Chunk by chunk: a corpus' words take most of the memory, and are copied once.

    >>> lists = pa.chunked_array([[[1, 2], []], [[3]]], pa.large_list(pa.int64()))
    >>> [column.tolist() for column in flat_list(lists, np.array([2, 1, 0]))]
    [[0, 1, 1, 3], [3, 1, 2]]
    """
    lengths = pc.list_value_length(column).to_numpy()
    first = np.append(0, np.cumsum(lengths[rows])).astype(np.int64)
    begins = np.empty(len(rows), np.int64)
    begins[rows] = first[:-1]
    values = np.empty(first[-1], column.type.value_type.to_pandas_dtype())
    row = 0
    for chunk in column.chunks:
        place(chunk.values.to_numpy(), chunk.offsets.to_numpy(), begins[row : row + len(chunk)], values)
        row += len(chunk)
    return first, values


def texts(corpus: NumberedEvidence) -> Texts:
    """Return the words and sentences of a corpus."""
    return Texts(corpus.words, corpus.first, corpus.sentences, corpus.sentence_first)
