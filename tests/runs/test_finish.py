"""The last task of a run: parts of the tables, made batch by batch."""

from __future__ import annotations

import datetime
import random
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import settings
from pipeline.engines.task_files import TaskFiles
from pipeline.passages import matching
from pipeline.passages.matching import PassageMatching
from pipeline.passages.passage_index import PassageIndex
from pipeline.runs import tasks
from pipeline.runs.workspace import Workspace
from stages import near_duplicates
from stages.contract import DOCUMENT

SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstv" for vowel in "aeiou"]
CHOSEN = settings.parse({})


def corpus(documents: int) -> pa.Table:
    """Articles of invented words, many of whose sentences another has too; every ninth has all of an earlier one's."""
    chance = random.Random(16)
    texts: list[str] = []
    known: list[str] = []
    for number in range(documents):
        for _ in range(4):
            words = ["".join(chance.choices(SYLLABLES, k=3)) for _ in range(chance.randint(9, 20))]
            known.append(
                chance.choice(known) if known and chance.random() < 0.5 else " ".join(words).capitalize() + "."
            )
        texts.append(chance.choice(texts) if number % 9 == 8 else "\n\n".join(known[-4:]))
    rows = [
        {
            "doc_id": f"{chance.getrandbits(128):032x}", "source_uri": "test", "outlet": f"outlet-{number % 4}",
            "kind": "text", "raw_sha256": "", "segmented_sha256": "", "text": text, "authors": [], "wire": [],
        }
        for number, text in enumerate(texts)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=DOCUMENT)


@pytest.mark.parametrize("sizes", [(40,), (1, 0, 25, 14), (20, 20, 0)])
def test_a_part_made_batch_by_batch_has_the_rows_that_all_its_documents_together_give(
    tmp_path: Path, sizes: tuple[int, ...]
) -> None:
    documents, later = corpus(60).slice(0, 40), corpus(60).slice(40)
    workspace = Workspace(tmp_path, CHOSEN, TaskFiles(tmp_path), datetime.datetime(2031, 3, 4, tzinfo=datetime.UTC))
    workspace.set_up()
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    batches = [documents.slice(start, size) for start, size in zip(starts, sizes, strict=True)]
    for number, batch in enumerate([*batches, later]):
        workspace.tables.write("cleaned", f"{number}", batch)
        for kind, table in near_duplicates.evidence(batch)._asdict().items():
            workspace.tables.write("evidence", f"{number}.{kind}", table)
    own, others = tuple(map(str, range(len(sizes)))), (str(len(sizes)),)
    index = PassageIndex(tmp_path, [], CHOSEN.near_duplicates)
    matching.resolve(
        PassageMatching(tmp_path, CHOSEN.near_duplicates, index, "one", documents=1000, threads=1), {0: own, 1: others}
    )
    resolution = matching.resolution_of(tmp_path, 0)
    whole = near_duplicates.remove(documents, resolution, CHOSEN.near_duplicates)
    found = tasks.removal_of(tasks.Finish(workspace, "part 0", 0, own))
    assert {row["reason"] for row in whole.ledger.to_pylist()} == set(near_duplicates.REASONS)
    assert {name: table.to_pylist() for name, table in found._asdict().items()} == {
        name: table.to_pylist() for name, table in whole._asdict().items()
    }
