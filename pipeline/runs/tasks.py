"""What worker processes do: the three tasks a run is made of, each from files to files under its staging folder.

    prepare   raw documents → decode, extract, repair, segment, language      → prepared/<name>.arrow
    clean     a prepared file → noise, and evidence of near-duplicates        → cleaned/<name>.arrow
    finish    cleaned files and the passages found among all of them          → one part of every table

Ledger rows are kept beside each file (`<name>.ledger.arrow`) and gathered by `finish`. A task's answer is a `Tally`.
Nothing here knows of processes, locks or time limits; that is the engine's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import feather

from pipeline.passages import matching
from pipeline.passages.passage_index import PassageIndex
from pipeline.runs.checkpoints import Checkpoints
from pipeline.settings import Settings
from pipeline.settings.rule_packs import noise_settings
from pipeline.storage.tables import write_part
from pipeline.tally import OutletTally, Tally
from pipeline.templates import mining
from stages import decode, extract, language, near_duplicates, noise, repair, segment
from stages.contract import Outcome

#: How much longer than the extractor's own limit a single page may hold a worker before the worker is killed.
GRACE_SECONDS = 5.0
FOLDERS = ("prepared", "masks", "cleaned", "evidence")


@dataclass(frozen=True)
class Workspace:
    """Where a run's work lies, and by which settings it is done."""

    folder: Path
    settings: Settings

    def set_up(self) -> None:
        """Make the folders."""
        for name in FOLDERS:
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    @property
    def marks(self) -> Checkpoints:
        """What of the run is done."""
        return Checkpoints(self.folder)

    def path(self, folder: str, name: str) -> Path:
        """Where the file `name` of one kind lies."""
        return self.folder / folder / f"{name}.arrow"

    def write(self, folder: str, name: str, table: pa.Table) -> Path:
        """Keep a table for a later phase; where it lies, for the mark that the task is done."""
        feather.write_feather(table, self.path(folder, name), compression="lz4")
        return self.path(folder, name)

    def read(self, folder: str, name: str) -> pa.Table:
        """A table that an earlier phase kept."""
        return feather.read_table(self.path(folder, name))

    def count_cleaned(self, name: str) -> int:
        """How many documents a cleaned file holds."""
        with pa.ipc.open_file(self.path("cleaned", name)) as file:
            return sum(file.get_batch(i).num_rows for i in range(file.num_record_batches))


@dataclass(frozen=True)
class Prepare:
    """A batch of raw documents, with the ledger rows of what could not be read or was read before."""

    desk: Workspace
    name: str
    documents: pa.Table
    ledger: pa.Table
    lost: int = 0  # documents that cannot be worked on and have a row in the ledger


@dataclass(frozen=True)
class Clean:
    """A prepared file."""

    desk: Workspace
    name: str


@dataclass(frozen=True)
class Finish:
    """The cleaned files whose documents make up part `number` of the tables."""

    desk: Workspace
    name: str
    number: int
    cleaned: tuple[str, ...]


def prepare(task: Prepare) -> Tally:
    """Raw documents made text in paragraphs."""
    tally = Tally(documents_in=len(task.documents) + task.lost)
    documents, ledger = prepare_documents(Outcome(task.documents, task.ledger), task.desk.settings, tally)
    tally.count(ledger)
    with tally.time("templates"):
        files = mining.keep_evidence(task.desk.folder, task.name, documents)
    files.append(task.desk.write("prepared", task.name, documents))
    files.append(task.desk.write("prepared", f"{task.name}.ledger", ledger))
    tally.measure_memory()
    task.desk.marks.set("prepare", task.name, tally, files)
    return tally


def prepare_documents(batch: Outcome, settings: Settings, tally: Tally | None = None) -> Outcome:
    """The stages that look at one document and at nothing else, in their order."""
    tally = tally or Tally()
    documents, ledgers = batch.documents, [batch.ledger]
    for stage, chosen in (
        (decode, settings.decode),
        (extract, settings.extract),
        (repair, settings.repair),
        (segment, settings.segment),
        (language, settings.language),
    ):
        with tally.time(stage.__name__.removeprefix("stages.")):
            documents, ledger = stage.run(documents, chosen)
        ledgers.append(ledger)
    tally.words_in += count_words_in(documents)
    return Outcome(documents, pa.concat_tables(ledgers))


def clean(task: Clean) -> Tally:
    """A prepared file without its noise, and what the corpus stage needs to know of it."""
    tally, desk = Tally(), task.desk
    chosen = mining.chosen_in(desk.folder, task.name)
    before = desk.read("prepared", task.name)
    documents, ledger = clean_documents(before, desk.settings, chosen, tally)
    tally.count(ledger)
    tally.outlets = count_by_outlet(before, documents)
    tally.documents_out = len(documents)
    files = []
    with tally.time("near_duplicates"):
        for kind, table in near_duplicates.evidence(documents, desk.settings.near_duplicates)._asdict().items():
            files.append(desk.write("evidence", f"{task.name}.{kind}", table))
    files.append(desk.write("cleaned", task.name, documents))
    files.append(desk.write("cleaned", f"{task.name}.ledger", ledger))
    tally.measure_memory()
    desk.marks.set("clean", task.name, tally, files)
    return tally


def clean_documents(
    documents: pa.Table, settings: Settings, learned: pa.Table | None, tally: Tally | None = None
) -> Outcome:
    """The noise stage, with the rule packs and weights that the settings name."""
    tally = tally or Tally()
    with tally.time("noise"):
        return noise.run(documents, noise_settings(settings), learned)


def resolve(desk: Workspace, run: str, parts: Sequence[Finish], index: PassageIndex, threads: int) -> matching.Matched:
    """The passages that the documents of all parts share with those before them; kept for `finish`."""
    chosen = desk.settings
    names = {part.number: part.cleaned for part in parts}
    documents = chosen.run.resolve_documents
    task = matching.PassageMatching(desk.folder, chosen.near_duplicates, index, run, documents, threads)
    return matching.resolve(task, names)


def finish(task: Finish) -> Tally:
    """One part of every table."""
    tally, desk = Tally(), task.desk
    with tally.time("tables"):
        documents = pa.concat_tables([desk.read("cleaned", name) for name in task.cleaned])
        found, versions = (matching.found_for(desk.folder, name, task.number) for name in ("found", "versions"))
        removal = near_duplicates.remove(documents, found, desk.settings.near_duplicates, versions)
        earlier = found.filter(pc.invert(pc.is_in(found["doc_id"], documents["doc_id"].combine_chunks())))
        tally.count(removal.ledger)
        tally.words_out = count_words_in(documents)
        kinds = ("prepared", "cleaned")
        ledgers = [desk.read(kind, f"{name}.ledger") for name in task.cleaned for kind in kinds] + [removal.ledger]
        tables = {
            "documents": removal.documents,
            "paragraphs": removal.paragraphs,
            "passages": pa.concat_tables([removal.passages, near_duplicates.canonical_passages(earlier)]),
            "ledger": pa.concat_tables(ledgers),
        }
        files = [write_part(desk.folder, name, task.number, table) for name, table in tables.items()]
    tally.measure_memory()
    desk.marks.set("finish", task.name, tally, files)
    return tally


def count_words_in(documents: pa.Table) -> int:
    """Words of all texts of a table."""
    return int(pc.sum(words_in(documents)).as_py() or 0)


def count_by_outlet(before: pa.Table, after: pa.Table) -> dict[str, OutletTally]:
    """Documents and words of each outlet, before the noise stage and after it."""
    found: dict[str, OutletTally] = {}
    for outlet, words in zip(before["outlet"].to_pylist(), words_in(before).to_pylist(), strict=True):
        found.setdefault(outlet, OutletTally()).__iadd__(OutletTally(1, words, 0))
    for outlet, words in zip(after["outlet"].to_pylist(), words_in(after).to_pylist(), strict=True):
        found[outlet].words_out += words
    return found


def words_in(documents: pa.Table) -> pa.ChunkedArray:
    """How many words the text of each document has."""
    return pc.count_substring_regex(documents["text"], r"[\pL\pN_]+")
