"""The runs that a page reports on, their manifests, and the documents in them."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.runs.report import Progress, silence
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import dataset, folder_of, part_files, read_file
from pipeline.tally import OutletTally

Manifest = dict[str, Any]


class TablePart(NamedTuple):
    """One part of a run's tables: the rows of the same documents in each."""

    out: OutputLocation
    run: str
    file: str

    def table(self, name: str, columns: list[str]) -> pa.Table:
        """Read some columns. A column that an older version did not write is null."""
        return read_file(folder_of(self.out, name, self.run) / self.file, name, columns)


#: Times that all parts are read: for the documents, the passages and the ledger.
PASSES = 3


@dataclass
class PartCounter:
    """Counts the parts that were read, and shows progress."""

    show: Progress = silence
    done: int = 0

    def each(self, parts: list[TablePart]) -> Iterator[TablePart]:
        """Yield the parts of one pass."""
        for part in parts:
            self.show("report", self.done, PASSES * len(parts))
            yield part
            self.done += 1


@dataclass(frozen=True)
class Scope:
    """The reported runs of a corpus, oldest first."""

    corpus: Corpus
    runs: list[str]
    counter: PartCounter = field(default_factory=PartCounter)

    @property
    def last(self) -> str:
        """The newest of the runs."""
        return self.runs[-1]

    def manifests(self) -> Iterator[Manifest]:
        """Yield the manifests, oldest first: each may be large, and years of nights have many."""
        yield from map(self.corpus.store.manifest, self.runs)

    def rows(self, name: str, run: str, columns: list[str], wanted: pc.Expression) -> Iterator[dict[str, Any]]:
        """Yield chosen rows of a table of any run of the corpus, batch by batch."""
        for batch in dataset(self.corpus.out, name, run).to_batches(columns=columns, filter=wanted):
            yield from batch.to_pylist()

    def parts(self) -> Iterator[TablePart]:
        """Yield the parts of the tables of all runs."""
        yield from self.counter.each(
            [
                TablePart(self.corpus.out, run, path.name)
                for run in self.runs
                for path in part_files(folder_of(self.corpus.out, "documents", run))
            ]
        )


@dataclass
class DocumentFigures:
    """Figures of the documents: how many, of which outlets and languages, from when to when."""

    n: int = 0
    n_words: int = 0
    words_elsewhere: float = 0.0  # words that are canonical in another document
    copies: int = 0  # whole documents that are near-copies of another
    undated: int = 0
    first: datetime.datetime | None = None
    last: datetime.datetime | None = None
    outlets: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)

    def add(self, documents: pa.Table) -> None:
        """Count the documents of one part."""
        self.n += len(documents)
        self.n_words += pc.sum(documents["n_words"]).as_py() or 0
        shares = pc.multiply(documents["n_words"].cast(pa.float64()), pc.fill_null(documents["duplicate_share"], 0.0))
        self.words_elsewhere += pc.sum(shares).as_py() or 0.0
        self.copies += len(documents) - documents["duplicate_of"].null_count
        self.undated += documents["published"].null_count
        times = pc.min_max(documents["published"]).as_py()
        self.first = min((each for each in (self.first, times["min"]) if each), default=None)
        self.last = max((each for each in (self.last, times["max"]) if each), default=None)
        self.outlets += _counts(documents["outlet"])
        self.languages += _counts(documents["language"].fill_null("unknown"))


def _counts(values: pa.ChunkedArray) -> Counter[str]:
    return Counter({each["values"]: each["counts"] for each in pc.value_counts(values).to_pylist()})


#: Columns that figures of documents are counted from.
COUNTED = ["n_words", "duplicate_share", "duplicate_of", "published", "outlet", "language"]


def documents_of(scope: Scope) -> DocumentFigures:
    """Count the documents of the reported runs, part by part."""
    found = DocumentFigures()
    for part in scope.parts():
        found.add(part.table("documents", COUNTED))
    return found


def outlets_of(scope: Scope) -> dict[str, OutletTally]:
    """Add up the outlets' words before and after the noise stage, as the manifests have them."""
    found: dict[str, OutletTally] = {}
    for manifest in scope.manifests():
        for outlet, counted in manifest.get("outlets", {}).items():
            found.setdefault(outlet, OutletTally()).__iadd__(OutletTally(**counted))
    return found
