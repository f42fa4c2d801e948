"""Who printed whose words: the flows between outlets, from a small run in which it is known."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.passages.flows import FLOWS, flows
from pipeline.reports.verify import check
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import dataset
from tests.helpers import command

FERRY = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm and high water."
MASTER = "“We have never in forty winters kept her tied to the quay for so long,” said the harbour master, Mara Quill."
BAKERS = "Bakers on the island had run out of flour by Thursday and sold crispbread baked from barley at half price."
PUPILS = "Sixty pupils who should have sat their examinations in Brackmere slept in the gymnasium of the school."
ARTICLES = [
    # the harbour paper first; the star prints two of its sentences a day later, the radio one after three days
    ("courier", "2025-03-01T06:00:00Z", [FERRY, MASTER, "The pumps of the old dock were worn out, an engineer found."]),
    (
        "star",
        "2025-03-02T06:00:00Z",
        ["Good news for islanders came late last night by telephone.", f"{FERRY} {MASTER}"],
    ),
    ("radio", "2025-03-04T06:00:00Z", ["Listeners on the coast wrote to us in great numbers about boats.", FERRY]),
    # the star first; the courier has it without a date; and the star again, which is no flow between outlets
    ("star", "2025-03-05T06:00:00Z", ["What is eaten when no boat comes was a question of the week.", BAKERS]),
    ("courier", None, [BAKERS, "No price of bread is set by law in the islands, as is well known there."]),
    ("star", "2025-03-06T06:00:00Z", ["Another day without a boat went by in the town of Holm.", BAKERS]),
    ("radio", "2025-03-06T09:00:00Z", [PUPILS]),
]


def write(path: Path, articles: list[tuple[str, str | None, list[str]]]) -> Path:
    rows = [
        {"id": str(n), "outlet": outlet, "published": published, "text": "\n\n".join(paragraphs)}
        for n, (outlet, published, paragraphs) in enumerate(articles)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flows")
    inputs = [str(write(folder / "articles.jsonl", ARTICLES))]
    clean(RunRequest(inputs, folder / "out", settings.parse({}), workers=1, run_id="march"))
    return folder / "out"


def test_a_flow_counts_passages_words_documents_and_hours(out: Path) -> None:
    found = {(row["from_outlet"], row["to_outlet"]): row for row in flows(Corpus(out)).to_pylist()}
    assert set(found) == {("courier", "star"), ("courier", "radio"), ("star", "courier")}
    words = {text: len(text.replace("“", "").split()) for text in (FERRY, MASTER, BAKERS)}
    two = found["courier", "star"]
    assert (two["n_passages"], two["n_documents"], two["median_delay_hours"]) == (2, 1, 24.0)
    assert two["n_words"] == words[FERRY] + words[MASTER]
    one = found["courier", "radio"]
    assert (one["n_passages"], one["n_words"], one["median_delay_hours"]) == (1, words[FERRY], 72.0)


def test_a_flow_without_dates_has_no_delay(out: Path) -> None:
    found = {(row["from_outlet"], row["to_outlet"]): row for row in flows(Corpus(out)).to_pylist()}
    assert found["star", "courier"]["median_delay_hours"] is None
    assert found["star", "courier"]["n_documents"] == 1


def test_the_order_of_the_documents_makes_no_difference_to_flows(out: Path, tmp_path: Path) -> None:
    inputs = [str(write(tmp_path / "articles.jsonl", ARTICLES[::-1]))]
    clean(RunRequest(inputs, tmp_path / "out", settings.parse({}), workers=2))
    assert flows(Corpus(tmp_path / "out")).equals(flows(Corpus(out)))


def test_a_corpus_that_shares_nothing_has_no_flows(tmp_path: Path) -> None:
    inputs = [str(write(tmp_path / "articles.jsonl", ARTICLES[-1:]))]
    clean(RunRequest(inputs, tmp_path / "out", settings.parse({}), workers=1))
    assert flows(Corpus(tmp_path / "out")).equals(FLOWS.empty_table())


def test_each_run_publishes_the_flows_of_its_own_passages(out: Path, tmp_path: Path) -> None:
    assert dataset(out, "flows", "march").to_table().equals(flows(Corpus(out)))
    for night, articles in enumerate((ARTICLES[:2], ARTICLES[2:3], ARTICLES[6:])):
        rows = [{"id": f"{night}-{n}", "outlet": outlet, "published": published, "text": "\n\n".join(paragraphs)}
                for n, (outlet, published, paragraphs) in enumerate(articles)]  # fmt: skip
        path = tmp_path / f"{night}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        clean(RunRequest([str(path)], tmp_path / "out", settings.parse({}), workers=1, run_id=f"night-{night}"))
    found = [dataset(tmp_path / "out", "flows", f"night-{night}").to_table().to_pylist() for night in range(3)]
    assert [[(row["from_outlet"], row["to_outlet"]) for row in rows] for rows in found] == [
        [("courier", "star")], [("courier", "radio")], [],
    ]  # fmt: skip
    assert not check(Corpus(tmp_path / "out")).wrong


def test_of_an_article_in_two_versions_the_later_counts(tmp_path: Path) -> None:
    texts = [("courier", "c/1", [FERRY, MASTER]), ("star", "s/1", [f"Late news. {FERRY}", BAKERS]),
             ("star", "s/1", [f"Later news. {FERRY}", PUPILS])]  # fmt: skip
    rows = [{"id": str(n), "outlet": outlet, "url": f"https://{url}", "published": f"2025-03-0{n + 1}T06:00:00Z",
             "text": "\n\n".join(paragraphs)} for n, (outlet, url, paragraphs) in enumerate(texts)]  # fmt: skip
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    clean(RunRequest([str(path)], tmp_path / "out", settings.parse({}), workers=1, run_id="march"))
    (flow,) = dataset(tmp_path / "out", "flows", "march").to_table().to_pylist()
    assert (flow["from_outlet"], flow["to_outlet"], flow["n_documents"], flow["n_passages"]) == (
        "courier",
        "star",
        1,
        1,
    )


def test_flows_that_somebody_changed_are_found_by_verify(tmp_path: Path) -> None:
    inputs = [str(write(tmp_path / "articles.jsonl", ARTICLES))]
    clean(RunRequest(inputs, tmp_path / "out", settings.parse({}), workers=1, run_id="march"))
    (path,) = (tmp_path / "out/flows/run=march").glob("*.parquet")
    pq.write_table(pq.read_table(path, partitioning=None)[:1], path)
    assert any("flows" in each for each in check(Corpus(tmp_path / "out")).wrong)


@pytest.mark.parametrize("name", ["flows.csv", "flows.jsonl"])
def test_flows_are_exported_in_the_format_that_the_file_is_named_for(out: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert command.clean("export", "march", "--to", "flows", "--out", str(out), "--output", str(path)) == 0
    with path.open(encoding="utf-8", newline="") as file:
        rows = [json.loads(line) for line in file] if name.endswith("l") else list(csv.DictReader(file))
    assert [row["from_outlet"] for row in rows] == ["courier", "courier", "star"]
    assert list(rows[0]) == FLOWS.names
