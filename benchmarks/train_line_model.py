"""Train the line model on labelled news, show what it is worth on documents it has not seen, and write its weights.

    python benchmarks/train_line_model.py --gold /work/shared/gold --date 2026-11-21 --out config/noise/line_model.json

Every figure is pooled out of fold, folds are whole documents, and folds are drawn anew for each seed. Words are counted
as the labelled sets' own scoring tool (`tools/gold.py` beside the gold folder) counts them; a paragraph is kept or cut
whole. The threshold is chosen on out-of-fold probabilities: the best line F1 within a budget of body words lost.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier

from stages.noise.line_model import LineModel, Threshold, Trees, batch_features

SCRIPT_VERSION = 1
ARTICLES, EXTRACTS = "noise_dev", "noise_pages"
NEUTRAL = frozenset({"unsure", "title", "deck", "embed"})  # neither wrong to keep nor wrong to cut; not trained on
BODY_LOSS_BUDGET = 0.002
FIRST_THRESHOLD = Threshold(1.0, 0.1)  # of a model that is trained before a threshold is chosen for it
SEEDS = (0, 1, 2)
MEMBERS = 4  # models that differ in their seed only; their trees are pooled, each with 1/MEMBERS of its weight
PARAMETERS: dict[str, Any] = {
    "max_iter": 150, "learning_rate": 0.07, "max_leaf_nodes": 12, "min_samples_leaf": 15,
    "l2_regularization": 1.0, "max_features": 0.1,
}  # fmt: skip

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Labels = Sequence[Mapping[int, str]]
RuleLabels = Sequence[Sequence[str | None]] | None


class Labelled(NamedTuple):
    """Labelled documents, and per paragraph (all documents in a row) what scoring needs."""

    documents: list[list[str]]
    labels: list[dict[int, str]]
    noise: Flags
    counts: Flags  # has words and is not neutral
    words: npt.NDArray[np.int64]
    body_words: npt.NDArray[np.int64]  # words of the story: without the noise inside a paragraph
    document: npt.NDArray[np.int64]
    extract: Flags  # from the extracts, not the articles


class Score(NamedTuple):
    """What a way of cutting is worth."""

    f1: float
    precision: float
    recall: float
    body_lost: float


# ---------------------------------------------------------------- labelled sets


def scoring_tool(gold: Path) -> ModuleType:
    """The labelled sets' own scoring script, for its reader and its way to count words."""
    spec = importlib.util.spec_from_file_location("gold", gold.parent / "tools" / "gold.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"{gold.parent}/tools/gold.py cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load(gold: Path, sets: Sequence[str] = (ARTICLES, EXTRACTS)) -> Labelled:
    """The labelled sets as one."""
    tool = scoring_tool(gold)
    rows = [(name, doc, [" ".join(line.split()) for line in text], *rest)  # single spaces, as segment leaves them
            for name in sets for doc, text, *rest in tool.noise_gold(gold / name)]  # fmt: skip
    lines = [
        (label.get(n, "body"), line, clean.get(n, line))
        for _, _, text, label, clean in rows
        for n, line in enumerate(text)
    ]
    words = np.array([len(tool.words(line)) for _, line, _ in lines])
    return Labelled(
        documents=[text for _, _, text, _, _ in rows],
        labels=[label for _, _, _, label, _ in rows],
        noise=np.array([label != "body" for label, _, _ in lines]),
        counts=np.array([label not in NEUTRAL for label, _, _ in lines]) & (words > 0),
        words=words,
        body_words=np.array([len(tool.words(clean)) for _, _, clean in lines]),
        document=np.repeat(np.arange(len(rows)), [len(row[2]) for row in rows]),
        extract=np.repeat([row[0] == EXTRACTS for row in rows], [len(row[2]) for row in rows]),
    )


# ---------------------------------------------------------------- training


def _nodes(predictor: Any, at: int, feature: list[int], threshold: list[float], right: list[int], scale: float) -> None:
    """The subtree at node `at` in preorder: a left child follows its parent."""
    node, here = predictor.nodes[at], len(feature)
    leaf = bool(node["is_leaf"])
    feature.append(-1 if leaf else int(node["feature_idx"]))
    threshold.append(round(float(node["value"]) * scale, 5) if leaf else _short(float(node["num_threshold"])))
    right.append(0)
    if not leaf:
        _nodes(predictor, int(node["left"]), feature, threshold, right, scale)
        right[here] = len(feature)
        _nodes(predictor, int(node["right"]), feature, threshold, right, scale)


def _short(number: float) -> float:
    return float(f"{number:.5g}")


def export(members: Sequence[HistGradientBoostingClassifier]) -> tuple[Trees, float]:
    """The trees of all members as one sum, each member with an equal part; and the sum's constant."""
    roots: list[int] = []
    feature: list[int] = []
    threshold: list[float] = []
    right: list[int] = []
    for member in members:
        for (predictor,) in member._predictors:
            roots.append(len(feature))
            _nodes(predictor, 0, feature, threshold, right, 1 / len(members))
    base = float(np.mean([member._baseline_prediction for member in members]))
    trees = Trees(
        np.array(roots, np.int32),
        np.array(feature, np.int16),
        np.array(threshold, np.float32),
        np.array(right, np.int32),
    )
    return trees, round(base, 6)


def train(
    documents: Sequence[Sequence[str]], labels: Labels, rule_labels: RuleLabels = None, *,
    threshold: Threshold = FIRST_THRESHOLD, seed: int = 0, members: int = MEMBERS,
) -> LineModel:  # fmt: skip
    """A line model learned from documents whose noise is labelled by line number; neutral labels are left out."""
    matrix, _ = batch_features(documents, rule_labels)
    return _fit(matrix, flat_labels(documents, labels), threshold, seed, members)


def _fit(
    matrix: npt.NDArray[np.float32], labels: npt.NDArray[Any], threshold: Threshold, seed: int, members: int
) -> LineModel:
    usable = ~np.isin(labels, list(NEUTRAL))
    fitted = [
        HistGradientBoostingClassifier(**PARAMETERS, random_state=1000 * seed + number).fit(
            matrix[usable], labels[usable] != "body"
        )
        for number in range(members)
    ]
    trees, base = export(fitted)
    return LineModel(trees, base, threshold)


# ---------------------------------------------------------------- judging


def score(data: Labelled, cut: Flags, among: Flags) -> Score:
    """Line precision, recall and F1, and the share of body words lost, of the paragraphs `among`."""
    use = data.counts & among
    hit, false, missed = (int((use & x).sum()) for x in (cut & data.noise, cut & ~data.noise, ~cut & data.noise))
    body = use & ~data.noise
    lost = data.body_words[body & cut].sum() / max(1, data.body_words[body].sum())
    f1 = 2 * hit / max(1, 2 * hit + false + missed)
    return Score(f1, hit / max(1, hit + false), hit / max(1, hit + missed), float(lost))


def cut_by(threshold: Threshold, probabilities: Floats, words: npt.NDArray[np.int64]) -> Flags:
    """Which paragraphs a threshold cuts."""
    limit = threshold.odds + threshold.odds_per_word * words
    flags: Flags = probabilities > limit / (1 + limit)
    return flags


def choose_threshold(
    data: Labelled, runs: Sequence[Floats], among: Flags, budget: float = BODY_LOSS_BUDGET
) -> Threshold:
    """The threshold with the best mean F1 over the runs whose mean loss of body words is within the budget."""
    best, found = -1.0, Threshold(50.0, 0.5)
    for per_word in (0.0, 0.02, 0.05, 0.1, 0.2, 0.4):
        for odds in np.geomspace(0.2, 50.0, 50):
            threshold = Threshold(round(float(odds), 3), per_word)
            scores = [score(data, cut_by(threshold, p, data.words), among) for p in runs]
            f1, lost = np.mean([s.f1 for s in scores]), np.mean([s.body_lost for s in scores])
            if lost <= budget and f1 > best:
                best, found = float(f1), threshold
    return found


def folds(n_documents: int, n_folds: int, seed: int) -> npt.NDArray[np.int64]:
    """A fold for every document, sizes equal, drawn by `seed`."""
    fold = np.empty(n_documents, dtype=np.int64)
    fold[np.random.default_rng(seed).permutation(n_documents)] = np.arange(n_documents) % n_folds
    return fold


def flat_labels(documents: Sequence[Sequence[str]], labels: Labels) -> npt.NDArray[np.str_]:
    """A label for every paragraph of all documents in a row."""
    pairs = zip(labels, documents, strict=True)
    return np.array([label.get(n, "body") for label, text in pairs for n in range(len(text))])


def out_of_fold(data: Labelled, fold: npt.NDArray[np.int64], seed: int = 0, members: int = MEMBERS) -> Floats:
    """For every paragraph the probability by a model that saw no paragraph of its fold."""
    matrix, _ = batch_features(data.documents)
    labels = flat_labels(data.documents, data.labels)
    result = np.zeros(len(matrix))
    for number in np.unique(fold):
        inside = fold[data.document] == number
        model = _fit(matrix[~inside], labels[~inside], FIRST_THRESHOLD, seed, members)
        result[inside] = model.predict_features(matrix[inside])
    return result


# ---------------------------------------------------------------- report


def show(name: str, scores: Sequence[Score]) -> dict[str, float]:
    """Print one line of the table; give the means back."""
    mean, spread = np.mean(scores, axis=0), np.std(scores, axis=0)
    f1, precision, recall = (f"{m:.3f}" for m in mean[:3])
    print(f"{name:34s} F1 {f1} ±{spread[0]:.3f}  P {precision}  R {recall}  body lost {mean[3]:.3%} ±{spread[3]:.3%}")
    return dict(zip(Score._fields, (round(float(x), 5) for x in mean), strict=True))


def report(data: Labelled, runs: Sequence[Floats], threshold: Threshold) -> dict[str, dict[str, float]]:
    """The table: chosen threshold on both sets, then what other budgets of body words would give."""
    everything = np.ones(len(data.noise), dtype=bool)
    kinds = {"articles": ~data.extract, "extracts": data.extract, "all": everything}
    figures = {}
    for name, among in kinds.items():
        scores = [score(data, cut_by(threshold, p, data.words), among) for p in runs]
        figures[name] = show(f"{name}, chosen threshold", scores)
    for name in ("articles", "extracts"):
        for budget in (0.001, 0.002, 0.003, 0.005, 0.01):
            best = choose_threshold(data, runs, kinds[name], budget)
            scores = [score(data, cut_by(best, p, data.words), kinds[name]) for p in runs]
            show(f"{name}, own best at {budget:.1%} lost", scores)
    return figures


def show_transfer(data: Labelled, threshold: Threshold) -> dict[str, dict[str, float]]:
    """Learn on one set, cut the other."""
    figures = {}
    for name, of in (("articles to extracts", data.extract), ("extracts to articles", ~data.extract)):
        probabilities = out_of_fold(
            data, np.array([int(of[data.document == d][0]) for d in range(len(data.documents))])
        )
        figures[name] = show(name, [score(data, cut_by(threshold, probabilities, data.words), of)])
    return figures


def digests(gold: Path) -> dict[str, str]:
    """sha256 of every labelled file, so that a reader knows what the weights saw."""
    files = [gold / name / part for name in (ARTICLES, EXTRACTS) for part in ("docs.jsonl", "labels.jsonl")]
    return {f"{file.parent.name}/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def main(argv: Sequence[str]) -> None:
    """Cross-validate, choose the threshold, train on everything, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--gold", type=Path, required=True, help="folder with noise_dev/ and noise_pages/")
    parser.add_argument("--date", required=True, help="date to write into the provenance")
    parser.add_argument("--out", type=Path, help="where to write the weights; only the table is printed without it")
    options = parser.parse_args(argv)
    data = load(options.gold)
    runs = [out_of_fold(data, folds(len(data.documents), 10, seed), seed=seed) for seed in SEEDS]
    threshold = choose_threshold(data, runs, np.ones(len(data.noise), dtype=bool))
    figures = report(data, runs, threshold) | show_transfer(data, threshold)
    if options.out:
        model = train(data.documents, data.labels, threshold=threshold)
        provenance = {
            "script": f"benchmarks/train_line_model.py, version {SCRIPT_VERSION}", "date": options.date,
            "labelled": digests(options.gold), "documents": len(data.documents), "paragraphs": len(data.noise),
            "noise_paragraphs": int((data.noise & data.counts).sum()), "parameters": PARAMETERS, "members": MEMBERS,
            "cross_validation": {"folds": 10, "seeds": list(SEEDS), "body_loss_budget": BODY_LOSS_BUDGET} | figures,
        }  # fmt: skip
        text = json.dumps(model.to_dict() | {"provenance": provenance}, separators=(",", ":"))
        options.out.write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8")
        print(f"wrote {options.out}, {len(text) / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
