"""The noise stage: what leaves a document, where it goes, and what the ledger says of it."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.contract import DOCUMENT, PARAGRAPH_BREAK, Outcome
from stages.ledger import apply_edits, undo_edits
from stages.noise import Settings, parse_pack, run
from stages.noise.edits import Cut, edit_script, tidy
from tests.helpers.examples import examples
from tests.helpers.folders import ROOT
from tests.stages.noise.shipped import PACKS, line_model

SETTINGS = Settings(packs=PACKS)
FAILS = [pytest.mark.xfail(strict=True)]
CASES = [
    pytest.param(case, id=f"{file.stem}-{n}", marks=FAILS if case["expect"] == "known_failure" else [])
    for file in sorted((ROOT / "tests/cases/noise").glob("*.toml"))
    for n, case in enumerate(tomllib.loads(file.read_text("utf-8"))["case"])
]  # fmt: skip


def table(*rows: dict[str, Any]) -> pa.Table:
    given_ = {"source_uri": "news.txt", "outlet": "herald", "kind": "text", "raw_sha256": "0", "language": "en"}
    whole = [{"doc_id": f"{n:032x}", **given_, **row} for n, row in enumerate(rows)]
    return pa.Table.from_pylist([{name: row.get(name) for name in DOCUMENT.names} for row in whole], schema=DOCUMENT)


def clean(text: str, **columns: Any) -> Outcome:
    return run(table({"text": text, **columns}), SETTINGS)


def assert_conserved(documents: pa.Table, outcome: Outcome) -> None:
    after = dict(zip(outcome.documents["doc_id"].to_pylist(), outcome.documents["text"].to_pylist(), strict=True))
    rows = outcome.ledger.to_pylist()
    for document in documents.to_pylist():
        mine = [r for r in rows if r["doc_id"] == document["doc_id"] and r["start"] is not None]
        changes = [(r["start"], r["end"], r["before"], r["after"]) for r in mine]
        assert all(document["text"][start:end] == before for start, end, before, _ in changes)
        assert undo_edits(after.get(document["doc_id"], ""), changes) == document["text"]


@pytest.mark.parametrize("case", CASES)
def test_a_case_comes_out_as_written(case: dict[str, Any]) -> None:
    document = {key: case[key] for key in ("title", "language", "authors", "published") if key in case}
    documents = table({"text": PARAGRAPH_BREAK.join(case["input"]), **document})
    outcome = run(documents, SETTINGS)
    assert_conserved(documents, outcome)
    found = outcome.documents.to_pylist()
    expected = case["input"] if case["expected"] == "input" else case["expected"]
    assert (found[0]["text"].split(PARAGRAPH_BREAK) if found else []) == expected
    for name, value in case.get("fields", {}).items():
        got = found[0][name]
        assert (got.isoformat() if isinstance(got, datetime) else got) == value
    if "labels" in case:
        assert [r["reason"] for r in outcome.ledger.to_pylist() if r["start"] is not None] == case["labels"]


PROSE = (
    "The harbour opened again on Monday after nine days of storm, and the first ferry left at noon with forty "
    "passengers aboard, the office said."
)
FURNITURE = tomllib.loads((ROOT / "tests/cases/noise_furniture.toml").read_text("utf-8"))
FURNITURE_BY_KIND = tomllib.loads((ROOT / "tests/cases/noise_furniture_by_kind.toml").read_text("utf-8"))


def around(line: str) -> str:
    paragraphs = [PROSE, PROSE.replace("Monday", "Tuesday"), line, PROSE.replace("noon", "nine")]
    return PARAGRAPH_BREAK.join(paragraphs)


def labelled(language: str, lines: dict[str, list[str]]) -> None:
    """Assert that rules alone cut each line, and give it its label."""
    expected = [(line, [label]) for label, some in lines.items() for line in some]
    code = "en" if language == "any" else language
    documents = table(*({"text": around(line), "language": code} for line, _ in expected))
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in run(documents, SETTINGS).ledger.to_pylist():
        rows.setdefault(row["doc_id"], []).append(row)
    found = [
        (line, [row["reason"] for row in rows.get(doc_id, []) if line in (row["before"] or "")])
        for doc_id, (line, _) in zip(documents["doc_id"].to_pylist(), expected, strict=True)
    ]
    assert found == expected


@pytest.mark.parametrize("language", FURNITURE)
def test_what_websites_put_around_their_stories_is_cut_by_rules_alone(language: str) -> None:
    labelled(language, FURNITURE[language])


@pytest.mark.parametrize("language", FURNITURE_BY_KIND)
def test_furniture_of_the_same_kinds_is_cut_in_every_language(language: str) -> None:
    for lines in FURNITURE_BY_KIND[language].values():
        labelled(language, lines)


TOOL_WORDS = tomllib.loads((ROOT / "tests/cases/noise_tool_words.toml").read_text("utf-8"))


@pytest.mark.parametrize("language", [one for one, cases in TOOL_WORDS.items() if "words" in cases])
def test_a_word_that_stories_print_too_is_cut_beside_furniture(language: str) -> None:
    cases = TOOL_WORDS[language]
    for word in cases["words"]:
        text = PARAGRAPH_BREAK.join((PROSE, cases["beside"], word, PROSE.replace("noon", "nine")))
        rows = run(table({"text": text, "language": language}), SETTINGS).ledger.to_pylist()
        cut = "".join(row["before"] for row in rows).split()
        assert (word, cut) == (word, [*cases["beside"].split(), *word.split()])


@pytest.mark.parametrize("language", [one for one, cases in TOOL_WORDS.items() if "lists" in cases])
def test_a_list_of_such_words_in_a_story_loses_nothing_to_rules(language: str) -> None:
    for lines in TOOL_WORDS[language]["lists"]:
        outcome = run(table({"text": PARAGRAPH_BREAK.join(lines), "language": language}), SETTINGS)
        assert [row["before"] for row in outcome.ledger.to_pylist()] == []


PROSE_CASES = tomllib.loads((ROOT / "tests/cases/noise_prose.toml").read_text("utf-8"))


@pytest.mark.parametrize("language", PROSE_CASES)
def test_news_that_opens_as_furniture_does_loses_nothing_to_rules(language: str) -> None:
    sentences = PROSE_CASES[language]
    assert len(sentences) >= 8
    packs = tuple(pack for pack in PACKS if pack.name in ("any", *PROSE_CASES))
    wordless = tuple(replace(pack, words=frozenset()) for pack in packs)  # all hold where the language is not known
    for known, asked in ((language, packs), (None, packs), (None, wordless)):
        rows = ({"text": PROSE + PARAGRAPH_BREAK + one, "language": known} for one in sentences)
        outcome = run(table(*rows), Settings(packs=asked))
        assert [row["before"] for row in outcome.ledger.to_pylist()] == []


TOLD = tomllib.loads((ROOT / "tests/cases/noise_told.toml").read_text("utf-8"))


@pytest.mark.parametrize("language", TOLD)
def test_a_sentence_that_begins_as_a_label_does_is_not_cut(language: str) -> None:
    rows = ({"text": PROSE + PARAGRAPH_BREAK + one, "language": language} for one in TOLD[language])
    outcome = run(table(*rows), SETTINGS)
    assert [row["before"] for row in outcome.ledger.to_pylist()] == []


PIECES = st.sampled_from(
    ["Share this", "Advertisement", "* * *", "By Mara Quill", "PORT ANNING (Reuters) - The ferry ran aground again.",
     "1/3 A boat", "2/3 A quay", "3/3 A gull", "The ferry ran aground. Advertisement", "(CNN)", "pic.twitter.com/abc",
     "It rained for nine days in Port Anning.", " \u2003 odd  spaces (Photo: AP) . ", "3 May 2031"]
)  # fmt: skip
TEXTS = st.lists(
    st.one_of(PIECES, st.text(min_size=1).map(lambda t: t.replace("\n", " ")).filter(str.strip)),
    min_size=1,
    max_size=12,
)


@given(TEXTS, st.sampled_from(["en", "de", "ar", None]))
@examples(50)
def test_what_is_cut_from_any_text_can_be_put_back(paragraphs: list[str], language: str | None) -> None:
    documents = table({"text": PARAGRAPH_BREAK.join(paragraphs), "language": language})
    outcome = run(documents, SETTINGS)
    assert_conserved(documents, outcome)
    for text in outcome.documents["text"].to_pylist():
        assert "" not in [p.strip() for p in text.split(PARAGRAPH_BREAK)]


WEIGHTS = line_model()


@given(TEXTS, st.sampled_from(["en", "de", "ar", None]))
@examples(40)
def test_a_second_run_finds_nothing_more(paragraphs: list[str], language: str | None) -> None:
    documents = table({"text": PARAGRAPH_BREAK.join(paragraphs), "language": language})
    for chosen in (SETTINGS, replace(SETTINGS, line_model=WEIGHTS)):
        once = run(documents, chosen)
        assert_conserved(documents, once)
        again = run(once.documents, chosen)
        assert set(again.ledger["reason"].to_pylist()) <= {"large_cut"}  # what is kept whole is marked by every run
        assert again.documents.equals(once.documents)


def test_what_later_rounds_cut_is_in_the_ledger_as_cuts_of_the_text_as_it_came() -> None:
    documents = table({"text": "Share this\n\nPORT ANNING (AP) - (Reuters) - It rained, and the ferry ran aground."})
    outcome = run(documents, SETTINGS)
    assert_conserved(documents, outcome)
    assert outcome.documents["text"].to_pylist() == ["It rained, and the ferry ran aground."]
    assert [row["before"] for row in outcome.ledger.to_pylist()][1:] == [
        "PORT ANNING (AP) - ",
        "(Reuters) - ",
    ]


@given(st.lists(st.text(alphabet="ab .", min_size=1, max_size=9).filter(str.strip), min_size=1, max_size=6), st.data())
@settings(max_examples=300)
def test_any_cuts_make_a_script_that_tiles(paragraphs: list[str], data: st.DataObject) -> None:
    cuts: dict[int, list[Cut]] = {}
    for at, paragraph in enumerate(paragraphs):
        spans = data.draw(
            st.lists(st.tuples(st.integers(0, len(paragraph)), st.integers(0, len(paragraph))), max_size=3)
        )
        some = [Cut(min(span), max(span), "ad", "r") for span in spans if span[0] != span[1]]
        if tidy(paragraph, some):
            cuts[at] = tidy(paragraph, some)
    text = PARAGRAPH_BREAK.join(paragraphs)
    script = edit_script(paragraphs, cuts)
    after = apply_edits(text, script)
    assert undo_edits(after, [(e.start, e.end, text[e.start : e.end], e.after) for e in script]) == text
    assert not after or all(p.strip() for p in after.split(PARAGRAPH_BREAK))


def test_order_and_company_of_documents_decide_nothing() -> None:
    rows = [
        {"text": f"By Mara Quill\n\nThe ferry ran aground {n} times.\n\nShare this", "doc_id": f"{n:032x}"}
        for n in range(5)
    ]
    together = run(table(*rows), SETTINGS).documents.to_pylist()
    alone = [run(table(row), SETTINGS).documents.to_pylist()[0] for row in reversed(rows)]
    assert together == alone[::-1]


def test_a_document_of_nothing_but_noise_is_named_and_not_carried_on() -> None:
    outcome = clean("Share this\n\nAdvertisement")
    assert outcome.documents.num_rows == 0
    rows = outcome.ledger.to_pylist()
    assert [(r["action"], r["reason"]) for r in rows] == [("cut", "social"), ("cut", "ad"), ("skipped", "no_text_left")]


def test_fields_that_came_filled_stay_and_the_words_are_cut() -> None:
    outcome = clean(
        "By Mara Quill\n\n3 May 2031\n\nThe ferry ran aground off the coast on Monday.",
        authors=["Tom Okoro"], published=datetime(2031, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    document = outcome.documents.to_pylist()[0]
    assert (document["authors"], document["published"].year, document["published"].month) == (["Tom Okoro"], 2031, 1)
    assert [r["action"] for r in outcome.ledger.to_pylist()] == ["cut", "cut"]


def test_every_cut_names_its_rule_and_label() -> None:
    rows = clean("By Mara Quill\n\nThe ferry ran aground off the coast on Monday.\n\nShare this").ledger.to_pylist()
    assert [(r["rule"], r["reason"], r["action"]) for r in rows] == [
        ("en.byline", "byline", "moved"),
        ("en.share-prompt", "social", "cut"),
    ]


class Doubtful:
    """A line model that takes every paragraph for noise at odds of 1.5."""

    def predict(self, documents: list[list[str]], languages: list[str | None]) -> list[np.ndarray]:
        return [np.full(len(paragraphs), 0.6) for paragraphs in documents]

    def in_context(self, predicted: list[np.ndarray], n_words: list[object], kinds: list[object]) -> list[np.ndarray]:
        return predicted


def test_a_document_that_would_lose_too_much_without_strong_evidence_is_kept_and_marked() -> None:
    lines = [f"A gull over the quay at number {n} and the ferry" for n in ("one", "two", "six")] * 3
    text = PARAGRAPH_BREAK.join(["The harbour opened again on Monday.", *lines])
    rule = {"id": "gull", "label": "caption", "strength": "likely", "pattern": "^A gull"}
    for strength, kept, reasons in (("likely", 10, ["large_cut"]), ("strong", 1, ["caption"] * 9)):
        pack = parse_pack({"rule": [{**rule, "strength": strength}]}, "quay")
        outcome = run(table({"text": text}), Settings(packs=(pack,)))
        assert len(outcome.documents["text"][0].as_py().split(PARAGRAPH_BREAK)) == kept
        assert outcome.ledger["reason"].to_pylist() == reasons
    assert outcome.ledger["action"].to_pylist() == ["cut"] * 9


def test_a_doubtful_paragraph_goes_beside_what_a_strong_rule_cuts_and_stays_elsewhere() -> None:
    story = [f"The {ship} was late by {n} hours on Monday." for n, ship in enumerate(["Alba", "Berta", "Cora", "Dora"])]
    documents = table({"text": PARAGRAPH_BREAK.join([*story, "Share this"])})
    chosen = replace(SETTINGS, line_model=Doubtful(), min_odds=3.0, min_odds_per_word=0.2, near_rule_odds=4.0)  # type: ignore[arg-type]
    assert run(documents, chosen).documents["text"].to_pylist() == [PARAGRAPH_BREAK.join(story[:2])]
    alone = replace(chosen, near_rule_odds=1.0)
    assert run(documents, alone).documents["text"].to_pylist() == [PARAGRAPH_BREAK.join(story)]


@pytest.mark.parametrize(
    "change", [{"likely_rule_odds": 0.5}, {"min_odds": 0.0}, {"min_template_support": 1}, {"weak_rule_odds": -1.0}]
)
def test_settings_out_of_range_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        replace(SETTINGS, **change)
