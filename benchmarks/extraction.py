"""Extraction side by side: trafilatura with several options, its metadata, and our stage, on labelled pages.

    python benchmarks/extraction.py PAGES.warc.gz EXPECTED.json [--runs N]

EXPECTED maps the address of a page to strings that its article holds (`with`) and others that it does not (`without`),
and to `title`, `date` and `author`. Seconds are the best of N runs, the variants taking turns; `ratio` is to the first.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import trafilatura
from fastwarc.warc import ArchiveIterator, WarcRecordType
from trafilatura.utils import decode_file

from stages import extract
from stages.shared.characters import letters
from stages.shared.people import split_names

CEILING = datetime(2026, 1, 1, tzinfo=UTC)


class Page(NamedTuple):
    url: str
    html: str
    expected: dict[str, Any]


class Read(NamedTuple):
    text: str
    title: str | None = None
    authors: str | None = None
    published: datetime | None = None


class TextScore(NamedTuple):
    present: int
    missing: int
    unwanted: int
    absent: int

    @property
    def f1(self) -> float:
        return 2 * self.present / (2 * self.present + self.unwanted + self.missing)


def read_pages(warc: Path, expected: Path) -> list[Page]:
    labels = {url.strip(): label for url, label in json.loads(expected.read_text()).items()}
    with warc.open("rb") as stream:
        records = ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True)
        pages = [(record.headers["WARC-Target-URI"], record.reader.read()) for record in records]
    return [Page(url, decode_file(raw), labels[url.strip()]) for url, raw in pages if url.strip() in labels]


def score_text(texts: Iterable[tuple[Page, str]]) -> TextScore:
    present = missing = unwanted = absent = 0
    for page, text in texts:
        held = sum(string in text for string in page.expected["with"])
        leaked = sum(string in text for string in page.expected["without"])
        present, missing = present + held, missing + len(page.expected["with"]) - held
        unwanted, absent = unwanted + leaked, absent + len(page.expected["without"]) - leaked
    return TextScore(present, missing, unwanted, absent)


def names(authors: str | list[str] | None) -> set[str]:
    joined = "; ".join(authors) if isinstance(authors, list) else authors or ""
    return {letters(name) for name in re.split(r";|/|,|&|\band\b|\bund\b", joined) if letters(name)}


def same_day(published: datetime | None, day: str) -> bool:
    """Is `published` on that day somewhere on earth?"""
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC) if re.fullmatch(r"\d{4}-[01]\d-\d\d", day) else None
    if published is None or midnight is None:
        return False
    return midnight - timedelta(hours=14) <= published < midnight + timedelta(hours=36)


def people(authors: str | list[str] | None) -> bool:
    """Does a label name people, and not an outlet, a company or an agency?"""
    return bool(split_names("; ".join(authors) if isinstance(authors, list) else authors or ""))


def score_metadata(reads: Iterable[tuple[Page, Read]]) -> dict[str, str]:
    counts = dict.fromkeys(("title", "date", "authors", "people"), (0, 0, 0))
    for page, read in reads:
        label = page.expected
        for key, wanted, given, right in (
            ("title", label["title"], read.title, letters(label["title"] or "") == letters(read.title or "")),
            ("date", label["date"], read.published, same_day(read.published, label["date"] or "")),
            ("authors", label["author"], read.authors, names(label["author"]) == names(read.authors)),
            ("people", people(label["author"]), read.authors, names(label["author"]) == names(read.authors)),
        ):
            if wanted:
                n, filled, hits = counts[key]
                counts[key] = (n + 1, filled + bool(given), hits + right)
    return {key: f"{hits}/{filled}/{n}" for key, (n, filled, hits) in counts.items()}


def plain(**options: Any) -> Callable[[Page], Read]:
    return lambda page: Read(trafilatura.extract(page.html, **options) or "")


def with_metadata(page: Page) -> Read:
    dates = {"original_date": True, "extensive_search": True, "max_date": CEILING.date().isoformat()}
    found = trafilatura.bare_extraction(
        page.html, url=page.url, include_comments=False, with_metadata=True, date_extraction_params=dates
    )
    if found is None:
        return Read("")
    day = datetime.fromisoformat(found.date).replace(tzinfo=UTC) if found.date else None
    return Read(found.text or "", found.title, found.author, day)


def stage(page: Page) -> Read:
    known = dict.fromkeys(extract.Metadata._fields)
    document = {**known, "text": page.html, "url": page.url.strip(), "crawled": CEILING}
    found = extract.read_document(document, extract.Settings())
    metadata = found.metadata
    return Read(found.text, metadata.title, "; ".join(metadata.authors or []), metadata.published)


VARIANTS: dict[str, Callable[[Page], Read]] = {
    "trafilatura defaults": plain(),
    "comments off": plain(include_comments=False),
    "comments off, precision": plain(include_comments=False, favor_precision=True),
    "comments off, recall": plain(include_comments=False, favor_recall=True),
    "comments off, fast": plain(include_comments=False, fast=True),
    "comments off, metadata": with_metadata,
    "our stage, metadata": stage,
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("warc", type=Path)
    arguments.add_argument("expected", type=Path)
    arguments.add_argument("--runs", type=int, default=2)
    chosen = arguments.parse_args()
    logging.disable(logging.CRITICAL)
    pages = read_pages(chosen.warc, chosen.expected)
    seconds = dict.fromkeys(VARIANTS, float("inf"))
    reads: dict[str, list[tuple[Page, Read]]] = {}
    for _ in range(chosen.runs):
        for name, variant in VARIANTS.items():
            start = time.process_time()
            reads[name] = [(page, variant(page)) for page in pages]
            seconds[name] = min(seconds[name], time.process_time() - start)
    first = next(iter(seconds.values()))
    print(f"{len(pages)} pages; metadata as right/given/labelled; processor seconds, best of {chosen.runs}")
    print("| | F1 | present | absent | title | date | authors | s | ratio |\n|---|---|---|---|---|---|---|---|---|")
    for name, found in reads.items():
        text, rest = score_text((page, read.text) for page, read in found), score_metadata(found)
        print(
            f"| {name} | {text.f1:.3f} | {text.present}/{text.present + text.missing} "
            f"| {text.absent}/{text.absent + text.unwanted} | {rest['title']} | {rest['date']} | {rest['authors']} "
            f"| {seconds[name]:.2f} | {seconds[name] / first:.2f} |"
        )


if __name__ == "__main__":
    main()
