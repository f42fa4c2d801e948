"""Laws that every stage keeps, by being listed here. A new stage that is not listed fails the first test."""

import json
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest

import stages
from pipeline import settings
from pipeline.settings.rule_packs import noise_settings
from stages import decode, extract, language, near_duplicates, noise, repair, segment
from stages.contract import DOCUMENT, RAW_DOCUMENT, Outcome

CHOSEN = settings.parse({})
SENTENCE = "The harbour of Port Anning opened again on Monday after nine days of storm, the harbour master said."
LONGER = f"{SENTENCE} Forty boats had waited outside the bar, and the first of them sold its catch before noon."
#: A chain A~B~C, an exact copy, an empty text, one word, furniture, mojibake, hard-wrapped lines, another language.
TEXTS = {
    "a": SENTENCE,
    "b": LONGER,
    "c": LONGER.replace(SENTENCE, "").strip() + " Nobody in the ice house had seen such a swell.",
    "copy": SENTENCE,
    "empty": "",
    "blank": " \n\n ",
    "word": "Storm",
    "furniture": f"Share this story\n\n{SENTENCE}\n\nBy Mara Quill\n\nRead more: The storm in pictures",
    "mojibake": "The cafÃ© on the quay stayed open, â€œfor the crewsâ€\x9d, she said. &amp;amp; so did the church.",
    "wrapped": (
        "The harbour of Port Anning opened again on Monday after nine\n"
        "days of storm, the harbour master said, and forty boats that\n"
        "had waited outside the bar came in before noon with the best\n"
        "catch that anybody on the quay could remember from a winter.\n"
    ),
    "german": "Der Hafen von Grauenfels ist nach neun Tagen Sturm wieder offen.\n\nMehr zum Thema",
    "cjk": "港は九日間の嵐のあと月曜日に再び開いた。四十隻の船が沖で待っていた。",
}


class Stage(NamedTuple):
    """How a stage is called, and whether its second run has nothing to do."""

    run: Callable[[pa.Table], Outcome]
    before: tuple[str, ...]  # the stages whose output it reads
    idempotent: bool = True


def remove_duplicates(documents: pa.Table) -> Outcome:
    chosen = CHOSEN.near_duplicates
    found = near_duplicates.resolve([near_duplicates.evidence(documents, chosen)], chosen)
    removal = near_duplicates.remove(documents, found, chosen)
    return Outcome(removal.documents, removal.ledger)


STAGES = {
    "decode": Stage(lambda d: decode.run(d, CHOSEN.decode), (), idempotent=False),  # bytes in, text out
    "extract": Stage(lambda d: extract.run(d, CHOSEN.extract), ("decode",), idempotent=False),  # a page in, text out
    "repair": Stage(lambda d: repair.run(d, CHOSEN.repair), ("decode", "extract")),
    "segment": Stage(lambda d: segment.run(d, CHOSEN.segment), ("decode", "extract", "repair")),
    "language": Stage(lambda d: language.run(d, CHOSEN.language), ("decode", "extract", "repair", "segment")),
    "noise": Stage(
        lambda d: noise.run(d, noise_settings(CHOSEN)), ("decode", "extract", "repair", "segment", "language")
    ),
    "near_duplicates": Stage(
        remove_duplicates, ("decode", "extract", "repair", "segment", "language", "noise"), idempotent=False
    ),
}
SHARED_BY_STAGES = {"contract", "ledger", "shared"}


def raw_documents() -> pa.Table:
    rows = [
        {"doc_id": f"{n:032x}", "source_id": name, "source_uri": f"{name}.txt", "outlet": f"outlet-{n % 3}",
         "kind": "text", "raw": text.encode(), "raw_sha256": "0"}
        for n, (name, text) in enumerate(TEXTS.items())
    ]  # fmt: skip
    page = f"<html><head><title>Harbour</title></head><body><article><p>{LONGER}</p></article></body></html>"
    rows.append(rows[0] | {"doc_id": "f" * 32, "source_id": "page", "kind": "html", "raw": page.encode()})
    return pa.Table.from_pylist(rows, schema=RAW_DOCUMENT)


def handed_to(name: str) -> pa.Table:
    """What the stages before `name` make of the corpus."""
    documents = raw_documents()
    for before in STAGES[name].before:
        documents = STAGES[before].run(documents).documents
    return documents


def rows(table: pa.Table) -> list[str]:
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in table.to_pylist())


def test_every_stage_is_listed() -> None:
    found = {module.name for module in pkgutil.iter_modules([str(Path(stages.__file__).parent)])}
    assert found - SHARED_BY_STAGES == set(STAGES)


@pytest.mark.parametrize("name", STAGES)
def test_every_document_is_carried_on_or_named(name: str) -> None:
    documents = handed_to(name)
    outcome = STAGES[name].run(documents)
    named = {row["doc_id"] for row in outcome.ledger.to_pylist() if row["action"] in ("failed", "skipped")}
    carried = set(outcome.documents["doc_id"].to_pylist())
    assert carried | named == set(documents["doc_id"].to_pylist())
    assert not carried & named


@pytest.mark.parametrize("name", STAGES)
def test_the_columns_of_a_document_stay_the_same(name: str) -> None:
    found = STAGES[name].run(handed_to(name)).documents.schema
    assert found.names[: len(DOCUMENT.names)] == DOCUMENT.names


@pytest.mark.parametrize("name", STAGES)
def test_the_same_input_gives_the_same_output(name: str) -> None:
    documents = handed_to(name)
    first, second = STAGES[name].run(documents), STAGES[name].run(documents)
    assert first.documents.equals(second.documents)
    assert first.ledger.equals(second.ledger)


@pytest.mark.parametrize("name", STAGES)
def test_the_order_of_documents_decides_nothing(name: str) -> None:
    documents = handed_to(name)
    backwards = documents.take(list(range(len(documents)))[::-1])
    first, second = STAGES[name].run(documents), STAGES[name].run(backwards)
    assert rows(first.documents) == rows(second.documents)
    assert rows(first.ledger) == rows(second.ledger)


@pytest.mark.parametrize("name", [name for name in STAGES if name != "near_duplicates"])
def test_shards_do_not_see_each_other(name: str) -> None:
    documents = handed_to(name)
    whole = STAGES[name].run(documents)
    alone = [STAGES[name].run(documents.slice(n, 1)) for n in range(len(documents))]
    assert rows(whole.documents) == rows(pa.concat_tables([each.documents for each in alone]))
    assert rows(whole.ledger) == rows(pa.concat_tables([each.ledger for each in alone]))


def test_shards_of_evidence_decide_nothing() -> None:
    documents, chosen = handed_to("near_duplicates"), CHOSEN.near_duplicates
    shards = [near_duplicates.evidence(documents.slice(n, 1), chosen) for n in range(len(documents))]
    whole = near_duplicates.resolve([near_duplicates.evidence(documents, chosen)], chosen)
    assert len(whole) > 0
    assert rows(whole) == rows(near_duplicates.resolve(shards[::-1], chosen))


@pytest.mark.parametrize("name", [name for name, stage in STAGES.items() if stage.idempotent])
def test_a_second_run_has_nothing_to_do(name: str) -> None:
    first = STAGES[name].run(handed_to(name))
    second = STAGES[name].run(first.documents)
    if name == "segment":  # it notes what it was handed, which the second time is other text
        drop: Any = ["segmented_sha256"]
        assert first.documents.drop_columns(drop).equals(second.documents.drop_columns(drop))
    else:
        assert rows(first.documents) == rows(second.documents)
    assert len(second.ledger) == 0


def test_every_canonical_that_is_named_is_itself_carried_on() -> None:
    outcome = remove_duplicates(handed_to("near_duplicates"))
    carried = set(outcome.documents["doc_id"].to_pylist())
    named = set(outcome.ledger["canonical_doc"].drop_null().to_pylist())
    named |= set(outcome.documents["duplicate_of"].drop_null().to_pylist())
    assert named
    assert named <= carried
