"""Strengths of rules: those in use, and those that published runs had by the settings in their manifests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache

from pipeline.errors import UserError
from pipeline.settings import Settings, parse
from pipeline.settings.rule_packs import noise_settings
from pipeline.storage.reader import Corpus


@cache
def strengths_in(settings: Settings) -> Mapping[str, str]:
    """Map the id of each rule in use to its strength."""
    return {rule.id: rule.strength for pack in noise_settings(settings).packs for rule in pack.rules}


def strengths_of(corpus: Corpus, runs: Iterable[str], otherwise: Settings | None = None) -> dict[str, str]:
    """Map the id of each rule to its strength in some runs, of which the last one decides.

    Rules that the manifests do not name, or whose files are gone, have the strength that they have in `otherwise`, by
    default the shipped settings.
    """
    known = dict(strengths_in(otherwise or Settings()))
    for run in runs:
        evidence = corpus.store.manifest(run)["settings"].get("evidence", {})
        with suppress(UserError):  # a pack that is gone, or a key of another version
            known |= strengths_in(parse({"evidence": evidence}))
    return known
