"""Noise: labels what is not the story, and cuts or moves it, whole paragraphs and spans inside one.

Three kinds of evidence, one verdict per paragraph: rule packs (data, by language), a line model over the paragraph in its
document, and templates learned per outlet. Every cut is an edit in the ledger that names its evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from stages.contract import PARAGRAPH_BREAK, Outcome, replace_column
from stages.ledger import LedgerRows, apply_edits, subjects
from stages.noise.edits import Cut, edit_script, tidy
from stages.noise.fields import Fields, Lexicon, lexicon
from stages.noise.line_model import LineModel, Threshold
from stages.noise.rules import Matcher, Rule, RulePack, compile_packs, parse_pack
from stages.noise.templates import supports_in
from stages.noise.verdict import Hits, Limits, Verdict, find_hits, judge_by_rules, verdicts
from stages.noise.view import View, look

__all__ = ["LineModel", "Rule", "RulePack", "Settings", "label_by_rules", "parse_pack", "run"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What noise is, and how much evidence a cut needs."""

    packs: tuple[RulePack, ...] = ()
    line_model: LineModel | None = None
    strong_rule_odds: float = 1000.0  # what a rule multiplies the line model's odds for noise by
    likely_rule_odds: float = 20.0
    weak_rule_odds: float = 3.0
    caution: float = 1.0  # what the odds that the line model asks for are multiplied by
    min_template_support: int = 8  # documents of the outlet that hold the template

    def __post_init__(self) -> None:
        for name in ("strong_rule_odds", "likely_rule_odds", "weak_rule_odds"):
            if getattr(self, name) < 1:
                raise ValueError(f"noise.{name} must be at least 1, not {getattr(self, name)}")
        if self.caution <= 0:
            raise ValueError(f"noise.caution must be above 0, not {self.caution}")
        if self.min_template_support < 2:
            raise ValueError(f"noise.min_template_support must be at least 2, not {self.min_template_support}")


@dataclass(slots=True)
class Draft:
    """One document while it is judged."""

    view: View
    matcher: Matcher
    hits: Hits
    fields: Fields
    words: Lexicon
    supports: Mapping[int, int] = field(default_factory=dict)
    probabilities: Sequence[float] | None = None


def run(documents: pa.Table, settings: Settings, templates: pa.Table | None = None) -> Outcome:
    """The documents without their noise, what it said moved to their fields, and a ledger row for every cut."""
    rows = LedgerRows("noise")
    drafts = draft_all(documents, settings, templates)
    texts: list[str] = []
    limits = limits_of(settings)
    for subject, text, draft in zip(subjects(documents), documents["text"].to_pylist(), drafts, strict=True):
        edits = edit_script(draft.view.paragraphs, find_cuts(draft, limits))
        rows.add_edits(subject, text, edits)
        texts.append(apply_edits(text, edits))
        if not texts[-1].strip():
            rows.add(subject, "skipped", "no_text_left")
    return Outcome(carry_on(documents, drafts, texts), rows.table())


def limits_of(settings: Settings) -> Limits:
    """The odds that the settings ask for."""
    asked = settings.line_model.threshold if settings.line_model is not None else Threshold(1.0, 0.1)
    threshold = Threshold(asked.odds * settings.caution, asked.odds_per_word * settings.caution)
    factors = (settings.strong_rule_odds, settings.likely_rule_odds, settings.weak_rule_odds)
    return Limits(*factors, threshold, settings.min_template_support)


def label_by_rules(documents: pa.Table, settings: Settings) -> list[list[str | None]]:
    """What rules alone say of every paragraph of every document: the line model is trained beside them."""
    return [rule_labels(one) for one in draft_all(documents, replace(settings, line_model=None), None)]


def draft_all(documents: pa.Table, settings: Settings, templates: pa.Table | None) -> list[Draft]:
    """A draft of every document: its view, its rule hits, and what model and templates say of its paragraphs."""
    tools = {language: tools_for(language, settings.packs) for language in documents["language"].unique().to_pylist()}
    drafts = [draft(document, *tools[document["language"]]) for document in documents.drop_columns(["raw_sha256"]).to_pylist()]
    if templates is not None:
        for one, supports in zip(drafts, supports_in([(d.view.outlet, d.view.paragraphs) for d in drafts], templates), strict=True):
            one.supports = supports
    if settings.line_model is not None:
        paragraphs = [list(d.view.paragraphs) for d in drafts]
        for one, probabilities in zip(drafts, settings.line_model.predict(paragraphs, [rule_labels(d) for d in drafts]), strict=True):
            one.probabilities = probabilities.tolist()
    return drafts


def draft(document: Mapping[str, Any], matcher: Matcher, words: Lexicon) -> Draft:
    """One document, looked at, with the rules of its language matched."""
    view = look(document["text"].split(PARAGRAPH_BREAK), document["title"], document["outlet"])
    return Draft(view, matcher, find_hits(view, matcher), Fields.of(document), words)


def tools_for(language: str | None, packs: tuple[RulePack, ...]) -> tuple[Matcher, Lexicon]:
    """The compiled rules and the word lists that hold for a language."""
    chosen = packs_for(language, packs)
    return compile_packs(chosen), lexicon(chosen)


def packs_for(language: str | None, packs: tuple[RulePack, ...]) -> tuple[RulePack, ...]:
    """The packs that hold for a language: its own and `any`; every pack where the language is not known.

    >>> [pack.name for pack in packs_for("de", (RulePack("any"), RulePack("de"), RulePack("en")))]
    ['any', 'de']
    """
    return tuple(pack for pack in packs if language is None or pack.name in ("any", language.split("-")[0]))


def rule_labels(one: Draft) -> list[str | None]:
    """The label that rules alone give each paragraph, for the line model."""
    judged = judge_by_rules(one.hits)
    return [judged[at].label if at in judged else None for at in range(len(one.view.paragraphs))]


def find_cuts(one: Draft, limits: Limits) -> dict[int, list[Cut]]:
    """What leaves each paragraph: all of it where a verdict says so, else the spans that span rules find."""
    cuts: dict[int, list[Cut]] = {}
    judged = verdicts(one.view, one.hits, one.probabilities, one.supports, limits)
    rules = {rule.id: rule for rule in one.matcher.rules}
    for at in sorted({*judged, *one.hits.spans}):
        paragraph = one.view.paragraphs[at]
        found = [whole(one, paragraph, judged[at], rules.get(judged[at].rule))] if at in judged else spans(one, at)
        cuts[at] = tidy(paragraph, found)
    return {at: some for at, some in cuts.items() if some}


def whole(one: Draft, paragraph: str, verdict: Verdict, rule: Rule | None) -> Cut:
    """The cut of a whole paragraph; what it says goes to the document's fields where its rule says so."""
    found = one.matcher.spans(rule, paragraph) if rule is not None and rule.pattern is not None else []
    groups = found[0][2] if found else {}
    filled = one.fields.fill(groups or ({verdict.label: paragraph} if verdict.label in ("title", "deck") else {}), one.words)
    action = "moved" if filled else "cut"
    return Cut(0, len(paragraph), verdict.label, verdict.rule, action, verdict.measured, verdict.limit)


def spans(one: Draft, at: int) -> list[Cut]:
    """The spans of a paragraph that span rules cut, fields filled from them."""
    paragraph = one.view.paragraphs[at]
    found = []
    for rule in one.hits.spans[at]:
        for start, end, groups in one.matcher.spans(rule, paragraph):
            if not any(start < cut.end and cut.start < end for cut in found):
                action = "moved" if one.fields.fill(groups, one.words) else "cut"
                found.append(Cut(start, end, rule.label, rule.id, action))
    return found


def carry_on(documents: pa.Table, drafts: Sequence[Draft], texts: Sequence[str]) -> pa.Table:
    """The documents that have text left, with their new text and fields."""
    for name in Fields.names():
        documents = replace_column(documents, name, [getattr(one.fields, name) for one in drafts])
    documents = replace_column(documents, "text", list(texts))
    return documents.filter(pa.array([bool(text.strip()) for text in texts], pa.bool_()))
