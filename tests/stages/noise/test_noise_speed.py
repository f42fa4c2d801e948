"""What is hostile to the noise stage takes time by its length, not by the square of it."""

import time

import pyarrow as pa
import pytest

from stages.contract import DOCUMENT, PARAGRAPH_BREAK
from stages.noise import Settings, run
from stages.noise.predicates import PREDICATES
from stages.noise.view import look
from tests.stages.noise.shipped import PACKS

#: Each takes a second of a busy machine at most, and ten and more where it goes by the square.
LINEAR = {
    "pictures in one paragraph": ["It rained pic.twitter.com/abc " * 16_000],
    "a gap within a name": ["Ada" + " " * 60_000 + "Quay"],
    "one letter a line": ["a"] * 15_000,
}
SECONDS = 6


@pytest.mark.parametrize("name", LINEAR)
def test_hostile_texts_take_time_by_their_length(name: str) -> None:
    row = {"doc_id": "a", "source_uri": "a.txt", "outlet": "adaquaypost", "kind": "text", "raw_sha256": "0"}
    row |= {"language": "en", "text": PARAGRAPH_BREAK.join(LINEAR[name])}
    table = pa.Table.from_pylist([{field: row.get(field) for field in DOCUMENT.names}], schema=DOCUMENT)
    begin = time.process_time()
    outcome = run(table, Settings(packs=PACKS))
    assert time.process_time() - begin < SECONDS
    assert len(outcome.ledger) + len(outcome.documents) > 0


@pytest.mark.parametrize("name", PREDICATES)
@pytest.mark.parametrize(
    "line", ["— Ada Quay (@adaquay)", "3/9 A boat", "Ada Quay", "It rained on the quay of the old town."]
)
def test_predicates_take_time_by_the_length_of_a_document(name: str, line: str) -> None:
    view = look([line] * 50_000, outlet="adaquaypost")
    begin = time.process_time()
    PREDICATES[name](view)
    assert time.process_time() - begin < SECONDS
