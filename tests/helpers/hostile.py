"""Inputs as an enemy, or a broken crawler, would write them: each a file or a few, made by a function below.

    python tests/helpers/hostile.py FOLDER     write them all, to look at or to try another program on

What a run owes each of them: it ends in time, with an exit code of ours, without a traceback, and every record that
`records` counts is a document or a row of the ledger that names it.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import random
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

MEGABYTE = 1_000_000
STORY = (
    "The ferry to Port Anning was back at its pier on Monday after two weeks of repairs, its owner said.\n\n"
    "About three hundred people had waited on the quay since the early morning, some of them with bicycles.\n\n"
    "“Nobody had told us that the engine would take so long,” said Mara Quill, who runs the kiosk there."
)
PAGE = "<html><head><title>Ferry is back</title></head><body><article><h1>Ferry is back</h1>{}</article></body></html>"
STORY_AS_HTML = "".join(f"<p>{paragraph}</p>" for paragraph in STORY.split("\n\n"))
ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[8m hidden \u202ereversed\u202c \x9b5m"
INJECTION = '"><script>alert(1)</script><img src=x onerror=alert(2)>&#x1b;[31m</title></style>{{7*7}}'


class Case(NamedTuple):
    """A hostile input: what writes it, and how many records it holds (at least) that must be accounted for."""

    write: Callable[[Path], object]
    records: int

    @property
    def name(self) -> str:
        return self.write.__name__


CASES: list[Case] = []


def case(records: int = 1) -> Callable[[Callable[[Path], object]], Callable[[Path], object]]:
    """Enters a function that writes a hostile input into the list."""

    def enter(write: Callable[[Path], object]) -> Callable[[Path], object]:
        CASES.append(Case(write, records))
        return write

    return enter


def lines(path: Path, *rows: Any) -> None:
    """JSON Lines, one row each, whatever is no bytes yet made JSON."""
    path.write_bytes(b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows))


def story(**fields: Any) -> dict[str, Any]:
    """A harmless record."""
    return {"id": "good", "outlet": "ferry-times", "text": STORY} | fields


# ---------------------------------------------------------------- compression


def zeros(size: int) -> bytes:
    """gzip of many zero bytes."""
    buffer = io.BytesIO()
    with gzip.open(buffer, "wb", compresslevel=9) as file:
        for _ in range(size // MEGABYTE):
            file.write(bytes(MEGABYTE))
    return buffer.getvalue()


@case()
def gzip_bomb(folder: Path) -> None:
    (folder / "bomb.jsonl.gz").write_bytes(zeros(300 * MEGABYTE))


@case()
def zstd_bomb(folder: Path) -> None:
    (folder / "bomb.jsonl.zst").write_bytes(zstandard.ZstdCompressor(level=19).compress(bytes(300 * MEGABYTE)))


@case()
def gzip_bomb_of_many_members(folder: Path) -> None:
    (folder / "members.jsonl.gz").write_bytes(gzip.compress(bytes(4 * MEGABYTE)) * 80)


@case()
def gzip_in_gzip_in_gzip(folder: Path) -> None:
    (folder / "nested.txt.gz").write_bytes(gzip.compress(gzip.compress(zeros(100 * MEGABYTE))))


@case()
def gzip_cut_short(folder: Path) -> None:
    (folder / "cut.jsonl.gz").write_bytes(gzip.compress(json.dumps(story()).encode() * 50)[:-20])


@case()
def zstd_cut_short(folder: Path) -> None:
    (folder / "cut.jsonl.zst").write_bytes(zstandard.compress((json.dumps(story()) + "\n").encode() * 50)[:-9])


@case()
def gzip_with_a_wrong_checksum(folder: Path) -> None:
    content = bytearray(gzip.compress((json.dumps(story()) + "\n").encode()))
    content[-8] ^= 0xFF
    (folder / "checksum.jsonl.gz").write_bytes(bytes(content))


@case()
def garbage_after_gzip(folder: Path) -> None:
    (folder / "tail.jsonl.gz").write_bytes(gzip.compress((json.dumps(story()) + "\n").encode()) + b"GARBAGE" * 99)


@case()
def a_plain_file_that_calls_itself_gzip(folder: Path) -> None:
    lines(folder / "plain.jsonl.gz", story())


@case()
def a_gzip_bomb_in_an_answer(folder: Path) -> None:
    (folder / "bomb.warc").write_bytes(response(zeros(200 * MEGABYTE), "Content-Encoding: gzip") + page_record())


@case()
def an_answer_packed_many_times(folder: Path) -> None:
    body = STORY_AS_HTML.encode()
    for _ in range(50):
        body = gzip.compress(body)
    coding = "Content-Encoding: " + ", ".join(["gzip"] * 50)
    (folder / "packed.warc").write_bytes(response(body, coding) + page_record())


# ---------------------------------------------------------------- JSON Lines


@case(2)
def a_line_of_a_hundred_megabytes(folder: Path) -> None:
    with (folder / "long.jsonl").open("wb") as file:
        file.write(b'{"text": "' + b"a" * (100 * MEGABYTE) + b'"}\n')
        file.write(json.dumps(story()).encode() + b"\n")


@case(2)
def json_nested_without_end(folder: Path) -> None:
    lines(folder / "deep.jsonl", b"[" * 200_000, b'{"text":' * 100_000, story())


@case(5)
def values_of_the_wrong_type(folder: Path) -> None:
    odd: list[Any] = [
        {"text": 7}, {"text": ["a", "b"]}, {"text": {"a": 1}}, {"text": True}, {"text": None, "html": None},
        [], "text", 7, None, {}, story(id=[1]), story(url={"a": 1}), story(authors={"name": [["x"]]}),
        story(authors=[None, 7, {"name": None}]), story(outlet=9), story(title=["x"]), story(published=[]),
    ]  # fmt: skip
    lines(folder / "types.jsonl", *odd)


@case(3)
def numbers_beyond_all_numbers(folder: Path) -> None:
    huge = b"9" * 100_000
    lines(
        folder / "numbers.jsonl", b'{"id": ' + huge + b', "text": "a ferry"}', b'{"id": 1e999999, "text": "a ferry"}',
        b'{"id": NaN, "published": -Infinity, "text": "a ferry"}', b'{"published": ' + huge + b', "text": "a ferry"}',
    )  # fmt: skip


@case(8)
def dates_that_are_none(folder: Path) -> None:
    dates: list[Any] = [
        "tomorrow", "0000-00-00", "99999-01-01", "2031-02-30", "-1", "1e400", -(10**30), 10**30, "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59", "2031-W99-9", "\u0662\u0660\u0663\u0661-01-01", "2031-01-01T00:00:00+99:99",
    ]  # fmt: skip
    lines(folder / "dates.jsonl", *[story(id=str(n), published=date) for n, date in enumerate(dates)])


@case(3)
def nul_bytes_and_broken_characters(folder: Path) -> None:
    lines(
        folder / "bytes.jsonl", b'{"text": "a\\u0000ferry\\u0000"}', b'{"text": "lone \\ud800 and \\udfff halves"}',
        b'{"text": "raw \xff\xfe\xc3\x28 bytes"}', b'{"text": "a raw \x00 nul"}', b"\x00" * 5000, b"\xef\xbb\xbf" * 3, story(),
    )  # fmt: skip


@case()
def utf_16_and_utf_32_lines(folder: Path) -> None:
    for codec in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"):
        (folder / f"{codec}.jsonl").write_bytes((json.dumps(story(id=codec)) + "\n").encode(codec))


@case(3)
def keys_that_repeat_or_dot(folder: Path) -> None:
    lines(
        folder / "keys.jsonl", b'{"text": "one", "text": "two"}', {"text": "three", "": "", "a.b": {"c.d": 1}},
        {**{f"key{n}": n for n in range(20_000)}, "text": "many keys"},
    )  # fmt: skip


@case()
def nothing_but_line_breaks(folder: Path) -> None:
    (folder / "breaks.jsonl").write_bytes(b"\n\r\n\r\x0b\x0c\x1c\xc2\x85\xe2\x80\xa8" * 20_000)
    (folder / "empty.jsonl").write_bytes(b"")


@case(5)
def fields_that_inject(folder: Path) -> None:
    rows = [
        story(id=ESCAPES, title=ESCAPES, authors=[ESCAPES], outlet="escapes"),
        story(id=INJECTION, title=INJECTION, authors=[INJECTION], outlet="markup", url="javascript:alert(1)"),
        story(id="../../../etc/passwd", outlet="../../../../tmp/climb", url="file:///etc/passwd"),
        story(id="a\x00b", outlet="nul\x00outlet", title="line\nbreak\r\nin\ttitle"),
        story(id="=cmd|' /C calc'!A0", outlet="=HYPERLINK(1)", title="@SUM(1+1)"),
        story(id="long", outlet="o" * 100_000, title="t" * 1_000_000, url="https://" + "a" * 500_000),
        story(id="odd url", outlet=None, url="http://[::1%25eth0]:99999/%zz?\ud83d"),
    ]
    lines(folder / "inject.jsonl", *rows)


# ---------------------------------------------------------------- HTML


def page(path: Path, content: str | bytes) -> None:
    """An HTML file."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


@case()
def elements_nested_without_end(folder: Path) -> None:
    for tag in ("div", "b", "table", "ul", "blockquote", "svg"):
        page(folder / f"deep-{tag}.html", PAGE.format(f"<{tag}>" * 100_000 + STORY_AS_HTML))


@case()
def a_doctype_without_end(folder: Path) -> None:
    page(folder / "doctype.html", "<!DOCTYPE " + "html " * 300_000 + STORY_AS_HTML)
    page(folder / "doctypes.html", "<!DOCTYPE html [" + '<!ENTITY a "b">' * 50_000 + "]>" + STORY_AS_HTML)


@case()
def entities_that_multiply(folder: Path) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    page(folder / "laughs.html", f'<!DOCTYPE html [<!ENTITY l0 "lol">{entities}]><p>&l11;</p>{STORY_AS_HTML}')
    page(
        folder / "outside.html",
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><p>&x;</p>{STORY_AS_HTML}</html>',
    )


@case()
def floods_of_elements(folder: Path) -> None:
    floods = {
        "brackets": "<" * MEGABYTE, "spans": "<span>a</span>" * 60_000, "breaks": "<br>" * 200_000,
        "links": '<a href="/x">x</a> ' * 50_000, "cells": "<table>" + "<tr><td>1<td>2" * 50_000,
        "items": "<ul>" + "<li>one" * 80_000, "headings": "<h2>a</h2>" * 80_000, "images": '<img src="data:,">' * 50_000,
        "attributes": "<p " + " ".join(f'a{n}="{n}"' for n in range(80_000)) + ">", "ampersands": "&amp" * 250_000,
        "empty": "<p></p>" * 130_000, "forms": "<form><input>" * 60_000,
    }  # fmt: skip
    for name, flood in floods.items():
        page(folder / f"flood-{name}.html", PAGE.format(flood + STORY_AS_HTML))


@case()
def what_is_opened_and_never_closed(folder: Path) -> None:
    for name, opening in {
        "comment": "<!-- ", "script": "<script>", "style": "<style>", "textarea": "<textarea>", "title": "<title>",
        "plaintext": "<plaintext>", "cdata": "<![CDATA[", "attribute": '<p class="', "template": "<template>",
        "noscript": "<noscript>", "frameset": "<frameset>", "math": "<math><annotation-xml>",
    }.items():  # fmt: skip
        page(folder / f"open-{name}.html", f"<html><body>{opening}{STORY_AS_HTML}")


@case()
def json_ld_that_lies(folder: Path) -> None:
    values: dict[str, Any] = {
        "types": {
            "@type": ["NewsArticle", 7, None],
            "headline": {"a": []},
            "author": [[{"name": 7}]],
            "datePublished": [],
        },
        "loops": {"@type": "NewsArticle", "author": {"@id": "#a"}, "publisher": {"@id": "#a"}, "@id": "#a"},
        "long": {
            "@type": "NewsArticle",
            "headline": "h" * 300_000,
            "author": [{"name": f"A B{n}"} for n in range(20_000)],
        },
        "body": {"@type": "NewsArticle", "articleBody": "w " * 500_000},
        "script": {"@type": "NewsArticle", "headline": INJECTION, "author": ESCAPES, "datePublished": "9" * 5000},
    }
    scripts = {name: json.dumps(value) for name, value in values.items()}
    scripts["deep"] = '{"@graph": [' * 20_000 + '{"@type": "NewsArticle"}' + "]}" * 20_000
    for name, content in scripts.items():
        script = f'<script type="application/ld+json">{content}</script>'
        page(folder / f"json-ld-{name}.html", PAGE.format(script + STORY_AS_HTML))
    page(
        folder / "json-ld-broken.html", PAGE.format('<script type="application/ld+json">{"a": ' * 2000 + STORY_AS_HTML)
    )


@case()
def declarations_that_lie(folder: Path) -> None:
    for charset in (
        "utf-16",
        "utf-7",
        "x-user-defined",
        "idna",
        "rot13",
        "zlib_codec",
        "unicode_escape",
        "'; drop",
        "\x00",
    ):
        name = "".join(c for c in charset if c.isalnum()) or "nul"
        page(folder / f"charset-{name}.html", f'<meta charset="{charset}">' + PAGE.format(STORY_AS_HTML))
    page(folder / "no-mark.html", PAGE.format(STORY_AS_HTML).encode("utf-16-le"))
    page(folder / "two-marks.html", b"\xff\xfe\xef\xbb\xbf" + PAGE.format(STORY_AS_HTML).encode())


@case()
def binary_garbage_called_a_page(folder: Path) -> None:
    page(folder / "garbage.html", random.Random(1).randbytes(MEGABYTE))
    page(folder / "picture.html", b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(50_000))
    page(folder / "pdf.html", b"%PDF-1.7\n" + random.Random(3).randbytes(50_000))
    page(folder / "zip.html", b"PK\x03\x04" + random.Random(4).randbytes(50_000))


@case()
def pages_with_nothing_in_them(folder: Path) -> None:
    contents = ("", " ", "<html>", "<html></html>", "<!doctype html>", "<head><title>x</title></head>", "\x00", "<>")
    for n, content in enumerate(contents):
        page(folder / f"empty-{n}.html", content)


@case()
def a_picture_in_the_page(folder: Path) -> None:
    page(folder / "data.html", PAGE.format(f'<img src="data:image/png;base64,{"A" * 10 * MEGABYTE}">' + STORY_AS_HTML))


@case()
def a_page_of_twenty_megabytes(folder: Path) -> None:
    page(folder / "large.html", PAGE.format(STORY_AS_HTML * (20 * MEGABYTE // len(STORY_AS_HTML))))


@case()
def markup_in_the_story(folder: Path) -> None:
    page(
        folder / "markup.html", PAGE.format(f"<p>{INJECTION.replace('<', '&lt;')}</p><p>{ESCAPES}</p>" + STORY_AS_HTML)
    )


# ---------------------------------------------------------------- WARC


def record(header: str, block: bytes) -> bytes:
    """A record of a WARC file with this header."""
    return f"WARC/1.0\r\n{header}\r\n\r\n".encode("utf-8", "surrogateescape") + block + b"\r\n\r\n"


def response(body: bytes, *headers: str, length: str | None = None, uri: str = "http://ferry.example/1") -> bytes:
    """A page as a crawler stores it; `length` if not the true one."""
    block = ("\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/html", *headers]) + "\r\n\r\n").encode() + body
    size = length if length is not None else str(len(block))
    names = [
        "WARC-Type: response", "WARC-Record-ID: <urn:uuid:0>", f"WARC-Target-URI: {uri}",
        "WARC-Date: 2031-01-01T00:00:00Z", "Content-Type: application/http; msgtype=response", f"Content-Length: {size}",
    ]  # fmt: skip
    return record("\r\n".join(names), block)


def page_record(uri: str = "http://ferry.example/good") -> bytes:
    """A harmless page in a WARC file."""
    return response(PAGE.format(STORY_AS_HTML).encode(), uri=uri)


@case(1)
def lengths_that_are_wrong(folder: Path) -> None:
    body = PAGE.format(STORY_AS_HTML).encode()
    for n, length in enumerate(("0", "10", "99999999999999", "-5", "abc", "", "1e3", "18446744073709551616")):
        (folder / f"length-{n}.warc").write_bytes(
            page_record() + response(body, length=length) + page_record("http://b.example/")
        )


@case(1)
def records_with_odd_headers(folder: Path) -> None:
    odd = {
        "none": record("", b"x"), "version": b"WARC/9.9\r\nA: b\r\n\r\nx\r\n\r\n", "nothing": b"WARC/1.0\r\n\r\n",
        "long": record("X: " + "y" * 5 * MEGABYTE + "\r\nContent-Length: 1", b"x"),
        "many": record("\r\n".join(f"X{n}: y" for n in range(100_000)) + "\r\nContent-Length: 1", b"x"),
        "bytes": record("WARC-Type: response\r\nContent-Length: 4\r\nX: \udcff\udcfe", b"\xff\xfe\x00\x00"),
        "no-date": record("WARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: 0", b""),
    }  # fmt: skip
    for name, content in odd.items():
        (folder / f"header-{name}.warc").write_bytes(page_record() + content + page_record("http://b.example/"))


@case(1)
def addresses_of_pages_that_inject(folder: Path) -> None:
    body = PAGE.format(STORY_AS_HTML).encode()
    uris = (
        "http://a.example/\x1b[31m",
        "javascript:alert(1)",
        "http://" + "a." * 5000 + "example/",
        "///",
        "http://[::",
        " ",
    )
    (folder / "uris.warc").write_bytes(b"".join(response(body, uri=uri) for uri in uris) + page_record())


@case(1)
def answers_that_are_no_http(folder: Path) -> None:
    body = STORY_AS_HTML.encode()
    answers = [
        response(body, "Content-Encoding: gzip"), response(body, "Content-Encoding: br"),
        response(body, "Transfer-Encoding: chunked"), response(b"5\r\nhello\r\nFFFFFFFF\r\n", "Transfer-Encoding: chunked"),
        response(zlib.compress(body)[:-5], "Content-Encoding: deflate"), response(b"", "Content-Type: image/png"),
        response(body, "Content-Length: 99999"), response(body, "Content-Type: text/html; charset=\x1b[31m"),
    ]  # fmt: skip
    (folder / "answers.warc").write_bytes(b"".join(answers) + page_record())


@case(1)
def a_warc_cut_in_a_record(folder: Path) -> None:
    (folder / "cut.warc").write_bytes(page_record() + page_record("http://b.example/")[:-300])
    squeezed = gzip.compress(page_record()) + gzip.compress(page_record("http://b.example/"))
    (folder / "cut.warc.gz").write_bytes(squeezed[:-40])


# ---------------------------------------------------------------- CSV and Parquet


@case(1)
def broken_csv(folder: Path) -> None:
    contents = {
        "no-header": STORY.encode(), "quote": b'id,text\n1,"never closed\n2,b\n3,c\n', "nul": b"id,text\n1,a\x00b\n",
        "wide": ",".join(f"c{n}" for n in range(100_000)).encode() + b"\n1,2\n", "same": b"text,text,text\na,b,c\n",
        "long": b"id,text\n1," + b"w " * 10 * MEGABYTE + b"\n2,short\n", "only": b"text", "mixed": b"id;text,url\ta|b\n1;2,3\t4|5\n",
        "ragged": b"id,text\n" + b"".join(b"x," * (n % 7) + b"y\n" for n in range(500)),
    }  # fmt: skip
    for name, content in contents.items():
        (folder / f"{name}.csv").write_bytes(content)


@case(1)
def parquet_of_surprising_types(folder: Path) -> None:
    import datetime
    import decimal

    columns: dict[str, pa.Array] = {
        "binary": pa.array([STORY.encode(), b"\xff\xfe", None]), "integer": pa.array([1, 2, None]),
        "list": pa.array([["a"], [], None]), "struct": pa.array([{"a": 1}, {"a": None}, None]),
        "dictionary": pa.array([STORY, STORY, None]).dictionary_encode(), "null": pa.nulls(3),
        "decimal": pa.array([decimal.Decimal("1.5"), decimal.Decimal("2.5"), None]), "large": pa.array([STORY, "", None], pa.large_string()),
        "duration": pa.array([datetime.timedelta(1), None, None]), "view": pa.array([STORY, "b", None]),
        "map": pa.array([[("a", 1)], [], None], pa.map_(pa.string(), pa.int64())), "bool": pa.array([True, False, None]),
    }  # fmt: skip
    for name, column in columns.items():
        dates = pa.array([0, 2**62, None], pa.timestamp("ns", tz="Asia/Tokyo"))
        pq.write_table(pa.table({"id": column, "text": column, "published": dates}), folder / f"{name}.parquet")
        pq.write_table(
            pa.table({"text": pa.array([STORY] * 3), name: column, "authors": column}),
            folder / f"beside-{name}.parquet",
        )


@case()
def parquet_that_is_none(folder: Path) -> None:
    good = io.BytesIO()
    pq.write_table(pa.table({"text": [STORY] * 100}), good)
    content = good.getvalue()
    spoilt = bytearray(content)
    spoilt[len(spoilt) // 2 : len(spoilt) // 2 + 40] = bytes(40)
    contents = {
        "cut": content[:-20], "spoilt": bytes(spoilt), "magic": b"PAR1", "encrypted": b"PARE" + content[4:-4] + b"PARE",
        "footer": content[:-8] + b"\xff\xff\xff\x7fPAR1", "text": STORY.encode(), "empty": b"",
    }  # fmt: skip
    for name, each in contents.items():
        (folder / f"{name}.parquet").write_bytes(each)
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), folder / "no-rows.parquet")
    pq.write_table(pa.table({"nothing": [1, 2]}), folder / "no-text.parquet")
    twice = pa.Table.from_arrays([pa.array([STORY]), pa.array(["b"])], names=["text", "text"])
    pq.write_table(twice, folder / "same-names.parquet")


# ---------------------------------------------------------------- paths


@case(1)
def names_of_files_that_inject(folder: Path) -> None:
    names = [
        ESCAPES.replace("\x07", ""), "line\nbreak.txt", "-rf.txt", "--out.txt", "$(touch owned).txt", "a;b|c&d.txt",
        "\u202etxt.exe", "n" * 240 + ".txt", " .txt", "%2e%2e%2f.txt", "*.txt", "[a-z].txt", "~.txt",
    ]  # fmt: skip
    for name in names:
        (folder / name).write_text(STORY)
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.txt")).write_text(STORY)


@case()
def links_that_climb_or_turn_in_circles(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "self.txt").symlink_to(folder / "self.txt")
    (folder / "gone.txt").symlink_to(folder / "nowhere.txt")
    (folder / "etc.txt").symlink_to("/etc/hostname")
    (folder / "root").symlink_to("/etc", target_is_directory=True)
    (folder / "story.txt").write_text(STORY)


@case()
def files_that_are_no_files(folder: Path) -> None:
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "folder.txt").mkdir()
    (folder / "zero.txt").symlink_to("/dev/zero")
    (folder / "story.txt").write_text(STORY)


# ---------------------------------------------------------------- texts


@case(1)
def texts_against_every_rule(folder: Path) -> None:
    texts = {
        "word": "a" * 5 * MEGABYTE, "lines": "a\n" * 300_000, "marks": "e" + "\u0301" * 300_000, "right": "\u202e" * 200_000,
        "emoji": "👩‍👩‍👧‍👦" * 60_000, "mojibake": "â€œÃ©Ã¼â€\x9d " * 60_000, "quotes": "“‘" * 200_000, "dots": "." * 500_000,
        "blanks": " " * 2 * MEGABYTE, "photo": "Photo: " * 100_000, "by": "By " * 200_000, "caps": "(AP) — " * 100_000,
        "dates": "Monday, 1 May 2031, 10:00 " * 30_000, "links": "Read more: " * 60_000, "dashes": "— " * 300_000,
        "controls": "".join(map(chr, range(32))) * 10_000, "entities": "&amp;" * 150_000 + "&#99999999;" * 10_000,
        "private": "\ue000\uf8ff\U0010ffff" * 50_000, "han": "春眠不覚暁" * 60_000, "thai": "ภาษาไทย" * 60_000,
        "hyphens": "word-\n" * 100_000, "sentences": "He went. " * 60_000, "digits": "1" * MEGABYTE, "tabs": "a\tb\x0b\x0c\x85" * 60_000,
    }  # fmt: skip
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


@case(2000)
def the_same_story_two_thousand_times(folder: Path) -> None:
    lines(folder / "same.jsonl", *[story(id=str(n), outlet=f"outlet-{n % 50}") for n in range(2000)])


@case(1500)
def stories_that_share_all_but_a_figure(folder: Path) -> None:
    texts = [STORY.replace("three hundred", str(n)).replace("two weeks", f"{n} days") for n in range(1500)]
    lines(folder / "figures.jsonl", *[story(id=str(n), text=text) for n, text in enumerate(texts)])


@case()
def a_paragraph_of_half_a_million_words(folder: Path) -> None:
    chance = random.Random(5)
    words = ["ferry", "pier", "harbour", "of", "the", "engine", "said", "Quill", "seven", "1931"]
    (folder / "paragraph.txt").write_text(" ".join(chance.choices(words, k=500_000)))


# ---------------------------------------------------------------- more of each


@case()
def zstd_frames_that_promise_too_much(folder: Path) -> None:
    content = (json.dumps(story()) + "\n").encode()
    for log in (27, 30, 31):
        parameters = zstandard.ZstdCompressionParameters(window_log=log, write_content_size=False)
        squeeze = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
        (folder / f"window-{log}.jsonl.zst").write_bytes(squeeze.compress(content) + squeeze.flush())
    # A single segment of 2⁶³ bytes, then a block that says it holds 128 KB of one byte.
    (folder / "size.jsonl.zst").write_bytes(b"\x28\xb5\x2f\xfd\xe0" + (2**63).to_bytes(8, "little") + b"\x03\x00\x10a")
    (folder / "skippable.jsonl.zst").write_bytes(
        b"\x50\x2a\x4d\x18\xff\xff\xff\x7f" + content + b"\x28\xb5\x2f\xfd" * 9
    )
    (folder / "frames.jsonl.zst").write_bytes(zstandard.compress(b"\n") * 20_000 + zstandard.compress(content))


@case()
def archives_called_news(folder: Path) -> None:
    import bz2
    import lzma
    import tarfile
    import zipfile

    packed: dict[str, bytes] = {"bz2": bz2.compress(STORY.encode()), "xz": lzma.compress(STORY.encode())}
    for name, method in (("zip", zipfile.ZIP_DEFLATED), ("stored", zipfile.ZIP_STORED)):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as archive:
            archive.writestr("../../climb.txt", STORY)
            archive.writestr("bomb.txt", bytes(20 * MEGABYTE) if name == "zip" else STORY)
        packed[name] = buffer.getvalue()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        entry = tarfile.TarInfo("/tmp/climb")
        entry.size = len(STORY.encode())
        tar.addfile(entry, io.BytesIO(STORY.encode()))
    packed["tar"] = buffer.getvalue()
    for name, content in packed.items():
        for suffix in ("txt", "jsonl.gz", "html", "warc.gz", "parquet", "csv", name):
            (folder / f"{name}.{suffix}").write_bytes(content)


@case()
def gzip_headers_without_end(folder: Path) -> None:
    content = (json.dumps(story()) + "\n").encode()
    body = gzip.compress(content)[10:]
    head = b"\x1f\x8b\x08%c\x00\x00\x00\x00\x00\x03"
    flagged = {
        "name": head % 8 + b"n" * 2 * MEGABYTE + b"\0" + body, "no-end": head % 8 + b"n" * 2 * MEGABYTE,
        "extra": head % 4 + b"\xff\xff" + b"x" * 65535 + body, "reserved": head % 0xE0 + body, "comment": head % 16 + b"\x1b[31m\0" + body,
        "empty": gzip.compress(b"") * 30_000 + gzip.compress(content), "padded": gzip.compress(content) + bytes(3 * MEGABYTE),
    }  # fmt: skip
    for name, each in flagged.items():
        (folder / f"{name}.jsonl.gz").write_bytes(each)


@case(8)
def json_that_is_not_one_object_a_line(folder: Path) -> None:
    good = json.dumps(story())
    contents = {
        "array": json.dumps([story(id=str(n)) for n in range(9)]), "printed": json.dumps(story(), indent=2),
        "joined": good * 5, "carriage": good + "\r" + good + "\r", "commas": f"{good},\n{good},\n", "single": good.replace('"', "'"),
        "sequence": f"\x1e{good}\n\x1e{good}\n", "marks": "\n".join(f"\ufeff{good}" for _ in range(9)), "prefix": ")]}',\n" + good,
    }  # fmt: skip
    for name, content in contents.items():
        (folder / f"{name}.jsonl").write_text(content, encoding="utf-8", newline="")


@case(4)
def lines_in_many_encodings(folder: Path) -> None:
    text = "“Café” – naïve façade, señor Üben said on Monday at the quay of Port Anning."
    rows = [
        b'{"id": "%s", "text": "%s"}' % (codec.encode(), text.encode(codec, "replace").replace(b"\n", b""))
        for codec in (
            "utf-8",
            "latin-1",
            "cp1252",
            "mac-roman",
            "cp437",
            "shift-jis",
            "koi8-r",
            "big5",
            "hz",
            "iso2022-jp",
        )
    ]
    lines(folder / "encodings.jsonl", *rows)
    (folder / "encodings.csv").write_bytes(b"id,text\n" + b"".join(b"1,%s\n" % row.replace(b",", b" ") for row in rows))


@case(1000)
def one_address_a_thousand_times(folder: Path) -> None:
    url = "https://ferry.example/news/1"
    lines(
        folder / "versions.jsonl",
        *[story(id="same", url=url, text=f"{STORY}\n\nUpdate {n}: the ferry left.") for n in range(1000)],
    )


@case(400)
def stories_made_of_each_others_sentences(folder: Path) -> None:
    chance = random.Random(6)
    pool = [f"The {a} of the {b} had told the harbour office {n} times that it was late." for n, (a, b) in enumerate(
        (a, b) for a in ("owner", "captain", "cook", "pilot", "engineer") for b in ("ferry", "tug", "barge", "dredger", "pontoon"))]  # fmt: skip
    rows = ["\n\n".join(" ".join(chance.sample(pool, 5)) for _ in range(5)) for _ in range(400)]
    lines(folder / "mixed.jsonl", *[story(id=str(n), outlet=f"o{n % 20}", text=row) for n, row in enumerate(rows)])


@case(3)
def one_sentence_twenty_thousand_times(folder: Path) -> None:
    sentence = "The ferry to Port Anning was back at its pier on Monday, its owner said."
    for name, separator in (("spaces", " "), ("lines", "\n"), ("paragraphs", "\n\n")):
        (folder / f"{name}.txt").write_text(separator.join([sentence] * 20_000))


@case(3)
def fields_a_megabyte_long(folder: Path) -> None:
    lines(
        folder / "long.jsonl",
        story(id="i" * MEGABYTE, authors=[f"Author Number {n}" for n in range(50_000)]), story(authors="A B, " * 200_000),
        story(url="https://ferry.example/" + "../" * 300_000, title="T " * 500_000), story(published="2031-01-01" + " " * MEGABYTE),
        story(url="https://" + "xn--" * 100_000 + ".example/", outlet="/" * MEGABYTE), story(outlet="../" * 100_000, title="\n" * MEGABYTE),
    )  # fmt: skip


# ---------------------------------------------------------------- more pages


@case()
def attributes_without_end(folder: Path) -> None:
    many = " ".join(f'data-{n}="{n}"' for n in range(MEGABYTE // 4))
    page(folder / "many.html", PAGE.format(f"<div {many}></div>" + STORY_AS_HTML))
    page(folder / "long.html", PAGE.format(f'<p class="{"noise " * 500_000}">x</p>' + STORY_AS_HTML))
    page(folder / "same.html", PAGE.format("<p " + "id=a " * 200_000 + ">x</p>" + STORY_AS_HTML))
    page(
        folder / "classes.html",
        PAGE.format("".join(f'<p class="c{n}">w{n}</p>' for n in range(30_000)) + STORY_AS_HTML),
    )


@case()
def entities_of_every_kind(folder: Path) -> None:
    kinds = (
        "&#0;",
        "&#x110000;",
        "&#xD800;",
        "&#27;[31m",
        "&#8238;",
        "&#99999999999999999999;",
        "&#x;",
        "&amp;amp;",
        "&lt;script&gt;",
        "&zwnj;",
    )
    for n, entity in enumerate(kinds):
        page(folder / f"entity-{n}.html", PAGE.format(f"<p>A ferry {entity * 20_000} is late.</p>" + STORY_AS_HTML))


@case()
def heads_without_end(folder: Path) -> None:
    metas = "".join(f'<meta property="article:author" content="A B{n}">' for n in range(30_000))
    odd = (
        '<html lang="{0}"><head><title>{0}</title><meta property="og:title" content="{0}"><link rel="canonical" href="{0}">'
        '<base href="{0}"><meta name="date" content="{0}"><meta http-equiv="refresh" content="0;url={0}"></head>'
    )
    page(folder / "metas.html", f"<html><head>{metas}</head><body>{STORY_AS_HTML}")
    page(folder / "long.html", odd.format("x" * 300_000) + f"<body>{STORY_AS_HTML}")
    page(folder / "steering.html", odd.format("&#27;[2J\x9b\u202e&#0;&#xfffe;") + f"<body>{STORY_AS_HTML}")
    page(folder / "address.html", odd.format("http://[::1") + f"<body>{STORY_AS_HTML}")
    for n, date in enumerate(
        ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "9" * 4000, "2031-13-45", "１２３４-０１-０１")
    ):
        page(
            folder / f"date-{n}.html", odd.format(date) + f'<body><time datetime="{date}">{date}</time>{STORY_AS_HTML}'
        )


@case()
def xml_called_a_page(folder: Path) -> None:
    head = '<?xml version="1.0" encoding="{}"?>'
    for codec in ("utf-8", "utf-16", "ebcdic-cp-us", "x-none", "UTF-7"):
        page(folder / f"xml-{codec}.html", head.format(codec) + PAGE.format(STORY_AS_HTML))
    page(
        folder / "feed.html",
        head.format("utf-8")
        + "<rss><channel>"
        + f"<item><title>x</title><description><![CDATA[{STORY_AS_HTML}]]></description></item>" * 500,
    )
    page(folder / "namespaces.html", "".join(f'<a{n}:b xmlns:a{n}="u{n}">' for n in range(20_000)) + STORY_AS_HTML)
    page(folder / "instructions.html", "<?php echo 1 ?>" * 50_000 + STORY_AS_HTML)
    page(folder / "conditional.html", "<!--[if IE]>" * 20_000 + STORY_AS_HTML + "<![endif]-->" * 20_000)


# ---------------------------------------------------------------- more WARC


#: Eighty million zero bytes: there is no compressor of brotli among our dependencies.
ZEROS_IN_BROTLI = "z///f/gnAOKxQCD3/p/////wTwDEYQGA7v0/////4Z8AiMMiAN37f/7//8M/ARCHBQC69//5P0uMfwIgDgsAdFeJAQ=="


@case(5)
def bodies_that_are_bombs(folder: Path) -> None:
    body = bytes(80 * MEGABYTE)
    raw = zlib.compressobj(9, wbits=-15)
    answers = {
        "deflate": response(zlib.compress(body, 9), "Content-Encoding: deflate"),
        "raw-deflate": response(raw.compress(body) + raw.flush(), "Content-Encoding: deflate"),
        "br": response(base64.b64decode(ZEROS_IN_BROTLI), "Content-Encoding: br"),
        "zstd": response(zstandard.compress(body), "Content-Encoding: zstd"),
        "both": response(gzip.compress(zlib.compress(body, 9)), "Content-Encoding: deflate, gzip"),
    }  # fmt: skip
    (folder / "bombs.warc").write_bytes(b"".join(answers.values()) + page_record())


@case(20_000)
def chunks_of_one_byte(folder: Path) -> None:
    page_in_chunks = b"1\r\na\r\n" * 200_000 + b"0\r\n\r\n"
    empty = b"1;" + b"x" * 4 * MEGABYTE + b"\r\na\r\n"
    coding = "Transfer-Encoding: chunked"
    answers = [response(page_in_chunks, coding), response(empty, coding), response(b"1\r\n" * 300_000, coding)]
    tiny = record("WARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: 2", b"ab") * 20_000
    (folder / "chunks.warc").write_bytes(b"".join(answers) + tiny + page_record())


@case(1)
def dates_and_types_of_records_that_are_none(folder: Path) -> None:
    body = PAGE.format(STORY_AS_HTML).encode()
    swaps = [
        (b"WARC-Date: 2031-01-01T00:00:00Z", b"WARC-Date: " + date)
        for date in (
            b"0001-01-01T00:00:00+23:59",
            b"9999-12-31T23:59:59-23:59",
            b"99999-01-01",
            b"",
            b"\xff\xfe",
            b"2031-02-30T00:00:00Z",
            b"1e9",
            b"-1",
        )
    ]
    swaps += [
        (b"WARC-Type: response", b"WARC-Type: " + kind)
        for kind in (b"revisit", b"continuation", b"\x1b[31m", b"", b"conversion", b"x" * 100_000)
    ]
    swaps += [
        (b"HTTP/1.1 200 OK", status)
        for status in (b"HTTP/2 200", b"HTTP/1.1 99999999999 OK", b"HTTP/1.1 -200", b"ICY 200 OK", b"HTTP/1.1", b"")
    ]
    for n, (old, new) in enumerate(swaps):
        content = response(body, uri=f"http://b.example/{n}")
        changed = content.replace(old, new, 1)
        (folder / f"odd-{n}.warc").write_bytes(page_record() + changed + page_record("http://c.example/"))
    (folder / "old.warc").write_bytes(
        b"filedesc://a.arc 0.0.0.0 20310101000000 text/plain 2\n1 0 x\n\nhttp://a.example/ 1.2.3.4 20310101000000 text/html 9\n<p>Hello."
    )


# ---------------------------------------------------------------- more tables


@case(3)
def tables_with_ten_thousand_columns(folder: Path) -> None:
    names = [f"column {n}" for n in range(10_000)]
    rows = (
        ",".join(["text", "id", *names])
        + "\n"
        + "".join(f"{STORY[:99]!r},{n}" + ",x" * 10_000 + "\n" for n in range(3))
    )
    (folder / "wide.csv").write_text(rows)
    pq.write_table(pa.table({name: ["x"] for name in names} | {"text": [STORY]}), folder / "wide.parquet")


@case(1)
def csv_in_every_dress(folder: Path) -> None:
    good = f'id,text\n1,"{STORY}"\n'
    contents = {
        "mark": b"\xef\xbb\xbf" + good.encode(), "utf-16": good.encode("utf-16"), "utf-16-be": good.encode("utf-16-be"), "utf-32": good.encode("utf-32"),
        "carriage": good.replace("\n", "\r").encode(), "both": good.replace("\n", "\r\n").encode(), "nuls": b"\0".join(good.encode()[n : n + 1] for n in range(len(good.encode()))),
        "sep": b"sep=;\n" + good.replace(",", ";").encode(), "blank": b"\n" * 100_000 + good.encode(), "headers": b"id,text\n" * 20_000 + good.encode(),
        "empty-names": b",,text,,\n,,a ferry is late,,\n", "quotes": b'id,text\n1,"' + b'""' * 400_000 + b'"\n', "open": b'id,text\n' + b'1,"a\n' * 5_000,
        "steering": f"id,text\n{ESCAPES},{INJECTION}\n".encode(), "formula": b"id,text\n=1+1,=HYPERLINK(A1)\n", "half": "id,text\n1,\ud800".encode("utf-8", "surrogatepass"),
    }  # fmt: skip
    for name, content in contents.items():
        (folder / f"{name}.csv").write_bytes(content)


@case(1)
def parquet_of_times_beyond_all_times(folder: Path) -> None:
    text = pa.array([STORY, STORY, STORY, STORY])
    extremes = [2**62, -(2**62), 0, None]
    columns = {
        **{f"timestamp-{unit}": pa.array(extremes, pa.timestamp(unit)) for unit in ("ms", "us", "ns")},
        **{f"zone-{unit}": pa.array(extremes, pa.timestamp(unit, tz="America/New_York")) for unit in ("ms", "us")},
        "seconds": pa.array([2**52, -(2**52), 0, None], pa.timestamp("s")),
        "no-zone": pa.array(extremes, pa.timestamp("us", tz="Nowhere/None")),
        "date32": pa.array([2**31 - 1, -(2**31), 0, None], pa.int32()).view(pa.date32()),
        "date64": pa.array([2**62 // 86_400_000 * 86_400_000, -86_400_000, 0, None], pa.int64()).view(pa.date64()),
        "duration": pa.array([2**62, -1, 0, None], pa.duration("us")),
        "time": pa.array([1, 2, 3, None], pa.time64("us")),
        "nan": pa.array([float("nan"), float("inf"), -1e308, None]),
    }
    for name, column in columns.items():
        pq.write_table(pa.table({"text": text, "published": column, "id": column}), folder / f"{name}.parquet")


@case(1)
def parquet_of_types_within_types(folder: Path) -> None:
    import decimal

    deep = pa.array([STORY])
    for _ in range(60):
        deep = pa.ListArray.from_arrays([0, 1], deep)
    nested = pa.array([STORY])
    for _ in range(60):
        nested = pa.StructArray.from_arrays([nested], names=["text"])
    columns = {
        "deep": deep, "nested": nested, "large-list": pa.array([[STORY]], pa.large_list(pa.string())), "large-binary": pa.array([STORY.encode()], pa.large_binary()),
        "fixed": pa.array([b"12345678"], pa.binary(8)), "fixed-list": pa.array([["a", "b"]], pa.list_(pa.string(), 2)), "half": pa.array([1.5], pa.float32()).cast(pa.float16()),
        "decimal256": pa.array([decimal.Decimal(10) ** 60], pa.decimal256(70)), "string-view": pa.array([STORY], pa.string_view()), "uint": pa.array([2**64 - 1], pa.uint64()),
        "binary-dictionary": pa.array([STORY.encode()]).dictionary_encode(), "empty-struct": pa.array([{"": "a"}]), "keys": pa.array([[("a", "b"), ("a", "c")]], pa.map_(pa.string(), pa.string())),
        "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16], pa.binary(16))), "halves": pa.array([b"\xed\xa0\x80 ferry \xff"]).view(pa.string()),
    }  # fmt: skip
    for name, column in columns.items():
        table = pa.table({"text": column, "id": column, "authors": column, "outlet": column, "title": column})
        pq.write_table(table, folder / f"{name}.parquet")
        pq.write_table(
            pa.table({"text": [STORY], "title": column, "authors": column, "url": column}),
            folder / f"beside-{name}.parquet",
        )


@case(1)
def parquet_that_is_a_bomb(folder: Path) -> None:
    page_of_zeros = pa.array(["0" * 15 * MEGABYTE])
    same = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), page_of_zeros)
    pq.write_table(pa.table({"text": same}), folder / "dictionary.parquet", compression="zstd")
    many = pa.array([["a"] * 3_000_000])
    pq.write_table(pa.table({"text": [STORY], "authors": many}), folder / "authors.parquet", compression="zstd")


@case(20_000)
def parquet_of_one_huge_row_group(folder: Path) -> None:
    rows = pa.table({"text": pa.array([f"The ferry no. {n} is late." for n in range(20_000)])})
    pq.write_table(rows, folder / "rows.parquet", row_group_size=20_000)


# ---------------------------------------------------------------- more paths


@case()
def folders_with_names_of_every_kind(folder: Path) -> None:
    names = [
        b"\xff\xfe",
        b"line\nbreak",
        b"\x1b[2J",
        "\u202erev".encode(),
        b"a" * 255,
        b" ",
        b"[x]",
        b"*",
        b"..x",
        b"-rf",
        b"run=1",
    ]
    for name in names:
        inner = os.fsdecode(os.fsencode(folder) + b"/" + name)
        Path(inner).mkdir()
        (Path(inner) / "story.txt").write_text(f"{name!r}\n\n{STORY}")
    deep = folder / "/".join(["d" * 50] * 50)
    deep.mkdir(parents=True)
    (deep / "story.txt").write_text(STORY)


@case()
def a_folder_of_suffixes_that_lie(folder: Path) -> None:
    content = {
        "html": PAGE.format(STORY_AS_HTML).encode(), "jsonl": (json.dumps(story()) + "\n").encode(), "txt": STORY.encode(), "warc": page_record(),
        "csv": f'id,text\n1,"{STORY}"\n'.encode(), "gz": gzip.compress(STORY.encode()),
    }  # fmt: skip
    buffer = io.BytesIO()
    pq.write_table(pa.table({"text": [STORY]}), buffer)
    content["parquet"] = buffer.getvalue()
    for name, each in content.items():
        for suffix in ("html", "jsonl", "txt", "warc", "csv", "parquet", "jsonl.gz", "warc.zst", "pdf", ""):
            (folder / f"{name}-as.{suffix}").write_bytes(each)


@case()
def sockets_and_empty_files(folder: Path) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(folder)  # the name of a socket is short
        try:
            server.bind("socket.jsonl")
        finally:
            os.chdir(here)
    for suffix in ("txt", "html", "jsonl", "csv", "warc", "warc.gz", "parquet", "jsonl.gz", "jsonl.zst", "none"):
        (folder / f"empty.{suffix}").write_bytes(b"")
    (folder / "null.txt").symlink_to("/dev/null")
    (folder / "story.txt").write_text(STORY)


# ---------------------------------------------------------------- more texts


@case(1)
def texts_of_what_is_not_seen(folder: Path) -> None:
    texts = {
        "zalgo": "".join(letter + "\u0300\u0323\u0334" * 40 for letter in STORY) * 20, "zero-width": "\u200b\u200c\u200d\u2060\ufeff" * 40_000, "tags": "\U000e0061" * 100_000,
        "variation": ("a" + "\ufe0f\U000e0100" * 5) * 20_000, "soft": "co\u00adpy" * 60_000, "separators": "a\u2028b\u2029" * 60_000, "noncharacters": "\ufffe\uffff\ufdd0" * 50_000,
        "halves": "\ufffd" * 200_000, "arabic": "\u202bالعبّارة متأخرة. " * 20_000, "jamo": "\u1100\u1161\u11a8" * 60_000, "surrounded": f"\u2066{STORY}\u2069" * 100,
    }  # fmt: skip
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


@case(1)
def texts_against_splitting(folder: Path) -> None:
    texts = {
        "initials": "A. B. C. " * 50_000, "numbers": "1. 2. 3. " * 50_000, "abbreviations": "Mr. Dr. St. No. " * 40_000, "ellipses": "Wait... what?! " * 30_000,
        "open": "“" + "He said so. " * 40_000, "nested": "(“‘" * 50_000 + STORY + "’”)" * 50_000, "urls": "https://a.example/?a=b&c=d#e " * 20_000, "mails": "a.b@c.example " * 40_000,
        "one": "word, " * 200_000 + ".", "short": "Yes.\n\n" * 30_000, "bullets": "• item\n" * 40_000, "table": "a | b | c\n" * 40_000, "titles": "MARA QUILL WINS\n\n" * 20_000,
    }  # fmt: skip
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def write_all(folder: Path) -> None:
    """Every case in a folder of its own."""
    for each in CASES:
        (folder / each.name).mkdir(parents=True)
        each.write(folder / each.name)


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
    print(f"{len(CASES)} cases in {sys.argv[1]}")
