"""Broken CSV: files of known records, each with one kind of damage, for the law that records in = documents + rows.

A file is made of a shape (how CSV is written) and a damage (what happened to it). Every text is invented and holds the
number of its record, so that what was read can be compared with what was written.
"""

from __future__ import annotations

import csv
import io
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

WORDS = (
    "ferry harbour council tunnel bakery orchard museum bridge storm engine meadow quay lighthouse valve choir comet"
)


@dataclass(frozen=True)
class Shape:
    """How the file is written."""

    name: str
    columns: tuple[str, ...]
    delimiter: str = ","
    quoting: int = csv.QUOTE_MINIMAL
    line_end: str = "\r\n"
    paragraphs: int = 1
    commas: bool = True
    header: bool = True


FULL = ("id", "title", "url", "date", "text")
SHAPES = (
    Shape("minimal", FULL),
    Shape("all quoted", FULL, quoting=csv.QUOTE_ALL),
    Shape("paragraphs", FULL, quoting=csv.QUOTE_ALL, paragraphs=4),
    Shape("paragraphs of a few", FULL, paragraphs=3, line_end="\n"),
    Shape("text in the middle", ("id", "text", "date"), quoting=csv.QUOTE_NONNUMERIC, paragraphs=2),
    Shape("semicolons", FULL, delimiter=";", paragraphs=2),
    Shape("tabs", FULL, delimiter="\t", line_end="\n"),
    Shape("two columns", ("id", "text"), commas=False, line_end="\n"),
    Shape("two columns, quoted", ("id", "text"), quoting=csv.QUOTE_ALL),
    Shape("title and text", ("title", "text"), quoting=csv.QUOTE_ALL),
    Shape("no header", FULL, header=False, quoting=csv.QUOTE_ALL),
    Shape("text first", ("text", "url", "date"), quoting=csv.QUOTE_ALL, paragraphs=2),
)  # fmt: skip


def prose(rng: random.Random, number: int, paragraphs: int, *, commas: bool) -> str:
    """Write a text of some sentences that names its number."""
    parts = []
    for _ in range(paragraphs):
        words = [rng.choice(WORDS.split()) for _ in range(rng.randint(18, 40))]
        words[5] += "," if commas else ""
        words[11] += ", and" if commas else ""
        parts.append(" ".join(words).capitalize() + f" of number {number}.")
    return "\n".join(parts)


def rows_of(shape: Shape, count: int, rng: random.Random) -> list[list[str]]:
    """Make the records of a file."""
    made = {
        "id": lambda n: str(1000 + n),
        "title": lambda n: f"Ferry {n} is late again",
        "url": lambda n: f"https://holmpost.example/{n}",
        "date": lambda n: f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}",
        "text": lambda n: prose(rng, n, shape.paragraphs, commas=shape.commas),
    }
    return [[made[name](number) for name in shape.columns] for number in range(count)]


def written(shape: Shape, rows: list[list[str]]) -> list[str]:
    """Write each record as it stands in the file, with its line end."""
    records = []
    for row in rows:
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=shape.delimiter, quoting=shape.quoting, lineterminator=shape.line_end)  # type: ignore[arg-type]
        writer.writerow(row)
        records.append(out.getvalue())
    return records


Damage = Callable[[str, Shape, random.Random], str]


def _insert(mark: str, where: str) -> Damage:
    """Put a mark somewhere into a record: in a word, between words, at the beginning or the end."""

    def damage(record: str, shape: Shape, rng: random.Random) -> str:
        end = len(record) - len(shape.line_end)
        spaces = [at for at, letter in enumerate(record[:end]) if letter == " "]
        letters = [at for at in range(1, end) if record[at].isalpha() and record[at - 1].isalpha()]
        at = {
            "start": 0,
            "end": end,
            "before a word": rng.choice(spaces) + 1,
            "after a word": rng.choice(spaces),
            "in a word": rng.choice(letters),
            "after a separator": record.find(shape.delimiter) + 1,
            "before a separator": max(record.find(shape.delimiter), 0),
        }[where]
        return record[:at] + mark + record[at:]

    return damage


def _drop(mark: str, which: str) -> Damage:
    """Take one mark out of a record."""

    def damage(record: str, shape: Shape, rng: random.Random) -> str:
        wanted = {"separator": shape.delimiter, "quote": '"'}.get(mark, mark)
        places = [at for at, letter in enumerate(record) if letter == wanted]
        if not places:
            return record
        at = {"first": places[0], "last": places[-1], "any": rng.choice(places)}[which]
        return record[:at] + record[at + 1 :]

    return damage


def _cut(share: float) -> Damage:
    return lambda record, shape, _: record[: int((len(record) - len(shape.line_end)) * share)] + shape.line_end


def _replace(old: str, new: str) -> Damage:
    return lambda record, _shape, _rng: record.replace(old, new)


def _twice(damage: Damage) -> Damage:
    return lambda record, shape, rng: damage(damage(record, shape, rng), shape, rng)


def _quoted_word(record: str, shape: Shape, rng: random.Random) -> str:
    words = record.split(" ")
    at = rng.randrange(1, max(2, len(words) - 1))
    return " ".join([*words[:at], f'"{words[at]}"', *words[at + 1 :]]) if len(words) > 2 else record


def _opened_text(record: str, shape: Shape, rng: random.Random) -> str:
    at = record.rfind(shape.delimiter) + 1
    return record[:at] + '"' + record[at:].replace('"', "")


PLACES = ("start", "end", "before a word", "after a word", "in a word", "after a separator", "before a separator")
DAMAGES: dict[str, Damage] = {
    **{f"a quote {where}": _insert('"', where) for where in PLACES},
    **{f"two quotes {where}": _insert('""', where) for where in PLACES},
    **{f"three quotes {where}": _insert('"""', where) for where in PLACES},
    **{f"quotes twice {where}": _twice(_insert('"', where)) for where in PLACES},
    **{f"an apostrophe {where}": _insert("'", where) for where in PLACES},
    **{f"a backslash {where}": _insert("\\", where) for where in PLACES},
    **{f"a backslash and quote {where}": _insert('\\"', where) for where in PLACES},
    **{f"a zero {where}": _insert("\0", where) for where in PLACES},
    **{f"a form feed {where}": _insert("\x0c", where) for where in PLACES},
    **{f"a line separator {where}": _insert("\u2028", where) for where in PLACES},
    **{f"a lone surrogate {where}": _insert("\udce9", where) for where in PLACES},
    **{f"a byte order mark {where}": _insert("\ufeff", where) for where in PLACES},
    **{f"a separator more {where}": lambda r, s, g, w=where: _insert(s.delimiter, w)(r, s, g) for where in PLACES},  # type: ignore[misc]
    **{f"{which} quote is missing": _drop("quote", which) for which in ("first", "last", "any")},
    **{f"{which} two quotes are missing": _twice(_drop("quote", which)) for which in ("first", "last", "any")},
    **{f"{which} separator is missing": _drop("separator", which) for which in ("first", "last", "any")},
    **{f"cut after {share}": _cut(share) for share in (0.2, 0.4, 0.6, 0.8, 0.95)},
    "no quotes": _replace('"', ""),
    "quotes doubled": _replace('"', '""'),
    "quotes escaped": _replace('"', '\\"'),
    "curly quotes": _replace('"', "“"),
    "single quotes": _replace('"', "'"),
    "a quoted word": _quoted_word,
    "three quoted words": _twice(_quoted_word),
    "text opened and not closed": _opened_text,
    "blank lines behind": lambda record, shape, _: record + 3 * shape.line_end,
    "spaces behind": lambda record, shape, _: record.removesuffix(shape.line_end) + "   " + shape.line_end,
    "separators behind": lambda r, s, _: r.removesuffix(s.line_end) + s.delimiter + s.line_end,
    "another line end": lambda record, shape, _: record.removesuffix(shape.line_end) + "\r\n",
    "a lone return behind": lambda record, shape, _: record.removesuffix(shape.line_end) + "\r",
}
#: How many records of a file are damaged.
EXTENTS: dict[str, Callable[[int], list[int]]] = {
    "one": lambda count: [count // 2],
    "the first": lambda _: [0],
    "the last": lambda count: [count - 1],
    "two": lambda count: [count // 3, count // 3 + 3],
    "two that follow": lambda count: [count // 2, count // 2 + 1],
    "every tenth": lambda count: list(range(4, count, 10)),
}


@dataclass(frozen=True)
class Broken:
    """A broken file: its name, its bytes, the numbers of all its records and of those that are damaged."""

    name: str
    content: bytes
    count: int
    damaged: frozenset[int]


def broken_files(seed: int, count: int = 40, step: int = 1) -> Iterator[Broken]:
    """Yield a file for each shape, damage and extent, or for one of so many."""
    kinds = itertools.product(SHAPES, DAMAGES.items(), EXTENTS.items())
    for shape, (name, damage), (extent, chosen) in itertools.islice(kinds, 0, None, step):
        yield broken(f"{shape.name} | {name} | {extent} | {seed}", shape, damage, chosen(count), count)


def broken(name: str, shape: Shape, damage: Damage, chosen: list[int], count: int) -> Broken:
    """Make one broken file."""
    rng = random.Random(name)
    records = written(shape, rows_of(shape, count, rng))
    for at in chosen:
        records[at] = damage(records[at], shape, rng)
    header = written(shape, [list(shape.columns)]) if shape.header else []
    text = "".join([*header, *records])
    return Broken(name, text.encode("utf-8", "surrogateescape"), count, frozenset(chosen))
