"""Databases, columnar files and workbooks: the table with the articles is found, and hostile ones do no harm."""

import shutil
import sqlite3
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.feather
import pyarrow.orc
import pytest

from benchmarks.inputs import WRITERS
from pipeline import sources
from pipeline.sources.tables import arrow_files, sqlite_files
from tests.sources.test_archives import STORY, read

ARTICLES = [(f"Ferry {n} late today", STORY.format(n) * 3, "2031-01-02") for n in range(1, 201)]


def notes_on(path: Path) -> str:
    batches = sources.batches(sources.plan([str(path)]), sources.Settings())
    rows = [row for batch in batches for row in batch.ledger.to_pylist()]
    return " | ".join(row["after"] for row in rows if row["reason"] == "read_as")


# ---------------------------------------------------------------- SQLite


def database(path: Path, *more: str) -> Path:
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE articles (id INTEGER PRIMARY KEY, headline, body, pubdate, outlet)")
        made.execute("CREATE TABLE comments (id INTEGER PRIMARY KEY, comment)")
        made.execute("CREATE TABLE outlets (id INTEGER PRIMARY KEY, name)")
        rows = [(*article, 1) for article in ARTICLES]
        made.executemany("INSERT INTO articles (headline, body, pubdate, outlet) VALUES (?, ?, ?, ?)", rows)
        made.executemany("INSERT INTO comments (comment) VALUES (?)", [(STORY.format(n) * 2,) for n in range(500)])
        made.execute("INSERT INTO outlets VALUES (1, 'Holm Post')")
        for each in more:
            made.execute(each)
    made.close()
    return path


def test_the_table_with_the_articles_is_found_and_the_others_are_named(tmp_path: Path) -> None:
    path = database(tmp_path / "news.db")
    before = path.read_bytes()
    found, rows = read(path)
    assert (len(found), rows) == (200, [])
    assert found[0]["title"] == "Ferry 1 late today"
    assert found[0]["source_uri"].endswith("news.db#articles:1")
    assert "reading the table `articles`; the others: `comments`, `outlets`" in notes_on(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["news.db"]


def test_a_view_that_has_more_fields_is_preferred_and_a_table_can_be_named(tmp_path: Path) -> None:
    joined = (
        "SELECT a.headline, a.body, a.pubdate, o.name AS newspaper FROM articles a JOIN outlets o ON o.id = a.outlet"
    )
    path = database(tmp_path / "news.sqlite", f"CREATE VIEW whole AS {joined}")
    assert read(path)[0][0]["outlet"] == "Holm Post"
    assert len(read(path, table="comments", fields=sources.Fields(text="comment"))[0]) == 500
    assert "no table that can be read is called `nothing`" in read(path, table="nothing")[1][0][1]


@pytest.mark.parametrize(
    "view",
    [
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) AS text FROM c",
        "SELECT hex(zeroblob(900000000)) AS text",
        "SELECT load_extension('x') AS text",
    ],
)
def test_a_hostile_view_beside_the_articles_does_no_harm(tmp_path: Path, view: str) -> None:
    with patch.object(sqlite_files, "STEPS_A_SAMPLE", 2_000_000):
        assert len(read(database(tmp_path / "news.db", f"CREATE VIEW hostile AS {view}"))[0]) == 200


def test_a_view_that_never_ends_is_refused(tmp_path: Path) -> None:
    rows = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT '{}' || x AS text FROM c"
    path = database(tmp_path / "news.db", f"CREATE VIEW endless AS {rows.format(STORY * 3)}")
    found, problems = read(path, table="endless", min_bomb_bytes=1_000_000, max_compression_ratio=5.0)
    assert 0 < len(found) < 5000
    assert problems[-1][0] == "too_large"


def test_a_broken_database_is_read_up_to_its_break(tmp_path: Path) -> None:
    raw = bytearray(database(tmp_path / "news.db").read_bytes())
    raw[40960:45056] = b"\xff" * 4096
    (tmp_path / "news.db").write_bytes(raw)
    found, rows = read(tmp_path / "news.db")
    assert 0 < len(found) < 200
    assert "broken from this row on" in rows[-1][1]


def test_articles_that_are_only_in_the_log_beside_a_database_are_read(tmp_path: Path) -> None:
    made = sqlite3.connect(tmp_path / "open.db")
    made.execute("PRAGMA journal_mode = wal")
    made.execute("CREATE TABLE news (title, text)")
    made.execute("INSERT INTO news VALUES (?, ?)", ARTICLES[0][:2])
    made.commit()
    for end in ("", "-wal"):
        shutil.copy(tmp_path / f"open.db{end}", tmp_path / f"news.db{end}")
    made.close()
    assert len(read(tmp_path / "news.db")[0]) == 1


def test_a_file_that_is_only_called_like_a_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    assert read(tmp_path / "Thumbs.db")[1][0][0] == "unreadable"
    assert read(tmp_path)[1][0][0] == "unknown_kind"


# ---------------------------------------------------------------- Arrow, ORC, Avro

TABLE = pa.table({
    "title": [title for title, _, _ in ARTICLES],
    "text": [text for _, text, _ in ARTICLES],
    "published": [datetime(2031, 1, 2)] * len(ARTICLES),
    "source": pa.array(["Holm Post"] * len(ARTICLES)).dictionary_encode(),
    "authors": [["Ana Lind", "Bo Kask"]] * len(ARTICLES),
    "nothing": pa.nulls(len(ARTICLES)),
})  # fmt: skip


def written(path: Path, form: str) -> Path:
    table = TABLE if form != "view" else TABLE.set_column(1, "text", TABLE["text"].cast(pa.string_view()))
    if form == "orc":
        plain = table.set_column(3, "source", table["source"].cast(pa.string())).drop_columns(["nothing"])
        pa.orc.write_table(plain, path)
    elif form in ("lz4", "zstd", "uncompressed"):
        pa.feather.write_feather(table, path, compression=form)
    else:
        opener = pa.ipc.new_stream if form == "stream" else pa.ipc.new_file
        with opener(path, table.schema) as out:
            out.write_table(table, 50)
    return path


@pytest.mark.parametrize("form", ["lz4", "zstd", "uncompressed", "file", "view", "stream", "orc"])
@pytest.mark.parametrize("name", ["news.feather", "news.csv", "no-suffix"])
def test_columnar_files_are_read_whatever_they_are_called(tmp_path: Path, form: str, name: str) -> None:
    found, rows = read(written(tmp_path / name, form))
    assert (len(found), rows) == (200, [])
    assert found[0]["outlet"] == "Holm Post"
    assert found[0]["authors"] == ["Ana Lind", "Bo Kask"]
    assert found[0]["published"] == datetime(2031, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("form", ["file", "stream"])
def test_batches_before_the_break_of_an_arrow_file_are_read(tmp_path: Path, form: str) -> None:
    path = written(tmp_path / "news.arrow", form)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    found, rows = read(path)
    assert 50 <= len(found) < 200
    assert rows[-1][0] == "unreadable"


@pytest.mark.parametrize("table", [{"text": ["x" * 100_000_000] * 2}, {"text": pa.nulls(10**8)}])
def test_a_columnar_bomb_is_refused(tmp_path: Path, table: Any) -> None:
    pa.feather.write_feather(pa.table(table), tmp_path / "bomb.feather", compression="zstd", chunksize=10**8)
    found, rows = read(tmp_path / "bomb.feather", min_bomb_bytes=1_000_000)
    assert not found
    assert rows[-1][0] == "too_large"


def test_avro_is_read_up_to_where_it_is_cut(tmp_path: Path) -> None:
    articles = [
        {"id": str(n), "outlet": "Holm Post", "title": title, "published": day, "text": text}
        for n, (title, text, day) in enumerate(ARTICLES)
    ]
    WRITERS["news.avro"](tmp_path / "a.avro", articles)
    found, rows = read(tmp_path / "a.avro")
    assert (len(found), found[0]["outlet"], rows) == (200, "Holm Post", [])
    (tmp_path / "b.avro").write_bytes((tmp_path / "a.avro").read_bytes()[:-100])
    found, rows = read(tmp_path / "b.avro")
    assert len(found) == 100
    assert "too early" in rows[0][1]


# ---------------------------------------------------------------- workbooks

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def text(value: str) -> str:
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def workbook(path: Path, *sheets: list[str], more: str = "") -> Path:
    """Write a workbook of sheets, each a list of rows of cells."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        names = "".join(f'<sheet name="S{n}" r:id="r{n}"/>' for n in range(len(sheets)))
        book.writestr("xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{LINK}">{more}<sheets>{names}</sheets></workbook>')
        links = "".join(f'<Relationship Id="r{n}" Target="worksheets/{n}.xml"/>' for n in range(len(sheets)))
        book.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{links}</Relationships>")
        styles = '<numFmts><numFmt numFmtId="170" formatCode="dd.mm.yyyy"/></numFmts>'
        styles += '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs>'
        book.writestr("xl/styles.xml", f"<styleSheet {MAIN}>{styles}</styleSheet>")
        rich = "<r><t>The </t></r><r><t>ferry</t></r><rPh><t>kana</t></rPh><r><t> is late_x000D_\n</t></r>"
        book.writestr("xl/sharedStrings.xml", f"<sst {MAIN}><si>{rich}<r><t>{STORY * 3}</t></r></si></sst>")
        for n, rows in enumerate(sheets):
            written_out = "".join(f"<row>{row}</row>" for row in rows)
            book.writestr(
                f"xl/worksheets/{n}.xml", f"<worksheet {MAIN}><sheetData>{written_out}</sheetData></worksheet>"
            )
    return path


HEADER = text("Headline") + text("Body") + text("Date")


def test_the_header_is_found_below_lines_above_the_table_and_dates_are_read(tmp_path: Path) -> None:
    row = text("Ferry late") + '<c t="s"><v>0</v></c><c s="{}"><v>{}</v></c>'
    path = workbook(
        tmp_path / "a.xlsx",
        [text("Press review"), "", HEADER, row.format(1, 47849), "", row.format(2, 47850.5), row.format(0, "1e99")],
    )
    found, _ = read(path)
    assert [each["title"] for each in found] == ["Ferry late"] * 3
    assert [each["published"] for each in found[:2]] == [
        datetime(2031, 1, 1, tzinfo=UTC),
        datetime(2031, 1, 2, 12, tzinfo=UTC),
    ]
    assert found[0]["raw"].startswith(b"The ferry is late\r\n")
    path = workbook(tmp_path / "b.xlsx", [HEADER, row.format(1, 46387)], more='<workbookPr date1904="1"/>')
    assert read(path)[0][0]["published"] == datetime(2031, 1, 1, tzinfo=UTC)


def test_every_sheet_with_articles_is_read_and_the_others_are_told(tmp_path: Path) -> None:
    articles = [HEADER, text("Ferry late") + text(STORY * 3) + text("2031-01-01")]
    other = [text("Titel") + text("Inhalt"), text("Spät") + text(STORY * 4)]
    path = workbook(tmp_path / "a.xlsx", articles, [text("Code") + text("Meaning"), text("A") + text("good")], other)
    found, rows = read(path)
    assert [each["title"] for each in found] == ["Ferry late", "Spät"]
    assert not rows
    assert "reading the sheets `S0`, `S2` of `S0`, `S1`, `S2`" in notes_on(path)
    assert len(read(path, table="S2")[0]) == 1
    assert "its sheets: `S0`, `S1`, `S2`" in read(path, table="S9")[1][0][1]


def test_a_sheet_without_a_header_is_read_by_its_values(tmp_path: Path) -> None:
    rows = [text(f"Ferry {n} is late again today") + text(STORY.format(n) * 3) + text("2031-01-01") for n in range(4)]
    assert len(read(workbook(tmp_path / "a.xlsx", rows))[0]) == 4


def test_cells_far_apart_and_bombs_do_no_harm(tmp_path: Path) -> None:
    far = HEADER + '<c r="XFD1" t="inlineStr"><is><t>x</t></is></c><c r="ZZZZ9" t="n"><v>1</v></c>'
    path = workbook(tmp_path / "a.xlsx", [far, text("Late") + text(STORY * 3)])
    assert len(read(path)[0]) == 1
    bomb = workbook(tmp_path / "b.xlsx", [HEADER, text("Late") + text("x" * 20_000_000)])
    assert read(bomb, min_bomb_bytes=1_000_000)[1][0][0] == "too_large"


def test_a_workbook_that_is_cut_locked_or_no_workbook_is_told(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [HEADER, text("Late") + text(STORY * 3)])
    whole = path.read_bytes()
    for content, told in (
        (whole[:900], "cut off"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900), "password"),
        (b"<table><tr><td>a</td></tr></table>", "no workbook"),
    ):  # fmt: skip
        path.write_bytes(content)
        found, rows = read(path)
        assert not found
        assert told in rows[0][1]


def test_an_opendocument_sheet_is_read(tmp_path: Path) -> None:
    names = 'xmlns:table="t" xmlns:text="x" xmlns:office="o"'

    def cells(*values: str) -> str:
        inner = "".join(f"<table:table-cell><text:p>{value}</text:p></table:table-cell>" for value in values)
        return f"<table:table-row>{inner}</table:table-row>"

    date = '<table:table-cell office:date-value="2031-01-01"><text:p>1. 1.</text:p></table:table-cell>'
    row = cells("Ferry late", STORY * 3).replace("</table:table-row>", f"{date}</table:table-row>")
    blank = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    content = (
        f'<doc {names}><table:table table:name="S">{cells("Title", "Text", "Date")}{row}{blank}</table:table></doc>'
    )
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
    found, rows = read(tmp_path / "a.ods")
    assert (len(found), rows, found[0]["published"]) == (1, [], datetime(2031, 1, 1, tzinfo=UTC))


def test_an_old_workbook_names_the_command_that_installs_its_reader(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000))
    with patch.dict("sys.modules", {"xlrd": None}):
        assert "pip install xlrd" in read(tmp_path / "a.xls")[1][0][1]
    assert "broken" in read(tmp_path / "a.xls")[1][0][1]


def test_a_column_of_orc_whose_name_is_no_text_is_told(tmp_path: Path) -> None:
    pa.orc.write_table(pa.table({"outlet": ["holm"], "text": [STORY]}), tmp_path / "a.orc", compression="uncompressed")
    content = (tmp_path / "a.orc").read_bytes()
    (tmp_path / "b.orc").write_bytes(content.replace(b"\x06outlet", b"\x06out\xf1et"))
    documents, rows = read(tmp_path / "b.orc")
    assert not documents
    assert "the name of a column is no text" in str(rows)


def test_a_part_of_a_workbook_that_is_compressed_in_an_unknown_way_is_told(tmp_path: Path) -> None:
    content = workbook(tmp_path / "a.xlsx", [HEADER, text("Late") + text(STORY * 3)]).read_bytes()
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"workbook.xml.rels"))
    (tmp_path / "b.xlsx").write_bytes(content[: at + 10] + b"\x46" + content[at + 11 :])
    documents, rows = read(tmp_path / "b.xlsx")
    assert not documents
    assert "method 70" in str(rows)


def test_a_database_whose_names_are_no_text_is_told(tmp_path: Path) -> None:
    content = database(tmp_path / "a.sqlite").read_bytes()
    (tmp_path / "b.sqlite").write_bytes(content.replace(b"headline", b"head\xf4ine"))
    documents, rows = read(tmp_path / "b.sqlite")
    assert not documents
    assert rows


def test_a_crash_of_the_library_that_reads_orc_ends_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    WRITERS["news.orc"](tmp_path / "a.orc", [{"id": "1", "outlet": "holm", "title": "A", "text": "B", "published": ""}])
    crashing = tmp_path / "crashing.py"
    crashing.write_text("import os\nos.abort()\n", encoding="utf-8")
    monkeypatch.setattr(arrow_files, "_CHILD", crashing)
    documents, rows = read(tmp_path / "a.orc")
    assert not documents
    assert "crashed on it, with code -6" in str(rows)


def test_a_parquet_file_whose_names_are_no_text_is_told(tmp_path: Path) -> None:
    WRITERS["news.parquet"](
        tmp_path / "a.parquet", [{"id": "1", "outlet": "holm", "title": "A", "text": "B", "published": ""}]
    )
    content = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "b.parquet").write_bytes(content.replace(b"title", b"ti\x90le"))
    documents, rows = read(tmp_path / "b.parquet")
    assert not documents
    assert rows[0][0] == "unreadable"


def test_the_name_of_an_empty_column_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,title,text\xae\xae\n1,Late,\n")
    documents, rows = read(tmp_path / "a.csv")
    assert not documents
    assert "empty" in [reason for reason, _ in rows]
