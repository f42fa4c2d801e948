"""Compilation ahead: on the first run of a machine the kernels are compiled by two processes, and the run says so.

`python -m pipeline.runs.compilation` does it at installation. What is compiled is kept in a cache folder
(`stages.shared.cache_folders`). Without one that can be written, every process compiles what it needs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import get_args

import stages
from pipeline.durable import flush
from pipeline.runs.report import Progress, silence
from stages.shared import cache_folders, derived

#: What each process compiles; of about the same length.
PARTS = ("near_duplicates", "noise")
SECONDS_BETWEEN_LOOKS = 0.5
FILES_OF_A_KERNEL = 2
NOTHING_KEPT = (
    "compiled code can be kept nowhere, so every run compiles anew, for a minute: set COPYDESK_CACHE to a folder that "
    "can be written"
)


def compile_ahead(progress: Progress) -> tuple[str, ...]:
    """Compile all kernels unless that was done by this version on this machine; a process of its own for each part.

    Returns notes for the user.
    """
    if is_compiled() or not sys.executable or os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
        return ()
    folder = cache_folders.writable()
    if folder is None:
        return (NOTHING_KEPT,)
    if _compile_parts(folder, progress):
        with suppress(OSError):
            for each in kernels(folder):
                flush(each)
        derived.keep(derived.compiled_name(), b"", (folder,))
    return ()


def _compile_parts(folder: Path, progress: Progress) -> bool:
    """Compile all parts and tell if that went well. Quiet, because what fails here fails again in this process."""
    # The working directory stays off their path (-P).
    command = "from pipeline.runs.compilation import compile_part; compile_part({!r})"
    commands = [[sys.executable, "-P", "-c", command.format(part)] for part in PARTS]
    processes = [subprocess.Popen(each, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for each in commands]
    begun, known = time.time(), _number_of_kernels()
    try:
        while any(process.poll() is None for process in processes):
            done = sum(_is_from(begun, each) for each in kernels(folder)) // FILES_OF_A_KERNEL
            progress("compile", min(done, known), known)
            time.sleep(SECONDS_BETWEEN_LOOKS)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return not any(process.returncode for process in processes)


def _number_of_kernels() -> int:
    """Import all kernels and count them."""
    from stages import near_duplicates, noise  # noqa: F401, PLC0415 - numba takes a second to load
    from stages.near_duplicates.tokenization import Kernels  # noqa: PLC0415
    from stages.shared.compilation import number_of_kernels  # noqa: PLC0415

    for module in get_args(Kernels):
        near_duplicates.compiled(module)
    return number_of_kernels()


def is_compiled() -> bool:
    """Return True if this version compiled its kernels for this machine before."""
    return derived.folder_of(derived.compiled_name()) is not None


def kernels(folder: Path) -> Iterator[Path]:
    """Yield the files of compiled kernels in a cache folder."""
    if folder == cache_folders.INSTALLED:
        for package in stages.__path__:
            yield from Path(package).rglob("__pycache__/*.nb[ci]")
    yield from (folder / "kernels").rglob("*.nb[ci]")


def _is_from(begun: float, path: Path) -> bool:
    """Tell if a file was written since a time."""
    with suppress(OSError):
        return path.stat().st_mtime >= begun
    return False


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


if __name__ == "__main__":
    print("compiling for this machine, once …", flush=True)  # noqa: T201
    compile_ahead(silence)
