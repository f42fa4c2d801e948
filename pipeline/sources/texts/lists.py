"""Lists of articles, one a line: columns apart by tabs or other marks, fastText labels, or nothing but the text."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.sources.documents import Problem, failed, too_large
from pipeline.sources.fields import ROLES, rank_of
from pipeline.sources.records import BEFORE_CHARACTERS, Record
from pipeline.sources.settings import Settings
from pipeline.sources.texts.lines import Head, TextLine
from pipeline.sources.texts.subjects import share_no_subject
from pipeline.sources.values import clean
from stages.shared.words import count_as_spaced

#: Marks between columns that stand in no prose, a tab excepted.
MARKS = ("\t", "_!_", "|||", "|", "\x01", "\x1f", "<sep>", "[SEP]", "@@@", ";;;")
#: Of the lines, those with the same number of columns. Some lists have lines with a mark in the text.
MIN_SAME = 0.9
#: Columns apart by a mark that also stands in bylines ("Ana Lind | Holm Post").
MIN_COLUMNS = 3
MIN_LINES = 3
#: Words of a column that make it a text: a headline has five and more, a name fewer.
MIN_WORDS = 5
#: Words of a line that make it an article. Paragraphs of news have 20 to 80.
MIN_ARTICLE_WORDS = 100
#: Words that nearly every line has where each is an article. Headings and marks between articles have fewer.
MIN_WORDS_OF_LINE = 20
#: Of the lines, those that begin with a number, above which they may be the items of one list: one article of 4,448,
#: its paragraphs joined in pairs, was taken for ten.
MAX_ITEMS = 0.3
_ITEM = re.compile(r"\d{1,3}[.)]\s")
#: Lines without a common subject from which on they are read as articles, and not asked about.
SURE_LINES = 8
_LABEL_BEGINS = "__label__"
_FIRST_OF_MARKS = frozenset(mark[0] for mark in (*MARKS, _LABEL_BEGINS))
_LABEL = re.compile(r"((?:__label__\S+[\s,]+)+)(?=\S)")


@dataclass(frozen=True)
class ListForm:
    """How the lines of a list are read: their mark, the names of their columns, and if the first line holds these."""

    mark: str
    names: tuple[str, ...]
    has_header: bool
    told: str

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read the records of a list, a line each."""
        passed = False  # the header, the first line that is not blank
        for line in lines:
            if not line.text.strip() or (self.has_header and not passed) or _RULE_OF_TABLE.fullmatch(line.text.strip()):
                passed = passed or bool(line.text.strip())
                continue
            where = f"{uri}:{line.number}"
            if line.size > settings.max_document_bytes:
                yield too_large(where, line.size, settings.max_document_bytes)
            else:
                yield self._record(where, line.text)

    def _record(self, where: str, line: str) -> Record | Problem:
        cells = _cells(line, self.mark)
        if len(cells) > len(self.names) and "text" in self.names:  # the mark stands in the text as well
            at = self.names.index("text")
            more = len(cells) - len(self.names) + 1
            cells = [*cells[:at], self.mark.join(cells[at : at + more]), *cells[at + more :]]
        if len(cells) < len(self.names) - 1:
            before = clean(line[:BEFORE_CHARACTERS])
            return failed(where, "malformed", f"{len(cells)} columns in place of {len(self.names)}", before=before)
        return Record(where, {name: cell.strip() for name, cell in zip(self.names, cells, strict=False)})


def _cells(line: str, mark: str) -> list[str]:
    if mark == "__label__":
        label = _LABEL.match(line)
        return [label[1].replace("__label__", "").strip(), line[label.end() :]] if label else ["", line]
    return _in_table(line).split(mark) if mark == "|" else line.split(mark) if mark else [line]


#: The line below the header of a table in Markdown.
_RULE_OF_TABLE = re.compile(r"\|?(?:\s*:?-{3,}:?\s*\|)+(?:\s*:?-{3,}:?\s*)?")


def _in_table(line: str) -> str:
    """Take the marks off both ends of a row, as tables in Markdown have them."""
    row = line.strip()
    return row[1:-1] if len(row) > 1 and row[0] == row[-1] == "|" else line


def list_in(head: Head) -> ListForm | None:
    """Find the form of a list by the head of its file."""
    if _FIRST_OF_MARKS.isdisjoint(head.marks):
        return None
    lines = head.filled
    if _LABEL_BEGINS in head.text and len(lines) >= MIN_LINES and _share(lines, _LABEL) >= MIN_SAME:
        return ListForm("__label__", ("label", "text"), False, "a list, a label and a text on each line")
    for mark in MARKS:
        if mark in head.text and (form := _in_columns([line for line in head.lines if line.strip()], mark)):
            return form
    return None


def table_in(head: Head) -> ListForm | None:
    """Find a table of Markdown that is all of a file, its columns named."""
    form = _in_columns(head.filled, "|")
    return form if form and form.has_header else None


def _share(lines: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(pattern.match(line) is not None for line in lines) / len(lines)


def _in_columns(lines: Sequence[str], mark: str) -> ListForm | None:
    width, rows = _rows(lines, mark)
    if not rows:
        return None
    names = [cell.strip() for cell in rows[0]]
    if len(set(names)) == width and _is_header(names):
        return ListForm(mark, tuple(names), True, f"a list, {width} columns on each line")
    at = _column_of_text([row for row in rows if len(row) == width], width)
    if at is None:
        return None
    columns = tuple("text" if each == at else f"column_{each + 1}" for each in range(width))
    return ListForm(
        mark, columns, False, f"a list, {width} columns on each line and no header; column {at + 1} as the text"
    )


def _rows(lines: Sequence[str], mark: str) -> tuple[int, list[list[str]]]:
    """Return how many columns nearly all lines have, and the cells of the lines; none where they have not."""
    lines = [line for line in lines if mark != "|" or not _RULE_OF_TABLE.fullmatch(line.strip())]
    rows = [_cells(line, mark) for line in lines if mark in line]
    if len(lines) < MIN_LINES or len(rows) < MIN_SAME * len(lines):
        return 0, []
    width, same = Counter(map(len, rows)).most_common(1)[0]
    return (0, []) if same < MIN_SAME * len(lines) or (mark == "|" and width < MIN_COLUMNS) else (width, rows)


def _is_header(names: Sequence[str]) -> bool:
    known = [name for name in names if any(rank_of(name, role) is not None for role in ROLES)]
    return len(known) >= 2 and any(rank_of(name, role) is not None for name in names for role in ("text", "html"))


def _column_of_text(rows: Sequence[Sequence[str]], width: int) -> int | None:
    """Return the column with the most words, if it holds prose; a table of results has none."""
    words = [statistics.median(count_as_spaced(row[at]) for row in rows) for at in range(width)]
    at = max(range(width), key=lambda each: (words[each], -each))
    texts = [row[at] for row in rows]
    if words[at] < MIN_WORDS or len(set(texts)) < MIN_SAME * len(texts):
        return None
    letters = statistics.median(sum(map(str.isalpha, text)) / max(1, len(text)) for text in texts)
    return at if letters > 0.6 else None


def articles_in_lines(head: Head) -> ListForm | None:
    """Find one article a line: many long lines that share no subject."""
    lines = head.filled
    if len(lines) < SURE_LINES or not share_no_subject(lines) or _share(lines, _ITEM) > MAX_ITEMS:
        return None
    counts = [count_as_spaced(line) for line in lines]
    if sum(count >= MIN_WORDS_OF_LINE for count in counts) < MIN_SAME * len(lines):
        return None
    if statistics.median(counts) < MIN_ARTICLE_WORDS:
        return None
    return ListForm("", ("text",), False, "one article a line; [sources] one_document = true reads it as one")
