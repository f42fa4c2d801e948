"""Language: an ISO 639-1 code and a confidence per document, from a model that is part of an installed package.

The longest paragraphs are asked, so that menus, captions and bylines do not decide. Where they leave the model unsure,
the language that the page declares decides; where there is none, the document has no language rather than a wrong one.

>>> detect("Die Brücke bleibt gesperrt.\\n\\nMehr", None, Settings()).code
'de'
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from stages.contract import PARAGRAPH_BREAK, Outcome, replace_column
from stages.ledger import LEDGER


@dataclass(frozen=True, slots=True)
class Settings:
    """How much text is asked, and how sure the answer must be."""

    #: The text itself decides from this confidence on; below it, what the page declares.
    min_confidence: float = 0.5
    #: So many of the longest paragraphs, and so many characters of each, are looked at. More tells nothing new: 4 x 200
    #: characters are twice as slow and name the same language for each of 1,683 articles.
    paragraphs: int = 3
    characters: int = 120

    def __post_init__(self) -> None:
        if not 0 <= self.min_confidence <= 1:
            raise ValueError(f"min_confidence must be within 0 and 1, not {self.min_confidence}")
        if self.paragraphs < 1 or self.characters < 1:
            raise ValueError("paragraphs and characters must be at least 1")


class Language(NamedTuple):
    """The language of a text, and how probable the model finds it; nothing where it cannot be told."""

    code: str | None
    confidence: float | None


UNKNOWN = Language(None, None)

#: What the model answers where it sees no language at all ("zxx" of ISO 639-2: no linguistic content).
NO_LANGUAGE = "zxx"

#: Older names of languages that pages still declare.
RENAMED = {"nb": "no", "iw": "he", "in": "id", "ji": "yi"}


@cache
def identifier() -> LanguageIdentifier:
    """The model, read once per process from the package, and kept to languages that have a two-letter code."""
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages([code for code in model.labels if len(code) == 2 or code == NO_LANGUAGE])
    # Picking languages out leaves the table ordered by columns; it is read by rows, 1.4 times as fast like this.
    model.nb_ptc = np.ascontiguousarray(model.nb_ptc)
    return model


def sample(text: str, settings: Settings) -> str:
    """The longest paragraphs of a text, in their order, each cut to a bounded length.

    >>> sample("Menu\\n\\nThe bridge is shut.\\n\\nNobody was hurt.", Settings(paragraphs=2, characters=10))
    'The bridge Nobody was'
    """
    paragraphs = text.split(PARAGRAPH_BREAK)
    longest = heapq.nlargest(settings.paragraphs, range(len(paragraphs)), key=lambda at: (len(paragraphs[at]), -at))
    return " ".join(paragraphs[at][: settings.characters] for at in sorted(longest))


def declared_code(declared: str | None) -> str | None:
    """The two-letter code in what a page declares, if the model knows it.

    >>> declared_code("en-GB"), declared_code("NB_no"), declared_code("klingon"), declared_code(None)
    ('en', 'no', None, None)
    """
    code = (declared or "").strip().replace("_", "-").split("-")[0].lower()
    code = RENAMED.get(code, code)
    return code if code in identifier().labels and code != NO_LANGUAGE else None


def detect(text: str, declared: str | None, settings: Settings) -> Language:
    """The language of a text. The confidence is the model's, also where the declaration decides.

    >>> detect("12:30 34–55", "fr-FR", Settings()).code, detect("12:30 34–55", None, Settings()).code
    ('fr', None)
    """
    asked = sample(text, settings)
    code, confidence = identifier().classify(asked)
    if confidence >= settings.min_confidence and code != NO_LANGUAGE:
        return Language(code, rounded(confidence))
    code = declared_code(declared)
    return Language(code, rounded(dict(identifier().rank(asked))[code])) if code else UNKNOWN


def rounded(confidence: float) -> float:
    """A confidence without the digits that depend on how a machine adds up.

    >>> rounded(0.98765432)
    0.9877
    """
    return round(confidence, 4)


def run(documents: pa.Table, settings: Settings) -> Outcome:
    """Every document with its language. Nothing is changed in a text, so the ledger stays empty."""
    columns = zip(documents["text"].to_pylist(), documents["language"].to_pylist(), strict=True)
    found = [detect(text, declared, settings) for text, declared in columns]
    documents = replace_column(documents, "language", [language.code for language in found])
    documents = replace_column(documents, "language_confidence", [language.confidence for language in found])
    return Outcome(documents, LEDGER.empty_table())
