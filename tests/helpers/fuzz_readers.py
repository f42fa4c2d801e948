"""Fuzzing targets for the readers: a file of one suffix at a time, beginning from sound files of that suffix."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.helpers import office

#: Every suffix that a reader claims, and two that none does.
SUFFIXES = (
    *("jsonl", "csv", "warc", "parquet", "html", "txt", "jsonl.gz", "warc.gz", "jsonl.zst", "unknown", "arc"),
    *("warc.zst", "eml", "mbox", "md", "docx", "odt", "epub", "rtf", "xml", "sgm", "zip", "tar", "jsonl.bz2"),
    *("jsonl.xz", "sqlite", "feather", "orc", "avro", "xlsx", "ods", "json", "tsv", "pdf", "mhtml", "ris", "bib"),
    *("tar.gz", "xls", "no_suffix", "sql"),
)
#: Fixtures of inputs that people have, which are the first examples of their suffixes.
INPUTS = Path(__file__).parents[1] / "cases" / "inputs"
#: Longer files are cut by the fuzzer anyway.
LONGEST_SEED = 20_000


def read_fuzzed(suffix: str, content: bytes) -> None:
    """Reading a file of any bytes raises nothing and gives documents or ledger rows."""
    from pipeline import sources

    if not content:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"fuzzed.{suffix}"
        path.write_bytes(content)
        for batch in sources.batches(sources.plan([str(path)]), sources.Settings()):
            assert len(batch.documents) + len(batch.ledger) > 0


def seeds_of(suffix: str) -> list[bytes]:
    """Return sound files of a suffix: fixtures, and what the input benchmark and the office helpers write."""
    found = [
        path.read_bytes()
        for path in sorted(INPUTS.rglob(f"*.{suffix}"))
        if path.name != "expected.toml" and path.stat().st_size <= LONGEST_SEED
    ]
    return [*found, *_written(suffix)] or [b"A ferry is late."]


def _written(suffix: str) -> list[bytes]:
    from benchmarks.inputs import WRITERS

    made = {
        "docx": lambda: office.docx(office.paragraphs("A ferry is late.", "It sails.")),
        "odt": lambda: office.odt("<text:p>A ferry is late.</text:p>"),
        "epub": lambda: office.epub({"a.xhtml": "<html><body><p>A ferry is late.</p></body></html>"}, "Holm Post"),
        "pdf": lambda: office.pdf([["A ferry is late.", "It sails."]]),
        "rtf": lambda: rb"{\rtf1\ansi\ansicpg1252 A ferry \'e9 \u8217? is late.\par It sails.}",
        "warc": lambda: (
            b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: http://a.example/\r\n"
            b"Content-Type: text/html\r\nContent-Length: 16\r\n\r\n<p>A ferry.</p>\n\r\n\r\n"
        ),
    }
    if suffix in made:
        return [made[suffix]()]
    articles = [
        {"id": str(n), "outlet": "holm", "title": f"Ferry {n}", "text": f"A ferry is late, {n}. " * 9,
         "published": f"2031-01-0{n}T00:00:00Z"}
        for n in (1, 2, 3)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        written = []
        for name in (name for name in WRITERS if name.endswith(f".{suffix}")):
            WRITERS[name](Path(folder) / name, articles)
            written.append((Path(folder) / name).read_bytes())
    return written


#: A target for each suffix.
READERS: dict[str, Callable[[bytes], None]] = {f"reader.{each}": partial(read_fuzzed, each) for each in SUFFIXES}
