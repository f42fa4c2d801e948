"""The noise rules for `clean rules`: a list of all, one in full, and what new ones would cut from a corpus."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from pipeline.console import aligned, counted, in_one_line, pictured
from pipeline.errors import UserError, in_short
from pipeline.reports.explain_terminal import Hanging
from pipeline.reports.rule_trial import RuleTrial
from pipeline.reports.rule_use import RuleUse
from pipeline.settings import Settings
from pipeline.settings.rule_packs import noise_settings, pack_paths
from stages.noise.rules import Rule
from stages.noise.verdict import DOM_HINTS

#: Evidence that is no rule, and what it is.
OTHER_EVIDENCE = {
    "model": "the line model: it weighs a line with those around it; no rule is needed",
    "html:": "a DOM hint: what the page calls the element that the line stands in",
    "template:": "a paragraph that the outlet repeats on its pages; `clean learn` lists them",
}
#: Outlets that are listed of a rule's use, characters of a sample, and ids that are suggested.
OUTLETS, SAMPLE, SUGGESTED = 8, 160, 4
#: Conditions of a rule, in words.
CONDITIONS: Mapping[str, str] = {
    "first": "in the first {} paragraphs",
    "last": "in the last {} paragraphs",
    "after": "right below {}",
    "before": "right above {}",
    "min_words": "from {} words on",
    "max_words": "up to {} words",
    "open_end": "where the line does not end as a sentence does",
    "sentence_from": "no sentence of {} words or more without a colon",
    "in_prose": "in documents whose long paragraphs are prose",
    "in_transcript": "in transcripts",
}


@dataclass(frozen=True, slots=True)
class KnownRule:
    """A rule, or other evidence that the ledger names, with the file that holds it. `rule` is None for the latter."""

    id: str
    rule: Rule | None = None
    languages: tuple[str, ...] = ()
    path: Path | None = None


def rule_list(settings: Settings) -> RenderableType:
    """List every rule with its label and examples, pack by pack."""
    lines = [
        Text("what each rule cuts and leaves, by examples; of several lines, > marks those that are cut", style="dim")
    ]
    for pack in noise_settings(settings).packs:
        languages = ", ".join(pack.languages) or "all languages"
        lines.append(Text(f"\n{pack.name}: {counted(len(pack.rules), 'rule')}, {languages}", style="bold"))
        for rule in pack.rules:
            lines.append(Text(f"  {rule.id}", style="cyan").append(f"  {rule.label}", style="magenta"))
            lines += [_listed("cuts", example, "red strike") for example in rule.examples[:2]]
            lines += [_listed("leaves", example, "green") for example in rule.counter_examples[:1]]
    return Group(*lines)


def _listed(what: str, example: str, style: str) -> Text:
    return Text(f"      {what:<6}  ", style="dim").append(in_one_line(example), style=f"not dim {style}")


def find_rule(settings: Settings, name: str) -> KnownRule:
    """Find a rule by its id. Raises UserError that names the nearest ids where there is none of that name."""
    if any(name == sign or (sign.endswith(":") and name.startswith(sign)) for sign in OTHER_EVIDENCE):
        return KnownRule(name)
    packs = noise_settings(settings).packs
    for pack in packs:
        for rule in pack.rules:
            if rule.id == name:
                return KnownRule(name, rule, pack.languages, pack_paths(settings.evidence).get(pack.name))
    ids = [rule.id for pack in packs for rule in pack.rules]
    near = nearest_ids(name, ids)
    hint = f"Nearest: {', '.join(near)}." if near else "`clean rules` lists them."
    raise UserError(f"no rule {in_short(name)!r}. {hint}")


def nearest_ids(name: str, ids: Sequence[str]) -> list[str]:
    """Return the ids nearest to a name: those that end so in any pack, then those that are spelled alike.

    >>> nearest_ids("byline", ["de.byline", "en.byline", "en.by-time"])
    ['en.byline', 'de.byline']
    >>> nearest_ids("en.bylin", ["en.byline", "any.headline"])
    ['en.byline']
    """
    bare = name.rpartition(".")[2]
    same = [each for each in ids if each.partition(".")[2] == bare and bare]
    same.sort(key=lambda each: not each.startswith(("any.", "en.")))
    return (same or difflib.get_close_matches(name, ids, n=SUGGESTED, cutoff=0.6))[:SUGGESTED]


def render_rule(known: KnownRule, use: RuleUse | None, place: str) -> RenderableType:
    """Render one rule in full, and what it cut in the corpus at `place` (`use` is None where there is no corpus)."""
    lines = [Hanging(Text(in_one_line(known.id), style="bold"))]
    lines += [Hanging(Text(in_one_line(words)), f"  {name:<17} ", 20) for name, words in _facts(known)]
    if known.rule is not None:
        lines += _examples("cuts", known.rule.examples, "red strike")
        lines += _examples("leaves", known.rule.counter_examples, "green")
    lines.append(Hanging(Text()))
    if use is None:
        return Group(*lines, Hanging(Text(f"no corpus in {place}: nothing to count", style="dim")))
    return Group(*lines, *_use(use, f"in {place} it cut"))


def _facts(known: KnownRule) -> Iterator[tuple[str, str]]:
    rule = known.rule
    if rule is None:
        kind = known.id.partition(":")[0]
        yield "is", next(words for sign, words in OTHER_EVIDENCE.items() if sign.rstrip(":") == kind)
        label, strength = DOM_HINTS.get(known.id.removeprefix("html:"), ("", ""))
        if label:
            yield "label", f"{label}, {strength}"
        return
    yield "label", rule.label
    yield "strength", f"{rule.strength}{STRENGTH_IN_WORDS[rule.strength]}"
    yield "takes", "the whole paragraph" if rule.kind == "paragraph" else "the span that is found"
    yield "languages", ", ".join(known.languages) or "all"
    yield "file", f"{known.path or '(shipped)'}"
    if rule.pattern is not None:
        yield "pattern", rule.pattern
    if rule.predicate is not None:
        parameters = ", ".join(f"{name} = {value}" for name, value in rule.parameters)
        yield "predicate", f"{rule.predicate}{f' ({parameters})' if parameters else ''}"
    if conditions := list(conditions_of(rule)):
        yield "only", "; ".join(conditions)


STRENGTH_IN_WORDS = {
    "strong": ": cuts unless the line model is all but sure of story",
    "likely": ": gives way to the line model",
    "weak": ": never cuts without the line model",
}


def conditions_of(rule: Rule) -> Iterator[str]:
    """Yield the places and shapes that a rule is confined to, in words.

    >>> list(conditions_of(Rule("en.ad", "ad", max_words=9, after=("nav", "ad"))))
    ['right below nav or ad', 'up to 9 words']
    """
    for name, words in CONDITIONS.items():
        value: Any = getattr(rule, name)
        if value:
            yield words.format(" or ".join(value) if isinstance(value, tuple) else value)


def _examples(title: str, examples: Sequence[str], style: str) -> list[Hanging]:
    return [
        Hanging(Text(pictured(each), style=style), "" if number else f"  {title:<17} ", 20)
        for number, each in enumerate(examples)
    ]


def _use(use: RuleUse, begin: str) -> Iterator[Hanging]:
    """Render what a rule cut: counts, outlets and samples."""
    if not use.times:
        yield Hanging(Text(f"{begin} nothing", style="dim"))
        return
    documents = f"{counted(use.documents, 'document')} of {counted(len(use.outlets), 'outlet')}"
    yield Hanging(Text(f"{begin} {counted(use.times, 'time')}, {counted(use.words, 'word')}, in {documents}"))
    rows = [(f"{n:,}", in_one_line(outlet)) for outlet, n in use.outlets.most_common(OUTLETS)]
    more = len(use.outlets) - len(rows)
    rest = [f"and {counted(more, 'more outlet')}"] if more else []
    yield from (Hanging(Text(line), indent=4) for line in [*aligned(rows), *rest])
    yield Hanging(Text("samples", style="dim"), indent=2)
    for each in use.samples():
        text = each.text if len(each.text) <= SAMPLE else f"{each.text[:SAMPLE]}…"
        line = Text(pictured(text.strip()), style="red").append(
            f"  {in_one_line(each.outlet)}  {each.doc_id[:12]}", style="not red dim"
        )
        yield Hanging(line, indent=4)


def render_trial(trial: RuleTrial, place: str) -> RenderableType:
    """Render what new rules would cut from a corpus, those that cut most words first."""
    ordered = sorted(trial.uses.items(), key=lambda each: (-each[1].words, each[0]))
    idle = [rule for rule, use in ordered if not use.times]
    tried = counted(len(trial.rules), "new rule")
    lines: list[RenderableType] = [
        Hanging(Text(f"{tried}, tried on {counted(trial.documents, 'document')} of {place}"))
    ]
    for rule, use in ordered:
        if use.times:
            lines += [Hanging(Text()), Hanging(Text(in_one_line(rule), style="bold")), *_use(use, "it would cut")]
    if idle:
        lines += [Hanging(Text()), Hanging(Text(in_one_line(f"would cut nothing: {', '.join(idle)}"), style="dim"))]
    return Group(*lines)
