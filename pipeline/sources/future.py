"""Dates of the future: no document was published after the run that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.sources.documents import Problem, RawDocument

#: Time zones reach 14 hours ahead, a time without a zone is taken for UTC, and clocks are wrong by a little. Chosen by
#: hand; embargoed texts and typing errors lie further ahead.
AHEAD = timedelta(days=2)


def without_future(found: RawDocument | Problem, now: datetime | None) -> Iterator[RawDocument | Problem]:
    """Yield a document, without the day it names if that lies ahead of `now`, and a ledger row that says so."""
    if now is None or isinstance(found, Problem) or found.published is None or found.published <= now + AHEAD:
        yield found
        return
    before, after = found.published.isoformat(), f"published left empty: later than {now.date().isoformat()}, the run"
    yield Problem(found.subject, "edited", "bad_field", rule="published", before=before, after=after)
    yield replace(found, published=None)
