"""A small night against a long history: how long `clean run` takes over 2,000 new articles, and in how much memory,
after none, a tenth and all of so many sentences of history.

    python benchmarks/nights.py [--sentences 5000000] [--articles 2000] [--folder DIR]

History is made up and goes straight into the index, as evidence: a fifth of its sentences, and of those of the night,
are copies of earlier ones. Words are made up but for function words, and as unevenly common as words are.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from measuring import Measured, measure
from pyarrow import feather

from pipeline import matching, settings
from pipeline.history_index import FOLDER, Index
from pipeline.store import Store
from pipeline.tables import dataset
from stages import near_duplicates
from stages.contract import DOCUMENT, PARAGRAPH_BREAK

SENTENCES_PER_ARTICLE, WORDS, COPIED, REMEMBERED = 24, 20, 0.2, 50_000
FUNCTION_WORDS = ("the", "of", "and", "to", "a", "in", "that", "is", "was", "for", "on", "with", "as", "by", "at", "it")
VOCABULARY = 300_000
ARTICLES_PER_FILE = 1000
START = datetime(2030, 1, 1, tzinfo=UTC)


class Part(NamedTuple):
    """A thousand articles of made-up history: which, and where the evidence of them goes."""

    number: int
    folder: Path


def vocabulary() -> np.ndarray[Any, Any]:
    """Made-up words, after function words."""
    syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
    count = len(syllables)
    made = [
        syllables[n % count] + syllables[n // count % count] + syllables[n // count**2 % count] + "nt"
        for n in range(VOCABULARY)
    ]
    return np.array([*FUNCTION_WORDS, *made], object)


def sentences(chance: np.random.Generator, words: np.ndarray[Any, Any], count: int) -> list[str]:
    """Made-up sentences: two words in five are function words."""
    ranks = np.exp(chance.random((count, WORDS)) * np.log(VOCABULARY / 300 + 1))  # as 1 / (rank + 300)
    content = len(FUNCTION_WORDS) + np.minimum((ranks - 1) * 300, VOCABULARY - 1).astype(np.int64)
    function = chance.integers(0, len(FUNCTION_WORDS), (count, WORDS))
    chosen = words[np.where(chance.random((count, WORDS)) < 0.4, function, content)]
    return [" ".join(row).capitalize() + "." for row in chosen.tolist()]


def articles(number: int, count: int, published: datetime) -> Iterator[dict[str, Any]]:
    """Made-up articles; what they copy are sentences of a stock that all history shares."""
    words = vocabulary()
    stock = sentences(np.random.default_rng(0), words, REMEMBERED)
    chance = np.random.default_rng(number + 1)
    for n in range(count):
        made = sentences(chance, words, SENTENCES_PER_ARTICLE)
        for at in np.flatnonzero(chance.random(len(made)) < COPIED):
            made[at] = stock[chance.integers(len(stock))]
        lines = [f"{one} {other}" for one, other in zip(made[::2], made[1::2], strict=True)]
        outlet = f"outlet-{n % 40}"
        yield {"url": f"https://{outlet}.example/{number}/{n}", "outlet": outlet, "text": PARAGRAPH_BREAK.join(lines),
               "published": published + timedelta(seconds=n)}  # fmt: skip


def gather(part: Part) -> None:
    """Evidence of a thousand articles of history."""
    rows = [
        {**article, "doc_id": hashlib.sha256(article["url"].encode()).hexdigest()[:32], "source_uri": "",
         "kind": "text", "raw_sha256": ""}
        for article in articles(part.number, ARTICLES_PER_FILE, START + timedelta(hours=part.number))
    ]  # fmt: skip
    evidence = near_duplicates.evidence(pa.Table.from_pylist(rows, schema=DOCUMENT), settings.parse({}).near_duplicates)
    for kind, table in evidence._asdict().items():
        feather.write_feather(table, part.folder / "evidence" / f"{part.number:06d}.{kind}.arrow", compression="lz4")


def with_history(out: Path, size: int) -> None:
    """An output folder of one tiny run, whose index knows so many made-up sentences."""
    first = run(write(out.with_suffix(".first.jsonl"), 999_999, 1), out, "--run-id", "first")
    if first.exit_code:
        sys.exit(first.errors)
    if size == 0:
        return
    chosen, folder = settings.parse({}), out.with_suffix(".history")
    (folder / "evidence").mkdir(parents=True)
    files = -(-size // (SENTENCES_PER_ARTICLE * ARTICLES_PER_FILE))
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(gather, [Part(number, folder) for number in range(files)]))
    matcher = matching.Matcher(
        folder, chosen.near_duplicates, Index(out, [], chosen.near_duplicates), "first", chosen.run.resolve_documents, 2
    )
    began = time.perf_counter()
    for _ in matching.extensions(matcher, [f"{number:06d}" for number in range(files)]):
        pass
    shutil.rmtree(out / FOLDER)
    index = Index(out, Store(out).runs(), chosen.near_duplicates)
    index.publish(folder / matching.SEGMENT, 0)
    shutil.rmtree(folder)
    size_on_disk = sum(path.stat().st_size for path in (out / FOLDER).rglob("*") if path.is_file())
    told = {"index_seconds": round(time.perf_counter() - began, 1), "index_megabytes": round(size_on_disk / 2**20)}
    print(json.dumps({"sentences": size, **told}), flush=True)


def run(path: Path, out: Path, *options: str) -> Measured:
    """`clean run`, measured."""
    code = "from pipeline.cli import main; main()"
    return measure([sys.executable, "-c", code, "run", str(path), "--out", str(out), "--quiet", *options])


def write(path: Path, number: int, count: int) -> Path:
    """A file of articles."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for article in articles(number, count, START + timedelta(days=400)):
            file.write(json.dumps(article, default=str) + "\n")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=5_000_000)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--folder", type=Path, help="where to work; default: a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        for size in (0, arguments.sentences // 10, arguments.sentences):
            out = Path(name) / f"after-{size}"
            with_history(out, size)
            night = write(Path(name) / "night.jsonl", 500_000, arguments.articles)
            measured = run(night, out)
            if measured.exit_code:
                sys.exit(measured.errors)
            found = len(dataset(out, "passages", Store(out).runs()[-1]).to_table(["cluster_id"]))
            row = {"sentences_of_history": size, "articles": arguments.articles, "passages": found}
            for column in ("seconds", "peak_megabytes", "largest_process_megabytes"):
                row[column] = round(getattr(measured, column), 1)
            of_stages = Store(out).manifest(Store(out).runs()[-1])["counts"]["seconds"]
            print(json.dumps(row | {"matching": round(of_stages["near_duplicates"], 1)}), flush=True)


if __name__ == "__main__":
    main()
