"""Names of what is to be removed: articles by id, URL or outlet, and runs; and what would be taken with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import UserError
from pipeline.sources.tracking import without_tracking
from pipeline.storage.protocol import RunStore
from pipeline.storage.reader import no_corpus, no_such_run
from pipeline.storage.tables import TABLES, dataset

COLUMNS = ["doc_id", "outlet", "url", "title"]


@dataclass(frozen=True)
class Named:
    """The articles that a user names: by id or its first digits, by URL, or by outlet. UserError unless by one."""

    doc_id: str | None = None
    url: str | None = None
    outlet: str | None = None

    def __post_init__(self) -> None:
        if sum(bool(each) for each in (self.doc_id, self.url, self.outlet)) != 1:
            raise UserError("name what is to be forgotten: DOC_ID, --url URL or --outlet NAME, one of them.")

    def in_words(self) -> str:
        """Say what was named.

        >>> Named(outlet="Holm Post").in_words()
        "the outlet 'Holm Post'"
        """
        given = (("an id that begins with", self.doc_id), ("the address", self.url), ("the outlet", self.outlet))
        return next(f"{kind} {value!r}" for kind, value in given if value)

    @property
    def filter(self) -> pc.Expression:
        """The rows of `documents` that are meant."""
        if self.doc_id:
            return pc.starts_with(pc.field("doc_id"), self.doc_id)
        if self.url:  # as it came, or as it is in the tables
            return pc.is_in(pc.field("url"), pa.array([self.url, without_tracking(self.url)]))
        return pc.field("outlet") == self.outlet


class Taken(NamedTuple):
    """The extent of a removal: how many articles of how many runs, and the first of them."""

    articles: int
    runs: tuple[str, ...]
    first: tuple[dict[str, Any], ...]


def articles_named(store: RunStore, named: Named) -> pa.Table:
    """Return id, outlet, URL and title of the named articles. UserError where the first digits of an id fit several.

    A failed article is in no table of documents, but the ledger holds its text; only its id is known.
    """
    tables = [dataset(store.out, "documents", run).to_table(COLUMNS, filter=named.filter) for run in store.runs()]
    found = pa.concat_tables([TABLES["documents"].empty_table().select(COLUMNS), *tables])
    if not len(found) and named.doc_id:
        ledgers = [dataset(store.out, "ledger", run).to_table(["doc_id"], filter=named.filter) for run in store.runs()]
        ids = {each for ledger in ledgers for each in ledger["doc_id"].to_pylist()}
        rows = [{"doc_id": each, "outlet": "", "url": None, "title": None} for each in sorted(ids)]
        found = pa.Table.from_pylist(rows, schema=found.schema)
    if named.doc_id and len(found) > 1:
        raise UserError(f"{named.doc_id!r} is the beginning of {len(found)} document ids: give more of it.")
    return found


def refuse_unknown_runs(store: RunStore, runs: Sequence[str]) -> None:
    """Raise UserError for a run that was not published."""
    known = store.runs()
    for run in runs:
        if run not in known:
            raise no_such_run(store.out, run, known)


def taken_with(store: RunStore, named: Named, shown: int = 10) -> Taken:
    """Return what forgetting the named articles would take. UserError where no article has that name."""
    found = articles_named(store, named)
    if not len(found):
        nothing = UserError(f"no article of that name in {store.out}/: nothing would be forgotten.")
        raise nothing if store.runs() else no_corpus(store.out)
    ids = found["doc_id"].combine_chunks()
    of = [
        run
        for run in store.runs()
        if dataset(store.out, "documents", run).count_rows(filter=pc.is_in(pc.field("doc_id"), ids))
    ]
    return Taken(len(found), tuple(of), tuple(found.slice(0, shown).to_pylist()))


def taken_with_runs(store: RunStore, runs: Sequence[str], shown: int = 10) -> Taken:
    """Return what deleting runs would take. UserError for a run that was not published."""
    refuse_unknown_runs(store, runs)
    tables = [dataset(store.out, "documents", run) for run in runs]
    first = [row for table in tables for row in table.head(shown, columns=COLUMNS).to_pylist()]
    return Taken(sum(table.count_rows() for table in tables), tuple(runs), tuple(first[:shown]))
