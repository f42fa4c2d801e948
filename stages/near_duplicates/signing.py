"""Signatures: MinHash values of units and texts as datasketch draws them, and the LSH buckets of units."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stages.shared.derived import derived

from .kernels import buckets, minhash, unit_classes
from .numbering import NumberedEvidence
from .settings import Settings
from .tokenization import Integers, tokenize

#: Parts whose shingles a thread hashes, and units whose buckets it computes, at a time. Chosen by hand; not tuned.
PARTS_AT_ONCE, UNITS_AT_ONCE = 2048, 8192
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

    return derived("permutations", f"{num_perm} {seed}\n".encode() + minhash_source(), drawn)


def minhash_source() -> bytes:
    """Return the source of datasketch's MinHash, which draws the permutations; its version where there is no source.

    To look the version up takes each process 2 to 10 ms, as long as it takes to sign some thousand articles.
    """
    found = find_spec("datasketch")  # does not import it
    path = Path(found.origin).with_name("minhash.py") if found and found.origin else None
    return path.read_bytes() if path and path.is_file() else version("datasketch").encode()


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

    Units that are alike are a class: one of ten is a copy of another one, and is not signed again. Several threads may
    ask for entries, for rising bands; the first that asks for others than are held has all threads compute.
    """

    def __init__(
        self, corpus: NumberedEvidence, chosen: NDArray[np.bool_], settings: Settings, threads: int = 1
    ) -> None:
        self.settings, self.threads = settings, threads
        self.lock = Lock()
        self.held: dict[int, NDArray[np.int32]] = {}  # by the first band
        count, lengths = len(corpus.document), corpus.unit_end - corpus.unit_begin
        before = np.append(0, 2 * np.cumsum(lengths, dtype=np.int64))  # room for two shingles a word
        begins, ends = np.empty(len(lengths), np.int64), np.empty(len(lengths), np.int64)
        self.hashes = np.empty(before[-1], np.uint32)
        units = minhash.Units(
            corpus.words, corpus.first, corpus.unit_first, corpus.unit_begin, corpus.unit_end, chosen.view(np.uint8)
        )

        def find_hashes(at: int) -> None:
            parts, room = range(at, min(at + PARTS_AT_ONCE, count)), int(before[corpus.unit_first[at]])
            minhash.unit_hashes(units, parts, settings.shingle_words, room, (begins, ends), self.hashes)

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(find_hashes, range(0, count, PARTS_AT_ONCE)))
        class_of, examples = unit_classes.find(self.hashes, begins, ends)
        owners = np.repeat(np.arange(count), np.diff(corpus.unit_first))
        self.spans = begins[examples], ends[examples]
        self.owners, self.class_of = owners[class_of >= 0], class_of[class_of >= 0]
        self.together = max(1, min(settings.bands, KEYS_HELD // max(1, len(examples))))

    def entries(self, band: int) -> Integers:
        """Return the entries of a band, bucket << 32 | part, in the order of the units."""
        first = band - band % self.together
        with self.lock:
            if first not in self.held:
                self.held = {at: keys for at, keys in self.held.items() if at == first - self.together}
                bands = range(first, min(first + self.together, self.settings.bands))
                self.held[first] = self.room_for_keys(len(bands))
                with ThreadPoolExecutor(self.threads) as pool:
                    self.keys(bands, self.held[first], pool.map)
            keys = self.held[first]
        return buckets.entries_of(keys[band - first], self.class_of, self.owners)

    def members(self) -> tuple[Integers, Integers]:
        """Return where the parts of each class of units begin, and the end; and those parts."""
        return unit_classes.members(self.class_of, self.owners, len(self.spans[0]))

    def keys(self, bands: range, keys: NDArray[np.int32], in_turn: Callable[..., Iterable[None]] = map) -> None:
        """Compute the buckets of all classes of units in some bands, which follow one another: a row for each band."""
        settings = self.settings
        family = permutations(settings.bands * settings.rows, settings.seed)
        a, b = (each[bands.start * settings.rows : bands.stop * settings.rows] for each in family)

        def fill(at: int) -> None:
            begins, ends = (each[at : at + UNITS_AT_ONCE] for each in self.spans)
            minhash.band_keys(self.hashes, begins, ends, a, b, bands.start, at, keys)

        for _ in in_turn(fill, range(0, keys.shape[1], UNITS_AT_ONCE)):
            pass

    def room_for_keys(self, bands: int) -> NDArray[np.int32]:
        """Make room for the buckets of all classes of units in some bands."""
        return np.empty((bands, len(self.spans[0])), np.int32)
