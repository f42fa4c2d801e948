"""How fast, and in how much memory, is each kind of input read? One file of each kind, with the same articles.

    python benchmarks/inputs.py [--articles 100000] [--kinds sqlite xlsx] [--folder DIR]

Articles are made up as in `benchmarks/memory.py`. Each file is written, read by `pipeline.sources` in a process of its
own, and removed. Told are articles per second of processor time (which other work on the machine moves less), the time
per article against JSON Lines, and the peak of resident memory with a tenth of the articles and with all of them.

To add a kind, write a function that is given a path and articles and writes one file, and enter it in WRITERS.
"""

from __future__ import annotations

import argparse
import bz2
import csv
import gzip
import html
import io
import itertools
import json
import lzma
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet
import zstandard

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.memory import articles
from pipeline import sources

Article = dict[str, Any]
FIELDS = ("id", "outlet", "title", "published", "text")
PARAGRAPHS = 4


def made_up(number: int) -> Iterator[Article]:
    for each in articles(number, PARAGRAPHS):
        yield {**each, "title": f"{each['text'][:40].strip()} {each['id']}"}


def as_lines(found: Iterable[Article]) -> Iterator[bytes]:
    return (json.dumps(each).encode() + b"\n" for each in found)


def json_lines(path: Path, found: Iterable[Article]) -> None:
    with path.open("wb") as out:
        out.writelines(as_lines(found))


def json_list(path: Path, found: Iterable[Article]) -> None:
    with path.open("wb") as out:
        out.write(b'{"status": "ok", "articles": [')
        for number, each in enumerate(found):
            out.write(b",\n" * (number > 0) + json.dumps(each, indent=1).encode())
        out.write(b"]}\n")


def packed_by(opener: Callable[..., Any]) -> Callable[[Path, Iterable[Article]], None]:
    def write(path: Path, found: Iterable[Article]) -> None:
        with opener(path, "wb") as out:
            for line in as_lines(found):
                out.write(line)

    return write


def csv_table(path: Path, found: Iterable[Article]) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, FIELDS)
        writer.writeheader()
        writer.writerows(found)


def tables(found: Iterable[Article]) -> Iterator[pa.Table]:
    rest = iter(found)
    while part := list(itertools.islice(rest, 5000)):
        yield pa.Table.from_pylist([{name: each[name] for name in FIELDS} for each in part])


SCHEMA = pa.schema([(name, pa.string()) for name in FIELDS])


def parquet(path: Path, found: Iterable[Article]) -> None:
    with pa.parquet.ParquetWriter(path, SCHEMA) as out:
        for table in tables(found):
            out.write_table(table)


def feather(path: Path, found: Iterable[Article]) -> None:
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_file(path, SCHEMA, options=options) as out:
        for table in tables(found):
            out.write_table(table)


def orc(path: Path, found: Iterable[Article]) -> None:
    with pa.orc.ORCWriter(path, compression="zstd") as out:
        for table in tables(found):
            out.write(table)


def avro(path: Path, found: Iterable[Article]) -> None:
    def number(value: int) -> bytes:
        value, out = value << 1, b""
        while value > 0x7F:
            out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
        return out + bytes([value])

    def text(value: str) -> bytes:
        return number(len(value.encode())) + value.encode()

    schema = {"type": "record", "name": "A", "fields": [{"name": name, "type": "string"} for name in FIELDS]}
    mark, rest = bytes(range(16)), iter(found)
    with path.open("wb") as out:
        out.write(b"Obj\x01" + number(1) + text("avro.schema") + text(json.dumps(schema)) + number(0) + mark)
        while part := list(itertools.islice(rest, 100)):
            raw = b"".join(text(each[name]) for each in part for name in FIELDS)
            out.write(number(len(part)) + number(len(raw)) + raw + mark)


def sqlite(path: Path, found: Iterable[Article]) -> None:
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE TABLE articles ({', '.join(FIELDS)})")
        rows = ([each[name] for name in FIELDS] for each in found)
        database.executemany("INSERT INTO articles VALUES (?, ?, ?, ?, ?)", rows)


def xlsx(path: Path, found: Iterable[Article]) -> None:
    """Write a workbook as Excel does, with the texts shared."""
    strings = itertools.count()

    def cell(value: str, shared: io.TextIOBase) -> str:
        shared.write(f"<si><t>{html.escape(value, quote=False)}</t></si>")
        return f'<c t="s"><v>{next(strings)}</v></c>'

    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book,
        tempfile.TemporaryFile("w+", encoding="utf-8") as shared,
    ):
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr(
            "xl/workbook.xml",
            f'<workbook {main} xmlns:r="{link}"><sheets><sheet name="A" sheetId="1" r:id="a"/></sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="a" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f"<worksheet {main}><sheetData>".encode())
            for row in itertools.chain([dict(zip(FIELDS, FIELDS, strict=True))], found):
                cells = "".join(cell(row[name], shared) for name in FIELDS)
                sheet.write(f"<row>{cells}</row>".encode())
            sheet.write(b"</sheetData></worksheet>")
        shared.seek(0)
        with book.open("xl/sharedStrings.xml", "w") as out:
            out.write(f"<sst {main}>".encode())
            while piece := shared.read(1 << 20):
                out.write(piece.encode())
            out.write(b"</sst>")


def sql(path: Path, found: Iterable[Article]) -> None:
    def quoted(value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"

    with path.open("w", encoding="utf-8") as out:
        out.write(f"-- MySQL dump\nCREATE TABLE `articles` (\n{', '.join(f'`{name}` text' for name in FIELDS)}\n);\n")
        rest = iter(found)
        while part := list(itertools.islice(rest, 100)):
            rows = (f"({','.join(quoted(each[name]) for name in FIELDS)})" for each in part)
            out.write(f"INSERT INTO `articles` VALUES {','.join(rows)};\n")


def xml(path: Path, found: Iterable[Article]) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write("<?xml version='1.0' encoding='utf-8'?>\n<articles>\n")
        for each in found:
            fields = "".join(f"<{name}>{html.escape(each[name])}</{name}>" for name in FIELDS)
            out.write(f"<article>{fields}</article>\n")
        out.write("</articles>\n")


def rss(path: Path, found: Iterable[Article]) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write("<?xml version='1.0' encoding='utf-8'?>\n<rss version='2.0'><channel><title>Holm Post</title>\n")
        for each in found:
            text = "".join(f"<p>{html.escape(part)}</p>" for part in each["text"].split("\n\n"))
            out.write(
                f"<item><title>{html.escape(each['title'])}</title><guid>{each['id']}</guid>"
                f"<pubDate>{each['published']}</pubDate><description><![CDATA[{text}]]></description></item>\n"
            )
        out.write("</channel></rss>\n")


def mbox(path: Path, found: Iterable[Article]) -> None:
    with path.open("w", encoding="utf-8") as out:
        for each in found:
            out.write(
                f"From holm@example.org Sat Jan  4 10:00:00 2031\nFrom: {each['outlet']} <holm@example.org>\n"
                f"Subject: {each['title']}\nDate: Sat, 4 Jan 2031 10:00:00 +0000\n"
                f"Message-ID: <{each['id']}@example.org>\n"
                f"Content-Type: text/plain; charset=utf-8\n\n{each['text']}\n\n"
            )


def warc(path: Path, found: Iterable[Article]) -> None:
    with path.open("wb") as out:
        for each in found:
            paragraphs = "".join(f"<p>{html.escape(part)}</p>" for part in each["text"].split("\n\n"))
            page = f"<html><head><title>{each['title']}</title></head><body>{paragraphs}</body></html>".encode()
            answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
            address = f"https://www.{each['outlet']}.example/{each['id']}"
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2031-01-04T10:00:00Z\r\n"
            )
            head += f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
            out.write(gzip.compress(head.encode() + answer + b"\r\n\r\n", 6))


def zip_of_texts(path: Path, found: Iterable[Article]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for each in found:
            out.writestr(f"{each['outlet']}/{each['id']}.txt", each["text"])


def tar_of_texts(path: Path, found: Iterable[Article]) -> None:
    opened: Any = gzip.open if path.suffix == ".gz" else zstandard.open
    with opened(path, "wb") as packed, tarfile.open(fileobj=packed, mode="w|") as out:
        for each in found:
            raw = each["text"].encode()
            info = tarfile.TarInfo(f"{each['outlet']}/{each['id']}.txt")
            info.size = len(raw)
            out.addfile(info, io.BytesIO(raw))


def folder_of_texts(path: Path, found: Iterable[Article]) -> None:
    for each in found:
        (path / each["outlet"]).mkdir(parents=True, exist_ok=True)
        (path / each["outlet"] / f"{each['id']}.txt").write_text(each["text"])


#: Name of the file or folder → what writes it. The first one is what all others are compared with.
WRITERS: dict[str, Callable[[Path, Iterable[Article]], None]] = {
    "news.jsonl": json_lines,
    "news.jsonl.gz": packed_by(gzip.open),
    "news.jsonl.bz2": packed_by(bz2.open),
    "news.jsonl.xz": packed_by(lzma.open),
    "news.jsonl.zst": packed_by(zstandard.open),
    "news.json": json_list,
    "news.csv": csv_table,
    "news.parquet": parquet,
    "news.feather": feather,
    "news.orc": orc,
    "news.avro": avro,
    "news.sqlite": sqlite,
    "news.sql": sql,
    "news.xlsx": xlsx,
    "news.xml": xml,
    "news.rss": rss,
    "news.mbox": mbox,
    "news.warc.gz": warc,
    "texts": folder_of_texts,
    "texts.zip": zip_of_texts,
    "texts.tar.gz": tar_of_texts,
    "texts.tar.zst": tar_of_texts,
}


def peak_megabytes() -> float:
    """Return the peak of this process alone: getrusage would count what its parent had before it began."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


def read(path: str) -> None:
    """Read a file in this process, and tell its articles, seconds and peak memory."""

    inputs, began = sources.plan([path]), time.process_time()
    number = sum(len(batch.documents) for batch in sources.batches(inputs, sources.Settings()))
    seconds = time.process_time() - began
    print(json.dumps([number, seconds, peak_megabytes()]))


def measured(name: str, number: int, folder: Path) -> tuple[int, float, float]:
    path = folder / name
    WRITERS[name](path, made_up(number))
    try:
        command = [sys.executable, __file__, "--read", str(path)]
        found, seconds, megabytes = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    finally:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if found != number:
        print(f"{name}: {found:,} of {number:,} articles were read", file=sys.stderr)
    return found, seconds, megabytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--kinds", nargs="*", default=[], help="words in the names of the files")
    parser.add_argument("--folder", type=Path, help="where the files are written (default: the temporary folder)")
    parser.add_argument("--read", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        read(arguments.read)
        return
    base = next(iter(WRITERS))
    wanted = [
        each for each in WRITERS if each == base or not arguments.kinds or any(k in each for k in arguments.kinds)
    ]
    print("| input | articles/s | time against JSON Lines | peak memory, a tenth | peak memory, all |")
    print("|---|---:|---:|---:|---:|")
    fastest = 0.0
    with tempfile.TemporaryDirectory(prefix="inputs-", dir=arguments.folder) as folder:
        for name in wanted:
            _, _, small = measured(name, arguments.articles // 10, Path(folder))
            number, seconds, large = measured(name, arguments.articles, Path(folder))
            rate = number / seconds
            fastest = fastest or rate
            print(
                f"| `{name}` | {rate:,.0f} | {fastest / rate:.1f} × | {small:,.0f} MB | {large:,.0f} MB |", flush=True
            )


if __name__ == "__main__":
    main()
