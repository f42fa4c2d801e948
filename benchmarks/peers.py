"""Near-duplicates side by side: our run and our stage, peers in environments of their own, and the usual recipes.

    python benchmarks/peers.py --shared SHARED [--rounds N] [--articles ARTICLES.jsonl[.gz]] [--only NAME ...]

All are given the same articles, cut into the same paragraphs (a line each), and what they find is written as our tables
and scored by SHARED/tools/gold.py on the labelled pairs. `clean run` reads the articles themselves. Time is that of the
whole process, imports and files included; *work* is from texts in memory to clusters; memory is the peak of all
processes together. The first run installs the peers below DIR, by their names, with pip.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from measuring import Measured, measure

HERE = Path(__file__).parent
RUNS = HERE / "peer_runs"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "copydesk-benchmarks"


@dataclass(frozen=True)
class Peer:
    """A program to be measured: a script of peer_runs/, run in an environment that has `packages`."""

    name: str
    script: str
    packages: tuple[str, ...] = ()  # the first one's version is shown; none: our own environment
    arguments: tuple[str, ...] = ()
    needs_folder: bool = False


TROVE = ("datatrove==0.10.1", "nltk", "orjson", "spacy", "tokenizers", "xxhash<4")  # 4 no longer hashes str
PEERS = (
    Peer("copydesk, near-duplicates alone", "copydesk_stage.py"),
    Peer("datatrove MinHash, 5 words, 14 × 8", "datatrove_minhash.py", TROVE, needs_folder=True),
    Peer("text-dedup MinHash, threshold 0.7", "text_dedup_minhash.py", ("text-dedup",), ("0.7",), True),
    Peer("text-dedup MinHash, threshold 0.5", "text_dedup_minhash.py", ("text-dedup",), ("0.5",), True),
    Peer("datasketch, 5 words, 14 × 8", "datasketch_lsh.py", (), ("5", "14", "8")),
    Peer("datasketch, 3 words, threshold 0.5", "datasketch_lsh.py", (), ("3", "0.5")),
    Peer("datasketch, 3 words, threshold 0.8", "datasketch_lsh.py", (), ("3", "0.8")),
)
#: Known, wanted, and not to be had: the reason is printed in the table.
ABSENT = {
    "passim 2.0.1": "not installed: it comes from its repository only; on PyPI the name belongs to a password checker",
}


@dataclass
class Row:
    """One line of the table."""

    name: str
    version: str
    measured: Measured
    work_seconds: float | None
    score: dict[str, float]
    load: float


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


def environment(packages: tuple[str, ...], cache: Path) -> Path:
    """The interpreter of an environment with these packages; made if it is not there."""
    if not packages:
        return Path(sys.executable)
    home = cache / packages[0].partition("==")[0]
    python = home / "bin/python"
    if not (home / "complete").exists():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        check(measure([str(python), "-m", "pip", "install", "--quiet", *packages]), f"pip install {packages[0]}")
        (home / "complete").touch()
    return python


def version_of(python: Path, package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def run_peer(peer: Peer, rows: list[dict[str, Any]], paragraphs: Path, cache: Path, gold: Any) -> Row:
    python = environment(peer.packages, cache)
    package = peer.packages[0].partition("==")[0] if peer.packages else peer.name.split(",")[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        work = [str(folder / "work")] if peer.needs_folder else []
        command = [
            str(python), str(RUNS / peer.script), str(paragraphs), str(folder / "clusters"), *work, *peer.arguments
        ]  # fmt: skip
        load = os.getloadavg()[0]
        measured = measure(command, {"PYTHONPATH": str(HERE.parent)} if not peer.packages else None)
        check(measured, peer.name)
        write_tables(rows, folder / "clusters", folder / "out")
        score = gold.score_pairs(gold.pair_gold(gold.HERE / "gold/pairs_dev"), gold.Passages(folder / "out"))
    last = json.loads(measured.output.splitlines()[-1])
    return Row(peer.name, version_of(python, package), measured, last["work_seconds"], score, load)


def run_ours(articles: Path, gold: Any) -> Row:
    """The whole of `clean run`."""
    with tempfile.TemporaryDirectory() as name:
        load = os.getloadavg()[0]
        clean = Path(sys.executable).with_name("clean")
        measured = measure([str(clean), "run", str(articles), "--out", f"{name}/out", "--quiet"])
        check(measured, "clean run")
        score = gold.score_pairs(gold.pair_gold(gold.HERE / "gold/pairs_dev"), gold.Passages(Path(name) / "out"))
    return Row("copydesk, whole `clean run`", version_of(Path(sys.executable), "copydesk"), measured, None, score, load)


class FailedError(Exception):
    """A peer that could not be installed or run, with the end of what it said."""


def check(measured: Measured, name: str) -> None:
    if measured.exit_code:
        print(measured.errors[-3000:], file=sys.stderr)
        last = (measured.errors.strip().splitlines() or [""])[-1]
        raise FailedError(f"{name} ended with exit code {measured.exit_code}: {last}")


def middle(rounds: list[Row]) -> Row:
    """The rounds of one peer as one line: median times, the greatest memory, the least load."""
    seconds = statistics.median(row.measured.seconds for row in rounds)
    memory = max(row.measured.peak_megabytes for row in rounds)
    work = [row.work_seconds for row in rounds if row.work_seconds]
    measured = replace(rounds[0].measured, seconds=seconds, peak_megabytes=memory)
    load = min(row.load for row in rounds)
    return replace(rounds[0], measured=measured, work_seconds=statistics.median(work) if work else None, load=load)


def show(rows: list[Row], absent: dict[str, str], paragraphs: int) -> None:
    print("| | version | s | ratio | work, s | paragraphs/s | peak MB | precision | recall | F1 | load before |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        work = f"{row.work_seconds:.2f} | {paragraphs / row.work_seconds:,.0f}" if row.work_seconds else "– | –"
        print(
            f"| {row.name} | {row.version} | {row.measured.seconds:.1f} | "
            f"{row.measured.seconds / rows[0].measured.seconds:.2f} | {work} | {row.measured.peak_megabytes:,.0f} | "
            f"{row.score['precision']:.3f} | {row.score['recall']:.3f} | {row.score['f1']:.3f} | {row.load:.1f} |"
        )
    for name, reason in absent.items():
        print(f"| {name} | | {reason} | | | | | | | | |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="the folder with data/, gold/ and tools/gold.py")
    parser.add_argument("--articles", type=Path, help="JSON Lines; default: SHARED/data/fnc_train.jsonl.gz")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where peers are installed; default: {CACHE}")
    parser.add_argument("--only", nargs="+", default=[""], help="beginnings of names: leave the others out")
    parser.add_argument("--rounds", type=int, default=1, help="the peers take turns; medians are shown")
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.shared.resolve() / "tools"))
    import gold  # noqa: PLC0415

    articles = arguments.articles or arguments.shared / "data/fnc_train.jsonl.gz"
    chosen = [peer for peer in PEERS if peer.name.startswith(tuple(arguments.only))]
    with tempfile.TemporaryDirectory() as folder:
        paragraphs = Path(folder) / "paragraphs.jsonl"
        rows = write_paragraphs(read_articles(articles), paragraphs)
        print(f"{len(rows):,} paragraphs, {os.cpu_count()} cores, Python {sys.version.split()[0]}\n", flush=True)
        rounds: dict[str, list[Row]] = {}
        absent = dict(ABSENT)
        tries: list[Callable[[], Row]] = [partial(run_ours, articles, gold)]
        tries += [partial(run_peer, peer, rows, paragraphs, arguments.cache, gold) for peer in chosen]
        for attempt in tries * arguments.rounds:
            try:
                row = attempt()
                rounds.setdefault(row.name, []).append(row)
                print(f"{row.name}: {row.measured.seconds:.1f} s", file=sys.stderr)
            except FailedError as error:
                absent[str(error).partition(" ended ")[0]] = str(error)
    show([middle(each) for each in rounds.values()], absent, len(rows))


if __name__ == "__main__":
    main()
