"""Look-up: a person names a document as they know it, and it is found, or the nearest ones are named."""

import json
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.errors import UserError
from pipeline.reports.lookup import look_up, look_up_one, nothing_found
from pipeline.reports.matches import described
from pipeline.storage.reader import Corpus
from tests.helpers.command import clean as command

ARTICLES = [
    {"id": "n1", "outlet": "quay", "title": "Ferry late", "url": "https://www.quay.example/news/ferry-late?id=7"},
    {"id": "n2", "outlet": "quay", "title": "The ferry, late again", "url": "https://quay.example/news/again"},
    {"id": "n3", "outlet": "holm", "title": "Late plates for ferrymen", "url": "https://holm.example/Plates.html"},
    {"id": "n4", "outlet": "holm", "title": "Decade of the café\x1b[2J \u202eends", "url": "http://holm.example/cafe"},
    {"id": "n5", "outlet": "holm", "title": "Gießerei in Łódź", "url": "http://holm.example/works"},
    {"id": "n6", "outlet": "holm", "title": "Giesserei in Lodz", "url": "http://holm.example/more-works"},
]
STORY = "The harbour office of {0} said on Monday that the boat of {0} leaves at nine, and that nobody knows why."
QUERIES = {
    "an id of the source": ("n2", "id", ["n2"]),
    "a title, whole": ("ferry late", "title", ["n1"]),
    "words of a title that stand together": ("late again", "title", ["n2"]),
    "words of a title in any order": ("again ferry", "title", ["n2"]),
    "whole words go before parts of words": ("ferry", "title", ["n1", "n2"]),
    "parts of words": ("ferrym plat", "title", ["n3"]),
    "a word that could be an id": ("decade", "title", ["n4"]),
    "an accent that is not typed": ("cafe decade", "title", ["n4"]),
    "an accent that the title has not": ("Férry, láte", "title", ["n1"]),
    "a title as it is spelt, before those that differ by accents": ("Gießerei in Łódź", "title", ["n5"]),
    "a title in other letters": ("GIESSEREI IN ŁODZ", "title", ["n5", "n6"]),
    "an address as it is": ("https://www.quay.example/news/ferry-late?id=7", "address", ["n1"]),
    "an address with trackers": ("http://m.quay.example/news/ferry-late/amp/?id=7&utm_source=x#top", "address", ["n1"]),
    "an address without a scheme": ("holm.example/Plates.html", "address", ["n3"]),
    "a file": ("news.jsonl", "file", ["n1", "n2", "n3", "n4", "n5", "n6"]),
    "a place in a file": ("news.jsonl:2", "file", ["n2"]),
    "a name with signs of patterns": ("news.jsonl:[", "title", []),
    "half a name of a file": ("ews.jsonl", "title", []),
    "another title": ("harbour fire", "title", []),
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("lookup")
    rows = [json.dumps(each | {"text": STORY.format(each["title"])}) for each in ARTICLES]
    (folder / "news.jsonl").write_text("\n".join([*rows, '{"id": "n7", "text": ""}']) + "\n", encoding="utf-8")
    given = [str(folder / "news.jsonl")]
    clean(RunRequest(given, folder / "out", settings.parse({"run": {"max_failed_share": 1.0}}), workers=1, run_id="r"))
    return Corpus(folder / "out")


def source_ids(corpus: Corpus, doc_ids: list[str]) -> list[str]:
    found = [corpus.rows("documents", "r", doc_id)["source_id"].to_pylist()[0] for doc_id in doc_ids]
    return sorted(found)


@pytest.mark.parametrize("case", QUERIES)
def test_a_document_is_found_as_a_person_knows_it(corpus: Corpus, case: str) -> None:
    query, by, wanted = QUERIES[case]
    found = look_up(corpus, query)
    assert (found.by, source_ids(corpus, [each.doc_id for each in found.documents])) == (by, wanted)
    assert found.total == len(wanted)


def test_the_beginning_of_an_id_is_enough_in_any_case_of_letters(corpus: Corpus) -> None:
    whole = look_up_one(corpus, "n1").doc_id
    for query in (whole, whole[:12], whole[:12].upper(), f"  {whole} "):
        assert look_up_one(corpus, query).doc_id == whole


def test_a_list_names_the_newest_first_and_says_how_many_there_are(sample_run: Path) -> None:
    found = look_up(Corpus(sample_run), "daily-plume", limit=3)
    assert (len(found.documents), found.total) == (3, 7)
    days = [each.published for each in found.documents if each.published]
    assert days == sorted(days, reverse=True)


def test_a_path_from_the_root_finds_what_was_given_from_here(
    sample_run: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = look_up_one(Corpus(sample_run), "lift off broken elevator").source_uri
    assert look_up_one(Corpus(sample_run), path).source_uri == path
    monkeypatch.chdir(repository / "corpus")
    assert look_up_one(Corpus(sample_run), f"./{Path(path).relative_to(repository / 'corpus')}").source_uri == path


def test_what_fits_several_documents_is_refused_where_one_is_needed(corpus: Corpus) -> None:
    with pytest.raises(UserError, match=r"fits 2 documents .* \"Ferry late\" \(quay\)"):
        look_up_one(corpus, "ferry")


def test_a_document_is_restored_by_words_of_its_title(sample_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("restore", "lift off broken elevator", "--out", str(sample_run)) == 0
    assert "By Petra Lunn for the Daily Plume" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("ferries lately", 'Nearest: .*"Ferry late" (quay)'),
        ("holm.example/plates", 'Nearest: .*"Late plates for ferrymen" (holm)'),
        ("zq", "lists the documents"),
        ("\udcff\udcfe", "lists the documents"),
    ],
)
def test_where_nothing_fits_the_nearest_are_named(corpus: Corpus, query: str, told: str) -> None:
    said = str(nothing_found(corpus, query))
    assert all(part in said for part in told.split(".*")), said


def test_nothing_is_no_query(corpus: Corpus) -> None:
    with pytest.raises(UserError, match="no document was named"):
        look_up(corpus, "  ")


def test_a_document_that_failed_is_found_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html><body><nav>Home</nav></body></html>", encoding="utf-8")
    (tmp_path / "news.txt").write_text(STORY.format("Holm"), encoding="utf-8")
    chosen = settings.parse({"run": {"max_failed_share": 1.0}})
    clean(RunRequest([str(tmp_path)], tmp_path / "out", chosen, workers=1, run_id="r"))
    found = look_up_one(Corpus(tmp_path / "out"), "page.html")
    assert found.title is None
    assert look_up_one(Corpus(tmp_path / "out"), found.doc_id[:12]) == found
    assert described(found) == f"{found.short_id} {tmp_path / 'page.html'}"
