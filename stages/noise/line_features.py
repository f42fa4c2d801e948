"""Features of the line model: a paragraph's shape, its words by class, repetition, place and neighbours.

Everything is computed over a whole batch of documents at once, and nothing depends on the batch: counts are integers,
every ratio is one division of two of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stages.native.kernel import Kernel
from stages.noise.line_characters import Characters, Integers, characters_of
from stages.noise.line_counts import COUNTS, count_all
from stages.noise.line_place import PLACE, TOLD_BY, place_features
from stages.noise.line_repetition import REPETITIONS, repetitions
from stages.noise.line_words import CLASS_NAMES, WordClasses

Matrix = npt.NDArray[np.float32]

_SHAPE = (
    *("chars", "words", "word_length", "longest_word", "function_share", "capitalised_share", "all_caps_share"),
    *("number_share", "joined", "digit_share", "caseless_share", "sentences", "words_per_sentence"),
    *("commas", "colons", "quotes", "apostrophes", "dashes", "bars", "openings", "ats", "hashes", "slashes"),
    *("ellipses", "underscores", "other_signs", "lead_caps", "lead_capitalised", "words_before_colon"),
    *("colons_in_words", "tail_bracket", "tail_bracket_words", "first", "last", "last_inside", "times", "dates"),
    *("years", "ing", "ed", "hosts"),
)
_TAILS = ("media", "agency", "scene", "related", "byline")
_OWN = (
    *_SHAPE,
    *(f"has_{name}" for name in CLASS_NAMES if name != "function"),
    *(f"starts_{name}" for name in CLASS_NAMES),
    *(f"ends_{name}" for name in CLASS_NAMES),
    *(f"tail_{name}" for name in _TAILS),
    "stops",
    "prose",
    *REPETITIONS,
)
_NEIGHBOUR = (
    *("words", "function_share", "capitalised_share", "words_before_colon", "lead_caps", "tail_bracket", "quotes"),
    *("stops", "starts_imperative", "has_media", "has_related", "has_scene", "echo_best", "first"),
)
_OFFSETS = (-2, -1, 1, 2)  # of neighbours, as in kernels/line_own.c

#: Names and order of the columns. The shipped weights name them and are refused where they differ.
FEATURES: tuple[str, ...] = (
    *_OWN,
    *PLACE,
    *(f"{name}@{offset:+d}" for offset in _OFFSETS for name in _NEIGHBOUR),
)
_PLURALS = {
    "commas": "comma", "colons": "colon", "quotes": "quote", "apostrophes": "apostrophe", "dashes": "dash",
    "bars": "bar", "openings": "opening", "ats": "at", "hashes": "hash", "slashes": "slash", "ellipses": "ellipsis",
    "underscores": "underscore", "other_signs": "other",
}  # fmt: skip
_RATIOS = {
    "word_length": ("letters", "words"), "function_share": ("has_function", "words"),
    "capitalised_share": ("capitalised", "words"), "all_caps_share": ("all_caps", "words"),
    "number_share": ("numbers", "words"), "digit_share": ("n_digit", "chars"),
    "caseless_share": ("n_caseless", "chars"), "words_per_sentence": ("words", "sentences"),
}  # fmt: skip
#: What features are made of: the counts, four that C makes of them, and the repetition features.
MEASURES = (*COUNTS, "chars", "tail_bracket_words", "stops", "prose", *REPETITIONS)
_MEASURE = {name: number for number, name in enumerate(MEASURES)}  # of two with one name the second
_AS_IT_IS, _RATIO, _PRODUCT = range(3)


def _recipe(name: str) -> tuple[int, int, int]:
    """Return how a feature is made of one or two measures."""
    if name in _RATIOS:
        one, other = _RATIOS[name]
        return _RATIO, _MEASURE[one], _MEASURE[other]
    if name.startswith("tail_") and name.removeprefix("tail_") in _TAILS:  # of the bracket at the end, if there is one
        return _PRODUCT, _MEASURE[name], _MEASURE["tail_bracket"]
    return _AS_IT_IS, _MEASURE[f"n_{_PLURALS[name]}" if name in _PLURALS else name], 0


_RECIPES = np.array([_recipe(name) for name in _OWN], dtype=np.int32)
_NEIGHBOUR_COLUMNS = np.array([_OWN.index(name) for name in _NEIGHBOUR], dtype=np.int64)
_FIRST_NEIGHBOUR = len(_OWN) + len(PLACE)
_MAKE_OWN = Kernel("line_own", np.int32, np.float64, int, np.int32, int, np.float32, int, np.float64)
_MAKE_NEIGHBOURS = Kernel("line_neighbours", np.int64, int, np.int64, int, np.float32, int, int)


def batch_of(documents: Sequence[Sequence[str]]) -> Characters:
    """Convert all paragraphs of all documents to characters."""
    return characters_of([paragraph for document in documents for paragraph in document])


def batch_features(
    documents: Sequence[Sequence[str]], word_classes: WordClasses, batch: Characters | None = None
) -> tuple[Matrix, Integers]:
    """Compute the features of all paragraphs of all documents, one row each, columns FEATURES.

    Also returns where each document begins, with the end as the last number. `batch` saves converting the documents'
    characters twice.

    >>> words = WordClasses.from_dict(dict.fromkeys(CLASS_NAMES, ""))
    >>> matrix, begins = batch_features([["The mayor spoke.", "Photo: Ida Berg"], [], ["Share"]], words)
    >>> matrix.shape == (3, len(FEATURES)), begins.tolist()
    (True, [0, 2, 2, 3])
    """
    begins = np.concatenate([[0], np.cumsum([len(d) for d in documents], dtype=np.int64)]).astype(np.int64)
    if not begins[-1]:
        return np.zeros((0, len(FEATURES)), dtype=np.float32), begins
    batch = batch or batch_of(documents)
    counted = count_all(batch, word_classes)
    n, matrix = len(counted.counts), np.empty((len(counted.counts), len(FEATURES)), dtype=np.float32)
    told = np.empty((len(TOLD_BY), n))
    _MAKE_OWN(counted.counts, repetitions(counted, begins), n, _RECIPES, len(_OWN), matrix, len(FEATURES), told)
    first_hash = np.append(counted.hashes, np.uint64(0))[counted.offsets[:-1]]
    matrix[:, len(_OWN) : _FIRST_NEIGHBOUR] = place_features(begins, told, first_hash)
    chosen = _NEIGHBOUR_COLUMNS
    _MAKE_NEIGHBOURS(begins, len(documents), chosen, len(chosen), matrix, len(FEATURES), _FIRST_NEIGHBOUR)
    return matrix, begins


def features(paragraphs: Sequence[str], word_classes: WordClasses) -> Matrix:
    """Compute the features of the paragraphs of one document, one row each, columns FEATURES.

    >>> words = WordClasses.from_dict(dict.fromkeys(CLASS_NAMES, ""))
    >>> features(["The mayor spoke.", "Photo: Ida Berg"], words)[:, FEATURES.index("words")].tolist()
    [3.0, 3.0]
    """
    return batch_features([paragraphs], word_classes)[0]
