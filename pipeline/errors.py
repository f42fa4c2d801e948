"""Errors that the user can fix: the command line prints them without a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pipeline.runs.report import RunReport


#: Exit codes for Ctrl-C and stopped services, and for a bug of ours, with its traceback (EX_SOFTWARE in sysexits.h).
INTERRUPTED, CRASHED = 130, 70
INTERRUPTED_MESSAGE = "interrupted; nothing of this run was published. Run the same command again to continue."


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
