"""The counts of a comparison: plain values that add up over buckets, and their form as JSON."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple

from pipeline.reports.diff.sides import Setting, Side
from pipeline.reports.sampling import Samples

#: What happened to a cut: it is on the new side only, on the old side only, or both sides make it for other reasons.
Turn = Literal["appeared", "vanished", "changed"]
TURNS: tuple[Turn, ...] = ("appeared", "vanished", "changed")


class RuleName(NamedTuple):
    """The reason and the rule of a cut; all templates of an outlet count as one, and rules of none as "model" do."""

    reason: str
    rule: str


class Cutting(NamedTuple):
    """A cut or a moved span of one side, as its ledger names it."""

    stage: str
    action: str
    reason: str
    rule: str | None

    @property
    def name(self) -> RuleName:
        """The line of the tables that it counts in.

        >>> Cutting("noise", "cut", "template", "template:plume/00ff").name
        RuleName(reason='template', rule='template:plume')
        """
        rule = self.rule or ""
        return RuleName(self.reason, rule.partition("/")[0] if rule.startswith("template:") else rule)


class CutChange(NamedTuple):
    """A cut that only one side makes, or that both make for other reasons."""

    key: str
    outlet: str
    text: str
    n_words: int
    old: Cutting | None
    new: Cutting | None

    @property
    def turn(self) -> Turn:
        """The kind of change."""
        if self.old is None:
            return "appeared"
        return "vanished" if self.new is None else "changed"

    @property
    def made(self) -> Cutting:
        """The cut on the side that makes it; on the new one if both do."""
        made = self.new or self.old
        assert made is not None
        return made


@dataclass
class CutCounts:
    """The cuts of one rule, of one outlet or of all."""

    old: int = 0
    new: int = 0
    old_words: int = 0
    new_words: int = 0
    appeared: int = 0
    appeared_words: int = 0
    vanished: int = 0
    vanished_words: int = 0
    taken_over: int = 0  # cuts that another rule, or no rule, made for another reason on the old side
    given_up: int = 0  # cuts that another rule makes on the new side

    @property
    def differs(self) -> bool:
        """True if any cut differs."""
        return bool(self.appeared or self.vanished or self.taken_over or self.given_up)

    @property
    def weight(self) -> tuple[int, int]:
        """The size of the difference, to sort by: words, then cuts."""
        words = self.appeared_words + self.vanished_words
        return words, self.appeared + self.vanished + self.taken_over + self.given_up


@dataclass
class OutletWords:
    """The documents of an outlet that both sides carry on, and their words."""

    documents: int = 0
    texts_differ: int = 0
    old_words: int = 0
    new_words: int = 0


@dataclass
class ColumnCounts:
    """The changes of one column, in documents."""

    filled: int = 0
    emptied: int = 0
    changed: int = 0

    @property
    def total(self) -> int:
        """The number of documents in which the column differs."""
        return self.filled + self.emptied + self.changed


@dataclass
class PassageCounts:
    """Occurrences of copied passages, and their clusters."""

    old: int = 0
    new: int = 0
    gained: int = 0
    lost: int = 0
    first_elsewhere: int = 0  # the same words, canonical on one side only
    old_clusters: int = 0
    new_clusters: int = 0
    same_clusters: int = 0


@dataclass
class DocumentCounts:
    """Documents of both sides."""

    old: int = 0
    new: int = 0
    both: int = 0
    changed_pages: int = 0  # paired by address: what was read differs
    texts_differ: int = 0
    more_words: int = 0
    fewer_words: int = 0
    old_words: int = 0
    new_words: int = 0
    old_canonical_words: int = 0
    new_canonical_words: int = 0


@dataclass
class Comparison:
    """The whole comparison of two sides."""

    old: Side
    new: Side
    seed: int = 0
    settings: list[Setting] = field(default_factory=list)
    versions: list[Setting] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    documents: DocumentCounts = field(default_factory=DocumentCounts)
    cuts: CutCounts = field(default_factory=CutCounts)
    rules: defaultdict[RuleName, CutCounts] = field(default_factory=lambda: defaultdict(CutCounts))
    outlet_cuts: defaultdict[str, CutCounts] = field(default_factory=lambda: defaultdict(CutCounts))
    outlet_words: defaultdict[str, OutletWords] = field(default_factory=lambda: defaultdict(OutletWords))
    fates: Counter[tuple[str, str]] = field(default_factory=Counter)  # of documents, where they differ
    inputs: dict[str, list[int]] = field(default_factory=dict)  # that are no documents, by reason, on each side
    edits: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)  # old, new, appeared, vanished
    columns: defaultdict[str, ColumnCounts] = field(default_factory=lambda: defaultdict(ColumnCounts))
    passages: PassageCounts = field(default_factory=PassageCounts)
    cut_samples: Samples[Any, Any] = field(default_factory=Samples[Any, Any])
    column_samples: Samples[Any, Any] = field(default_factory=Samples[Any, Any])
    fate_samples: Samples[Any, Any] = field(default_factory=Samples[Any, Any])
    passage_samples: Samples[Any, Any] = field(default_factory=Samples[Any, Any])
    new_ids: dict[str, str] = field(default_factory=dict)  # of sampled documents whose page changed, by the old id

    @property
    def is_equal(self) -> bool:
        """True if no document, cut, edit, column, text or passage differs; settings and versions may."""
        passages, documents = self.passages, self.documents
        counted = (documents.texts_differ, self.cuts.differs, passages.gained, passages.lost, passages.first_elsewhere)
        edits = any(row[2] or row[3] for row in self.edits.values())
        inputs = any(old != new for old, new in self.inputs.values())
        columns = any(each.total for each in self.columns.values())
        return not (any(counted) or edits or inputs or columns or self.fates)

    def commonest_fates(self) -> list[tuple[tuple[str, str], int]]:
        """List what documents became, the commonest change first."""
        return sorted(self.fates.items(), key=lambda item: (-item[1], item[0]))

    def differing_rules(self) -> list[tuple[RuleName, CutCounts]]:
        """List the rules whose cuts differ, most words first."""
        return _heaviest(self.rules)

    def differing_outlets(self) -> list[tuple[str, CutCounts]]:
        """List the outlets whose cuts differ, most words first."""
        return _heaviest(self.outlet_cuts)


def _heaviest(counts: dict[Any, CutCounts]) -> list[tuple[Any, CutCounts]]:
    found = [(name, each) for name, each in counts.items() if each.differs]
    return sorted(found, key=lambda item: (-item[1].weight[0], -item[1].weight[1], item[0]))


def plain(counts: Any) -> dict[str, int]:
    """Return counts as plain JSON types."""
    return asdict(counts)
