"""Errors that the user can fix: the command line prints them without a traceback."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Self

from stages.native import NativeLibraryError

if TYPE_CHECKING:
    from pipeline.runs.report import RunReport


#: The exit code for a bug of ours, with its traceback (EX_SOFTWARE in sysexits.h).
CRASHED = 70


#: What the system refuses for lack of room, because it may not be written, and for want of processes or memory.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_ACCESS = (errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM, errno.ESTALE)
NO_MEANS = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
#: Characters of a path that is too long which a message shows.
SHOWN = 80


class UserError(Exception):
    """Something that the user supplied cannot be used. The message says what, where and what to try.

    `report` holds the counts of the run that the error ended, if one was under way.
    """

    exit_code = 2

    def __init__(self, message: str, report: RunReport | None = None) -> None:
        super().__init__(message)
        self.report = report

    def with_report(self, report: RunReport) -> Self:
        """Return the same error with the report of the run that it ended."""
        return type(self)(str(self), report)


class LockHeldError(UserError):
    """Another run is writing to the same output folder."""

    exit_code = 3


class WorkerLostError(UserError):
    """Worker processes die or hang on any task. Finished work is kept and the next run resumes from it."""


class TooManyFailedError(UserError):
    """More documents failed than the settings allow; nothing was published."""

    exit_code = 1


class DriftError(UserError):
    """The run differs too much from earlier runs; nothing was published."""

    exit_code = 1


class StoreError(UserError):
    """A remote store cannot be reached or fails; the same command may succeed later."""

    exit_code = 4


# ---------------------------------------------------------------- errors of the system


def explained(error: BaseException) -> BaseException:
    """Return the UserError that explains an error of the system which a person can mend; another error as it is.

    >>> explained(OSError(errno.ENOSPC, "No space left on device", "out/runs"))
    UserError('no room on the disk (No space left on device: out/runs). Make room, and try again.')
    >>> explained(ZeroDivisionError())
    ZeroDivisionError()
    """
    if isinstance(error, NativeLibraryError):
        return UserError(str(error))
    trouble = trouble_of(error) if isinstance(error, OSError) else ""
    return UserError(trouble) if trouble else error


def trouble_of(error: OSError, out: object = None) -> str:
    """Describe an error of the system that a person can mend, and how; "" for any other. `out`: what was written to."""
    refused = f"{error.strerror or error}{f': {in_short(error.filename)}' if error.filename else ''}"
    if isinstance(error, FileNotFoundError) and not has_working_folder():
        return "the folder in which `clean` was started was removed. Change to a folder that exists, and try again."
    if error.errno == errno.ENAMETOOLONG:
        return f"a path is longer than the system allows ({refused}). Use a shorter one, or a folder less deep."
    if error.errno in NO_ROOM:
        disk = f"the disk of {in_short(out)}" if out else "the disk"
        return f"no room on {disk} ({refused}). Make room, and try again."
    if error.errno in NO_ACCESS:
        cannot = f"cannot write to {in_short(out)}" if out else "cannot read or write"
        return f"{cannot} ({refused}). Fix the disk or its permissions, and try again."
    if error.errno in NO_MEANS:
        return f"the system lacks memory, processes or open files ({refused}). Lower --workers, or raise its limits."
    return ""


def has_working_folder() -> bool:
    """Tell if the folder in which this process was started still exists."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def in_short(path: object) -> str:
    """Shorten a long path for a message.

    >>> in_short("out/" + "x" * 300)
    'out/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'
    """
    text = os.fsdecode(path) if isinstance(path, bytes) else str(path)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
