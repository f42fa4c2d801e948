"""A night against a long history: how long `clean run` takes over 2,000 new articles, and in how much memory, after
none, a tenth and all of so many sentences of history.

    python benchmarks/nights.py [--sentences 5000000] [--articles 2000] [--workers 2] [--folder DIR] [--only-build]

History is made by `clean run` too: made-up articles, 8,000 a run at most, published one after another into one output.
A fifth of all sentences are copies of 50,000 that the whole history shares. Words are made up but for function words,
and as unevenly common as words are. What is built is kept in DIR and used again; each night is cleaned into a copy of
it. With `--straight` history goes straight into the index, all but one article of it without tables: a quarter of the
time, and all that matching looks at.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from measuring import Measured, measure
from pyarrow import feather

from pipeline import settings
from pipeline.passages import matching
from pipeline.passages.passage_index import FOLDER, PassageIndex
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import dataset
from stages import near_duplicates
from stages.contract import DOCUMENT, PARAGRAPH_BREAK

SENTENCES_PER_ARTICLE, WORDS, COPIED, REMEMBERED = 24, 20, 0.2, 50_000
FUNCTION_WORDS = ("the", "of", "and", "to", "a", "in", "that", "is", "was", "for", "on", "with", "as", "by", "at", "it")
VOCABULARY = 300_000
MOST_ARTICLES = 8000  # of a run of history
PER_FILE = 1000  # articles of a file of evidence
START = datetime(2030, 1, 1, tzinfo=UTC)


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


def articles(night: int, count: int) -> Iterator[dict[str, Any]]:
    """The made-up articles of a night; what they copy are sentences of a stock that all nights share."""
    words = vocabulary()
    stock = sentences(np.random.default_rng(0), words, REMEMBERED)
    chance = np.random.default_rng(night + 1)
    for n in range(count):
        made = sentences(chance, words, SENTENCES_PER_ARTICLE)
        for at in np.flatnonzero(chance.random(len(made)) < COPIED):
            made[at] = stock[chance.integers(len(stock))]
        lines = [f"{one} {other}" for one, other in zip(made[::2], made[1::2], strict=True)]
        outlet = f"outlet-{n % 40}"
        yield {"url": f"https://{outlet}.example/{night}/{n}", "outlet": outlet, "text": PARAGRAPH_BREAK.join(lines),
               "published": START + timedelta(days=night, seconds=n)}  # fmt: skip


def cleaned(night: int, count: int, out: Path, workers: int) -> Measured:
    """`clean run` over a night, measured."""
    news = out.with_suffix(".jsonl")
    news.parent.mkdir(parents=True, exist_ok=True)
    with news.open("w", encoding="utf-8") as file:
        for article in articles(night, count):
            file.write(json.dumps(article, default=str) + "\n")
    options = ["--out", str(out), "--workers", str(workers), "--run-id", f"night-{night:06d}", "--quiet"]
    options.append("--allow-drift")  # a night is smaller than the runs of history
    measured = measure([sys.executable, "-c", "from pipeline.cli import main; main()", "run", str(news), *options])
    news.unlink()
    if measured.exit_code:
        sys.exit(measured.errors)
    return measured


def gather(night: int, count: int, folder: Path) -> None:
    """Evidence of a night of history, in a file of its own; one that is there is left."""
    if (folder / "evidence" / f"{night:06d}.documents.arrow").exists():
        return
    fixed = {"source_uri": "", "kind": "text", "raw_sha256": ""}
    rows = [
        article | fixed | {"doc_id": hashlib.sha256(article["url"].encode()).hexdigest()[:32]}
        for article in articles(night, count)
    ]
    evidence = near_duplicates.evidence(pa.Table.from_pylist(rows, schema=DOCUMENT))
    for kind, table in evidence._asdict().items():
        feather.write_feather(table, folder / "evidence" / f"{night:06d}.{kind}.arrow", compression="lz4")


def straight(folder: Path, runs: int, count: int, workers: int) -> Path:
    """An output folder of one run of one article, whose index knows so many more articles."""
    out, work = folder / f"straight-{runs}", folder / f"straight-{runs}.evidence"
    if (out / FOLDER / "000000-000000").is_dir() and not work.exists():
        return out
    if not OutputFolder(out).runs():
        cleaned(0, 1, out, workers)
    (work / "evidence").mkdir(parents=True, exist_ok=True)
    nights = range(1, runs * count // PER_FILE + 1)
    for night in nights:
        gather(night, PER_FILE, work)
    chosen, names = settings.parse({}), [f"{night:06d}" for night in nights]
    empty = PassageIndex(work, [], chosen.near_duplicates)
    run = OutputFolder(out).runs()[0]
    matcher = matching.PassageMatching(work, chosen.near_duplicates, empty, run, chosen.run.resolve_documents, workers)
    began = time.perf_counter()
    found = sum(len(each.found) for each in matching.extensions(matcher, names)) if names else 0
    print(
        json.dumps({"passages": found, "seconds": round(time.perf_counter() - began, 1)}), file=sys.stderr, flush=True
    )
    if names:
        shutil.rmtree(out / FOLDER)
        PassageIndex(out, [run], chosen.near_duplicates).publish(work / matching.SEGMENT, 0)
    shutil.rmtree(work)
    return out


def linked(source: Path, target: Path) -> None:
    """A copy of an output folder that takes no room: `clean run` never changes a file in place."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, copy_function=os.link)


def build(folder: Path, runs: int, count: int, workers: int, seconds: float) -> Path:
    """An output folder of so many runs of history, each of so many articles, built from the longest one that is there;
    after so many seconds the rest is left to the next call."""
    target = folder / f"history-{runs}"
    if target.is_dir():
        return target
    growing, began = folder / "growing", time.perf_counter()
    growing.mkdir(parents=True, exist_ok=True)
    for number in range(len(OutputFolder(growing).runs()), runs):
        if time.perf_counter() - began > seconds:
            sys.exit(f"{number} of {runs} runs of history are there: call again")
        took = cleaned(number, count, growing, workers).seconds
        print(json.dumps({"run_of_history": number, "seconds": round(took, 1)}), file=sys.stderr, flush=True)
    linked(growing, target)
    return target


def night_after(history: Path, count: int, workers: int) -> dict[str, Any]:
    """A night after the runs of a history: seconds, memory, and what it found."""
    out, runs = history.with_name("out"), len(OutputFolder(history).runs())
    linked(history, out)
    measured = cleaned(10_000 + runs, count, out, workers)
    run = OutputFolder(out).runs()[-1]
    counts = OutputFolder(out).manifest(run)["counts"]
    copies = dataset(out, "passages", run).to_table(["is_canonical"])["is_canonical"].to_pylist().count(False)
    sizes = {
        name: round(sum(path.stat().st_size for path in (history / name).rglob("*") if path.is_file()) / 1e6)
        for name in ("index", "documents")
    }
    shutil.rmtree(out)
    index = PassageIndex(history, OutputFolder(history).runs(), settings.parse({}).near_duplicates)
    held = sum(len(segment.columns["start"]) for segment in index.history)
    row = {"runs": runs, "sentences_of_history": held, "articles": count}
    row |= {"copies": copies, "megabytes_on_disk": sizes}
    for name in ("seconds", "peak_megabytes", "largest_process_megabytes"):
        row[name] = round(getattr(measured, name), 1)
    stages = {name: round(counts["seconds"][name], 1) for name in ("near_duplicates", "templates", "flows")}
    return row | {"seconds_of_stages": stages}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=5_000_000)
    parser.add_argument("--articles", type=int, default=2000, help="of the night")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where history is built and kept; default: a temporary folder")
    parser.add_argument("--only-build", action="store_true", help="build the history, measure nothing")
    parser.add_argument("--straight", action="store_true", help="history straight into the index")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of building, after which to stop")
    arguments = parser.parse_args()
    needed = -(-arguments.sentences // SENTENCES_PER_ARTICLE)
    count = min(MOST_ARTICLES, -(-needed // 2))
    runs = -(-needed // count)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        for number in (0, -(-runs // 10), runs):
            if arguments.straight:
                history = straight(folder, number, count, arguments.workers)
            else:
                history = build(folder, number, count, arguments.workers, arguments.seconds)
            if not arguments.only_build:
                print(json.dumps(night_after(history, arguments.articles, arguments.workers)), flush=True)


if __name__ == "__main__":
    main()
