"""One table beside other programs, in one run: `make bench`.

    python benchmarks/bench.py [--shared DIR] [--rounds 5] [--quick | --smoke] [--only JOB ...] [--passim DIR]
                               [--cache DIR] [--offline] [--json FILE] [--docs] [--limit SECONDS]
    python benchmarks/bench.py --from FILE [--docs]

The programs of a job take turns, round by round; medians are shown. Time and processor time are those of all processes
from the start of the first to the end of the last, imports and files included, but for near-duplicates: there it is the
work from texts in memory to clusters, as each program says it. Memory is the peak of all processes together, what they
share counted once. Other programs are installed with pip, each in an environment of its own below --cache, by the first
run; what cannot be installed or run is a row with the reason. passim is in no package index: name a checkout of its
source (--passim DIR or PASSIM_SOURCE=DIR); it needs Java.

Inputs are made from the labelled data of --shared, or from the sample corpus where these are missing. What was found is
kept in --json after every job; `--docs` also writes the table and the picture into docs/method/beside-others.md, and
`--from` does so with figures that were kept.
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

import bench_inputs
import bench_plot
import bench_results
from bench_inputs import Inputs
from bench_programs import Job, Program, jobs
from bench_results import Bench, Found, JobFound, Took
from measuring import measure
from peer_environments import (
    CACHE,
    FailedError,
    check,
    environment,
    is_made,
    limited,
    missing_programs,
    version_of,
    work_seconds,
)

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
PAGE = REPOSITORY / "docs/method/beside-others.md"
KEPT = HERE / "results/bench.json"
BEGIN, END = "<!-- benchmarks/bench.py --docs writes from here -->", "<!-- to here -->"
PICTURES = "".join(
    f"![Bars of time as a multiple of copydesk's, for each job and program](../images/bench-{page}.svg#only-{page})\n"
    for page in ("light", "dark")
)
NO_PASSIM = "not measured: name a checkout of its source, --passim DIR or PASSIM_SOURCE=DIR"


@dataclass(frozen=True)
class Size:
    """How large a form of the benchmark is."""

    times: int  # the pages
    texts: int  # the articles
    rounds: int
    most: int | None = None  # pages and articles that are taken at all
    slow: bool = True
    jobs: tuple[str, ...] = ("text", "page", "sample", "pages", "articles", "near-duplicates")


FULL = Size(times=4, texts=20, rounds=5)
QUICK = Size(times=1, texts=2, rounds=1, slow=False)
SMOKE = Size(times=1, texts=1, rounds=1, most=4, slow=False, jobs=("page", "articles", "near-duplicates"))


@dataclass(frozen=True)
class Asked:
    """What was asked for on the command line."""

    size: Size
    rounds: int
    cache: Path
    offline: bool
    limit: int
    only: tuple[str, ...]
    passim: str | None


def measured(job: Job, inputs: Inputs, asked: Asked) -> JobFound:
    """Let the programs of a job take turns."""
    found = [Found(program.name) for program in job.programs]
    pythons = [prepared(*each, asked) for each in zip(job.programs, found, strict=True)]
    for number in range(asked.rounds):
        for program, row, python in zip(job.programs, found, pythons, strict=True):
            if python is None or row.failed or number >= program.most_rounds:
                continue
            try:
                row.rounds.append(take(program, python, inputs, asked.limit))
            except FailedError as error:
                row.failed, row.rounds = str(error), []
            print(progress(job, row), file=sys.stderr, flush=True)
    return JobFound(job.key, job.title, job.unit, inputs.amount(job.unit), found)


def progress(job: Job, row: Found) -> str:
    return f"{job.key}: {row.name}: " + (row.failed or f"{row.rounds[-1].seconds:.1f} s")


def prepared(program: Program, row: Found, asked: Asked) -> Path | None:
    """The interpreter of a program; None, and the reason in its row, where it cannot be measured."""
    try:
        missing_programs(program.needs)
        refuse(program, asked)
        python = environment(program.package, program.packages, asked.cache)
        row.version = version_of(python, program.package)
    except FailedError as error:
        row.failed = str(error)
        print(f"{row.name}: {error}", file=sys.stderr, flush=True)
        return None
    return python


def refuse(program: Program, asked: Asked) -> None:
    """Raise FailedError where a program is not to be measured in this form, or cannot be."""
    if program.slow and not asked.size.slow:
        raise FailedError("not measured: takes minutes; left out of the quick form")
    if program.package == "passim" and not program.packages:
        raise FailedError(NO_PASSIM)
    if asked.offline and not is_made(program.package, program.packages, asked.cache):
        raise FailedError("not measured: not installed, and --offline installs nothing")


def take(program: Program, python: Path, inputs: Inputs, limit: int) -> Took:
    """Run a program once in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        places = {
            "python": str(python), "clean": str(Path(sys.executable).with_name("clean")), "folder": folder,
            "runs": str(HERE / "peer_runs"), "inputs": str(inputs.folder),
        }  # fmt: skip
        own = {"PYTHONPATH": "" if program.packages else str(REPOSITORY)}
        variables = own | {name: value.format(**places) for name, value in program.environment}
        command = limited([each.format(**places) for each in program.command], limit)
        result = measure(command, variables, cwd=REPOSITORY)
        check(result, program.name)
        work = work_seconds(result) if program.says_work else None
        return Took(result.seconds, result.processor_seconds, result.peak_megabytes, work)


def bench(asked: Asked, shared: Path | None, kept: Path) -> Bench:
    """Measure every job that was asked for, and keep what was found after each."""
    with tempfile.TemporaryDirectory() as folder:
        inputs = bench_inputs.make(Path(folder), shared, asked.size.times, asked.size.texts, asked.size.most)
        found = Bench(machine(), inputs.data, asked.rounds, inputs.article_bytes, [])
        for job in jobs(asked.passim):
            if job.key in asked.only:
                found.jobs.append(measured(job, inputs, asked))
                bench_results.write(found, kept)
    return found


def machine() -> str:
    """The machine, the day, the revision and how busy it is, on one line."""
    git = ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"]
    revision = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "no checkout"
    return (
        f"{time.strftime('%Y-%m-%d')}, revision {revision}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, load average before {os.getloadavg()[0]:.1f}"
    )


def page(found: Bench) -> str:
    """All that was found, as Markdown."""
    rounds = f"{found.data}; {found.rounds} {'round' if found.rounds == 1 else 'rounds'}, fewer for slow programs."
    return f"{found.machine}. {rounds}\n\n{bench_results.table(found)}\n\n{bench_results.targets(found)}\n"


def write_docs(found: Bench) -> None:
    """Put figures and picture into the documentation, and keep the figures beside this script."""
    PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    bench_plot.write(found, REPOSITORY / "docs/images")
    bench_results.write(found, KEPT)


def with_figures(text: str, found: Bench) -> str:
    """A page with these figures between its two marks in the place of those that were there."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{page(found)}\n{PICTURES}\n{END}{rest.partition(END)[2]}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=REPOSITORY.parent / "shared", help="the labelled data")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--quick", action="store_true", help="small inputs, one round: about five minutes")
    form.add_argument(
        "--smoke", action="store_true", help="four pages, what is installed: seconds; figures mean nothing"
    )
    parser.add_argument("--rounds", type=int, help="default: 5, with --quick 1")
    parser.add_argument("--only", nargs="+", choices=FULL.jobs, help="leave the other jobs out")
    parser.add_argument("--passim", default=os.environ.get("PASSIM_SOURCE"), help="a checkout of passim's source")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where programs are installed; default: {CACHE}")
    parser.add_argument("--offline", action="store_true", help="measure only what is installed")
    parser.add_argument("--limit", type=int, default=3600, help="seconds after which a program is stopped")
    parser.add_argument("--json", type=Path, default=CACHE / "bench.json", help="where figures are kept")
    parser.add_argument("--docs", action="store_true", help="write the page of the documentation too")
    parser.add_argument("--from", dest="kept", type=Path, help="show figures that were kept; measure nothing")
    return parser.parse_args()


def asked_for(given: argparse.Namespace) -> Asked:
    size = SMOKE if given.smoke else QUICK if given.quick else FULL
    only = tuple(given.only or size.jobs)
    offline = given.offline or given.smoke
    return Asked(size, given.rounds or size.rounds, given.cache, offline, given.limit, only, given.passim)


def main() -> None:
    given = arguments()
    if given.kept:
        found = bench_results.read(given.kept)
    else:
        shared = given.shared.resolve() if (given.shared / "data").is_dir() and not given.smoke else None
        found = bench(asked_for(given), shared, given.json)
    print(page(found))
    if given.docs:
        write_docs(found)
    failed = [
        f"{job.key}: {row.name}" for job in found.jobs for row in job.programs if row.name == "copydesk" and row.failed
    ]
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
