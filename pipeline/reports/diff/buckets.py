"""Buckets: the rows of both sides, sorted by document into files that fit into memory one after another.

Runs hold their documents in any order, so that a document and its counterpart may be anywhere. Both sides are read
once, part by part, and written to a temporary folder in buckets by the first digits of the id; then each bucket is
compared by itself. Memory is bounded by a bucket, and 16 bytes for each document.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.reports.diff.pairing import Pairing, paired
from pipeline.reports.diff.sides import Side
from pipeline.storage.tables import folder_of, part_files, read_file
from stages.shared.words import count_words_of

#: Documents of a bucket, and buckets, which are files open at once: systems allow 1,024. Comparing 100,980 documents
#: took 534 MB with 4,000, 748 MB with 20,000, and about the same time.
BUCKET_DOCUMENTS, MAX_BUCKETS = 4_000, 256
#: Columns of `documents` that are compared, and those that are read beside them.
COMPARED = ("title", "deck", "authors", "published", "updated", "dateline", "wire", "language", "page_kind")
READ = ["doc_id", "outlet", *COMPARED, "text", "canonical_text", "n_words"]
LEDGER = ["doc_id", "stage", "action", "reason", "rule", "before"]
PASSAGES = ["doc_id", "cluster_id", "paragraph", "start", "end", "is_canonical"]


class Half(NamedTuple):
    """The rows of one side in one bucket. `key` is the document's id on the old side, where it has a counterpart."""

    documents: pa.Table  # key, outlet, the compared columns as text, words, digest of the text
    ledger: pa.Table  # key, and LEDGER without `doc_id`
    passages: pa.Table  # key, cluster_id, is_canonical, text


@contextmanager
def bucketed(old: Side, new: Side) -> Iterator[tuple[Pairing, Iterator[tuple[Half, Half]]]]:
    """Yield how documents are paired, and the buckets of both sides, one after another.

    The temporary folder is about as large as the ledgers; TMPDIR says where it lies.
    """
    pairing = paired(old, new)
    count = min(MAX_BUCKETS, 1 + max(pairing.n_old, pairing.n_new) // BUCKET_DOCUMENTS)
    with tempfile.TemporaryDirectory(prefix="copydesk-diff-") as folder:
        for name, side in (("old", old), ("new", new)):
            _sort_into(Path(folder) / name, side, pairing if side is new else None, count)
        yield pairing, ((_half(Path(folder) / "old", at), _half(Path(folder) / "new", at)) for at in range(count))


def _sort_into(folder: Path, side: Side, pairing: Pairing | None, count: int) -> None:
    """Write the rows of one side into buckets."""
    folder.mkdir()
    with ExitStack() as open_files:
        writers: dict[tuple[str, int], pa.ipc.RecordBatchStreamWriter] = {}
        for half in _read_parts(side, pairing):
            for table, rows in half._asdict().items():
                buckets = bucket_of(rows["key"], count)
                for at in np.unique(buckets).tolist():
                    some = rows.filter(pa.array(buckets == at)) if count > 1 else rows
                    if (table, at) not in writers:
                        path = str(folder / f"{table}-{at}.arrow")
                        writers[table, at] = open_files.enter_context(pa.ipc.new_stream(path, rows.schema))
                    writers[table, at].write_table(some)


def bucket_of(keys: pa.ChunkedArray, count: int) -> NDArray[np.int64]:
    """Return the bucket of each key, by its first two digits.

    >>> bucket_of(pa.chunked_array([["00ab", "80ab", "ffab"]]), 4).tolist()
    [0, 2, 3]
    """
    if count == 1 or not len(keys):
        return np.zeros(len(keys), np.int64)
    digits = "".join(pc.utf8_slice_codeunits(keys, 0, 2).to_pylist())
    return np.frombuffer(bytes.fromhex(digits), np.uint8).astype(np.int64) * count // 256


def _half(folder: Path, at: int) -> Half:
    return Half(*(_read_bucket(folder / f"{name}-{at}.arrow", name) for name in Half._fields))


def _read_bucket(path: Path, name: str) -> pa.Table:
    if not path.exists():
        return SCHEMAS[name].empty_table()
    with pa.OSFile(str(path)) as file:
        return pa.ipc.open_stream(file).read_all()


def _read_parts(side: Side, pairing: Pairing | None) -> Iterator[Half]:
    """Yield the rows of a side, part by part of its tables."""
    for run in side.runs:
        folders = {name: folder_of(side.corpus.out, name, run) for name in ("documents", "ledger", "passages")}
        for path in part_files(folders["documents"]):
            documents = read_file(path, "documents", READ)
            ledger = read_file(folders["ledger"] / path.name, "ledger", LEDGER)
            passages = read_file(folders["passages"] / path.name, "passages", PASSAGES)
            texts = read_file(folder_of(side.corpus.out, "paragraphs", run) / path.name, "paragraphs", PARAGRAPH)
            yield Half(_documents(documents, pairing), _ledger(ledger, pairing), _passages(passages, texts, pairing))


PARAGRAPH = ["doc_id", "paragraph", "text"]


def _documents(rows: pa.Table, pairing: Pairing | None) -> pa.Table:
    """Make the rows of `Half.documents`."""
    compared = [comparable(rows[name]) for name in COMPARED]
    canonical_words = count_words_of(rows["canonical_text"])
    digests = pa.array([_digest(text) for text in rows["text"].to_pylist()], pa.binary(8))
    columns = [_keys(rows["doc_id"], pairing), rows["outlet"], *compared]
    columns += [rows["n_words"], canonical_words, digests]
    return pa.table(columns, schema=SCHEMAS["documents"])


def _ledger(rows: pa.Table, pairing: Pairing | None) -> pa.Table:
    """Make the rows of `Half.ledger`; inputs that are no documents have the key `NO_DOCUMENT`."""
    keys = _keys(pc.fill_null(rows["doc_id"], NO_DOCUMENT), pairing)
    before = pc.utf8_trim_whitespace(rows["before"])  # a cut takes the line breaks of one side or the other with it
    return pa.table([keys, *(rows[name] for name in LEDGER[1:-1]), before], schema=SCHEMAS["ledger"])


def _passages(rows: pa.Table, paragraphs: pa.Table, pairing: Pairing | None) -> pa.Table:
    """Make the rows of `Half.passages`: those of documents of this part, each with its words."""
    rows = rows.join(paragraphs, ["doc_id", "paragraph"], join_type="inner")
    spans = zip(*(rows[name].to_pylist() for name in ("text", "start", "end")), strict=True)
    texts = pa.array([text[start:end] for text, start, end in spans], pa.large_string())
    columns = [_keys(rows["doc_id"], pairing), rows["cluster_id"], rows["is_canonical"], texts]
    return pa.table(columns, schema=SCHEMAS["passages"])


#: The key of inputs that are no documents.
NO_DOCUMENT = "0" * 32


def _keys(ids: pa.ChunkedArray, pairing: Pairing | None) -> pa.ChunkedArray:
    """Return the keys of documents: the id, or on the new side that of the counterpart on the old one."""
    return ids if pairing is None else pairing.keys(ids)


def comparable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write a column as text that can be compared and shown; null and an empty list are null.

    >>> comparable(pa.chunked_array([[["Ada Wren", "Bo Ek"], [], None]])).to_pylist()
    ['Ada Wren; Bo Ek', None, None]
    """
    if pa.types.is_list(column.type):
        column = pc.binary_join(column, "; ")
        return pc.if_else(pc.equal(column, ""), None, column)
    return column.cast(pa.string())


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest()


_TEXTS = [pa.field(name, pa.string()) for name in ("key", "outlet", *COMPARED)]
SCHEMAS: dict[str, pa.Schema] = {
    "documents": pa.schema(
        [*_TEXTS, ("n_words", pa.int32()), ("canonical_words", pa.int32()), ("digest", pa.binary(8))]
    ),
    "ledger": pa.schema([*((name, pa.string()) for name in ("key", *LEDGER[1:-1])), ("before", pa.large_string())]),
    "passages": pa.schema(
        [("key", pa.string()), ("cluster_id", pa.string()), ("is_canonical", pa.bool_()), ("text", pa.large_string())]
    ),
}
