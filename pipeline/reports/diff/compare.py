"""The comparison of two sides, bucket by bucket."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.reports.diff import sides
from pipeline.reports.diff.buckets import Half, bucketed
from pipeline.reports.diff.counts import Comparison
from pipeline.reports.diff.cuts import compare_cuts, compare_edits
from pipeline.reports.diff.documents import compare_documents, count_inputs
from pipeline.reports.diff.passages import Clusters, compare_passages
from pipeline.reports.diff.sides import Side
from pipeline.reports.sampling import Samples


@dataclass(frozen=True)
class Chosen:
    """The part of a comparison that is asked for. Empty tuples stand for everything."""

    outlets: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()  # rules or reasons, or patterns of them ("en.*")
    samples: int = 3  # of each group
    seed: int = 0
    passages: bool = True
    inputs: bool = True  # also compare the inputs that became no document

    def has_rule(self, reason: str, rule: str | None) -> bool:
        """Tell if a cut is asked for.

        >>> Chosen(rules=("en.*",)).has_rule("byline", "en.byline"), Chosen(rules=("byline",)).has_rule("date", None)
        (True, False)
        """
        return not self.rules or any(fnmatchcase(name, each) for each in self.rules for name in (reason, rule or ""))


def compare(old: Side, new: Side, chosen: Chosen) -> Comparison:
    """Compare two sides.

    Reads the tables of both sides once, part by part. Memory is bounded by a bucket of documents and by 16 bytes for
    each document and cluster. With chosen rules, only cuts are compared.
    """
    found = Comparison(old, new, chosen.seed)
    for name in ("cut_samples", "column_samples", "fate_samples", "passage_samples"):
        setattr(found, name, Samples(chosen.samples, chosen.seed))
    found.settings = sides.settings_that_differ(old, new)
    found.versions = sides.versions_that_differ(old, new)
    found.notes += [f"the runs of {side.name} have different settings; those of the latest are compared."
                    for side in (old, new) if sides.with_several_settings(side)]  # fmt: skip
    clusters = Clusters()
    with bucketed(old, new) as (pairing, buckets):
        found.documents.changed_pages = len(pairing.new_ids)
        for before, after in buckets:
            _compare_bucket(found, *_of_outlets(before, after, chosen.outlets), chosen)
            clusters.note(before.passages, after.passages)
        found.new_ids = {change.key: pairing.new_id(change.key) for change in found.cut_samples.values()}
    if chosen.passages:
        clusters.count(found.passages)
    found.notes += _nothing_chosen(found, chosen)
    return found


def _nothing_chosen(found: Comparison, chosen: Chosen) -> list[str]:
    """Say so where a name that was given fits nothing: it may be misspelt."""
    if found.cuts.old or found.cuts.new:
        return []
    if chosen.rules:
        return [f"neither side has a cut of {', '.join(chosen.rules)}; `clean rules` lists the rules."]
    if chosen.outlets and not found.outlet_words:
        return [f"neither side has a document of {', '.join(chosen.outlets)}; `clean find` shows the outlets."]
    return []


def _compare_bucket(found: Comparison, before: Half, after: Half, chosen: Chosen) -> None:
    """Add one bucket to the comparison."""
    compare_cuts(found, before, after, chosen.has_rule)
    if not chosen.rules:
        compare_edits(found, before, after)
        compare_documents(found, before, after)
        if chosen.inputs:
            count_inputs(found, before.ledger, after.ledger)
        if chosen.passages:
            compare_passages(found, before, after)


def _of_outlets(before: Half, after: Half, outlets: tuple[str, ...]) -> tuple[Half, Half]:
    """Return the rows of the documents of some outlets; inputs that became no document have none."""
    if not outlets:
        return before, after
    wanted = pa.array(outlets, pa.string())
    keys = pa.concat_tables([half.documents.filter(pc.is_in(half.documents["outlet"], wanted)).select(["key"])
                             for half in (before, after)])["key"].combine_chunks()  # fmt: skip
    kept = [Half(*(rows.filter(pc.is_in(rows["key"], keys)) for rows in half)) for half in (before, after)]
    return kept[0], kept[1]
