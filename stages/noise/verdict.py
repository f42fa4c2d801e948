"""One verdict per paragraph, from what the rules, the line model and the outlet's templates say of it.

Losing a sentence of the story is worse than keeping a caption. The line model gives odds for noise; a rule multiplies
them by what its strength is worth, and the longer a paragraph is, the better the odds must be. Without a model, strong
and likely rules decide alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from stages.noise.line_model import Threshold
from stages.noise.matcher import Matcher, Seen, may_fire
from stages.noise.predicates import apply_predicate, headline
from stages.noise.rules import STRENGTHS, Rule, Strength
from stages.noise.templates import Support
from stages.noise.view import View

#: A paragraph that opens with one of these is where a story begins: only a strong rule cuts it whole.
OPENINGS = ("dateline", "wire", "speaker")
#: What no other page of an outlet repeats: a template is neither, whatever rules make of its place.
OWN = ("title", "deck")
#: How many times the support a template needs where the model cannot tell story from furniture: with 20 documents none
#: of the story that invented outlets repeat was cut, with 8 some was (docs/noise.md).
WITHOUT_MODEL = 2.5
#: What a template adds to the model's odds with the support that is asked for; more with more of it. With 10,000, the
#: background of a long story went.
TEMPLATE_ODDS = 3000.0
#: Furniture stands together: how far from a paragraph that a strong rule cuts others are likelier noise.
NEAR = (-2, -1, 1, 2)
#: How far down a document furniture may stand above its headline.
TOP = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a rule adds to the line model's odds for noise, by its strength, and what odds a cut needs."""

    strong: float  # factors on the model's odds
    likely: float
    weak: float
    near: float  # beside what a strong rule cuts
    threshold: Threshold
    support: int

    def needed(self, n_words: int, factor: float) -> float:
        """The model's probability of noise from which on a paragraph is cut, with a rule's factor beside it.

        >>> limits = Limits(1000, 10, 2, 5, Threshold(1.0, 0.1), 8)
        >>> limits.needed(30, 1.0)
        0.8
        >>> round(limits.needed(30, 10), 2)
        0.29
        >>> round(limits.eased().needed(30, 1.0), 2)
        0.44
        """
        return self.threshold.probability(n_words, factor)

    def eased(self) -> Limits:
        """The limits near what a strong rule cuts."""
        return replace(
            self, threshold=Threshold(self.threshold.odds / self.near, self.threshold.odds_per_word / self.near)
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """A paragraph is noise, of this kind, on this evidence: a rule's id, "model" or a template's name."""

    label: str
    rule: str
    measured: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """The rules that may fire in a document, by paragraph, in the order of the packs."""

    paragraphs: Mapping[int, Sequence[Rule]] = field(default_factory=dict)
    spans: Mapping[int, Sequence[Rule]] = field(default_factory=dict)


def find_hits(view: View, matcher: Matcher, seen: Seen) -> Hits:
    """Every rule whose pattern or predicate holds, and whose conditions on place and shape hold too. What patterns are
    found in the paragraphs is in `seen`.
    """
    paragraphs: dict[int, list[Rule]] = {}
    spans: dict[int, list[Rule]] = {}
    for at, paragraph in enumerate(view.paragraphs):
        for rule in seen[paragraph]:
            if may_fire(rule, view, at):
                (spans if rule.kind == "span" else paragraphs).setdefault(at, []).append(rule)
    for rule in matcher.structural:
        for at in sorted(apply_predicate(rule.predicate or "", view, dict(rule.parameters))):
            if may_fire(rule, view, at):
                paragraphs.setdefault(at, []).append(rule)
    return Hits(paragraphs, spans)


def judge_by_rules(hits: Hits) -> dict[int, Rule]:
    """The strongest rule on each paragraph, the first of equals. Rules that ask for a neighbour's label are judged
    where no other holds, in two walks, one down the document and one up.
    """
    judged: dict[int, Rule] = {}
    for at, rules in hits.paragraphs.items():
        if free := [rule for rule in rules if not rule.after and not rule.before]:
            judged[at] = min(free, key=lambda rule: STRENGTHS.index(rule.strength))
    for at in sorted(hits.paragraphs):
        judge_by_neighbour(judged, at, at - 1, [rule for rule in hits.paragraphs[at] if rule.after], "after")
    for at in sorted(hits.paragraphs, reverse=True):
        judge_by_neighbour(judged, at, at + 1, [rule for rule in hits.paragraphs[at] if rule.before], "before")
    return judged


def judge_by_neighbour(judged: dict[int, Rule], at: int, neighbour: int, rules: list[Rule], side: str) -> None:
    """Adds the rule that holds because of the neighbour's label, where it is stronger than what is judged yet."""
    if neighbour not in judged or judged[neighbour].strength == "weak":
        return
    here = STRENGTHS.index(judged[at].strength) if at in judged else len(STRENGTHS)
    for rule in rules:
        if judged[neighbour].label in getattr(rule, side) and STRENGTHS.index(rule.strength) < here:
            judged[at] = rule
            return


def verdicts(
    view: View,
    hits: Hits,
    probabilities: Sequence[float] | None,
    supports: Mapping[int, Support],
    cues: Mapping[int, str],
    limits: Limits,
) -> dict[int, Verdict]:
    """The verdict on each paragraph that goes, with the first evidence that suffices: rule, template, cue of the page,
    model.
    """
    by_rule = judge_by_rules(hits)
    near = {at + step for at, rule in by_rule.items() if rule.strength == "strong" for step in NEAR}
    anywhere, eased = limits, limits.eased() if near else limits
    least = eased.needed(0, 1.0)  # of the model alone; below it nothing is said of a paragraph by itself
    stories = {at for at, rules in hits.spans.items() if any(rule.label in OPENINGS for rule in rules)}
    judged: dict[int, Verdict | None] = {}
    for at, words in enumerate(view.n_words):
        probability = None if probabilities is None else probabilities[at]
        if at not in by_rule and at not in supports and at not in cues and (probability is None or probability < least):
            continue
        limits = eased if at in near else anywhere
        support = supports.get(at)
        if at in stories and (at not in by_rule or by_rule[at].strength != "strong") and not is_accepted(support):
            continue
        template = judge_template(support, words, probability, limits) if support is not None else None
        if at in by_rule and not (template and by_rule[at].label in OWN):
            judged[at] = judge_with_rule(by_rule[at], words, probability, limits) or template
        else:
            judged[at] = template
        if at in cues and (at not in by_rule or by_rule[at].strength != "strong"):  # the page knows better than looks
            judged[at] = judge_by_cue(cues[at], words, probability, limits) or judged[at]
        judged[at] = judged[at] or judge_without_rule(view, at, probability, limits)
    found = {at: verdict for at, verdict in judged.items() if verdict is not None}
    waiting = headline_below(view, by_rule, found)
    return {at: verdict for at, verdict in found.items() if at not in waiting} if waiting else found


def headline_below(view: View, by_rule: Mapping[int, Rule], judged: Collection[int]) -> set[int]:
    """What will be the headline when the furniture above it is gone, and the line below it, which may be its
    standfirst: if they are judged, they wait for the next round.
    """
    gone = {at for at, rule in by_rule.items() if rule.strength == "strong" and rule.label not in OWN}
    if view.title or gone.issuperset(judged) or not any(at < TOP for at in gone):
        return set()
    left = [at for at in range(len(view.paragraphs)) if at not in gone]
    heads = {left[at] for at in headline(view.of(left))}
    return {*heads, *(at + 1 for at in heads)} - gone


def judge_with_rule(rule: Rule, words: int, probability: float | None, limits: Limits) -> Verdict | None:
    """The verdict on a rule's word, weighed with the model's; without a model all but weak rules decide alone."""
    if probability is None:
        return None if rule.strength == "weak" else Verdict(rule.label, rule.id)
    needed = limits.needed(words, getattr(limits, rule.strength))
    return Verdict(rule.label, rule.id, probability, needed) if probability >= needed else None


def judge_without_rule(view: View, at: int, probability: float | None, limits: Limits) -> Verdict | None:
    """The verdict where neither rule nor template decides: the model alone."""
    needed = limits.needed(view.n_words[at], 1.0)
    if probability is not None and probability >= needed:
        return Verdict(likely_label(view, at), "model", probability, needed)
    return None


#: What a cue of the page makes of a paragraph, and how strong it is. A class name may be that of the whole article, so
#: those that articles are wrapped in at times are only likely.
CUES: Mapping[str, tuple[str, Strength]] = {
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
    "contact": ("byline", "likely"),
    "picture": ("caption", "likely"),
}


def judge_by_cue(cue: str, words: int, probability: float | None, limits: Limits) -> Verdict | None:
    """The verdict on a paragraph by what its page calls the place it stands in, weighed as a rule is."""
    if cue not in CUES:
        return None
    label, strength = CUES[cue]
    if probability is None:
        return Verdict(label, f"html:{cue}") if strength == "strong" else None
    needed = limits.needed(words, getattr(limits, strength))
    return Verdict(label, f"html:{cue}", probability, needed) if probability >= needed else None


def is_accepted(support: Support | None) -> bool:
    """Whether a person said that this is a template of the outlet."""
    return support is not None and support.accepted


def judge_template(support: Support, words: int, probability: float | None, limits: Limits) -> Verdict | None:
    """The verdict on a template. A person's word decides; else the more documents hold it the more it adds to the
    model's odds: what an outlet repeats of a long story reads as story. Where the model has no say, more documents must
    hold it.
    """
    if support.accepted:
        return Verdict("template", support.rule, support.documents)
    least = limits.support * (WITHOUT_MODEL if probability is None else 1.0)
    factor = TEMPLATE_ODDS * support.documents / limits.support
    if support.documents < least or (probability is not None and probability < limits.needed(words, factor)):
        return None
    return Verdict("template", support.rule, support.documents, least)


_BYLINE = re.compile(r"(?:[Bb]y|BY|[Vv]on|VON|[Pp]ar|PAR|[Pp]or|POR|[Dd]oor|Di|Av|Af) (?=[^\W\d_a-zß-öø-ÿ])")
_BYLINE_WORDS = 10


def likely_label(view: View, at: int) -> str:
    """What a paragraph that only the model takes for noise most likely is: a byline, a link below the story, else a
    caption.
    """
    if view.n_words[at] <= _BYLINE_WORDS and _BYLINE.match(view.paragraphs[at]):
        return "byline"
    below = at >= len(view.paragraphs) - 3 and at > len(view.paragraphs) // 2
    return "related" if below and view.n_words[at] < 12 else "caption"
