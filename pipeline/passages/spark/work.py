"""The work folder of one resolution, and the pieces into which a run's documents are cut.

A *piece* is so many documents that follow each other in canonical order: what a chunk is to the local engine. Its files
lie in a folder that driver and executors share:

    <folder>/spark/steps/<step>.json     the answer of a step that is done
                   order/…               documents in canonical order
                   pieces/<piece>.npz    evidence of a piece, numbered from its own first document, part and sentence
                   copies/, pairs/, matches/, stars/, edges/, labels/, rows/, tables/, begun/<piece>…
                   sorted/<column>/…     slices of look-ups, in their order
                   segment/<column>.bin  columns of the run's segment

A file is written aside and renamed, so a task that is carried out twice leaves one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.durable import attempt, replacing
from pipeline.passages.matching import SPARK
from pipeline.passages.segments import FileColumn
from stages.near_duplicates import Settings
from stages.near_duplicates.clusters import clustered
from stages.near_duplicates.history import COLUMNS, ROWS, Column, Held, Rows, Segment
from stages.near_duplicates.numbering import NumberedEvidence
from stages.near_duplicates.tokenization import Integers

from .exchange import table_of

#: Columns of documents, of parts and of sentences; those of words, of offsets (with an end) and of rows are by name.
OF_DOCUMENTS = ("doc_id", "outlet", "published", "wire", "article")
OF_PARTS = ("document", "paragraph", "offset", "copy_of")
OF_SENTENCES = ("start", "begin", "end", "part")
OFFSETS = ("first", "sentence_first")
#: Columns that are known before anything is matched.
BASE = (*OF_DOCUMENTS, *OF_PARTS, *OFFSETS, "words", *OF_SENTENCES)
LOOK_UPS = ("digest", "digest_part", "id", "id_document", "version", "version_document")


class Pieces(NamedTuple):
    """Where documents, parts, sentences and words of each piece begin, counted from the run's first, and the ends."""

    documents: Integers
    parts: Integers
    sentences: Integers
    words: Integers
    outlets: tuple[str, ...]

    @property
    def number(self) -> int:
        """The number of pieces."""
        return len(self.documents) - 1

    def first(self, piece: int) -> tuple[int, int, int]:
        """Return the first document, part and sentence of a piece, counted from the run's first."""
        return int(self.documents[piece]), int(self.parts[piece]), int(self.sentences[piece])


@dataclass(frozen=True)
class Work:
    """Knowledge of every task: folder, settings, the segments of earlier runs, and the numbers that they end with."""

    folder: Path
    settings: Settings
    history: tuple[Segment, ...]
    base: tuple[int, int, int]
    keeps_pairs: bool = False  # candidate pairs are written, to be looked at

    @property
    def aside(self) -> Path:
        """The work folder."""
        return self.folder / SPARK

    def file(self, kind: str, number: int) -> Path:
        """Return the path of a file of arrays."""
        return self.aside / kind / f"{number:08d}.npz"

    def piece_of(self, pieces: Pieces, kind: int, numbers: Integers) -> Integers:
        """Find the pieces of documents, parts or sentences; of those of earlier runs it is below 0."""
        places: Integers = np.searchsorted(pieces[kind], numbers - self.base[kind], side="right") - 1
        return places


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Yield a path to write to, of this attempt alone; fsync the file and rename it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, attempt()) as aside:
        yield aside


def save(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays to a file."""
    with written(path) as aside, aside.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def load(path: Path, *names: str) -> dict[str, NDArray[Any]]:
    """Read the arrays of these names, or all."""
    with np.load(path) as arrays:
        return {name: arrays[name] for name in names or arrays.files}


# ---------------------------------------------------------------- pieces as evidence and as segments


def corpus_of(arrays: Mapping[str, NDArray[Any]]) -> NumberedEvidence:
    """Return the evidence of a piece, numbered in canonical order."""
    first, sentence_first = arrays["first"], arrays["sentence_first"]
    return NumberedEvidence(
        table_of(arrays["documents"].tobytes()), arrays["document"], arrays["paragraph"], arrays["offset"],
        arrays["words"], first, arrays["start"] + np.repeat(first[:-1], np.diff(sentence_first)), sentence_first,
        arrays["begin"], arrays["end"], arrays["unit_begin"], arrays["unit_end"], arrays["unit_first"],
    )  # fmt: skip


def copies_in(work: Work, piece: int, parts: int) -> Integers:
    """Return for each part of a piece the part that it is an exact copy of, or -1."""
    copy_of = np.full(parts, -1, np.int64)
    path = work.file("copies", piece)
    if path.exists():
        found = load(path)
        copy_of[found["part"]] = found["copy_of"]
    return copy_of


def rows_in(work: Work, piece: int) -> Rows:
    """Return the matches of a piece with their roles; none where none was written."""
    path = work.file("rows", piece)
    if path.exists():
        return load(path, *ROWS)
    return {name: np.zeros(0, COLUMNS[name]) for name in ROWS}


def clustered_in(work: Work, piece: int) -> Rows:
    """Return the matches of a piece that make a sentence a member of a cluster."""
    return clustered(rows_in(work, piece))


def segment_of(work: Work, pieces: Pieces, piece: int, arrays: Mapping[str, NDArray[Any]], rows: Rows) -> Segment:
    """Return a piece as a segment of its own, with its passages."""
    first = tuple(base + own for base, own in zip(work.base, pieces.first(piece), strict=True))
    columns: dict[str, Column] = {name: Held(arrays[name]) for name in (*BASE, *LOOK_UPS[2:]) if name != "copy_of"}
    columns["copy_of"] = Held(copies_in(work, piece, len(arrays["document"])))
    columns |= {name: Held(rows[name]) for name in ROWS}
    return Segment(first, (), tuple(arrays["outlets"].tolist()), columns)  # type: ignore[arg-type]


def segment_before(work: Work, pieces: Pieces, piece: int, rows: int = 0) -> Segment:
    """Return what is known of the run's documents before a piece: the beginning of the columns of its segment.

    The first `rows` passages are theirs. Look-ups (LOOK_UPS) hold all of the run.
    """
    documents, parts, sentences = pieces.first(piece)
    lengths = dict.fromkeys(OF_DOCUMENTS, documents) | dict.fromkeys(OF_PARTS, parts)
    lengths |= dict.fromkeys(OF_SENTENCES, sentences) | dict.fromkeys(OFFSETS, parts + 1)
    lengths |= dict.fromkeys(ROWS, rows) | {"words": int(pieces.words[piece])}
    folder = work.aside / "segment"
    columns: dict[str, Column] = {
        name: FileColumn(folder / f"{name}.bin", COLUMNS[name], length) for name, length in lengths.items()
    }
    for name in LOOK_UPS:
        path, size = folder / f"{name}.bin", np.dtype(COLUMNS[name]).itemsize
        columns[name] = FileColumn(path, COLUMNS[name], path.stat().st_size // size if path.exists() else 0)
    return Segment(work.base, (), pieces.outlets, columns)
