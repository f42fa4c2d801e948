"""Laws of every stage in the catalog. A stage that is not listed there fails the first test."""

import json
import pkgutil
from functools import cache
from typing import Any, get_type_hints

import pyarrow as pa
import pytest

from pipeline import settings
from pipeline.settings.rule_packs import noise_settings
from pipeline.storage.replay import changes_by_document, text_before
from stages import near_duplicates
from stages.catalog import STAGES, TEXT_STAGES, reasons, stages_of
from stages.contract import DOCUMENT, RAW_DOCUMENT, Outcome
from tests.helpers.folders import ROOT

CHOSEN = settings.parse({})
#: Modules of `stages` that are shared by the stages.
NO_STAGES = {"catalog", "contract", "ledger", "native", "shared"}
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


NAMES = [stage.name for stage in STAGES]


def settings_of(name: str) -> Any:
    return noise_settings(CHOSEN) if name == "noise" else getattr(CHOSEN, name)


def run(name: str, documents: pa.Table) -> Outcome:
    stage = next(stage for stage in STAGES if stage.name == name)
    outcome: Outcome = stage.module.run(documents, settings_of(name))
    return outcome


def raw_documents() -> pa.Table:
    rows = [
        {"doc_id": f"{n:032x}", "source_id": name, "source_uri": f"{name}.txt", "outlet": f"outlet-{n % 3}",
         "kind": "text", "raw": text.encode(), "raw_sha256": "0"}
        for n, (name, text) in enumerate(TEXTS.items())
    ]  # fmt: skip
    page = f"<html><head><title>Harbour</title></head><body><article><p>{LONGER}</p></article></body></html>"
    rows.append(rows[0] | {"doc_id": "f" * 32, "source_id": "page", "kind": "html", "raw": page.encode()})
    return pa.Table.from_pylist(rows, schema=RAW_DOCUMENT)


@cache
def handed_to(name: str) -> pa.Table:
    """Return the corpus as the stages before `name` leave it."""
    documents = raw_documents()
    for before in NAMES[: NAMES.index(name)]:
        documents = run(before, documents).documents
    return documents


def rows(table: pa.Table) -> list[str]:
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in table.to_pylist())


def test_every_stage_is_listed() -> None:
    found = {module.name for module in pkgutil.iter_modules([str(ROOT / "stages")])}
    assert found - NO_STAGES == set(NAMES)


def test_the_phases_that_call_their_one_stage_by_name_have_no_other() -> None:
    """A second stage of these phases would be listed and never run."""
    assert [[stage.name for stage in stages_of(phase)] for phase in ("clean", "corpus")] == [
        ["noise"],
        ["near_duplicates"],
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_stage_has_its_section_of_the_settings(name: str) -> None:
    stage = next(stage for stage in STAGES if stage.name == name)
    sections = get_type_hints(settings.Settings)
    assert sections.get(name) is stage.module.Settings


@pytest.mark.parametrize("name", NAMES)
def test_the_ledger_rows_of_a_stage_bear_its_name_and_a_reason_from_its_list(name: str) -> None:
    found = run(name, handed_to(name)).ledger
    assert set(found["stage"].to_pylist()) <= {name}
    assert set(found["reason"].to_pylist()) <= set(reasons()[name])


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("decode", "extract")])
def test_a_stage_that_changes_a_text_is_listed_as_one_that_does_and_its_ledger_leads_back(name: str) -> None:
    """The text of a document begins with `decode` and `extract`; from then on every change can be undone."""
    handed = handed_to(name)
    outcome = run(name, handed)
    before = dict(zip(handed["doc_id"].to_pylist(), handed["text"].to_pylist(), strict=True))
    changes = changes_by_document(outcome.ledger)
    for doc_id, text in zip(*(outcome.documents[column].to_pylist() for column in ("doc_id", "text")), strict=True):
        if text != before[doc_id]:
            assert name in TEXT_STAGES, f"stage {name} changes texts: say so in stages/catalog.py"
            assert text_before(text, changes[doc_id], name) == before[doc_id]


@pytest.mark.parametrize("name", NAMES)
def test_every_document_is_carried_on_or_named(name: str) -> None:
    documents = handed_to(name)
    outcome = run(name, documents)
    named = {row["doc_id"] for row in outcome.ledger.to_pylist() if row["action"] in ("failed", "skipped")}
    carried = set(outcome.documents["doc_id"].to_pylist())
    assert carried | named == set(documents["doc_id"].to_pylist())
    assert not carried & named


@pytest.mark.parametrize("name", NAMES)
def test_the_columns_of_a_document_stay_the_same(name: str) -> None:
    found = run(name, handed_to(name)).documents.schema
    assert found.names[: len(DOCUMENT.names)] == DOCUMENT.names


@pytest.mark.parametrize("name", NAMES)
def test_the_same_input_gives_the_same_output(name: str) -> None:
    documents = handed_to(name)
    first, second = run(name, documents), run(name, documents)
    assert first.documents.equals(second.documents)
    assert first.ledger.equals(second.ledger)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_documents_decides_nothing(name: str) -> None:
    documents = handed_to(name)
    backwards = documents.take(list(range(len(documents)))[::-1])
    first, second = run(name, documents), run(name, backwards)
    assert rows(first.documents) == rows(second.documents)
    assert rows(first.ledger) == rows(second.ledger)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "near_duplicates"])
def test_shards_do_not_see_each_other(name: str) -> None:
    documents = handed_to(name)
    whole = run(name, documents)
    alone = [run(name, documents.slice(n, 1)) for n in range(len(documents))]
    assert rows(whole.documents) == rows(pa.concat_tables([each.documents for each in alone]))
    assert rows(whole.ledger) == rows(pa.concat_tables([each.ledger for each in alone]))


def test_shards_of_evidence_decide_nothing() -> None:
    documents, chosen = handed_to("near_duplicates"), CHOSEN.near_duplicates
    shards = [near_duplicates.evidence(documents.slice(n, 1)) for n in range(len(documents))]
    whole = near_duplicates.resolve([near_duplicates.evidence(documents)], chosen)
    assert all(len(table) > 0 for table in whole)
    assert list(map(rows, whole)) == list(map(rows, near_duplicates.resolve(shards[::-1], chosen)))


@pytest.mark.parametrize("name", [stage.name for stage in STAGES if stage.repeats])
def test_a_second_run_has_nothing_to_do(name: str) -> None:
    first = run(name, handed_to(name))
    second = run(name, first.documents)
    if name == "segment":  # it notes what it was handed, which the second time is other text
        drop: Any = ["segmented_sha256"]
        assert first.documents.drop_columns(drop).equals(second.documents.drop_columns(drop))
    else:
        assert rows(first.documents) == rows(second.documents)
    assert len(second.ledger) == 0


def test_every_canonical_that_is_named_is_itself_carried_on() -> None:
    outcome = run("near_duplicates", handed_to("near_duplicates"))
    carried = set(outcome.documents["doc_id"].to_pylist())
    named = set(outcome.ledger["canonical_doc"].drop_null().to_pylist())
    named |= set(outcome.documents["duplicate_of"].drop_null().to_pylist())
    assert named
    assert named <= carried
