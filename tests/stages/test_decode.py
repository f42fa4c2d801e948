"""The decode stage: cases as files, laws for any bytes."""

from __future__ import annotations

import time
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contract import DOCUMENT, RAW_DOCUMENT, Outcome
from stages.decode import Settings, run
from stages.decode.decoding import decode, decode_as
from stages.decode.labels import CODECS, codec_of, declared_in_page
from stages.ledger import LEDGER
from tests.helpers.cases import cases


def table(*raws: bytes, charset: str | None = None, kind: str = "text") -> pa.Table:
    rows = [
        {
            "doc_id": f"{number:032x}",
            "source_uri": f"page-{number}",
            "outlet": "The Harbour Post",
            "kind": kind,
            "charset": charset,
            "raw": raw,
            "raw_sha256": "",
        }
        for number, raw in enumerate(raws)
    ]
    return pa.Table.from_pylist(rows, schema=RAW_DOCUMENT)


def decoded(raw: bytes, charset: str | None = None, kind: str = "text") -> Outcome:
    return run(table(raw, charset=charset, kind=kind), Settings())


def text_of(raw: bytes, charset: str | None = None) -> str:
    return decode(raw, charset, True, Settings().declared_evidence).text


PAGE = '<!DOCTYPE html><html><head><meta charset="{}"></head><body><p>{}</p></body></html>'


def bytes_of(case: dict[str, Any]) -> bytes:
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    pieces = case.get("pieces") or [[case["text"], case["codec"]]]
    raw = b"".join(bytes.fromhex(text) if codec == "hex" else text.encode(codec) for text, codec in pieces)
    before, after = (PAGE.format(case.get("page"), "\0").encode().split(b"\0")) if "page" in case else (b"", b"")
    return before + raw + after


@pytest.mark.parametrize("case", cases("decode"))
def test_bytes_become_the_text_their_file_names(case: dict[str, Any]) -> None:
    expected = PAGE.format(case["page"], case["expected"]) if "page" in case else case["expected"]
    found = decoded(bytes_of(case), case.get("charset"), "html" if "page" in case else "text")
    assert found.documents["text"].to_pylist() == [expected]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_valid_utf_8_comes_through_exactly(text: str) -> None:
    if not text.startswith("\ufeff"):
        assert text_of(text.encode()) == text


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "gb2312", "utf-16", "nonsense", "windows-1251"]))
def test_any_bytes_become_a_document_or_a_failed_row(raw: bytes, charset: str | None) -> None:
    outcome = decoded(raw, charset, "html")
    assert outcome.documents.schema == DOCUMENT
    assert outcome.ledger.schema == LEDGER
    failed = [row for row in outcome.ledger.to_pylist() if row["action"] == "failed"]
    assert len(outcome.documents) + len(failed) == 1
    for text in outcome.documents["text"].to_pylist():
        text.encode()


@given(st.binary(max_size=200), st.sampled_from(sorted(set(CODECS.values()) - {"iso2022-jp"})))
def test_undecodable_runs_are_sorted_apart_and_each_one_replacement(raw: bytes, codec: str) -> None:
    result = decode_as(raw, codec)
    ends = [0, *(end for _, end in result.undecodable)]
    assert all(end <= start for end, (start, _) in zip(ends, result.undecodable, strict=False))
    assert all(start < end <= len(raw) for start, end in result.undecodable)
    assert result.text.count("\ufffd") >= len(result.undecodable)


def test_undecodable_bytes_are_in_the_ledger_with_their_place() -> None:
    raw = "Später am Föhn, größer, übler, schöner. ".encode() * 20 + b"a\xff\xfeb"
    (row,) = decoded(raw).ledger.to_pylist()
    assert (row["action"], row["reason"], row["before"], row["after"]) == (
        "edited",
        "undecodable_bytes",
        "fffe",
        "\ufffd",
    )
    assert raw[row["start"] : row["end"]] == b"\xff\xfe"


def test_after_a_hundred_rows_one_row_counts_the_rest() -> None:
    raw = b"Sp\xc3\xa4ter \xc3\xb6fter " * 5000 + b"\xff. " * 150
    rows = decoded(raw).ledger.to_pylist()
    assert len(rows) == 101
    assert (rows[-1]["measured"], rows[-1]["limit"], rows[-1]["start"]) == (50, 100, None)


@pytest.mark.parametrize("raw", [b"%PDF-1.7 and more", b"\x89PNG\r\n\x1a\n....", bytes(range(256)) * 20, b"\0" * 1000])
def test_bytes_that_are_no_text_fail(raw: bytes) -> None:
    outcome = decoded(raw)
    (row,) = outcome.ledger.to_pylist()
    assert (len(outcome.documents), row["action"], row["reason"]) == (0, "failed", "not_text")
    assert row["measured"] > row["limit"]


def test_a_bad_document_does_not_touch_its_neighbours() -> None:
    outcome = run(table(b"first", b"%PDF-1.7", b"third"), Settings())
    assert outcome.documents["text"].to_pylist() == ["first", "third"]
    assert outcome.documents["doc_id"].to_pylist() == [f"{0:032x}", f"{2:032x}"]


def test_no_documents_give_an_empty_table() -> None:
    outcome = run(table(), Settings())
    assert (len(outcome.documents), len(outcome.ledger), outcome.documents.schema) == (0, 0, DOCUMENT)


def test_every_label_names_a_codec_that_exists() -> None:
    for codec in CODECS.values():
        b"".decode(codec)
    assert codec_of("no such charset") is None


def test_a_page_that_declares_utf_16_in_ascii_is_taken_for_utf_8() -> None:
    assert declared_in_page(b'<meta charset="utf-16">') == "utf-8"


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="max_garbage_share"):
        Settings(max_garbage_share=2)
    with pytest.raises(ValueError, match="declared_evidence"):
        Settings(declared_evidence=-1)


@pytest.mark.parametrize("repeated", ["a", "é", "ééééé ", "var x = 1; ", "ÃÂÃ ", "Ã©Ã©Ã©Ã© "])
def test_the_time_for_a_page_of_one_stretch_is_linear_in_its_size(repeated: str) -> None:
    """A page with 300 kB of scripts on one line took 18 seconds, as a pattern was begun anew at each character."""
    page = repeated * (400_000 // len(repeated)) + "ÃÂÃÂÃ"
    started = time.process_time()
    decode(page.encode(), "utf-8", True, 10.0)
    assert time.process_time() - started < 5
