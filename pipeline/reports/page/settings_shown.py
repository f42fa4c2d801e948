"""Settings and versions for a page: every setting that differs from its default, and all of them as text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeline import settings
from pipeline.reports.page.scope import Scope

#: Inputs that are listed; the manifest has all of them.
INPUTS = 40


class UsedSetting(NamedTuple):
    """One setting of a run, and its default in this version; None if this version does not know it."""

    name: str
    value: str
    default: str | None

    @property
    def is_default(self) -> bool:
        """Tell if the setting has its default."""
        return self.value == self.default


class RunFacts(NamedTuple):
    """Facts about a run that its manifest records."""

    run: str
    started: str
    finished: str
    seconds: float
    fingerprint: str
    versions: dict[str, str]
    settings: list[UsedSetting]
    seconds_by_stage: dict[str, float]
    peak_memory: int  # bytes
    inputs: list[str]
    n_inputs: int


def facts_of(scope: Scope) -> RunFacts:
    """Read the facts about the newest of the reported runs."""
    manifest = scope.corpus.store.manifest(scope.last)
    counts, inputs = manifest["counts"], manifest.get("inputs", [])
    return RunFacts(
        run=scope.last,
        started=manifest.get("started", ""),
        finished=manifest.get("finished", ""),
        seconds=manifest["seconds"],
        fingerprint=manifest.get("fingerprint", ""),
        versions=manifest.get("versions", {}),
        settings=compared_with_defaults(manifest.get("settings", {})),
        seconds_by_stage=dict(sorted(counts.get("seconds", {}).items(), key=lambda item: -item[1])),
        peak_memory=counts.get("peak_memory_bytes", 0),
        inputs=[each["uri"] for each in inputs[:INPUTS]],
        n_inputs=len(inputs),
    )


def compared_with_defaults(used: dict[str, Any]) -> list[UsedSetting]:
    """Pair each setting with its default, those that differ first."""
    defaults = dict(_flat(json.loads(json.dumps(settings.as_dict(settings.parse({})), default=str))))
    found = [UsedSetting(name, value, defaults.get(name)) for name, value in _flat(used)]
    return sorted(found, key=lambda setting: (setting.is_default, setting.name))


def _flat(values: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield each setting with the names of its sections.

    >>> list(_flat({"noise": {"keep": ["caption"], "odds": {"nav": 2}}}))
    [('noise.keep', '["caption"]'), ('noise.odds.nav', '2')]
    """
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", json.dumps(value, ensure_ascii=False)
