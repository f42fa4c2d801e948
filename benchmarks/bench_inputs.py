"""Inputs of the benchmarks beside other programs: pages and articles, as often as asked, each time in other words.

What repeats is not word for word the same, or programs that drop copies would have nothing to do: six of ten long words
become made-up ones, the same word always the same in one copy, so that articles of a copy go on sharing passages.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fastwarc.warc import ArchiveIterator, WarcRecordType
from made_up_words import made_up
from peers import read_articles, write_paragraphs
from start_up import write_inputs

REPOSITORY = Path(__file__).resolve().parent.parent
FILES = 2  # of each kind: datatrove gives a file to a worker
WORD = re.compile(r"(?<![&\w])[A-Za-z]{5,}(?![;\w])")  # not in an entity
SHARE_CHANGED = 0.6
#: What is not read as text, then tags, then text.
MARKUP = re.compile(rb"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)


class Page(NamedTuple):
    """A page as it was sent."""

    url: str
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Inputs:
    """What the programs are given, and how much it is."""

    folder: Path
    pages: int
    articles: int
    paragraphs: int
    article_bytes: int
    data: str  # in words

    def amount(self, kind: str) -> int:
        """How many pages, articles or paragraphs an input has; 1 for the inputs of one file, 76 for the sample."""
        counts = {"pages": self.pages, "articles": self.articles, "paragraphs": self.paragraphs, "sample": 76}
        return counts.get(kind, 1)


def make(folder: Path, shared: Path | None, times: int, texts: int, most: int | None = None) -> Inputs:
    """Write all inputs: the labelled pages `times` times, the labelled articles `texts` times.

    Without the labelled data, pages and articles of the sample corpus stand in. `most` of each are taken, if said.
    """
    pages, articles = (labelled if shared else sample)(shared or REPOSITORY / "corpus")
    pages, articles = pages[:most], articles[:most]
    write_inputs(folder)  # one.txt and one.html
    (folder / "one").mkdir()
    (folder / "one.html").rename(folder / "one/page.html")
    write_pages(folder, [reworded_page(page, copy) for copy in range(times) for page in pages])
    rows = write_paragraphs(articles, folder / "paragraphs.jsonl")
    size = write_articles(folder, [reworded_article(each, copy) for copy in range(texts) for each in articles])
    data = (
        f"{len(pages)} pages × {times}, {len(articles):,} articles × {texts}, {'labelled' if shared else 'sample'} data"
    )
    return Inputs(folder, len(pages) * times, len(articles) * texts, len(rows), size, data)


def labelled(shared: Path) -> tuple[list[Page], list[dict[str, str]]]:
    return list(read_pages(shared / "data/pages.warc.gz")), read_articles(shared / "data/fnc_train.jsonl.gz")


def sample(corpus: Path) -> tuple[list[Page], list[dict[str, str]]]:
    pages = [page for path in sorted(corpus.glob("crawl/*/*.warc.gz")) for page in read_pages(path)]
    return pages, [article for path in sorted(corpus.glob("feeds/*.jsonl")) for article in read_articles(path)]


def read_pages(warc: Path) -> Iterator[Page]:
    with warc.open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
            kind = record.http_headers.get("Content-Type", "text/html") if record.http_headers else "text/html"
            yield Page(record.headers["WARC-Target-URI"].strip("<> "), kind, record.reader.read())


def write_pages(folder: Path, pages: Sequence[Page]) -> None:
    """Write pages as WARC files and, for programs that read no WARC, as files."""
    for name in ("warc", "html"):
        (folder / name).mkdir()
    for number in range(FILES):
        with (folder / f"warc/pages-{number}.warc.gz").open("wb") as file:
            file.writelines(gzip.compress(warc_record(page), 6, mtime=0) for page in pages[number::FILES])
    for number, page in enumerate(pages):
        (folder / f"html/{number:06d}.html").write_bytes(page.body)


def warc_record(page: Page) -> bytes:
    """Frame a page as a WARC record.

    >>> warc_record(Page("https://harwick.example/1", "text/html", b"<p>")).split(b"\\r\\n")[0]
    b'WARC/1.0'
    """
    block = f"HTTP/1.1 200 OK\r\nContent-Type: {page.content_type}\r\n\r\n".encode() + page.body
    serial = random.Random(page.url).getrandbits(128)
    identity = f"{serial:032x}"
    dashed = "-".join((identity[:8], identity[8:12], identity[12:16], identity[16:20], identity[20:]))
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{dashed}>\r\nWARC-Date: 2025-03-04T05:06:07Z\r\n"
        f"WARC-Target-URI: {page.url}\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def write_articles(folder: Path, articles: Sequence[dict[str, str]]) -> int:
    """Write articles as JSON Lines; returns the size of their texts in bytes."""
    (folder / "articles").mkdir()
    for number in range(FILES):
        lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in articles[number::FILES])
        (folder / f"articles/news-{number}.jsonl").write_text(lines, encoding="utf-8")
    return sum(len(each["text"].encode()) for each in articles)


def reworded_article(article: dict[str, str], copy: int) -> dict[str, str]:
    wanted = {name: str(article[name]) for name in ("id", "outlet", "title", "text") if article.get(name)}
    if copy:
        wanted |= {"id": f"{wanted['id']}-{copy}", "text": reworded(wanted["text"], copy)}
    return wanted


def reworded_page(page: Page, copy: int) -> Page:
    """A page whose text is in other words, at another address; tags, scripts and comments stay.

    >>> reworded_page(Page("https://harwick.example/1", "text/html", b"<p class=story>A harbour&nbsp;wall"), 1)
    Page(url='https://harwick.example/1?copy=1', content_type='text/html', body=b'<p class=story>A boneregu&nbsp;wall')
    """
    if not copy:
        return page
    parts, at = [], 0
    for markup in MARKUP.finditer(page.body):
        parts += [reworded(page.body[at : markup.start()].decode("latin-1"), copy).encode("latin-1"), markup[0]]
        at = markup.end()
    parts.append(reworded(page.body[at:].decode("latin-1"), copy).encode("latin-1"))
    return Page(f"{page.url}{'&' if '?' in page.url else '?'}copy={copy}", page.content_type, b"".join(parts))


def reworded(text: str, copy: int) -> str:
    return WORD.sub(lambda word: coined(word[0], copy), text)


@lru_cache(maxsize=1_000_000)
def coined(word: str, copy: int) -> str:
    """A made-up word in the place of a word, or the word itself.

    >>> [coined(word, 1) for word in ("harbour", "council", "Harbour")]
    ['boneregu', 'tetorege', 'Boneregu']
    """
    chance = random.Random(f"{copy} {word.lower()}")
    if chance.random() > SHARE_CHANGED:
        return word
    made = made_up(chance, max(2, round(len(word) / 2)))
    return made.capitalize() if word[0].isupper() else made
