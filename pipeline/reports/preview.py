"""Preview: how inputs would be read, from a look at their beginning, as words or as a settings file (`clean init`)."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import tomlkit

from pipeline import sources
from pipeline.cleaning import prepare_documents
from pipeline.console import counted, in_one_line
from pipeline.settings import Settings
from pipeline.sources.documents import outcome

#: Inputs, and documents of each, that are looked at; of so many documents the language and the page's own title are
#: found. A preview is to take seconds, whatever the size of the inputs.
MAX_INPUTS, DOCUMENTS_AN_INPUT, PREPARED = 40, 200, 40
SHOWN, WORDS_SHOWN = 3, 24
#: Outlets and languages named.
NAMED = 6


@dataclass
class Preview:
    """Findings of a look at inputs."""

    given: tuple[str, ...]
    inputs: int
    kinds: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    outlets: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    days: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    layouts: list[dict[str, Any]] = field(default_factory=list)
    first: list[dict[str, Any]] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Describe for a person what was seen."""
        looked = f" (a look at {min(self.inputs, MAX_INPUTS)} of them)" if self.inputs > MAX_INPUTS else ""
        kinds = ", ".join(f"{n} {kind}" for kind, n in self.kinds.most_common())
        found = [
            f"{counted(self.inputs, 'input')}{looked}: {kinds}",
            *self.notes,
            f"outlets: {_named(self.outlets)}" if self.outlets else "",
            f"languages: {_named(self.languages)}" if self.languages else "",
            f"published: {min(self.days)} to {max(self.days)}" if self.days else "published: no dates were found",
            *(f"{n} × {problem} ({self.examples[problem]})" for problem, n in self.problems.most_common(NAMED)),
        ]
        return [in_one_line(line) for line in found if line]

    def articles(self) -> list[str]:
        """Describe the first articles as they would be read."""
        return [line for number, document in enumerate(self.first, start=1) for line in _article(number, document)]

    def as_toml(self) -> str:
        """Write a settings file that reads the inputs as they would be read without it."""
        layout = self.layouts[0] if self.layouts and all(each == self.layouts[0] for each in self.layouts) else {}
        told = ["How these inputs are read, by `clean init`. To use it, or what you make of it:", ""]
        told += [f"    clean run {' '.join(self.given)} --config FILE", "", *self.lines(), ""]
        told += ["The first articles as they would be read:", "", *self.articles()]
        lines = [f"# {line}".rstrip() for line in told]
        lines += ["", "[sources]", *_outlet(self.outlets)]
        lines += [f"{key} = {_toml(value)}" for key, value in layout.items() if key != "fields"]
        lines += ["", "[sources.fields]", "# Our name of a field = its name in your records."]
        fields = layout.get("fields", {})
        lines += [f"{role} = {_toml(fields[role])}" if role in fields else f'# {role} = ""' for role in _roles()]
        if len(self.layouts) > 1 and not layout:
            lines.append(
                "# The inputs have different columns, so that none is named here: they are found out for each."
            )
        return "\n".join(lines) + "\n"


def look_at(given: Sequence[str], settings: Settings) -> Preview:
    """Read the first documents of the first inputs, as `clean init` shows them."""
    inputs = sources.with_descriptions(sources.plan(given), settings.sources)
    preview = Preview(tuple(given), len(inputs))
    read: list[sources.RawDocument] = []
    for source in inputs[:MAX_INPUTS]:
        preview.kinds[sources.kind_name(source, settings.sources)] += 1
        beginning = itertools.islice(sources.documents(source, settings.sources), DOCUMENTS_AN_INPUT)
        read += _seen(preview, beginning)
    preview.documents = len(read)
    _prepare(preview, read[:PREPARED], settings)
    return preview


def _seen(preview: Preview, beginning: Iterable[sources.RawDocument | sources.Problem]) -> list[sources.RawDocument]:
    """Count what stands at the beginning of an input; return its documents."""
    documents = []
    for each in beginning:
        if isinstance(each, sources.RawDocument):
            documents.append(each)
            preview.outlets[each.outlet] += 1
        elif each.reason == "read_as":
            preview.notes.append(f"{each.subject.source_uri}: {each.after}")
            preview.layouts += [json.loads(each.before)] if each.before else []
        else:
            problem = f"{each.action}: {each.reason.replace('_', ' ')}"
            preview.problems[problem] += 1
            preview.examples.setdefault(problem, f"{each.subject.source_uri}: {each.after or each.before or ''}")
    return documents


def _prepare(preview: Preview, read: list[sources.RawDocument], settings: Settings) -> None:
    """Add what the stages before cleaning find in documents: titles and dates of pages, languages."""
    prepared = prepare_documents(outcome(read, []), settings).documents.to_pylist()
    preview.languages.update(each["language"] for each in prepared if each["language"])
    preview.days += [f"{each['published']:%Y-%m-%d}" for each in prepared if each["published"]]
    one_each = {each["source_uri"].partition(":")[0]: each for each in reversed(prepared)}
    preview.first += [*reversed(one_each.values())][:SHOWN] if len(one_each) >= SHOWN else prepared[:SHOWN]


def _named(counts: Counter[str]) -> str:
    more = f", and {len(counts) - NAMED} more" if len(counts) > NAMED else ""
    return ", ".join(f"{name} ({n})" for name, n in counts.most_common(NAMED)) + more


def _article(number: int, document: dict[str, Any]) -> list[str]:
    day = f"{document['published']:%Y-%m-%d}" if document["published"] else "no date"
    facts = (document["title"] or "no title", document["outlet"], day, ", ".join(document["authors"] or ["no author"]))
    words = document["text"].split()
    text = " ".join(words[:WORDS_SHOWN]) + (" …" if len(words) > WORDS_SHOWN else "")
    return [in_one_line(f"{number}. {' · '.join(facts)}"), in_one_line(f"   {text}")]


def _outlet(outlets: Counter[str]) -> list[str]:
    name = outlets.most_common(1)[0][0] if outlets else "daily-plume"
    return [f"# outlet = {_toml(name)}    # of all documents, in place of what was found"]


def _toml(value: Any) -> str:
    return str(tomlkit.item(value).as_string())


def _roles() -> tuple[str, ...]:
    return tuple(sources.Fields.__dataclass_fields__)
