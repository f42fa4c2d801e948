"""The start of a run: a new run id, or the staged run to resume, or the published run that makes it unnecessary."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline import __version__, settings
from pipeline.errors import UserError
from pipeline.runs.request import RunRequest
from pipeline.settings import Settings
from pipeline.settings.rule_packs import evidence_digest
from pipeline.sources import Identity, Window
from pipeline.storage.forgotten import RECORD
from pipeline.storage.output_folder import OutputFolder

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

#: The window of a run that reads all of its inputs.
UNLIMITED = Window().as_dict()
#: Sections of the settings that change no document.
NOT_DECISIVE = frozenset({"run", "spark", "store", "drift"})
#: Settings of `[run]` that a resumed run may have otherwise: they limit tasks, and decide no file on the way.
LIMITS = ("worker_memory_bytes", "task_seconds", "tasks_per_worker")


@dataclass(frozen=True)
class Start:
    """How a run begins: anew, or from where it was killed."""

    run_id: str
    started: datetime.datetime
    staged: dict[str, str]  # what is staged beside the run to recognize it by: its digest and start
    resumed: bool


def start_of(request: RunRequest, identities: list[Identity], output: OutputFolder) -> Start:
    """Return the staged run with the same digest, to be resumed, or else a new run.

    Inputs that cannot be read twice (without a digest) always begin anew. Raises UserError for a run id that is not
    valid or taken.
    """
    digest = _digest(request, identities, output)
    for run in output.staged():
        staged = output.staged_order(run)
        readable_again = all(each.sha256 for each in identities)
        if request.run_id in (None, run) and readable_again and staged.get("digest") == digest:
            return Start(run, datetime.datetime.fromisoformat(staged["started"]), staged, resumed=True)
    started = _now_after_latest(output)
    staged = {"digest": digest, "started": started.isoformat()}
    return Start(_new_run_id(request, output), started, staged, resumed=False)


def find_same_run(request: RunRequest, identities: Sequence[Identity], output: OutputFolder) -> str | None:
    """Return the published run that read all of these very inputs with these settings, if there is one."""
    if request.limit is not None or any(each.sha256 is None for each in identities):
        return None
    requested = sorted((each.uri, each.sha256) for each in identities)
    for run in output.runs():
        manifest = output.manifest(run)
        same = manifest["fingerprint"] == fingerprint(request.settings) and manifest["limit"] is None
        same = same and manifest.get("window", UNLIMITED) in (UNLIMITED, request.window.as_dict())
        if same and requested == sorted((each["uri"], each["sha256"]) for each in manifest["inputs"]):
            return run
    return None


def refuse_other_part(request: RunRequest, output: OutputFolder) -> None:
    """Raise UserError where the runs of the corpus did another part of the work: rows of both would mean two things."""
    runs, wanted = output.runs(), request.settings.stages.only
    done = output.manifest(runs[-1])["settings"].get("stages", {}).get("only", "all") if runs else wanted
    if done != wanted:
        raise UserError(
            f"the runs in {request.out} were made with [stages] only = {done!r}, and this one has {wanted!r}: a corpus "
            "has one answer for all of its runs. Name another --out, or set it likewise."
        )


def fingerprint(chosen: Settings) -> str:
    """Return a digest of everything that decides what a run does to a document: settings, rules, weights, version."""
    decisive = {name: values for name, values in settings.as_dict(chosen).items() if name not in NOT_DECISIVE}
    text = json.dumps([__version__, decisive, evidence_digest(chosen.evidence)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _digest(request: RunRequest, identities: list[Identity], output: OutputFolder) -> str:
    """Return a digest of all that decides a run's files on their way: request, inputs, and the runs before it."""
    decisive_request = replace(
        request, inputs=(), out=Path(), workers=0, run_id=None, dry_run=False, wait=0, break_lock=False,
        command_digest=None, settings_from=(), engine="", session=None, settings=_without_machines(request.settings),
    )  # fmt: skip
    forgotten = output.out / RECORD
    before = [repr(output.runs()), forgotten.read_text(encoding="utf-8") if forgotten.exists() else ""]
    decisive = [fingerprint(request.settings), repr(decisive_request), repr(identities), *before]
    return hashlib.sha256("\n".join(decisive).encode()).hexdigest()


def _without_machines(chosen: Settings) -> Settings:
    """Return the settings with the defaults of those that say where and with how much the work is done.

    Whoever resumes a run that was short of memory or time gives it more.
    """
    defaults = Settings()
    limits = {name: getattr(defaults.run, name) for name in LIMITS}
    return replace(chosen, run=replace(chosen.run, **limits), spark=defaults.spark)


def _now_after_latest(output: OutputFolder) -> datetime.datetime:
    """Return the time, or one just after the start of the latest run: clocks are set back, the order of runs is not."""
    now, earlier = datetime.datetime.now(datetime.UTC), output.runs()
    if not earlier:
        return now
    latest = datetime.datetime.fromisoformat(output.manifest(earlier[-1])["started"])
    return max(now, latest + datetime.timedelta(microseconds=1))


def _new_run_id(request: RunRequest, output: OutputFolder) -> str:
    run_id, taken = request.run_id, output.runs()
    if run_id is None:
        return time_as_id(taken)
    if not _RUN_ID.fullmatch(run_id):
        raise UserError(
            f"run id {run_id!r}: use at most 100 letters, digits, '.', '_', '-', and begin with a letter or digit."
        )
    if run_id in taken:
        raise UserError(f"run id {run_id!r} is taken by a published run in {request.out}. Choose another --run-id.")
    return run_id


def time_as_id(taken: list[str]) -> str:
    """Return the time in UTC, followed by a number if a run of the same second exists."""
    time = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H-%M-%S")
    return next(each for each in [time, *(f"{time}-{n}" for n in range(2, 1000))] if each not in taken)
