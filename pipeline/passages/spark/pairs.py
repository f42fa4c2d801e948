"""Candidate pairs and their verification: parts that share an LSH bucket meet in a task, and are compared by pieces.

Entries of a bucket travel once, by band and bucket. No task holds a whole bucket: of each piece only the first
`bucket_cap` entries of a bucket do for all that come later; the rest are compared with the first few of the bucket,
some at a time. A part has a limited number of pairs, so pairs are shared out evenly by the later part.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from pipeline.passages.merging import ranks, within_cap
from stages.near_duplicates.candidates import PAIRS_HELD, bucket_entries, distinct, near_in_time
from stages.near_duplicates.clusters import in_order, matches_of
from stages.near_duplicates.history import PART, Entries, Held, Segment, bucket_mates
from stages.near_duplicates.kernels import buckets
from stages.near_duplicates.tokenization import Integers

from .exchange import ShuffleRow, answers, by_key, integers, split, tasks
from .work import Pieces, Work, copies_in, corpus_of, load, save, segment_before

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PART_OF_ENTRY = np.int64(0xFFFFFFFF)


def verify_pairs(spark: SparkSession, work: Work, pieces: Pieces, slices: int, partitions: int) -> None:
    """Find the candidate pairs, `slices` (a power of two) of the buckets of a band at a time, and verify them."""
    entries = tasks(spark, pieces.number, lambda piece: entries_of(work, pieces, piece, slices))
    pairs = by_key(entries, partitions, lambda key, rows: pairs_of(work, pieces, (key, key // slices), rows))
    answers(by_key(pairs, pieces.number, lambda piece, rows: verified(work, pieces, piece, rows)))


def entries_of(work: Work, pieces: Pieces, piece: int, slices: int) -> Iterator[ShuffleRow]:
    """Yield the bucket entries of a piece by band and slice of buckets; those over the cap in rows that come last."""
    arrays = load(work.file("pieces", piece))
    chosen = copies_in(work, piece, len(arrays["document"])) < 0
    shift = 64 - (slices.bit_length() - 1)
    entries_of = bucket_entries(corpus_of(arrays), chosen, work.settings)
    for band in range(work.settings.bands):
        numbered = entries_of(band) + pieces.parts[piece]
        places = (numbered >> shift) + slices // 2 if slices > 1 else np.zeros(len(numbered), np.int64)
        for place, some in split(numbered, places):
            key, over = band * slices + place, ranks(some) >= work.settings.bucket_cap
            yield ShuffleRow(key, piece, some[~over].tobytes())
            if over.any():
                yield ShuffleRow(key, pieces.number + piece, some[over].tobytes())


def pairs_of(work: Work, pieces: Pieces, key_band: tuple[int, int], rows: Iterator[ShuffleRow]) -> Iterator[ShuffleRow]:
    """Yield the pairs of parts that share a bucket of some, by the piece of the later one; keep the entries."""
    (key, band), base, cap = key_band, work.base[PART], work.settings.bucket_cap
    kept = []
    over = itertools.chain[ShuffleRow]()
    for row in rows:
        if row.at >= pieces.number:
            over = itertools.chain([row], rows)
            break
        kept.append(integers(row.values))
    entries = np.sort(np.concatenate([np.zeros(0, np.int64), *kept]), kind="stable")
    remembered = within_cap(entries, cap)
    save(work.file("sorted/entries", key), {"entries": remembered, "count": np.array(len(remembered))})
    mates = bucket_mates(work.history, band, entries, cap)
    yield from by_piece(work, pieces, key, buckets.pairs(entries, *mates, base, cap))
    # Whoever was in these buckets before, as if it were history: enough that they are full.
    bounds = (0,) * (band + 1) + (len(remembered),)
    before = (*work.history, Segment(work.base, (Entries(0, bounds, Held(remembered)),), (), {}))
    for row in over:
        rest = integers(row.values)
        mates = bucket_mates(before, band, rest, cap)
        yield from by_piece(work, pieces, key, buckets.pairs(rest, *mates, base, cap))


def by_piece(work: Work, pieces: Pieces, key: int, pairs: Integers) -> Iterator[ShuffleRow]:
    """Yield pairs by the piece of the later part."""
    for piece, some in split(pairs, work.piece_of(pieces, PART, pairs & PART_OF_ENTRY)):
        yield ShuffleRow(piece, key, some.tobytes())


def verified(work: Work, pieces: Pieces, piece: int, rows: Iterator[ShuffleRow]) -> Iterator[ShuffleRow]:
    """Verify the pairs of a piece with all before it; write the matches."""
    pairs = gathered(rows)
    corpus = corpus_of(load(work.file("pieces", piece)))
    before = (*work.history, segment_before(work, pieces, piece))
    published = corpus.documents["published"].cast("int64").fill_null(np.iinfo(np.int64).max).to_numpy()
    near = near_in_time(pairs, published[corpus.document], work.settings, before)
    matches = in_order(matches_of(corpus, near, work.settings, before, 1))
    if work.keeps_pairs:
        save(work.file("pairs", piece), {"pairs": pairs})
    save(work.file("matches", piece), matches)
    yield ShuffleRow(piece, len(near))


def gathered(rows: Iterator[ShuffleRow]) -> Integers:
    """Return pairs, each once, in rising order; those met twice are thrown out as they come."""
    found, fresh, count = np.zeros(0, np.int64), [np.zeros(0, np.int64)], 0
    for row in rows:
        fresh.append(integers(row.values))
        count += len(fresh[-1])
        if count > max(PAIRS_HELD, len(found)):
            found, fresh, count = distinct(np.concatenate([found, *fresh])), [], 0
    return distinct(np.concatenate([found, *fresh]))
