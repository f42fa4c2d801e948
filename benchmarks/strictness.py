"""What each word of `[noise] strictness` is worth on hand-labelled documents, and the curve that they were chosen from.

    python benchmarks/strictness.py SHARED [--set noise|pages|more] [--seed 0] [--curve]

Every document is judged by a line model that was trained without it (see benchmarks/noise.py). `--curve` scores a row
of limits between and beyond the words. Columns: F1 of lines, share of furniture lines removed, share of the words of
the story lost.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import noise as labelled
import pyarrow as pa

from pipeline import settings as run_settings
from pipeline.settings.rule_packs import noise_settings
from stages.noise import Settings, run

#: (min_odds, min_odds_per_word, near_rule_odds)
CURVE = (
    (0.5, 0.03, 4.0), (1.0, 0.06, 4.0), (2.0, 0.12, 4.0), (5.0, 0.3, 4.0), (10.0, 0.6, 4.0), (20.0, 1.2, 4.0),
    (20.0, 1.2, 1.0), (40.0, 2.4, 1.0), (80.0, 5.0, 1.0), (160.0, 10.0, 1.0),
)  # fmt: skip


def candidates(curve: bool) -> dict[str, Settings]:
    """Settings by name: the words, or the points of the curve."""
    if curve:
        named = {f"{odds:g} + {word:g}, near {near:g}": (odds, word, near) for odds, word, near in CURVE}
        return {
            name: replace(labelled.SHIPPED, min_odds=odds, min_odds_per_word=word, near_rule_odds=near)
            for name, (odds, word, near) in named.items()
        }
    words = ("precision", "balanced", "recall")
    return {word: noise_settings(run_settings.parse({"noise": {"strictness": word}})) for word in words}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--set", default="noise", choices=["noise", "pages", "more"])
    parser.add_argument("--seed", type=int, default=0, help="how folds are drawn")
    parser.add_argument("--curve", action="store_true")
    options = parser.parse_args()
    gold = labelled.gold_of(options.shared, options.set)
    documents = labelled.documents_of(gold, "en" if options.set == "noise" else None)
    chosen = candidates(options.curve)
    parts: dict[str, list[pa.Table]] = {name: [] for name in chosen}
    for model, at in labelled.unseen_models(options.shared, options.set, options.seed):
        for name, settings in chosen.items():
            parts[name].append(run(documents.take(at), replace(settings, line_model=model)).documents)
    print(f"{options.set}, seed {options.seed}\n| limits | figures |\n|---|---|")
    for name, tables in parts.items():
        told = labelled.score(options.shared, gold, pa.concat_tables(tables))
        print(f"| {name} | {told} |", flush=True)


if __name__ == "__main__":
    main()
