"""Rules at work: what one rule cut in the published documents of a corpus, by outlet, with samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from pipeline.storage.reader import Corpus
from pipeline.storage.tables import folder_of, part_files, read_file
from stages.shared.words import count_words

#: Different texts that are shown of a rule.
SAMPLES = 8
#: What stands for the outlet of a document of which nothing was left: the ledger alone knows it.
NOT_CARRIED_ON = "(no document)"
OUTLETS = ["doc_id", "outlet"]
COLUMNS = ["doc_id", "rule", "action", "before"]


class CutSample(NamedTuple):
    """One of the texts that a rule cut."""

    text: str
    outlet: str
    doc_id: str


@dataclass(slots=True)
class RuleUse:
    """Counts and samples of a rule's cuts: how often, how many words, in which documents and outlets, and some of it.

    The samples are those of the smallest digests: a fair choice among different texts, the same every time.
    """

    times: int = 0
    words: int = 0
    documents: int = 0
    outlets: Counter[str] = field(default_factory=Counter)
    chosen: dict[int, CutSample] = field(default_factory=dict)

    def add(self, text: str, outlet: str, doc_id: str) -> None:
        """Count one cut."""
        self.times += 1
        self.words += count_words(text)
        self.outlets[outlet] += 1
        digest = xxhash.xxh3_64_intdigest(text.encode(errors="replace"))
        if len(self.chosen) >= SAMPLES and digest > max(self.chosen):
            return
        self.chosen.setdefault(digest, CutSample(text, outlet, doc_id))
        if len(self.chosen) > SAMPLES:
            del self.chosen[max(self.chosen)]

    def samples(self) -> list[CutSample]:
        """Return the samples, by outlet."""
        return sorted(self.chosen.values(), key=lambda each: (each.outlet, each.text))


def use_of_rule(corpus: Corpus, rule: str) -> RuleUse:
    """Count what a rule, or other evidence such as "model", took from the documents of all runs, part by part."""
    use = RuleUse()
    for rows in _taken_by(corpus, rule):
        use.documents += len({row["doc_id"] for row in rows})
        for row in rows:
            use.add(row["before"] or "", row["outlet"], row["doc_id"])
    return use


def _taken_by(corpus: Corpus, rule: str) -> Iterator[Sequence[dict[str, Any]]]:
    """Yield the cuts of a rule in each part of the ledger, with the outlets of their documents."""
    for run in corpus.runs:
        for path in part_files(folder_of(corpus.out, "ledger", run)):
            ledger = read_file(path, "ledger", COLUMNS)
            taken = pc.and_(pc.equal(ledger["rule"], rule), pc.is_in(ledger["action"], pa.array(["cut", "moved"])))
            if len(rows := ledger.filter(taken)):
                documents = read_file(folder_of(corpus.out, "documents", run) / path.name, "documents", OUTLETS)
                outlets = dict(zip(*(documents[name].to_pylist() for name in OUTLETS), strict=True))
                yield [row | {"outlet": outlets.get(row["doc_id"], NOT_CARRIED_ON)} for row in rows.to_pylist()]
