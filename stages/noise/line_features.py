"""Features of the line model: a paragraph's shape, its words by class, repetition, place and neighbours.

Everything is computed over a whole batch of documents at once, and nothing depends on the batch: counts are integers,
every ratio is one division of two of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stages.noise.line_characters import CHARACTERS, ELLIPSIS, STOP, Characters, Integers, characters_of
from stages.noise.line_counts import COUNT, count_all
from stages.noise.line_place import PLACE, place_features
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
_OFFSETS = (-2, -1, 1, 2)

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
_PROSE_WORDS = 20  # a paragraph of this many words that ends like a sentence is prose, as a rule


def _ratio(part: npt.NDArray[np.float64], whole: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return part / np.maximum(whole, 1.0)


def _own(counts: npt.NDArray[np.int32], repeated: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.float64]]:
    """Compute the features of paragraphs by themselves, with their repetition features; by name."""
    of = {name: counts[:, number].astype(np.float64) for name, number in COUNT.items()}
    chars = sum((of[f"n_{name}"] for name in CHARACTERS), np.zeros(len(counts)))
    words = of["words"]
    own = {name: of[name] for name in _OWN if name in of}
    own |= {f"{name}": of[f"n_{sign}"] for name, sign in _PLURALS.items()}
    own |= {
        "chars": chars,
        "word_length": _ratio(of["letters"], words),
        "function_share": _ratio(of["has_function"], words),
        "capitalised_share": _ratio(of["capitalised"], words),
        "all_caps_share": _ratio(of["all_caps"], words),
        "number_share": _ratio(of["numbers"], words),
        "digit_share": _ratio(of["n_digit"], chars),
        "caseless_share": _ratio(of["n_caseless"], chars),
        "words_per_sentence": _ratio(words, of["sentences"]),
        "tail_bracket_words": np.where(of["tail_bracket"] > 0, of["tail_bracket_words"], -1.0),
        "stops": np.isin(of["last_inside"], (STOP, ELLIPSIS)).astype(np.float64),
    }
    own |= {f"tail_{name}": of[f"tail_{name}"] * of["tail_bracket"] for name in _TAILS}
    own["prose"] = own["stops"] * (words >= _PROSE_WORDS)
    return own | {name: repeated[:, number] for number, name in enumerate(REPETITIONS)}


def _neighbours(own: Matrix, documents: Integers) -> Matrix:
    """Gather the _NEIGHBOUR features of the paragraphs at _OFFSETS; -1 where the document has none there."""
    chosen = own[:, [_OWN.index(name) for name in _NEIGHBOUR]]
    at = np.arange(len(own))
    begin, end = _bounds(documents)
    parts = []
    for offset in _OFFSETS:
        other = at + offset
        inside = (other >= begin) & (other < end)
        parts.append(np.where(inside[:, None], chosen[np.clip(other, 0, len(own) - 1)], np.float32(-1)))
    return np.concatenate(parts, axis=1)


def _bounds(documents: Integers) -> tuple[Integers, Integers]:
    """Return the first paragraph and the end of the document that each paragraph is in."""
    lengths = np.diff(documents)
    return np.repeat(documents[:-1], lengths), np.repeat(documents[1:], lengths)


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
    own = _own(counted.counts, repetitions(counted, begins))
    place = place_features(begins, own, np.append(counted.hashes, np.uint64(0))[counted.offsets[:-1]])
    matrix = np.stack([own[name] for name in _OWN], axis=1).astype(np.float32)
    return np.concatenate([matrix, place.astype(np.float32), _neighbours(matrix, begins)], axis=1), begins


def features(paragraphs: Sequence[str], word_classes: WordClasses) -> Matrix:
    """Compute the features of the paragraphs of one document, one row each, columns FEATURES.

    >>> words = WordClasses.from_dict(dict.fromkeys(CLASS_NAMES, ""))
    >>> features(["The mayor spoke.", "Photo: Ida Berg"], words)[:, FEATURES.index("words")].tolist()
    [3.0, 3.0]
    """
    return batch_features([paragraphs], word_classes)[0]
