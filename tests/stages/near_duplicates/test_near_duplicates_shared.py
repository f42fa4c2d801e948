"""Floors of quality on the labelled pairs and the seeds. Where ../shared is missing this is skipped, visibly."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from stages.near_duplicates import Settings
from tests.helpers.folders import ROOT


@pytest.mark.shared
def test_copied_passages_are_found_on_labelled_pairs_and_seeds(shared: Path) -> None:
    spec = importlib.util.spec_from_file_location("benchmark", ROOT / "benchmarks/near_duplicates.py")
    assert spec is not None
    assert spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    gold, articles, seeds = benchmark.load(shared)
    passages = benchmark.scored(articles, gold, Settings())[0]
    for name, floor in (("pairs_dev", 0.955), ("pairs_more", 0.90)):  # the weights were chosen on both together
        figures = gold.score_pairs(gold.pair_gold(shared / "gold" / name), passages)
        assert figures["f1"] >= floor
        assert figures["precision"] >= 0.95
    found = gold.score_seed_pairs(benchmark.scored(seeds, gold, Settings())[0])
    assert int(found["reuse_found"].split("/")[0]) >= 27
    assert int(found["quote_found"].split("/")[0]) >= 5
    assert int(found["paraphrase_found"].split("/")[0]) <= 1
