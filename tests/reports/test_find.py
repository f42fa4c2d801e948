"""`clean find`: documents by words, address, file or id, or all of them, the newest first."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from pipeline import settings
from pipeline.api import RunRequest
from pipeline.api import clean as run_clean
from pipeline.reports.find import DocumentList, find, render
from pipeline.storage.reader import Corpus
from pipeline.storage.selection import Selection
from tests.helpers.command import clean

STORM = "The harbour office said on Monday that the ferry to Holm sails again after nine days of storm and repair."
COUNCIL = "The council of Holm wants a second boat by spring, and a bridge for the letters that the boat cannot carry."


def article(number: int, title: str | None, text: str, **fields: str) -> str:
    day = f"2031-05-{number:02}T08:00:00Z"
    url = f"https://quay.example/{number}"
    return json.dumps({"id": str(number), "outlet": "quay-post", "url": url, "title": title, "published": day,
                       "text": f"{text}\n\nThe school stays closed until then, its head said.", **fields})  # fmt: skip


ARTICLES = [
    article(1, "Ferry sails again", STORM),
    article(2, "Council wants a boat", COUNCIL),
    article(3, "École de Holm rouvre lundi", "Le maire de Holm a dit lundi que l'école et la poste rouvrent enfin."),
    article(4, "Storm over", STORM.replace("nine", "ten"), outlet="holm-star"),
    article(5, "Ferries for Holm", COUNCIL.replace("second", "third")),
    article(6, "渡船は月曜日に再開", "港は月曜日に再び開いたと港湾事務所が述べた。学校はまだ閉まっている。"),
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("find")
    source = folder / "news.jsonl"
    source.write_text("\n".join(ARTICLES) + "\n", encoding="utf-8")
    run_clean(RunRequest([str(source)], folder / "out", settings.parse({}), workers=1))
    return Corpus(folder / "out")


def titles(found: DocumentList) -> list[str | None]:
    return [each.title for each in found.documents()]


def test_without_words_all_documents_are_listed_the_newest_first(corpus: Corpus) -> None:
    found = find(corpus, [], Selection(), 20)
    days = [each.published for each in found.documents()]
    assert found.total == len(ARTICLES)
    assert days == sorted(days, key=str, reverse=True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ferry"], ["Ferry sails again", "Storm over"]),  # the title goes before a newer text
        (["FERRY", "storm"], ["Storm over", "Ferry sails again"]),
        (["ferr*"], ["Ferries for Holm", "Ferry sails again", "Storm over"]),
        (["ecole"], ["École de Holm rouvre lundi"]),
        (["lundi", "École"], ["École de Holm rouvre lundi"]),
        (["férry", "nînê"], ["Ferry sails again"]),
        (["月曜日"], ["渡船は月曜日に再開"]),
        (["ferry council"], []),
        (["ferri"], []),
        (["a.*b"], []),
        (["(nine"], []),
    ],
    ids=str,
)
def test_all_words_stand_in_the_title_or_in_the_text(corpus: Corpus, words: list[str], expected: list[str]) -> None:
    found = find(corpus, words, Selection(), 20)
    assert titles(found) == expected
    assert found.total == len(expected)


def test_an_address_a_file_or_an_id_names_documents(corpus: Corpus) -> None:
    wanted = find(corpus, ["sails"], Selection(), 1).documents()[0]
    for name in ("https://quay.example/1", "quay.example/1", wanted.doc_id, wanted.doc_id[:12]):
        assert titles(find(corpus, [name], Selection(), 20)) == ["Ferry sails again"], name
    assert find(corpus, ["news.jsonl"], Selection(), 20).total == len(ARTICLES)


def test_the_limit_counts_what_is_shown_and_not_what_is_found(corpus: Corpus) -> None:
    found = find(corpus, ["holm"], Selection(), 2)
    assert (len(found.documents()), found.total) == (2, 5)
    assert titles(found) == titles(find(corpus, ["holm"], Selection(), 9))[:2]


def test_a_selection_narrows_the_list(corpus: Corpus) -> None:
    star = find(corpus, ["ferry"], Selection(outlets=("holm-star",)), 20)
    late = find(corpus, [], Selection(since=datetime(2031, 5, 5, tzinfo=UTC)), 20)
    assert titles(star) == ["Storm over"]
    assert late.total == 2


def test_a_word_found_in_the_text_is_shown_among_its_neighbours(corpus: Corpus) -> None:
    found = find(corpus, ["bridge"], Selection(), 1).documents()[0]
    assert found.found_in == "text"
    assert found.snippet is not None
    assert "and a bridge for the letters" in found.snippet


def test_the_command_prints_what_to_type_next(corpus: Corpus, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(corpus.out)
    assert clean("find", "holm", "--limit", "2", "--out", out) == 0
    said = capsys.readouterr().out
    assert re.search(r"^[0-9a-f]{12} +\S+ +2031-05-\d\d", said, re.MULTILINE)
    assert "2 of 5 documents" in said
    assert clean("find", "holm", "--json", "--out", out) == 0
    document = json.loads(capsys.readouterr().out)["documents"][0]
    assert clean("explain", document["doc_id"][:12], "--out", out) == 0


@pytest.mark.parametrize(("words", "said"), [(["volcano"], "Try fewer words"), (["councillors"], "Nearest: ")])
def test_nothing_found_is_said_with_the_nearest_documents(
    corpus: Corpus, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clean("find", *words, "--out", str(corpus.out)) == 0
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["find", " "], ["find", "--kind", "poem"], ["find", "--since", "soon"]])
def test_a_mistake_is_told_in_words(corpus: Corpus, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert clean(*arguments, "--out", str(corpus.out)) == 2
    assert capsys.readouterr().err.startswith("clean: ")


def test_titles_and_outlets_cannot_steer_the_terminal(hostile_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["monday"]):
        assert clean("find", *arguments, "--limit", "100", "--out", str(hostile_run)) == 0
        said = capsys.readouterr().out
        assert len(said.splitlines()) > 20
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said)


@pytest.mark.parametrize(("width", "beside"), [(80, False), (160, True)])
def test_a_title_stands_below_its_line_where_the_terminal_has_no_room_beside_it(
    corpus: Corpus, width: int, beside: bool
) -> None:
    console = Console(width=width)
    with console.capture() as printed:
        console.print(render(corpus, find(corpus, [], Selection(), 20), Selection()))
    lines = printed.get().splitlines()
    at = next(at for at, line in enumerate(lines) if "Ferry sails again" in line)
    assert lines[at].startswith("    ") != beside
    assert "quay-post" in lines[at if beside else at - 1]
