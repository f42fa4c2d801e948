"""The shipped rule packs and the line model, as the pipeline loads them."""

from __future__ import annotations

import tomllib

from pipeline import settings
from pipeline.settings.rule_packs import noise_settings
from stages.noise.line_model import LineModel
from stages.noise.rules import Rule, RulePack
from tests.helpers.folders import ROOT

FOLDER = ROOT / "config" / "noise"
PACKS: tuple[RulePack, ...] = noise_settings(settings.parse({})).packs
RULES: list[Rule] = [rule for pack in PACKS for rule in pack.rules]
WORDS = tomllib.loads((FOLDER / "line_words.toml").read_text("utf-8"))


def line_model() -> LineModel:
    model = noise_settings(settings.parse({})).line_model
    assert model is not None
    return model
