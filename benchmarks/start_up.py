"""Small jobs, from the start of the process to its end: processor seconds and wall seconds.

    python benchmarks/start_up.py [--revision REVISION] [--rounds 5] [--as-installed]

Every job is a new process. Both revisions take turns, after a round that is not counted, in which caches are filled.
The figures are medians; processor seconds are those of the process and of all processes that it waited for, which the
server of workers is not. `--as-installed` hides packages that others import where they find them, and that a plain
installation does not have. A job that a revision does not know, or fails, is `nan`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from math import nan
from pathlib import Path
from statistics import median
from typing import NamedTuple

from checkouts import build_kernels

REPOSITORY = Path(__file__).resolve().parent.parent
#: Packages of the development environment that other packages import where they find them.
HIDDEN = ("pandas", "cffi", "yaml")
HIDE = f"""
import sys
class Hidden:
    def find_spec(name, path=None, target=None):
        if name in {HIDDEN}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden)
"""
PARAGRAPHS = (
    "The council of Harwick voted on Tuesday to close the old swimming hall at the end of the month. Several residents "
    "had asked for more time to find a buyer for the building. The mayor said that repairs would cost three million.",
    "Opponents gathered outside the town hall with signs and a brass band, and some of them stayed until the evening. "
    "They said that the figures were wrong and that nobody had looked for another plumber.",
    "The hall was opened in 1931. It has two pools and a small sauna, and about four hundred people use it in an "
    "ordinary week.",
    "A spokesman for the county, Peter Aldous, told the Harwick Courier that a decision about the land would be taken "
    "in spring. Until then the building will stay as it is, with the heating turned low and the doors locked.",
)
TITLE = "Harwick closes its swimming hall"
CLEAN = "from pipeline.cli import main; main()"
API = "import copydesk, pathlib, sys; copydesk.clean_text(pathlib.Path(sys.argv[1]).read_text())"


class Job(NamedTuple):
    """A command: its name, its Python code and its arguments."""

    name: str
    code: str
    arguments: tuple[str, ...]


class Took(NamedTuple):
    """Seconds of a finished process."""

    processor: float
    wall: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revision", help="measure this revision of the repository, too")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--as-installed", action="store_true", help="hide what a plain installation does not have")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trees = [*checked_out(asked.revision, Path(folder)), REPOSITORY]
        write_inputs(Path(folder))
        print("| job | processor s | wall s |" if len(trees) == 1 else
              f"| job | processor s: {asked.revision} | now | ratio | wall s: {asked.revision} | now |")  # fmt: skip
        print("|---|---|---|" if len(trees) == 1 else "|---|---|---|---|---|---|")
        for job in jobs(trees, Path(folder)):
            rounds = [
                [take(tree, job, Path(folder), asked.as_installed) for tree in trees] for _ in range(asked.rounds + 1)
            ]
            print(row(job.name, [list(column) for column in zip(*rounds[1:], strict=True)]), flush=True)


def checked_out(revision: str | None, folder: Path) -> Iterator[Path]:
    """Yield a copy of a revision's files, if one is named."""
    if revision is not None:
        tree = folder / "revision"
        tree.mkdir()
        archive = subprocess.run(
            ["git", "-C", REPOSITORY, "archive", "--format=tar", revision], check=True, capture_output=True
        )
        subprocess.run(["tar", "-x", "-C", tree], input=archive.stdout, check=True)
        build_kernels(tree)
        yield tree


def write_inputs(folder: Path) -> None:
    """Write one article of 1 KB as a text and as a page."""
    (folder / "one.txt").write_text("\n\n".join((TITLE, *PARAGRAPHS)) + "\n", encoding="utf-8")
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    page = (
        f"<!doctype html><title>{TITLE}</title><nav><a href=/>Home</a></nav><article><h1>{TITLE}</h1>{body}</article>"
    )
    (folder / "one.html").write_text(page, encoding="utf-8")


def jobs(trees: Sequence[Path], folder: Path) -> Iterator[Job]:
    """Yield the jobs; those that read a corpus find one that this checkout made."""
    yield Job("`clean run` of a text of 1 KB", CLEAN, ("run", f"{folder}/one.txt", "--quiet"))
    yield Job("`clean run` of a page of 1 KB", CLEAN, ("run", f"{folder}/one.html", "--quiet"))
    yield Job("`copydesk.clean_text` of that text", API, (f"{folder}/one.txt",))
    take(trees[-1], Job("a corpus", CLEAN, ("run", f"{folder}/one.txt", "--quiet")), folder, hide=False)
    (folder / "out").rename(folder / "corpus")
    yield Job("`clean runs`", CLEAN, ("runs", "--out", f"{folder}/corpus"))
    yield Job("`clean find hall`", CLEAN, ("find", "hall", "--out", f"{folder}/corpus"))
    yield Job("`clean explain FILE`", CLEAN, ("explain", f"{folder}/one.txt", "--out", f"{folder}/corpus"))
    yield Job("`clean --help`", CLEAN, ("--help",))
    yield Job("`import copydesk`", "import copydesk", ())


def take(tree: Path, job: Job, folder: Path, hide: bool) -> Took:
    """Carry out a job with the code of a tree; the system tells what the process took."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    arguments = [*job.arguments, *(["--out", str(out)] if "run" in job.arguments else [])]
    environment = os.environ | {"PYTHONPATH": str(tree)}
    begun = time.perf_counter()
    command = [sys.executable, "-c", (HIDE if hide else "") + job.code, *arguments]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, cwd=folder, stdout=quiet, stderr=quiet)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        return Took(nan, nan)
    return Took(used.ru_utime + used.ru_stime, time.perf_counter() - begun)


def row(name: str, columns: Sequence[Sequence[Took]]) -> str:
    """Return a row of the table.

    >>> row("all", [[Took(2.0, 3.0)], [Took(1.0, 1.2)]])
    '| all | 2.00 | 1.00 | 0.50 | 3.00 | 1.20 |'
    """
    processor = [median(took.processor for took in column) for column in columns]
    wall = [median(took.wall for took in column) for column in columns]
    ratio = [processor[-1] / processor[0]] if len(columns) > 1 else []
    return f"| {name} | {' | '.join(f'{each:.2f}' for each in (*processor, *ratio, *wall))} |"


if __name__ == "__main__":
    main()
