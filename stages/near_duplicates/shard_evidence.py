"""Evidence of a shard of documents for the corpus stage. Every document alone decides its rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray

from stages.shared.addresses import one_address

from .kernels import tokenizer
from .tables import DOCUMENT_EVIDENCE, PARAGRAPH_EVIDENCE, Evidence
from .tokenization import Integers, Words, paragraph_numbers, tokenize

# Sentences and quotations as they are matched (units): short pieces let MinHash find the copied half of a sentence.
# Of 12,950 verified pairs among 20,414 paragraphs (all compared), 3-word shingles in 64 bands of 2 rows let through
# 96.5 % with pieces of at most 60 words, 98.1 % with 30, 99.0 % with 20, 99.3 % with 16, 99.5 % with 12. With the
# verification chosen since (11,720 pairs) it is 99.7 % with 16 words and 64 bands, 99.5 % with 48, 99.3 % with 40.
UNIT_WORDS = (4, 16)
QUOTATION_WORDS = 5
# Sentences as they are clustered: whole ones, so that a sentence is one passage.
SENTENCE_WORDS = (6, 60)
# Quotations of so many words, and what stands beside them if it is as long, are sentences of their own: who copies one
# of two quotations in a sentence and who copies the other have no words in common, and shared a cluster. On pairs_more
# precision is 0.990 with 8 words, 0.988 with 10 to 14, 0.970 with none (and without a border where the space behind a
# stop was lost). With 8, a sentence that five outlets print was cut in the middle, and no cluster had half of it.
QUOTED_WORDS = 10
# Longer paragraphs are compared in parts: alignment takes time and memory by the product of two lengths.
PART_WORDS = 2000


def evidence(documents: pa.Table) -> Evidence:
    """Collect the evidence on these documents that `resolve` needs: the same rows under any batching."""
    words = tokenize(documents["text"])
    first, paragraph = parts(words.first)
    document = words.document[paragraph]
    offset = (first[:-1] - words.first[paragraph]).astype(np.int32)
    number = paragraph_numbers(words.document)[paragraph]
    starts = sentences(words, first)
    begins, ends = sentence_spans(words, first, starts)
    unit_begins, unit_ends = units(words, first)
    columns: dict[str, Any] = {
        "doc_id": documents["doc_id"].take(pa.array(document)), "paragraph": number, "offset": offset,
        "words": pa.LargeListArray.from_arrays(first, words.hashes), "sentences": starts, "begins": begins,
        "ends": ends, "unit_begins": unit_begins, "unit_ends": unit_ends,
    }  # fmt: skip
    return Evidence(document_evidence(documents, words), pa.table(columns, schema=PARAGRAPH_EVIDENCE))


def parts(first: Integers) -> tuple[Integers, Integers]:
    """Cut paragraphs to at most PART_WORDS words: the first word of each part (and the end), and its paragraph.

    >>> [x.tolist() for x in parts(np.array([0, 3, 4503]))]
    [[0, 3, 2003, 4003, 4503], [0, 1, 1, 1]]
    """
    counts = np.maximum(1, -(-np.diff(first) // PART_WORDS))
    paragraph = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(paragraph)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.append(first[paragraph] + within * PART_WORDS, first[-1]), paragraph


def sentences(words: Words, first: Integers) -> pa.Array:
    """Return for each part the words (counted from the part's first) that its sentences begin with."""
    starts, of_part, *_ = tokenizer.cut(words.hashes, words.gaps, first, *SENTENCE_WORDS, QUOTED_WORDS, QUOTATION_WORDS)
    begin = np.repeat(first[:-1], np.diff(of_part))
    return pa.LargeListArray.from_arrays(of_part, (starts - begin).astype(np.int32))


def sentence_spans(words: Words, first: Integers, starts: pa.LargeListArray) -> tuple[pa.Array, pa.Array]:
    """Return the spans of sentences in code points of their paragraphs."""
    of_part, within = starts.offsets.to_numpy(), starts.values.to_numpy()
    counts = np.diff(of_part)
    begin = np.repeat(first[:-1], counts) + within
    end = begin.copy()
    end[:-1] = begin[1:]
    end[of_part[1:][counts > 0] - 1] = first[1:][counts > 0]
    lists = (words.starts[begin], words.ends[end - 1])
    return tuple(pa.LargeListArray.from_arrays(of_part, values) for values in lists)


def document_evidence(documents: pa.Table, words: Words) -> pa.Table:
    """Collect the evidence on documents, by which they are put in canonical order."""
    wire = pc.fill_null(pc.greater(pc.list_value_length(documents["wire"]), 0), False)
    columns = {name: documents[name] for name in ("doc_id", "outlet", "published")}
    columns |= {"n_words": document_words(words, len(documents)), "wire": wire, "article": articles(documents)}
    return pa.table(columns, schema=DOCUMENT_EVIDENCE)


def articles(documents: pa.Table) -> Integers:
    """Digest outlet and URL, which the versions of one article share; 0 where there is no URL."""
    places = zip(documents["outlet"].to_pylist(), documents["url"].to_pylist(), strict=True)
    digests = [
        xxhash.xxh3_64_intdigest(f"{outlet}\n{one_address(url)}".encode()) if url else 0 for outlet, url in places
    ]
    return np.array(digests, np.uint64).view(np.int64)


def document_words(words: Words, documents: int) -> NDArray[np.int32]:
    """Count the words of each document."""
    counts = np.bincount(words.document, weights=np.diff(words.first), minlength=documents)
    return counts.astype(np.int32)


def units(words: Words, first: Integers) -> tuple[pa.Array, pa.Array]:
    """Return the units of each part: its sentences, in pieces, and its quotations, as spans of its words."""
    starts, of_part, quote_start, quote_end, quote_part = tokenizer.cut(
        words.hashes, words.gaps, first, *UNIT_WORDS, QUOTED_WORDS, QUOTATION_WORDS
    )
    part = np.concatenate([np.repeat(np.arange(len(first) - 1), np.diff(of_part)), quote_part])
    order = np.argsort(part, kind="stable")
    of_unit = np.searchsorted(part[order], np.arange(len(first)))
    spans = (starts, quote_start), (np.append(starts[1:], first[-1]), quote_end)
    lists = ((np.concatenate(each) - first[part])[order].astype(np.int32) for each in spans)
    return tuple(pa.LargeListArray.from_arrays(of_unit, each) for each in lists)
