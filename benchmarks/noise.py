"""Quality and speed of the noise stage on hand-labelled documents, by kind of evidence, label and rule.

    python benchmarks/noise.py SHARED [--set noise|pages|more|seeds] [--evidence rules|model|all] [--half 1] [--errors]
    python benchmarks/noise.py SHARED --speed [--evidence rules|all]

SHARED is the folder with `gold/` and `tools/gold.py`, whose scoring is used. A document's paragraphs are its labelled
lines. Where the line model has a say, figures are cross-validated by document: none is scored by a model that saw it.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline import settings as run_settings
from pipeline.settings.rule_packs import noise_settings
from stages.contract import DOCUMENT, PARAGRAPH_BREAK, Outcome
from stages.noise import LineModel, Settings, run

SHIPPED = noise_settings(run_settings.parse({}))
FOLDS = 6
SETS = ("noise", "pages", "more")
Gold = list[tuple[str, list[str], dict[int, str], dict[int, str]]]


def load_script(path: Path) -> Any:
    """A Python file as a module, by its path."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def gold_of(shared: Path, name: str) -> Gold:
    gold = load_script(shared / "tools" / "gold.py")
    return gold.seed_gold()[1] if name == "seeds" else gold.noise_gold(gold.NOISE_SETS[name])


@cache
def trainer() -> Any:
    return load_script(Path(__file__).with_name("train_line_model.py"))


def documents_of(gold: Gold, language: str | None = None) -> pa.Table:
    rows = [
        {
            "doc_id": doc, "source_id": doc, "source_uri": "gold", "outlet": "gold-" + doc, "kind": "text",
            "raw_sha256": "", "text": PARAGRAPH_BREAK.join(lines), "language": language or trainer().language_of(lines),
        }
        for doc, lines, _, _ in gold
    ]  # fmt: skip
    return pa.Table.from_pylist([{name: row.get(name) for name in DOCUMENT.names} for row in rows], schema=DOCUMENT)


def score(shared: Path, gold: Gold, documents: pa.Table) -> dict[str, float]:
    texts = dict(zip(documents["source_id"].to_pylist(), documents["text"].to_pylist(), strict=True))
    return load_script(shared / "tools" / "gold.py").score_noise(gold, texts)


def run_unseen(shared: Path, name: str, documents: pa.Table, settings: Settings, seed: int) -> Outcome:
    """The stage on every document of a set, each under a line model that was trained without it.

    The seeds are in no training set; for them the weights learn from all labelled documents.
    """
    parts = []
    for number, (model, at) in enumerate(unseen_models(shared, name, seed)):
        print(f"fold {number + 1}: {len(at)} documents", file=sys.stderr)
        parts.append(run(documents.take(at), replace(settings, line_model=model)))
    return Outcome(*(pa.concat_tables(tables) for tables in zip(*parts, strict=True)))


def unseen_models(shared: Path, name: str, seed: int) -> Iterator[tuple[LineModel, list[int]]]:
    """Line models that have not seen some labelled documents, and which of a set those documents are. The seed articles
    are in no fold: one model has seen all others.
    """
    for model, held in models_of_folds(shared, range(FOLDS) if name != "seeds" else (FOLDS,), seed):
        yield model, held[name] if name != "seeds" else list(range(len(gold_of(shared, name))))


def models_of_folds(shared: Path, folds: Iterable[int], seed: int) -> Iterator[tuple[LineModel, dict[str, list[int]]]]:
    """Line models that have seen no document of a fold, and no page of their sites, and which documents of each set
    those are; folds by document are drawn anew for each seed.
    """
    make = trainer()
    labelled = [(other, n, gold) for other in SETS for n, gold in enumerate(gold_of(shared, other))]
    sites = [
        site for folder in (make.ARTICLES, make.EXTRACTS, make.MORE) for site in make.sites_of(shared / "gold" / folder)
    ]
    read, pages = make.load_read(shared), make.load_pages(shared)
    around = make.load_around(shared, pages)
    drawn = make.family_folds([lines for _, _, (_, lines, _, _) in labelled], FOLDS, seed, sites).tolist()
    for fold in folds:
        seen = [gold for (_, _, gold), of in zip(labelled, drawn, strict=True) if of != fold]
        held = {
            name: [n for (other, n, _), of in zip(labelled, drawn, strict=True) if of == fold and other == name]
            for name in SETS
        }
        hidden_sites = [site for site, of in zip(sites, drawn, strict=True) if of == fold]
        hidden = [lines for (_, _, (_, lines, _, _)), of in zip(labelled, drawn, strict=True) if of == fold]
        hidden_lines = {line for lines in hidden for line in make.long_lines(lines)}
        of_seen = [site for site, of in zip(sites, drawn, strict=True) if of != fold]
        examples = make.Examples([lines for _, lines, _, _ in seen], [labels for _, _, labels, _ in seen], of_seen)
        apart = [make.some_of(some, make.away_from(hidden_sites, some, hidden_lines)) for some in (pages, around)]
        yield make.train(examples, read, *apart, members=1, seed=seed), held


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
        kind = (
            2 if label in neutral else label == "body" and not (at in clean and row["before"].strip() not in clean[at])
        )
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


def show_speed(shared: Path, settings: Settings) -> None:
    """On articles that the process has not seen: automata grow with new text, a second look at the same is faster."""
    with gzip.open(shared / "data" / "fnc_train.jsonl.gz", "rt", encoding="utf-8") as file:
        texts = [json.loads(line)["text"].split("\n") for line in file]
    gold: Gold = [(str(n), [p.strip() for p in text if p.strip()], {}, {}) for n, text in enumerate(texts)]
    documents = documents_of(gold, "en")
    run(documents.slice(0, 20), settings)
    rest = documents.slice(20)
    n = sum(len(text.split(PARAGRAPH_BREAK)) for text in rest["text"].to_pylist())
    begin = time.process_time()
    run(rest, settings)
    seconds = time.process_time() - begin
    print(f"{n} paragraphs in {seconds:.2f} s of one core: {n / seconds:,.0f} a second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--set", default="noise", choices=["noise", "pages", "more", "seeds"])
    parser.add_argument("--evidence", default="rules", choices=["rules", "model", "all"])
    parser.add_argument("--half", type=int, choices=[0, 1], help="score only every second document, from this one on")
    parser.add_argument("--seed", type=int, default=0, help="how folds are drawn")
    parser.add_argument("--rules", action="store_true", help="what each rule cut")
    parser.add_argument("--errors", action="store_true", help="every line wrongly cut or kept")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    gold = gold_of(options.shared, options.set)
    settings = replace(SHIPPED, line_model=None, packs=() if options.evidence == "model" else SHIPPED.packs)
    documents = documents_of(gold, "en" if options.set in ("noise", "seeds") else None)
    if options.speed:
        weights = None if options.evidence == "rules" else SHIPPED.line_model
        show_speed(options.shared, replace(settings, line_model=weights))
        return
    rules_only = options.evidence == "rules"
    outcome = (
        run(documents, settings)
        if rules_only
        else run_unseen(options.shared, options.set, documents, settings, options.seed)
    )
    chosen = gold if options.half is None else gold[options.half :: 2]
    if options.rules:
        show_rules(by_rule(options.shared, gold, outcome.ledger))
    if options.errors:
        show_errors(chosen, outcome.ledger)
    print(
        json.dumps(
            {"set": options.set, "evidence": options.evidence} | score(options.shared, chosen, outcome.documents)
        )
    )


if __name__ == "__main__":
    main()
