"""The funnel of a page: from records read to documents, and from words read to words kept, step by step."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from pipeline.reports.page.scope import DocumentFigures, Scope

#: Reasons that a funnel shows by name before it is unfolded. Chosen by hand.
LOSSES = 8

Loss = tuple[str, str, str]  # stage, action, reason


class Step(NamedTuple):
    """One step of a funnel: `kind` is "total" or the ledger's action; the step's bar goes from `begin` to `end`."""

    kind: str
    label: str
    n: int
    begin: int
    end: int


class Funnel(NamedTuple):
    """The two funnels: totals, and between them what was lost, the largest loss first."""

    records: list[Step]
    words: list[Step]

    @staticmethod
    def in_short(steps: list[Step]) -> list[Step]:
        """Return the steps with small losses as one: the first `LOSSES` reasons make up most of what is lost."""
        at = next((at for at, step in enumerate(steps) if at and step.kind == "total"), len(steps))
        losses, rest = steps[1:at], steps[1 + LOSSES : at]
        if len(rest) < 2:
            return steps
        other = Step("cut", f"{len(rest)} other reasons", sum(step.n for step in rest), rest[-1].begin, rest[0].end)
        return [steps[0], *losses[:LOSSES], other, *steps[at:]]

    @property
    def kept_share(self) -> float:
        """Return the share of the words that were kept."""
        totals = [step.n for step in self.words if step.kind == "total"]
        return totals[1] / totals[0] if totals[0] else 1.0


def funnel_of(scope: Scope, documents: DocumentFigures) -> Funnel:
    """Compute the funnels from the manifests and the documents."""
    rows, words, read, kept = Counter[Loss](), Counter[Loss](), 0, 0
    published = forgotten = 0
    for counts in (manifest["counts"] for manifest in scope.manifests()):
        read, kept = read + counts["words_in"], kept + counts["words_out"]
        published += counts["documents_out"]
        forgotten += counts.get("forgotten", 0)
        for row in counts["ledger"]:
            rows[row["stage"], row["action"], row["reason"]] += row["rows"]
            words[row["stage"], row["action"], row["reason"]] += row["words"]
    return Funnel(_records(rows, published, forgotten), _words(words, read, kept, documents))


def _records(rows: Counter[Loss], published: int, forgotten: int) -> list[Step]:
    lost = [(loss, n) for loss, n in _most(rows) if loss[1] in ("skipped", "failed")]
    total = published + sum(n for _, n in lost)
    steps = [Step("total", "Records read", total, 0, total), *_losses(lost, total)]
    steps.append(Step("total", "Documents carried on", published, 0, published))
    if forgotten:
        steps.append(Step("skipped", "forgotten since", forgotten, published - forgotten, published))
    return steps


def _words(words: Counter[Loss], read: int, kept: int, documents: DocumentFigures) -> list[Step]:
    lost = [(loss, n) for loss, n in _most(words) if loss[1] in ("cut", "moved") and n and loss[0] == "noise"]
    steps = [Step("total", "Words read", read, 0, read), *_losses(lost, read)]
    rest = read - sum(n for _, n in lost) - kept
    if rest:  # whole documents without text, and hyphens joined
        steps.append(Step("edited", "counted otherwise after edits", rest, kept, kept + rest))
    first = round(kept * (1 - documents.words_elsewhere / max(1, documents.n_words)))
    steps.append(Step("total", "Words kept", kept, 0, kept))
    if kept > first:
        steps.append(Step("marked", "printed elsewhere first (kept, and marked)", kept - first, first, kept))
        steps.append(Step("total", "Words printed here first", first, 0, first))
    return steps


def _losses(lost: list[tuple[Loss, int]], total: int) -> list[Step]:
    steps, left = [], total
    for (_, action, reason), n in lost:
        steps.append(Step(action, reason, n, left - n, left))
        left -= n
    return steps


def _most(counts: Counter[Loss]) -> list[tuple[Loss, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
