"""Roles of matches: leader clustering, one group of sentences that are connected by matches at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from stages.near_duplicates.clusters import in_order, with_roles
from stages.near_duplicates.history import SENTENCE, Rows, rows_at
from stages.near_duplicates.match_columns import TOLD
from stages.near_duplicates.tokenization import Integers

from .components import labels_in
from .exchange import ShuffleRow, answers, by_key, split, tasks
from .work import Pieces, Work, load, save

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def give_roles(spark: SparkSession, work: Work, pieces: Pieces, groups: int) -> list[int]:
    """Give all matches their roles, and write them by pieces; return how many of each piece are in clusters."""
    matches = tasks(spark, pieces.number, lambda piece: matches_by_group(work, piece, groups))
    led = by_key(matches, groups, lambda group, rows: lead(work, pieces, group, rows))
    found = by_key(led, pieces.number, lambda piece, rows: put_rows(work, piece, rows))
    counts = {piece: int(answer) for piece, answer in answers(found).items()}
    return [counts.get(piece, 0) for piece in range(pieces.number)]


def matches_by_group(work: Work, piece: int, groups: int) -> Iterator[ShuffleRow]:
    """Yield the matches of a piece by groups: those of connected sentences are in one."""
    path = work.file("matches", piece)
    if path.exists():
        matches = load(path)
        group_of = labels_in(work, piece, matches["later"]) % groups
        for group, places in split(np.arange(len(group_of)), group_of):
            yield ShuffleRow(group, piece, arrays_bytes(rows_at(matches, places)))


def lead(work: Work, pieces: Pieces, group: int, rows: Iterator[ShuffleRow]) -> Iterator[ShuffleRow]:
    """Give the matches of a group their roles, and yield them by pieces."""
    matches = in_order([arrays_of(row.values) for row in rows])
    base = work.base[SENTENCE]
    # The sentences of the group, numbered one after another: the rule depends on their order only.
    sentences = np.unique(np.append(matches["later"], matches["canonical"]))
    sentences = sentences[sentences >= base]
    compact = matches | {name: numbers_in(matches[name], sentences, base) for name in ("later", "canonical")}
    led = with_roles(compact, base, len(sentences), work.history)
    led |= {name: matches[name] for name in ("later", "canonical")}
    pieces_of = work.piece_of(pieces, SENTENCE, led["later"])
    for piece, places in split(np.arange(len(pieces_of)), pieces_of):
        yield ShuffleRow(piece, group, arrays_bytes(rows_at(led, places)))


def numbers_in(numbers: Integers, sentences: Integers, base: int) -> Integers:
    """Number sentences by their place among `sentences`, from `base` on; those before `base` keep their numbers."""
    compact: Integers = np.where(numbers < base, numbers, base + np.searchsorted(sentences, numbers))
    return compact


def put_rows(work: Work, piece: int, rows: Iterator[ShuffleRow]) -> Iterator[ShuffleRow]:
    """Write the matches of a piece with their roles."""
    found = in_order([arrays_of(row.values) for row in rows])
    save(work.file("rows", piece), found)
    yield ShuffleRow(piece, 0, str(int((found["role"] != TOLD).sum())).encode())


def arrays_bytes(arrays: Rows) -> bytes:
    """Write named arrays to bytes."""
    sink = io.BytesIO()
    np.savez(sink, **arrays)  # type: ignore[arg-type]
    return sink.getvalue()


def arrays_of(content: bytes) -> Rows:
    """Read named arrays from bytes."""
    with np.load(io.BytesIO(content)) as arrays:
        return {name: arrays[name] for name in arrays.files}
