"""Text files and mail: many articles in one file are cut, asked about, or left whole; reading stays linear."""

import random
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline import sources
from pipeline.sources.texts.subjects import cohesion, drift

SYLLABLES = (
    "ba",
    "ke",
    "li",
    "mo",
    "nu",
    "ra",
    "se",
    "ti",
    "vo",
    "gla",
    "pri",
    "sto",
    "dre",
    "fen",
    "hul",
    "jam",
    "kor",
)
COMMON = ("that", "with", "from", "have", "said", "this", "were", "their", "about", "which", "would", "there")


def article(seed: int, words: int = 200) -> str:
    """Return words of one invented subject: some names that recur, among words that every text has."""
    rng = random.Random(seed)
    subject = ["".join(rng.choices(SYLLABLES, k=3)) for _ in range(25)]
    each = [rng.choice(subject) if rng.random() < 0.4 else rng.choice(COMMON) for _ in range(words)]
    return " ".join(each).capitalize() + "."


def read(path: Path, content: str | bytes, **settings: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    batches = list(sources.batches(sources.plan([str(path)]), sources.Settings(**settings)))
    rows = [row for batch in batches for row in batch.ledger.to_pylist()]
    return [row for batch in batches for row in batch.documents.to_pylist()], rows


def test_one_article_a_line_gives_a_document_a_line(tmp_path: Path) -> None:
    articles = [article(seed) for seed in range(30)]
    documents, (note,) = read(tmp_path / "a.txt", "\n".join(articles))
    assert [document["raw"].decode() for document in documents] == articles
    assert note["reason"] == "read_as"
    assert "one article a line" in note["after"]


@pytest.mark.parametrize(
    ("count", "words", "read_as"), [(8, 120, 8), (19, 200, 19), (3, 200, 0), (7, 120, 0), (25, 50, 0)]
)
def test_a_few_articles_a_line_are_read_or_asked_about_and_never_one(
    tmp_path: Path, count: int, words: int, read_as: int
) -> None:
    articles = [article(seed, words) for seed in range(count)]
    documents, (row,) = read(tmp_path / "a.txt", "\n".join(articles))
    assert [document["raw"].decode() for document in documents] == articles[:read_as]
    assert row["reason"] == ("read_as" if read_as else "several_documents")


def under_headings(articles: list[str], level: int = 2, below: str = "") -> str:
    """Return articles of several paragraphs, a heading above each."""
    paragraphs = [each.replace(" that ", ".\n\nThat ", 3) for each in articles]
    return "\n\n".join(
        f"{'#' * level} Story {at}\n\n{below.format(at + 1)}{text}" for at, text in enumerate(paragraphs)
    )


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
@pytest.mark.parametrize("front", ["", "# All stories\n\n", "Stories of a week.\n\n"])
def test_an_article_under_each_heading_is_a_document_with_its_title(tmp_path: Path, name: str, front: str) -> None:
    articles = [article(seed) for seed in range(9)]
    documents, rows = read(tmp_path / name, front + under_headings(articles))
    assert [document["title"] for document in documents] == [f"Story {at}" for at in range(9)]
    assert all(
        document["raw"].decode().startswith(text.split()[0]) for document, text in zip(documents, articles, strict=True)
    )
    assert [row["reason"] for row in rows] == ["read_as", *["empty"] * bool(front)]


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_a_few_articles_under_headings_are_asked_about_and_settings_say_what_they_are(
    tmp_path: Path, name: str
) -> None:
    text = under_headings([article(seed) for seed in range(4)])
    documents, (row,) = read(tmp_path / name, text)
    assert (documents, row["reason"]) == ([], "several_documents")
    assert 'kind = "headings"' in row["after"]
    assert len(read(tmp_path / name, text, kind="headings")[0]) == 4
    assert len(read(tmp_path / name, text, one_document=True)[0]) == 1


@pytest.mark.parametrize("below", ["*Holm Post, {} March 2031*\n\n", "By Ana Lind | 2031-03-0{}\n\n",
                                   "Source: Holm Post\nDate: 2031-03-0{}\n\n"])  # fmt: skip
def test_articles_with_a_day_below_their_headings_are_read_however_few(tmp_path: Path, below: str) -> None:
    documents, _ = read(tmp_path / "a.md", under_headings([article(1), article(2)], 3, below))
    assert [f"{document['published']:%d.%m.%Y}" for document in documents] == ["01.03.2031", "02.03.2031"]
    assert [document["authors"] for document in documents] == ([["Ana Lind"]] * 2 if "By" in below else [[]] * 2)


@pytest.mark.parametrize("below", ["", "4 March 2031, 1{}:00\n\n"])
def test_the_sections_of_one_article_stay_together(tmp_path: Path, below: str) -> None:
    words = article(1, 2000).split()
    text = under_headings([" ".join(words[at : at + 200]) for at in range(0, 2000, 200)], 2, below)
    for name in ("a.md", "a.txt"):
        documents, rows = read(tmp_path / name, text)
        assert (len(documents), rows) == (1, [])


def test_a_list_of_words_in_a_folder_is_no_article_and_one_that_is_named_is_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "stopwords").write_text("\n".join(f"word{at}" for at in range(50)))
    (batch,) = sources.batches(sources.plan([str(tmp_path / "in")]), sources.Settings())
    assert batch.ledger["reason"].to_pylist() == ["no_text"]
    assert batch.ledger["action"].to_pylist() == ["skipped"]
    assert len(read(tmp_path / "in" / "stopwords", "word\n" * 50)[0]) == 1


@pytest.mark.parametrize("size", [10, 200_000])
def test_a_file_of_zeros_has_a_row(tmp_path: Path, size: int) -> None:
    for name in ("a.jsonl", "a.json"):
        documents, rows = read(tmp_path / name, bytes(size))
        assert (documents, [row["reason"] for row in rows]) == ([], ["empty"])


def test_headlines_over_articles_are_asked_about(tmp_path: Path) -> None:
    text = "\n\n".join(f"Story {at} of the day\n\n{article(at)}" for at in range(12))
    documents, (row,) = read(tmp_path / "a.txt", text)
    assert (documents, row["reason"]) == ([], "several_documents")


def test_long_paragraphs_of_one_article_stay_together(tmp_path: Path) -> None:
    words = article(1, 6000).split()
    text = "\n".join(" ".join(words[at : at + 200]) for at in range(0, 6000, 200))
    documents, rows = read(tmp_path / "a.txt", text)
    assert (len(documents), rows) == (1, [])


@pytest.mark.parametrize("between", ["\n\n\n", "\n=====\n", "\n\n* * *\n\n"])
def test_articles_without_a_sure_mark_between_them_are_asked_about(tmp_path: Path, between: str) -> None:
    wrapped = [textwrap.fill(article(seed), 72) for seed in range(60)]
    documents, (row,) = read(tmp_path / "a.txt", between.join(wrapped))
    assert not documents
    assert (row["action"], row["reason"]) == ("failed", "several_documents")
    assert "one_document = true" in row["after"]
    documents, _ = read(tmp_path / "a.txt", between.join(wrapped), one_document=True)
    assert len(documents) == 1


def test_the_settings_can_say_that_lines_are_articles(tmp_path: Path) -> None:
    documents, _ = read(tmp_path / "a.txt", "The ferry sails.\n\nIt is late.\n", kind="lines")
    assert [document["raw"] for document in documents] == [b"The ferry sails.", b"It is late."]


def test_a_book_is_no_article(tmp_path: Path) -> None:
    documents, (row,) = read(tmp_path / "a.txt", f"{article(1, 400_000)}\n")
    assert not documents
    assert row["reason"] == "several_documents"


def test_names_that_are_set_for_records_do_not_hide_the_text_of_files(tmp_path: Path) -> None:
    fields = sources.Settings(fields=type(sources.Settings().fields)(text="body")).fields
    documents, _ = read(tmp_path / "a.txt", "Title: Ferry\nDate: 2016-12-25\n\nIt is late.\n", fields=fields)
    assert [document["raw"] for document in documents] == [b"It is late."]


def test_cohesion_and_drift_tell_one_subject_from_many() -> None:
    one = [" ".join(article(1, 6000).split()[at : at + 100]) for at in range(0, 6000, 100)]
    many = [" ".join(article(seed, 300).split()[at : at + 100]) for seed in range(20) for at in (0, 100, 200)]
    assert cohesion(one) > 0.5 > 0.15 > cohesion([article(seed) for seed in range(20)])
    assert drift(one) > 0.5 > 0.3 > drift(many)


def parts(count: int) -> str:
    return "".join(f"--B\nContent-Type: text/plain\n\nPart {at}.\n" for at in range(count))


HEAD = "From: a@tarn.example\nSubject: Late\nMessage-ID: <1@tarn.example>\nMIME-Version: 1.0\n"


def nested(levels: int) -> str:
    begin = "".join(f'Content-Type: multipart/mixed; boundary="b{at}"\n\n--b{at}\n' for at in range(levels))
    return f"{HEAD}{begin}Content-Type: text/plain\n\nIt sails.\n"


HOSTILE = {
    "many parts": f'{HEAD}Content-Type: multipart/mixed; boundary="B"\n\n{parts(30_000)}',
    "deep": nested(150),
    "too deep": nested(5_000),
    "a long header": f"{HEAD}X-Spam: {'a' * 2_000_000}\n\nIt sails.\n",
    "many headers": HEAD + "".join(f"X-{at}: a\n" for at in range(50_000)) + "\nIt sails.\n",
    "encoded words": HEAD.replace("Late", "=?utf-8?q?a?= " * 50_000) + "\nIt sails.\n",
    "no charset of that name": f"{HEAD}Content-Type: text/plain; charset=x-never\n\nIt sails.\n",
    "broken base64": f"{HEAD}Content-Transfer-Encoding: base64\n\n!!!!\x00\n",
    "no boundary": f"{HEAD}Content-Type: multipart/mixed\n\nIt sails.\n",
    "bad words": HEAD.replace("Late", "=?utf-9?b?!!!?= =?x?q?=ZZ?=") + "\nIt sails.\n",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("suffix", ["eml", "mbox", "mhtml"])
def test_hostile_mail_is_a_row_or_a_document_in_time(tmp_path: Path, name: str, suffix: str) -> None:
    envelope = "From a@tarn.example Sun Dec 25 10:00:00 2016\n" if suffix == "mbox" else ""
    began = time.monotonic()
    documents, rows = read(tmp_path / f"a.{suffix}", envelope + HOSTILE[name])
    assert documents or rows
    assert time.monotonic() - began < 20


LEXIS = "{} of 3000 DOCUMENTS\n\nHolm Post\n\nDecember 25, 2016\n\nLate\n\nLENGTH: 9 words\n\n{}\n"
FORMS: dict[str, Callable[[int], str]] = {
    "lines": lambda at: f"{article(at % 50)}\n",
    "mailbox": lambda at: f"From a@tarn.example Sun Dec 25 10:00:00 2016\n{HEAD}\n{article(at % 50)}\n\n",
    "numbered": lambda at: LEXIS.format(at + 1, article(at % 50)),
    "references": lambda at: f"TY  - NEWS\nTI  - Late\nAB  - {article(at % 50)}\nER  - \n",
    "labels": lambda at: f"=====\nTitle: Late\nDate: 2016-12-25\n\n{article(at % 50)}\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_files_of_many_articles_are_read_to_their_end(tmp_path: Path, name: str) -> None:
    documents, _ = read(tmp_path / "a.txt", "".join(map(FORMS[name], range(3000))))
    assert len(documents) == 3000
