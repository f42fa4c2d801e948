"""A command's seconds, processor time and peak memory: of all its processes together, and of the largest of them.

Linux only: it reads /proc. Memory that processes share counts once (proportional set size).
"""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.2
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Measured:
    """What a finished command took. `output` is its standard output; megabytes are 10^6 bytes.

    Processor time is as each process had it when last looked at, or as the system says of all that were waited for,
    which is exact for short jobs but leaves out the server of a pool's workers: the larger. What others do on the
    machine moves it little.
    """

    seconds: float
    peak_megabytes: float
    largest_process_megabytes: float
    output: str
    exit_code: int
    errors: str
    processor_seconds: float = 0.0


def measure(command: Sequence[str], environment: dict[str, str] | None = None, cwd: Path | None = None) -> Measured:
    """Run a command to its end, looking at its memory five times a second."""
    began, before = time.perf_counter(), waited_for()
    variables = {**os.environ, **(environment or {})}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables, cwd=cwd
    ) as process:
        peaks = [0.0, 0.0]
        processor: dict[int, float] = {}
        watcher = threading.Thread(target=watch, args=(process, peaks, processor), daemon=True)
        watcher.start()
        output, errors = process.communicate()
        seconds = time.perf_counter() - began
    watcher.join()
    used = max(sum(processor.values()), waited_for() - before)
    return Measured(seconds, peaks[0], peaks[1], output, process.returncode, errors, used)


def waited_for() -> float:
    """Processor seconds of this process's children that have ended, and of theirs that they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def watch(process: subprocess.Popen[str], peaks: list[float], processor: dict[int, float]) -> None:
    while process.poll() is None:
        found = descendants(process.pid)
        processor |= found
        sizes = [proportional_megabytes(each) for each in found]
        peaks[0], peaks[1] = max(peaks[0], sum(sizes)), max(peaks[1], max(sizes, default=0.0))
        time.sleep(INTERVAL)


def descendants(process: int) -> dict[int, float]:
    """A process and all its living children and their children, each with its processor seconds."""
    children: dict[int, list[int]] = {}
    seconds: dict[int, float] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended since
            continue
        number = int(entry.parent.name)
        children.setdefault(int(fields[1]), []).append(number)
        seconds[number] = (int(fields[11]) + int(fields[12])) / TICKS
    found, waiting = {}, [process]
    while waiting:
        number = waiting.pop()
        found[number] = seconds.get(number, 0.0)
        waiting += children.get(number, [])
    return found


def proportional_megabytes(process: int) -> float:
    """Memory of a process, what it shares divided by those who share it; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6
