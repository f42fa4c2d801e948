"""Reading for Spark, without Spark: what executors read is cut into the batches of the local engine."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import feather

from pipeline import settings, sources
from pipeline.engines.reading import Batch, InputReading, read_here
from pipeline.engines.spark.distributed_reading import GROUP_BYTES, read_group, tasks_of
from pipeline.engines.spark.new_documents import OCCURRENCES, PUBLISHED, not_new, occurrences, write_known
from pipeline.engines.spark.stored_batches import StoredBatch, cut
from pipeline.runs.unused import UnusedInput, UnusedInputs
from pipeline.storage.forgotten import ForgottenRecord, article_digest, write_record
from pipeline.storage.output_folder import OutputFolder
from stages.contract import Outcome


def reading_of(out: Path, inputs: list[str], sizes: int, **run: int) -> InputReading:
    chosen = settings.parse({"run": run})
    planned = sources.plan(inputs)
    window = sources.window_of("2025-03-05", None)
    return InputReading(planned, [sizes] * len(planned), chosen, window, None, OutputFolder(out), out / "staged")


def find_known(folder: Path, groups: int, published: list[str]) -> None:
    """What Spark does between two shuffles, in this process."""
    numbers = pa.RecordBatch.from_pydict({"id": range(groups)})
    old = [{"doc_id": bytes.fromhex(each), "group": PUBLISHED, "at": 0, "forgotten": False} for each in published]
    found = pa.Table.from_batches([*occurrences(folder, iter([numbers])), pa.RecordBatch.from_pylist(old, OCCURRENCES)])
    rows = found.sort_by([(name, "ascending") for name in ("doc_id", "group", "at")])
    known = pa.Table.from_batches(not_new(iter(rows.to_batches(max_chunksize=7))))
    list(write_known(folder, iter(known.sort_by([("group", "ascending"), ("at", "ascending")]).to_batches(5))))


def stored(reading: InputReading, published: list[str]) -> list[StoredBatch]:
    (reading.folder / "read").mkdir(parents=True)
    groups = [read_group(task) for task in tasks_of(reading)]
    find_known(reading.folder, len(groups), published)
    run = reading.settings.run
    return list(cut(reading.folder, groups, run.batch_documents, run.batch_bytes))


@pytest.mark.parametrize(
    "run",
    [
        {"batch_documents": 1},
        {"batch_documents": 7},
        {"batch_documents": 10_000, "batch_bytes": 10_000},
        {"batch_documents": 20, "batch_bytes": 30_000},
        {},
    ],
)
@pytest.mark.parametrize("sizes", [GROUP_BYTES, 1], ids=["an input a group", "one group"])
def test_what_executors_read_is_cut_into_the_batches_of_the_local_engine(
    tmp_path: Path, repository: Path, run: dict[str, int], sizes: int
) -> None:
    story = tmp_path / "again.txt"
    story.write_text("The ferry is late.\n\nIt was late yesterday, too, and the day before.\n")
    corpus = str(repository / "corpus")
    # The same story from two places in one order: documents, problems and copies of the same file's name.
    copies = [tmp_path / name / "again.txt" for name in ("one", "two")]
    for each in copies:
        each.parent.mkdir()
        each.write_text(story.read_text())
    outlets = tmp_path / "outlet"
    empty = tmp_path / "empty.txt"
    empty.touch()
    guessed = tmp_path / "guessed.csv"
    guessed.write_text("headline,body\nFerry late,The ferry to Vellen was late again on Monday morning.\n")
    inputs = [corpus, *map(str, copies), str(empty), str(guessed), str(story)]
    reading = reading_of(outlets, inputs, sizes, **run)
    outlets.mkdir(parents=True)
    first = next(iter(read_here(reading))).documents
    write_record(outlets, ForgottenRecord((first["doc_id"][0].as_py(),), (article_digest("nobody", "nowhere"),)))
    here = list(read_here(reading))
    there = stored(reading, [])
    assert len(there) == len(here)
    for mine, theirs in zip(there, here, strict=True):
        assert_same(mine, theirs.read())
        assert len(mine) == len(theirs)
    assert sum(map(len, here)) > 50
    assert told(there, inputs) == told(here, inputs)
    assert told(here, inputs)[2] == (UnusedInput(str(empty), "empty"),)


def told(batches: Sequence[Batch], named: list[str]) -> tuple[Any, ...]:
    """What a run tells of its inputs."""
    refused, read_as, unused = set(), [], UnusedInputs(named)
    for addresses, ledger in (each.about_inputs for each in batches):
        refused |= sources.refused(ledger)
        read_as += sources.read_as(ledger)
        unused.look_at(addresses, ledger)
    return refused, read_as, unused.found()


def assert_same(batch: StoredBatch, expected: Outcome) -> None:
    documents, ledger = batch.read()
    assert documents.equals(expected.documents)
    assert ledger.equals(expected.ledger)


def test_a_batch_is_taken_apart_document_by_document_as_if_it_were_held(tmp_path: Path, repository: Path) -> None:
    reading = reading_of(tmp_path, [str(repository / "corpus")], 1, batch_documents=30)
    (held, *_), (batch, *_) = list(read_here(reading)), stored(reading, [])
    assert [batch.subject(at) for at in range(len(batch))] == [held.subject(at) for at in range(len(held))]
    for at in range(len(batch)):
        assert_same(batch.only(at), held.only(at).read())
    assert_same(batch.without_documents(), held.without_documents().read())


def naive(rows: list[tuple[str, bool]], published: set[str]) -> Iterator[str]:
    """The rules of `only_new`, document by document."""
    seen: set[str] = set()
    for doc_id, forgotten in rows:
        if forgotten:
            yield "forgotten"
        elif doc_id in published or doc_id in seen:
            yield "already_published" if doc_id in published else "same_document"
        else:
            seen.add(doc_id)
            yield ""


@pytest.mark.parametrize("seed", range(20))
def test_the_shuffle_of_ids_finds_what_the_local_engine_finds(seed: int) -> None:
    chance = random.Random(seed)
    ids = [f"{n:032x}" for n in range(12)]
    read = [[(chance.choice(ids), chance.random() < 0.2) for _ in range(chance.randrange(9))] for _ in range(5)]
    published = set(chance.sample(ids, 3))
    rows = [
        {"doc_id": bytes.fromhex(doc_id), "group": group, "at": at, "forgotten": forgotten}
        for group, found in enumerate(read)
        for at, (doc_id, forgotten) in enumerate(found)
    ]
    old = [{"doc_id": bytes.fromhex(each), "group": PUBLISHED, "at": 0, "forgotten": False} for each in published]
    table = pa.Table.from_pylist(rows + old, OCCURRENCES)
    ordered = table.sort_by([(name, "ascending") for name in ("doc_id", "group", "at")])
    known = pa.Table.from_batches(not_new(iter(ordered.to_batches(max_chunksize=chance.randrange(1, 9)))))
    found = {(row["group"], row["at"]): row["reason"] for row in known.to_pylist()}
    expected = naive([each for group in read for each in group], published)
    places = [(group, at) for group, rows_ in enumerate(read) for at in range(len(rows_))]
    assert [found.get(place, "") for place in places] == list(expected)


def test_two_attempts_at_a_group_leave_whole_files_with_the_same_bytes(tmp_path: Path, repository: Path) -> None:
    """Spark may start a task twice at once; the second attempt changes nothing."""
    reading = reading_of(tmp_path, [str(repository / "corpus")], 1)
    (reading.folder / "read").mkdir(parents=True)
    (task,) = tasks_of(reading)
    answer = read_group(task)
    before = {path: path.read_bytes() for path in (reading.folder / "read").iterdir()}
    assert read_group(task) == answer
    assert {path: path.read_bytes() for path in (reading.folder / "read").iterdir()} == before
    assert pc.sum(feather.read_table(next(p for p in before if p.name.endswith("items.arrow")))["is_document"]).as_py()
