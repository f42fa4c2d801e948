"""Hostile article texts become documents of a sound corpus, and none of them does what it says."""

from pathlib import Path

from pipeline.reports.verify import check
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import read
from tests.helpers.hostile_texts import OPENING, hostile_texts


def test_every_hostile_text_is_a_document_of_a_sound_corpus(hostile_run: Path) -> None:
    cases = hostile_texts()
    assert len({each.name for each in cases}) == len(cases) >= 40
    documents = read(hostile_run, "documents", ["hostile"]).to_pylist()
    assert {row["source_id"] for row in documents} == {each.id for each in cases}
    assert all(OPENING[:60] in row["text"] for row in documents)
    assert check(Corpus(hostile_run)).wrong == []
    assert not Path("/tmp/climb").exists()
