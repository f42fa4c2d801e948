"""The worker processes of the local engine: how they start, serve tasks and end.

Importing this is cheap: `clean run` starts the fork server before it imports anything that cleans.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, forkserver, resource_tracker
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

from pipeline.engines.base import Killed
from pipeline.errors import UserError

#: The module that the fork server imports once for all workers: what tasks need, warmed up.
WARM_UP = ("pipeline.runs.warm_up",)
#: What a worker sends before it gives results: that it has started, and that it has begun a task.
READY, BEGUN = "ready", "begun"
#: `multiprocessing` forbids it; a worker of its Pool is such a process.
NO_CHILDREN = (
    "a run starts processes, which a daemonic process of multiprocessing (such as a worker of a Pool) may not. Start "
    "it in the main process, in a thread, or in a process that is no daemon."
)


@dataclass(frozen=True)
class Raised:
    """An exception of a task, with its traceback in its notes."""

    error: BaseException


class ServerLostError(Exception):
    """The fork server died, or could not be started, before it gave us a worker."""


class WorkerProcess:
    """A worker process, killed and awaited through a handle of the system.

    `multiprocessing` learns of the end of a worker from the fork server, and takes all of its workers for dead when the
    server is. The handle (a pidfd of Linux) tells the truth, and never means another process of the same number.
    """

    def __init__(self, process: ForkServerProcess) -> None:
        self.process, self.pid = process, process.pid or 0
        self.handle: int | None = None
        if hasattr(os, "pidfd_open"):
            with suppress(OSError):  # it is dead already, or the system has no handles
                self.handle = os.pidfd_open(self.pid)

    def kill(self) -> None:
        """Kill the process and wait until it is gone."""
        if self.handle is None:
            self.process.kill()
        else:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)
            connection.wait([self.handle])
            os.close(self.handle)
            self.handle = None
        self.process.join()

    def is_alive(self) -> bool:
        """Tell if the process has not ended."""
        return self.process.is_alive() if self.handle is None else not connection.wait([self.handle], timeout=0)


def start_server(modules: Sequence[str] = WARM_UP) -> None:
    """Start the process that workers are forked from, unless it is running; it imports `modules` in the background.

    Forking a process that has threads (pyarrow's) can deadlock, so workers are forked from one without.
    """
    forkserver.set_forkserver_preload(list(modules))
    with _safe_path():
        resource_tracker.ensure_running()  # unblocks signals where it starts, so it comes first
        with _no_interrupts():
            forkserver.ensure_running()


@contextmanager
def _safe_path() -> Iterator[None]:
    """Start processes in this block without the working directory on their path, as `python -P` does.

    What lies there may be anybody's, and called `stages` or `json.py`.
    """
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Start processes in this block with Ctrl-C blocked: a terminal sends it to the whole group, and ours decides.

    One that comes meanwhile reaches this process at the end of the block.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def main_module_hidden() -> Iterator[None]:
    """Keep `multiprocessing` from telling a new process which program we are, for it would run that program again.

    Tasks are functions of modules that a worker imports by their names. So a script that starts a run needs no
    `if __name__ == "__main__"`, and what it does at its top is done once.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def start_process() -> tuple[WorkerProcess, connection.Connection]:
    """Fork a worker process from the server; return it and our end of its pipe.

    Raises ServerLostError if the server dies meanwhile, or the system refuses what is needed; another try starts a new
    server. Raises UserError in a process that may start none.
    """
    if multiprocessing.current_process().daemon:
        raise UserError(NO_CHILDREN)
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("forkserver").Process(target=_serve, args=(theirs,), daemon=True)
    try:
        start_server()
        with main_module_hidden():
            process.start()
    except (EOFError, OSError) as error:
        ours.close()
        raise ServerLostError(str(error) or type(error).__name__) from error
    finally:
        theirs.close()
    return WorkerProcess(process), ours


def memory_of(process: int) -> int:
    """Return the resident memory of a process in bytes; 0 where it cannot be read (it is gone, or this is not Linux).

    >>> import sys
    >>> memory_of(os.getpid()) > 1_000_000 or sys.platform != "linux"
    True
    """
    try:
        resident = Path(f"/proc/{process}/statm").read_bytes().split()[1]
    except OSError:
        return 0
    return int(resident) * os.sysconf("SC_PAGE_SIZE")


def _serve(pipe: connection.Connection) -> None:
    """Answer one task after another until the pipe is closed at the other end: the main function of a worker."""
    # The main process decides when to stop; a signal from a terminal reaches the whole process group.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    Thread(target=_die_with_main, daemon=True).start()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        pipe.send(READY)
        while True:
            function, task = pipe.recv()
            pipe.send(BEGUN)
            answer = _answer(function, task)
            del task
            pipe.send(answer)


def _die_with_main() -> None:
    """Kill this process as soon as the main process is gone: it must not write into the folder of the next run."""
    main = multiprocessing.parent_process()
    if main is not None:
        connection.wait([main.sentinel])
        os.kill(os.getpid(), signal.SIGKILL)


def _answer(function: Callable[[Any], Any], task: Any) -> Any:
    try:
        return function(task)
    except MemoryError:
        return Killed("out_of_memory")
    except Exception as error:
        error.add_note("".join(traceback.format_exception(error)))
        return Raised(error)
