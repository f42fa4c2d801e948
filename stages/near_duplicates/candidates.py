"""Candidate pairs of a corpus: parts of paragraphs that share an LSH bucket, and exact copies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .history import DOCUMENT, PART, UNDATED, History, after, bucket_mates, documents_of, look_up, texts_like
from .kernels import buckets
from .kernels.exact_copies import earliest
from .numbering import NumberedEvidence
from .settings import Settings
from .tables import band_name
from .tokenization import Integers

#: Pairs gathered before those met twice are thrown out.
PAIRS_HELD = 4_000_000


class TooManyPairsError(Exception):
    """Raised where there are more candidate pairs than may be held in memory."""


def exact_copies(digest: Integers, published: Integers, settings: Settings, history: History) -> Integers:
    """Find for each part the number of the earliest part that is its exact copy, -1 where it is the earliest itself."""
    order = np.argsort(digest, kind="stable")
    values, place = np.unique(digest, return_inverse=True)
    known = texts_like(history, values)
    times = np.full(len(known), UNDATED)
    times[known >= 0] = times_of(known[known >= 0], history)
    found = earliest(digest[order], published[order], known[place][order], times[place][order], span_of(settings))
    copy_of = np.full(len(digest), -1, np.int64)
    here = found <= -3
    found[here] = order[-3 - found[here]] + after(history)[PART]
    copy_of[order] = np.maximum(found, -1)
    return copy_of


def times_of(parts: Integers, history: History) -> Integers:
    """Return the publication times of the documents of some parts of history."""
    if not len(parts):
        return np.zeros(0, np.int64)
    documents = look_up(history, PART, parts, lambda segment, n: {
        "document": segment.columns["document"].take(n).astype(np.int64) + segment.first[DOCUMENT]
    })["document"]  # fmt: skip
    times: Integers = look_up(history, DOCUMENT, documents, documents_of)["published"]
    return times


def span_of(settings: Settings) -> int:
    """Return how far apart in time articles are compared, in microseconds."""
    return UNDATED if settings.history_days is None else settings.history_days * 86_400_000_000


def near_in_time(pairs: Integers, published: Integers, settings: Settings, history: History) -> Integers:
    """Keep the candidate pairs whose articles were published near each other; an unknown time is near."""
    if settings.history_days is None:
        return pairs
    base = after(history)[PART]
    earlier, later = pairs >> 32, published[(pairs & 0xFFFFFFFF) - base]
    here = earlier >= base
    times = np.empty(len(pairs), np.int64)
    times[here] = published[earlier[here] - base]
    known, place = np.unique(earlier[~here], return_inverse=True)
    times[~here] = times_of(known, history)[place]
    near = (times == UNDATED) | (later == UNDATED) | (np.abs(times - later) <= span_of(settings))
    chosen: Integers = pairs[near]
    return chosen


def bucket_entries(
    corpus: NumberedEvidence, units: pa.Table, chosen: NDArray[np.bool_], settings: Settings, threads: int
) -> list[Integers]:
    """Sort for every band the chosen parts by bucket (bucket << 32 | part), each once."""
    owners = unit_owners(corpus.key, units["key"].to_numpy())
    by_owner = np.argsort(owners, kind="stable")
    by_owner = by_owner[chosen[owners[by_owner]]]
    rising = owners[by_owner]

    def of_band(band: int) -> Integers:
        return distinct(buckets.entries_of(units[band_name(band)].to_numpy(), by_owner, rising))

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(of_band, range(settings.bands)))


def candidates(
    entries: list[Integers],
    settings: Settings,
    history: History = (),
    threads: int = 1,
    most: int | None = None,
) -> Integers:
    """Pair parts that share a bucket, the later one new. Two of one document too: who copies one, shares the other.

    Pairs are packed (earlier << 32 | later) by the numbers that parts have in history, and rise. Raises
    TooManyPairsError where there are more than `most`.
    """
    base = after(history)[PART]
    # A table for each band of a window of `threads` bands, and the next window begins when this one is done, so no two
    # threads are in one table at a time. A pair in it was found in an earlier window: to leave it out loses nothing.
    met = [buckets.no_pairs_met() for _ in range(threads)]

    def band_pairs(band: int) -> Integers:
        mates = bucket_mates(history, band, entries[band], settings.bucket_cap)
        pairs = buckets.pairs(entries[band], *mates, base, settings.bucket_cap)
        return buckets.unmet(pairs, met[band % threads])

    found, fresh = np.zeros(0, np.int64), [np.zeros(0, np.int64)]
    with ThreadPoolExecutor(threads) as pool:
        for begin in range(0, settings.bands, threads):
            fresh += pool.map(band_pairs, range(begin, min(begin + threads, settings.bands)))
            if begin + threads >= settings.bands or sum(map(len, fresh)) > max(PAIRS_HELD, len(found)):
                found, fresh = distinct(np.concatenate([found, *fresh])), []
            if most is not None and len(found) > most:
                raise TooManyPairsError(f"{len(found):,} candidate pairs")
    return found


def distinct(values: Integers) -> Integers:
    """Sort the values, which must be the caller's own, in place; return each once.

    Not `np.unique`: it copies, and takes five to eleven times as long (docs/decisions/0040-kernels-and-libraries.md).

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    values.sort()
    return buckets.once(values)


def unit_owners(keys: Integers, unit_keys: Integers) -> Integers:
    """Find the part that each unit belongs to."""
    by_key = np.argsort(keys)
    if (np.diff(keys[by_key]) == 0).any():
        raise ValueError(
            "two paragraphs have the same key: a document is in the evidence twice; pass each document once"
        )
    owners: Integers = by_key[np.searchsorted(keys[by_key], unit_keys)] if len(keys) else np.zeros(0, np.int64)
    return owners
