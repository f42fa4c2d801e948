"""Environments for other programs, one each with pip below a cache folder, and the commands that run in them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from measuring import Measured, measure

TOOK_TOO_LONG = 124  # the exit code of `timeout`
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "copydesk-benchmarks"

#: datatrove asks for these only when it meets the step; xxhash 4 no longer hashes str, and trafilatura fails under
#: older versions of pip for want of lxml_html_clean (the pages would all time out).
DATATROVE = (
    "datatrove==0.10.1", "nltk", "orjson", "spacy", "tokenizers", "xxhash<4", "trafilatura", "warcio", "faust-cchardet",
    "python-magic", "lxml_html_clean",
)  # fmt: skip


class FailedError(Exception):
    """Why a program could not be installed or run."""


def environment(package: str, packages: tuple[str, ...], cache: Path, run: Callable[..., Measured] = measure) -> Path:
    """The interpreter of an environment with a program's packages; made if it is not there, or held others.

    Without packages it is the interpreter that runs this.
    """
    if not packages:
        return Path(sys.executable)
    home = cache / package
    python, complete = home / "bin/python", home / "complete"
    source = [each for pattern in ("*.py", "*/*.py") for each in sorted(Path(packages[0]).glob(pattern))]
    wanted = "\n".join([sys.version, *packages, *map(digest, source)])
    if not is_made(package, packages, cache) or complete.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(home, ignore_errors=True)
        check(run([sys.executable, "-m", "venv", str(home)]), "making an environment")
        check(run([str(python), "-m", "pip", "install", "--quiet", *packages]), f"pip install {package}")
        complete.write_text(wanted, encoding="utf-8")
    return python


def is_made(package: str, packages: tuple[str, ...], cache: Path) -> bool:
    """Whether nothing has to be installed, though what is there may be another version."""
    return not packages or (cache / package / "complete").exists()


def digest(path: Path) -> str:
    return f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def version_of(python: Path, package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    measured = measure([str(python), "-c", code])
    check(measured, f"the version of {package}")
    return measured.output.strip()


def limited(command: list[str], seconds: int) -> list[str]:
    return ["timeout", "--kill-after=10", str(seconds), *command]


def check(measured: Measured, what: str) -> None:
    if measured.exit_code == 0:
        return
    print(measured.errors[-3000:], file=sys.stderr)
    if measured.exit_code == TOOK_TOO_LONG:
        raise FailedError(f"{what} was stopped after {measured.seconds:.0f} s; --limit allows more")
    last = (measured.errors.strip().splitlines() or ["it said nothing"])[-1]
    raise FailedError(f"{what} ended with exit code {measured.exit_code}: {last}")


def missing_programs(programs: tuple[str, ...]) -> None:
    """Raise FailedError where a program is not on the PATH."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        raise FailedError(f"not measured: it needs {', '.join(missing)} on the PATH")


def work_seconds(measured: Measured) -> float:
    """What a script of peer_runs/ says in its last line."""
    last = (measured.output.strip().splitlines() or [""])[-1]
    try:
        return float(json.loads(last)["work_seconds"])
    except (ValueError, LookupError, TypeError) as error:
        raise FailedError(f"it ended without its last line, but with {last!r}") from error
