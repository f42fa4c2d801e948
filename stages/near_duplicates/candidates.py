"""Candidate pairs of a corpus: parts of paragraphs that share an LSH bucket, and exact copies."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .history import DOCUMENT, PART, UNDATED, History, after, bucket_mates, documents_of, look_up, texts_like
from .kernels import buckets
from .kernels.exact_copies import earliest
from .numbering import NumberedEvidence
from .settings import Settings
from .signing import UnitBuckets
from .tokenization import Integers

Result = TypeVar("Result")
#: Pairs gathered before those met twice are thrown out.
PAIRS_HELD = 4_000_000
#: Bands whose buckets a thread computes before it pairs who shares one: of the usual two rows their values fill the
#: registers (`BLOCK` in minhash.c). With all 96 at once signing 52,000 classes takes 4 ms for 8, but 20 MB of memory,
#: the first use of which takes 20 to 30 ms on a virtual machine.
BANDS_AT_ONCE = 16


class TooManyPairsError(Exception):
    """Raised where there are more candidate pairs than may be held in memory."""


def exact_copies(digest: Integers, published: Integers, settings: Settings, history: History) -> Integers:
    """Find for each part the number of the earliest part that is its exact copy, -1 where it is the earliest itself."""
    order = np.argsort(digest, kind="stable")
    rising = digest[order]
    known = texts_like(history, rising)
    times = np.full(len(known), UNDATED)
    times[known >= 0] = times_of(known[known >= 0], history)
    found = earliest(rising, published[order], known, times, span_of(settings))
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
    corpus: NumberedEvidence, chosen: NDArray[np.bool_], settings: Settings, threads: int = 1
) -> Callable[[int], Integers]:
    """Return a function that sorts the chosen parts of a band by bucket (bucket << 32 | part), each once."""
    found = UnitBuckets(corpus, chosen, settings, threads)
    return lambda band: distinct(found.entries(band))


def candidates_among(
    corpus: NumberedEvidence, chosen: NDArray[np.bool_], settings: Settings, threads: int = 1, most: int | None = None
) -> Integers:
    """Pair the chosen parts as `candidates` does, where nobody was before and nobody comes after: unsorted buckets do.

    A thread computes the buckets of some bands, and pairs who shares one of them.
    """
    units, nobody = UnitBuckets(corpus, chosen, settings, threads), np.zeros(0, np.int64)
    members, together = units.members(), max(1, min(BANDS_AT_ONCE, units.together // threads))
    rooms = SimpleQueue[tuple[NDArray[np.int32], buckets.Room]]()  # one for each thread: new memory takes time
    for keys in np.split(units.room_for_keys(together * threads), threads):
        rooms.put((keys, buckets.room_for(members[0])))

    def pairs_of(first: int) -> Integers:
        room = rooms.get()
        bands = range(first, min(first + together, settings.bands))
        keys = room[0][: len(bands)]
        units.keys(bands, keys)
        found, crowded = buckets.class_pairs(keys, *members, settings.bucket_cap, room[1])
        rooms.put(room)
        rest = (buckets.pairs(distinct(each), nobody, nobody, 0, settings.bucket_cap) for each in crowded if len(each))
        return np.concatenate([found, *rest])

    with ThreadPoolExecutor(threads) as pool:
        groups = range(0, settings.bands, together)
        return gathered(in_turn(pool, lambda n: pairs_of(groups[n]), len(groups), 2 * threads), most)


def candidates(
    entries_of: Callable[[int], Integers],
    settings: Settings,
    history: History = (),
    threads: int = 1,
    most: int | None = None,
    keep: Callable[[Integers], object] | None = None,
) -> Integers:
    """Pair parts that share a bucket, the later one new. Two of one document too: who copies one, shares the other.

    Pairs are packed (earlier << 32 | later) by the numbers that parts have in history, and rise. The entries of a band
    are handed to `keep`, band after band, and held no longer. Raises TooManyPairsError where there are more pairs than
    `most`.
    """
    base = after(history)[PART]
    # One table for each thread. A pair in it was found in another band: to leave it out loses nothing.
    tables = SimpleQueue[Integers | None]()
    for _ in range(threads):
        tables.put(None)

    def band_pairs(band: int) -> tuple[Integers, Integers]:
        entries = entries_of(band)
        mates = bucket_mates(history, band, entries, settings.bucket_cap)
        met = tables.get()
        met = buckets.no_pairs_met(len(entries)) if met is None else met
        fresh = buckets.pairs(entries, *mates, base, settings.bucket_cap, met)
        tables.put(met)
        return entries, fresh

    def in_turn_kept(pool: Executor) -> Iterator[Integers]:
        for entries, pairs in in_turn(pool, band_pairs, settings.bands, 2 * threads):
            if keep:
                keep(entries)
            yield pairs

    with ThreadPoolExecutor(threads) as pool:
        return gathered(in_turn_kept(pool), most)


def gathered(batches: Iterable[Integers], most: int | None) -> Integers:
    """Gather pairs, each once and rising; raise TooManyPairsError where there are more than `most`."""
    found, fresh, held = np.zeros(0, np.int64), [np.zeros(0, np.int64)], 0
    for pairs in itertools.chain(batches, [None]):
        if pairs is not None:
            fresh.append(pairs)
            held += len(pairs)
        if pairs is None or held > max(PAIRS_HELD, len(found)):
            found, fresh, held = distinct(np.concatenate([found, *fresh])), [], 0
        if most is not None and len(found) > most:
            raise TooManyPairsError(f"{len(found):,} candidate pairs")
    return found


def in_turn(pool: Executor, call: Callable[[int], Result], count: int, ahead: int) -> Iterator[Result]:
    """Yield the results for 0, 1 and so on in their order, and compute no more than so many ahead.

    >>> with ThreadPoolExecutor(2) as pool:
    ...     list(in_turn(pool, lambda number: number * number, 4, 2))
    [0, 1, 4, 9]
    """
    waiting = deque[Future[Result]]()
    for number in range(count + ahead):
        if number < count:
            waiting.append(pool.submit(call, number))
        if number >= ahead and waiting:
            yield waiting.popleft().result()


def distinct(values: Integers) -> Integers:
    """Sort the values, which must be the caller's own, in place; return each once.

    Not `np.unique`: it copies, and takes five to eleven times as long (docs/decisions/0040-kernels-and-libraries.md).

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    values.sort()
    return buckets.once(values)
