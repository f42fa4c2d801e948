"""Compilation ahead: on the first run of a machine the kernels are compiled by two processes, and the run says so.

`python -m pipeline.runs.compilation` does it at installation. Numba keeps what is compiled beside the code or in the
user's cache. Where neither can be written, every process compiles what it needs when it needs it.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import stages
from pipeline.durable import flush
from pipeline.runs.report import Progress, silence
from stages.shared import derived

#: What each process compiles; of about the same length.
PARTS = ("near_duplicates", "noise")
SECONDS_BETWEEN_LOOKS = 0.2


def compile_ahead(progress: Progress) -> None:
    """Compile all kernels unless that was done by this version on this machine; a process of its own for each part."""
    if is_compiled() or not derived.can_keep() or not sys.executable:
        return
    remove_damaged(kernels())
    command = "from pipeline.runs.compilation import compile_part; compile_part({!r})"
    commands = [[sys.executable, "-c", command.format(part)] for part in PARTS]
    # Quiet, because what fails there fails again in this process.
    processes = [subprocess.Popen(each, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for each in commands]
    try:
        while still := sum(process.poll() is None for process in processes):
            progress("compile", len(PARTS) - still, len(PARTS))
            time.sleep(SECONDS_BETWEEN_LOOKS)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    if not any(process.returncode for process in processes):
        with suppress(OSError):
            for each in kernels():
                flush(each)
        derived.keep(_name(), b"", tuple(derived.folders()))


def is_compiled() -> bool:
    """Return True if this version compiled its kernels on this machine before."""
    return any((folder / _name()).is_file() for folder in derived.folders())


def kernels() -> Iterator[Path]:
    """Yield the files in which numba keeps what it compiled, where they lie beside the code."""
    for folder in stages.__path__:
        yield from Path(folder).rglob("__pycache__/*.nb[ci]")


def remove_damaged(paths: Iterator[Path]) -> None:
    """Remove kernels that a power cut emptied: numba fails on them, in every run. A whole one ends as a pickle does."""
    for path in paths:
        with suppress(OSError), path.open("rb") as file:
            file.seek(-min(1, path.stat().st_size), os.SEEK_END)
            if file.read() != b".":
                path.unlink()


def compile_part(part: str) -> None:
    """Compile the kernels of a stage by running them once."""
    if part == "noise":
        from pipeline import settings  # noqa: PLC0415 - each process imports what it compiles
        from pipeline.settings.rule_packs import noise_settings  # noqa: PLC0415

        line_model = noise_settings(settings.parse({})).line_model
        if line_model is not None:
            line_model.warm_up()
    else:
        from stages import near_duplicates  # noqa: PLC0415

        near_duplicates.warm_up(near_duplicates.Settings())


def _name() -> str:
    return f"compiled.{derived.versions()}.{platform.machine()}-{version('numba')}"


if __name__ == "__main__":
    print("compiling for this machine, once …", flush=True)  # noqa: T201
    compile_ahead(silence)
