"""Spark against the local engine, on a standalone cluster of two workers on this machine: overhead, partitions, kills.

    python benchmarks/spark.py overhead [--articles 1000 4000 16000] [--rounds 2]
    python benchmarks/spark.py partitions NEWS… [--partitions 1 2 7 64]
    python benchmarks/spark.py kills NEWS… [--times 5] [--phases map shuffle verification publishing]

`overhead` cleans made-up articles (benchmarks/memory.py) with both engines by turns, two processes each. `partitions`
and `kills` clean NEWS with the local engine once, and then with Spark: with other numbers of partitions, and with a
worker and its executors killed (kill -9) as soon as a phase has begun; another worker is started in its place. All
tables are compared by value after sorting. Each prints a table for docs/method/benchmarks.md; the exit code is 1 where
tables differ. It needs Java.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.compare_tables import TABLES, rows_of
from benchmarks.memory import Watch, articles, descendants, processor_seconds
from pipeline import settings
from pipeline.api import RunReport, RunRequest, clean
from tests.helpers.spark_cluster import SparkCluster, spark_cluster

#: Files of a staged run by which a phase is known to be under way.
BEGUN = {
    "map": "cleaned/*.arrow",
    "shuffle": "read/*.ids.arrow",
    "verification": "spark/steps/columns.json",
    "publishing": "documents/*.parquet",
}
SECONDS_BETWEEN_LOOKS = 0.02
#: Batches small enough that there are many tasks to be killed in; and executors match, however few documents there are.
SMALL = {
    "run": {"batch_documents": 64, "part_documents": 256, "max_failed_share": 1.0},
    "spark": {"driver_matches": 0},
}


def run_on(
    news: Sequence[str], out: Path, cluster: SparkCluster | None, given: dict[str, Any], partitions: int = 0
) -> RunReport:
    """Clean news with Spark on the cluster, or without one with the local engine."""
    chosen = settings.parse(given)
    engine = "local"
    if cluster:
        chosen = settings.with_cluster(chosen, cluster.master, cluster.conf, partitions)
        engine = "spark"
    return clean(RunRequest(news, out, chosen, 2, run_id="r", engine=engine))


def differing(before: Path, after: Path) -> list[str]:
    """The tables whose rows differ."""
    return [
        name for name in TABLES if sorted(map(repr, rows_of(before, name))) != sorted(map(repr, rows_of(after, name)))
    ]


class Taken(NamedTuple):
    """Seconds on the clock, and of the processor in all processes, the cluster's too."""

    clock: float
    processor: float


def taken(work: Callable[[], object]) -> Taken:
    """Do work and return what it took. Processor time is what other work on the machine moves least."""
    before = {process: processor_seconds(process) for process in descendants(os.getpid())}
    watch, begun = Watch(os.getpid()), time.perf_counter()
    watch.start()
    work()
    clock = time.perf_counter() - begun
    watch.done.set()
    watch.join()
    return Taken(clock, sum(busy - before.get(process, 0.0) for process, busy in watch.busy.items()))


def overhead(folder: Path, sizes: Sequence[int], rounds: int) -> Iterator[str]:
    yield "| articles | local: s, processor s | Spark: s, processor s | ratio: s, processor s | tables |"
    yield "|---|---|---|---|---|"
    with spark_cluster(folder / "cluster", java="") as cluster:
        for number in sizes:
            news = written(folder / f"news-{number}", number)
            took: dict[str, list[Taken]] = {"local": [], "spark": []}
            for turn in range(rounds):
                for engine, on in (("local", None), ("spark", cluster)):
                    out = folder / f"{engine}-{number}-{turn}"
                    took[engine].append(taken(partial(run_on, [str(news)], out, on, {})))
            same = differing(folder / f"local-{number}-0", folder / f"spark-{number}-0")
            local, spark = (Taken(*map(statistics.median, zip(*took[engine], strict=True))) for engine in took)
            ratios = f"{spark.clock / local.clock:.1f}, {spark.processor / local.processor:.1f}"
            both = " | ".join(f"{each.clock:.0f}, {each.processor:.0f}" for each in (local, spark))
            yield f"| {number:,} | {both} | {ratios} | {same or 'identical'} |"


def written(folder: Path, number: int) -> Path:
    """Write so many made-up articles into a folder of eight files."""
    folder.mkdir()
    # Dates of the past: those of the future get rows that say how far from the run they are.
    past = (article | {"published": f"2020{article['published'][4:]}"} for article in articles(number, 10))
    lines = [json.dumps(article) for article in past]
    for n in range(8):
        text = "\n".join(lines[n * number // 8 : (n + 1) * number // 8])
        (folder / f"{n}.jsonl").write_text(text, encoding="utf-8")
    return folder


def partitions(folder: Path, news: Sequence[str], numbers: Sequence[int]) -> Iterator[str]:
    yield "| partitions | Spark s | tables |"
    yield "|---|---|---|"
    run_on(news, folder / "local", None, SMALL)
    with spark_cluster(folder / "cluster") as cluster, cluster.session():
        for number in numbers:
            begun = time.perf_counter()
            run_on(news, folder / f"spark-{number}", cluster, SMALL, number)
            same = differing(folder / "local", folder / f"spark-{number}")
            yield f"| {number} | {time.perf_counter() - begun:.0f} | {same or 'identical'} |"


def kills(folder: Path, news: Sequence[str], times: int, phases: Sequence[str]) -> Iterator[str]:
    yield "| worker killed in | times | job finished | tables identical | s more than without |"
    yield "|---|---|---|---|---|"
    run_on(news, folder / "local", None, SMALL)
    with spark_cluster(folder / "cluster") as cluster, cluster.session():
        run_on(news, folder / "warm", cluster, SMALL)
        begun = time.perf_counter()
        run_on(news, folder / "calm", cluster, SMALL)
        calm = time.perf_counter() - begun
        for phase in phases:
            finished = identical = 0
            more = []
            for turn in range(times):
                out, begun = folder / f"{phase}-{turn}", time.perf_counter()
                with killing(cluster, out / ".staging" / "r", BEGUN[phase]) as killed:
                    run_on(news, out, cluster, SMALL)
                more.append(time.perf_counter() - begun - calm)
                finished += killed.is_set()
                identical += not differing(folder / "local", out)
            yield f"| {phase} | {times} | {finished} | {identical} | {statistics.median(more):.0f} |"


class killing:  # noqa: N801 - a context manager
    """Kill a worker of the cluster as soon as the staged run has a file like that; the event tells that it was done."""

    def __init__(self, cluster: SparkCluster, staged: Path, pattern: str) -> None:
        self.cluster, self.staged, self.pattern = cluster, staged, pattern
        self.killed, self.left = Event(), Event()
        self.thread = Thread(target=self._kill, daemon=True)

    def __enter__(self) -> Event:
        self.thread.start()
        return self.killed

    def __exit__(self, *_: object) -> None:
        self.left.set()
        self.thread.join()

    def _kill(self) -> None:
        while not self.left.wait(SECONDS_BETWEEN_LOOKS):
            if next(self.staged.glob(self.pattern), None):
                self.cluster.kill_worker(self.cluster.workers[-1])
                self.killed.set()
                self.cluster.start_worker()
                return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("overhead", "partitions", "kills"))
    parser.add_argument("news", nargs="*", metavar="NEWS")
    parser.add_argument("--articles", type=int, nargs="+", default=[1000, 4000, 16000])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--partitions", type=int, nargs="+", default=[1, 2, 7, 64])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--phases", nargs="+", choices=BEGUN, default=list(BEGUN))
    parser.add_argument("--folder", type=Path, help="where to work; default: a temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        lines = {
            "overhead": lambda: overhead(folder, given.articles, given.rounds),
            "partitions": lambda: partitions(folder, given.news, given.partitions),
            "kills": lambda: kills(folder, given.news, given.times, given.phases),
        }[given.what]()
        differ = False
        for line in lines:
            print(line, flush=True)
            differ = differ or "['" in line
    sys.exit(differ)


if __name__ == "__main__":
    main()
