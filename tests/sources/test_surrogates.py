"""Lone surrogates, and addresses whose bytes are no UTF-8, from their file to their document."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline import sources
from pipeline.sources import Settings
from pipeline.sources.records import clean
from stages import decode

LONE = ["\ud800", "\udbff", "\udc00", "\udc80", "\udce9", "\udcff", "\udfff"]


def run(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Read and decode the documents of a file; return them and the ledger rows of decoding."""
    tables = [batch.documents for batch in sources.batches(sources.plan([str(path)]), Settings())]
    outcome = decode.run(pa.concat_tables(tables), decode.Settings())
    return outcome.documents.to_pylist(), outcome.ledger.to_pylist()


@pytest.mark.parametrize("lone", LONE)
@pytest.mark.parametrize("text", ["{}", "Short {} text", "Größe{}über", "市政{}府宣布", "{} Паром", "late {}"])
def test_a_lone_surrogate_in_json_is_one_replacement_and_a_row(tmp_path: Path, text: str, lone: str) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(json.dumps({"title": text.format(lone), "text": text.format(lone)}), encoding="ascii")
    (document,), rows = run(path)
    assert document["text"] == document["title"] == text.format("\ufffd")
    assert [row["reason"] for row in rows] == ["undecodable_bytes"]


def test_bytes_in_a_legacy_charset_are_read_in_it(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    record = '{"title": "Мост закрыт", "text": "Паром снова пойдёт в понедельник, сообщили в порту."}'
    path.write_bytes(record.encode("cp1251"))
    (document,), rows = run(path)
    assert document["title"] == "Мост закрыт"
    assert document["text"] == "Паром снова пойдёт в понедельник, сообщили в порту."
    assert [(row["reason"], row["before"], row["after"]) for row in rows] == [("charset", None, "cp1251")]


def test_two_addresses_that_differ_in_a_latin_1_byte_stay_two(tmp_path: Path) -> None:
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=False)
    for name in (b"canci\xf3n", b"canci\xf2n", "canción".encode()):
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        record = writer.create_warc_record("https://a.example/NAME", "response", io.BytesIO(b"<p>x"), http_headers=http)
        writer.write_record(record)
        stream.seek(0)
        content = stream.getvalue().replace(b"NAME", name)
        stream.seek(0)
        stream.truncate()
        stream.write(content)
    path = tmp_path / "a.warc"
    path.write_bytes(stream.getvalue())
    addresses = {document["url"] for document in run(path)[0]}
    assert addresses == {"https://a.example/canci%F3n", "https://a.example/canci%F2n", "https://a.example/canción"}


def test_metadata_with_bytes_of_a_charset_is_read_in_it() -> None:
    assert clean("".join(chr(0xDC00 + byte) for byte in "Мост".encode("cp1251"))) == "Мост"
