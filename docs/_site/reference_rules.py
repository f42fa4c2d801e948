"""The reference of the noise rules, from the rule packs that are shipped."""

from __future__ import annotations

from pipeline.settings import Settings
from pipeline.settings.rule_packs import noise_settings
from stages.noise.rules import LABELS, Rule, RulePack

HEAD = """# Rules and labels

A rule gives a paragraph, or a span of one, a label. The label is the reason of its row in the
[ledger](../tables.md#reasons). These pages are generated from the rule packs in `config/noise`; `clean rules` prints
the rules that your settings choose.

Places: *first 6* means one of the first six paragraphs. *Open end* means that the paragraph does not end as prose does.
A `likely` rule gives way to the line model, and a `weak` one never cuts without it.
"""


def pages() -> dict[str, str]:
    """Return a page for each pack and one that lists them."""
    packs = shipped()
    return {"reference/rules/index.md": _index(packs)} | {
        f"reference/rules/{pack.name}.md": _page(pack) for pack in packs
    }


def shipped() -> list[RulePack]:
    """Return the shipped packs, the one for all languages first."""
    packs = noise_settings(Settings()).packs
    return sorted(packs, key=lambda pack: (pack.name != "any", pack.name))


def _index(packs: list[RulePack]) -> str:
    labels = [
        f"| `{label}` | {sum(rule.label == label for pack in packs for rule in pack.rules)} |" for label in LABELS
    ]
    rows = [
        f"| [{pack.name}]({pack.name}.md) | {', '.join(pack.languages) or 'all'} | {len(pack.rules)} |"
        for pack in packs
    ]
    return "\n".join([
        HEAD, "## Packs", "", "| pack | languages | rules |", "|---|---|---|", *rows, "",
        "## Labels", "", "[The tables](../tables.md#reasons) say what each label means.", "",
        "| label | shipped rules |", "|---|---|", *labels, "",
    ])  # fmt: skip


def _page(pack: RulePack) -> str:
    languages = (
        f"Rules for documents in: {', '.join(pack.languages)}." if pack.languages else "Rules for all languages."
    )
    return "\n".join([f"# Rules: {pack.name}", "", languages, "", *map(_section, pack.rules)])


def _section(rule: Rule) -> str:
    return "\n".join([
        f"## {rule.id} {{ #{rule.id.replace('.', '-')} }}", "",
        f"Label `{rule.label}`, {rule.strength}. {_place(rule)}", "",
        *([f"```\n{rule.pattern}\n```", ""] if rule.pattern else [f"Predicate `{rule.predicate}`.", ""]),
        *(f"- cuts: {_quoted(example)}" for example in rule.examples),
        *(f"- leaves: {_quoted(example)}" for example in rule.counter_examples), "",
    ])  # fmt: skip


def _place(rule: Rule) -> str:
    facts = [
        "a span of a paragraph" if rule.kind == "span" else "",
        f"first {rule.first}" if rule.first else "",
        f"last {rule.last}" if rule.last else "",
        f"after {', '.join(rule.after)}" if rule.after else "",
        f"before {', '.join(rule.before)}" if rule.before else "",
        f"at least {rule.min_words} words" if rule.min_words else "",
        f"at most {rule.max_words} words" if rule.max_words else "",
        "open end" if rule.open_end else "",
        f"no sentence of {rule.sentence_from} words or more" if rule.sentence_from else "",
        "in prose only" if rule.in_prose else "",
        "in transcripts only" if rule.in_transcript else "",
    ]
    text = "; ".join(fact for fact in facts if fact)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _quoted(text: str) -> str:
    """Quote a text so that nothing in it is Markdown, with as many backquotes as it needs."""
    marks = "`" * (1 + max((len(run) for run in _backquotes(text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{marks}{pad}{' '.join(text.split())}{pad}{marks}"


def _backquotes(text: str) -> list[str]:
    return [run for run in "".join(c if c == "`" else " " for c in text).split() if run]
