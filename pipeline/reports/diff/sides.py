"""The two sides of a comparison: some runs of one corpus each, and where their settings and versions differ."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline import settings
from pipeline.console import counted
from pipeline.errors import UserError, in_short
from pipeline.storage.location import store_at
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.reader import Corpus

#: Runs that a message names.
NAMED = 5


@dataclass(frozen=True)
class Side:
    """One side: a corpus, and those of its runs that are compared, oldest first."""

    corpus: Corpus
    runs: tuple[str, ...]
    label: str = ""  # of a temporary corpus: its folder means nothing to a person

    @property
    def name(self) -> str:
        """Name the side in a few words."""
        if self.label:
            return self.label
        place = in_short(self.corpus.out)
        if len(self.runs) == 1:
            return f"run {self.runs[0]} of {place}"
        return f"{place}, {counted(len(self.runs), 'run')}, the latest {self.runs[-1]}"

    def manifests(self) -> Iterator[dict[str, Any]]:
        """Yield the manifests of the runs, oldest first."""
        return (self.corpus.store.manifest(run) for run in self.runs)

    def as_dict(self) -> dict[str, Any]:
        """Return the side as plain JSON types."""
        if self.label:
            return {"out": None, "runs": [], "label": self.label}
        return {"out": str(self.corpus.out), "runs": list(self.runs), "label": None}


@dataclass(frozen=True)
class SidePair:
    """Two sides that are to be compared, and remarks on how they came about."""

    old: Side
    new: Side
    notes: tuple[str, ...] = ()
    passages: bool = True  # False where copied passages cannot be compared
    inputs: bool = True  # False where inputs that were refused were not looked at again


class Setting(NamedTuple):
    """A key of the settings, or a version, that differs. None: it is not there on that side."""

    key: str
    old: Any
    new: Any


def side_of(name: str, out: OutputLocation, parse: Callable[[str], OutputLocation]) -> Side:
    """Find the side that a name means: a run of `out`, a corpus, or a run of another corpus (`FOLDER/RUN`).

    `parse` turns text into an output location. Raises UserError where it means none of them.
    """
    if name in runs_at(out):
        return Side(Corpus(out), (name,))
    place = parse(name)
    if runs := runs_at(place):
        return Side(Corpus(place), tuple(runs))
    folder, _, run = name.rstrip("/").rpartition("/")
    if folder and run in (runs := runs_at(parse(folder))):
        return Side(Corpus(parse(folder)), (run,))
    raise UserError(f"{name}: {_nothing_there(runs_at(out), out, folder, runs)}")


def runs_at(out: OutputLocation) -> list[str]:
    """Return the runs that are published at a location, oldest first; none where there is no corpus."""
    return store_at(out).runs()


def _nothing_there(here: list[str], out: OutputLocation, folder: str, there: list[str]) -> str:
    where, known = (f"{folder}/", there) if there else (f"{in_short(out)}/", here)
    if known:
        return f"no run and no corpus has this name. The runs of {where} are: {', '.join(known[-NAMED:])}."
    return (
        f"no run and no corpus has this name, and there is no corpus in {where}. Name two runs of --out, two output "
        "folders, or FOLDER/RUN."
    )


def settings_that_differ(old: Side, new: Side) -> list[Setting]:
    """List the keys of the settings that differ between the latest runs of two sides, in the order of the keys.

    A manifest does not name every key that was left at its default, and an older version did not know all of today's:
    a key that is missing counts as left at its default.
    """
    return _differing(*(_defaults() | flat(_latest(side)["settings"]) for side in (old, new)))


def _defaults() -> dict[str, Any]:
    """Return the defaults of all settings, as a manifest writes them."""
    defaults: dict[str, Any] = json.loads(json.dumps(settings.as_dict(settings.Settings()), default=str))
    return flat(defaults)


def versions_that_differ(old: Side, new: Side) -> list[Setting]:
    """List the programs and libraries whose version differs, and the evidence if only that does.

    The fingerprint of a run covers settings, version, rule packs, weights and people's answers about templates.
    """
    latest = [_latest(side) for side in (old, new)]
    versions = _differing(*(each["versions"] for each in latest))
    prints = [str(each["fingerprint"]) for each in latest]
    decisive = [
        each for each in settings_that_differ(old, new) if not each.key.startswith(("run.", "store.", "drift."))
    ]
    if prints[0] != prints[1] and not decisive and not any(each.key == "copydesk" for each in versions):
        versions.append(Setting("rule packs, weights or template answers", *prints))
    return versions


def with_several_settings(side: Side) -> bool:
    """Tell if the runs of a side were made with different settings, so that the latest do not speak for all."""
    return len({manifest["fingerprint"] for manifest in side.manifests()}) > 1


def _latest(side: Side) -> dict[str, Any]:
    return side.corpus.store.manifest(side.runs[-1])


def _differing(old: dict[str, Any], new: dict[str, Any]) -> list[Setting]:
    keys = sorted({*old, *new})
    return [Setting(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]


def flat(nested: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Write nested settings as one level of dotted keys.

    >>> flat({"noise": {"min_odds": 5.0}, "sources": {"fields": {"text": "body"}}})
    {'noise.min_odds': 5.0, 'sources.fields.text': 'body'}
    """
    found: dict[str, Any] = {}
    for name, value in nested.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value
    return found


def as_value(value: Any) -> str:
    """Write a value of the settings as it stands in a settings file; none as "not set".

    >>> as_value(0.5), as_value("cut"), as_value(None), as_value(["any", "en"]), as_value(True)
    ('0.5', '"cut"', 'not set', '["any", "en"]', 'true')
    """
    return "not set" if value is None else json.dumps(value, ensure_ascii=False)
