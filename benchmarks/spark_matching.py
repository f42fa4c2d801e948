"""Passage matching on Spark beside the local engine: growth, and one formula in a fifth of all paragraphs.

    python benchmarks/spark_matching.py growth SHARED [--paragraphs 100000 1000000]
    python benchmarks/spark_matching.py skew SHARED [--paragraphs 100000]
    python benchmarks/spark_matching.py news SHARED

Corpora are those of grown.py; `news` takes the 1,683 articles. Evidence is gathered once; then each engine matches it
in a process of its own, Spark on a standalone cluster of two workers (an executor with one core and 1 GB of heap each).
Printed are seconds, processor time of all processes, the largest process, the memory of an executor (Java alone, and
with its Python), bytes of shuffles, and whether both found the same. Needs Java.
With --in-memory shuffles are made in the process itself, without Spark: the cost of what Python does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from grown import coined, grow
from measuring import descendants, measure, proportional_megabytes
from near_duplicates import documents_table, load
from pyarrow import feather

from pipeline.passages import matching
from pipeline.passages import spark as spark_matching
from pipeline.passages.passage_index import PassageIndex
from stages import near_duplicates
from stages.near_duplicates import Settings
from tests.helpers.shuffles_in_memory import Session
from tests.helpers.spark_cluster import SparkCluster, spark_cluster

BATCH = 256
EXECUTOR_MEMORY = "1g"
SECONDS_BETWEEN_LOOKS = 0.5
FORMULA = "Readers who want to hear of the next ferry before it sails can leave word with the harbour office at {} {}."
SHARE = 0.2


def with_formula(articles: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The articles with a formula, whose last words differ, in the place of a fifth of their paragraphs."""
    chance = random.Random(1)
    for article in articles:
        lines = [
            FORMULA.format(coined(chance), coined(chance)) if chance.random() < SHARE else line
            for line in article["text"].split("\n")
        ]
        yield article | {"text": "\n".join(lines)}


def gather(articles: Iterator[dict[str, Any]], folder: Path) -> int:
    """Write the evidence of articles as a run does; return how many paragraphs there are."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "evidence").mkdir(parents=True)
    paragraphs, batch, number = 0, [], 0
    for article in articles:
        batch.append(article)
        if len(batch) == BATCH:
            paragraphs, number, batch = paragraphs + put(batch, folder, number), number + 1, []
    return paragraphs + (put(batch, folder, number) if batch else 0)


def put(batch: list[dict[str, Any]], folder: Path, number: int) -> int:
    evidence = near_duplicates.evidence(documents_table(batch))
    for kind, table in evidence._asdict().items():
        feather.write_feather(table, matching.evidence_path(folder, f"{number:06d}", kind), compression="lz4")
    return len(evidence.paragraphs)


def match(folder: Path, engine: str) -> dict[str, Any]:
    """Match the evidence in a folder, in this process."""
    settings = Settings()
    names = sorted({path.name[:6] for path in (folder / "evidence").iterdir()})
    task = matching.PassageMatching(folder, settings, PassageIndex(folder / "out", [], settings), "grown", 20_000, 2)
    parts = {at // 16: names[at : at + 16] for at in range(0, len(names), 16)}
    if engine == "local":
        began, busy = time.perf_counter(), time.process_time()
        found = matching.resolve(task, parts)
        seconds, busy = time.perf_counter() - began, time.process_time() - busy
        return {"seconds": round(seconds, 1), "matching_processor_s": round(busy, 2), "passages": found.passages}
    if engine == "memory":
        session = Session(rows_at_once=10_000)
        busy = time.process_time()
        found = spark_matching.resolve(session, task, parts)  # type: ignore[arg-type]
        busy = round(time.process_time() - busy, 2)
        return {"matching_processor_s": busy, "passages": found.passages, "shuffled": session.bytes_dealt}
    with spark_cluster(folder / "cluster", executor_memory=EXECUTOR_MEMORY, java="") as cluster:
        return match_on(cluster, task, parts)


def match_on(cluster: SparkCluster, task: matching.PassageMatching, parts: dict[int, list[str]]) -> dict[str, Any]:
    """Match on the executors of a cluster, and look at what memory they take."""
    with cluster.session() as spark, Executors() as executors:
        began = time.perf_counter()
        found = spark_matching.resolve(spark, task, parts)
        seconds = time.perf_counter() - began
        known = spark.sparkContext._jsc.sc().statusStore().executorList(True)
        shuffled = sum(known.apply(at).totalShuffleWrite() for at in range(known.size()))
    return {"seconds": round(seconds, 1), "passages": found.passages, "shuffled": shuffled} | executors.peaks


class Executors(Thread):
    """Looks at the memory of each executor, Java alone and with its Python processes; shared pages are divided."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.left = Event()
        self.peaks = {"executor_java_mb": 0, "executor_mb": 0}

    def __enter__(self) -> Executors:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.left.set()
        self.join()

    def run(self) -> None:
        while not self.left.wait(SECONDS_BETWEEN_LOOKS):
            for process in descendants(os.getpid()):
                if is_executor(process):
                    sizes = [round(proportional_megabytes(each)) for each in descendants(process)]
                    found = {"executor_java_mb": sizes[0], "executor_mb": sum(sizes)}
                    self.peaks = {name: max(found[name], peak) for name, peak in self.peaks.items()}


def is_executor(process: int) -> bool:
    """Tell if a process is Java running an executor."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[0].endswith(b"java") and any(b"CoarseGrainedExecutorBackend" in word for word in words)


def rows(folder: Path) -> list[str]:
    found = []
    for path in sorted((folder / "found").glob("*.arrow")) + sorted((folder / "relations").glob("*.arrow")):
        found += map(repr, feather.read_table(path).to_pylist())
    return sorted(found)


def compared(folder: Path, name: str, paragraphs: int, other: str) -> dict[str, Any]:
    """Match the evidence in a folder with both engines; what each took, and whether they found the same."""
    row: dict[str, Any] = {"corpus": name, "paragraphs": paragraphs}
    results = {}
    for engine in ("local", other):
        here = folder.with_name(f"{folder.name}-{engine}")
        shutil.rmtree(here, ignore_errors=True)
        here.mkdir()
        (here / "evidence").symlink_to(folder / "evidence")
        measured = measure([sys.executable, __file__, "match", str(here), "--engine", engine])
        if measured.exit_code:
            sys.exit(measured.errors[-4000:])
        figures = json.loads(measured.output.splitlines()[-1])
        row |= {f"{engine}_{name}": value for name, value in figures.items()}
        row[f"{engine}_processor_s"] = round(measured.processor_seconds, 1)
        row[f"{engine}_largest_process_mb"] = round(measured.largest_process_megabytes)
        results[engine] = rows(here)
    row["bytes_shuffled_per_paragraph"] = round(row[f"{other}_shuffled"] / paragraphs)
    row["same"] = results["local"] == results[other]
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["growth", "skew", "news", "match"])
    parser.add_argument("folder", type=Path, help="the folder with data/ and tools/gold.py")
    parser.add_argument("--paragraphs", type=int, nargs="+", default=[100_000])
    parser.add_argument("--in-memory", action="store_true", help="shuffles without Spark")
    parser.add_argument("--engine", choices=["local", "spark", "memory"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.what == "match":  # in a process of its own
        print(json.dumps(match(arguments.folder, arguments.engine)))
        return
    other = "memory" if arguments.in_memory else "spark"
    articles = load(arguments.folder)[1]
    texts = [line for a in articles for line in a["text"].split("\n") if len(line.split()) >= 12]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "corpus"
        if arguments.what == "news":
            print(json.dumps(compared(folder, "news", gather(iter(articles), folder), other)), flush=True)
            return
        for paragraphs in arguments.paragraphs:
            corpora = {"grown": grow(texts, paragraphs, [])}
            if arguments.what == "skew":
                corpora["with a formula"] = with_formula(grow(texts, paragraphs, []))
            for kind, grown in corpora.items():
                print(json.dumps(compared(folder, kind, gather(grown, folder), other)), flush=True)


if __name__ == "__main__":
    main()
