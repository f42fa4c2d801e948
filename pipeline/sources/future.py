"""Dates of the future: mark the documents that say they were published after the run that reads them.

The date stays. A clock that is wrong, or material with dates of its own, would otherwise lose a fact, and the same
input would give other documents tomorrow; a late date makes no document canonical.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.sources.documents import REASONS
from stages.ledger import LedgerRows, subjects

#: Time zones reach 14 hours ahead, a time without a zone is taken for UTC, and clocks are wrong by a little. Chosen by
#: hand; embargoed texts and typing errors lie further ahead.
DAYS_AHEAD = 2


def future_dates(documents: pa.Table, started: datetime) -> pa.Table:
    """Return a ledger row for each document published more than DAYS_AHEAD days after the run began."""
    rows = LedgerRows("source", REASONS)
    late = documents.filter(pc.greater(documents["published"], started + timedelta(days=DAYS_AHEAD)))
    for subject, published in zip(subjects(late), late["published"].to_pylist(), strict=True):
        measured = (published - started) / timedelta(days=1)
        rows.add(subject, "marked", "future_date", rule="published", measured=round(measured, 2), limit=DAYS_AHEAD)
    return rows.table()
