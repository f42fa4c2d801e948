"""Signatures: MinHash values of units and texts as datasketch draws them, and the LSH buckets of units."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import version
from threading import Lock

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stages.shared.derived import derived

from .kernels import buckets, minhash
from .numbering import NumberedEvidence
from .settings import Settings
from .tokenization import Integers, tokenize

#: Units whose shingles a thread hashes, and whose buckets it computes, at a time. Chosen by hand; not tuned.
UNITS_AT_ONCE = 8192
#: Buckets that are held at once, 64 MB: those of all bands of some 15,000 articles.
KEYS_HELD = 1 << 24


@cache
def permutations(num_perm: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the permutations of `datasketch.MinHash(num_perm, seed, scheme="affine32")`, h → a * h + b mod 2³².

    They are kept on disk: importing datasketch imports scipy too, which takes half a second.
    """

    def drawn() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        from datasketch import MinHash  # noqa: PLC0415

        a, b = MinHash(num_perm, seed=seed, scheme="affine32").permutations
        return a.astype(np.uint32), b.astype(np.uint32)

    return derived("permutations", f"{num_perm} {seed} {version('datasketch')}".encode(), drawn)


def signatures(hashes: Integers, starts: Integers, ends: Integers, settings: Settings) -> NDArray[np.uint32]:
    """Sign the words between starts and ends with MinHash, value for value as datasketch does."""
    values = np.empty((len(starts), settings.bands * settings.rows), np.uint32)
    a, b = permutations(settings.bands * settings.rows, settings.seed)
    minhash.signatures(hashes, starts, ends, settings.shingle_words, a, b, values)
    return values


def shingles(text: str, settings: Settings) -> set[int]:
    """Return the 32-bit hashes of a text's shingles, for `MinHash(..., hashfunc=lambda shingle: shingle)`.

    >>> len(shingles("A bridge was closed on Monday after a storm", Settings()))
    7
    """
    words = tokenize(pa.chunked_array([[text]])).hashes
    hashes = np.empty(2 * len(words), np.uint32)
    n = minhash.shingle_hashes(words, 0, len(words), settings.shingle_words, hashes)
    return set(hashes[:n].tolist())


class UnitBuckets:
    """The LSH buckets of the units of some parts, computed for some bands at a time: those of a corpus take much room.

    Several threads may ask, for rising bands; the first that asks for others than are held has all threads compute.
    """

    def __init__(
        self, corpus: NumberedEvidence, chosen: NDArray[np.bool_], settings: Settings, threads: int = 1
    ) -> None:
        self.settings, self.threads = settings, threads
        self.lock = Lock()
        self.held: dict[int, NDArray[np.int32]] = {}  # by the first band
        owners = np.repeat(np.arange(len(corpus.document)), np.diff(corpus.unit_first))
        of_chosen = chosen[owners]
        owners = owners[of_chosen]
        begins = corpus.first[:-1][owners]
        starts, ends = corpus.unit_begin[of_chosen] + begins, corpus.unit_end[of_chosen] + begins

        def hashed(at: int) -> tuple[Integers, NDArray[np.uint32], NDArray[np.bool_]]:
            some = slice(at, at + UNITS_AT_ONCE)
            first, hashes = minhash.unit_hashes(corpus.words, starts[some], ends[some], settings.shingle_words)
            shingled = np.diff(first) > 0
            return np.append(first[:-1][shingled], first[-1]), hashes, shingled

        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(hashed, range(0, len(starts), UNITS_AT_ONCE)))
        self.hashes = [(first, hashes) for first, hashes, _ in found]
        self.columns = np.cumsum([0, *(len(first) - 1 for first, _ in self.hashes)]).tolist()
        self.owners = owners[np.concatenate([np.zeros(0, np.bool_), *(shingled for *_, shingled in found)])]
        self.together = max(1, min(settings.bands, KEYS_HELD // max(1, len(self.owners))))

    def entries(self, band: int, lone: bool = True) -> Integers:
        """Return the entries of a band, bucket << 32 | part, in the order of the units; see `bucket_entries`."""
        first = band - band % self.together
        with self.lock:
            if first not in self.held:
                self.held = {at: keys for at, keys in self.held.items() if at == first - self.together}
                self.held[first] = self._keys(first, min(first + self.together, self.settings.bands))
            keys = self.held[first]
        return (buckets.entries_of if lone else buckets.shared_entries_of)(keys[band - first], self.owners)

    def _keys(self, first: int, end: int) -> NDArray[np.int32]:
        settings, keys = self.settings, np.empty((end - first, len(self.owners)), np.int32)
        family = permutations(settings.bands * settings.rows, settings.seed)
        a, b = (each[first * settings.rows : end * settings.rows] for each in family)

        def fill(at: int) -> None:
            minhash.band_keys(*self.hashes[at], a, b, first, self.columns[at], keys)

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(fill, range(len(self.hashes))))
        return keys
