"""Train the line model on labelled news, show what it is worth on documents it has not seen, and write its weights.

    python benchmarks/train_line_model.py SHARED [--out config/noise/line_model.json]

SHARED is the folder with `gold/`, `data/` and `tools/gold.py`. Beside its labelled documents, 1,272 articles are read
whose lines `line_labels.json` beside this script labels by number, and 186 pages whose lines `page_labels.json` labels
by digest. The text model learns from all of them, and so does the forest for English; that for any other language
learns from the labelled documents and the pages. Trees see text scores of a model that did not see the document.

A second pass over all lines judges each by what the first pass and strong rules say of the lines around it
(`stages/noise/line_context.py`). It learns from scores of models that saw neither the document nor its site, on the
labelled documents, the pages, and documents made of whole web pages whose lines are labelled from afar
(`page_lines.py` beside this script).

Every figure is of the labelled documents, pooled out of fold, each by one member where the weights have four; folds are
whole documents, drawn anew for each seed, and no page of a held document's site is learned from. Words are counted as
`tools/gold.py` counts them; a paragraph is kept or cut whole. The threshold is chosen on out-of-fold probabilities: the
best line F1 within a budget of body words lost.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import json
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import trafilatura
from fastwarc.warc import ArchiveIterator, WarcRecordType
from page_lines import Extract, load_page_lines
from scipy.sparse import csr_matrix, vstack
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from trafilatura.utils import decode_file

from pipeline import settings as run_settings
from pipeline.settings.rule_packs import noise_settings
from stages import language
from stages.contract import DOCUMENT, PARAGRAPH_BREAK
from stages.noise import gather_evidence, strong_kinds
from stages.noise.line_context import CONTEXT, NO_RULE, context_features
from stages.noise.line_model import (
    ANY,
    Forest,
    LineModel,
    TextModel,
    Threshold,
    Trees,
    WordClasses,
    batch_features,
    batch_of,
    log_odds,
)
from stages.noise.line_text import BUCKETS, buckets_of, text_features

SCRIPT_VERSION = 6
WORDS = Path(__file__).resolve().parent.parent / "config" / "noise" / "line_words.toml"
WORD_CLASSES = WordClasses.from_dict(tomllib.loads(WORDS.read_text("utf-8")))
READ_LABELS = Path(__file__).with_name("line_labels.json")
PAGE_LABELS = Path(__file__).with_name("page_labels.json")
ARTICLES, EXTRACTS, MORE = "noise_dev", "noise_pages", "noise_more"
DATA = tuple(f"data/{name}.gz" for name in ("fnc_train.jsonl", "pages.warc", "pages_more.jsonl", "publishers.jsonl"))
NEUTRAL = frozenset({"unsure", "title", "deck", "embed"})  # neither wrong to keep nor wrong to cut; not trained on
BODY_LOSS_BUDGET = 0.002
FIRST_THRESHOLD = Threshold(1.0, 0.1)  # of a model that is trained before a threshold is chosen for it
LONG_LINE = 11  # blanks
SEEDS = (0,)  # each takes minutes; what other seeds give is what benchmarks/noise.py shows
FOLDS = 6
MEMBERS = 4  # models that differ in their seed only; their trees are pooled, each with 1/MEMBERS of its weight
PARAMETERS: dict[str, Any] = {
    "max_iter": 150, "learning_rate": 0.07, "max_leaf_nodes": 12, "min_samples_leaf": 15,
    "l2_regularization": 1.0, "max_features": 0.1,
}  # fmt: skip
SECOND_FOLDS = 6  # of the labelled documents, for the scores that the second pass learns from
SECOND_PARAMETERS: dict[str, Any] = {
    "max_iter": 120, "learning_rate": 0.06, "max_leaf_nodes": 8, "min_samples_leaf": 20, "l2_regularization": 2.0,
}  # fmt: skip
TEXT_STRENGTH = 10.0  # of the text model: the inverse of its regularization
TEXT_FOLDS = 4  # of the documents that a text model learns from, for the scores that trees learn from

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Labels = Sequence[Mapping[int, str]]


class Examples(NamedTuple):
    """Documents and what their lines are, by line number; a line without a label is of the story."""

    documents: Sequence[Sequence[str]]
    labels: Labels
    sites: Sequence[str] = ()  # where each document is a page; "" for one that is not
    weights: Sequence[Floats] = ()  # of each line of each document, where they are not 1


class Lines(NamedTuple):
    """What is learned from: all paragraphs of some documents in a row."""

    matrix: npt.NDArray[np.float32]  # their features, without those of their text
    buckets: csr_matrix  # of the text model, each row of length one
    labels: npt.NDArray[np.str_]
    lengths: npt.NDArray[np.int64]  # paragraphs of each document

    @property
    def begins(self) -> npt.NDArray[np.int64]:
        """The first paragraph of each document, and the end."""
        return np.concatenate([[0], np.cumsum(self.lengths)])

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """The number of buckets of each paragraph."""
        return np.diff(self.buckets.indptr).astype(np.int64)

    @property
    def usable(self) -> Flags:
        """Which paragraphs are learned from: neutral labels are left out."""
        return ~np.isin(self.labels, list(NEUTRAL))

    def of(self, documents: Flags) -> Lines:
        """The paragraphs of some of the documents."""
        rows = np.repeat(documents, self.lengths)
        return Lines(self.matrix[rows], self.buckets[rows], self.labels[rows], self.lengths[documents])


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
    languages: list[str | None]  # of each document
    sites: list[str]  # of each document; "" for an article


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


def load(gold: Path, sets: Sequence[str] = (ARTICLES, EXTRACTS, MORE)) -> Labelled:
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
        extract=np.repeat([is_extract(name, doc) for name, doc, *_ in rows], [len(row[2]) for row in rows]),
        languages=[language_of(text) if is_extract(name, doc) else "en" for name, doc, text, _, _ in rows],
        sites=[site for name in sets for site in sites_of(gold / name)],
    )


def is_extract(name: str, document: str) -> bool:
    """Tell if a document of a labelled set is the extract of a web page, not an article."""
    return name == EXTRACTS or document.startswith("p2-")


def sites_of(folder: Path) -> list[str]:
    """The site of each document of a labelled set."""
    with (folder / "docs.jsonl").open(encoding="utf-8") as file:
        return [site_of(json.loads(line)["source_id"]) for line in file]


def site_of(address: str) -> str:
    """The site of a page, "" for what has no address.

    >>> site_of(" https://www.courier.example/pier"), site_of("article 7"), site_of("hard::courier.com-pier.html")
    ('courier.example', '', 'courier.com')
    """
    if named := re.match(r"hard::((?:[\w-]+\.)+?[a-z]{2,6})(?=[-.])", address):
        return named[1]
    return ".".join((urlsplit(address.strip()).hostname or "").split(".")[-2:])


def language_of(lines: Sequence[str]) -> str | None:
    """The language of a document, as a run finds it."""
    return language.detect(PARAGRAPH_BREAK.join(lines), None, language.Settings()).code


def load_read(shared: Path) -> Examples:
    """The articles whose lines `line_labels.json` labels, without those that share a long line with a labelled one."""
    labels = json.loads(READ_LABELS.read_text("utf-8"))["articles"]
    with gzip.open(shared / "data" / "fnc_train.jsonl.gz", "rt", encoding="utf-8") as file:
        texts = {row["id"]: row["text"] for row in map(json.loads, file)}
    documents = [[" ".join(line.split()) for line in texts[name].split("\n") if line.strip()] for name in labels]
    for (name, (count, _, _)), lines in zip(labels.items(), documents, strict=True):
        if count != len(lines):
            raise SystemExit(f"article {name} has {len(lines)} lines, {READ_LABELS.name} says {count}: other data?")
    kinds = [
        {**dict.fromkeys(numbers(noise), "noise"), **dict.fromkeys(numbers(neutral), "unsure")}
        for _, noise, neutral in labels.values()
    ]
    known = {line for document in load(shared / "gold").documents for line in long_lines(document)}
    return some_of(Examples(documents, kinds), np.array([known.isdisjoint(long_lines(lines)) for lines in documents]))


def long_lines(lines: Sequence[str]) -> set[str]:
    """The lines of a document that are too long to stand in two stories by chance."""
    return {line.casefold() for line in lines if line.count(" ") >= LONG_LINE}


def load_around(shared: Path, pages: Examples) -> Examples:
    """Documents made of whole web pages, their lines labelled from afar; `pages` are those of `load_pages`."""
    numbered = sorted(json.loads(PAGE_LABELS.read_text("utf-8"))["pages"], key=int)  # in the order of the file
    extracts = zip(pages.documents, pages.labels, strict=True)
    known: dict[str, Extract] = {
        number: (lines, labels, {}) for number, (lines, labels) in zip(numbered, extracts, strict=True)
    }
    found = load_page_lines(shared, known)
    return Examples(
        [one.lines for one in found],
        [one.labels for one in found],
        [site_of(one.address) for one in found],
        [one.weights for one in found],
    )


def load_pages(shared: Path) -> Examples:
    """The pages whose lines `page_labels.json` labels by digest."""
    labels = json.loads(PAGE_LABELS.read_text("utf-8"))["pages"]
    documents, kinds, sites = [], [], []
    with (shared / "data" / "pages.warc.gz").open("rb") as file:
        records = ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True)
        for number, record in enumerate(records):
            if str(number) in labels:
                _, _, noise, neutral = labels[str(number)]
                html = decode_file(record.reader.read())
                found = trafilatura.extract(html, favor_recall=True, include_comments=False)
                lines = [line.strip() for line in (found or "").split("\n") if line.strip()]
                kind = dict.fromkeys(noise.split(), "noise") | dict.fromkeys(neutral.split(), "unsure")
                digests = [hashlib.blake2b(line.encode(), digest_size=4).hexdigest() for line in lines]
                documents.append([" ".join(line.split()) for line in lines])
                kinds.append({n: kind[digest] for n, digest in enumerate(digests) if digest in kind})
                sites.append(site_of(record.headers["WARC-Target-URI"]))
    return Examples(documents, kinds, sites)


def numbers(runs: str) -> list[int]:
    """Line numbers out of runs: "1 3-5" is 1, 3, 4 and 5."""
    pairs = ((run.split("-")[0], run.split("-")[-1]) for run in runs.split())
    return [number for first, last in pairs for number in range(int(first), int(last) + 1)]


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


def export(members: Sequence[HistGradientBoostingClassifier]) -> Forest:
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
    return Forest(trees, round(base, 6))


def train(
    labelled: Examples, read: Examples, pages: Examples, around: Examples,
    *, threshold: Threshold = FIRST_THRESHOLD, seed: int = 0, members: int = MEMBERS,
) -> LineModel:  # fmt: skip
    """A line model: the forest for any language learned from the labelled documents and the pages, that for English and
    the text model from the read articles too, the second pass from the labelled documents, the pages and `around`.
    """
    every = [labelled, pages, around]
    own, of_read, more = together(lines_of(labelled), lines_of(pages)), lines_of(read), lines_of(around)
    model = _fit(own, of_read, threshold, seed, members)
    lines = together(own, more)
    documents = [document for part in every for document in part.documents]
    sites = [site for part in every for site in part.sites or [""] * len(part.documents)]
    languages = [language_of(document) for document in documents]
    scores = np.zeros(len(lines.labels))
    fold = family_folds(documents, SECOND_FOLDS, seed, sites)
    for number in range(SECOND_FOLDS):
        held = fold == number
        unseen = _fit(own.of(~held[: len(own.lengths)]), of_read, threshold, seed, 1)
        rows = np.repeat(held, lines.lengths)
        scores[rows] = first_pass(unseen, lines.of(held), [languages[at] for at in np.flatnonzero(held)])
    counted = [weight for part in every for weight in part.weights or [np.ones(len(one)) for one in part.documents]]
    kinds = np.concatenate(kinds_in(documents, languages))
    words = np.array([len(line.split()) for document in documents for line in document])
    context = context_features(log_odds(scores), words, kinds, lines.begins)
    learned = np.concatenate(counted) * (lines.usable & (kinds == NO_RULE))
    return replace(model, second=fit_second(context, lines.labels != "body", learned, seed))


def first_pass(model: LineModel, lines: Lines, languages: Sequence[str | None]) -> Floats:
    """What the first pass says of paragraphs whose features are known."""
    columns = with_text(lines, text_scores(model.text, lines))
    of_row = np.repeat([model.forest_for(one) for one in languages], lines.lengths)
    result = np.zeros(len(of_row))
    for name in sorted(set(of_row)):
        result[of_row == name] = model.forests[name].predict(columns[of_row == name])
    return result


def fit_second(context: npt.NDArray[np.float32], noise: Flags, weights: Floats, seed: int) -> Forest:
    """The forest of the second pass. Lines that strong rules cut are not learned from: the rules decide them."""
    use = weights > 0
    with threadpool_limits(1):
        fitted = HistGradientBoostingClassifier(**SECOND_PARAMETERS, random_state=seed).fit(
            context[use], noise[use], sample_weight=weights[use]
        )
    return replace(export([fitted]), columns=len(CONTEXT))


def kinds_in(documents: Sequence[Sequence[str]], languages: Sequence[str | None]) -> list[npt.NDArray[np.int64]]:
    """The kind of furniture that a strong rule of the shipped packs finds in each line of each document."""
    rules_only = noise_settings(run_settings.parse({"evidence": {"line_model": False}}))
    rows = [
        dict.fromkeys(DOCUMENT.names) | {"outlet": "", "text": PARAGRAPH_BREAK.join(lines), "language": code}
        for lines, code in zip(documents, languages, strict=True)
    ]
    return [strong_kinds(one) for one in gather_evidence(rows, rules_only, {}, {})]


def lines_of(examples: Examples) -> Lines:
    """What is learned from some documents."""
    batch = batch_of(examples.documents)
    counts, kept = buckets_of(batch)
    ends = np.concatenate([[0], np.cumsum(counts)])
    length_one = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts)
    lengths = np.array([len(lines) for lines in examples.documents], dtype=np.int64)
    return Lines(
        batch_features(examples.documents, WORD_CLASSES, batch)[0],
        csr_matrix((length_one, kept, ends), shape=(len(counts), BUCKETS)),
        flat_labels(examples),
        lengths,
    )


def together(*parts: Lines) -> Lines:
    """Several documents' paragraphs, one after the other."""
    matrices, buckets, labels, lengths = zip(*parts, strict=True)
    return Lines(np.concatenate(matrices), vstack(buckets).tocsr(), np.concatenate(labels), np.concatenate(lengths))


def _fit(own: Lines, read: Lines, threshold: Threshold, seed: int, members: int) -> LineModel:
    everything = together(own, read)
    columns = with_text(everything, nested_scores(everything, seed))
    n_own = len(own.labels)
    forests = {
        ANY: fit_forest(columns[:n_own], own, seed, members),
        "en": fit_forest(columns, everything, seed, members),
    }
    return LineModel(forests, fit_text(everything), threshold, WORD_CLASSES)


def with_text(lines: Lines, scores: Floats) -> npt.NDArray[np.float32]:
    """The columns that trees see."""
    columns: npt.NDArray[np.float32] = np.concatenate(
        [lines.matrix, text_features(scores, lines.sizes, lines.begins)], axis=1
    )
    return columns


def fit_text(lines: Lines) -> TextModel:
    """A text model of these paragraphs, its weights in 255 steps."""
    regression = LogisticRegression(
        C=TEXT_STRENGTH, solver="liblinear", dual=True, random_state=0
    )  # four times as fast
    usable = lines.usable
    regression.fit(lines.buckets[usable], lines.labels[usable] != "body")
    unit = float(np.abs(regression.coef_).max()) / 127
    weights = np.rint(regression.coef_[0] / unit).astype(np.int8)
    return TextModel(weights, round(unit, 9), round(float(regression.intercept_[0]), 6))


def text_scores(text: TextModel, lines: Lines) -> Floats:
    """What a text model says of paragraphs whose buckets are known."""
    scores: Floats = text.constant + text.unit * (lines.buckets @ text.weights.astype(np.float64))
    return scores


def nested_scores(lines: Lines, seed: int) -> Floats:
    """A text score for each paragraph, by a model that did not see its document."""
    fold, scores = folds(len(lines.lengths), TEXT_FOLDS, seed), np.zeros(len(lines.labels))
    for number in range(TEXT_FOLDS):
        held = fold == number
        scores[np.repeat(held, lines.lengths)] = text_scores(fit_text(lines.of(~held)), lines.of(held))
    return scores


def fit_forest(columns: npt.NDArray[np.float32], lines: Lines, seed: int, members: int) -> Forest:
    """A forest that tells noise from the story."""
    usable = lines.usable
    with threadpool_limits(1):  # threads that wait for one another take four times as long where others work too
        fitted = [
            HistGradientBoostingClassifier(**PARAMETERS, random_state=1000 * seed + number).fit(
                columns[usable], lines.labels[usable] != "body"
            )
            for number in range(members)
        ]
    return export(fitted)


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


def family_folds(
    documents: Sequence[Sequence[str]], n_folds: int, seed: int, sites: Sequence[str] = ()
) -> npt.NDArray[np.int64]:
    """A fold for every document, drawn by `seed`; documents that share a long line or a site are in one fold."""
    return folds(len(documents), n_folds, seed)[np.array(families(documents, sites), dtype=np.int64)]


def families(documents: Sequence[Sequence[str]], sites: Sequence[str] = ()) -> list[int]:
    """The family of every document, by the number of its first: documents that share a long line, or a site.

    >>> families([["a"], ["b"], ["c"]], ["x.example", "", "x.example"])
    [0, 1, 0]
    """
    head = list(range(len(documents)))
    owner: dict[tuple[str, str], int] = {}
    for at, lines in enumerate(documents):
        keys = [("line", line) for line in long_lines(lines)]
        keys += [("site", sites[at])] if sites and sites[at] else []
        found = {first_of(head, owner.setdefault(key, at)) for key in keys} | {at}
        for one in found:
            head[one] = min(found)
    return [first_of(head, at) for at in range(len(documents))]


def first_of(head: Sequence[int], at: int) -> int:
    """Follow a document to the first of its family."""
    while head[at] != at:
        at = head[at]
    return at


def flat_labels(examples: Examples) -> npt.NDArray[np.str_]:
    """A label for every paragraph of all documents in a row."""
    pairs = zip(examples.labels, examples.documents, strict=True)
    return np.array([label.get(n, "body") for label, text in pairs for n in range(len(text))])


def out_of_fold(
    data: Labelled, read: Examples, pages: Examples,
    fold: npt.NDArray[np.int64], seed: int = 0, members: int = MEMBERS,
) -> Floats:  # fmt: skip
    """For every paragraph the probability by a model that saw no document of its fold, and no page of their sites; 0
    for documents of fold -1, which are only learned from.
    """
    lines, of_read, of_pages = lines_of(Examples(data.documents, data.labels)), lines_of(read), lines_of(pages)
    result = np.zeros(len(lines.labels))
    for number in np.unique(fold[fold >= 0]):
        held = fold == number
        elsewhere = away_from([data.sites[at] for at in np.flatnonzero(held)], pages)
        model = _fit(together(lines.of(~held), of_pages.of(elsewhere)), of_read, FIRST_THRESHOLD, seed, members)
        known = [data.languages[at] for at in np.flatnonzero(held)]
        result[np.repeat(held, lines.lengths)] = first_pass(model, lines.of(held), known)
    return result


def some_of(examples: Examples, flags: Flags) -> Examples:
    """The documents whose flag is set."""
    chosen = np.flatnonzero(flags).tolist()
    return Examples(*([part[at] for at in chosen] if part else part for part in examples))


def away_from(sites: Sequence[str], pages: Examples, lines: AbstractSet[str] = frozenset()) -> Flags:
    """Which pages are of none of these sites, and have none of these long lines."""
    apart = np.array([lines.isdisjoint(long_lines(document)) for document in pages.documents], dtype=bool)
    return apart & ~np.isin(np.array(pages.sites, dtype=np.str_), [site for site in sites if site])


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


def digests(shared: Path) -> dict[str, str]:
    """sha256 of every labelled file, so that a reader knows what the weights saw."""
    names = [f"gold/{name}/{part}.jsonl" for name in (ARTICLES, EXTRACTS, MORE) for part in ("docs", "labels")]
    files = {name: shared / name for name in (*names, *DATA)}
    files |= {path.name: path for path in (READ_LABELS, PAGE_LABELS)}
    return {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()}


def provenance(
    data: Labelled, read: Examples, pages: Examples, around: Examples, shared: Path, figures: Mapping[str, Any]
) -> dict[str, Any]:
    """Where the weights come from and what they are worth, to be written beside them."""
    return {
        "script": f"benchmarks/train_line_model.py, version {SCRIPT_VERSION}",
        "date": datetime.now(UTC).date().isoformat(),
        "labelled": digests(shared),
        "documents": len(data.documents), "read_documents": len(read.documents),
        "paragraphs": len(data.noise), "read_paragraphs": sum(map(len, read.documents)),
        "noise_paragraphs": int((data.noise & data.counts).sum()),
        "read_noise_paragraphs": int((flat_labels(read) == "noise").sum()),
        "pages": len(pages.documents), "page_paragraphs": sum(map(len, pages.documents)),
        "page_noise_paragraphs": int((flat_labels(pages) == "noise").sum()),
        "around_documents": len(around.documents), "around_paragraphs": sum(map(len, around.documents)),
        "parameters": PARAMETERS, "second_parameters": SECOND_PARAMETERS, "members": MEMBERS,
        "text_strength": TEXT_STRENGTH,
        "cross_validation": {"folds": FOLDS, "seeds": list(SEEDS), "body_loss_budget": BODY_LOSS_BUDGET, **figures},
    }  # fmt: skip


def main(argv: Sequence[str]) -> None:
    """Cross-validate, choose the threshold, train on everything, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--out", type=Path, help="where to write the weights; only the table is printed without it")
    options = parser.parse_args(argv)
    data, read, pages = load(options.shared / "gold"), load_read(options.shared), load_pages(options.shared)
    around = load_around(options.shared, pages)
    drawn = [family_folds(data.documents, FOLDS, seed, data.sites) for seed in SEEDS]
    runs = [out_of_fold(data, read, pages, fold, seed, members=1) for seed, fold in zip(SEEDS, drawn, strict=True)]
    threshold = choose_threshold(data, runs, np.ones(len(data.noise), dtype=bool))
    figures = report(data, runs, threshold)
    if options.out:
        model = train(Examples(data.documents, data.labels, data.sites), read, pages, around, threshold=threshold)
        made = provenance(data, read, pages, around, options.shared, figures)
        whole = model.to_dict() | {"provenance": made}
        text = json.dumps(whole, separators=(",", ":"))
        options.out.write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8")
        print(f"wrote {options.out}, {len(text) / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
