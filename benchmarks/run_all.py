"""All benchmarks one after another, each under a heading with its command.

    python benchmarks/run_all.py [--shared DIR] [--peers]

`make bench` runs it. What needs the labelled data in DIR is left out, and named, where they are missing. `--peers` also
installs and runs other programs (benchmarks/peers.py): a few minutes, and downloads.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent


def steps(shared: Path, sample: str, peers: bool) -> list[tuple[str, list[str], bool]]:
    """What is measured, the script with its arguments, and whether it needs the labelled data."""
    data, folder = shared / "data", str(shared)
    articles, pages = str(data / "fnc_train.jsonl.gz"), str(data / "pages.warc.gz")
    chosen = [
        ("decoding of legacy charsets", ["decode.py"], False),
        ("repair, and its gate", ["repair.py"], False),
        ("the sample corpus, whole run", ["sample.py", sample], False),
        ("extraction from pages", ["extraction.py", pages, str(data / "pages_expected.json")], True),
        ("pages through the whole run", ["pages.py", "--shared", folder], True),
        ("the labelled sets through the whole run", ["labelled.py", "--shared", folder], True),
        ("segmentation of wrapped text", ["segment.py", articles], True),
        ("noise: articles, cross-validated", ["noise.py", folder, "--evidence", "all"], True),
        ("noise: pages, cross-validated", ["noise.py", folder, "--set", "pages", "--evidence", "all"], True),
        ("noise: seeds", ["noise.py", folder, "--set", "seeds", "--evidence", "all"], True),
        ("near-duplicates", ["near_duplicates.py", folder], True),
        ("near-duplicates: what LSH lets through", ["lsh_curve.py", "--shared", folder], True),
        ("speed and memory of the whole run", ["speed.py", "--shared", folder], True),
    ]
    if peers:
        chosen.append(("near-duplicates: peers", ["peers.py", "--shared", folder], True))
    return chosen


def run(title: str, command: list[str]) -> bool:
    """Run one script below its heading; whether it succeeded."""
    print(f"\n## {title}\n\n`python benchmarks/{' '.join(command)}`\n", flush=True)
    began = time.perf_counter()
    done = subprocess.run([sys.executable, str(HERE / command[0]), *command[1:]], cwd=REPOSITORY, check=False)
    ending = "" if done.returncode == 0 else f"; FAILED with exit code {done.returncode}"
    print(f"\n({time.perf_counter() - began:.0f} s{ending})", flush=True)
    return done.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=REPOSITORY.parent / "shared", help="the labelled data")
    parser.add_argument("--peers", action="store_true", help="install and run other programs too")
    arguments = parser.parse_args()
    shared = arguments.shared.resolve()
    there = (shared / "data").is_dir() and (shared / "tools").is_dir()
    print(f"# Benchmarks\n\n{os.cpu_count()} cores, Python {platform.python_version()}, {platform.platform()}", end="")
    print(f", load average {os.getloadavg()[0]:.1f}", flush=True)
    failed, absent = [], []
    with tempfile.TemporaryDirectory() as sample:
        clean = Path(sys.executable).with_name("clean")
        subprocess.run([str(clean), "run", "corpus", "--out", sample, "--quiet"], cwd=REPOSITORY, check=True)
        for title, command, needs_data in steps(shared, sample, arguments.peers):
            if needs_data and not there:
                absent.append(title)
            elif not run(title, command):
                failed.append(title)
    if absent:
        print(f"\nNot run, since the labelled data are not in {shared}:", *absent, sep="\n- ")
    if failed:
        raise SystemExit(f"\nfailed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
