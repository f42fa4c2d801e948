"""Sources: every kind of input, whole, compressed, broken and hostile."""

from __future__ import annotations

import csv
import functools
import gzip
import hashlib
import http.server
import io
import json
import os
import re
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline import sources
from pipeline.sources import Fields, Input, InputError, Settings
from pipeline.sources.documents import outcome
from pipeline.sources.kinds import kind_of_content
from pipeline.sources.reading import documents as documents_of
from pipeline.sources.records import Record, Records, documents_of_records
from pipeline.sources.streams import Stream
from stages.contract import RAW_DOCUMENT
from stages.ledger import LEDGER

Rows = list[dict[str, Any]]


def read(*inputs: str | Path, settings: Settings | None = None, **limits: int) -> tuple[Rows, Rows]:
    """Documents and ledger rows of the inputs."""
    documents, ledger = [], []
    for batch in sources.batches(sources.plan([str(each) for each in inputs]), settings or Settings(), **limits):
        assert batch.documents.schema == RAW_DOCUMENT
        assert batch.ledger.schema == LEDGER
        documents += batch.documents.to_pylist()
        ledger += batch.ledger.to_pylist()
    return documents, ledger


def reasons(ledger: Rows) -> list[tuple[str, str]]:
    return [(row["action"], row["reason"]) for row in ledger]


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def warc(*pages: tuple[str, str, bytes], zipped: bool = True, headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    """A WARC of (url, content type, body), with a warcinfo record first."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=zipped)
    writer.write_record(writer.create_warcinfo_record("made-for-tests.warc", {"software": "tests"}))
    for url, content_type, body in pages:
        status = "404 Not Found" if "missing" in url else "200 OK"
        http = StatusAndHeaders(status, [("Content-Type", content_type), *headers], protocol="HTTP/1.1")
        dated = {"WARC-Date": "2026-03-01T09:30:00Z"}
        record = writer.create_warc_record(
            url, "response", payload=io.BytesIO(body), http_headers=http, warc_headers_dict=dated
        )
        writer.write_record(record)
    return out.getvalue()


def member_starts(content: bytes) -> list[int]:
    """Where the gzip members of a file begin."""
    found, rest = [], content
    while rest:
        found.append(len(content) - len(rest))
        member = zlib.decompressobj(wbits=31)
        member.decompress(rest)
        rest = member.unused_data
    return found


# ---------------------------------------------------------------- what the user names


def test_an_input_that_does_not_exist_is_refused_with_what_and_where(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.txt: there is no such file"):
        sources.plan([str(tmp_path / "nowhere.txt")])


def test_a_pattern_that_matches_nothing_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file matches"):
        sources.plan([str(tmp_path / "*.txt")])
    with pytest.raises(InputError, match="holds no files"):
        sources.plan([str(tmp_path)])


class Web(http.server.SimpleHTTPRequestHandler):
    """A server that cannot give parts of a file, and breaks off where the name says so."""

    def log_message(self, *values: object) -> None:
        pass

    def do_GET(self) -> None:
        if "broken" in self.path:
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.wfile.write(lines({"text": "The ferry is late."}) * 3)
            return
        with suppress(ConnectionError):  # the client looks whether a file exists, and hangs up
            super().do_GET()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and its address on a server of this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Web, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_files_are_read_from_the_web(web: tuple[Path, str]) -> None:
    folder, address = web
    write(folder / "news.jsonl.gz", gzip.compress(lines({"text": "The ferry is late."}, {"text": "It is here."})))
    write(folder / "late.html", b"<p>The ferry is late.")
    write(folder / "long.jsonl", lines(*({"text": os.urandom(500_000).hex()} for _ in range(8))))
    pq.write_table(pa.table({"text": [os.urandom(500_000).hex() for _ in range(8)]}), folder / "long.parquet")
    names = {"news.jsonl.gz": 2, "late.html": 1, "long.jsonl": 8, "long.parquet": 8}
    for name, count in names.items():
        documents, ledger = read(f"{address}/{name}")
        assert (len(documents), ledger) == (count, [])
        assert {each["outlet"] for each in documents} == {"127.0.0.1"} or name != "late.html"
        (source,) = sources.plan([f"{address}/{name}"])
        assert sources.identity(source).sha256 == hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_what_is_not_on_the_web_is_refused_and_what_breaks_off_is_a_row(web: tuple[Path, str]) -> None:
    _, address = web
    with pytest.raises(InputError, match="nothing at this address"):
        sources.plan([f"{address}/nowhere.html"])
    with pytest.raises(InputError, match=r"127\.0\.0\.1:9/"):
        sources.plan(["http://127.0.0.1:9/news.jsonl"])
    found = list(documents_of(Input(f"{address}/broken.jsonl", "json_lines"), Settings()))
    # A document before the break is kept if it came through in a piece of its own, which is a matter of the network.
    ledger = outcome([], [each for each in found if isinstance(each, sources.Problem)]).ledger
    assert reasons(ledger.to_pylist()) == [("failed", "unreadable")]


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(spec: str) -> None:
        raise ImportError("aiohttp is missing")

    monkeypatch.setattr(fsspec.core, "url_to_fs", refuse)
    with pytest.raises(InputError, match=re.escape("pip install aiohttp")):
        sources.plan(["https://harbourpost.example/news.jsonl"])
    with pytest.raises(InputError, match=re.escape("pip install s3fs universal-pathlib")):
        sources.plan(["s3://harbourpost/news.jsonl"])


def test_an_unknown_protocol_is_refused() -> None:
    with pytest.raises(InputError, match="nosuch://"):
        sources.plan(["nosuch://bucket/news.jsonl"])


def test_folders_are_walked_sorted_without_hidden_names(tmp_path: Path) -> None:
    for name in ("b/2.txt", "a/1.html", "a/_SUCCESS", ".cache/x.txt", "b/.hidden.txt", "c.jsonl.gz"):
        write(tmp_path / name, b"x")
    found = sources.plan([str(tmp_path)])
    assert [(Path(each.uri).name, each.kind) for each in found] == [
        ("1.html", "html"),
        ("2.txt", "text"),
        ("c.jsonl.gz", "json_lines"),
    ]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", b"The ferry is late.")
    assert len(sources.plan([str(path), str(tmp_path), str(tmp_path / "*.txt")])) == 1


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "late[1].txt", b"The ferry is late.")
    assert [each.uri for each in sources.plan([str(path)])] == [str(path)]


def test_a_glob_with_two_stars_finds_what_lies_below(tmp_path: Path) -> None:
    write(tmp_path / "a/b/1.txt", b"x")
    write(tmp_path / "2.txt", b"x")
    assert len(sources.plan([str(tmp_path / "**" / "*.txt")])) == 2


def test_urls_are_read_through_fsspec(tmp_path: Path) -> None:
    with fsspec.open("memory://bucket/day/news.jsonl", "wb") as file:
        file.write(lines({"text": "The ferry is late."}))
    documents, ledger = read("memory://bucket/day")
    assert (len(documents), ledger, documents[0]["outlet"]) == (1, [], "day")
    with pytest.raises(InputError, match="nothing at this address"):
        sources.plan(["memory://bucket/nowhere"])


def test_the_identity_of_an_input_is_its_size_and_digest(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", b"abc")
    identity = sources.identity(Input(str(path), "text"))
    assert identity.size == 3
    assert identity.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sources.identity(Input("-", "json_lines")).sha256 is None


def test_standard_input_is_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(lines({"text": "The ferry is late."})))
    monkeypatch.setattr("sys.stdin", stdin)
    documents, _ = read("-")
    assert (documents[0]["source_uri"], documents[0]["outlet"]) == ("-:1", "stdin")


# ---------------------------------------------------------------- single files


@pytest.mark.parametrize("squeeze", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
@pytest.mark.parametrize(("name", "kind"), [("a.txt", "text"), ("a.html", "html"), ("a.HTM", "html")])
def test_a_text_or_html_file_is_one_document(
    tmp_path: Path, squeeze: Callable[[bytes], bytes], name: str, kind: str
) -> None:
    documents, ledger = read(write(tmp_path / "The Harbour Post" / name, squeeze(b"<p>Late.")))
    (document,) = documents
    assert not ledger
    assert (document["raw"], document["kind"], document["outlet"]) == (b"<p>Late.", kind, "The Harbour Post")
    assert document["charset"] is None


def test_an_empty_file_is_skipped_with_a_reason(tmp_path: Path) -> None:
    assert reasons(read(write(tmp_path / "a.txt", b" \n"))[1]) == [("skipped", "empty")]


def test_a_document_over_the_limit_fails_with_the_limit(tmp_path: Path) -> None:
    settings = Settings(max_document_bytes=10)
    (row,) = read(write(tmp_path / "a.txt", b"x" * 11), settings=settings)[1]
    assert (row["reason"], row["measured"], row["limit"]) == ("too_large", 11, 10)


def test_ids_do_not_depend_on_the_folder_above(tmp_path: Path) -> None:
    first = read(write(tmp_path / "x" / "Post" / "a.txt", b"Late."))[0]
    second = read(write(tmp_path / "y" / "z" / "Post" / "a.txt", b"Late."))[0]
    assert first[0]["doc_id"] == second[0]["doc_id"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<!doctype html><p>Late.", "html"),
        (b'{"text": "Late."}\n', "json_lines"),
        (b'{\n "text": "a whole object over lines"\n}', "json"),
        (b'[{"text": "Late."}]', "json"),
        (b"<?xml version='1.0'?><rss></rss>", "xml"),
        (b"\x7fELF\x01\x00", None),
        (b"WARC/1.0\r\n", "warc"),
        (b"", None),
    ],
)
def test_the_kind_is_told_by_the_content(content: bytes, kind: str | None) -> None:
    assert kind_of_content(content) == kind


def test_a_file_of_no_known_kind_is_skipped_with_a_row(tmp_path: Path) -> None:
    write(tmp_path / "logo.png", b"\x89PNG\r\n\x1a\n\0\0")
    write(tmp_path / "style.css", b"p { margin: 0 }")
    write(tmp_path / "notes", b"The ferry is late.")
    documents, ledger = read(tmp_path)
    assert [each["raw"] for each in documents] == [b"The ferry is late."]
    assert reasons(ledger) == [("skipped", "unknown_kind")] * 2


def test_a_pipe_in_a_folder_does_not_hold_up_the_run(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert reasons(read(tmp_path)[1]) == [("skipped", "unknown_kind")]


def test_a_file_that_vanishes_or_cannot_be_opened_is_a_failed_row(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", b"x")
    (planned,) = sources.plan([str(path)])
    path.unlink()
    (batch,) = sources.batches([planned], Settings())
    assert reasons(batch.ledger.to_pylist()) == [("failed", "unreadable")]


# ---------------------------------------------------------------- JSON Lines


def test_json_lines_fields_become_columns(tmp_path: Path) -> None:
    record = {
        "id": 17,
        "url": "https://www.harbourpost.co.uk/late",
        "title": "Late",
        "authors": "Ana Lind and Bo Kask",
        "published": "2026-03-01T09:30:00+02:00",
        "text": "The ferry is late.",
    }
    documents, ledger = read(write(tmp_path / "news.jsonl", lines(record)))
    (document,) = documents
    assert not ledger
    assert document["source_uri"].endswith("news.jsonl:1")
    assert (document["source_id"], document["outlet"]) == ("17", "harbourpost.co.uk")
    assert (document["title"], document["authors"]) == ("Late", ["Ana Lind", "Bo Kask"])
    assert document["published"] == datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
    assert (document["kind"], document["charset"], document["raw"]) == ("text", "utf-8", b"The ferry is late.")


def test_fields_are_mapped_with_dotted_names(tmp_path: Path) -> None:
    settings = Settings(fields=Fields(text="content.body", outlet="publisher.name"))
    record = {"content": {"body": "Late."}, "publisher": {"name": "The Harbour Post"}}
    (document,), _ = read(write(tmp_path / "a.jsonl", lines(record)), settings=settings)
    assert (document["raw"], document["outlet"]) == (b"Late.", "The Harbour Post")


def test_html_goes_before_text_and_the_outlet_setting_before_all(tmp_path: Path) -> None:
    record = {"html": "<p>Late.", "text": "Late.", "outlet": "Other"}
    (document,), _ = read(write(tmp_path / "a.jsonl", lines(record)), settings=Settings(outlet="Mine"))
    assert (document["kind"], document["raw"], document["outlet"]) == ("html", b"<p>Late.", "Mine")


def test_every_bad_line_is_a_row_with_its_number_and_the_good_ones_stay(tmp_path: Path) -> None:
    content = (
        lines({"text": "First."}) + b'{"text": broken\n\n[1, 2]\n"x"\n' + lines({"title": "No text"}, {"text": "Last."})
    )
    documents, ledger = read(write(tmp_path / "a.jsonl", content))
    assert [each["raw"] for each in documents] == [b"First.", b"Last."]
    assert [(row["reason"], row["source_uri"].rpartition(":")[2]) for row in ledger] == [
        ("malformed", "2"),
        ("malformed", "4"),
        ("malformed", "5"),
        ("no_text", "6"),
    ]
    assert ledger[0]["before"] == '{"text": broken'


def test_a_date_that_is_none_leaves_the_document_and_a_row(tmp_path: Path) -> None:
    documents, ledger = read(write(tmp_path / "a.jsonl", lines({"text": "Late.", "published": "last Tuesday"})))
    row, note = ledger
    assert documents[0]["published"] is None
    assert (note["reason"], note["after"].partition(",")[0]) == ("read_as", "1 of 1 dates are not understood")
    assert (row["action"], row["reason"], row["rule"], row["before"]) == (
        "edited",
        "bad_field",
        "published",
        "last Tuesday",
    )
    assert row["doc_id"] == documents[0]["doc_id"]


@pytest.mark.parametrize(
    ("published", "marked"),
    [
        *((date, True) for date in ("2026-03-09", "2026-03-04T00:00:01Z", "2099-12-31", 4_000_000_000, "2026-W13-1")),
        *((date, False) for date in ("2026-03-02", "2026-03-03T23:59:59Z", "2026-03-03T10:00:00+14:00", "1996-03-02")),
        (None, False),
    ],
)
@pytest.mark.parametrize("form", ["a.jsonl", "a.csv"])
def test_a_date_of_the_future_is_kept_and_marked(tmp_path: Path, form: str, published: Any, marked: bool) -> None:
    rows = {"a.jsonl": lines({"text": "Late.", "published": published})}
    rows["a.csv"] = f"text,published\nLate.,{published or ''}\n".encode()
    path = write(tmp_path / form, rows[form])
    (batch,) = sources.batches(sources.plan([str(path)]), Settings())
    ledger = sources.future_dates(batch.documents, datetime(2026, 3, 2, tzinfo=UTC)).to_pylist()
    assert (batch.documents["published"].null_count == 0) == (published is not None)
    assert [(row["action"], row["reason"], row["rule"]) for row in ledger] == [
        ("marked", "future_date", "published")
    ] * marked


def test_a_line_over_the_limit_fails_and_the_next_is_read(tmp_path: Path) -> None:
    settings = Settings(max_document_bytes=50, max_row_bytes=100)
    content = lines({"text": "x" * 1000}, {"text": "y" * 60}, {"text": "Short."})
    documents, ledger = read(write(tmp_path / "a.jsonl", content), settings=settings)
    assert [each["raw"] for each in documents] == [b"Short."]
    assert [(row["reason"], row["limit"]) for row in ledger] == [("too_large", 100), ("too_large", 50)]


def test_lone_surrogates_and_bytes_in_a_legacy_charset_are_kept_for_decode(tmp_path: Path) -> None:
    content = b'{"text": "a\\ud800b", "title": "t\\udfff"}\n{"text": "caf\xe9", "title": "caf\xe9"}\n'
    documents, ledger = read(write(tmp_path / "a.jsonl", content))
    assert not ledger
    assert [each["raw"] for each in documents] == [b"a\xed\xa0\x80b", b"caf\xe9"]
    assert [each["charset"] for each in documents] == [None, None]
    assert documents[1]["title"] == "café"


def test_a_line_nested_without_end_is_malformed(tmp_path: Path) -> None:
    content = b'{"text": ' + b"[" * 200_000 + b"\n" + lines({"text": "Late."})
    documents, ledger = read(write(tmp_path / "a.jsonl", content))
    assert (len(documents), reasons(ledger)) == (1, [("failed", "malformed")])


# ---------------------------------------------------------------- compression


@pytest.mark.parametrize("squeeze", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_what_comes_before_a_break_is_kept(tmp_path: Path, squeeze: Callable[[bytes], bytes]) -> None:
    squeezed = squeeze(lines(*({"text": f"{number} {os.urandom(200).hex()}"} for number in range(5000))))
    documents, ledger = read(write(tmp_path / "a.jsonl.gz", squeezed[: len(squeezed) // 2]))
    assert 1000 < len(documents) < 5000
    assert reasons(ledger)[-1] == ("failed", "unreadable")
    # The line at the break is no whole object; nothing else is lost.
    assert len(ledger) <= 2


def test_members_one_after_another_are_one_file(tmp_path: Path) -> None:
    content = b"".join(gzip.compress(lines({"text": f"{number}"})) for number in range(3))
    assert len(read(write(tmp_path / "a.jsonl", content))[0]) == 3


@pytest.mark.parametrize("squeeze", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_bomb_is_a_failed_row_and_the_rest_goes_on(tmp_path: Path, squeeze: Callable[[bytes], bytes]) -> None:
    write(tmp_path / "a.jsonl", squeeze(b"[" * 30_000_000))
    write(tmp_path / "b.txt", squeeze(b" " * 30_000_000))
    write(tmp_path / "c.txt", b"The ferry is late.")
    settings = Settings(min_bomb_bytes=10_000_000, max_document_bytes=20_000_000)
    documents, ledger = read(tmp_path, settings=settings)
    assert [each["raw"] for each in documents] == [b"The ferry is late."]
    assert reasons(ledger) == [("failed", "too_large")] * 2


@given(st.lists(st.binary(max_size=50)), st.integers(1, 20))
def test_lines_are_the_lines_whatever_their_length(parts: list[bytes], limit: int) -> None:
    content = b"\n".join(parts)
    found = list(Stream(io.BytesIO(b"plain" + content), Settings()).lines(limit))
    expected = (b"plain" + content).split(b"\n")
    expected = expected if expected[-1] else expected[:-1]
    assert [line.number for line in found] == list(range(1, len(expected) + 1))
    assert [line.size for line in found] == [len(each) for each in expected]
    assert all(line.content == each for line, each in zip(found, expected, strict=True) if len(each) <= limit)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just("name"), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(list(Fields.__dataclass_fields__)), JSON_VALUES))
def test_whatever_a_field_holds_a_record_is_a_document_or_a_row(record: dict[str, Any]) -> None:
    records = Records(lambda _: iter([Record("a.jsonl:1", record)]))
    found = list(documents_of_records(Input("a.jsonl", "json_lines"), Settings(), records))
    documents = [each for each in found if isinstance(each, sources.RawDocument)]
    problems = [each for each in found if isinstance(each, sources.Problem)]
    failures = [each for each in problems if each.action in ("failed", "skipped")]
    assert len(documents) + len(failures) == 1
    outcome(documents, failures)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be"])
def test_rows_in_utf_16_are_read(tmp_path: Path, name: str, codec: str) -> None:
    content = '{"text": "Später."}\n' if name == "a.jsonl" else "id,text\n1,Später.\n"
    mark = "\ufeff" if codec == "utf-16-be" else ""
    (document,), ledger = read(write(tmp_path / name, (mark + content).encode(codec)))
    assert (document["raw"], document["charset"], ledger) == ("Später.".encode(), "utf-8", [])


# ---------------------------------------------------------------- CSV and Parquet


def test_csv_rows_may_hold_line_breaks_and_quotes(tmp_path: Path) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["id", "text"], ["1", 'She said "no".\nThen left.'], ["2", "Late."]])
    documents, ledger = read(write(tmp_path / "a.csv", out.getvalue().encode("utf-8-sig")))
    assert not ledger
    assert [each["raw"].replace(b"\r", b"") for each in documents] == [b'She said "no".\nThen left.', b"Late."]
    assert [each["source_uri"].rpartition(":")[2] for each in documents] == ["2", "4"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_finds_the_columns(tmp_path: Path, delimiter: str) -> None:
    content = f"url{delimiter}text\nhttps://a.example/{delimiter}Late.\n"
    (document,), _ = read(write(tmp_path / "a.csv.gz", gzip.compress(content.encode())))
    assert (document["url"], document["raw"]) == ("https://a.example/", b"Late.")


def test_a_csv_in_a_legacy_charset_keeps_its_bytes(tmp_path: Path) -> None:
    (document,), _ = read(write(tmp_path / "a.csv", b"title,text\ncaf\xe9,caf\xe9 ferm\xe9\n"))
    assert (document["raw"], document["charset"], document["title"]) == (b"caf\xe9 ferm\xe9", None, "café")


def test_a_quote_never_closed_costs_its_row_and_not_the_file(tmp_path: Path) -> None:
    content = b'id,text\n1,First.\n2,"never closed\n3,Third.\n4,Fourth.\n'
    documents, ledger = read(write(tmp_path / "a.csv", content))
    assert [each["raw"] for each in documents] == [b"First.", b'"never closed', b"Third.", b"Fourth."]
    content = b'id,text\n1,"First."\n2,"never closed\n3,"Third."\n4,"Fourth."\n'
    documents, ledger = read(write(tmp_path / "a.csv", content))
    assert [each["raw"] for each in documents] == [b"First.", b"never closed", b"Third.", b"Fourth."]
    assert [(row["rule"], "from line 3" in row["after"]) for row in ledger] == [("mended", True)]


def test_a_row_with_too_many_values_is_malformed(tmp_path: Path) -> None:
    documents, ledger = read(write(tmp_path / "a.csv", b"id,text\n1,First,second\n2,Late.\n"))
    assert (len(documents), reasons(ledger)) == (1, [("failed", "malformed")])


def test_a_text_with_commas_and_no_quotes_is_read_whole_and_told(tmp_path: Path) -> None:
    documents, ledger = read(write(tmp_path / "a.csv", b"id,text\n1,First, second\n2,Late.\n"))
    assert [each["raw"] for each in documents] == [b"First, second", b"Late."]
    assert "1 row is mended" in ledger[0]["after"]


def test_parquet_columns_of_every_type_become_fields(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    rows = pa.table(
        {
            "id": [1, 2, 3],
            "published": pa.array([moment] * 3, pa.timestamp("ns", tz="UTC")),
            "authors": [["Ana Lind"], [], None],
            "text": ["First.", None, "Third."],
            "unused": [0, 0, 0],
        }
    )
    pq.write_table(rows, tmp_path / "a.parquet")
    documents, ledger = read(tmp_path / "a.parquet")
    assert [each["source_id"] for each in documents] == ["1", "3"]
    assert (documents[0]["published"], documents[0]["authors"]) == (moment, ["Ana Lind"])
    assert [(row["reason"], row["source_uri"].rpartition("#")[2]) for row in ledger] == [("empty", "2")]


def test_a_parquet_file_is_known_by_its_content_and_a_broken_one_fails(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["Late."]}), tmp_path / "table")
    write(tmp_path / "broken.parquet", (tmp_path / "table").read_bytes()[:-20])
    documents, ledger = read(tmp_path)
    assert (len(documents), reasons(ledger)) == (1, [("failed", "unreadable")])


# ---------------------------------------------------------------- WARC


@pytest.mark.parametrize("zipped", [True, False])
def test_every_record_of_a_warc_is_a_document_or_a_row(tmp_path: Path, zipped: bool) -> None:
    content = warc(
        ("https://www.harbourpost.co.uk/late", "text/html; charset=iso-8859-2", b"<p>Late."),
        ("https://harbourpost.co.uk/logo", "image/png", b"\x89PNG"),
        ("https://harbourpost.co.uk/missing", "text/html", b"<p>404"),
        ("https://harbourpost.co.uk/empty", "text/html", b""),
        zipped=zipped,
    )
    (document,), ledger = read(write(tmp_path / "a.warc.gz", content))
    assert reasons(ledger) == [("skipped", "not_a_page")] * 3 + [("failed", "no_text")]
    assert [row["after"] for row in ledger[:3]] == ["record type warcinfo", "content type image/png", "HTTP status 404"]
    assert (document["outlet"], document["charset"]) == ("harbourpost.co.uk", "iso-8859-2")
    assert document["crawled"] == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    offset = int(document["source_uri"].rpartition("@")[2])
    stored = content[offset:]
    assert (gzip.decompress(stored) if zipped else stored).startswith(b"WARC/1.0\r\n")


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ((("Content-Encoding", "gzip"),), gzip.compress(b"<p>Late.")),
        ((("Content-Encoding", "gzip"),), b"<p>Late."),
        ((("Content-Encoding", "br"),), b"<p>Late."),
        ((("Transfer-Encoding", "chunked"),), b"3\r\n<p>\r\n5\r\nLate.\r\n0\r\n\r\n"),
        ((("Transfer-Encoding", "chunked"),), b"<p>Late."),
    ],
    ids=["gzip", "gzip that is none", "brotli that is none", "chunked", "chunked that is none"],
)
def test_bodies_are_unpacked_where_they_are_packed(
    tmp_path: Path, headers: tuple[tuple[str, str], ...], body: bytes
) -> None:
    content = warc(("https://a.example/", "text/html", body), headers=headers)
    (document,), _ = read(write(tmp_path / "a.warc.gz", content))
    assert document["raw"] == b"<p>Late."


def test_a_bomb_in_a_body_is_too_large_and_the_next_page_is_read(tmp_path: Path) -> None:
    bomb = gzip.compress(b" " * 3_000_000)
    content = warc(
        ("https://a.example/1", "text/html", bomb),
        ("https://a.example/2", "text/html", gzip.compress(b"<p>Late.")),
        headers=(("Content-Encoding", "gzip"),),
    )
    settings = Settings(max_document_bytes=1_000_000)
    documents, ledger = read(write(tmp_path / "a.warc.gz", content), settings=settings)
    assert ([each["raw"] for each in documents], reasons(ledger)[1:]) == ([b"<p>Late."], [("failed", "too_large")])


@pytest.mark.parametrize("cut", [1, 30, 60, 80, 100, 120, 140, 250])
def test_a_warc_cut_short_keeps_its_whole_pages_and_says_so(tmp_path: Path, cut: int) -> None:
    pages = [
        (f"https://a.example/{number}", "text/html", b"<p>" + os.urandom(50).hex().encode()) for number in range(5)
    ]
    documents, ledger = read(write(tmp_path / "a.warc.gz", warc(*pages)[:-cut]))
    assert len(documents) in (4, 5)
    assert ("failed", "unreadable") in reasons(ledger)


def test_a_file_that_is_no_warc_is_unreadable(tmp_path: Path) -> None:
    assert reasons(read(write(tmp_path / "a.warc", b"The ferry is late.\n" * 50))[1]) == [("failed", "unreadable")]


@pytest.mark.parametrize("spoilt", ["content", "checksum", "magic", "cut"])
@pytest.mark.parametrize("size", [300, 200_000])
def test_a_broken_member_of_a_warc_costs_its_own_page_alone(tmp_path: Path, spoilt: str, size: int) -> None:
    pages = [
        (f"https://a.example/{number}", "text/html", b"<p>" + os.urandom(size).hex().encode()) for number in range(5)
    ]
    content = warc(*pages)
    begin, end = member_starts(content)[3:5]
    middle = (begin + end) // 2
    broken = {
        "content": content[:middle] + b"\0" * 60 + content[middle + 60 :],
        "checksum": content[: end - 8] + b"\0" * 8 + content[end:],
        "magic": content[:begin] + b"lost" + content[begin + 4 :],
        "cut": content[:middle] + content[end:],
    }[spoilt]
    documents, ledger = read(write(tmp_path / "a.warc.gz", broken))
    assert [each["url"][-1] for each in documents] == ["0", "1", "3", "4"]
    assert ("failed", "unreadable") in reasons(ledger)
    assert "read on from byte" in ledger[-1]["after"]
    for each in documents:
        offset = int(each["source_uri"].rpartition("@")[2])
        assert gzip.GzipFile(fileobj=io.BytesIO(broken[offset:])).read(5) == b"WARC/"


def test_what_a_site_has_for_crawlers_is_no_page(tmp_path: Path) -> None:
    content = warc(
        ("https://a.example/robots.txt", "text/plain", b"User-agent: *"),
        ("https://a.example/.well-known/security.txt", "text/plain", b"Contact: a"),
        ("https://a.example/ads.txt", "text/html", b"<p>There is nothing here."),
        ("https://a.example/news/ferry.txt", "text/plain", b"The ferry is late."),
    )
    (document,), ledger = read(write(tmp_path / "a.warc.gz", content))
    assert document["url"] == "https://a.example/news/ferry.txt"
    assert [(row["reason"], row["after"]) for row in ledger[1:]] == [("not_a_page", "a file for machines")] * 3


def test_the_outlet_of_a_host_without_public_suffix_is_the_host(tmp_path: Path) -> None:
    found = lines(*({"text": "Late.", "url": url} for url in ("http://www.intranet/a", "https://10.0.0.7/a", "a-17")))
    documents, _ = read(write(tmp_path / "day/a.jsonl", found))
    assert [each["outlet"] for each in documents] == ["intranet", "10.0.0.7", "day"]


def test_hosts_for_other_screens_are_of_one_outlet_without_public_suffix_too(tmp_path: Path) -> None:
    hosts = ("quay.example", "www.quay.example", "m.quay.example", "mobile.quay.example", "amp.quay.example")
    documents, _ = read(
        write(tmp_path / "a.jsonl", lines(*({"text": "Late.", "url": f"https://{host}/a"} for host in hosts)))
    )
    assert {each["outlet"] for each in documents} == {"quay.example"}


# ---------------------------------------------------------------- batches


def test_batches_are_bounded_and_hold_everything_in_order(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", lines(*({"text": f"Number {number}."} for number in range(25))))
    outcomes = list(sources.batches(sources.plan([str(path)]), Settings(), max_documents=10))
    assert [len(each.documents) for each in outcomes] == [10, 10, 5]
    small = list(sources.batches(sources.plan([str(path)]), Settings(), max_bytes=1))
    assert [len(each.documents) for each in small] == [1] * 25
    assert pa.concat_tables([o.documents for o in outcomes]).equals(pa.concat_tables([o.documents for o in small]))


@given(st.binary(max_size=400), st.sampled_from(["a.jsonl", "a.csv", "a.warc", "a.parquet", "a.html", "a"]))
def test_no_content_of_any_file_raises(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:
    path = write(tmp_path_factory.mktemp("any") / name, content)
    for batch in sources.batches(sources.plan([str(path)]), Settings()):
        assert len(batch.documents) + len(batch.ledger) > 0


def test_settings_refuse_limits_that_refuse_everything() -> None:
    with pytest.raises(ValueError, match="max_document_bytes"):
        Settings(max_document_bytes=0)
    with pytest.raises(ValueError, match=r"fields\.text"):
        Settings(fields=Fields(text=""))


@pytest.mark.parametrize(
    "head",
    [
        b'<link rel="canonical" href="https://www.harbourpost.co.uk/late">',
        b"<link href=https://harbourpost.co.uk/late rel=canonical>",
        b"<META content='https://m.harbourpost.co.uk/late' property='og:url'>",
        b'<link rel="canonical" href="/late"><meta property="og:url" content="https://harbourpost.co.uk/late">',
    ],
)
def test_a_page_without_an_address_is_of_the_outlet_that_its_canonical_link_names(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "day").mkdir()
    (document,), _ = read(write(tmp_path / "day/a.html", b"<html><head>" + head + b"</head><p>Late.</p></html>"))
    assert (document["outlet"], document["url"]) == ("harbourpost.co.uk", None)


def test_a_canonical_link_changes_no_outlet_that_is_known(tmp_path: Path) -> None:
    page = '<link rel="canonical" href="https://other.example/late"><p>Late.</p>'
    records = [{"html": page, "url": "https://harbourpost.co.uk/late"}, {"html": page, "outlet": "Mine"}]
    documents, _ = read(write(tmp_path / "a.jsonl", lines(*records)))
    assert [each["outlet"] for each in documents] == ["harbourpost.co.uk", "Mine"]
