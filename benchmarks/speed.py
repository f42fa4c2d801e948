"""How long `clean run` takes beside a plain trafilatura loop, and what memory: each in a fresh process, taking turns.

    python benchmarks/speed.py --shared SHARED [--rounds N]

On the pages: `clean run`, all stages and tables, against one process that calls `trafilatura.extract`, defaults.
On the articles, which are text: `clean run` alone. Seconds include starting Python and imports; medians over rounds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from measuring import Measured, measure

PLAIN = """
import sys
import trafilatura
from fastwarc.warc import ArchiveIterator, WarcRecordType

with open(sys.argv[1], "rb") as stream:
    for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
        trafilatura.extract(record.reader.read())
"""


def clean_run(source: Path) -> Measured:
    with tempfile.TemporaryDirectory() as out:
        clean = Path(sys.executable).with_name("clean")
        return ended(measure([str(clean), "run", str(source), "--out", out, "--quiet"]), "clean run")


def plain_loop(source: Path) -> Measured:
    return ended(measure([sys.executable, "-c", PLAIN, str(source)]), "the trafilatura loop")


def ended(measured: Measured, name: str) -> Measured:
    if measured.exit_code:
        raise SystemExit(f"{name} ended with exit code {measured.exit_code}:\n{measured.errors[-2000:]}")
    return measured


def row(name: str, rounds: list[Measured], first: float) -> str:
    seconds = [each.seconds for each in rounds]
    middle = statistics.median(seconds)
    memory = [max(getattr(each, key) for each in rounds) for key in ("largest_process_megabytes", "peak_megabytes")]
    spread = f"{min(seconds):.2f}–{max(seconds):.2f}"
    return f"| {name} | {middle:.2f} | {spread} | {middle / first:.2f} | {memory[0]:.0f} | {memory[1]:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="the folder with data/")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    pages, articles = (arguments.shared / "data" / name for name in ("pages.warc.gz", "fnc_train.jsonl.gz"))
    clean_run(pages)  # compiles what is not compiled yet, and fills the disk's cache
    print(f"load average before: {os.getloadavg()[0]:.2f}; {os.cpu_count()} cores; {arguments.rounds} rounds\n")
    plain, whole, text = [], [], []
    for _ in range(arguments.rounds):
        plain.append(plain_loop(pages))
        whole.append(clean_run(pages))
        text.append(clean_run(articles))
    print("| | s, median | range | ratio | largest process, MB | all together, MB |\n|---|---|---|---|---|---|")
    first = statistics.median(each.seconds for each in plain)
    print(row("pages, trafilatura.extract in a loop, one process", plain, first))
    print(row("pages, clean run", whole, first))
    print(row("articles as text, clean run", text, first))


if __name__ == "__main__":
    main()
