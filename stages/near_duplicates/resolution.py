"""From evidence of a whole corpus to its passages: candidate pairs, verified matches, clusters around a canonical."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .candidates import bucket_entries, candidates, candidates_among, distinct, exact_copies, near_in_time
from .clusters import between_documents, clustered, passages, with_copies, without_repeats
from .found import found_table
from .history import COLUMNS, UNDATED, Column, Entries, Growing, Held, History, Joined, Rows, Segment, after, have_begun
from .kernels.exact_copies import digests
from .numbering import NumberedEvidence, in_canonical_order, texts
from .relations import relations
from .settings import Settings
from .tables import Evidence, Resolution
from .tokenization import Integers


class Extension(NamedTuple):
    """The result of `extend`: passages (FOUND), relations between documents (RELATIONS), the segment to remember."""

    found: pa.Table
    relations: pa.Table
    segment: Segment


def resolve(shards: Sequence[Evidence], settings: Settings, threads: int = 1) -> Resolution:
    """Find the passages and relations of a corpus whose evidence comes in any number of shards, in any order.

    The number of threads makes no difference to the result.
    """
    extension = extend(shards, settings, (), threads, remember=False)
    return Resolution(extension.found, extension.relations)


def extend(
    shards: Sequence[Evidence],
    settings: Settings,
    history: History,
    threads: int = 1,
    most_pairs: int | None = None,
    entries: Growing | None = None,
    remember: bool = True,
) -> Extension:
    """Find the passages that new documents share with those before them, and the segment to remember of them.

    A document is compared with those before it: all history, and new documents before it in canonical order. So it
    makes no difference into how many calls the documents of a corpus are split, in that order. Their bucket entries,
    the largest column of the segment, are put into `entries`, by default in memory. Raises TooManyPairsError where
    there are more candidate pairs than `most_pairs`: give fewer documents at once. Where nothing comes later, and
    nothing was before, entries need not be remembered, and only buckets with several parts are looked at.
    """
    evidence = Evidence(*(pa.concat_tables(tables) for tables in zip(*shards, strict=True)))
    corpus = in_canonical_order(evidence, settings)
    del evidence
    digest = digests(*texts(corpus), settings.minimum_words, settings.minimum_content)
    published = corpus.documents["published"].cast(pa.int64()).fill_null(UNDATED).to_numpy()
    copy_of = exact_copies(digest, published[corpus.document], settings, history)
    buckets = BandEntries(Joined() if entries is None else entries)
    if remember or history:
        entries_of = bucket_entries(corpus, copy_of < 0, settings, threads)
        pairs = candidates(entries_of, settings, history, threads, most_pairs, buckets.add if remember else None)
        del entries_of  # with the shingles of all units
    else:
        pairs = candidates_among(corpus, copy_of < 0, settings, threads, most_pairs)
    pairs = near_in_time(pairs, published[corpus.document], settings, history)
    matches = passages(corpus, pairs, settings, history, threads)
    del pairs
    rows = clustered(matches)
    if not remember:
        digest = np.zeros_like(digest)  # by which later calls would look texts up
    segment = remembered(corpus, digest, copy_of, buckets, rows, history)
    known = (*history, segment)
    rows = between_documents(with_copies(rows, copy_of, known), known)
    fresh = distinct(rows["canonical"].copy())
    fresh = fresh[~have_begun(history, fresh)]
    segment.columns["begun"] = Held(fresh)
    with ThreadPoolExecutor(1) as pool:  # two tables that need nothing from each other
        found = pool.submit(found_table, rows, fresh, known)
        related = relations(corpus, without_repeats(matches), rows, known, settings)
        return Extension(found.result(), related, segment)


class BandEntries:
    """Bucket entries of one band after another, and where those of each begin."""

    def __init__(self, column: Growing) -> None:
        self.column, self.bands = column, [0]

    def add(self, entries: Integers) -> None:
        """Append the entries of the next band."""
        self.column.add(entries)
        self.bands.append(self.bands[-1] + len(entries))

    def entries(self) -> Entries:
        """Return all that was added."""
        return Entries(0, tuple(self.bands), self.column.column())


def remembered(
    corpus: NumberedEvidence, digest: Integers, copy_of: Integers, buckets: BandEntries, rows: Rows, history: History
) -> Segment:
    """Make the segment of a corpus. Exact copies are in no bucket: their earliest copy stands for them."""
    distinct_parts = np.flatnonzero((copy_of < 0) & (digest != 0))
    by_digest = distinct_parts[np.argsort(digest[distinct_parts], kind="stable")]
    columns = document_columns(corpus) | {
        "copy_of": copy_of, "digest": digest[by_digest], "digest_part": by_digest, **rows,
    }  # fmt: skip
    held: dict[str, Column] = {name: Held(column.astype(COLUMNS[name], copy=False)) for name, column in columns.items()}
    return Segment(after(history), (buckets.entries(),), outlets_of(corpus), held)


def outlets_of(corpus: NumberedEvidence) -> tuple[str, ...]:
    """Return the outlets of a corpus, as the column of outlets numbers them."""
    return tuple(corpus.documents["outlet"].combine_chunks().dictionary_encode().dictionary.to_pylist())


def document_columns(corpus: NumberedEvidence) -> dict[str, NDArray[Any]]:
    """Make the columns of a segment that tell of documents, their parts and sentences, and look-ups of documents."""
    outlets = corpus.documents["outlet"].combine_chunks().dictionary_encode()
    counts = np.diff(corpus.sentence_first)
    doc_id = np.array(corpus.documents["doc_id"].to_pylist(), "S32")
    article = corpus.documents["article"].to_numpy()
    by_id, by_article = np.argsort(doc_id), np.argsort(article, kind="stable")
    by_article = by_article[article[by_article] != 0]
    published = corpus.documents["published"].cast(pa.int64()).fill_null(UNDATED)
    return {
        "doc_id": doc_id, "outlet": outlets.indices.to_numpy(), "published": published.to_numpy(),
        "wire": corpus.documents["wire"].to_numpy(), "article": article,
        "document": corpus.document, "paragraph": corpus.paragraph, "offset": corpus.offset,
        "first": corpus.first, "sentence_first": corpus.sentence_first, "words": corpus.words,
        "start": corpus.sentences - np.repeat(corpus.first[:-1], counts), "begin": corpus.begins, "end": corpus.ends,
        "part": np.repeat(np.arange(len(counts)), counts),
        "id": doc_id[by_id], "id_document": by_id, "version": article[by_article], "version_document": by_article,
    }  # fmt: skip
