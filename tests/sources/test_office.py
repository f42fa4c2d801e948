"""Office documents, books and PDFs: their text and metadata, exports in them, and what is broken or missing."""

import importlib.util
import sys
import time
from email.parser import BytesParser
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest

from pipeline import sources
from pipeline.sources.office import pdf as pdf_reader
from pipeline.sources.office.mail import _name_and_address, parsed
from tests.helpers.office import docx, epub, odt, paragraphs, pdf

FIRST = "The ferry between Holm and Tarn will not sail before noon, the harbour office said on Monday."
SECOND = "A crack in the bow ramp was found during an inspection, and divers are to look at the hull."
THIRD = "The bakery in Mill Lane has closed after ninety years because nobody wanted to take over the ovens."
RTF = (
    r"{\rtf1\ansi\ansicpg1252{\info{\title Ferry late}{\author Ana Lind}}\pard "
    + FIRST
    + r"\par F\'e4hre: 3\u8239?%\par}"
)


def read(path: Path, content: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    path.write_bytes(content)
    batches = list(sources.batches(sources.plan([str(path)]), sources.Settings()))
    rows = [row for batch in batches for row in batch.ledger.to_pylist()]
    return [row for batch in batches for row in batch.documents.to_pylist()], rows


def text_of(document: dict[str, Any]) -> str:
    return document["raw"].decode()


@pytest.mark.parametrize("name", ["a.docx", "a.dat", "a.txt", "a"])
def test_a_word_document_gives_text_and_metadata(tmp_path: Path, name: str) -> None:
    content = docx(paragraphs(FIRST, SECOND), "Ferry late", "Ana Lind", "2016-12-25T10:00:00Z")
    (document,), _ = read(tmp_path / name, content)
    assert text_of(document) == f"{FIRST}\n\n{SECOND}"
    assert (document["title"], document["authors"]) == ("Ferry late", ["Ana Lind"])
    assert f"{document['published']:%Y-%m-%d %H}" == "2016-12-25 10"


def test_placeholders_are_no_metadata(tmp_path: Path) -> None:
    (document,), _ = read(tmp_path / "a.docx", docx(paragraphs(FIRST), "Microsoft Word - Document1", "Administrator"))
    assert (document["title"], document["authors"], document["published"]) == (None, [], None)


def test_deleted_text_is_left_out_and_rows_of_tables_are_lines(tmp_path: Path) -> None:
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    rows = [cell.format("Holm") + cell.format("3"), cell.format("Tarn")]
    table = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"
    deleted = "<w:del><w:r><w:delText>never</w:delText></w:r></w:del>"
    changed = f"<w:p>{deleted}<w:r><w:t>At</w:t><w:tab/><w:t>six.</w:t><w:br/><w:t>Or not.</w:t></w:r></w:p>"
    (document,), _ = read(tmp_path / "a.docx", docx(paragraphs(FIRST) + table + changed))
    assert text_of(document) == f"{FIRST}\n\nHolm\t3\n\nTarn\n\nAt\tsix.\nOr not."


def test_an_export_in_a_word_document_is_cut_into_articles(tmp_path: Path) -> None:
    def article(title: str, day: str, text: str) -> list[str]:
        labels = ["Section: A; Pg. 1", "Length: 98 words", "Byline: By Ana Lind", "Body"]
        return [
            title,
            "Holm Post",
            day,
            "Copyright 2016 Holm Post",
            *labels,
            text,
            f"Load-Date: {day}",
            "End of Document",
        ]

    lines = [*article("Ferry late", "December 25, 2016 Sunday", FIRST), *article("Last loaf", "January 3, 2017", THIRD)]
    documents, _ = read(tmp_path / "a.docx", docx(paragraphs(*lines)))
    assert [document["title"] for document in documents] == ["Ferry late", "Last loaf"]
    assert [document["outlet"] for document in documents] == ["Holm Post", "Holm Post"]
    assert [text_of(document) for document in documents] == [FIRST, THIRD]


def test_an_opendocument_text(tmp_path: Path) -> None:
    body = (
        f"<text:h>Ferry</text:h><text:p>{FIRST[:20]}<text:span>{FIRST[20:]}</text:span></text:p>"
        "<text:tracked-changes><text:p>never</text:p></text:tracked-changes>"
        "<table:table><table:table-row><table:table-cell><text:p>Holm</text:p></table:table-cell>"
        "<table:table-cell><text:p>3</text:p></table:table-cell></table:table-row></table:table>"
        "<text:p>At<text:s/>six.<text:line-break/>Or not.</text:p>"
    )
    (document,), _ = read(tmp_path / "a.odt", odt(body, "Ferry late", "Ana Lind"))
    assert text_of(document) == f"Ferry\n\n{FIRST}\n\nHolm\t3\n\nAt six.\nOr not."
    assert (document["title"], document["authors"]) == ("Ferry late", ["Ana Lind"])


def test_each_page_of_a_book_is_a_document(tmp_path: Path) -> None:
    page = "<!DOCTYPE html><html><head><title>{}</title></head><body><h1>{}</h1><p>{}</p></body></html>"
    pages = {"a.xhtml": page.format("Ferry", "Ferry", FIRST), "b c.xhtml": page.format("Loaf", "Loaf", THIRD)}
    documents, rows = read(tmp_path / "a.epub", epub(pages, "Holm Post"))
    assert [document["kind"] for document in documents] == ["html", "html"]
    assert {document["outlet"] for document in documents} == {"Holm Post"}
    assert sorted(row["reason"] for row in rows if row["reason"] != "read_as") == ["malformed", "not_a_page"]


def test_rich_text(tmp_path: Path) -> None:
    (document,), _ = read(tmp_path / "a.rtf", RTF.encode("latin-1"))
    assert text_of(document) == f"{FIRST}\n\nFähre: 3\u202f%"
    assert (document["title"], document["authors"]) == ("Ferry late", ["Ana Lind"])


def test_a_pdf_gives_the_text_of_its_pages_and_metadata(tmp_path: Path) -> None:
    info = "/Title(Ferry late)/Author(Ana Lind)/CreationDate(D:20161225100000+01'00')"
    (document,), _ = read(tmp_path / "a.pdf", pdf([[FIRST], [SECOND]], info))
    assert text_of(document) == f"{FIRST}\n\n{SECOND}"
    assert (document["title"], document["authors"]) == ("Ferry late", ["Ana Lind"])
    assert f"{document['published']:%Y-%m-%d %H}" == "2016-12-25 09"


def test_a_scan_says_that_it_has_no_text(tmp_path: Path) -> None:
    documents, (row,) = read(tmp_path / "a.pdf", pdf([[], []]))
    assert not documents
    assert (row["action"], row["reason"]) == ("skipped", "empty")
    assert "2 pages without text" in row["after"]


def test_a_pdf_that_hangs_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = tmp_path / "hang.py"
    hanging.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(pdf_reader, "MAX_SECONDS", 1)
    monkeypatch.setattr(pdf_reader, "_CHILD", hanging)
    began = time.monotonic()
    documents, (row,) = read(tmp_path / "a.pdf", pdf([[FIRST]]))
    assert not documents
    assert (row["reason"], time.monotonic() - began < 20) == ("unreadable", True)
    assert "more than 1 seconds" in row["after"]


@pytest.mark.parametrize(("library", "name", "content"), [
    ("pypdfium2", "a.pdf", pdf([[FIRST]])), ("striprtf", "a.rtf", RTF.encode()),
])  # fmt: skip
def test_without_its_library_a_file_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, name: str, content: bytes
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda each, *rest: None if each == library else find(each, *rest))
    monkeypatch.setitem(sys.modules, f"{library}.{library}", None)
    documents, (row,) = read(tmp_path / name, content)
    assert not documents
    assert (row["action"], row["reason"]) == ("failed", "unreadable")
    assert f"pip install {library}" in row["after"]


def test_an_old_word_document_says_how_to_read_it(tmp_path: Path) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "WordDocument".encode("utf-16-le") + bytes(500)
    _, (row,) = read(tmp_path / "a.doc", content)
    assert "save it as .docx" in row["after"]


WHOLE = {
    "a.docx": docx(paragraphs(FIRST)), "a.odt": odt(f"<text:p>{FIRST}</text:p>"), "a.epub": epub({"a": "<p>x"}, "Holm"),
    "a.pdf": pdf([[FIRST]]), "a.rtf": RTF.encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("damage", ["cut", "flipped", "beginning"])
def test_a_broken_document_is_a_row_or_a_document(tmp_path: Path, name: str, damage: str) -> None:
    whole = WHOLE[name]
    middle = len(whole) // 2
    broken = {
        "cut": whole[:middle],
        "flipped": whole[: middle - 5]
        + bytes(255 - each for each in whole[middle - 5 : middle + 5])
        + whole[middle + 5 :],
        "beginning": whole[:12],
    }[damage]
    documents, rows = read(tmp_path / name, broken)
    assert documents or rows


def test_a_bomb_in_a_document_is_refused(tmp_path: Path) -> None:
    content = docx(paragraphs("a" * 70_000_000))
    documents, (row,) = read(tmp_path / "a.docx", content)
    assert not documents
    assert row["reason"] == "too_large"


@pytest.mark.parametrize(("name", "content", "what"), [
    ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(90), "a picture (JPEG)"),
    ("a.mp4", bytes(4) + b"ftypisom" + bytes(90), "a film"),
    ("run", b"\x7fELF\x02" + bytes(90), "a program"),
    ("run.py", b"import os\n", "a program or its source"),
    ("page.url", b"[InternetShortcut]\nURL=https://a.example\n", "a shortcut"),
    ("a.lnk", b"L\0\0\0\x01\x14\x02\0" + bytes(90), "a shortcut"),
    ("a.webloc", b'<?xml version="1.0"?>\n<!DOCTYPE plist>', "a property list"),
])  # fmt: skip
def test_files_that_are_no_news_are_skipped_with_a_word_on_them(
    tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (batch,) = sources.batches(sources.plan([str(tmp_path)]), sources.Settings())
    (row,) = batch.ledger.to_pylist()
    assert not batch.documents
    assert (row["action"], row["reason"]) == ("skipped", "unknown_kind")
    assert what in row["after"]


MESSAGES = [
    b"From: Holm Post <post@holm.example>\nSubject: Late\n\nIt sails.\n",
    b"From: a@b.example\r\nSubject: Late\r\n in fog\r\n\r\nIt sails.\r\nAt six.\r\n",
    b"Subject: Late\nContent-Transfer-Encoding: base64\nContent-Type: text/plain; charset=utf-8\n\nSXQgc2FpbHMu\n",
    b"Subject: Late\nContent-Transfer-Encoding: quoted-printable\n\nIt sails=2E=\n At six. =C3=A4\n",
    b"Subject: Late\nContent-Type: text/html\n\n<p>It sails.</p>\n",
    b"Subject: Late\nContent-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/plain\n\nOne.\n--B--\n",
    b"Subject: Late\nContent-Type: message/rfc822\n\nSubject: Inner\n\nIt sails.\n",
    b"Subject: Late\nNo header line\n\nIt sails.\n",
    b"Subject: Late\nSubject: Twice\nFrom: \xe4\xf6 <x@y.example>\n\n\xe4 It sails.\n",
    b" begins with a blank\nSubject: Late\n\nIt sails.\n",
    b"From x@y.example Sat Jan  4 10:00:00 2031\nSubject: Late\n\nIt sails.\n",
    b"Subject: Late\rFrom: a@b.example\r\rIt sails.\r",
    b"Subject:\n\n",
    b"Subject: Late\nX: a\x0bb\x0cc\x1cd\n\x0b e\n\nIt sails.",
    b"Subject: Late",
    b"\n\nIt sails.",
    b"",
]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_parsed_as_the_parser_of_python_does_also_where_it_is_cut(message: bytes) -> None:
    for end in range(len(message) + 1):
        ours, theirs = parsed(message[:end]), BytesParser().parsebytes(message[:end])
        assert ours.items() == theirs.items()
        assert str(ours.get_payload()) == str(theirs.get_payload()) or ours.is_multipart()
        assert ours.get_payload(decode=True) == theirs.get_payload(decode=True)
        assert [each.get_payload(decode=True) for each in ours.walk()] == [
            each.get_payload(decode=True) for each in theirs.walk()
        ]


SENDERS = """Holm Post <post@holm.example>|outlet-3 <h@x.example>|O'Hara Ana <a.b+c@x.example>|Ana_Lind <a@b>
<a@b.example>|Fähre Holm <f@holm.example>|J. Doe <j@x.example>|a@b.example|"Lind, Ana" <ana@b.example>
Ana  Lind <a@b.example>|Ana <a@b@c.example>|Ana <.a@b.example>|Ana <a..b@c.example>|Ana <a@b..c>"""


@pytest.mark.parametrize("sender", SENDERS.replace("\n", "|").split("|"))
def test_a_sender_is_read_as_the_library_does(sender: str) -> None:
    assert _name_and_address(sender) == parseaddr(sender)
