"""A compact set of document ids, 16 bytes each, and lookups in sorted arrays of ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

ID_BYTES = 16


class Ids:
    """A set of document ids (32 hex digits each), as bytes in sorted arrays, each twice as long as the next or more.

    >>> known = Ids()
    >>> known.add([f"{1:032x}", f"{2:032x}"])
    >>> known.has([f"{2:032x}", f"{3:032x}"]).tolist(), len(known)
    ([True, False], 2)
    """

    def __init__(self) -> None:
        self.levels: list[NDArray[Any]] = []

    def __len__(self) -> int:
        return sum(map(len, self.levels))

    def has(self, ids: Sequence[str]) -> NDArray[np.bool_]:
        """Tell for each id if it is in the set."""
        values = as_bytes(ids)
        found = np.zeros(len(values), np.bool_)
        for level in self.levels:
            found |= places_in(level, values)[1]
        return found

    def add(self, ids: Sequence[str]) -> None:
        """Add ids that are not in the set yet."""
        if not ids:
            return
        self.levels.append(np.unique(as_bytes(ids)))
        while len(self.levels) > 1 and len(self.levels[-2]) < 2 * len(self.levels[-1]):
            last = self.levels.pop()
            self.levels[-1] = np.sort(np.concatenate([self.levels[-1], last]))


def first_of_each(ids: Sequence[str]) -> NDArray[np.bool_]:
    """Tell for each id of a list if it is its first occurrence.

    >>> first_of_each([f"{1:032x}", f"{2:032x}", f"{1:032x}"]).tolist()
    [True, True, False]
    """
    first = np.zeros(len(ids), np.bool_)
    first[np.unique(as_bytes(ids), return_index=True)[1]] = True
    return first


def as_bytes(ids: Sequence[str] | pa.ChunkedArray) -> NDArray[Any]:
    """Convert ids to an array of bytes, which can be sorted and searched; a column without making strings of it.

    >>> as_bytes([f"{1:032x}", f"{2:032x}"]).itemsize
    16
    >>> as_bytes(pa.chunked_array([[f"{255:032x}"]])).tobytes()[-2:]
    b'\\x00\\xff'
    """
    digits = "".join(map(_digits, ids.chunks) if isinstance(ids, pa.ChunkedArray) else ids)
    return np.frombuffer(bytes.fromhex(digits), f"S{ID_BYTES}")


def _digits(ids: pa.Array) -> str:
    """Return the ids of a column as one string."""
    if not len(ids):
        return ""
    _, offsets, content = ids.buffers()
    begin = int(np.frombuffer(offsets, np.int32)[ids.offset])
    return str(memoryview(content)[begin : begin + 2 * ID_BYTES * len(ids)], "ascii")


def as_text(ids: NDArray[Any]) -> list[str]:
    """Convert an array of `as_bytes` back to ids; numpy's own conversion drops zero bytes at the end.

    >>> as_text(as_bytes([f"{256:032x}"])) == [f"{256:032x}"]
    True
    """
    text, length = ids.tobytes().hex(), 2 * ID_BYTES
    return [text[at : at + length] for at in range(0, len(text), length)]


def places_in(rising: NDArray[Any], ids: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Find ids in a sorted array: return their places, and for each if it is there.

    >>> places, known = places_in(np.array([b"a", b"c"]), np.array([b"c", b"b"]))
    >>> places[known].tolist(), known.tolist()
    ([1], [True, False])
    """
    if not len(rising):
        return np.zeros(len(ids), np.int64), np.zeros(len(ids), np.bool_)
    places = np.minimum(np.searchsorted(rising, ids), len(rising) - 1)
    return places, rising[places] == ids
