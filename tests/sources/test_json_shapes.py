"""JSON of every shape: where its articles are, broken values, fields without end, and memory."""

import io
import json
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.sources import Settings
from pipeline.sources.addresses import Input
from pipeline.sources.csv_files.rows import records as csv_records
from pipeline.sources.documents import Problem, RawDocument
from pipeline.sources.json_files.records import records
from pipeline.sources.records import Record, Records, documents_of_records
from pipeline.sources.streams import Stream


def article(number: int, **more: Any) -> dict[str, Any]:
    text = f"The ferry to Holm was late again on day {number}, said the harbour office, and nobody was surprised by it."
    return {"id": f"a{number}", "title": f"Ferry late on day {number}", "text": text, **more}


ARTICLES = [article(number) for number in range(9)]


def read(content: str | bytes) -> list[Record | Problem]:
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    return list(records(Input("news.json", "json"), Stream(io.BytesIO(raw), Settings()), Settings()))


def ids(content: str | bytes) -> list[str]:
    return [each.values["id"] for each in read(content) if isinstance(each, Record)]


def failed(content: str | bytes) -> int:
    return sum(isinstance(each, Problem) and each.action == "failed" for each in read(content))


WHOLE = [f"a{number}" for number in range(9)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Ferry late on day 4"', '"Ferry "late on day 4"'),
        ('"Ferry late on day 4"', '"Ferry "late" on day 4"'),
        ('"Ferry late on day 4"', '"Ferry late on day 4'),
        ('"Ferry late on day 4"', 'Ferry late on day 4"'),
        ('"Ferry late on day 4"', '"Ferry late on day 4\\"'),
        ('"Ferry late on day 4"', '["Ferry late on day 4"'),
        ('"Ferry late on day 4"', '"Ferry late on day 4"]'),
        ('"Ferry late on day 4"', '{"a": "Ferry late on day 4"'),
        ('"Ferry late on day 4"', ""),
        ('"title": "Ferry late on day 4"', '"title" "Ferry late on day 4"'),
        ('{"id": "a4"', '"id": "a4"'),
    ],
)
@pytest.mark.parametrize("form", ["array", "lines", "newsapi", "concatenated"])
def test_a_broken_object_costs_itself(old: str, new: str, form: str) -> None:
    content = {
        "array": json.dumps(ARTICLES),
        "lines": "\n".join(map(json.dumps, ARTICLES)),
        "newsapi": json.dumps({"status": "ok", "articles": ARTICLES}),
        "concatenated": " ".join(map(json.dumps, ARTICLES)),
    }[form].replace(old, new)
    found = ids(content)
    assert [each for each in found if each != "a4"] == [each for each in WHOLE if each != "a4"]
    assert ("a4" in found) + failed(content) == 1


@pytest.mark.parametrize("size", [300, 800, 1200, -1])
def test_of_a_list_that_is_cut_off_the_whole_articles_are_read_and_the_rest_is_a_row(size: int) -> None:
    content = json.dumps({"articles": ARTICLES})[:size]
    assert ids(content) == WHOLE[: content.count("}")]
    assert failed(content) == 1


def test_articles_are_found_where_they_begin_behind_the_first_look() -> None:
    authors = [{"name": f"Ana Lind {number}", "bio": "x" * 500} for number in range(5000)]
    assert ids(json.dumps({"authors": authors, "articles": ARTICLES})) == WHOLE


@pytest.mark.parametrize("extra", ["related", "comments", "images", "responses"])
def test_lists_inside_an_article_are_no_articles(extra: str) -> None:
    inner = [{"name": "Bo Kask", "text": "Nobody was surprised by it.", "date": "2026-03-01"}] * 5
    assert ids(json.dumps(article(1, **{extra: inner}))) == ["a1"]


def test_a_feed_of_summaries_is_a_list_and_its_title_the_outlet() -> None:
    items = [
        {"url": f"https://holm.example/{n}", "title": f"Ferry {n}", "summary": each["text"]}
        for n, each in enumerate(ARTICLES)
    ]
    found = read(json.dumps({"title": "Holm Post", "description": "News of the harbour.", "items": items}))
    assert [each.values["feed_title"] for each in found if isinstance(each, Record)] == ["Holm Post"] * 9


@pytest.mark.long
def test_memory_does_not_grow_with_a_list() -> None:
    class Endless(io.RawIOBase):
        """A list of so many articles, made as it is read."""

        def __init__(self, count: int) -> None:
            self.parts = self.make(count)
            self.held = b""

        def make(self, count: int) -> Iterator[bytes]:
            yield b"["
            for number in range(0, count, 100):
                yield (
                    b", ".join(
                        json.dumps(article(each, body="x" * 2000)).encode() for each in range(number, number + 100)
                    )
                    + b", "
                )
            yield b"null]"

        def read(self, size: int = -1, /) -> bytes:
            self.held = self.held or next(self.parts, b"")
            given, self.held = self.held[:size], self.held[size:]
            return given

    def peak(count: int) -> int:
        tracemalloc.start()
        assert (
            sum(
                isinstance(each, Record)
                for each in records(Input("a.json", "json"), Stream(Endless(count), Settings()), Settings())
            )
            == count
        )
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(6_000) < 1.3 * peak(2_000) + 1_000_000


def documents(content: bytes, reader: Any) -> list[RawDocument | Problem]:
    source = Input("news.json", "json")
    found = Records(lambda _: reader(source, Stream(io.BytesIO(content), Settings()), Settings()))
    return list(documents_of_records(source, Settings(), found))


LONG = 1_000_000
FIELDS = ("id", "url", "outlet", "title", "deck", "authors", "published", "dateline", "wire", "text", "other")
FILLERS = ("x", "a, ", "[", "'", "1/", "2026-", '\\"', "By A and ", ". ", "<p>", "{", "&amp;", "é", " ")


@pytest.mark.long
@pytest.mark.parametrize("filler", FILLERS)
def test_a_field_of_a_million_characters_takes_no_longer_than_a_second(filler: str) -> None:
    for field in FIELDS:
        record = {**article(1), field: filler * (LONG // len(filler))}
        rows = [list(record), [str(value).replace('"', '""') for value in record.values()]]
        table = "\n".join(",".join(f'"{value}"' for value in row) for row in rows)
        for content, reader in ((json.dumps([record, article(2)]), records), (table, csv_records)):
            begun = time.process_time()
            assert documents(content.encode(), reader)
            assert time.process_time() - begun < 2, (field, reader)


@pytest.mark.parametrize("filler", ["x", ".", "a.", "aB", " ", "-"])
def test_a_name_of_a_million_characters_takes_no_longer_than_a_second(filler: str) -> None:
    name = filler * (LONG // len(filler))
    for content, reader in (
        (json.dumps([{**article(1), name: "x"}]), records),
        (json.dumps({name: article(1), f"{name}1": article(2)}), records),
        (f"id,text,{name}\n1,The ferry was late.,x\n", csv_records),
    ):
        begun = time.process_time()
        assert documents(content.encode(), reader)
        assert time.process_time() - begun < 2, reader
