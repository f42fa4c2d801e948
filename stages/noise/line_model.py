"""Line model: the probability that each paragraph of a document is noise, from its features in the document.

Boosted trees, learned by `benchmarks/train_line_model.py` and shipped as plain data (`config/noise/line_model.json`).
A probability depends on the document alone: any batching gives the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from stages.noise.line_characters import Integers
from stages.noise.line_context import CONTEXT, context_features
from stages.noise.line_features import FEATURES, Matrix, batch_features, batch_of, features
from stages.noise.line_text import TEXT_FEATURES, TextModel, text_features
from stages.noise.line_words import WordClasses
from stages.shared.boosted_trees import Nodes, Scorer, scorer_of

__all__ = [
    "ANY", "COLUMNS", "FEATURES", "FORMAT", "Forest", "LineModel", "TextModel", "Threshold", "Trees", "WordClasses",
    "batch_features", "batch_of", "features",
]  # fmt: skip

#: Version of the weights' format *and* of what the features mean; a file of another version is refused.
FORMAT = 5

#: Columns of the trees' input: the features, and the scores of the text model.
COLUMNS = (*FEATURES, *TEXT_FEATURES)

Probabilities = npt.NDArray[np.float64]


class Trees(NamedTuple):
    """Decision trees in flat arrays. A node's left child is the next node; leaves have feature -1 and a value."""

    roots: npt.NDArray[np.int32]
    feature: npt.NDArray[np.int16]
    threshold: npt.NDArray[np.float32]  # in a leaf: its value
    right: npt.NDArray[np.int32]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Trees:
        """Read trees from plain lists."""
        return cls(
            np.array(data["roots"], dtype=np.int32),
            np.array(data["feature"], dtype=np.int16),
            np.array(data["threshold"], dtype=np.float32),
            np.array(data["right"], dtype=np.int32),
        )

    @property
    def nodes(self) -> Nodes:
        """The same, as they are laid out for scoring."""
        return Nodes(
            self.roots, self.feature, self.threshold, np.arange(1, len(self.feature) + 1), self.right, self.threshold
        )

    def to_dict(self) -> dict[str, list[float]]:
        """Return plain lists, thresholds in as few digits as give the same number back."""
        thresholds = [float(np.format_float_positional(x, trim="-")) for x in self.threshold]
        short = [int(x) if x == int(x) else x for x in thresholds]
        return {
            "roots": self.roots.tolist(),
            "feature": self.feature.tolist(),
            "threshold": short,
            "right": self.right.tolist(),
        }


@dataclass(frozen=True)
class Threshold:
    """Odds for noise from which on a paragraph is cut: `odds + odds_per_word * words`.

    A long paragraph that is cut wrongly costs more of the story than a short one, so it needs better odds.
    """

    odds: float
    odds_per_word: float

    def __post_init__(self) -> None:
        if self.odds <= 0 or self.odds_per_word < 0:
            raise ValueError(f"a threshold needs odds above 0 that do not fall with length, not {self}")

    def probability(self, words: int, factor: float = 1.0) -> float:
        """Return the probability of noise above which a paragraph of so many words is cut.

        Other evidence multiplies the odds by `factor`.

        >>> Threshold(odds=1.0, odds_per_word=0.1).probability(0)
        0.5
        >>> Threshold(odds=1.0, odds_per_word=0.1).probability(30)
        0.8
        """
        odds = (self.odds + self.odds_per_word * words) / factor
        return odds / (1.0 + odds)


@dataclass(frozen=True)
class Forest:
    """Boosted trees over COLUMNS, or CONTEXT: their sum, and `base`, is the logarithm of the odds for noise."""

    trees: Trees
    base: float
    columns: int = len(COLUMNS)  # of its input

    @cached_property
    def scorer(self) -> Scorer:
        """The trees, laid out for speed."""
        return scorer_of(self.trees.nodes, self.columns)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], columns: int = len(COLUMNS)) -> Forest:
        """Read a forest from plain data."""
        return cls(Trees.from_dict(data["trees"]), float(data["base"]), columns)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data that `from_dict` reads."""
        return {"base": self.base, "trees": self.trees.to_dict()}

    def predict(self, matrix: Matrix) -> Probabilities:
        """Return the probability of noise for each row of features."""
        return self.scorer.probabilities(matrix, self.base)


ANY = "any"  # the forest for languages that have none of their own


@dataclass(frozen=True)
class LineModel:
    """A forest for each language with enough labelled articles, one for any other, and their threshold.

    English has four times the labelled articles of all others together. With one forest for all, line F1 on the
    extracts, most of them German, falls by 0.06 (docs/method/noise.md).
    """

    forests: Mapping[str, Forest]
    text: TextModel
    threshold: Threshold
    word_classes: WordClasses
    second: Forest | None = None  # over CONTEXT, for all languages

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], words: Mapping[str, Any]) -> LineModel:
        """Read the model from `line_model.json` and `line_words.toml`; ValueError where they do not fit."""
        if data.get("format") != FORMAT:
            raise ValueError(f"line model of format {data.get('format')!r}; this version reads format {FORMAT}")
        named, known = (*data["features"], *data["context"]), (*COLUMNS, *CONTEXT)
        if named != known:
            odd = sorted(set(named) ^ set(known))
            raise ValueError(
                f"the line model was trained on other features; differing: {', '.join(odd) or 'their order'}"
            )
        word_classes = WordClasses.from_dict(words)
        if data["word_classes"] != word_classes.digest:
            raise ValueError("the line model was trained with other word lists; run benchmarks/train_line_model.py")
        forests = {language: Forest.from_dict(forest) for language, forest in data["forests"].items()}
        second = Forest.from_dict(data["second"], len(CONTEXT)) if data["second"] else None
        text, threshold = TextModel.from_dict(data["text"]), Threshold(**data["threshold"])
        return cls(forests, text, threshold, word_classes, second)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data that `from_dict` reads."""
        return {
            "format": FORMAT,
            "features": list(COLUMNS),
            "context": list(CONTEXT),
            "word_classes": self.word_classes.digest,
            "threshold": {"odds": self.threshold.odds, "odds_per_word": self.threshold.odds_per_word},
            "text": self.text.to_dict(),
            "forests": {language: forest.to_dict() for language, forest in self.forests.items()},
            "second": self.second.to_dict() if self.second else None,
        }

    def forest_for(self, language: str | None) -> str:
        """Return the name of the forest that judges documents in a language ("en-GB" is English)."""
        name = (language or ANY).split("-")[0]
        return name if name in self.forests else ANY

    def predict(
        self, documents: Sequence[Sequence[str]], languages: Sequence[str | None] | None = None
    ) -> list[Probabilities]:
        """Return for each document the probability that each of its paragraphs is noise.

        Rule hits are no features: a model that sees them repeats the rules, one that does not adds to them (line F1 on
        articles that no rule was written from, same loss of body words: 0.79 without, 0.76 with).
        """
        batch = batch_of(documents)
        matrix, begins = batch_features(documents, self.word_classes, batch)
        scores, sizes = self.text.scores(batch)
        matrix = np.concatenate([matrix, text_features(scores, sizes, begins)], axis=1)
        names = [self.forest_for(language) for language in languages or [None] * len(documents)]
        probabilities = np.empty(len(matrix))
        for name in sorted(set(names)):
            inside = np.repeat([one == name for one in names], np.diff(begins))
            probabilities[inside] = self.forests[name].predict(matrix[inside] if len(set(names)) > 1 else matrix)
        return [probabilities[begin:end] for begin, end in pairwise(begins)]

    def in_context(
        self, probabilities: Sequence[Probabilities], words: Sequence[Sequence[int]], kinds: Sequence[Integers]
    ) -> list[Probabilities]:
        """Revise the probabilities of documents' paragraphs by those of the paragraphs around.

        The second pass has its say in a web page with all that stands around its story, and none in an article, whose
        few lines of furniture stand anywhere (docs/method/noise.md).

        `words` are the words of each paragraph, `kinds` those of strong rules (`line_context.kinds_of`). A rule on the
        paragraph itself decides nothing here: rules say of the lines around where furniture begins.
        """
        if self.second is None or not probabilities:
            return list(probabilities)
        lengths = [len(one) for one in probabilities]
        begins = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        numbers = np.fromiter(chain.from_iterable(words), np.int64, begins[-1])
        page = np.repeat([page_likeness(one) for one in words], lengths)
        scores = log_odds(np.concatenate(probabilities))
        second = log_odds(self.second.predict(context_features(scores, numbers, np.concatenate(kinds), begins)))
        revised = 1 / (1 + np.exp(-(scores + SECOND_PASS * page * (second - scores))))
        return [revised[begin:end] for begin, end in pairwise(begins)]


#: Share of the second pass in the logarithm of a page's odds: with 1 more of the story is lost; 0.7 gives the same.
SECOND_PASS = 0.5
#: Of fewer words is a short line. The shares of short lines up to which a document is an article, and from which on it
#: is a page: of 460 labelled articles nine in ten have fewer than 0.4, of 101 pages nine in ten more.
SHORT_LINE, ARTICLE, PAGE = 12, 0.3, 0.6


def page_likeness(words: Sequence[int]) -> float:
    """Return how much a document looks like a web page with its furniture, by the words of its paragraphs.

    >>> page_likeness([30, 25, 3, 40]), page_likeness([1, 2, 2, 40, 30, 5, 4]), page_likeness([])
    (0.0, 1.0, 0.0)
    """
    short = sum(number < SHORT_LINE for number in words) / max(1, len(words))
    return min(1.0, max(0.0, (short - ARTICLE) / (PAGE - ARTICLE)))


_LEAST = 1e-4  # of a probability whose odds are taken


def log_odds(probabilities: Probabilities) -> Probabilities:
    """Return the logarithm of the odds, within bounds.

    >>> log_odds(np.array([0.5, 1.0])).round(2).tolist()
    [0.0, 9.21]
    """
    bounded = np.clip(probabilities, _LEAST, 1 - _LEAST)
    odds: Probabilities = np.log(bounded / (1 - bounded))
    return odds
