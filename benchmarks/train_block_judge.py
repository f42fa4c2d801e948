"""Train the judge of page blocks, and say what it reaches on publishers that it was not trained on.

    python benchmarks/train_block_judge.py SHARED [--export] [--curve] [--choose] [--folds 10]

SHARED is the folder with `data/publishers.jsonl.gz`, whose 274 pages have a known body, `data/pages_more.jsonl.gz`,
whose 101 pages are labelled line by line in `gold/noise_more`, and `tools/gold.py`, whose functions score the texts.
Cross-validation is by registered domain: no publisher is in training and test at once.
There are two judges: one that sees the page alone, and one that also sees what trafilatura took and is asked where the
first is in doubt. `--curve` gives the scores by how much doubt is too much. `--choose` picks the limits of the pages of
each fold by those of the other folds and gives the scores of all. `--export` trains both on all pages and writes
stages/extract/data/block_judge.npz and block_judge_alone.npz.
"""

from __future__ import annotations

import argparse
import bisect
import contextlib
import importlib.util
import io
import json
import logging
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import sklearn
import trafilatura
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold
from tld import get_fld

from stages.extract import Settings, first_text, look_at
from stages.extract.block_features import Described, Floats, describe, with_taken
from stages.extract.block_judge import (
    ENOUGH_CHARS,
    MOST_DOUBT,
    WEIGHTS,
    WEIGHTS_ALONE,
    BoostedTrees,
    Judgement,
    doubtful_chars,
    judge,
    judge_alone,
    stays_unasked,
    with_lists,
)
from stages.extract.blocks import Blocks
from stages.extract.metadata import Metadata
from stages.extract.page import PageError
from stages.shared.characters import letters

STORY, FURNITURE, UNKNOWN, UNMATCHED = 1, 0, -1, -2
SETTINGS, NOW = Settings(), datetime(2100, 1, 1, tzinfo=UTC)

#: Found on the same folds; 8 leaves or 220 trees give the same within the noise (±0.003 F1).
TREES = {"max_iter": 160, "learning_rate": 0.08, "max_leaf_nodes": 16, "max_depth": 6, "min_samples_leaf": 25}
TREES |= {"l2_regularization": 5.0, "max_bins": 64, "max_features": 0.3, "random_state": 0, "early_stopping": False}


class Page(NamedTuple):
    """A page ready for training: its blocks in numbers, and what is known of each."""

    name: str
    domain: str
    blocks: Blocks
    described: Described
    taken: str
    rows: Floats  # with what trafilatura took
    truth: NDArray[np.int64]
    weight: Floats


def shared_module(shared: Path) -> Any:
    """Load the scorer that lies in the shared folder."""
    spec = importlib.util.spec_from_file_location("gold", shared / "tools" / "gold.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def domain_of(url: str) -> str:
    """The registered domain of an address; `hard::name.html` is how some pages of the labelled set are called."""
    address = url.rpartition("::")[2]
    return get_fld(address, fix_protocol=True, fail_silently=True) or urlsplit(address).netloc or address


# ---------------------------------------------------------------- truth: publishers


def share_in(grams: Counter[int], whole: Counter[int]) -> float:
    return sum(n for gram, n in grams.items() if gram in whole) / max(1, sum(grams.values()))


def truth_of_publisher(gold: Any, page: dict[str, Any], texts: list[str]) -> NDArray[np.int64]:
    """Match the blocks of a page with its known body: by 4-grams where long, by equality where short."""
    body = gold.shingles(" ".join(text for _, text in page["blocks"]))
    for _, text in page["blocks"]:
        body |= gold.shingles(text)
    _, allowed = gold.page_shingles(page)
    known = {letters(text) for _, text in page["blocks"]}
    neutral = {letters(text) for text in [*page["lead"], page.get("title") or ""]}
    whole, other = letters(" ".join(text for _, text in page["blocks"])), letters(page.get("allowed") or "")
    truth = []
    for text in texts:
        plain, grams = letters(text), gold.shingles(text)
        if not plain:
            truth.append(UNKNOWN)
        elif sum(grams.values()) < 3 and len(plain) < 25:
            truth.append(_truth_of_short(plain, known, neutral, whole, other))
        else:
            truth.append(_truth_of_long(share_in(grams, body), share_in(grams, allowed)))
    return _settle(np.array(truth), texts)


_PERHAPS = 2  # a short block that is a part of the body: story if it stands among story


def _truth_of_short(plain: str, known: set[str], neutral: set[str], whole: str, other: str) -> int:
    if plain in known:
        return STORY
    if plain in neutral or plain in other:
        return UNKNOWN
    return _PERHAPS if len(plain) >= 4 and plain in whole else FURNITURE


def _truth_of_long(in_body: float, in_allowed: float) -> int:
    if in_body >= 0.6:
        return STORY
    return UNKNOWN if max(in_body, in_allowed) >= 0.3 else FURNITURE


def _settle(truth: NDArray[np.int64], texts: list[str]) -> NDArray[np.int64]:
    """Of several copies of a text keep the one amid the story; settle short pieces by their place."""
    plain = [letters(text) for text in texts]
    story = np.flatnonzero(truth == STORY)
    copies = Counter(plain[n] for n in story)
    single = [n for n in story if copies[plain[n]] == 1] or list(story)
    if not single:
        return np.where(truth == _PERHAPS, FURNITURE, truth)
    middle = float(np.average(single, weights=[len(texts[n]) for n in single]))
    for text, number in copies.items():
        if number > 1:
            places = [n for n in story if plain[n] == text]
            nearest = min(places, key=lambda n: abs(n - middle))
            truth[[n for n in places if n != nearest]] = FURNITURE
    among = (np.arange(len(truth)) > min(single)) & (np.arange(len(truth)) < max(single))
    return np.where(truth == _PERHAPS, np.where(among, STORY, FURNITURE), truth)


# ---------------------------------------------------------------- truth: labelled lines


def rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of the pairs whose second numbers rise.

    >>> rising([(0, 1), (1, 7), (2, 2), (3, 3)])
    [(0, 1), (2, 2), (3, 3)]
    """
    tails: list[int] = []
    at: list[int] = []
    before: list[int | None] = []
    for number, (_, value) in enumerate(pairs):
        place = bisect.bisect_left(tails, value)
        before.append(at[place - 1] if place else None)
        tails[place:], at[place:] = [value, *tails[place + 1 :]], [number, *at[place + 1 :]]
    found: list[tuple[int, int]] = []
    step = at[-1] if at else None
    while step is not None:
        found.append(pairs[step])
        step = before[step]
    return found[::-1]


def anchors(blocks: list[str], lines: list[str]) -> list[tuple[int, int]]:
    """Pairs of a block and a line that are one, and of which there is only one."""
    blocks_of, lines_of = Counter(blocks), Counter(lines)
    pairs = [
        (n, lines.index(text))
        for n, text in enumerate(blocks)
        if len(text) >= 30 and blocks_of[text] == 1 and lines_of[text] == 1
    ]
    return rising(pairs)


def line_of(text: str, lines: list[str], low: int, high: int) -> int | None:
    """The line between two others that a block is, or is a large part of."""
    between = range(max(low, 0), min(high + 1, len(lines)))
    for number in between:
        if lines[number] == text:
            return number
    best, found = 0.5, None
    for number in between if len(text) >= 12 else ():
        line = lines[number]
        if line and text in line:
            score = 0.5 + 0.5 * len(text) / len(line) if len(text) >= 25 else 0.0
        else:
            score = len(line) / len(text) + 0.2 if len(line) >= 12 and line in text else 0.0
        if score > best:
            best, found = score, number
    return found


def truth_of_lines(gold: Any, page: dict[str, Any], texts: list[str]) -> NDArray[np.int64]:
    """Match the blocks of a page with its labelled lines, in order."""
    raw, line_labels, _ = page["gold"]
    lines, blocks = [letters(line) for line in raw], [letters(text) for text in texts]
    pairs = anchors(blocks, lines)
    places, truth = [n for n, _ in pairs], []
    for number, text in enumerate(blocks):
        after = bisect.bisect_right(places, number)
        low = pairs[after - 1][1] if after else -1
        high = pairs[after][1] if after < len(pairs) else len(lines)
        line = line_of(text, lines, low, high) if text else None
        label = line_labels.get(line, "body") if line is not None else None
        truth.append(_truth_of_label(gold, label) if text else UNKNOWN)
    return np.array(truth)


def _truth_of_label(gold: Any, label: str | None) -> int:
    if label is None:
        return UNMATCHED
    return UNKNOWN if label in gold.NEUTRAL else int(label == "body")


# ---------------------------------------------------------------- pages


def weights(name: str, truth: NDArray[np.int64], words: Floats) -> Floats:
    """Weigh blocks by the root of their words, pages of the publishers by how much body they have.

    The postlight pages count little: what is known there are containers, with captions and menus in them.
    """
    by_words = np.sqrt(np.minimum(words, 150))
    body = max(1.0, float(by_words[truth == STORY].sum()))
    weight = by_words * (truth >= 0) + (truth == FURNITURE)
    if name.startswith("p2-"):
        return (weight * 1.5).astype(np.float32)
    page = min(2.0, max(0.5, (120 / body) ** 0.5)) * (0.4 if name.startswith("postlight") else 1.0)
    return (weight * page).astype(np.float32)


def read_page(gold: Any, page: dict[str, Any]) -> tuple[list[str], Page] | None:
    """Read a page into numbers and truth; None for one without text."""
    url = page["url"] if "::" not in page["url"] else None
    try:
        seen = look_at(page["html"], Metadata(url=url), NOW, SETTINGS)
        taken = first_text(seen, page["html"], SETTINGS).text
    except PageError:
        return None
    described = describe(seen.blocks, seen.hints)
    both = with_taken(described, taken)
    names, rows = list(both.names), both.rows
    texts = [block.text for block in seen.blocks.blocks]
    words = np.expm1(rows[:, names.index("words")])
    if "gold" in page:
        truth = truth_of_lines(gold, page, texts)
        plainly_furniture = (truth == UNMATCHED) & ((words < 12) | (rows[:, names.index("linked")] > 0.6))
        truth = np.where(plainly_furniture, FURNITURE, truth)
    else:
        truth = truth_of_publisher(gold, page, texts)
    known = (truth, weights(page["id"], truth, words))
    return names, Page(page["id"], domain_of(page["url"]), seen.blocks, described, taken, rows, *known)


def read_pages(gold: Any, shared: Path) -> tuple[list[str], list[Page]]:
    """Read all pages of both sets."""
    labelled = gold.read_jsonl(shared / "data/pages_more.jsonl.gz")
    known = {doc: rest for doc, *rest in gold.noise_gold(gold.NOISE_SETS["more"])}
    rows = gold.read_jsonl(shared / "data/publishers.jsonl.gz") + [p | {"gold": known[p["id"]]} for p in labelled]
    found = [page for row in rows if (page := read_page(gold, row)) is not None]
    print(f"{len(found)} pages", file=sys.stderr)
    return found[0][0], [page for _, page in found]


# ---------------------------------------------------------------- training and figures


def training_rows(names: list[str], pages: list[Page]) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Stack what is known; of short links that are furniture one in three is enough, weighing three times as much."""
    rng, parts = np.random.default_rng(0), []
    for page in pages:
        short = np.expm1(page.rows[:, names.index("words")]) < 8
        plain = (page.truth == FURNITURE) & short & (page.rows[:, names.index("linked")] > 0.8)
        use = (page.truth >= 0) & (~plain | (rng.random(len(plain)) < 1 / 3))
        parts.append((page.rows[use], page.truth[use], np.where(plain, 3, 1)[use] * page.weight[use]))
    rows, truth, weight = (np.concatenate(part) for part in zip(*parts, strict=True))
    return rows, truth, weight / weight.mean()


def grow(names: list[str], pages: list[Page]) -> BoostedTrees:
    """Train the trees and lay them out as arrays."""
    rows, truth, weight = training_rows(names, pages)
    model = HistGradientBoostingClassifier(**TREES).fit(rows, truth, sample_weight=weight)
    return as_arrays(names, model, "")


def as_arrays(names: list[str], model: Any, provenance: str) -> BoostedTrees:
    """Turn scikit-learn's trees into flat arrays, in which a leaf points at itself."""
    nodes = [tree.nodes for (tree,) in model._predictors]
    roots = np.cumsum([0, *(len(n) for n in nodes[:-1])]).astype(np.int32)
    one = np.concatenate(nodes)
    start = np.repeat(roots, [len(n) for n in nodes])
    own = np.arange(len(one))
    leaf = one["is_leaf"].astype(bool)
    left, right = (np.where(leaf, own, one[side] + start).astype(np.int32) for side in ("left", "right"))
    feature = np.where(leaf, 0, one["feature_idx"]).astype(np.int32)
    threshold = np.where(leaf, np.inf, one["num_threshold"]).astype(np.float32)
    value = np.where(leaf, one["value"], 0).astype(np.float32)
    depth, base = int(one["depth"].max()), float(model._baseline_prediction.ravel()[0])
    return BoostedTrees(names, feature, threshold, left, right, value, roots, depth, base, provenance)


class KnownTexts:
    """What is known of both sets, read once, to score texts the way the shared scorer scores a run."""

    def __init__(self, gold: Any, shared: Path) -> None:
        self.gold = gold
        self.bodies = {p["id"]: gold.page_shingles(p) for p in gold.read_jsonl(shared / "data/publishers.jsonl.gz")}
        self.lines = gold.noise_gold(gold.NOISE_SETS["more"])
        self.scored: dict[tuple[str, str], Any] = {}
        self.fates: dict[tuple[int, str], Any] = {}
        self.fates_of, gold.word_fates = gold.word_fates, self.fates_once  # the scorer looks it up anew each time

    def score(self, name: str, text: str) -> Any:
        """Score the text of a publisher's page; the same text is scored once."""
        if (name, text) not in self.scored:
            self.scored[name, text] = self.gold.score_page(*self.bodies[name], text)
        return self.scored[name, text]

    def fates_once(self, lines: list[str], labels: Any, clean: Any, text: str) -> Any:
        """Compare the text of a labelled page with its lines; the same text is compared once."""
        if (id(lines), text) not in self.fates:
            self.fates[id(lines), text] = self.fates_of(lines, labels, clean, text)
        return self.fates[id(lines), text]

    def figures(self, texts: dict[str, str]) -> dict[str, Any]:
        """Score texts of pages of both sets."""
        found: dict[str, Any] = self.gold.summary(
            [self.score(name, texts[name]) for name in self.bodies if name in texts]
        )
        with contextlib.redirect_stdout(io.StringIO()):
            labelled = self.gold.score_noise([row for row in self.lines if row[0] in texts], texts)
        names = ("line_precision", "line_recall", "line_f1", "body_words_lost")
        return found | {name: labelled[name] for name in names}


def by_language(gold: Any, shared: Path, texts: dict[str, str]) -> str:
    """Recall and precision by language, of texts and of one call of trafilatura, as a table."""
    found: dict[str, list[tuple[float, ...]]] = {}
    for page in gold.read_jsonl(shared / "data/publishers.jsonl.gz"):
        alone = trafilatura.extract(page["html"], include_comments=False) or ""
        both = (gold.score_page(*gold.page_shingles(page), text) for text in (texts.get(page["id"], ""), alone))
        found.setdefault(page["language"], []).append(tuple(value for score in both for value in score))
    rows = ["| language | pages | recall | precision | trafilatura: recall | precision |", "|---|---|---|---|---|---|"]
    for language, scores in sorted(found.items(), key=lambda item: -len(item[1])):
        means = " | ".join(f"{value:.4f}" for value in np.mean(scores, axis=0))
        rows.append(f"| {language} | {len(scores)} | {means} |")
    return "\n".join(rows)


class Judged(NamedTuple):
    """A page as both judges see it that saw no page of its publisher."""

    alone: Judgement
    asked: Judgement


def grow_alone(names: list[str], pages: list[Page]) -> BoostedTrees:
    """Train the judge that does not see what trafilatura took."""
    own = list(pages[0].described.names)
    assert own == names[: len(own)]
    return grow(own, [page._replace(rows=page.rows[:, : len(own)]) for page in pages])


def cross_validated(names: list[str], pages: list[Page], folds: int) -> dict[str, Judged]:
    """Judge every page by trees that saw no page of its publisher."""
    found: dict[str, Judged] = {}
    split = GroupKFold(folds).split(pages, groups=[page.domain for page in pages])
    for train, test in split:
        some = [pages[n] for n in train]
        alone, trees = grow_alone(names, some), grow(names, some)
        for page in (pages[n] for n in test):
            first = judge_alone(page.blocks, page.described, alone)
            found[page.name] = Judged(first, judge(page.blocks, page.described, page.taken, trees))
    return found


def text_of(judgement: Judgement) -> str:
    """Return the blocks that stay, without the marks of lists."""
    return "\n".join(judged.block.text for judged in judgement.blocks if judged.keep)


def chosen(judged: dict[str, Judged]) -> dict[str, str]:
    """Return the text of every page, by the judge that the stage would believe."""
    sure = {name for name, each in judged.items() if doubt_of(each.alone) <= MOST_DOUBT}
    return {name: text_of(each.alone if name in sure else each.asked) for name, each in judged.items()}


def curve(known: KnownTexts, judged: dict[str, Judged]) -> str:
    """Return the scores by the most doubt with which trafilatura is not asked, as a table."""
    doubts = {name: doubt_of(each.alone) for name, each in judged.items()}
    rows = ["| most doubt | not asked | R | P | F1 | lost | line F1 | body lost |", "|---|---|---|---|---|---|---|---|"]
    for most in sorted({-1.0, 0.05, 0.07, MOST_DOUBT, 0.1, 0.13, 0.16, 0.2, float("inf")}):
        sure = {name for name, doubt in doubts.items() if doubt <= most}
        some = known.figures({n: text_of(e.alone if n in sure else e.asked) for n, e in judged.items()})
        rows.append(f"| {most} | {len(sure) / len(judged):.1%} | {cells_of(some)} |")
    return "\n".join(rows)


def cells_of(some: dict[str, Any]) -> str:
    """Write figures as cells of a table."""
    scores = " | ".join(f"{some[name]:.4f}" for name in ("recall", "precision", "f1"))
    return f"{scores} | {some['lost_a_fifth']} | {some['line_f1']:.4f} | {some['body_words_lost']:.2%}"


def doubt_of(judgement: Judgement) -> float:
    """Return the doubt about a page; without end where too little stays, so that trafilatura is always asked."""
    lengths = np.array([len(judged.block.text) for judged in judgement.blocks])
    kept = int(lengths[np.array([judged.keep for judged in judgement.blocks], np.bool_)].sum())
    probability = np.array([judged.probability for judged in judgement.blocks], np.float32)
    return doubtful_chars(probability, lengths) / kept if kept >= ENOUGH_CHARS else float("inf")


# ---------------------------------------------------------------- limits chosen on other folds


class Limits(NamedTuple):
    """The most doubt about a page, and the least probabilities of its blocks: not asked, left out, taken."""

    most_doubt: float
    unasked: float
    left_out: float
    taken: float


_DOUBTS, _UNASKED = (-1.0, 0.05, 0.07, 0.1, 0.13, 0.16, 0.2, float("inf")), (0.12, 0.15, 0.2, 0.25, 0.3)
_ASKED = ((0.3, 0.1), (0.25, 0.1))
GRID = [Limits(doubt, unasked, *asked) for doubt in _DOUBTS for unasked in _UNASKED for asked in _ASKED]
#: Of limits that are as good as the best but for so much, a quarter of what other folds move F1, those that ask least.
EQUAL = 0.001


def with_kept(page: Page, judgement: Judgement, keep: NDArray[np.bool_]) -> Judgement:
    """Return a judgement with other blocks kept, and the lists among them."""
    kept = zip(judgement.blocks, with_lists(page.blocks, keep).tolist(), strict=True)
    return Judgement([one._replace(keep=stay) for one, stay in kept])


def texts_by_limits(page: Page, judged: Judged) -> dict[Limits, tuple[str, bool]]:
    """Return the text of a page as each of the limits has it, and if trafilatura is asked."""
    alone, asked = (np.array([each.probability for each in some.blocks]) for some in judged)
    taken = np.array([each.taken for each in judged.asked.blocks])
    first = {n: with_kept(page, judged.alone, stays_unasked(page.blocks, alone, n)) for n in _UNASKED}
    doubt, texts = {n: doubt_of(each) for n, each in first.items()}, {n: text_of(each) for n, each in first.items()}
    second = {
        (left_out, most): text_of(with_kept(page, judged.asked, (asked >= left_out) | (taken & (asked >= most))))
        for left_out, most in _ASKED
    }
    return {
        each: (texts[each.unasked], False)
        if doubt[each.unasked] <= each.most_doubt
        else (second[each.left_out, each.taken], True)
        for each in GRID
    }


def best_limits(known: KnownTexts, texts: dict[str, dict[Limits, tuple[str, bool]]], names: Sequence[str]) -> Limits:
    """Return the limits that ask least of those that serve some pages best: by F1, story lost, and line F1."""
    worth = {}
    for limits in GRID:
        some = known.figures({name: texts[name][limits][0] for name in names})
        worth[limits] = some["f1"] - some["body_words_lost"] + some["line_f1"] / 4
    good = [limits for limits, value in worth.items() if value >= max(worth.values()) - EQUAL]
    return min(good, key=lambda limits: (sum(texts[name][limits][1] for name in names), -worth[limits]))


def chosen_elsewhere(known: KnownTexts, pages: list[Page], judged: dict[str, Judged], folds: int) -> str:
    """Pick the limits for the pages of each fold by the pages of the others; return what all come to, as a table."""
    texts = {page.name: texts_by_limits(page, judged[page.name]) for page in pages}
    rows = ["| fold | limits | not asked | R | P | F1 | lost | line F1 | body lost |", "|---" * 9 + "|"]
    found: dict[str, tuple[str, bool]] = {}
    for fold, (train, test) in enumerate(GroupKFold(folds).split(pages, groups=[page.domain for page in pages])):
        limits = best_limits(known, texts, [pages[n].name for n in train])
        found |= {pages[n].name: texts[pages[n].name][limits] for n in test}
        rows.append(f"| {fold} | {', '.join(map(str, limits))} | | | | | | | |")
    unasked = sum(not is_asked for _, is_asked in found.values()) / len(found)
    some = known.figures({name: text for name, (text, _) in found.items()})
    return "\n".join([*rows, f"| all | | {unasked:.1%} | {cells_of(some)} |"])


def export(names: list[str], pages: list[Page], measured: dict[str, Any]) -> None:
    """Train on everything and write the weights of both judges, with where they come from."""
    made_from = {"pages": len(pages), "domains": len({p.domain for p in pages}), "trees": TREES}
    made_from |= {"scikit-learn": sklearn.__version__, "trafilatura": trafilatura.__version__}
    made_from |= {"made by": "benchmarks/train_block_judge.py", "cross-validated by publisher": measured}
    for path, train in ((WEIGHTS, grow), (WEIGHTS_ALONE, grow_alone)):
        trees = replace(train(names, pages), provenance=json.dumps(made_from))
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = {field.name: np.asarray(getattr(trees, field.name)) for field in fields(trees)}
        np.savez_compressed(path, **arrays)


def main() -> None:
    """Cross-validate, print the figures, and export the weights if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--export", action="store_true")
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--choose", action="store_true")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    gold = shared_module(options.shared)
    names, pages = read_pages(gold, options.shared)
    judged = cross_validated(names, pages, options.folds)
    texts, known = chosen(judged), KnownTexts(gold, options.shared)
    measured = known.figures(texts)
    print(json.dumps(measured))
    print(by_language(gold, options.shared, texts))
    if options.curve:
        print(curve(known, judged))
    if options.choose:
        print(chosen_elsewhere(known, pages, judged, options.folds))
    if options.export:
        export(names, pages, measured)


if __name__ == "__main__":
    main()
