"""Errors that a person can mend: the command line prints them without a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.runs.phases import RunReport


class UserError(Exception):
    """Something the user gave cannot be used. The message says what, where and what to try."""

    exit_code = 2
    #: What a run that was under way had counted until then.
    report: RunReport | None = None


class LockHeldError(UserError):
    """Another run is writing to the same output folder."""

    exit_code = 3


class WorkerLostError(UserError):
    """Worker processes die or hang whatever they are given. What was done is kept for the next run to go on with."""


class TooManyFailedError(UserError):
    """More documents failed than the settings allow; nothing was published."""

    exit_code = 1


class DriftError(UserError):
    """The run departs too far from what earlier runs yielded; nothing was published."""

    exit_code = 1


class StoreError(UserError):
    """A remote store cannot be reached or fails; the same command later may well succeed."""

    exit_code = 4
