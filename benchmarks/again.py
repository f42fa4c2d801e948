"""The same inputs again: how long a second `clean run` takes, and that it adds nothing.

    python benchmarks/again.py INPUT [INPUT …] [--rounds 3]

Each input is cleaned into a folder of its own, then again, as often as there are rounds. Seconds are of whole
processes, start of Python included; of the second runs the median.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from measuring import Measured, measure

from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import TABLES, dataset


def cleaned(source: str, out: Path) -> Measured:
    """`clean run`, measured."""
    return measure([str(Path(sys.executable).with_name("clean")), "run", source, "--out", str(out), "--quiet"])


def rows(out: Path) -> int:
    """The rows of all tables of all runs."""
    return sum(dataset(out, name, run).count_rows() for run in OutputFolder(out).runs() for name in TABLES)


def measured(source: str, rounds: int) -> dict[str, Any]:
    """One input: seconds of the first run and of those after it, exit codes, and rows that were added."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        first = cleaned(source, out)
        before = rows(out)
        others = [cleaned(source, out) for _ in range(rounds)]
        seconds = statistics.median(each.seconds for each in others)
        return {
            "input": Path(source).name, "rows": before, "rows_added": rows(out) - before,
            "exit_codes": [first.exit_code, *(each.exit_code for each in others)],
            "first_s": round(first.seconds, 2), "second_s": round(seconds, 2),
            "share": round(seconds / first.seconds, 3),
        }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for source in arguments.inputs:
        print(json.dumps(measured(source, arguments.rounds)), flush=True)


if __name__ == "__main__":
    main()
