"""`clean export`: cleaned documents and flows between outlets as JSON Lines, CSV or text files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from pipeline.console import StandardOutput, json_line
from pipeline.errors import UserError
from pipeline.passages.flows import flows
from pipeline.storage.reader import Corpus
from pipeline.storage.selection import Selection

Row = dict[str, Any]


def export_documents(corpus: Corpus, chosen: Selection, to: str, output: Path | None, canonical: bool) -> int:
    """Write the chosen documents, and return their number. `text` writes one file per document."""
    rows = _rows(corpus, chosen, canonical)
    if to == "text":
        if output is None:
            raise UserError("--to text writes a file for every document: name a folder for them with --output.")
        return _write_texts(rows, output)
    with _opened(output) as file:
        return (_write_csv if to == "csv" else _write_json_lines)(rows, file)


def export_flows(corpus: Corpus, run: str | None, output: Path | None) -> int:
    """Write the flows as JSON Lines if `output` is so named, else as CSV, and return the number of rows."""
    rows = flows(corpus, run).to_pylist()
    as_json_lines = output is not None and output.suffix in {".jsonl", ".ndjson"}
    with _opened(output) as file:
        return (_write_json_lines if as_json_lines else _write_csv)(rows, file)


def _rows(corpus: Corpus, chosen: Selection, canonical: bool) -> Iterator[Row]:
    """Yield the chosen documents as JSON has them."""
    for batch in chosen.documents(corpus):
        for row in batch.to_pylist():
            canonical_text = row.pop("canonical_text")
            if canonical:
                row["text"] = canonical_text
            for name in ("published", "updated"):
                row[name] = row[name] and row[name].isoformat()
            yield row


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO | StandardOutput]:
    if output is None:
        yield StandardOutput()
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise UserError(f"cannot write {output}: {error.strerror}.") from None


def _write_json_lines(rows: Iterable[Row], file: TextIO | StandardOutput) -> int:
    n = 0
    for row in rows:
        file.write(json_line(row) + "\n")
        n += 1
    return n


def _write_csv(rows: Iterable[Row], file: TextIO | StandardOutput) -> int:
    n, writer = 0, None
    for row in rows:
        flat = {name: "; ".join(value) if isinstance(value, list) else value for name, value in row.items()}
        if writer is None:
            writer = csv.DictWriter(file, list(flat))
            writer.writeheader()
        writer.writerow(flat)
        n += 1
    return n


def _write_texts(rows: Iterable[Row], folder: Path) -> int:
    n = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for row in rows:
            (folder / f"{row['doc_id']}.txt").write_text(row["text"] + "\n", encoding="utf-8")
            n += 1
    except OSError as error:
        raise UserError(f"cannot write to {folder}: {error.strerror}. --to text needs a folder.") from None
    return n
