"""Strictness in a word: the limits of the noise stage that each word of `[noise] strictness` stands for.

A word stands for all of its limits in the layer of settings that it is written in: keys beside it win, and so does what
a stronger layer says (docs/how-to/strictness.md).
"""

from __future__ import annotations

from typing import Any, get_args

from stages.noise import Settings, Strictness

_DEFAULTS = Settings()
#: Limits by word, chosen on the curve of benchmarks/strictness.py (docs/how-to/strictness.md).
LIMITS: dict[str, dict[str, float]] = {
    "precision": {"min_odds": 20.0, "min_odds_per_word": 1.2, "near_rule_odds": 1.0},
    "balanced": {
        name: getattr(_DEFAULTS, name) for name in ("min_odds", "min_odds_per_word", "near_rule_odds")
    },
    "recall": {"min_odds": 2.0, "min_odds_per_word": 0.12, "near_rule_odds": 4.0},
}  # fmt: skip
assert set(LIMITS) == set(get_args(Strictness))


def spelled_out(layer: dict[str, Any]) -> dict[str, Any]:
    """Return settings as parsed from TOML with the limits that a word of strictness stands for.

    A word that is not known is left as it is, to be refused with the other values that cannot be meant.

    >>> spelled_out({"noise": {"strictness": "recall", "near_rule_odds": 2.0}})["noise"]
    {'min_odds': 2.0, 'min_odds_per_word': 0.12, 'near_rule_odds': 2.0, 'strictness': 'recall'}
    """
    values = layer.get("noise")
    word = values.get("strictness") if isinstance(values, dict) else None
    if not isinstance(word, str) or not isinstance(values, dict) or word not in LIMITS:
        return layer
    return {**layer, "noise": {**LIMITS[word], **values}}
