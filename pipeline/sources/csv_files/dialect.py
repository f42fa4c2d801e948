"""The dialect of a CSV file: separator, quote, escape and header, found out from its first lines.

The separator is the one that gives most rows the same number of fields, not the most frequent one: news has many
commas. What the settings say is not looked for.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pipeline.sources.fields import OTHER, ROLES, rank_of, words_of
from pipeline.sources.settings import Csv

#: Separators, the most usual first; the others are tried where none of the first fits.
COMMON = (",", "\t", ";", "|")
RARE = (
    "||",
    "|||",
    "|~|",
    "::",
    "_!_",
    "^|^",
    "\t\t",
    "@@",
    ";;",
    "<>",
    "^",
    "~",
    "\x01",
    "\x1f",
    "\x02",
    "§",
    "¦",
    "¬",
    "#",
    ":",
)
#: The share of rows with the same number of fields from which a separator is believed, and looked for no further.
#: Chosen by hand on files with a fifth of their rows broken, and on prose, in which no mark gets above a half.
ENOUGH, SURE = 0.5, 0.9
#: What known names of columns add to the share, and what it loses if all fields begin like words of a sentence. Chosen
#: by hand: where every paragraph has two commas, semicolons are found with a tenth of the rows broken.
KNOWN, PROSE = 0.2, 0.5
#: Lines that one row may take in the sample.
MAX_LINES = 200
#: Stand for a separator of several characters where only one is allowed, and for an escaped quote and backslash.
STAND_IN, QUOTE, BACKSLASH = "\ue0fe", "\ue0fd", "\ue0ff"
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_VALUE = re.compile(r"[-+]?[\d.,:/\- ]+|https?://\S*|\S+@\S+\.\S+|(?:true|false|null|nan|none)", re.IGNORECASE)
LONGEST_NAME = 60  # characters of a column's name; what is longer is a value


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written. No quote: quotes are letters like any other."""

    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    skip_space: bool = False

    @property
    def mark(self) -> str:
        """The separator in prepared lines: one character."""
        return self.delimiter if len(self.delimiter) == 1 else STAND_IN

    def prepared(self, line: str) -> str:
        """Write a line without escapes, and with a separator of one character.

        >>> Dialect(escape="\\\\").prepared('"He said \\\\"no\\\\" to C:\\\\new"'), Dialect("||").prepared("a||b")
        ('"He said \ue0fdno\ue0fd to C:\\\\new"', 'a\ue0feb')
        """
        if self.escape and self.escape in line:
            line = self._escaped.sub(self._plain, line)
        return line if len(self.delimiter) == 1 else line.replace(self.delimiter, STAND_IN)

    @cached_property
    def _escaped(self) -> re.Pattern[str]:
        return re.compile(rf"{re.escape(self.escape or '')}(.)", re.DOTALL)

    def _plain(self, found: re.Match[str]) -> str:
        if found[1] == self.quote:
            return QUOTE
        return BACKSLASH if found[1] == self.escape else found[0]

    def restored(self, value: str) -> str:
        """Write a value of a prepared line as it was meant."""
        if self.escape and self.quote:
            value = value.replace(BACKSLASH, self.escape).replace(QUOTE, self.quote)
        return value if len(self.delimiter) == 1 else value.replace(STAND_IN, self.delimiter)

    def reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        """Parse prepared lines; strictly, so that a quote in the wrong place is an error."""
        quoting = {"quotechar": self.quote} if self.quote else {"quoting": csv.QUOTE_NONE, "quotechar": None}
        return csv.reader(lines, delimiter=self.mark, strict=True, skipinitialspace=self.skip_space, **quoting)

    def in_words(self) -> str:
        """Say how a file is written, where it is not plain CSV; empty if it is.

        >>> Dialect(";").in_words(), Dialect().in_words(), Dialect("\\t", "'").in_words()
        ("separated by ';'", '', "separated by tabs, quoted with '")
        """
        marks = {"\t": "separated by tabs", ",": "", STAND_IN: "in one column"}
        parts = [marks.get(self.delimiter, f"separated by {self.delimiter!r}")]
        parts += [] if self.quote == '"' else [f"quoted with {self.quote}" if self.quote else "quotes are text"]
        parts += [f"escaped with {self.escape}"] if self.escape else []
        return ", ".join(part for part in parts if part)


# ---------------------------------------------------------------- separator, quote, escape


def find_dialect(lines: Sequence[str], settings: Csv) -> Dialect:
    """Find the dialect of a file from its first lines.

    >>> find_dialect(["id;text", "1;The ferry, late as ever, came.", "2;No news, said Ana."], Csv()).delimiter
    ';'
    """
    separators = [settings.delimiter] if settings.delimiter else COMMON
    best = max((_best_of(each, lines, settings) for each in separators), key=lambda found: found[0])
    if not settings.delimiter and best[0][0] < SURE:
        present = [each for each in RARE if sum(each in line for line in lines) > len(lines) / 50]
        rare = [found for each in present if (found := _best_of(each, lines, settings))[0][0] >= SURE]
        best = max([best, *rare], key=lambda found: found[0])
    if not settings.delimiter and (doubled := best[1].delimiter * 2) in RARE and _is_doubled(doubled, lines):
        best = _best_of(doubled, lines, settings)
    if settings.delimiter or best[0][0] >= ENOUGH:
        return best[1]
    return replace(best[1], delimiter=_of_header(lines))


def _is_doubled(doubled: str, lines: Sequence[str]) -> bool:
    """Return True if a separator never stands alone."""
    return all(line.count(doubled[0]) == 2 * line.count(doubled) for line in lines)


def _of_header(lines: Sequence[str]) -> str:
    """Return the separator of names that are known in the first line; what never occurs if there is one column."""
    known = {each: sum(map(is_known, lines[0].split(each))) for each in (*COMMON, *RARE) if lines and each in lines[0]}
    best = max(known, key=known.__getitem__, default="")
    return best if known.get(best, 0) >= 2 else STAND_IN


Score = tuple[float, int, int]


def _best_of(delimiter: str, lines: Sequence[str], settings: Csv) -> tuple[Score, Dialect]:
    """Return the best dialect with a separator and how well it fits: ties go to the plain one."""
    plain = Dialect(delimiter, settings.quote or '"', settings.escape)
    found = [plain]
    if not settings.quote:
        found = [Dialect(delimiter, quote, settings.escape) for quote in _quotes(delimiter, lines)]
    inside = re.compile(rf"""\\["'](?!{re.escape(delimiter)}|\s*$)""")
    if not settings.escape and any(inside.search(line) for line in lines):  # else a backslash ends the value
        found = [*(replace(each, escape="\\") for each in found), *found]
    spaced = sum(f'{delimiter} "' in line for line in lines)
    if spaced > len(lines) / 4 and delimiter.strip():
        found += [replace(each, skip_space=True) for each in found]
    return max(((_score(each, lines), each) for each in found), key=lambda each: each[0])


def _quotes(delimiter: str, lines: Sequence[str]) -> list[str | None]:
    """Return the quotes that fields stand in: double ones unless there is no field in them, but some in others."""
    text = "\n".join(lines)
    whole = {quote: _quoted_fields(quote, delimiter, text) for quote in "\"'"}
    if whole["'"] > 3 * whole['"'] + 1:
        return ["'"]
    return ['"'] if whole['"'] or '"' not in text else [None]


def _quoted_fields(quote: str, delimiter: str, text: str) -> int:
    """Count the fields that stand in quotes: quotes that open one, or those that close one if they are fewer."""
    mark, space = re.escape(delimiter), " ?" if quote == '"' else ""
    opened = re.compile(rf"(?:^|{mark}){space}{quote}(?!{quote})", re.MULTILINE)
    closed = re.compile(rf"[^{quote}]{quote}[ \r]?(?:$|{mark})", re.MULTILINE)
    return min(sum(1 for _ in opened.finditer(text)), sum(1 for _ in closed.finditer(text)))


def _score(dialect: Dialect, lines: Sequence[str]) -> Score:
    """Rate a dialect: the share of rows that have the most frequent number of fields, if that is more than one."""
    rows = sample_rows(dialect, lines)
    counts = Counter(map(len, rows))
    counts.pop(0, None)
    counts.pop(1, None)
    if not counts:
        return 0.0, 0, 0
    number, times = max(counts.items(), key=lambda each: (each[1], each[0]))
    known = max((sum(map(is_known, row)) for row in rows[:5] if len(row) == number), default=0)
    return round(times / len(rows) + (KNOWN if known >= 2 else 0) - _spaced(rows), 2), min(known, 3), number


def _spaced(rows: Sequence[Sequence[str]]) -> float:
    """Return what speaks for prose: the share of fields that begin with a space, if those of the first row do not."""
    if any(value.startswith(" ") for value in next((row for row in rows if row), [])):
        return 0.0
    fields = [value for row in rows for value in row[1:]]
    return PROSE * sum(value.startswith(" ") for value in fields) / max(1, len(fields))


def sample_rows(dialect: Dialect, lines: Sequence[str]) -> list[list[str]]:
    """Parse the first lines; a line that cannot be parsed is a row without fields."""
    rows: list[list[str]] = []
    at = 0
    while at < len(lines):
        taken = [dialect.prepared(line) + "\n" for line in lines[at : at + MAX_LINES]]
        reader = dialect.reader(iter(taken))
        begun = 0
        try:
            for row in reader:
                if begun and at + MAX_LINES < len(lines) and reader.line_num > MAX_LINES // 2:  # type: ignore[attr-defined]
                    break
                begun = reader.line_num  # type: ignore[attr-defined]
                rows += [[dialect.restored(value) for value in row]] if row else []
            at += begun
        except csv.Error:
            rows.append([])
            at += begun + 1
    return rows


# ---------------------------------------------------------------- header


def is_known(name: str) -> bool:
    """Return True for a name that columns of news have.

    >>> is_known("Headline"), is_known("image_url"), is_known("Ferry late again")
    (True, True, False)
    """
    name = name.strip().strip("\"'\ufeff")
    if not name or len(name) > LONGEST_NAME:
        return False
    words = words_of(name)
    return any(rank_of(name, role) is not None for role in ROLES) or (len(words) <= 3 and bool(OTHER & set(words)))


def is_header(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Return True if a first row names the columns, and is not the first record.

    >>> is_header(["id", "text"], [["1", "The ferry."]]), is_header(["7", "The ferry is late."], [["8", "It is here."]])
    (True, False)
    >>> is_header(["nr_x", "kop_x"], [["1", "The ferry is late again."]])
    True
    >>> is_header(["Ferry", "Late"], [["Storm", "Gone"]])
    False
    """
    names = [value.strip() for value in first]
    if any(len(name) > LONGEST_NAME or (name and _VALUE.fullmatch(name)) for name in names):
        return False
    filled = [name for name in names if name]
    known = sum(map(is_known, filled))
    if len(set(filled)) < len(filled) and not known:
        return False
    return (known > 0 and known * 3 >= len(filled)) or _is_unlike(names, others)


def _is_unlike(names: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Return True if a column holds numbers, dates or addresses, or long texts, and its first value is none."""
    for at, name in enumerate(names):
        values = [row[at].strip() for row in others if len(row) > at and row[at].strip()]
        if not name or len(values) < 1:
            continue
        typed = sum(_VALUE.fullmatch(value) is not None for value in values)
        longer = sum(len(value) > 4 * len(name) + 10 for value in values)
        if typed > 0.8 * len(values) or longer > 0.9 * len(values):
            return True
    return False
