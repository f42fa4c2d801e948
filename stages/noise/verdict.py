"""One verdict per paragraph, from what the rules, the line model and the outlet's templates say of it.

Losing a sentence of the story is worse than keeping a caption: a strong rule cuts by itself, a weak one only with the
model beside it, the model alone only where it is nearly sure, and surer still of a paragraph that ends as prose does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stages.noise.predicates import apply_predicate
from stages.noise.rules import Matcher, Rule, may_fire
from stages.noise.view import View


@dataclass(frozen=True, slots=True)
class Limits:
    """From what probability of noise on, or what support, each kind of evidence cuts."""

    open_end: float
    closed_end: float
    with_rule: float
    support: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """A paragraph is noise, of this kind, on this evidence: a rule's id, "model" or "template"."""

    label: str
    rule: str
    measured: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """The rules that may fire in a document, by paragraph, in the order of the packs."""

    strong: Mapping[int, Sequence[Rule]]
    weak: Mapping[int, Sequence[Rule]]
    spans: Mapping[int, Sequence[Rule]]


def find_hits(view: View, matcher: Matcher) -> Hits:
    """Every rule whose pattern or predicate holds, and whose conditions on place and shape hold too."""
    found: list[dict[int, list[Rule]]] = [{}, {}, {}]
    for at, paragraph in enumerate(view.paragraphs):
        for rule in matcher.hits(paragraph, view.n_words[at]):
            if may_fire(rule, view, at):
                found[2 if rule.kind == "span" else rule.strength == "weak"].setdefault(at, []).append(rule)
    for rule in matcher.structural:
        for at in sorted(apply_predicate(rule.predicate or "", view, dict(rule.parameters))):
            if may_fire(rule, view, at):
                found[rule.strength == "weak"].setdefault(at, []).append(rule)
    return Hits(*found)


def judge_by_rules(view: View, hits: Hits) -> dict[int, Rule]:
    """The strong rule that each paragraph falls to. Rules that ask for a neighbour's label are judged in two walks,
    one down the document and one up.

    """
    judged: dict[int, Rule] = {}
    for at, rules in hits.strong.items():
        if free := [rule for rule in rules if not rule.after and not rule.before]:
            judged[at] = free[0]
    for at in sorted(hits.strong):
        judge_by_neighbour(judged, at, at - 1, [rule for rule in hits.strong[at] if rule.after], "after")
    for at in sorted(hits.strong, reverse=True):
        judge_by_neighbour(judged, at, at + 1, [rule for rule in hits.strong[at] if rule.before], "before")
    return judged


def judge_by_neighbour(judged: dict[int, Rule], at: int, neighbour: int, rules: list[Rule], side: str) -> None:
    """Adds the rule that holds because of the neighbour's label, if the paragraph is not judged yet."""
    if at in judged or neighbour not in judged:
        return
    for rule in rules:
        if judged[neighbour].label in getattr(rule, side):
            judged[at] = rule
            return


def verdicts(
    view: View, hits: Hits, probabilities: Sequence[float] | None, supports: Mapping[int, int], limits: Limits
) -> dict[int, Verdict]:
    """The verdict on each paragraph that goes, with the first evidence that suffices: rule, template, model."""
    judged: dict[int, Verdict] = {}
    by_rule = judge_by_rules(view, hits)
    for at in range(len(view.paragraphs)):
        probability = float(probabilities[at]) if probabilities is not None else 0.0
        if at in by_rule:
            judged[at] = Verdict(by_rule[at].label, by_rule[at].id)
        elif supports.get(at, 0) >= limits.support:
            judged[at] = Verdict("template", "template", supports[at], limits.support)
        elif verdict := by_model(view, at, probability, hits.weak.get(at, ()), limits):
            judged[at] = verdict
    return judged


def by_model(view: View, at: int, probability: float, weak: Sequence[Rule], limits: Limits) -> Verdict | None:
    """The verdict where the line model decides, alone or beside a weak rule."""
    if weak and probability >= limits.with_rule:
        return Verdict(weak[0].label, weak[0].id, probability, limits.with_rule)
    limit = limits.closed_end if view.closed[at] else limits.open_end
    if probability >= limit:
        return Verdict(likely_label(view, at), "model", probability, limit)
    return None


def likely_label(view: View, at: int) -> str:
    """What a paragraph that only the model takes for noise most likely is: a link below the story, else a caption."""
    below = at >= len(view.paragraphs) - 3 and at > len(view.paragraphs) // 2
    return "related" if below and view.n_words[at] < 12 else "caption"
