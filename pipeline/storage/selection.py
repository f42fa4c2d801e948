"""Selections: which documents of a corpus are meant, by run, outlet, language, time and kind, and the rows they have.

A selection is a value: it is checked when it is made, says itself in words, and reads the tables one batch at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import UserError
from pipeline.sources.window import Window
from pipeline.storage.ids import Ids
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import TABLES, folder_of, open_table, part_files
from pipeline.storage.versions import superseded
from stages.contract import TIMESTAMP
from stages.page_kind import KINDS

#: Documents read at once. A document is about 3 kB and its canonical text as much: 6 MB.
BATCH = 1024
#: The code of ISO 639-2 for a language that is not known; in the table it is null.
UNDETERMINED = "und"

#: The column of a partition.
RUN = "run"

_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Selection:
    """The documents that are meant; with no argument, all of every run, each article in its latest version.

    Every condition that is given must hold. `since` is inside the span of time and `until` is not; a document without
    a time of publication is in no span that has a beginning or an end. Raises UserError for a value that can match
    nothing.
    """

    runs: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()  # ISO 639-1, or "und" for documents whose language is not known
    page_kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    min_words: int = 0
    without_duplicates: bool = False  # leave out documents that are copies of another as a whole
    latest_versions_only: bool = True  # of an article in several versions, the latest in the chosen runs

    def __post_init__(self) -> None:
        for moment in (self.since, self.until):
            if moment is not None and moment.tzinfo is None:
                raise UserError(f"{moment.isoformat()}: a time needs its zone. Try: {moment.isoformat()}+00:00")
        Window(self.since, self.until)
        for kind in self.page_kinds:
            if kind not in KINDS:
                raise UserError(f"{kind!r} is no kind of page. There are: {', '.join(KINDS)}.")
        for language in self.languages:
            if not _LANGUAGE.fullmatch(language):
                raise UserError(f"{language!r} is no code of a language. Try: en, de, fr … or und for unknown.")

    def expression(self) -> pc.Expression | None:
        """Return the conditions on single rows of `documents` as a filter for Arrow; None where there are none.

        Runs and versions are not in it: they are decided by folders and by other rows.

        >>> Selection(outlets=("star",), min_words=50).expression()
        <pyarrow.compute.Expression (is_in(outlet, {value_set=string:[
          "star"
        ], null_matching_behavior=MATCH}) and (n_words >= 50))>
        """
        conditions = list(self._conditions())
        return reduce(and_, conditions) if conditions else None

    def _conditions(self) -> Iterator[pc.Expression]:
        if self.outlets:
            yield pc.field("outlet").isin(list(self.outlets))
        if self.languages:
            known = pc.field("language").isin([each for each in self.languages if each != UNDETERMINED])
            yield known | pc.field("language").is_null() if UNDETERMINED in self.languages else known
        if self.page_kinds:
            yield pc.field("page_kind").isin(list(self.page_kinds))
        if self.since:
            yield pc.field("published") >= pa.scalar(self.since, TIMESTAMP)
        if self.until:
            yield pc.field("published") < pa.scalar(self.until, TIMESTAMP)
        if self.min_words:
            yield pc.field("n_words") >= self.min_words
        if self.without_duplicates:
            yield pc.field("duplicate_of").is_null()

    def in_words(self) -> str:
        """Describe the selection for a person; the empty text if it is everything.

        >>> Selection(outlets=("star", "courier"), min_words=50, without_duplicates=True).in_words()
        'outlet star or courier, at least 50 words, no duplicates'
        """
        names = {"run": self.runs, "outlet": self.outlets, "language": self.languages, "kind": self.page_kinds}
        parts = [f"{name} {' or '.join(values)}" for name, values in names.items() if values]
        window = Window(self.since, self.until).in_words()
        parts += [window] if window else []
        parts += [f"at least {self.min_words} words"] if self.min_words else []
        parts += ["no duplicates"] if self.without_duplicates else []
        parts += [] if self.latest_versions_only else ["all versions"]
        return ", ".join(parts)

    def runs_in(self, corpus: Corpus) -> list[str]:
        """Return the chosen runs of a corpus, oldest first. Raises UserError for one that it does not have."""
        for run in self.runs:
            corpus.chosen(run)
        return [run for run in corpus.runs if not self.runs or run in self.runs]

    def documents(
        self, corpus: Corpus, columns: Sequence[str] | None = None, batch_size: int = BATCH
    ) -> Iterator[pa.RecordBatch]:
        """Yield the chosen documents in the order of the tables, with some of their columns or all.

        The column `run`, which the files do not have, may be among them. Memory holds a few batches and 16 bytes for
        each superseded version, however large the corpus is.
        """
        wanted = list(columns or TABLES["documents"].names)
        stored_columns = [name for name in wanted if name != RUN] or ["doc_id"]
        for run, _, batches in self._parts(corpus, stored_columns, batch_size):
            for batch in batches:
                if len(batch):
                    yield batch if RUN not in wanted else _with_run(batch, run).select(wanted)

    def rows(self, corpus: Corpus, table: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows that the chosen documents have in another table: paragraphs, passages or ledger.

        Rows of the ledger about inputs that became no document belong to no document and are not among them.
        """
        wanted = list(columns or TABLES[table].names)
        for run, name, batches in self._parts(corpus, ["doc_id"], BATCH):
            ids = pa.chunked_array([batch["doc_id"] for batch in batches], pa.string())
            if len(ids):
                path = folder_of(corpus.out, table, run) / name
                yield from _batches(path, table, wanted, pc.field("doc_id").isin(ids.combine_chunks()), BATCH)

    def _parts(
        self, corpus: Corpus, columns: list[str], batch_size: int
    ) -> Iterator[tuple[str, str, Iterator[pa.RecordBatch]]]:
        """Yield for each part of the chosen runs its run, its file name and its chosen documents."""
        runs, left_out, filter_ = self.runs_in(corpus), Ids(), self.expression()
        if self.latest_versions_only:
            left_out.add(superseded([folder_of(corpus.out, "documents", run) for run in runs]).to_pylist())
        for run in runs:
            for path in part_files(folder_of(corpus.out, "documents", run)):
                found = _batches(path, "documents", list(dict.fromkeys([*columns, "doc_id"])), filter_, batch_size)
                yield run, path.name, (_without(batch, left_out).select(columns) for batch in found)


def _with_run(batch: pa.RecordBatch, run: str) -> pa.RecordBatch:
    """Return a batch with a column of its run."""
    names = pa.array([run] * len(batch), pa.string())
    return pa.RecordBatch.from_arrays([*batch.columns, names], names=[*batch.schema.names, RUN])


def _without(batch: pa.RecordBatch, left_out: Ids) -> pa.RecordBatch:
    """Return the rows of documents that are not left out."""
    if not len(left_out) or not len(batch):
        return batch
    return batch.filter(pa.array(~left_out.has(batch["doc_id"].to_pylist())))


def _batches(
    path: OutputLocation, table: str, columns: list[str], filter_: pc.Expression | None, batch_size: int
) -> Iterator[pa.RecordBatch]:
    """Read one file batch by batch, in its order. A column that an older version did not write is null."""
    yield from open_table(path, table).to_batches(columns, filter_, batch_size, batch_readahead=2, fragment_readahead=1)
