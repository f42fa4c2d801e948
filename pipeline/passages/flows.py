"""Flows between outlets: how many passages and words each outlet copied from each other one, and how soon.

A run counts its own part by part, in tasks. Beforehand its main process writes what all of them look up: where the
canonical passages of the run's clusters are. It holds some 45 bytes for each cluster of the run meanwhile, and
afterwards 8 for each pair of articles that share a passage.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.freed import give_back
from pipeline.storage.ids import ID_BYTES, as_bytes, places_in
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import FLOWS, folder_of, part_files, read_file, write_part
from pipeline.storage.versions import superseded
from stages.contract import TIMESTAMP
from stages.shared.words import count_words_of

Row = dict[str, Any]
Integers = NDArray[np.int64]
OutletPair = tuple[str, str]
#: Columns of a copy that flows are counted from.
COPY = ["cluster_id", "doc_id", "paragraph", "start", "end", "outlet", "published"]
#: Files of a staged run that counting looks up.
LOOKED_UP = "canonical"
MICROSECONDS = 10**6  # in a second
PARAGRAPH_BITS = 32  # of a key that names a paragraph by its document and number
#: The folder of each table of a run, by the table's name.
Folders = Mapping[str, OutputLocation]


def flows(corpus: Corpus, run: str | None = None) -> pa.Table:
    """Aggregate copies per outlet pair, the most words first: the table FLOWS.

    The copies are those of one run, or of all; their canonical passages may be in any run. Of an article in several
    versions the latest counts.
    """
    chosen = [tables_of(corpus.out, each) for each in corpus.chosen(run)]
    every = [tables_of(corpus.out, each) for each in corpus.runs]
    known = Known(canonical_passages(every, clusters_in(chosen)), ids_superseded(every))
    return flow_table(counted(copies) for tables in chosen for copies in copies_of_run(tables, known))


@dataclass(frozen=True)
class CountTask:
    """A part of the passages of a staged run, to be counted."""

    folder: Path  # where the run is staged
    name: str  # of the part's files


def count_tasks(folder: Path, out: Path, runs: Iterable[str]) -> list[CountTask]:
    """Return the tasks of counting a run whose tables are staged in a folder; `runs` were published before it."""
    staged = staged_tables(folder)
    every = [*(tables_of(out, run) for run in runs), staged]
    Known(canonical_passages(every, clusters_in([staged])), ids_superseded([staged])).save(folder / LOOKED_UP)
    give_back()  # ids of all clusters: workers begin now, and need the memory
    return [CountTask(folder, path.name) for path in part_files(folder / "passages")]


def count_part(task: CountTask) -> Flows:
    """Count the copies in one part of a staged run."""
    return counted(copies_of_part(staged_tables(task.folder), task.name, Known.load(task.folder / LOOKED_UP)))


def write_counts(folder: Path, parts: Iterable[Flows]) -> None:
    """Write the table of flows of a staged run from the counts of its parts."""
    write_part(folder, "flows", 0, flow_table(parts))


def staged_tables(folder: Path) -> Folders:
    """Return the folders of those tables of a staged run that flows are counted from."""
    return {name: folder / name for name in ("passages", "paragraphs", "documents")}


def flows_by_run(runs: Sequence[Folders]) -> Iterator[pa.Table]:
    """Yield the flows of each run of a corpus, oldest first, as the run published them.

    Canonical passages are read once for all of them: a cluster's is published no later than its first copy.
    """
    origins = canonical_passages(runs, clusters_in(runs))
    for tables in runs:
        known = Known(origins, ids_superseded([tables]))
        yield flow_table(counted(copies) for copies in copies_of_run(tables, known))


def tables_of(out: OutputLocation, run: str) -> Folders:
    """Return the folders of those tables of a published run that flows are counted from."""
    return {name: folder_of(out, name, run) for name in ("passages", "paragraphs", "documents")}


def ids_superseded(runs: Iterable[Folders]) -> NDArray[Any]:
    """Return the documents of some runs that have a later version there, as bytes, sorted."""
    return np.unique(as_bytes(superseded(run["documents"] for run in runs).to_pylist()))


def clusters_in(runs: Iterable[Folders]) -> NDArray[Any]:
    """Return the cluster ids of some runs as bytes, sorted and unique."""
    paths = (path for run in runs for path in part_files(run["passages"]))
    found = [as_bytes(pa.chunked_array([pc.unique(read_file(path, "passages", ["cluster_id"])[0])])) for path in paths]
    return np.unique(np.concatenate([as_bytes([]), *found]))


class Origins(NamedTuple):
    """Documents and outlets of canonical passages, sorted by cluster. As arrays: a run may have a million."""

    clusters: NDArray[Any]  # ids as bytes
    documents: NDArray[Any]  # likewise
    outlets: NDArray[np.int32]  # indexes into `names`
    published: NDArray[np.int64]  # microseconds, as in the table; 0 where `dated` is false
    dated: NDArray[np.bool_]
    names: list[str]

    def of(self, clusters: NDArray[Any]) -> tuple[NDArray[np.bool_], pa.Table]:
        """Tell for each cluster if it is known, and return the origins of those that are, in the same order."""
        places, known = places_in(self.clusters, clusters)
        at = places[known]
        ids = pa.py_buffer(np.ascontiguousarray(self.documents[at]))
        documents = pa.FixedSizeBinaryArray.from_buffers(pa.binary(ID_BYTES), len(at), [None, ids])
        outlets = pa.array(self.names, pa.string()).take(pa.array(self.outlets[at]))
        published = pa.array(self.published[at], pa.int64(), mask=~self.dated[at]).cast(TIMESTAMP)
        return known, pa.table({"from_doc": documents, "from_outlet": outlets, "from_published": published})


class Known(NamedTuple):
    """Answers to what is looked up for each copy: where its canonical passage is, which documents are out of date."""

    origins: Origins
    left_out: NDArray[Any]  # ids as bytes, sorted

    def save(self, folder: Path) -> None:
        """Write it for tasks, a file for each column."""
        folder.mkdir(exist_ok=True)
        columns = self.origins._replace(names=np.array(self.origins.names, str))._asdict()  # type: ignore[arg-type]
        for name, column in (columns | {"left_out": self.left_out}).items():
            np.save(folder / f"{name}.npy", column)

    @classmethod
    def load(cls, folder: Path) -> Known:
        """Open what was written, memory-mapped."""
        columns = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in (*Origins._fields, "left_out")}
        left_out = columns.pop("left_out")
        return cls(Origins(**(columns | {"names": columns["names"].tolist()})), left_out)


def canonical_passages(runs: Iterable[Folders], clusters: NDArray[Any]) -> Origins:
    """Find the canonical passages of some clusters (sorted ids as bytes)."""
    names: dict[str, int] = {}
    none = as_bytes([])
    found: list[tuple[NDArray[Any], ...]] = [(none, none, np.zeros(0, np.int32), np.zeros(0, np.int64), none == b"")]
    columns = ["cluster_id", "doc_id", "outlet", "published"]
    for path in (path for run in runs for path in part_files(run["passages"])):
        passages = read_file(path, "passages", [*columns, "is_canonical"])
        passages = passages.filter(passages["is_canonical"])
        ids = as_bytes(passages["cluster_id"])
        _, wanted = places_in(clusters, ids)
        passages = passages.filter(pa.array(wanted))
        documents = as_bytes(passages["doc_id"])
        outlets = [names.setdefault(name, len(names)) for name in passages["outlet"].to_pylist()]
        published = passages["published"].cast(pa.int64())
        dated = published.is_valid().to_numpy()
        times = published.fill_null(0).to_numpy()
        found.append((ids[wanted], documents, np.array(outlets, np.int32), times, dated))
    ids, documents, places, times, dated = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(ids, kind="stable")
    return Origins(ids[order], documents[order], places[order], times[order], dated[order], list(names))


def copies_of_run(run: Folders, known: Known) -> Iterator[PassageCopies]:
    """Yield the passages of a run that another outlet published first, part by part."""
    return (copies_of_part(run, path.name, known) for path in part_files(run["passages"]))


class PassageCopies(NamedTuple):
    """Passages that another outlet published first, with their origins and numbers of words, as columns."""

    pair: Integers  # indexes into `pairs`
    document: Integers  # numbers of documents within the part
    origin: Integers  # likewise, of the canonical passages'
    words: Integers
    hours: NDArray[np.float64]  # from one to the other; not a number where one of both has no time
    pairs: list[OutletPair]


def copies_of_part(run: Folders, name: str, known: Known) -> PassageCopies:
    """Return the passages of a part that another outlet published first.

    All passages of a document are in one part.
    """
    passages = read_file(run["passages"] / name, "passages", [*COPY, "is_canonical"])
    passages = passages.filter(pc.invert(passages["is_canonical"]))
    _, is_late = places_in(known.left_out, as_bytes(passages["doc_id"]))
    copies = passages.filter(pa.array(~is_late)).select(COPY)
    has_origin, met = known.origins.of(as_bytes(copies["cluster_id"]))
    copies = copies.filter(pa.array(has_origin))
    for column in met.column_names:
        copies = copies.append_column(column, met[column])
    copies = copies.filter(pc.not_equal(copies["outlet"], copies["from_outlet"]))
    texts = read_file(run["paragraphs"] / name, "paragraphs", ["doc_id", "paragraph", "text"])
    return as_columns(copies, texts)


def as_columns(copies: pa.Table, texts: pa.Table) -> PassageCopies:
    """Reduce copies to what is counted; those whose paragraph is gone from the table are left out."""
    documents = pc.unique(texts["doc_id"])
    places = place_of(texts["doc_id"], documents), texts["paragraph"].to_numpy()
    keys = places[0] << PARAGRAPH_BITS | places[1]
    order = np.argsort(keys, kind="stable")
    document = place_of(copies["doc_id"], documents)
    at, there = places_in(keys[order], document << PARAGRAPH_BITS | copies["paragraph"].to_numpy())
    copies, row, document = copies.filter(pa.array(there)), order[at[there]], document[there]
    outlets, names = numbered(pa.chunked_array([*copies["from_outlet"].chunks, *copies["outlet"].chunks], pa.string()))
    giver, taker = np.split(outlets, 2)
    pairs, pair = np.unique(giver * len(names) + taker, return_inverse=True)
    spans = copies["start"].to_numpy(), copies["end"].to_numpy()
    begins = new_begins(giver * len(texts) + row, *spans)
    hours = pc.subtract(*(copies[name].cast(pa.int64()) for name in ("published", "from_published")))
    return PassageCopies(
        pair,
        document,
        numbered(copies["from_doc"])[0],
        words_between(texts["text"], row, begins, spans[1]),
        hours.cast(pa.float64(), safe=False).to_numpy() / MICROSECONDS / 3600,
        [(names[one // len(names)], names[one % len(names)]) for one in pairs.tolist()],
    )


def numbered(values: pa.ChunkedArray) -> tuple[Integers, list[str]]:
    """Number the values of a column; return the numbers and what each stands for."""
    encoded = values.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def place_of(ids: pa.ChunkedArray, among: pa.Array) -> Integers:
    """Return the place of each id among others; one behind all of them where it is not among them."""
    places: Integers = pc.index_in(ids, among).fill_null(len(among)).to_numpy().astype(np.int64)
    return places


def new_begins(origin: Integers, start: Integers, end: Integers) -> Integers:
    """Return where the words of each span begin that no earlier one of the same origin and paragraph has.

    >>> new_begins(np.array([0, 0, 1]), np.array([4, 0, 2]), np.array([21, 15, 9])).tolist()
    [15, 0, 2]
    """
    order = np.lexsort((end, start, origin))
    group = np.cumsum(np.diff(origin[order], prepend=origin[order][:1]) != 0)
    step = int(end.max(initial=0)) + 1  # the end of one group's spans is below all of the next one
    reached = np.maximum.accumulate(end[order] + group * step) - group * step
    begins = np.empty(len(origin), np.int64)
    begins[order] = np.maximum(start[order], np.where(np.diff(group, prepend=-1), 0, np.roll(reached, 1)))
    return begins


def words_between(texts: pa.ChunkedArray, row: Integers, begin: Integers, end: Integers) -> Integers:
    """Count the words between two code points of some texts, each named by its row."""
    rows, at = np.unique(row, return_inverse=True)
    some = texts.take(pa.array(rows)).to_pylist()
    bounds = zip(at.tolist(), begin.tolist(), end.tolist(), strict=True)
    spans = pa.array([some[place][first:last] for place, first, last in bounds], pa.large_string())
    counts: Integers = count_words_of(spans).to_numpy()
    return counts


@dataclass
class Flow:
    """Counts of one outlet pair; of each pair of articles only the delay is kept."""

    n_passages: int = 0
    n_words: int = 0
    n_documents: int = 0
    hours: array[float] = field(default_factory=lambda: array("d"))

    def add(self, other: Flow) -> None:
        """Add the counts of another part of the tables."""
        self.n_passages += other.n_passages
        self.n_words += other.n_words
        self.n_documents += other.n_documents
        self.hours.extend(other.hours)


#: Counts by outlet pair.
Flows = dict[OutletPair, Flow]


def counted(copies: PassageCopies) -> Flows:
    """Count the copies of one part of the tables."""
    n = len(copies.pairs)
    passages, words = np.bincount(copies.pair, minlength=n), np.zeros(n, np.int64)
    np.add.at(words, copies.pair, copies.words)
    documents = np.bincount(copies.pair[first_rows(copies.pair, copies.document)], minlength=n)
    dated = np.flatnonzero(~np.isnan(copies.hours))
    met = dated[first_rows(copies.pair[dated], copies.document[dated], copies.origin[dated])]
    delays = np.split(copies.hours[met], np.searchsorted(copies.pair[met], np.arange(1, n)))
    counts = zip(passages.tolist(), words.tolist(), documents.tolist(), delays, strict=False)  # no pair: one of nothing
    flows = (
        Flow(n_passages, n_words, n_documents, array("d", hours)) for n_passages, n_words, n_documents, hours in counts
    )
    return dict(zip(copies.pairs, flows, strict=True))


def first_rows(*columns: Integers) -> Integers:
    """Return a row for each combination of values, in the order of the first column.

    >>> first_rows(np.array([1, 0, 1]), np.array([5, 5, 5])).tolist()
    [1, 0]
    """
    order = np.lexsort(columns[::-1])
    changes = [np.diff(column[order], prepend=column[order][:1] - 1) != 0 for column in columns]
    return order[np.logical_or.reduce(changes)]


def flow_table(parts: Iterable[Flows]) -> pa.Table:
    """Add the counts of all parts, the most words first: the table FLOWS."""
    flows: Flows = defaultdict(Flow)
    for part in parts:
        for pair, flow in part.items():
            flows[pair].add(flow)
    rows: list[Row] = [
        {
            "from_outlet": from_outlet,
            "to_outlet": to_outlet,
            "n_passages": flow.n_passages,
            "n_words": flow.n_words,
            "n_documents": flow.n_documents,
            "median_delay_hours": round(median(flow.hours), 2) if flow.hours else None,
        }
        for (from_outlet, to_outlet), flow in flows.items()
    ]
    rows.sort(key=lambda row: (-row["n_words"], row["from_outlet"], row["to_outlet"]))
    return pa.Table.from_pylist(rows, schema=FLOWS)
