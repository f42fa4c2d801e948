"""Page kind: names the kind of page that each document was taken from, and leaves out the kinds one does not want.

The kind is read from signs that a person can check: what the page says of itself, its address, the headline, and the
shape of its text (questions and answers, amounts, clock times, numbered headings). Each sign is worth points for one
kind; `article` is what has too few points for anything else. See docs/method/page-kinds.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import pyarrow as pa

from stages.contract import Outcome, replace_column
from stages.ledger import LedgerRows, subjects
from stages.page_kind.evidence import evidence_of_all
from stages.page_kind.signs import ENOUGH, judge

#: Reasons of this stage in the ledger; docs/reference/tables.md explains each.
REASONS = ("not_an_article",)

#: The kinds of pages that the column names.
Kind = Literal[
    "article", "opinion", "interview", "list", "recipe", "liveblog", "gallery", "index", "stub", "press", "forum",
    "other",
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Settings:
    """The kinds of pages that are left out. By default none: losing a story is worse than keeping a page of links."""

    skip: tuple[Kind, ...] = ()

    def __post_init__(self) -> None:
        unknown = [kind for kind in self.skip if kind not in KINDS]
        if unknown:
            raise ValueError(f"page_kind.skip: {unknown[0]!r} is no kind of page; there are {', '.join(KINDS)}")
        if "article" in self.skip:
            raise ValueError("page_kind.skip: articles cannot be skipped; whatever has no other kind is one")


def run(documents: pa.Table, settings: Settings) -> Outcome:
    """Name the kind of every document; those of a kind to skip are not carried on."""
    ledger, kinds = LedgerRows("page_kind", REASONS), []
    columns = documents.select(READ).to_pylist()
    for subject, evidence in zip(subjects(documents), evidence_of_all(columns), strict=True):
        found = judge(evidence)
        kinds.append(found.kind)
        if found.kind in settings.skip:
            facts: dict[str, Any] = {"rule": found.why, "measured": found.points, "limit": ENOUGH}
            ledger.add(subject, "skipped", "not_an_article", after=found.kind, **facts)
    documents = replace_column(documents, "page_kind", kinds)
    carried = pa.array([kind not in settings.skip for kind in kinds], pa.bool_())
    return Outcome(documents.filter(carried), ledger.table())


#: The columns that the kind is read from.
READ = ["url", "title", "authors", "published", "language", "kind", "page_facts", "text"]
