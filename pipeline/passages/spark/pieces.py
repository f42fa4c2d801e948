"""Pieces: documents sorted into canonical order by Spark, and their evidence gathered piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import feather

from pipeline.passages.matching import by_chunk, evidence_path, read_evidence
from stages.near_duplicates import Evidence
from stages.near_duplicates.history import COLUMNS, UNDATED
from stages.near_duplicates.kernels.exact_copies import digests
from stages.near_duplicates.numbering import NumberedEvidence, in_canonical_order, outlet_ranks, texts
from stages.near_duplicates.resolution import document_columns, outlets_of
from stages.near_duplicates.tokenization import Integers

from .exchange import COLUMNS as ROW_COLUMNS
from .exchange import ShuffleRow, answers, batch_of, by_key, integers, split, table_bytes, table_of, tasks
from .work import Pieces, Work, load, save, written

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Batches whose evidence a task reads at once, 25 MB or so. Chosen by hand; not tuned.
DEALT = 8
#: The canonical order as Spark sorts: `published`, rank of the outlet, words (most first), id.
ORDER = ("published", "rank", "words", "doc_id")
ORDERED = "published long, rank long, words long, doc_id string, batch long, row long"
KINDS = Evidence._fields


def put_batches(work: Work, parts: Mapping[int, Sequence[str]]) -> int:
    """Write which batches there are and which part of the tables each is of, for all tasks; return their number."""
    names = [(name, part) for part in parts for name in parts[part]]
    columns = {"name": [name for name, _ in names], "part": [part for _, part in names]}
    with written(work.aside / "batches.arrow") as aside:
        feather.write_feather(pa.table(columns, schema=BATCHES), aside)
    return len(names)


BATCHES = pa.schema([("name", pa.string()), ("part", pa.int32())])


def batches_of(work: Work, group: int) -> tuple[list[str], list[int]]:
    """Return the names and parts of the batches of a group."""
    batches = feather.read_table(work.aside / "batches.arrow").slice(group * DEALT, DEALT)
    return batches["name"].to_pylist(), batches["part"].to_pylist()


# ---------------------------------------------------------------- canonical order


def put_in_order(spark: SparkSession, work: Work, batches: int, partitions: int) -> list[int]:
    """Sort all documents into canonical order, in partitions on disk; return how many each has."""

    def read(numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for each in numbers:
            for group in each["id"].to_pylist():
                yield from sort_keys(work, group)

    def write(documents: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pyspark import TaskContext  # noqa: PLC0415 - there is none but in an executor

        context = TaskContext.get()
        partition = context.partitionId() if context else 0
        places = [np.stack([each["batch"].to_numpy(), each["row"].to_numpy()]) for each in documents]
        if places:
            joined = np.concatenate(places, axis=1)
            save(work.file("order", partition), {"batch": joined[0], "row": joined[1]})
            yield batch_of([ShuffleRow(partition, joined.shape[1])])

    groups = -(-batches // DEALT)
    documents = spark.range(0, groups, 1, max(1, groups)).mapInArrow(read, ORDERED)
    ordered = documents.repartitionByRange(partitions, *ORDER).sortWithinPartitions(*ORDER)
    counts = {row.key: row["at"] for row in ordered.mapInArrow(write, ROW_COLUMNS).collect()}
    return [counts.get(partition, 0) for partition in range(partitions)]


def sort_keys(work: Work, group: int) -> Iterator[pa.RecordBatch]:
    """Yield by what the documents of a group of batches are sorted, and where they are."""
    for number, name in enumerate(batches_of(work, group)[0], group * DEALT):
        documents = feather.read_table(evidence_path(work.folder, name, "documents"))
        columns = {
            "published": documents["published"].cast(pa.int64()).fill_null(UNDATED),
            "rank": outlet_ranks(documents, work.settings).cast(pa.int64()),
            "words": pc.negate(documents["n_words"].cast(pa.int64())),
            "doc_id": documents["doc_id"],
            "batch": pa.array(np.full(len(documents), number, np.int64)),
            "row": pa.array(np.arange(len(documents), dtype=np.int64)),
        }
        yield from pa.table(columns).combine_chunks().to_batches()


# ---------------------------------------------------------------- evidence, piece by piece


def deal(spark: SparkSession, work: Work, counts: Sequence[int], documents: int) -> list[dict[str, Any]]:
    """Deal the evidence to pieces of so many documents and write them; return what each holds."""
    offsets = np.cumsum([0, *counts]).tolist()
    pieces = -(-offsets[-1] // documents)
    filled = [partition for partition, count in enumerate(counts) if count]

    def numbered(task: int) -> Iterator[ShuffleRow]:
        partition = filled[task]
        return places_by_group(work, partition, offsets[partition])

    places = tasks(spark, len(filled), numbered)
    groups = -(-feather.read_table(work.aside / "batches.arrow").num_rows // DEALT)
    dealt = by_key(places, groups, lambda group, rows: deal_group(work, group, rows, documents))
    built = by_key(dealt, pieces, lambda piece, rows: build(work, piece, rows))
    return [json.loads(answer) for _, answer in sorted(answers(built).items())]


def places_by_group(work: Work, partition: int, offset: int) -> Iterator[ShuffleRow]:
    """Yield for each group of batches the documents of one partition, with their numbers in canonical order."""
    order = load(work.file("order", partition))
    numbers = offset + np.arange(len(order["batch"]))
    places = np.column_stack([order["batch"], order["row"], numbers])
    for group, part in split(places, order["batch"] // DEALT):
        yield ShuffleRow(group, partition, part.tobytes())


def deal_group(work: Work, group: int, rows: Iterator[ShuffleRow], documents: int) -> Iterator[ShuffleRow]:
    """Yield the evidence of a group of batches by pieces."""
    names, parts = batches_of(work, group)
    shards = [read_evidence(work.folder, name) for name in names]
    counts = [len(each.documents) for each in shards]
    begins = np.cumsum([0, *counts])
    batch, row, number = np.concatenate([integers(each.values).reshape(-1, 3) for each in rows]).T
    piece = np.empty(begins[-1], np.int64)
    piece[begins[batch - group * DEALT] + row] = number // documents
    homes = [np.full(count, part, np.int32) for count, part in zip(counts, parts, strict=True)]
    at_home = [
        each._replace(documents=each.documents.append_column("home", pa.array(home)))
        for each, home in zip(shards, homes, strict=True)
    ]
    for number_of_piece, evidence in by_chunk(at_home, piece):
        for kind, table in enumerate(evidence):
            yield ShuffleRow(number_of_piece, group * len(KINDS) + kind, table_bytes(table))


def build(work: Work, piece: int, rows: Iterator[ShuffleRow]) -> Iterator[ShuffleRow]:
    """Number the evidence of a piece in canonical order, write it, and yield how much it is."""
    tables: list[list[pa.Table]] = [[] for _ in KINDS]
    for row in rows:
        tables[row.at % len(KINDS)].append(table_of(row.values))
    evidence = Evidence(*(pa.concat_tables(each) for each in tables))
    corpus = in_canonical_order(evidence, work.settings)
    save(work.file("pieces", piece), arrays_of(work, corpus))
    counts = {"documents": len(corpus.documents), "parts": len(corpus.document), "sentences": len(corpus.sentences)}
    answer = counts | {"words": len(corpus.words), "outlets": outlets_of(corpus)}
    yield ShuffleRow(piece, 0, json.dumps(answer).encode())


def arrays_of(work: Work, corpus: NumberedEvidence) -> dict[str, NDArray[Any]]:
    """Return what is kept of a piece."""
    settings = work.settings
    columns = {name: column.astype(COLUMNS[name], copy=False) for name, column in document_columns(corpus).items()}
    digest = digests(*texts(corpus), settings.minimum_words, settings.minimum_content)
    home = corpus.documents["home"].to_numpy()
    return columns | {
        "digest": digest, "home": home, "outlets": np.array(outlets_of(corpus), str),
        "documents": as_array(corpus.documents.drop_columns(["home"])), "unit_begin": corpus.unit_begin,
        "unit_end": corpus.unit_end, "unit_first": corpus.unit_first,
    }  # fmt: skip


def as_array(table: pa.Table) -> NDArray[np.uint8]:
    """Return a table as an array of bytes."""
    return np.frombuffer(table_bytes(table), np.uint8)


def pieces_of(counts: Sequence[Mapping[str, Any]]) -> Pieces:
    """Sum what the pieces hold into where each begins."""
    firsts: list[Integers] = [
        np.cumsum([0, *(each[name] for each in counts)], dtype=np.int64)
        for name in ("documents", "parts", "sentences", "words")
    ]
    outlets = tuple(dict.fromkeys(outlet for each in counts for outlet in each["outlets"]))
    return Pieces(firsts[0], firsts[1], firsts[2], firsts[3], outlets)
