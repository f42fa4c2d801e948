"""What each word of `[noise] strictness` is worth on hand-labelled documents, and the curve that they were chosen from.

    python benchmarks/strictness.py SHARED [--folds 6] [--seed 0] [--curve]

Every document is judged by a line model that was trained without its fold (see benchmarks/noise.py); figures of all
folds so far are printed after each. `--curve` scores limits between and beyond the words.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import noise as labelled
import pyarrow as pa

from pipeline import settings as run_settings
from pipeline.settings.rule_packs import noise_settings
from stages.noise import Settings, run

WORDS = ("precision", "balanced", "recall")
#: (min_odds, min_odds_per_word, near_rule_odds)
CURVE = (
    (1.0, 0.06, 4.0), (2.0, 0.12, 4.0), (3.0, 0.2, 4.0), (5.0, 0.3, 4.0), (10.0, 0.6, 4.0), (20.0, 1.2, 1.0),
    (50.0, 3.0, 1.0), (200.0, 12.0, 1.0),
)  # fmt: skip


def candidates(curve: bool) -> dict[str, Settings]:
    """Settings by name: the words, or the points of the curve."""
    if not curve:
        return {word: noise_settings(run_settings.load(None, {"noise": {"strictness": word}})) for word in WORDS}
    return {
        f"{odds:g}, {word:g}, near {near:g}": replace(
            labelled.SHIPPED, min_odds=odds, min_odds_per_word=word, near_rule_odds=near
        )
        for odds, word, near in CURVE
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--folds", type=int, default=labelled.FOLDS, help="how many of them are scored")
    parser.add_argument("--seed", type=int, default=0, help="how folds are drawn")
    parser.add_argument("--curve", action="store_true")
    options = parser.parse_args()
    chosen = candidates(options.curve)
    golds = {name: labelled.gold_of(options.shared, name) for name in labelled.SETS}
    documents = {name: labelled.documents_of(gold, "en" if name == "noise" else None) for name, gold in golds.items()}
    cleaned: dict[tuple[str, str], list[pa.Table]] = defaultdict(list)
    scored: dict[str, list[int]] = defaultdict(list)
    for fold, (model, held) in enumerate(
        labelled.models_of_folds(options.shared, range(options.folds), options.seed), start=1
    ):
        for name, at in held.items():
            scored[name] += at
            gold = [golds[name][n] for n in scored[name]]
            print(f"\n{name}: {len(gold)} documents of {fold} folds", flush=True)
            for limits, settings in chosen.items():
                outcome = run(documents[name].take(at), replace(settings, line_model=model))
                cleaned[name, limits].append(outcome.documents)
                figures = labelled.score(options.shared, gold, pa.concat_tables(cleaned[name, limits]))
                print(f"{limits:28s} {figures}", flush=True)


if __name__ == "__main__":
    main()
