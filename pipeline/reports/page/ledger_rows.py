"""One pass over the ledger: words by outlet and label, words by rule, failures, each with samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.reports.page.scope import Scope, TablePart
from pipeline.reports.sampling import Samples
from stages.shared.words import count_words_of

COLUMNS = ["doc_id", "source_uri", "stage", "action", "reason", "rule", "start", "before", "after", "measured", "limit"]
#: Samples of each label, rule, outlet and label, and reason of failure. Chosen by hand: a page of 10,000 articles of
#: 40 outlets stays below a third of the 5 MB that it may have.
PER_LABEL, PER_RULE, PER_OUTLET_LABEL, PER_FAILURE = 8, 4, 2, 8
#: Characters of a sample that are shown; the rest is counted.
SHOWN = 320
TAKEN, LOST = pa.array(["cut", "moved"]), pa.array(["failed", "skipped"])


class TakenText(NamedTuple):
    """A piece of text that a stage cut or moved, for a sample."""

    outlet: str | None  # None: its document was not carried on
    action: str
    label: str
    rule: str
    text: str
    left_out: int  # characters of the piece beyond `text`
    doc_id: str


class Lost(NamedTuple):
    """An input that did not become a document."""

    source_uri: str
    rule: str
    said: str


@dataclass
class LedgerFigures:
    """Counts and samples of ledger rows."""

    shown_outlets: frozenset[str]  # samples are kept for these alone
    words: Counter[tuple[str, str]] = field(default_factory=Counter)  # by outlet and label
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)  # likewise
    rule_words: Counter[str] = field(default_factory=Counter)
    rule_rows: Counter[str] = field(default_factory=Counter)
    rule_labels: dict[str, Counter[str]] = field(default_factory=dict)
    by_label: Samples[str, TakenText] = field(default_factory=lambda: Samples(PER_LABEL))
    by_rule: Samples[str, TakenText] = field(default_factory=lambda: Samples(PER_RULE))
    by_outlet: Samples[tuple[str, str], TakenText] = field(default_factory=lambda: Samples(PER_OUTLET_LABEL))
    failures: Samples[tuple[str, str, str], Lost] = field(default_factory=lambda: Samples(PER_FAILURE))

    def add(self, part: TablePart) -> None:
        """Count the rows of one part."""
        ledger = part.table("ledger", COLUMNS)
        self._add_removals(_with_outlets(ledger.filter(pc.is_in(ledger["action"], TAKEN)), part))
        self._add_losses(ledger.filter(pc.is_in(ledger["action"], LOST)))

    def _add_removals(self, removals: pa.Table) -> None:
        for row in _rows(removals.append_column("n_words", count_words_of(removals["before"].fill_null("")))):
            label, rule, outlet = row["reason"], _rule(row["rule"]), row["outlet"]
            self.words[outlet or "", label] += row["n_words"]
            self.rows[outlet or "", label] += 1
            self.rule_words[rule] += row["n_words"]
            self.rule_rows[rule] += 1
            self.rule_labels.setdefault(rule, Counter())[label] += 1
            self._sample(row, label, rule)

    def _sample(self, row: dict[str, Any], label: str, rule: str) -> None:
        key = f"{row['doc_id']} {row['stage']} {row['start']} {label} {rule}"
        text = row["before"] or ""
        removal = TakenText(
            row["outlet"], row["action"], label, rule, text[:SHOWN], len(text[SHOWN:]), row["doc_id"] or ""
        )
        self.by_label.offer(label, key, removal)
        self.by_rule.offer(rule, key, removal)
        if row["outlet"] in self.shown_outlets:
            self.by_outlet.offer((row["outlet"], label), key, removal)

    def _add_losses(self, losses: pa.Table) -> None:
        for row in _rows(losses):
            said = row["after"] or row["before"] or _limit(row)
            lost = Lost(row["source_uri"], row["rule"] or "", said[:SHOWN])
            key = f"{row['source_uri']} {row['doc_id']} {row['start']}"
            self.failures.offer((row["action"], row["stage"], row["reason"]), key, lost)


def ledger_figures(scope: Scope, shown_outlets: frozenset[str]) -> LedgerFigures:
    """Read the ledger of the reported runs, part by part."""
    found = LedgerFigures(shown_outlets)
    for part in scope.parts():
        found.add(part)
    return found


def _with_outlets(rows: pa.Table, part: TablePart) -> pa.Table:
    documents = part.table("documents", ["doc_id", "outlet"])
    places = pc.index_in(rows["doc_id"], documents["doc_id"].combine_chunks())
    return rows.append_column("outlet", documents["outlet"].take(places))


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=4096):
        yield from batch.to_pylist()


def _rule(rule: str | None) -> str:
    """Name the evidence; all templates count as one rule, since every outlet has its own.

    >>> _rule("template:plume/3f"), _rule("en.rights"), _rule(None)
    ('template', 'en.rights', 'none named')
    """
    if rule is None:
        return "none named"
    return "template" if rule.startswith("template:") else rule


def _limit(row: dict[str, Any]) -> str:
    if row["measured"] is None:
        return ""
    return f"{row['measured']:g}" + (f", the limit is {row['limit']:g}" if row["limit"] is not None else "")
