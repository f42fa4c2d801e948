"""Export as CSV or TSV, with cells defused that a spreadsheet would take for formulas.

A cell that begins with a sign of a formula gets an apostrophe in front, which spreadsheets do not show. The column
`defused` says in which rows that was done, so that our own reader takes the apostrophes away again. `--raw` leaves
cells as they are and writes no such column.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.reports.exports.documents import ChosenDocuments, ExportOptions, plain
from pipeline.sources.csv_files.formulas import DEFUSED, defuse

#: Between the values of a list in one cell.
BETWEEN = "; "


class _Line:
    """A file for the writer of CSV that keeps the line it was given last."""

    text = ""

    def write(self, text: str) -> int:
        self.text = text
        return len(text)


def pieces(documents: ChosenDocuments, options: ExportOptions) -> Iterator[str]:
    """Yield the names of the columns, and a line for each document."""
    yield from table(documents.rows(), options.columns, options)


def table(rows: Iterable[dict[str, Any]], columns: Iterable[str], options: ExportOptions) -> Iterator[str]:
    """Yield rows of any kind as lines, lists joined by semicolons. Rows of documents say that they are defused.

    Those of flows do not: we never read them again.
    """
    names, line = list(columns), _Line()
    says_so = not options.raw and options.counted == "documents"
    put = csv.writer(line, delimiter="\t" if options.format == "tsv" else ",").writerow
    put([*names, *([DEFUSED] if says_so else [])])
    yield line.text
    for row in rows:
        options.counts[options.counted] += 1
        cells = [cell(row[name]) for name in names]
        found = cells if options.raw else [defuse(each) if isinstance(each, str) else each for each in cells]
        n = sum(a != b for a, b in zip(cells, found, strict=True))
        options.counts["cells defused"] += n
        put([*found, "true" if n else "false"] if says_so else found)
        yield line.text


def cell(value: Any) -> Any:
    """Return a value as a cell has it.

    >>> cell(["Ada Wren", "Petra Lunn"]), cell(7), cell(None)
    ('Ada Wren; Petra Lunn', 7, None)
    """
    return BETWEEN.join(value) if isinstance(value, list) else plain(value)
