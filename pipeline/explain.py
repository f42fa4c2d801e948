"""`clean explain` and `clean rules --try`: what was done to one document, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from pipeline import sources
from pipeline.corpus import Corpus
from pipeline.replay import changes_by_document, text_before
from pipeline.settings import Settings
from pipeline.work import clean_documents, prepare_documents
from stages.contract import PARAGRAPH_BREAK

STYLES = {"cut": "red strike", "moved": "yellow strike", "edited": "cyan"}
#: Columns of a document that a reader wants to see above its text.
HEADER = ("title", "deck", "authors", "published", "dateline", "wire", "outlet", "url", "language", "source_uri")

Row = dict[str, Any]


@dataclass(frozen=True)
class Explanation:
    """A document as the noise stage met it, and every ledger row about it."""

    doc_id: str
    document: Row | None  # None: it was not carried on
    text: str  # as handed to the noise stage
    ledger: list[Row]
    passages: list[Row]

    def render(self, only_changes: bool = False) -> RenderableType:
        """The explanation in colour. `only_changes` leaves out paragraphs that nothing was done to."""
        parts: list[RenderableType] = [self._header()]
        parts += [Padding(line, (0, 0, 0, 2)) for line in self._elsewhere()]
        parts += list(self._lines(only_changes))
        return Group(*parts, Text())

    def _header(self) -> Text:
        header = Text(f"document {self.doc_id}\n", style="bold")
        for name in HEADER:
            value = (self.document or {}).get(name)
            if value:
                shown = ", ".join(value) if isinstance(value, list) else str(value)
                header.append(f"  {name:<10} ", style="dim").append(shown + "\n", style="not bold")
        return header

    def _elsewhere(self) -> list[Text]:
        """The rows about something else than the text that the noise stage read."""
        rows = [row for row in self.ledger if row["stage"] != "noise" or row["start"] is None]
        return [_in_words(row) for row in rows if row["stage"] != "segment" or row["action"] != "edited"]

    def _lines(self, only_changes: bool) -> list[RenderableType]:
        spans = sorted((row for row in self.ledger if row["stage"] == "noise" and row["start"] is not None), key=_start)
        lines: list[RenderableType] = []
        at, kept = 0, 0
        for paragraph in self.text.split(PARAGRAPH_BREAK):
            end = at + len(paragraph)
            here = [row for row in spans if row["start"] < end and row["end"] > at]
            gone = any(row["start"] <= at and row["end"] >= end for row in here)
            matched = [] if gone else [row for row in self.passages if row["paragraph"] == kept]
            if here or matched or not only_changes:
                lines.append(_line(paragraph, at, here, None if gone else kept))
                lines += [Padding(_match_in_words(row), (0, 0, 0, 6)) for row in matched]
            kept += not gone
            at = end + len(PARAGRAPH_BREAK)
        return lines


def explain_document(corpus: Corpus, doc_id: str) -> Explanation:
    """What was done to a document of a corpus."""
    run, whole = corpus.find(doc_id)
    documents = corpus.rows("documents", run, whole).to_pylist()
    ledger = corpus.rows("ledger", run, whole)
    changes = changes_by_document(ledger).get(whole, [])
    text = text_before(documents[0]["text"] if documents else "", changes, "noise")
    passages = corpus.rows("passages", run, whole).to_pylist()
    return Explanation(whole, documents[0] if documents else None, text, ledger.to_pylist(), passages)


def explain_file(path: str, settings: Settings) -> list[Explanation]:
    """What would be done to each document of a file by itself; near-duplicates and templates need a corpus."""
    explanations = []
    run = settings.run
    batches = sources.batches(
        sources.plan([path]), settings.sources, max_documents=run.batch_documents, max_bytes=run.batch_bytes
    )
    for batch in batches:
        prepared, ledger = prepare_documents(batch, settings)
        cleaned, noise_ledger = clean_documents(prepared, settings, None)
        texts = dict(zip(prepared["doc_id"].to_pylist(), prepared["text"].to_pylist(), strict=True))
        carried = {row["doc_id"]: row for row in cleaned.to_pylist()}
        rows = pa.concat_tables([ledger, noise_ledger]).to_pylist()
        ids = list(dict.fromkeys([*batch.documents["doc_id"].to_pylist(), *(row["doc_id"] for row in rows)]))
        for doc_id in ids:
            about = [row for row in rows if row["doc_id"] == doc_id]
            explanations.append(Explanation(str(doc_id), carried.get(doc_id), texts.get(doc_id, ""), about, []))
    return explanations


def _start(row: Row) -> tuple[int, int]:
    return row["start"], row["end"]


def _line(paragraph: str, at: int, rows: list[Row], number: int | None) -> Text:
    """One paragraph, its cut spans marked, with the reasons behind it."""
    line = Text(f"{'' if number is None else number:>4}  ", style="dim")
    body = Text(paragraph, style="")
    for row in rows:
        body.stylize(STYLES[row["action"]], max(0, row["start"] - at), row["end"] - at)
    line.append_text(body)
    for row in rows:
        line.append(f"  [{_evidence(row)}]", style="bold magenta")
    return line


def _evidence(row: Row) -> str:
    """Why, in words.

    >>> _evidence({"action": "cut", "reason": "nav", "rule": "model", "measured": 0.931, "limit": 0.8})
    'cut: nav (model, 0.93 where 0.8 is enough)'
    """
    why = row["rule"] or ""
    if row["measured"] is not None and row["limit"] is not None:
        why += f", {row['measured']:.3g} where {row['limit']:.3g} is enough"
    return f"{row['action']}: {row['reason'].replace('_', ' ')}" + (f" ({why})" if why else "")


def _in_words(row: Row) -> Text:
    line = Text(f"{row['stage']} {row['action']}: {row['reason'].replace('_', ' ')}", style="magenta")
    if row["before"] is not None and row["action"] == "edited":
        line.append(f"  {row['before']!r} → {row['after']!r}", style="dim")
    elif row["measured"] is not None and row["limit"] is not None:
        line.append(f"  {row['measured']:,.6g}, the limit is {row['limit']:,.6g}", style="dim")
    elif row["after"]:
        line.append(f"  {row['after']}", style="dim")
    return line


def _match_in_words(row: Row) -> Text:
    place = f"characters {row['start']}–{row['end']}"
    if row["is_canonical"]:
        return Text(f"↳ canonical passage of cluster {row['cluster_id'][:12]}, {place}", style="green")
    figures = ", with other figures" if row["numbers_differ"] else ""
    return Text(
        f"↳ copied: cluster {row['cluster_id'][:12]}, {place}, similarity {row['similarity']:.2f}{figures}",
        style="blue",
    )
