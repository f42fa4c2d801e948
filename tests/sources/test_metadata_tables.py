"""Tables of metadata beside the files that their rows name."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fsspec
import pytest

from pipeline import sources
from pipeline.sources import Fields, Settings
from tests.sources.test_tables import text, workbook

STORY = "The ferry to Holm was late on day {}, the harbour office said, because fog hid the outer buoys until noon."
Rows = list[dict[str, Any]]


def read(*inputs: str | Path, settings: Settings | None = None) -> tuple[Rows, Rows]:
    """Read inputs as `clean run` does; return documents and ledger rows."""
    chosen = settings or Settings()
    planned = sources.with_descriptions(sources.plan([str(each) for each in inputs]), chosen)
    batches = list(sources.batches(planned, chosen))
    return (
        [row for batch in batches for row in batch.documents.to_pylist()],
        [row for batch in batches for row in batch.ledger.to_pylist()],
    )


def notes(ledger: Rows) -> list[str]:
    return [row["after"] for row in ledger if row["reason"] == "read_as"]


def table(*rows: Mapping[str, Any]) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def row(name: str, day: int) -> dict[str, Any]:
    return {"file": name, "title": f"Late on day {day}", "paper": "Holm Post", "date": f"2031-01-{day:02}"}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder of five texts, and a table that describes three of them."""
    (tmp_path / "texts").mkdir()
    for day in range(1, 6):
        (tmp_path / f"texts/t{day}.txt").write_text(STORY.format(day), encoding="utf-8")
    (tmp_path / "metadata.csv").write_text(table(*(row(f"t{day}.txt", day) for day in range(1, 4))), encoding="utf-8")
    return tmp_path


def titles(documents: Rows) -> list[str | None]:
    return [each["title"] for each in documents]


DESCRIBED = ["Late on day 1", "Late on day 2", "Late on day 3", None, None]


def test_rows_describe_the_files_that_they_name_and_no_others(corpus: Path) -> None:
    documents, ledger = read(corpus)
    assert titles(documents) == DESCRIBED
    assert [each["outlet"] for each in documents] == ["Holm Post"] * 3 + ["texts"] * 2
    assert notes(ledger) == ["describing 3 of 5 files, which `file` names: `paper` as the outlet, `date` as the date"]
    assert len({each["doc_id"] for each in documents}) == 5


def test_files_and_table_may_be_named_one_by_one_and_lie_in_folders_beside_each_other(corpus: Path) -> None:
    (corpus / "meta").mkdir()
    moved = (corpus / "metadata.csv").rename(corpus / "meta/table.csv")
    assert titles(read(corpus)[0]) == DESCRIBED
    assert titles(read(moved, *sorted(corpus.glob("texts/*")))[0]) == DESCRIBED


def test_a_file_reads_the_same_when_its_table_is_compressed_or_a_workbook(corpus: Path) -> None:
    written = (corpus / "metadata.csv").read_bytes()
    wanted = [(each["doc_id"], each["published"]) for each in read(corpus)[0]]
    (corpus / "metadata.csv").unlink()
    (corpus / "metadata.csv.gz").write_bytes(gzip.compress(written))
    assert [(each["doc_id"], each["published"]) for each in read(corpus)[0]] == wanted
    (corpus / "metadata.csv.gz").unlink()
    cells = list(csv.reader(io.StringIO(written.decode())))
    workbook(corpus / "metadata.xlsx", ["".join(map(text, line)) for line in cells])
    assert [(each["doc_id"], each["published"]) for each in read(corpus)[0]] == wanted


def test_a_table_without_its_files_and_files_without_a_table_are_read_as_ever(corpus: Path) -> None:
    alone, ledger = read(corpus / "metadata.csv")
    assert not alone
    assert {each["reason"] for each in ledger if each["action"] == "failed"} == {"no_text"}
    assert titles(read(corpus / "texts")[0]) == [None] * 5


def test_a_table_of_articles_is_no_description_though_it_names_files(corpus: Path) -> None:
    articles = [{**row(f"t{day}.txt", day), "text": STORY.format(day)} for day in range(1, 4)]
    (corpus / "metadata.csv").write_text(table(*articles), encoding="utf-8")
    documents, ledger = read(corpus)
    assert titles(documents) == [*DESCRIBED[:3], *[None] * 5]
    assert not any("describing" in note for note in notes(ledger))


def test_texts_in_a_table_beside_their_pages_are_read_too(corpus: Path) -> None:
    for day in range(1, 6):
        (corpus / f"texts/t{day}.txt").rename(corpus / f"texts/t{day}.html").write_text(
            f"<html><body><p>{STORY.format(day)}</p>{'<!-- menu -->' * 99}</body></html>", encoding="utf-8"
        )
    articles = [{**row(f"t{day}.html", day), "content": STORY.format(day)} for day in range(1, 4)]
    (corpus / "metadata.csv").write_text(table(*articles), encoding="utf-8")
    assert [each["kind"] for each in read(corpus)[0]] == ["text"] * 3 + ["html"] * 5


@pytest.mark.parametrize("names", [[str(day) for day in range(1, 6)], ["ferry", "mill", "bread", "goats", "fog"]])
def test_a_table_of_something_else_does_not_describe_files_by_chance(corpus: Path, names: list[str]) -> None:
    for day, name in enumerate(names, 1):
        (corpus / f"texts/t{day}.txt").rename(corpus / f"texts/{name}.txt")
    others = [{"id": name, "name": f"The paper of {name}"} for name in (names[0], *"abcdefgh", "11", "12")]
    (corpus / "metadata.csv").write_text(table(*others), encoding="utf-8")
    assert titles(read(corpus)[0]) == [None] * 5


def test_ten_texts_of_a_large_table_are_described(corpus: Path) -> None:
    rows = [row(f"t{number % 28 + 1}", number % 28 + 1) | {"file": f"t{number}"} for number in range(1, 1000)]
    (corpus / "metadata.csv").write_text(table(*rows), encoding="utf-8")
    documents, ledger = read(corpus)
    assert titles(documents) == [f"Late on day {day}" for day in range(2, 7)]
    assert "994 of 999 rows name no file that is read here, such as 't6'" in notes(ledger)


def test_a_name_that_two_files_have_names_neither(corpus: Path) -> None:
    (corpus / "more").mkdir()
    (corpus / "more/t1.txt").write_text(STORY.format(9), encoding="utf-8")
    documents, ledger = read(corpus)
    assert titles(documents) == [None, None, "Late on day 2", "Late on day 3", None, None]
    assert "1 of 3 rows name no file that is read here, such as 't1.txt'" in notes(ledger)


def test_two_tables_complete_each_other(corpus: Path) -> None:
    more = [{"id": f"t{day}", "author": "Ana Lind", "title": "Another title"} for day in range(1, 6)]
    (corpus / "people.csv").write_text(table(*more), encoding="utf-8")
    documents, _ = read(corpus)
    assert titles(documents) == [*DESCRIBED[:3], "Another title", "Another title"]
    assert {tuple(each["authors"]) for each in documents} == {("Ana Lind",)}


def test_of_a_file_with_several_articles_its_row_is_not_used_and_the_run_says_so(corpus: Path) -> None:
    several = "\n\n----------\n\n".join(f"Title: Late {n}\nDate: 2031-02-0{n}\n\n{STORY.format(n)}" for n in (1, 2, 3))
    (corpus / "texts/t1.txt").write_text(several, encoding="utf-8")
    documents, ledger = read(corpus)
    assert titles(documents)[:3] == ["Late 1", "Late 2", "Late 3"]
    assert any("holds several articles; the row is not used" in note for note in notes(ledger))


def test_what_a_file_says_itself_and_its_table_otherwise_is_a_row(corpus: Path) -> None:
    header = "Title: Late again\nAuthor: Per Aas\nSource: The Holm Post\nDate: 2031-01-01\n\n"
    (corpus / "texts/t1.txt").write_text(header + STORY.format(1), encoding="utf-8")
    documents, ledger = read(corpus)
    rows = [(each["rule"], each["before"], each["after"]) for each in ledger if each["reason"] == "described"]
    assert rows == [("outlet", "The Holm Post", "Holm Post"), ("title", "Late again", "Late on day 1")]
    assert {each["doc_id"] for each in ledger if each["reason"] == "described"} == {documents[0]["doc_id"]}
    assert documents[0]["authors"] == ["Per Aas"]


def test_a_date_that_is_none_is_a_row_about_the_document_that_it_is_of(corpus: Path) -> None:
    rows = [row("t1.txt", 1), {**row("t2.txt", 2), "date": "soon"}, row("t3.txt", 3)]
    (corpus / "metadata.csv").write_text(table(*rows), encoding="utf-8")
    documents, ledger = read(corpus)
    (bad,) = [each for each in ledger if each["reason"] == "bad_field"]
    assert (bad["doc_id"], bad["before"]) == (documents[1]["doc_id"], "soon")
    assert documents[1]["published"] is None


def test_settings_name_columns_and_a_kind_of_all_inputs_leaves_no_tables(corpus: Path) -> None:
    documents, _ = read(corpus, settings=Settings(fields=Fields(title="paper")))
    assert titles(documents)[:3] == ["Holm Post"] * 3
    assert {each["outlet"] for each in read(corpus, settings=Settings(outlet="Mine"))[0]} == {"Mine"}
    assert not any("describing" in note for note in notes(read(corpus, settings=Settings(kind="text"))[1]))


def test_a_broken_table_is_a_row_and_costs_no_file(corpus: Path) -> None:
    (corpus / "metadata.csv").unlink()
    (corpus / "metadata.csv.gz").write_bytes(gzip.compress(table(row("t1.txt", 1)).encode())[:-9])
    (corpus / "table.parquet").write_bytes(b"PAR1 and nothing more PAR1")
    documents, ledger = read(corpus)
    assert len(documents) == 5
    assert "unreadable" in {each["reason"] for each in ledger if each["action"] == "failed"}


def test_tables_on_a_store_describe_files_there(corpus: Path) -> None:
    store = fsspec.filesystem("memory")
    store.put(str(corpus), "/described", recursive=True)
    try:
        assert titles(read("memory://described")[0]) == DESCRIBED
    finally:
        store.rm("/described", recursive=True)
