"""Single texts and pages: clean one, strip its noise, or mend its characters, without a file and without a corpus."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from rich.console import Console

from pipeline.api.configuration import GivenSettings, settings_of
from pipeline.cleaning import CleanedAlone, clean_alone
from pipeline.errors import UserError
from pipeline.reports.explain import explanations_of
from pipeline.reports.explain_terminal import render
from pipeline.sources import UNKNOWN_OUTLET, batch_of_string
from pipeline.sources.values import clean as without_lone_surrogates
from pipeline.storage.replay import changes_by_document, text_before
from pipeline.storage.rows import LedgerRow, rows_of
from stages import language as languages
from stages import repair as repairs
from stages.catalog import TEXT_STAGES
from stages.contract import PARAGRAPH_BREAK, Outcome
from stages.ledger import LedgerRows, Subject, apply_edits

#: Columns of an explanation, in characters.
WIDTH = 100


@dataclass(frozen=True)
class Article:
    """A text or page after cleaning, with what was found in it. Its `ledger` says what was done to it.

    A text that cannot be cleaned raises nothing, so that one bad page does not end a loop over a million: its `text` is
    empty, and `trouble` says why. Times are in UTC; `published` and `updated` are None where nothing says them.
    """

    text: str
    title: str | None = None
    deck: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    dateline: str | None = None
    wire: tuple[str, ...] = ()
    language: str | None = None
    language_confidence: float | None = None
    outlet: str | None = None
    url: str | None = None
    page_kind: str | None = None
    trouble: str | None = None
    _cleaned: CleanedAlone | None = field(default=None, repr=False, compare=False)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The paragraphs of the text."""
        return tuple(self.text.split(PARAGRAPH_BREAK)) if self.text else ()

    @property
    def ledger(self) -> tuple[LedgerRow, ...]:
        """Everything that was done to the text, in the order in which it was done."""
        return tuple(rows_of(LedgerRow, self._tables().ledger.to_batches()))

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as a dictionary, with lists for tuples: a row for a data frame."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__ if not name.startswith("_")}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}

    def restore(self, before: str = "repair") -> str:
        """Return the text as the stage `before` received it: "noise", "segment", or "repair", the first of the three.

        Before repair a plain text is what was given, decoded; a page is its article as extracted. Raises ValueError for
        another stage, or if the article has no text.
        """
        if before not in TEXT_STAGES:
            raise ValueError(f"before is one of {', '.join(reversed(TEXT_STAGES))}, not {before!r}")
        changes = changes_by_document(self._tables().ledger)
        if not self.text and not changes:
            raise ValueError(f"there is no text to restore: {self.trouble}")
        return text_before(self.text, next(iter(changes.values()), []), before)

    def explain(self) -> str:
        """Describe for a person what was kept, cut, moved and mended, and why; the same as `clean explain`."""
        written = io.StringIO()
        console = Console(file=written, width=WIDTH, color_system=None)
        for each in explanations_of(self._tables()):
            about = each.document and {**each.document, "outlet": self.outlet, "source_uri": None}
            console.print(render(replace(each, document=about)), crop=False)
        return written.getvalue().rstrip() + "\n"

    def _tables(self) -> CleanedAlone:
        if self._cleaned is None:
            raise ValueError("this article was made by hand: only those of clean_text and strip_noise have a ledger")
        return self._cleaned


class RepairedText(NamedTuple):
    """A text with its characters mended, and a ledger row for each change."""

    text: str
    changes: tuple[LedgerRow, ...]


def clean_text(
    text: str | bytes,
    *,
    language: str | None = None,
    outlet: str | None = None,
    url: str | None = None,
    html: bool | None = None,
    settings: GivenSettings = None,
) -> Article:
    """Clean one text or page through the stages of a run: decode, extract, repair, segment, language, page kind, noise.

    Bytes are decoded as a run decodes them, and HTML is recognised as a run recognises it; `html` says it instead.
    `language` (an ISO 639-1 code, such as "en") is taken as said; without it the language is detected. `outlet` and
    `url` help to tell a page's furniture from its story. Copied passages need a corpus: see `find_copies`.

        article = copydesk.clean_text(page)
        print(article.title, article.published, article.text)

    The first call in a process loads models and compiled rules, which takes about two seconds; later ones take some
    five milliseconds for a few sentences and 10 to 30 for an article or a page. Any thread may call it. The time limit
    of a page (`[extract] seconds`) is kept in the main thread only: Python gives no other way to stop a thread.

    Raises TypeError if `text` is neither str nor bytes, and UserError for a language or settings that are not known.
    """
    return _clean(text, language, settings, outlet=outlet, url=url, html=html)


def strip_noise(
    text: str, *, language: str | None = None, outlet: str | None = None, settings: GivenSettings = None
) -> Article:
    """Cut what is no story out of a text that is decoded and mended already: captions, bylines, share prompts, menus.

    The same as `clean_text` for a plain text, but that its characters are left as they are.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be str, not {type(text).__name__}; clean_text decodes bytes")
    return _clean(text, language, settings, ("repair",), outlet=outlet, html=False)


def repair(text: str, *, settings: GivenSettings = None) -> RepairedText:
    """Mend the characters of a text: mojibake, entities, control characters, line breaks, composed characters.

    >>> repair("SmÃ¸rrebrÃ¸d &amp; beer").text
    'Smørrebrød & beer'

    Raises TypeError if `text` is no str.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be str, not {type(text).__name__}; clean_text decodes bytes")
    whole = without_lone_surrogates(text)
    edits, rows = repairs.repair_edits(whole, settings_of(settings).repair), LedgerRows("repair", repairs.REASONS)
    rows.add_edits(Subject(None, None, ""), whole, edits)
    return RepairedText(apply_edits(whole, edits), tuple(rows_of(LedgerRow, rows.table().to_batches())))


def _clean(
    text: str | bytes,
    language: str | None,
    given: GivenSettings,
    left_out: Collection[str] = (),
    **facts: Any,
) -> Article:
    if not isinstance(text, str | bytes | bytearray | memoryview):
        raise TypeError(f"text must be str or bytes, not {type(text).__name__}")
    settings = settings_of(given)
    batch = batch_of_string(text if isinstance(text, str) else bytes(text), settings.sources, **facts)
    cleaned = clean_alone(batch, settings, _code_of(language), left_out)
    return _article(batch, cleaned)


def _code_of(language: str | None) -> str | None:
    """Return the two-letter code of a language. Raises UserError for one that is not known."""
    if language is None:
        return None
    code = languages.declared_code(language)
    if code is None:
        raise UserError(f"language {language!r} is not known. Give a code of ISO 639-1, such as en, de or fr, or none.")
    return code


def _article(batch: Outcome, cleaned: CleanedAlone) -> Article:
    """Make the article of a batch of one text."""
    known: dict[str, Any] = next(iter(cleaned.prepared.to_pylist() or batch.documents.to_pylist()), {})
    document = next(iter(cleaned.cleaned.to_pylist()), known | {"text": ""})
    found: dict[str, Any] = {name: document[name] for name in Article.__dataclass_fields__ if name in document}
    found |= {name: tuple(found.get(name) or ()) for name in ("authors", "wire")}
    found["outlet"] = None if found.get("outlet") == UNKNOWN_OUTLET else found.get("outlet")
    return Article(**found, trouble=_trouble(cleaned), _cleaned=cleaned)


def _trouble(cleaned: CleanedAlone) -> str | None:
    """Say why a text has become no article; None if it has."""
    if len(cleaned.cleaned):
        return None
    rows = [row for row in rows_of(LedgerRow, cleaned.ledger.to_batches()) if row.action in ("failed", "skipped")]
    last = rows[-1]
    than = "" if last.measured is None or last.limit is None else f" ({last.measured:,.6g}, limit {last.limit:,.6g})"
    return f"{last.stage} {last.action} it: {last.reason.replace('_', ' ')}{than}"
