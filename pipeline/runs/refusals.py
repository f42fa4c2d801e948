"""Reasons not to publish: too many failed documents, drift, or nothing new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from pipeline import drift
from pipeline.console import counted
from pipeline.errors import DriftError, TooManyFailedError, UserError
from pipeline.runs.context import RunContext
from pipeline.runs.report import RunReport
from pipeline.settings import Settings
from pipeline.sources import Window
from pipeline.tally import Tally

#: Failed documents that are named: enough to look at one. Chosen by hand.
FAILED_NAMED = 3


def refuse_too_many_failed(report: RunReport, settings: Settings, failed: Iterable[str]) -> None:
    """Raise TooManyFailedError if more documents failed than the settings allow; it names the first of those `failed`.

    Fail closed: no corpus is better than one that silently lacks a good part of its documents.
    """
    tally, allowed = report.tally, settings.run.max_failed_share
    if tally.failed_share() <= allowed:
        return
    reasons = [f"{n:,} {r.replace('_', ' ')}" for (_, a, r), n in tally.rows.most_common() if a == "failed"]
    number, named = tally.total("failed"), ", ".join(islice(failed, FAILED_NAMED))
    message = (
        f"{counted(number, 'document')} failed, {tally.failed_share():.0%} of all ({'; '.join(reasons[:5])}): "
        f"{named}{' …' if number > FAILED_NAMED else ''}. "
        f"[run] max_failed_share allows {allowed:.0%}: nothing was published. "
        "Fix the input, `clean explain FILE` says what is wrong with it, or allow more in a settings file."
    )
    if tally.rows["source", "failed", "no_text"]:
        message += " The columns are found out by their names and values; [sources.fields] names them."
    if tally.rows["source", "failed", "several_documents"]:
        message += (
            " A text that looks like many articles is read as one with [sources] one_document = true, "
            'each line or heading as one with kind = "lines" or "headings".'
        )
    raise TooManyFailedError(message, report)


def refuse_nothing_read(report: RunReport) -> None:
    """Raise UserError if the inputs held nothing that can be read; being read before, or out of the window, is fine."""
    known = ("already_published", "same_document", "outside_window", "forgotten")
    skipped = [(reason, n) for (_, action, reason), n in report.tally.rows.most_common() if action == "skipped"]
    if skipped and not any(reason in known for reason, _ in skipped):
        found = "; ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in skipped)
        raise UserError(
            f"no documents: all that was found was skipped ({found}). `clean explain FILE` says why.", report
        )


def refuse_drift(context: RunContext, report: RunReport) -> tuple[drift.Drift, ...]:
    """Compare a run with earlier ones; return what differs, or raise DriftError if it differs too much.

    Fail closed: a run unlike all before it most often means that an input, or a rule, is broken.
    """
    settings = context.settings.drift
    earlier = [context.output.manifest(run) for run in context.output.runs()[-settings.recent_runs :]]
    found = drift.find(report.tally.outlets, report.tally.documents_out, earlier, settings)
    refused = drift.refusals(found)
    if refused and not context.request.allow_drift:
        figures = "; ".join(map(str, refused[:5])) + (f"; and {len(refused) - 5} more" if len(refused) > 5 else "")
        raise DriftError(
            f"this run is unlike the {len(earlier)} before it: {figures}. Nothing was published. Look at the input "
            "(clean rules --try FILE shows what is cut); if it is as it should be, repeat with --allow-drift, or "
            "set wider [drift] in a settings file.",
            replace(report, drift=tuple(found)),
        )
    return tuple(found)


def why_nothing(tally: Tally, window: Window) -> str:
    """Explain why a run has nothing to publish."""
    known = tally.rows["source", "skipped", "already_published"]
    outside = tally.rows["source", "skipped", "outside_window"]
    failed = tally.total("failed")
    if known:
        return (
            f"nothing new: all {known:,} documents were published by earlier runs "
            "(settings changed since? --again cleans them anew, another --out shows what they do)"
        )
    if outside:
        return f"nothing new: all {outside:,} documents lie outside the window ({window.in_words()})"
    if failed:
        return f"no documents: {failed:,} could not be read"
    return "no documents: the inputs hold none"
