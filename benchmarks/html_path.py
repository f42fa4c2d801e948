"""Processor time of pages by stage, beside loops of trafilatura: batches of pages by turns, in one process.

    python benchmarks/html_path.py --shared SHARED [--rounds N]

Reading, all stages up to noise, and the evidence of near-duplicates; writing tables is left out. The loops call
`trafilatura.extract` with comments off, once with metadata and once without. The first round only warms up.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import trafilatura

from pipeline import settings, sources
from pipeline.settings.rule_packs import noise_settings
from stages import near_duplicates, noise
from stages.catalog import stages_of

SETTINGS = settings.load(None)
BATCH = 30  # pages, so that what slows the machine down for a while slows both sides down
LOOPS = {"trafilatura, metadata": {"with_metadata": True}, "trafilatura": {}}


def timed(seconds: Counter[str], name: str, work: Callable[[], Any]) -> Any:
    """Do some work; add its processor time."""
    began = time.process_time()
    found = work()
    seconds[name] += time.process_time() - began
    return found


def clean(documents: pa.Table, seconds: Counter[str]) -> None:
    """Run the stages on raw documents."""
    for stage in stages_of("prepare"):
        run, own = stage.module.run, getattr(SETTINGS, stage.name)
        documents = timed(seconds, stage.name, lambda run=run, own=own, given=documents: run(given, own).documents)
    documents = timed(seconds, "noise", lambda: noise.run(documents, noise_settings(SETTINGS), None).documents)
    timed(seconds, "near-duplicates: evidence", lambda: near_duplicates.evidence(documents))


def extract_all(pages: list[bytes], options: dict[str, Any]) -> None:
    """Extract pages as trafilatura does by itself."""
    for page in pages:
        trafilatura.extract(page, include_comments=False, **options)


def measured(warc: Path, rounds: int) -> Counter[str]:
    """Return processor seconds of one round, by stage and loop."""
    total: Counter[str] = Counter()
    inputs = sources.plan([str(warc)])
    for number in range(rounds + 1):
        seconds: Counter[str] = Counter()
        batches = timed(seconds, "read", lambda: list(sources.batches(inputs, SETTINGS.sources, BATCH)))
        for batch in batches:
            clean(batch.documents, seconds)
            pages = batch.documents["raw"].to_pylist()
            for name, options in LOOPS.items():
                timed(seconds, name, lambda pages=pages, options=options: extract_all(pages, options))
        if number:
            total.update(seconds)
    return Counter({name: value / rounds for name, value in total.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="the folder with data/")
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    seconds = measured(arguments.shared / "data/pages.warc.gz", arguments.rounds)
    whole = sum(value for name, value in seconds.items() if name not in LOOPS)
    print("| | processor s |\n|---|---|")
    for name, value in seconds.items():
        print(f"| {name} | {value:.2f} |")
    ratios = [f"{name}: {seconds[name] / whole:.2f}, {seconds[name] / seconds['extract']:.2f}" for name in LOOPS]
    print("\nPages/s of all of ours, and of extraction alone, over those of the loop. " + "; ".join(ratios))


if __name__ == "__main__":
    main()
