"""The counts of a run: documents, ledger rows and words by reason, seconds and memory."""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stages.shared.words import count_words_of


@dataclass
class OutletTally:
    """Documents and words of one outlet, before and after the noise stage."""

    documents: int = 0  # handed to the noise stage
    words_in: int = 0
    words_out: int = 0

    def __iadd__(self, other: OutletTally) -> OutletTally:
        self.documents += other.documents
        self.words_in += other.words_in
        self.words_out += other.words_out
        return self

    def cut_share(self) -> float:
        """Return the share of the words that was cut or moved.

        >>> OutletTally(1, 200, 150).cut_share()
        0.25
        """
        return 1 - self.words_out / self.words_in if self.words_in else 0.0


@dataclass
class Tally:
    """Counts that add up: over batches, over workers, over a run."""

    documents_in: int = 0
    documents_out: int = 0
    words_in: int = 0
    words_out: int = 0
    rows: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # by stage, action, reason
    words: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # words of `before`, likewise
    rule_rows: Counter[str] = field(default_factory=Counter)  # cut or moved, by rule or other evidence
    rule_words: Counter[str] = field(default_factory=Counter)  # likewise
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))  # by stage, over all workers
    outlets: dict[str, OutletTally] = field(default_factory=dict)
    peak_memory: int = 0  # bytes, of the largest process

    def __iadd__(self, other: Tally) -> Tally:
        self.documents_in += other.documents_in
        self.documents_out += other.documents_out
        self.words_in += other.words_in
        self.words_out += other.words_out
        self.rows += other.rows
        self.words += other.words
        self.rule_rows += other.rule_rows
        self.rule_words += other.rule_words
        for stage, seconds in other.seconds.items():
            self.seconds[stage] += seconds
        for outlet, counted in other.outlets.items():
            self.outlets.setdefault(outlet, OutletTally()).__iadd__(counted)
        self.peak_memory = max(self.peak_memory, other.peak_memory)
        return self

    def count(self, ledger: pa.Table) -> None:
        """Add the rows of a ledger, and the words that they cut or moved, by reason and by rule."""
        keys = list(zip(*(ledger[name].to_pylist() for name in ("stage", "action", "reason")), strict=True))
        self.rows.update(keys)
        words = count_words_of(ledger["before"]).to_pylist()
        for key, rule, count in zip(keys, ledger["rule"].to_pylist(), words, strict=True):
            if count is not None and key[1] in ("cut", "moved"):
                self.words[key] += count
                self._count_rule(rule, count)

    def _count_rule(self, rule: str | None, words: int) -> None:
        """Add a cut to its rule; all templates count as one, since every outlet has its own."""
        if rule is not None:
            name = "template" if rule.startswith("template:") else rule
            self.rule_rows[name] += 1
            self.rule_words[name] += words

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Add the seconds of a block to those of `stage`."""
        begun = time.perf_counter()
        yield
        self.seconds[stage] += time.perf_counter() - begun

    def measure_memory(self) -> None:
        """Raise `peak_memory` to the peak of this process."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.peak_memory = max(self.peak_memory, peak if sys.platform == "darwin" else peak * 1024)

    def total(self, action: str) -> int:
        """Count the ledger rows with this action."""
        return sum(n for (_, a, _), n in self.rows.items() if a == action)

    def failed_share(self) -> float:
        """Return the share of documents that failed, among all that failed or were carried on."""
        failed = self.total("failed")
        return failed / max(1, failed + self.documents_out)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as plain JSON types, for the manifest."""
        return {
            "documents_in": self.documents_in,
            "documents_out": self.documents_out,
            "words_in": self.words_in,
            "words_out": self.words_out,
            "ledger": [
                {"stage": s, "action": a, "reason": r, "rows": n, "words": self.words[s, a, r]}
                for (s, a, r), n in sorted(self.rows.items())
            ],
            "rules": [
                {"rule": rule, "rows": self.rule_rows[rule], "words": n} for rule, n in words_by_rule(self.rule_words)
            ],
            "seconds": {stage: round(seconds, 3) for stage, seconds in sorted(self.seconds.items())},
            "peak_memory_bytes": self.peak_memory,
        }


def words_by_rule(words: Counter[str]) -> list[tuple[str, int]]:
    """Sort rules by the words they cut, most first, then by name.

    >>> words_by_rule(Counter({"en.b": 2, "model": 9, "en.a": 2}))
    [('model', 9), ('en.a', 2), ('en.b', 2)]
    """
    return sorted(words.items(), key=lambda item: (-item[1], item[0]))


def sum_of(tallies: Iterable[Tally]) -> Tally:
    """Add up tallies."""
    tally = Tally()
    for each in tallies:
        tally += each
    return tally


def words_in(documents: pa.Table) -> pa.ChunkedArray:
    """Count the words in the text of each document."""
    return count_words_of(documents["text"])


def count_words_in(documents: pa.Table) -> int:
    """Count the words in all texts of a table."""
    return int(pc.sum(words_in(documents)).as_py() or 0)


def count_by_outlet(before: pa.Table, after: pa.Table) -> dict[str, OutletTally]:
    """Count the documents and words of each outlet, before the noise stage and after it."""
    found: dict[str, OutletTally] = {}
    for outlet, words in zip(before["outlet"].to_pylist(), words_in(before).to_pylist(), strict=True):
        found.setdefault(outlet, OutletTally()).__iadd__(OutletTally(1, words, 0))
    for outlet, words in zip(after["outlet"].to_pylist(), words_in(after).to_pylist(), strict=True):
        found[outlet].words_out += words
    return found
