"""Noise: labels what is not the story, and cuts or moves it, whole paragraphs and spans inside one.

Three kinds of evidence, one verdict per paragraph: rule packs (data, by language), a line model over the paragraph in
its document, and templates learned per outlet. Every cut is an edit in the ledger that names its evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from stages.contract import PARAGRAPH_BREAK, Outcome, replace_column
from stages.ledger import Action, LedgerRows, apply_edits, subjects
from stages.noise.edits import Cut, edit_script, tidy
from stages.noise.fields import Fields, Lexicon, lexicon
from stages.noise.line_model import LineModel, Threshold
from stages.noise.matcher import Matcher, compile_packs
from stages.noise.rules import Rule, RulePack, parse_pack
from stages.noise.templates import supports_in
from stages.noise.verdict import Hits, Limits, Verdict, find_hits, verdicts
from stages.noise.view import View, look

__all__ = ["LineModel", "Rule", "RulePack", "Settings", "parse_pack", "run"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What noise is, and how much evidence a cut needs."""

    packs: tuple[RulePack, ...] = ()
    line_model: LineModel | None = None
    # Chosen on the 300 labelled articles, cross-validated by document (benchmarks/noise.py): line F1 0.834 at 0.28 %
    # of body words lost; odds 1.7 and 0.05 a word give 0.834 at 0.44 %, likely rules at 4 and strong ones at 100 give
    # 0.824 at 0.19 %. They move together, and with the line model's weights.
    min_odds: float = 3.0  # the line model's odds for noise from which on a paragraph is cut …
    min_odds_per_word: float = 0.15  # … and what each of its words adds
    strong_rule_odds: float = 1000.0  # what a rule multiplies the model's odds by
    likely_rule_odds: float = 8.0
    weak_rule_odds: float = 2.0
    min_template_support: int = 8  # documents of the outlet that hold the template

    def __post_init__(self) -> None:
        for name in ("strong_rule_odds", "likely_rule_odds", "weak_rule_odds"):
            if getattr(self, name) < 1:
                raise ValueError(f"noise.{name} must be at least 1, not {getattr(self, name)}")
        if self.min_odds <= 0 or self.min_odds_per_word < 0:
            raise ValueError("noise.min_odds must be above 0, and noise.min_odds_per_word at least 0")
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
    threshold = Threshold(settings.min_odds, settings.min_odds_per_word)
    factors = (settings.strong_rule_odds, settings.likely_rule_odds, settings.weak_rule_odds)
    return Limits(*factors, threshold, settings.min_template_support)


def draft_all(documents: pa.Table, settings: Settings, templates: pa.Table | None) -> list[Draft]:
    """A draft of every document: its view, its rule hits, and what model and templates say of its paragraphs."""
    languages = documents["language"].unique().to_pylist()
    tools = {language: tools_for(language, settings.packs) for language in languages}
    drafts = [draft(document, *tools[document["language"]]) for document in documents.to_pylist()]
    if templates is not None:
        found = supports_in([(d.view.outlet, d.view.paragraphs) for d in drafts], templates)
        for one, supports in zip(drafts, found, strict=True):
            one.supports = supports
    if settings.line_model is not None:
        predicted = settings.line_model.predict([d.view.paragraphs for d in drafts])
        for one, probabilities in zip(drafts, predicted, strict=True):
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
    """The packs that hold for a language: its own, whose rules know more, then `any`; where the language is not known,
    every pack.

    >>> [pack.name for pack in packs_for("de", (RulePack("any"), RulePack("de"), RulePack("en")))]
    ['de', 'any']
    """
    chosen = [pack for pack in packs if language is None or pack.name in ("any", language.split("-")[0])]
    return tuple(sorted(chosen, key=lambda pack: pack.name == "any"))


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
    if not groups and verdict.label in ("title", "deck"):
        groups = {verdict.label: paragraph}
    action: Action = "moved" if one.fields.fill(groups, one.words) else "cut"
    return Cut(0, len(paragraph), verdict.label, verdict.rule, action, verdict.measured, verdict.limit)


def spans(one: Draft, at: int) -> list[Cut]:
    """The spans of a paragraph that span rules cut, fields filled from them."""
    paragraph = one.view.paragraphs[at]
    found: list[Cut] = []
    for rule in one.hits.spans[at]:
        for start, end, groups in one.matcher.spans(rule, paragraph):
            if not any(start < cut.end and cut.start < end for cut in found):
                action: Action = "moved" if one.fields.fill(groups, one.words) else "cut"
                found.append(Cut(start, end, rule.label, rule.id, action))
    return found


def carry_on(documents: pa.Table, drafts: Sequence[Draft], texts: Sequence[str]) -> pa.Table:
    """The documents that have text left, with their new text and fields."""
    for name in Fields.names():
        documents = replace_column(documents, name, [getattr(one.fields, name) for one in drafts])
    documents = replace_column(documents, "text", list(texts))
    return documents.filter(pa.array([bool(text.strip()) for text in texts], pa.bool_()))
