"""`clean explain` and `clean rules --try`: the changes made to one document, line by line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from pipeline import sources
from pipeline.cleaning import CleanedAlone, clean_alone
from pipeline.console import in_one_line, pictured
from pipeline.settings import Settings
from pipeline.storage.reader import Corpus
from pipeline.storage.replay import changes_by_document, text_before
from stages.contract import PARAGRAPH_BREAK

STYLES = {"cut": "red strike", "moved": "yellow strike", "edited": "cyan"}
#: Columns shown above the text.
HEADER = (
    "title",
    "deck",
    "authors",
    "published",
    "updated",
    "dateline",
    "wire",
    "outlet",
    "url",
    "language",
    "source_uri",
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Explanation:
    """A document as the noise stage received it, and every ledger row about it."""

    doc_id: str | None  # None: an input that is not a document
    document: Row | None  # None: removed by a stage
    text: str  # input of the noise stage
    ledger: list[Row]
    passages: list[Row]
    elsewhere: dict[str, list[str]] = field(default_factory=dict)  # outlets of the other copies, by cluster

    def render(self, only_changes: bool = False) -> RenderableType:
        """Render the explanation in colour. `only_changes` leaves out unchanged paragraphs."""
        parts: list[RenderableType] = [self._header()]
        done = [Padding(line, (0, 0, 0, 2), expand=False) for line in self._other_stages()] + self._paragraphs(
            only_changes
        )
        if only_changes and not done:
            parts.append(Text("  nothing is cut or moved here", style="dim"))
        return Group(*parts, *done, Text())

    def _header(self) -> Text:
        subject = f"document {self.doc_id}" if self.doc_id else _without_document(self.ledger[0])
        header = Text(in_one_line(subject) + "\n", style="bold")
        for name in HEADER:
            value = (self.document or {}).get(name)
            if value:
                shown = ", ".join(value) if isinstance(value, list) else str(value)
                header.append(f"  {name:<10} ", style="dim").append(in_one_line(shown) + "\n", style="not bold")
        return header

    def _other_stages(self) -> list[Text]:
        """List changes before the noise stage or to metadata, equal ones in one line with their number."""
        counts = Counter(
            str(_in_words(row))
            for row in self.ledger
            if (row["stage"] != "noise" or row["start"] is None) and row["stage"] not in ("segment", "near_duplicates")
        )
        return [
            Text(in_one_line(words) + (f"  ({n} times)" if n > 1 else ""), style="magenta")
            for words, n in counts.items()
        ]

    def _paragraphs(self, only_changes: bool) -> list[RenderableType]:
        spans = self._spans()
        lines: list[RenderableType] = []
        at, kept = 0, 0
        for paragraph in self.text.split(PARAGRAPH_BREAK) if self.text else ():
            end = at + len(paragraph)
            here = [row for row in spans if row["start"] < end and row["end"] > at]
            gone = any(row["start"] <= at and row["end"] >= end for row in here)
            matches = [] if gone else self._matches(kept)
            if here or matches or not only_changes:
                lines += [_line(paragraph, at, here, None if gone else kept), *matches]
            kept += not gone
            at = end + len(PARAGRAPH_BREAK)
        return lines

    def _spans(self) -> list[Row]:
        """List the ledger rows of spans that noise took, in the order of the text."""
        rows = (row for row in self.ledger if row["stage"] == "noise" and row["start"] is not None)
        return sorted(rows, key=_start)

    def _matches(self, paragraph: int) -> list[RenderableType]:
        return [
            Padding(self._match(row), (0, 0, 0, 6), expand=False)
            for row in self.passages
            if row["paragraph"] == paragraph
        ]

    def _match(self, row: Row) -> Text:
        others = self.elsewhere.get(row["cluster_id"], [])
        place = f"characters {row['start']} to {row['end']}"
        if row["is_canonical"]:
            return Text(f"↳ {place}: canonical; copied by {_names(others)}", style="green")
        figures = ", other figures" if row["numbers_differ"] else ""
        alike = f"{row['similarity']:.0%} alike{figures}"
        return Text(f"↳ {place}: also in {_names(others)}, the canonical passage first; {alike}", style="blue")


def explain_document(corpus: Corpus, doc_id: str) -> Explanation:
    """Explain a document of a corpus by its id, or the beginning of it."""
    run, whole = corpus.find(doc_id)
    documents = corpus.rows("documents", run, whole).to_pylist()
    ledger = corpus.rows("ledger", run, whole)
    changes = changes_by_document(ledger).get(whole, [])
    text = text_before(documents[0]["text"] if documents else "", changes, "noise")
    passages = corpus.rows("passages", run, whole).to_pylist()
    document = documents[0] if documents else None
    return Explanation(whole, document, text, ledger.to_pylist(), passages, _copies_elsewhere(corpus, whole, passages))


def _copies_elsewhere(corpus: Corpus, doc_id: str, passages: list[Row]) -> dict[str, list[str]]:
    """Map each cluster of a document's passages to the outlets of the other passages, the canonical one first."""
    found: dict[str, list[str]] = {}
    for row in corpus.clusters([row["cluster_id"] for row in passages]).to_pylist():
        if row["doc_id"] != doc_id:
            found.setdefault(row["cluster_id"], []).append(row["outlet"])
    return {cluster: list(dict.fromkeys(outlets)) for cluster, outlets in found.items()}


def explain_file(path: str, settings: Settings) -> list[Explanation]:
    """Explain each document of a file, cleaned by itself.

    Near-duplicates and templates that nobody accepted need a corpus, so they do not show here.
    """
    run, explanations = settings.run, []
    batches = sources.batches(
        sources.plan([path]), settings.sources, max_documents=run.batch_documents, max_bytes=run.batch_bytes
    )
    for batch in batches:
        explanations += explanations_of(clean_alone(batch, settings))
    return explanations


def explanations_of(alone: CleanedAlone) -> list[Explanation]:
    """Explain each document of a batch that was cleaned by itself, and each input that became none."""
    texts = dict(zip(alone.prepared["doc_id"].to_pylist(), alone.prepared["text"].to_pylist(), strict=True))
    carried = {row["doc_id"]: row for row in alone.cleaned.to_pylist()}
    rows = alone.ledger.to_pylist()
    explanations = []
    for doc_id in dict.fromkeys([*texts, *(row["doc_id"] for row in rows if row["doc_id"])]):
        about = [row for row in rows if row["doc_id"] == doc_id]
        explanations.append(Explanation(doc_id, carried.get(doc_id), texts.get(doc_id, ""), about, []))
    return explanations + [Explanation(None, None, "", [row], []) for row in rows if not row["doc_id"]]


def _without_document(row: Row) -> str:
    """Say what a row that names no document is about."""
    return f"{'how it is read' if row['reason'] == 'read_as' else 'no document'}: {row['source_uri']}"


def _names(found: list[str]) -> str:
    return in_one_line(", ".join(found))


def _start(row: Row) -> tuple[int, int]:
    return row["start"], row["end"]


def _line(paragraph: str, at: int, rows: list[Row], number: int | None) -> Text:
    """Render a paragraph with its cut spans marked and the reasons after it."""
    line = Text(f"{'' if number is None else number:>4}  ", style="dim")
    body = Text(pictured(paragraph), style="")
    for row in rows:
        body.stylize(STYLES[row["action"]], max(0, row["start"] - at), row["end"] - at)
    line.append_text(body)
    for row in rows:
        line.append(f"  [{_evidence(row)}]", style="bold magenta")
    return line


def _evidence(row: Row) -> str:
    """Describe why a span was taken.

    >>> _evidence({"action": "cut", "reason": "nav", "rule": "model", "measured": 0.931, "limit": 0.8})
    'cut: nav (model, 0.93 where 0.8 is enough)'
    """
    why = row["rule"] or ""
    if row["reason"] == "template":
        return f"{row['action']}: template ({_template_in_words(row)})"
    if row["measured"] is not None and row["limit"] is not None:
        why += f", {row['measured']:.2g} where {row['limit']:.2g} is enough"
    return f"{row['action']}: {row['reason'].replace('_', ' ')}" + (f" ({why})" if why else "")


def _template_in_words(row: Row) -> str:
    """Describe why a paragraph is a template.

    >>> _template_in_words({"rule": "template:plume/00ff", "measured": 37.0, "limit": 8.0})
    '37 earlier pages of this outlet carry this paragraph, 8 are enough; template:plume/00ff'
    """
    pages = f"{row['measured']:,.0f} earlier pages of this outlet carry this paragraph"
    if row["limit"] is None:
        return f"a person accepted it; {pages}; {row['rule']}"
    return f"{pages}, {row['limit']:,.0f} are enough; {row['rule']}"


def _in_words(row: Row) -> str:
    """Describe a ledger row other than a span taken by the noise stage.

    >>> row = {"stage": "repair", "action": "edited", "reason": "line_breaks", "before": "\\r", "after": ""}
    >>> _in_words(row | {"measured": None, "limit": None})
    "repair edited: line breaks  '\\\\r' → ''"
    """
    words = f"{row['stage']} {row['action']}: {row['reason'].replace('_', ' ')}"
    if row["before"] is not None and row["action"] == "edited":
        return words + f"  {row['before']!r} → {row['after']!r}"
    if row["measured"] is not None and row["limit"] is not None:
        return words + f"  {row['measured']:,.6g}, the limit is {row['limit']:,.6g}"
    return words + (f"  {row['after']}" if row["after"] else "")
