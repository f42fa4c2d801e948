"""From evidence of a whole corpus to its passages: candidate pairs, verified matches, clusters around a canonical."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from .alphabet import NAME
from .reading import Integers, compiled
from .settings import Settings, word_weights
from .tables import FOUND, Evidence, band_name

# Sentence pairs with fewer aligned words are no passage of their own, unless nothing else of the passage is.
FEWEST_ALIGNED = 4
# Pairs of paragraphs that have fewer pairs of neighbouring words in common are not aligned at all (unless
# they are equal): on all pairs that share a shingle this saves four fifths of the time and loses nothing.
FEWEST_WORD_PAIRS = 4
# Pairs that a thread verifies at a time.
PAIRS_AT_ONCE = 8192
# Pairs gathered before those met twice are thrown out.
PAIRS_HELD = 4_000_000

NUMBERS, NAMES, NEGATIONS = 1, 2, 4  # what differs in a match


class Corpus(NamedTuple):
    """Evidence in canonical order: whatever has the smaller number is canonical for what has the larger."""

    documents: pa.Table
    document: NDArray[np.int32]  # of each part of a paragraph
    paragraph: NDArray[np.int32]
    offset: NDArray[np.int32]
    key: Integers
    words: Integers
    first: Integers  # first word of each part, and the end
    sentences: Integers  # the word each sentence begins with
    sentence_first: Integers  # first sentence of each part, and the end


class Matches(NamedTuple):
    """Verified matches of a sentence with a later one, a row each, in the order of sentences."""

    sentence: Integers
    later: Integers
    spans: Integers  # start and end of both, in words of their part
    differs: Integers
    similarity: NDArray[np.float32]


def resolve(shards: Sequence[Evidence], settings: Settings, threads: int = 1) -> pa.Table:
    """The passages (FOUND) of a corpus whose evidence comes in any number of shards, in any order.

    The number of threads makes no difference to the result.
    """
    evidence = Evidence(*(pa.concat_tables(tables) for tables in zip(*shards, strict=True)))
    corpus = in_canonical_order(evidence, settings)
    pairs = candidates(corpus, evidence.units, settings, threads)
    return clusters(corpus, verify(corpus, pairs, settings, threads))


def canonical_order(documents: pa.Table, settings: Settings) -> Integers:
    """Documents from the most to the least canonical: earliest published (undated last), outlet rank, longest, smallest
    id."""
    rank = pa.array(settings.outlet_rank, pa.string())
    ranks = pc.fill_null(pc.index_in(documents["outlet"], value_set=rank), len(rank))
    keys = [("published", "ascending"), ("rank", "ascending"), ("n_words", "descending"), ("doc_id", "ascending")]
    order: Integers = pc.sort_indices(documents.append_column("rank", ranks), keys).to_numpy().astype(np.int64)
    return order


def in_canonical_order(evidence: Evidence, settings: Settings) -> Corpus:
    """The evidence with documents, paragraphs and sentences numbered in canonical order."""
    order = canonical_order(evidence.documents, settings)
    documents = evidence.documents.take(pa.array(order))
    numbers = pc.index_in(evidence.paragraphs["doc_id"], value_set=documents["doc_id"].combine_chunks())
    document = numbers.to_numpy().astype(np.int32)
    paragraph, offset = (evidence.paragraphs[name].to_numpy() for name in ("paragraph", "offset"))
    rows = np.lexsort((offset, paragraph, document))
    first, words = flat_list(evidence.paragraphs["words"], rows)
    sentence_first, starts = flat_list(evidence.paragraphs["sentences"], rows)
    sentences = starts.astype(np.int64) + np.repeat(first[:-1], np.diff(sentence_first))
    key = evidence.paragraphs["key"].to_numpy()[rows]
    return Corpus(
        documents, document[rows], paragraph[rows], offset[rows], key, words, first, sentences, sentence_first
    )


def flat_list(column: pa.ChunkedArray, rows: Integers) -> tuple[Integers, NDArray[Any]]:
    """The rows of a column of lists in some order: where each begins (and the end), and their values one after another.

    Chunk by chunk: a corpus' words are the greatest part of what is held in memory, and are copied once.

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
        compiled().place(chunk.values.to_numpy(), chunk.offsets.to_numpy(), begins[row : row + len(chunk)], values)
        row += len(chunk)
    return first, values


def candidates(corpus: Corpus, units: pa.Table, settings: Settings, threads: int = 1) -> Integers:
    """Pairs of paragraph parts of different documents that share a bucket, packed (earlier << 32 | later), sorted."""
    owners, order = unit_owners(corpus.key, units["key"].to_numpy())

    def band_pairs(band: int) -> Integers:
        buckets = units[band_name(band)].to_numpy()
        return compiled().bucket_pairs(buckets, order, owners, corpus.document, settings.bucket_cap)  # type: ignore[no-any-return]

    found, fresh = np.zeros(0, np.int64), [np.zeros(0, np.int64)]
    with ThreadPoolExecutor(threads) as pool:
        for begin in range(0, settings.bands, threads):
            fresh += pool.map(band_pairs, range(begin, min(begin + threads, settings.bands)))
            if begin + threads >= settings.bands or sum(map(len, fresh)) > max(PAIRS_HELD, len(found)):
                found, fresh = compiled().distinct(np.concatenate([found, *fresh]), len(corpus.key)), []
    return np.sort(found)


def unit_owners(keys: Integers, unit_keys: Integers) -> tuple[NDArray[np.int32], Integers]:
    """The part each unit belongs to, in rising order, and the units in that order."""
    by_key = np.argsort(keys)
    if (np.diff(keys[by_key]) == 0).any():
        raise ValueError("two paragraphs have the same key: a document is twice in the evidence")
    owners = by_key[np.searchsorted(keys[by_key], unit_keys)] if len(keys) else np.zeros(0, np.int64)
    order = np.argsort(owners, kind="stable")
    return owners[order].astype(np.int32), order


def verify(corpus: Corpus, pairs: Integers, settings: Settings, threads: int = 1) -> Matches:
    """Every candidate pair aligned on its words; a match for each two sentences that share a passage."""
    kernel, given = compiled("alignment").verify, scoring(settings)
    longest = int(np.diff(corpus.first).max(initial=0))

    def verified(begin: int) -> Integers:
        rows, _ = kernel(
            pairs[begin : begin + PAIRS_AT_ONCE], corpus.words, corpus.first, corpus.sentences, corpus.sentence_first,
            longest, *given,
        )  # fmt: skip
        return rows  # type: ignore[no-any-return]

    with ThreadPoolExecutor(threads) as pool:
        rows = np.concatenate([*pool.map(verified, range(0, len(pairs), PAIRS_AT_ONCE)), np.zeros((0, 9), np.int64)])
    rows = rows[np.lexsort((rows[:, 3], -rows[:, 8], rows[:, 2], rows[:, 1]))]
    twice = (np.diff(rows[:, 1], prepend=-1) == 0) & (np.diff(rows[:, 2], prepend=-1) == 0)
    rows = rows[~twice]
    longer = np.maximum(rows[:, 4] - rows[:, 3], rows[:, 6] - rows[:, 5])
    return Matches(rows[:, 1], rows[:, 2], rows[:, 3:7], rows[:, 7], (rows[:, 8] / longer).astype(np.float32))


def scoring(settings: Settings) -> tuple[NDArray[Any], ...]:
    """The settings of verification as its kernel wants them: weights, costs and floors in whole hundredths."""
    match = hundredths(*word_weights(settings))
    return (
        match, np.maximum(match, match[np.arange(len(match)) ^ NAME]),
        hundredths(settings.swap_cost, settings.gap_cost, settings.function_gap_cost, settings.contradiction_cost),
        hundredths(settings.best_score, settings.further_score),
        np.array([
            100 * settings.match_strength, settings.minimum_words, 100 * settings.whole_sentence_bonus,
            settings.further_share, settings.nearby_words,
        ]),
        np.array([FEWEST_ALIGNED, FEWEST_WORD_PAIRS]),
    )  # fmt: skip


def hundredths(*values: float) -> NDArray[np.int32]:
    """Scores as whole numbers.

    >>> hundredths(1.0, 0.35).tolist()
    [100, 35]
    """
    return np.round(np.array(values) * 100).astype(np.int32)


def clusters(corpus: Corpus, matches: Matches) -> pa.Table:
    """Matches gathered around canonical sentences; every member is verified against its canonical.

    A sentence that matches no earlier leader leads. A match between two sentences that no leader has in common makes
    a cluster around the earlier of them, which does not lead: its words have their canonical copy elsewhere.
    """
    role = compiled("alignment").lead(matches.sentence, matches.later, len(corpus.sentences))
    kept = role > 0
    matches = Matches(*(column[kept] for column in matches))
    begins = np.flatnonzero(np.diff(matches.sentence, prepend=-1))
    canonical = canonical_rows(matches, begins)
    members = {
        "sentence": matches.later, "start": matches.spans[:, 2], "end": matches.spans[:, 3],
        "canonical": matches.sentence, "similarity": matches.similarity, "differs": matches.differs,
    }  # fmt: skip
    rows = {name: np.concatenate([canonical[name], members[name]]) for name in members}
    rows["leads"] = np.concatenate([role[kept][begins], role[kept]]) == 1
    order = np.lexsort((rows["start"], rows["sentence"], rows["canonical"]))
    return found_table(corpus, {name: column[order] for name, column in rows.items()})


def canonical_rows(matches: Matches, begins: Integers) -> dict[str, NDArray[Any]]:
    """The canonical passage of each cluster: all of its sentence that any member shares."""
    none = np.zeros(len(begins), np.int64)
    if not len(begins):
        start = end = none
    else:
        start = np.minimum.reduceat(matches.spans[:, 0], begins)
        end = np.maximum.reduceat(matches.spans[:, 1], begins)
    sentence = matches.sentence[begins]
    similarity = np.ones(len(begins), np.float32)
    return {
        "sentence": sentence, "start": start, "end": end, "canonical": sentence,
        "similarity": similarity, "differs": none,
    }  # fmt: skip


def found_table(corpus: Corpus, rows: dict[str, NDArray[Any]]) -> pa.Table:
    """Rows of sentences as the table FOUND."""
    part = np.searchsorted(corpus.sentence_first, rows["sentence"], side="right") - 1
    home = np.searchsorted(corpus.sentence_first, rows["canonical"], side="right") - 1
    doc_ids = corpus.documents["doc_id"]
    begins = np.flatnonzero(np.diff(rows["canonical"], prepend=-1))
    lengths = np.diff(np.append(begins, len(part)))
    wire = corpus.documents["wire"].to_numpy()[corpus.document[part]]
    columns = {
        "cluster_id": pa.array(cluster_ids(corpus, rows["canonical"][begins], home[begins])).take(
            pa.array(np.repeat(np.arange(len(begins)), lengths))
        ),
        "doc_id": doc_ids.take(pa.array(corpus.document[part])),
        "paragraph": corpus.paragraph[part],
        "start_word": (rows["start"] + corpus.offset[part]).astype(np.int32),
        "end_word": (rows["end"] + corpus.offset[part]).astype(np.int32),
        "is_canonical": rows["sentence"] == rows["canonical"],
        "similarity": rows["similarity"].astype(np.float32),
        "numbers_differ": rows["differs"] & NUMBERS != 0,
        "contradicts": rows["differs"] & (NAMES | NEGATIONS) != 0,
        "leads": rows["leads"],
        "canonical_doc": doc_ids.take(pa.array(corpus.document[home])),
        "canonical_paragraph": corpus.paragraph[home],
        "outlets": np.repeat(count_outlets(corpus, corpus.document[part], begins, lengths), lengths),
        "wire": np.repeat(np.logical_or.reduceat(wire, begins) if len(begins) else wire, lengths),
    }
    return pa.table(columns, schema=FOUND)


def cluster_ids(corpus: Corpus, sentences: Integers, home: Integers) -> pa.Array:
    """A stable id for each cluster: a digest of where its canonical sentence begins."""
    doc_ids = corpus.documents["doc_id"].to_pylist()
    word = corpus.sentences[sentences] - corpus.first[home] + corpus.offset[home]
    places = zip(corpus.document[home].tolist(), corpus.paragraph[home].tolist(), word.tolist(), strict=True)
    return pa.array(
        [digest(f"{doc_ids[document]} {paragraph} {at}") for document, paragraph, at in places], pa.string()
    )


def digest(identity: str) -> str:
    """32 hex digits that name an identity.

    >>> digest("a document, a paragraph, a word")
    '0274daedb911ea23ead3f7ab628a522c'
    """
    return hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()


def count_outlets(
    corpus: Corpus, document: NDArray[np.int32], begins: Integers, lengths: Integers
) -> NDArray[np.int32]:
    """How many outlets print the passages of each cluster."""
    outlet = corpus.documents["outlet"].combine_chunks().dictionary_encode().indices.to_numpy()[document]
    cluster = np.repeat(np.arange(len(begins)), lengths)
    distinct = np.unique(np.stack([cluster, outlet.astype(np.int64)]), axis=1)[0]
    return np.bincount(distinct, minlength=len(begins)).astype(np.int32)
