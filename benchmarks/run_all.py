"""All benchmarks one after another, each under a heading with its command.

    python benchmarks/run_all.py [--shared DIR] [--peers] [--large] [--only WORD ...]

`make bench-all` runs it. What needs the labelled data in DIR is left out, and named, where they are missing. Growth,
memory and history are measured on small corpora, a minute or so each; `--large` takes the sizes of
docs/method/benchmarks.md: hours. `--peers` also installs and runs other programs (benchmarks/peers.py): a few minutes,
and downloads. `--only` runs what has one of these words in its heading or script.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent


#: Not run here, and why.
LEFT_OUT = {
    "bench.py": "it measures other programs beside ours, in one table: `make bench`",
    "character_pairs.py": "it makes the table by which charsets are told, which encoding_detection.py measures",
    "common_words.py": "it makes the table of common words, from packages that only it needs",
    "compare_tables.py": "it compares two revisions, and needs to be told which",
    "train_block_judge.py": "it makes weights that the others measure, and says what they are worth",
    "report.py": "it grows a corpus to the size that it is told, and opens the page in a browser",
    "spark.py": "it starts a cluster of its own, needs Java, and measures what it is told",
    "spark_matching.py": "it grows corpora to the size that it is told, and starts a cluster for them",
    "split_leakage.py": "it reads a corpus that was cleaned before, or cleans the inputs that it is told",
    "storage.py": "it reads a corpus that was cleaned before, and is told which",
    "strictness.py": "it trains the line model once a fold, which takes half an hour",
    "train_line_model.py": "it makes the weights that the others measure",
}


@dataclass(frozen=True)
class Step:
    """A script with its arguments; `large` stands in for these with --large."""

    title: str
    command: list[str]
    needs_data: bool = True
    large: list[str] | None = None


def steps(shared: Path, sample: str, peers: bool) -> list[Step]:
    """What is measured, in this order."""
    data, folder = shared / "data", str(shared)
    articles, pages = str(data / "fnc_train.jsonl.gz"), str(data / "pages.warc.gz")
    chosen = [
        Step("decoding of legacy charsets", ["decode.py"], needs_data=False),
        Step("sixty encodings beside other detectors", ["encoding_detection.py", "--every", "20"], needs_data=False),
        Step("kinds of inputs", ["inputs.py", "--articles", "2000"], needs_data=False, large=["inputs.py"]),
        Step("repair, and its gate", ["repair.py"], needs_data=False),
        Step("the sample corpus, whole run", ["sample.py", sample], needs_data=False),
        Step("small jobs, from start to end", ["start_up.py"], needs_data=False),
        Step("the same inputs again", ["again.py", "corpus"], needs_data=False, large=["again.py", "corpus", articles]),
        Step("extraction from pages", ["extraction.py", pages, str(data / "pages_expected.json")]),
        Step("pages through the whole run", ["pages.py", "--shared", folder]),
        Step("the labelled sets through the whole run", ["labelled.py", "--shared", folder]),
        Step("kinds of pages", ["page_kinds.py", "--shared", folder]),
        Step("segmentation of wrapped text", ["segment.py", articles]),
        Step("noise: articles, cross-validated", ["noise.py", folder, "--evidence", "all"]),
        Step("noise: pages, cross-validated", ["noise.py", folder, "--set", "pages", "--evidence", "all"]),
        Step("noise: seeds", ["noise.py", folder, "--set", "seeds", "--evidence", "all"]),
        Step("noise: speed", ["noise.py", folder, "--speed", "--evidence", "all"]),
        Step(
            "noise: templates by support", ["templates.py", "--articles", "600"],
            needs_data=False, large=["templates.py", folder],
        ),
        Step("noise: our rule matcher beside re2.Filter", ["rule_matching.py", "corpus"], needs_data=False),
        Step("near-duplicates", ["near_duplicates.py", folder]),
        Step("near-duplicates: facts survive", ["fact_pairs.py"], needs_data=False),
        Step("near-duplicates: short clusters by language", ["short_clusters.py"], needs_data=False),
        Step("near-duplicates: what LSH lets through", ["lsh_curve.py", "--shared", folder]),
        Step("near-duplicates: kernels against libraries", ["kernels_vs_libraries.py", folder]),
        Step(
            "near-duplicates: planted copies", ["grown.py", folder, "--paragraphs", "10000"],
            large=["grown.py", folder],
        ),
        Step("pages by stage, beside trafilatura", ["html_path.py", "--shared", folder]),
        Step("speed and memory of the whole run", ["speed.py", "--shared", folder]),
        Step(
            "memory by the size of the corpus", ["memory.py", "--articles", "500", "2000", "--paragraphs", "5"],
            needs_data=False, large=["memory.py"],
        ),
        Step(
            "a night against a history", ["nights.py", "--sentences", "20000", "--articles", "200"],
            needs_data=False, large=["nights.py"],
        ),
    ]  # fmt: skip
    if peers:
        chosen.append(Step("near-duplicates: peers", ["peers.py", "--shared", folder]))
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
    parser.add_argument("--large", action="store_true", help="the large corpora too: hours")
    parser.add_argument("--only", nargs="+", default=[""], help="words of headings or scripts: leave the others out")
    arguments = parser.parse_args()
    shared = arguments.shared.resolve()
    there = (shared / "data").is_dir() and (shared / "tools").is_dir()
    print(f"# Benchmarks\n\n{os.cpu_count()} cores, Python {platform.python_version()}, {platform.platform()}", end="")
    print(f", load average {os.getloadavg()[0]:.1f}", flush=True)
    failed, absent = [], []
    with tempfile.TemporaryDirectory() as sample:
        clean = Path(sys.executable).with_name("clean")
        subprocess.run([str(clean), "run", "corpus", "--out", sample, "--quiet"], cwd=REPOSITORY, check=True)
        for step in steps(shared, sample, arguments.peers):
            command = (arguments.large and step.large) or step.command
            if not any(word in f"{step.title} {command[0]}" for word in arguments.only):
                continue
            if step.needs_data and not there:
                absent.append(step.title)
            elif not run(step.title, command):
                failed.append(step.title)
    if absent:
        print(f"\nNot run, since the labelled data are not in {shared}:", *absent, sep="\n- ")
    if failed:
        raise SystemExit(f"\nfailed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
