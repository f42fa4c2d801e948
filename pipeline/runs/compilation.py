"""Compilation ahead: on the first run of a machine the kernels are compiled by two processes, and the run says so.

`python -m pipeline.runs.compilation` does it at installation. Numba keeps what is compiled beside the code or in the
user's cache. Where neither can be written, every process compiles what it needs when it needs it.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from importlib.metadata import version

from pipeline.runs.report import Progress, silence
from stages.shared import derived

#: What each process compiles; of about the same length.
PARTS = ("near_duplicates", "noise")
SECONDS_BETWEEN_LOOKS = 0.2


def compile_ahead(progress: Progress) -> None:
    """Compile all kernels unless that was done by this version on this machine; a process of its own for each part."""
    if is_compiled() or not derived.can_keep() or not sys.executable:
        return
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
        derived.keep(_name(), b"", tuple(derived.folders()))


def is_compiled() -> bool:
    """Return True if this version compiled its kernels on this machine before."""
    return any((folder / _name()).is_file() for folder in derived.folders())


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
