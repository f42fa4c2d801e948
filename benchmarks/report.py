"""The report of a grown corpus: bytes of the page, seconds and memory to make it, seconds to open it in Chromium.

    python benchmarks/report.py ARTICLES.jsonl.gz [--documents 10000]

Articles of a JSON Lines file are made into as many as are wanted, of 40 outlets: each is a copy of one of them in which
most words of two sentences in three are made up, so that the corpus has copied passages as real news has.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from grown import fresh
from measuring import measure
from playwright.sync_api import sync_playwright

OUTLETS = 40
KEPT = 1 / 3  # share of the sentences that stay as they are
SENTENCE = re.compile(r"(?<=[.!?])\s+")
START = datetime(2031, 5, 4, tzinfo=UTC)


def grown_articles(texts: list[str], documents: int) -> Iterator[dict[str, str]]:
    chance = random.Random(1)
    for n in range(documents):
        parts = texts[n % len(texts)].split("\n")
        made = [
            " ".join(each if chance.random() < KEPT else fresh(each, chance) for each in SENTENCE.split(part))
            for part in parts
        ]
        outlet, published = f"outlet-{chance.randrange(OUTLETS)}", START + timedelta(minutes=chance.randrange(40_000))
        yield {"id": str(n), "outlet": outlet, "published": published.isoformat(), "text": "\n".join(made)}


def seconds_to_open(page: Path) -> float:
    """Open a page in a fresh browser window; return the seconds until it is loaded and its charts are drawn."""
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        tab = browser.new_page()
        began = time.perf_counter()
        tab.goto(page.as_uri())
        tab.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
        taken = time.perf_counter() - began
        browser.close()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--documents", type=int, default=10_000)
    options = parser.parse_args()
    with gzip.open(options.articles, "rt", encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    with tempfile.TemporaryDirectory() as folder:
        source, out, page = (Path(folder, name) for name in ("in.jsonl", "out", "report.html"))
        lines = (json.dumps(each) + "\n" for each in grown_articles(texts, options.documents))
        with source.open("w", encoding="utf-8") as file:
            file.writelines(lines)
        clean = [sys.executable, "-m", "copydesk"]
        measure([*clean, "run", str(source), "--out", str(out), "--quiet", "--workers", "1"])
        made = measure([*clean, "report", "--out", str(out), "-o", str(page)])
        print(
            f"documents {options.documents:,} · page {page.stat().st_size / 1e6:.2f} MB · made in {made.seconds:.1f} s"
        )
        print(f"memory {made.peak_megabytes:.0f} MB · opened in {seconds_to_open(page):.2f} s")


if __name__ == "__main__":
    main()
