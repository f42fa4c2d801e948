"""Pairs of documents: those with the same id on both sides, and those of one address whose page changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.reports.diff.sides import Side
from pipeline.storage.forgotten import article_digest
from pipeline.storage.ids import Ids, as_bytes, as_text, places_in
from pipeline.storage.tables import dataset

#: What decides how documents are paired.
NAMING = ["doc_id", "outlet", "url", "published"]
_LONG_AGO = np.iinfo(np.int64).min


class Addressed(NamedTuple):
    """Documents of one side that the other has no id of: the latest of each address, sorted by address."""

    addresses: NDArray[Any]  # digests as bytes
    ids: NDArray[Any]


@dataclass(frozen=True)
class Pairing:
    """The number of documents that each side has, and which ids of the new side stand for others of the old one."""

    n_old: int
    n_new: int
    new_ids: NDArray[Any]  # sorted
    old_ids: NDArray[Any]  # the counterpart of each

    def keys(self, ids: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the ids of documents on the new side, those of changed pages as they are on the old side."""
        if not len(self.new_ids) or not len(ids):
            return ids
        places, known = places_in(self.new_ids, as_bytes(ids.to_pylist()))
        counterparts = pa.array(as_text(self.old_ids[places]), pa.string())
        return pa.chunked_array([pc.if_else(pa.array(known), counterparts, ids.combine_chunks())])

    def new_id(self, key: str) -> str:
        """Return the id that a document has on the new side."""
        at = np.flatnonzero(self.old_ids == as_bytes([key]))
        return as_text(self.new_ids[at])[0] if len(at) else key


def paired(old: Side, new: Side) -> Pairing:
    """Pair the documents of two sides: by id, or else by outlet and address, the latest versions with each other."""
    old_ids, new_ids = _ids(old), _ids(new)
    before, after = _addressed(old, new_ids), _addressed(new, old_ids)
    places, both = places_in(before.addresses, after.addresses)
    order = np.argsort(after.ids[both], kind="stable")
    return Pairing(len(old_ids), len(new_ids), after.ids[both][order], before.ids[places[both]][order])


def _ids(side: Side) -> Ids:
    """Return the ids of the documents of a side; one in several runs counts once."""
    found = Ids()
    for batch in _naming(side, ["doc_id"]):
        ids = list(dict.fromkeys(batch["doc_id"].to_pylist()))
        found.add([each for each, known in zip(ids, found.has(ids), strict=True) if not known])
    return found


def _addressed(side: Side, others: Ids) -> Addressed:
    """Return the documents with an address that the other side has no id of, the latest of each address."""
    none = as_bytes([])
    found: list[tuple[NDArray[Any], NDArray[np.int64], NDArray[Any]]] = [(none, np.zeros(0, np.int64), none)]
    for batch in _naming(side, NAMING):
        rows = [row for row, known in zip(batch.to_pylist(), others.has(batch["doc_id"].to_pylist()), strict=True)
                if not known and row["url"]]  # fmt: skip
        digests = as_bytes([article_digest(row["outlet"], row["url"]) for row in rows])
        times = [int(row["published"].timestamp() * 1e6) if row["published"] else _LONG_AGO for row in rows]
        found.append((digests, np.array(times, np.int64), as_bytes([row["doc_id"] for row in rows])))
    addresses, published, ids = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((ids, published, addresses))
    addresses, ids = addresses[order], ids[order]
    last = np.append(addresses[1:] != addresses[:-1], True) if len(addresses) else np.zeros(0, np.bool_)
    return Addressed(addresses[last], ids[last])


def _naming(side: Side, columns: list[str]) -> Iterator[pa.RecordBatch]:
    for run in side.runs:
        yield from dataset(side.corpus.out, "documents", run).to_batches(columns=columns, batch_size=8192)
