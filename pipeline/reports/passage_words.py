"""Copied passages in words: what sets a copy apart from the canonical one, when it was printed, under which title."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.storage.reader import Corpus
from pipeline.storage.tables import dataset

#: What a column of `passages` says where it is true.
REMARKS = {
    "numbers_differ": "other figures",
    "contradicts": "another name or a negation",
    "late": "published first, cleaned later",
    "revision": "an earlier version of the same article",
}


def remarks_on(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what sets a row of `passages` apart from the canonical passage.

    >>> remarks_on({"numbers_differ": True, "contradicts": False, "late": True, "revision": False})
    ('other figures', 'published first, cleaned later')
    """
    return tuple(words for name, words in REMARKS.items() if row[name])


def to_the_minute(moment: datetime | None, unknown: str = "no time") -> str:
    """Write a time of publication; `unknown` stands for none.

    >>> to_the_minute(datetime(2031, 3, 7, 19, 45)), to_the_minute(None)
    ('2031-03-07 19:45', 'no time')
    """
    return f"{moment:%Y-%m-%d %H:%M}" if moment else unknown


def titles_of(corpus: Corpus, doc_ids: Iterable[str]) -> dict[str, str | None]:
    """Look up the titles of documents, in whatever run they are."""
    wanted = pc.is_in(pc.field("doc_id"), pa.array(sorted(set(doc_ids)), pa.string()))
    found: dict[str, str | None] = {}
    for run in corpus.runs:
        for batch in dataset(corpus.out, "documents", run).to_batches(columns=["doc_id", "title"], filter=wanted):
            found.update(zip(batch["doc_id"].to_pylist(), batch["title"].to_pylist(), strict=True))
    return found
