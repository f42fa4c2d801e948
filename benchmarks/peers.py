"""Near-duplicates side by side: our run and our stage, peers in environments of their own, and the usual recipes.

    python benchmarks/peers.py --shared SHARED [--rounds N] [--articles ARTICLES.jsonl[.gz]] [--only NAME ...]
                               [--passim DIR] [--cache DIR] [--keep DIR] [--limit SECONDS]

All are given the same articles, cut into the same paragraphs (a line each), and what they find is written as our tables
and scored by SHARED/tools/gold.py on the labelled pairs. `clean run` reads the articles themselves and does all else
that it does. Time is that of the whole process, imports and files included; *work* is from texts in memory to clusters;
processor time and peak memory are of all processes together. The first run installs the peers below --cache with pip,
each in an environment of its own; later runs use these. What cannot be installed or run is a line of the table with the
reason.

passim is in no package index. Give it as a checkout of its source: --passim DIR, or PASSIM_SOURCE=DIR. It needs Java.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import platform
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from measuring import Measured, measure
from peer_environments import (
    CACHE,
    DATATROVE,
    FailedError,
    check,
    environment,
    limited,
    missing_programs,
    version_of,
    work_seconds,
)

HERE = Path(__file__).parent
RUNS = HERE / "peer_runs"
WHOLE = "copydesk, whole `clean run`"
LONGEST_REASON = 300


@dataclass(frozen=True)
class Peer:
    """A program to be measured: a script of peer_runs/, run in an environment that has `packages`."""

    name: str
    script: str
    package: str  # whose version is shown
    packages: tuple[str, ...] = ()  # what pip is given; none: our own environment
    arguments: tuple[str, ...] = ()
    needs_folder: bool = False
    programs: tuple[str, ...] = ()  # not from pip
    reader: str = ""  # a script that makes clusters of what was found; it is not measured
    once: bool = False  # too slow for more than one round


STAGE = Peer("copydesk, near-duplicates alone", "copydesk_stage.py", "copydesk")
PEERS = (
    STAGE,
    Peer("datatrove MinHash, 5 words, 14 × 8", "datatrove_minhash.py", "datatrove", DATATROVE, needs_folder=True),
    Peer("text-dedup MinHash, threshold 0.7", "text_dedup_minhash.py", "text-dedup", ("text-dedup",), ("0.7",), True),
    Peer("text-dedup MinHash, threshold 0.5", "text_dedup_minhash.py", "text-dedup", ("text-dedup",), ("0.5",), True),
    Peer("datasketch, 5 words, 14 × 8", "datasketch_lsh.py", "datasketch", arguments=("5", "14", "8")),
    Peer("datasketch, 3 words, threshold 0.5", "datasketch_lsh.py", "datasketch", arguments=("3", "0.5")),
    Peer("datasketch, 3 words, threshold 0.8", "datasketch_lsh.py", "datasketch", arguments=("3", "0.8")),
)
PASSIM = "passim, defaults, all pairs"
NO_PASSIM = "not measured: it is in no package index; name a checkout of its source, --passim DIR or PASSIM_SOURCE=DIR"


def passim(source: Path) -> Peer:
    """passim from a folder with its setup.py; it fails with Spark 4."""
    packages = (str(source.resolve()), "pyspark<4", "pyarrow", "numpy", "setuptools")
    return Peer(
        PASSIM, "passim_run.py", "passim", packages, ("--all-pairs",), needs_folder=True, programs=("java",),
        reader="passim_links.py", once=True,
    )  # fmt: skip


@dataclass
class Row:
    """One line of the table."""

    name: str
    version: str
    measured: Measured
    work_seconds: float | None
    score: dict[str, float]
    load: float


@dataclass(frozen=True)
class Task:
    """What every peer is given, and how it is scored."""

    rows: list[dict[str, Any]]
    paragraphs: Path
    cache: Path
    limit: int
    gold: Any
    keep: Path | None = None

    def score(self, out: Path) -> dict[str, float]:
        pairs = self.gold.pair_gold(self.gold.HERE / "gold/pairs_dev")
        score: dict[str, float] = self.gold.score_pairs(pairs, self.gold.Passages(out))
        return score

    @contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        """Where a program writes; it stays if it is to be kept."""
        if self.keep is None:
            with tempfile.TemporaryDirectory() as temporary:
                yield Path(temporary)
            return
        place = self.keep / re.sub(r"\W+", "-", name).strip("-")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        yield place


def read_articles(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    return [json.loads(line) for line in text.split("\n") if line]


def write_paragraphs(articles: Sequence[dict[str, Any]], path: Path) -> list[dict[str, Any]]:
    """The articles' paragraphs, numbered, a line each."""
    rows: list[dict[str, Any]] = []
    for article in articles:
        doc = hashlib.sha256(f"{article['outlet']} {article['id']}".encode()).hexdigest()[:32]
        texts = [line.strip() for line in article["text"].split("\n") if line.strip()]
        for number, text in enumerate(texts):
            rows.append({"id": len(rows), "doc": doc, "source": article["id"], "paragraph": number, "text": text})
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return rows


def write_tables(rows: list[dict[str, Any]], clusters: Path, out: Path) -> None:
    """What a peer found, as our tables."""
    with clusters.open(encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    documents = {row["doc"]: row["source"] for row in rows}
    tables = {
        "documents": [{"doc_id": doc, "source_id": source} for doc, source in documents.items()],
        "paragraphs": [{name: row[n] for name, n in (("doc_id", "doc"), ("paragraph", "paragraph"), ("text", "text"))}
                       for row in rows],
        "passages": [{"cluster_id": each["cluster"], "doc_id": rows[each["id"]]["doc"], "start": 0,
                      "paragraph": rows[each["id"]]["paragraph"], "end": len(rows[each["id"]]["text"])}
                     for each in found] or [{"cluster_id": "", "doc_id": "", "start": 0, "paragraph": 0, "end": 0}],
    }  # fmt: skip
    for name, table in tables.items():
        folder = out / name / "run=peer"
        folder.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(table), folder / "part-0.parquet")


def run_peer(peer: Peer, task: Task) -> Row:
    missing_programs(peer.programs)
    python = environment(peer.package, peer.packages, task.cache)
    ours = {"PYTHONPATH": "" if peer.packages else str(HERE.parent)}
    with task.folder(peer.name) as folder:
        found, work = folder / "clusters", [str(folder / "work")] if peer.needs_folder else []
        files = [str(task.paragraphs), str(found), *work]
        load = os.getloadavg()[0]
        measured = measure(limited([str(python), str(RUNS / peer.script), *files, *peer.arguments], task.limit), ours)
        check(measured, peer.script)
        seconds = work_seconds(measured)
        if peer.reader:
            check(measure([str(python), str(RUNS / peer.reader), *files], ours), peer.reader)
        write_tables(task.rows, found, folder / "out")
        score = task.score(folder / "out")
    return Row(peer.name, version_of(python, peer.package), measured, seconds, score, load)


def run_ours(articles: Path, task: Task) -> Row:
    """The whole of `clean run`."""
    with task.folder(WHOLE) as folder:
        load = os.getloadavg()[0]
        out = str(folder / "out")
        clean = [str(Path(sys.executable).with_name("clean")), "run", str(articles), "--out", out, "--quiet"]
        measured = measure(limited(clean, task.limit))
        check(measured, "clean run")
        score = task.score(folder / "out")
    return Row(WHOLE, version_of(Path(sys.executable), "copydesk"), measured, None, score, load)


def attempt(tries: Sequence[tuple[str, Callable[[], Row]]]) -> tuple[dict[str, list[Row]], dict[str, str]]:
    """Each try's rows by its name, in order, and the reasons of those that failed; they are not tried again."""
    rounds: dict[str, list[Row]] = {}
    failed: dict[str, str] = {}
    for name, work in tries:
        if name in failed:
            continue
        try:
            row = work()
        except FailedError as error:
            rounds.pop(name, None)
            failed[name] = str(error)
            print(f"{name}: {error}", file=sys.stderr, flush=True)
        else:
            rounds.setdefault(name, []).append(row)
            print(f"{name}: {row.measured.seconds:.1f} s", file=sys.stderr, flush=True)
    return rounds, failed


def middle(rounds: list[Row]) -> Row:
    """The rounds of one peer as one line: median times, the greatest memory, the least load."""
    seconds = statistics.median(row.measured.seconds for row in rounds)
    processor = statistics.median(row.measured.processor_seconds for row in rounds)
    memory = max(row.measured.peak_megabytes for row in rounds)
    work = [row.work_seconds for row in rounds if row.work_seconds]
    measured = replace(rounds[0].measured, seconds=seconds, peak_megabytes=memory, processor_seconds=processor)
    load = min(row.load for row in rounds)
    return replace(rounds[0], measured=measured, work_seconds=statistics.median(work) if work else None, load=load)


COLUMNS = (
    "", "version", "s", "times the stage", "processor s", "work, s", "paragraphs/s", "peak MB", "precision", "recall",
    "F1", "load before",
)  # fmt: skip


def table(rows: list[Row], failed: dict[str, str], paragraphs: int) -> list[str]:
    """The lines of a Markdown table; times are also given as multiples of our stage's, if it was measured."""
    stage = [row.measured.seconds for row in rows if row.name == STAGE.name]
    lines = [f"| {' | '.join(COLUMNS)} |".replace("|  |", "| |", 1), "|" + "---|" * len(COLUMNS)]
    for row in rows:
        seconds = row.measured.seconds
        cells = [
            row.name, row.version, f"{seconds:.1f}", f"{seconds / stage[0]:.2f}" if stage else "–",
            f"{row.measured.processor_seconds:.1f}", f"{row.work_seconds:.2f}" if row.work_seconds else "–",
            f"{paragraphs / (row.work_seconds or seconds):,.0f}", f"{row.measured.peak_megabytes:,.0f}",
            *(f"{row.score[name]:.3f}" for name in ("precision", "recall", "f1")), f"{row.load:.1f}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    for name, reason in failed.items():
        words = " ".join(reason.replace("|", "/").split())
        lines.append(f"| {name} | | {words[:LONGEST_REASON]} |" + " |" * (len(COLUMNS) - 3))
    return lines


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = os.environ.get("PASSIM_SOURCE")
    parser.add_argument("--shared", type=Path, required=True, help="the folder with data/, gold/ and tools/gold.py")
    parser.add_argument("--articles", type=Path, help="JSON Lines; default: SHARED/data/fnc_train.jsonl.gz")
    parser.add_argument("--passim", type=Path, default=source and Path(source), help="a checkout of passim's source")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where peers are installed; default: {CACHE}")
    parser.add_argument("--keep", type=Path, help="a folder for what the programs write; default: it is deleted")
    parser.add_argument("--only", nargs="+", default=[""], help="beginnings of names: leave the others out")
    parser.add_argument("--rounds", type=int, default=1, help="all but passim take turns; medians are shown")
    parser.add_argument("--limit", type=int, default=1800, help="seconds after which a program is stopped")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    sys.path.insert(0, str(given.shared.resolve() / "tools"))
    import gold  # noqa: PLC0415

    articles = given.articles or given.shared / "data/fnc_train.jsonl.gz"
    peers = [*PEERS, *([passim(given.passim)] if given.passim else [])]
    only = tuple(given.only)
    with tempfile.TemporaryDirectory() as folder:
        paragraphs = Path(folder) / "paragraphs.jsonl"
        rows = write_paragraphs(read_articles(articles), paragraphs)
        print(f"{time.strftime('%Y-%m-%d')}, {len(rows):,} paragraphs, {os.cpu_count()} cores, ", end="")
        print(f"Python {sys.version.split()[0]}, {platform.platform()}\n", flush=True)
        task = Task(rows, paragraphs, given.cache, given.limit, gold, given.keep)
        tries: list[tuple[str, Callable[[], Row]]] = []
        for number in range(given.rounds):
            tries += [(WHOLE, partial(run_ours, articles, task))]
            tries += [(each.name, partial(run_peer, each, task)) for each in peers if not (each.once and number)]
        found, failed = attempt([each for each in tries if each[0].startswith(only)])
    if not given.passim and PASSIM.startswith(only):
        failed[PASSIM] = NO_PASSIM
    print("\n".join(table([middle(each) for each in found.values()], failed, len(rows))))


if __name__ == "__main__":
    main()
