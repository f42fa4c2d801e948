"""Language: an ISO 639-1 code and a confidence per document, from a model that is part of an installed package.

The model sees the longest paragraphs only, so that menus, captions and bylines do not decide. If it is unsure, the
language that the page declares decides; without a declaration the document gets no language rather than a wrong one.

>>> detect("Die Brücke bleibt gesperrt.\\n\\nMehr", None, Settings()).code
'de'
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from stages.contract import PARAGRAPH_BREAK, Outcome, replace_column
from stages.language.model import NO_LANGUAGE, identifier
from stages.ledger import LEDGER

__all__ = ["NO_LANGUAGE", "REASONS", "UNKNOWN", "Language", "Settings", "detect", "identifier", "run"]

#: Reasons of this stage in the ledger: none, since it changes no text.
REASONS: tuple[str, ...] = ()

CODE_RE = re.compile("[a-z]{2}")


@dataclass(frozen=True, slots=True)
class Settings:
    """How much text the model sees, and how sure it must be."""

    #: The text itself decides from this confidence on; below it, the declaration of the page.
    min_confidence: float = 0.5
    #: The number of longest paragraphs, and of characters of each, that the model sees. More does not help: 4 x 200
    #: characters are twice as slow and name the same language for each of 1,683 articles.
    paragraphs: int = 3
    characters: int = 120
    #: The language of all documents, as a two-letter code. Left out: it is detected.
    fixed: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.min_confidence <= 1:
            raise ValueError(f"min_confidence must be within 0 and 1, not {self.min_confidence}")
        if self.paragraphs < 1 or self.characters < 1:
            raise ValueError("paragraphs and characters must be at least 1")
        if self.fixed is not None and not CODE_RE.fullmatch(self.fixed):
            raise ValueError(f"fixed must be a code of two letters, such as en, not {self.fixed!r}")


class Language(NamedTuple):
    """The language of a text and the model's probability for it; both None if the language is unknown."""

    code: str | None
    confidence: float | None


UNKNOWN = Language(None, None)

#: Older names of languages that pages still declare.
RENAMED = {"nb": "no", "iw": "he", "in": "id", "ji": "yi"}


def sample(text: str, settings: Settings) -> str:
    """Return the longest paragraphs of a text, in their order, each cut to `settings.characters`.

    >>> sample("Menu\\n\\nThe bridge is shut.\\n\\nNobody was hurt.", Settings(paragraphs=2, characters=10))
    'The bridge Nobody was'
    """
    paragraphs = text.split(PARAGRAPH_BREAK)
    lengths = [-len(paragraph) for paragraph in paragraphs]
    longest = sorted(range(len(paragraphs)), key=lengths.__getitem__)[: settings.paragraphs]
    return " ".join([paragraphs[at][: settings.characters] for at in sorted(longest)])


def declared_code(declared: str | None) -> str | None:
    """Return the two-letter code of a declaration such as "en-GB", or None if the model does not know it.

    >>> declared_code("en-GB"), declared_code("NB_no"), declared_code("klingon"), declared_code(None)
    ('en', 'no', None, None)
    """
    code = (declared or "").strip().replace("_", "-").split("-")[0].lower()
    code = RENAMED.get(code, code)
    return code if code in identifier().labels and code != NO_LANGUAGE else None


def detect(text: str, declared: str | None, settings: Settings) -> Language:
    """Detect the language of a text, unless the settings name it.

    The confidence is the model's, also where the declaration decides.

    >>> detect("12:30 34–55", "fr-FR", Settings()).code, detect("12:30 34–55", None, Settings()).code
    ('fr', None)
    """
    return detect_all([text], [declared], settings)[0]


def detect_all(texts: Sequence[str], declared: Sequence[str | None], settings: Settings) -> list[Language]:
    """Detect the language of each text, as `detect` does."""
    if settings.fixed is not None:
        return [Language(settings.fixed, None)] * len(texts)
    excerpts = [sample(text, settings) for text in texts]
    found = identifier().classify_all(excerpts)
    return [decided(*each, settings) for each in zip(excerpts, found, declared, strict=True)]


def decided(excerpt: str, found: tuple[str, float], declared: str | None, settings: Settings) -> Language:
    """Decide between the language that the model found in an excerpt and the one that its page declares."""
    code, confidence = found
    if confidence >= settings.min_confidence and code != NO_LANGUAGE:
        return Language(code, rounded(confidence))
    told = declared_code(declared)
    return Language(told, rounded(dict(identifier().rank(excerpt))[told])) if told else UNKNOWN


def rounded(confidence: float) -> float:
    """Round a confidence to four digits; further ones differ between machines.

    >>> rounded(0.98765432)
    0.9877
    """
    return round(confidence, 4)


def run(documents: pa.Table, settings: Settings) -> Outcome:
    """Set the language of every document. No text changes, so the ledger is empty."""
    found = detect_all(documents["text"].to_pylist(), documents["language"].to_pylist(), settings)
    documents = replace_column(documents, "language", [language.code for language in found])
    documents = replace_column(documents, "language_confidence", [language.confidence for language in found])
    return Outcome(documents, LEDGER.empty_table())
