"""Verdicts: one per paragraph, from rules, the line model, the outlet's templates and the page's DOM hints.

Losing a sentence of the story is worse than keeping a caption. The line model gives odds for noise; a rule multiplies
them by what its strength is worth, and the longer a paragraph is, the better the odds must be. Without a model, strong
and likely rules decide alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

from stages.noise.line_model import Threshold
from stages.noise.matcher import RuleMatcher, Seen, may_fire
from stages.noise.predicates import headline
from stages.noise.rules import STRENGTHS, Rule, Strength
from stages.noise.runs import (
    PROSE_WORDS,
    Judged,
    entries_with_figures,
    numbered_alike,
    outside_story,
    pool,
    runs_in,
    table_heads,
)
from stages.noise.templates import Support
from stages.noise.view import View

#: A paragraph that opens with one of these is where a story begins: only a strong rule cuts it whole.
OPENINGS = ("dateline", "wire", "speaker")
#: Labels that no other page of an outlet repeats: a template is neither, whatever rules find in its place.
OWN = ("title", "deck")
#: How many times the support a template needs where the model cannot tell story from furniture: with 20 documents none
#: of the story that invented outlets repeat was cut, with 8 some was (docs/method/noise.md).
WITHOUT_MODEL = 2.5
#: Factor of a template on the model's odds, with just the support that is needed; it grows with support. With 10,000,
#: the background of a long story was cut.
TEMPLATE_ODDS = 3000.0
#: Furniture stands together: paragraphs so far from one that a strong rule cuts are likelier noise.
NEAR = (-2, -1, 1, 2)
#: How a teaser ends that is cut off.
CUT_OFF = ("...", "…")
#: How far down a document furniture may stand above its headline.
TOP = 10


@dataclass(frozen=True, slots=True)
class CutOdds:
    """Factors of rules on the line model's odds for noise, by their strength, and the odds that a cut needs."""

    strong: float  # factors on the model's odds
    likely: float
    weak: float
    near: float  # beside what a strong rule cuts
    threshold: Threshold
    support: int
    strong_only: bool = False  # other evidence cuts nothing

    def needed(self, n_words: int, factor: float) -> float:
        """Return the model's probability of noise from which on a paragraph is cut, given other evidence's factor.

        >>> odds = CutOdds(1000, 10, 2, 5, Threshold(1.0, 0.1), 8)
        >>> odds.needed(30, 1.0)
        0.8
        >>> round(odds.needed(30, 10), 2)
        0.29
        >>> round(odds.eased().needed(30, 1.0), 2)
        0.44
        """
        return self.threshold.probability(n_words, factor)

    def eased(self) -> CutOdds:
        """Return the odds needed near a paragraph that a strong rule cuts."""
        return _eased(self)


@lru_cache(maxsize=64)  # asked twice for each document; a run has one or two odds
def _eased(odds: CutOdds) -> CutOdds:
    threshold = odds.threshold
    return replace(odds, threshold=Threshold(threshold.odds / odds.near, threshold.odds_per_word / odds.near))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A paragraph is noise: its label, and the evidence: a rule's id, "model", "html:<hint>" or a template's name."""

    label: str
    rule: str
    measured: float | None = None
    limit: float | None = None


@dataclass(frozen=True)
class Hits:
    """The rules that may fire in a document, by paragraph, in the order of the packs."""

    paragraphs: Mapping[int, Sequence[Rule]] = field(default_factory=dict)
    spans: Mapping[int, Sequence[Rule]] = field(default_factory=dict)

    @cached_property
    def strongest(self) -> dict[int, Rule]:
        """The rule that judges each paragraph: the line model's second look and the verdicts ask for it."""
        return judge_by_rules(self.paragraphs)


def find_hits(view: View, matcher: RuleMatcher, seen: Seen) -> Hits:
    """Find every rule whose pattern or predicate holds, and whose conditions on place and shape hold too.

    `seen` holds the patterns found in each paragraph (`RuleMatcher.read`).
    """
    paragraphs: dict[int, list[Rule]] = {}
    spans: dict[int, list[Rule]] = {}
    found = [(at, rules) for at, rules in enumerate(map(seen.__getitem__, view.paragraphs)) if rules]
    for at, rules in found:
        for rule in rules:
            if may_fire(rule, view, at):
                (spans if rule.kind == "span" else paragraphs).setdefault(at, []).append(rule)
    for rule, holds_for in matcher.structural:
        if held := holds_for(view):  # nearly never
            for at in sorted(held):
                if may_fire(rule, view, at):
                    paragraphs.setdefault(at, []).append(rule)
    return Hits(paragraphs, spans)


def judge_by_rules(hits: Mapping[int, Sequence[Rule]]) -> dict[int, Rule]:
    """Choose the strongest rule on each paragraph, the first of equals.

    Rules that need a neighbour's label come after, in two walks, one down the document and one up.
    """
    judged: dict[int, Rule] = {}
    for at, rules in hits.items():
        if free := [rule for rule in rules if not rule.after and not rule.before]:
            judged[at] = min(free, key=lambda rule: STRENGTHS.index(rule.strength))
    for at in sorted(hits):
        judge_by_neighbour(judged, at, at - 1, [rule for rule in hits[at] if rule.after], "after")
    for at in sorted(hits, reverse=True):
        judge_by_neighbour(judged, at, at + 1, [rule for rule in hits[at] if rule.before], "before")
    return judged


def judge_by_neighbour(judged: dict[int, Rule], at: int, neighbour: int, rules: list[Rule], side: str) -> None:
    """Choose the rule that holds because of the neighbour's label, where it is stronger than the rule chosen so far."""
    if neighbour not in judged or judged[neighbour].strength == "weak":
        return
    here = STRENGTHS.index(judged[at].strength) if at in judged else len(STRENGTHS)
    for rule in rules:
        if judged[neighbour].label in getattr(rule, side) and STRENGTHS.index(rule.strength) < here:
            judged[at] = rule
            return


class ParagraphEvidence(NamedTuple):
    """All evidence on one paragraph, and the odds that a cut needs there."""

    words: int
    probability: float | None  # of noise, from the line model
    rule: Rule | None
    support: Support | None
    hint: str | None
    opens_story: bool
    odds: CutOdds

    @property
    def is_strong(self) -> bool:
        """True if a strong rule holds."""
        return self.rule is not None and self.rule.strength == "strong"


def verdicts(
    view: View,
    hits: Hits,
    probabilities: Sequence[float] | None,
    supports: Mapping[int, Support],
    hints: Mapping[int, str],
    odds: CutOdds,
) -> dict[int, Verdict]:
    """Return the verdict on each paragraph that goes, by its number, except those that wait for the next round."""
    heads = table_heads(view)
    by_rule = {at: rule for at, rule in hits.strongest.items() if at not in heads}
    collected = collect_evidence(view, hits, by_rule, probabilities, supports, hints, odds)
    judged = ((at, judge_paragraph(view, at, evidence)) for at, evidence in collected)
    found = {at: verdict for at, verdict in judged if verdict is not None and at not in heads}
    left = left_by_their_kind(view, found)
    found = {at: verdict for at, verdict in found.items() if at not in left}
    waiting = headline_below(view, by_rule, found)
    return {at: verdict for at, verdict in found.items() if at not in waiting} if waiting else found


def left_by_their_kind(view: View, found: Mapping[int, Verdict]) -> set[int]:
    """Find the lines that the model alone would cut while it keeps most lines that are like them.

    They are alike but for a number, or entries of one long list.
    """
    left: set[int] = set()
    if all(verdict.rule != "model" for verdict in found.values()):
        return left
    for lines in (*numbered_alike(view), entries_with_figures(view)):
        cut = [at for at in lines if at in found]
        if 2 * len(cut) < len(lines):
            left.update(at for at in cut if found[at].rule == "model")
    return left


def collect_evidence(
    view: View,
    hits: Hits,
    by_rule: Mapping[int, Rule],
    probabilities: Sequence[float] | None,
    supports: Mapping[int, Support],
    hints: Mapping[int, str],
    odds: CutOdds,
) -> Iterator[tuple[int, ParagraphEvidence]]:
    """Yield the evidence on each paragraph that has any, in order."""
    strong = {at for at, rule in by_rule.items() if rule.strength == "strong"}
    runs = runs_in(view)
    placed = odds_by_place(view, strong, runs, odds)
    judged = judge_runs(view, probabilities, strong, runs)
    least = min([odds, *placed.values()], key=lambda one: one.threshold.odds).needed(0, 1.0)  # less cuts nothing alone
    likely = [at for at, one in enumerate(judged) if one.probability is not None and one.probability >= least]
    stories = story_openings(hits)
    for at in sorted({*likely, *by_rule, *supports, *hints}):
        yield (
            at,
            ParagraphEvidence(
                words=judged[at].words,
                probability=judged[at].probability,
                rule=by_rule.get(at),
                support=supports.get(at),
                hint=hints.get(at),
                opens_story=at in stories,
                odds=placed.get(at, odds),
            ),
        )


def odds_by_place(view: View, strong: Collection[int], runs: Sequence[range], odds: CutOdds) -> dict[int, CutOdds]:
    """Return the odds where they are eased: beside furniture, in a run that holds some, and most outside the story.

    Beside furniture they are not eased for whole sentences: the story goes on right above and below a share prompt.
    """
    eased = odds.eased()
    near = {at + step for at in strong for step in NEAR}
    placed = {at: eased for at in near if not is_sentence(view, at)}
    placed |= {at: eased for run in runs if any(at in strong for at in run) for at in run}
    return placed | dict.fromkeys(outside_story(view, strong), eased.eased())


def is_sentence(view: View, at: int) -> bool:
    """Tell if there is a paragraph that ends as prose does, and has as many words as one of the story.

    >>> from stages.noise.view import look
    >>> view = look(["It rained for nine days in Port Anning, said the harbour office there.", "Sign up here and ..."])
    >>> [is_sentence(view, at) for at in (0, 1, 2)]
    [True, False, False]
    """
    long = 0 <= at < len(view.closed) and view.closed[at] and view.n_words[at] >= PROSE_WORDS
    return long and not view.paragraphs[at].endswith(CUT_OFF)


def judge_runs(
    view: View, probabilities: Sequence[float] | None, strong: Collection[int], runs: Sequence[range]
) -> list[Judged]:
    """Return what the line model says of each paragraph: of its run as a whole, where it stands in one."""
    if probabilities is None:
        return [Judged(None, words) for words in view.n_words]
    pooled = pool(view, probabilities, runs, strong)
    judged = list(map(Judged._make, zip(probabilities, view.n_words, strict=True)))
    for at, one in pooled.items():
        judged[at] = one
    return judged


def story_openings(hits: Hits) -> set[int]:
    """Find the paragraphs where a story begins."""
    return {at for at, rules in hits.spans.items() if any(rule.label in OPENINGS for rule in rules)}


def judge_paragraph(view: View, at: int, evidence: ParagraphEvidence) -> Verdict | None:
    """Return the verdict by the first evidence that suffices: DOM hint, rule, template, model.

    Only a strong rule goes before the DOM hint: the page knows better than the looks of a paragraph. Where a story
    begins, only a strong rule or a template that a person accepted cuts.
    """
    if evidence.opens_story and not evidence.is_strong and not is_accepted(evidence.support):
        return None
    verdict = judge_by_rule_or_template(evidence)
    if evidence.hint is not None and not evidence.is_strong:
        verdict = judge_by_hint(evidence.hint, evidence) or verdict
    verdict = verdict or judge_by_model(view, at, evidence)
    strengths = {} if evidence.rule is None else {evidence.rule.id: evidence.rule.strength}
    return None if verdict and evidence.odds.strong_only and is_weak(verdict.rule, strengths) else verdict


def is_weak(name: str, strengths: Mapping[str, Strength]) -> bool:
    """Tell of the evidence that a cut names if it is less than a strong rule, a strong DOM hint or a template.

    >>> is_weak("model", {}), is_weak("html:nav", {}), is_weak("en.via", {"en.via": "likely"})
    (True, False, True)
    """
    if name.startswith("html:"):
        return DOM_HINTS[name.removeprefix("html:")][1] != "strong"
    return name == "model" or strengths.get(name, "strong") != "strong"


def judge_by_rule_or_template(evidence: ParagraphEvidence) -> Verdict | None:
    """Return the verdict of the rule, else of the template; a template is not the page's own title or standfirst."""
    template = None if evidence.support is None else judge_template(evidence.support, evidence)
    if evidence.rule is None or (template and evidence.rule.label in OWN):
        return template
    return judge_with_rule(evidence.rule, evidence) or template


def headline_below(view: View, by_rule: Mapping[int, Rule], judged: Collection[int]) -> set[int]:
    """Find the line that becomes the headline once the furniture above it is gone, and the line below it.

    That may be its standfirst. If they are judged now, they wait for the next round.
    """
    gone = {at for at, rule in by_rule.items() if rule.strength == "strong" and rule.label not in OWN}
    if view.title or gone.issuperset(judged) or not any(at < TOP for at in gone):
        return set()
    remaining = [at for at in range(len(view.paragraphs)) if at not in gone]
    heads = {remaining[at] for at in headline(view.of(remaining))}
    return {*heads, *(at + 1 for at in heads)} - gone


def judge_with_rule(rule: Rule, evidence: ParagraphEvidence) -> Verdict | None:
    """Return the verdict of a rule, weighed with the model; without a model all but weak rules decide alone."""
    if evidence.probability is None:
        return None if rule.strength == "weak" else Verdict(rule.label, rule.id)
    return weighed(rule.label, rule.id, rule.strength, evidence.probability, evidence)


def weighed(
    label: str, name: str, strength: Strength, probability: float, evidence: ParagraphEvidence
) -> Verdict | None:
    """Return the verdict if the model's probability suffices beside evidence of this strength."""
    needed = evidence.odds.needed(evidence.words, getattr(evidence.odds, strength))
    return Verdict(label, name, probability, needed) if probability >= needed else None


def judge_by_model(view: View, at: int, evidence: ParagraphEvidence) -> Verdict | None:
    """Return the verdict of the model alone."""
    needed = evidence.odds.needed(evidence.words, 1.0)
    if evidence.probability is not None and evidence.probability >= needed:
        return Verdict(likely_label(view, at), "model", evidence.probability, needed)
    return None


#: Label and strength by DOM hint. A class name may be that of the whole article, so hints that articles are wrapped in
#: at times are only likely.
DOM_HINTS: Mapping[str, tuple[str, Strength]] = {
    "headline": ("title", "strong"),
    "figcaption": ("caption", "strong"),
    "caption": ("caption", "likely"),
    "credit": ("credit", "strong"),
    "nav": ("nav", "strong"),
    "footer": ("nav", "strong"),
    "form": ("signup", "strong"),
    "aside": ("related", "likely"),
    "related": ("related", "likely"),
    "links": ("related", "strong"),
    "share": ("social", "strong"),
    "newsletter": ("signup", "strong"),
    "promo": ("ad", "strong"),
    "comments": ("comment", "likely"),
    "author-bio": ("byline", "strong"),
    "tags": ("nav", "strong"),
    "notice": ("legal", "strong"),
    "comment-system": ("comment", "strong"),
    "contact": ("byline", "likely"),
    "picture": ("caption", "likely"),
}


def judge_by_hint(hint: str, evidence: ParagraphEvidence) -> Verdict | None:
    """Return the verdict of a DOM hint, weighed as a rule is; without a model only strong ones decide."""
    if hint not in DOM_HINTS:
        return None
    label, strength = DOM_HINTS[hint]
    if evidence.probability is None:
        return Verdict(label, f"html:{hint}") if strength == "strong" else None
    return weighed(label, f"html:{hint}", strength, evidence.probability, evidence)


def is_accepted(support: Support | None) -> bool:
    """Return True if a person said that this is a template of the outlet."""
    return support is not None and support.accepted


def judge_template(support: Support, evidence: ParagraphEvidence) -> Verdict | None:
    """Return the verdict on a template.

    A person's word decides. Else, the more documents hold it, the larger its factor on the model's odds: background
    that an outlet repeats in long stories reads as story. Without a model more documents must hold it.
    """
    if support.accepted:
        return Verdict("template", support.rule, support.documents)
    probability, odds = evidence.probability, evidence.odds
    least = odds.support * (WITHOUT_MODEL if probability is None else 1.0)
    factor = TEMPLATE_ODDS * support.documents / odds.support
    if support.documents < least or (probability is not None and probability < odds.needed(evidence.words, factor)):
        return None
    return Verdict("template", support.rule, support.documents, least)


BYLINE_WORDS = 10  # of a line that only the model cuts; chosen by hand, not tuned


def likely_label(view: View, at: int) -> str:
    """Guess the label of a paragraph that only the model takes for noise: byline, link below the story or caption."""
    if view.n_words[at] <= BYLINE_WORDS and view.keywords.byline.match(view.paragraphs[at]):
        return "byline"
    below = at >= len(view.paragraphs) - 3 and at > len(view.paragraphs) // 2
    return "related" if below and view.n_words[at] < 12 else "caption"
