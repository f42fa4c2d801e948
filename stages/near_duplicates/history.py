"""Segments that the corpus stage remembers: columns about the documents that one call of `extend` was given.

Documents, parts of paragraphs and sentences are numbered through all segments in the order in which they were met;
whatever has the smaller number is canonical for what has the larger. A column is read in slices or at places, so it may
lie on a disk and be larger than memory: `Held` is one in memory, `pipeline.passages.segments` has one of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .kernels import buckets
from .tokenization import Integers

#: Every column of a segment, and the type of its values.
COLUMNS: dict[str, str] = {
    # of documents
    "doc_id": "S32", "outlet": "i4", "published": "i8", "wire": "?", "article": "i8",
    # of parts of paragraphs: the part that it is an exact copy of, or -1; the last two say where words and sentences
    # begin, and have an end
    "document": "i4", "paragraph": "i4", "offset": "i4", "copy_of": "i8", "first": "i8", "sentence_first": "i8",
    "words": "i8",
    # of sentences: first word in the part, span in code points of the paragraph, part
    "start": "i4", "begin": "i4", "end": "i4", "part": "i4",
    # the digest of every part that is no exact copy of an earlier one, rising, and the part
    "digest": "i8", "digest_part": "i4",
    # passages by sentence (in rising order of `later`): the canonical sentence, spans in words of their parts: of the
    # passage, of the same in the canonical sentence, and of the words in it that are copied from the canonical sentence
    "later": "i8", "canonical": "i8", "from": "i4", "to": "i4", "there_from": "i4", "there_to": "i4",
    "copied_from": "i4", "copied_to": "i4", "similarity": "f4", "differs": "i1", "role": "i1",
    # the canonical sentences whose clusters began here, rising
    "begun": "i8",
    # ids and articles, rising, and the documents that have them
    "id": "S32", "id_document": "i4", "version": "i8", "version_document": "i4",
}  # fmt: skip
#: The type of bucket entries.
ENTRY = "i8"
#: Columns that a row of FOUND begins as.
ROWS = (
    "later", "canonical", "from", "to", "there_from", "there_to", "copied_from", "copied_to", "similarity", "differs",
    "role",
)  # fmt: skip
#: `published` of a document without a date: after all dates.
UNDATED = np.iinfo(np.int64).max
#: Values that are read at a time.
BLOCK = 1 << 18
#: Values that a search reads at once in the end: 16 KB of int64, which take hardly longer than one.
NEAR = 2048

Rows = dict[str, NDArray[Any]]


def rows_at(rows: Rows, places: Integers) -> Rows:
    """Return the rows at some places, in their order."""
    return {name: column[places] for name, column in rows.items()}


class Column(Protocol):
    """Values of one type, in memory or in a file."""

    def __len__(self) -> int: ...

    def read(self, begin: int, end: int) -> NDArray[Any]:
        """Read the values from one place to another."""

    def take(self, places: Integers) -> NDArray[Any]:
        """Read the values at some places."""


class Held:
    """A column in memory."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def read(self, begin: int, end: int) -> NDArray[Any]:
        """Read the values from one place to another."""
        return self.values[begin:end]

    def take(self, places: Integers) -> NDArray[Any]:
        """Read the values at some places."""
        return self.values[places]


class Growing(Protocol):
    """A column that whole numbers are added to, in memory or in a file."""

    def add(self, values: Integers) -> None:
        """Append values."""

    def column(self) -> Column:
        """Return the column of all that was added."""


class Joined:
    """A column in memory of arrays that are not copied into one.

    >>> column = Joined()
    >>> for values in ([1, 2, 3], [4], [5, 6]):
    ...     column.add(np.array(values))
    >>> len(column), column.read(2, 5).tolist(), column.take(np.array([5, 0, 3])).tolist()
    (6, [3, 4, 5], [6, 1, 4])
    """

    def __init__(self) -> None:
        self.arrays: list[Integers] = []
        self.first = [0]

    def add(self, values: Integers) -> None:
        """Append values, which are not copied."""
        self.arrays.append(values)
        self.first.append(self.first[-1] + len(values))

    def column(self) -> Column:
        """Return itself."""
        return self

    def __len__(self) -> int:
        return self.first[-1]

    def read(self, begin: int, end: int) -> Integers:
        """Read the values from one place to another."""
        cut = (np.clip((begin, end), first, None) - first for first in self.first[:-1])
        return joined([array[low:high] for array, (low, high) in zip(self.arrays, cut, strict=True)])

    def take(self, places: Integers) -> Integers:
        """Read the values at some places."""
        at = np.searchsorted(self.first, places, side="right") - 1
        values = np.empty(len(places), np.int64)
        for number in np.unique(at):
            chosen = at == number
            values[chosen] = self.arrays[number][places[chosen] - self.first[number]]
        return values


class Entries(NamedTuple):
    """Bucket entries, band by band: bucket << 32 | part, rising within a band."""

    first: int  # the part that theirs are counted from, itself counted from the segment's first
    bands: tuple[int, ...]  # where the entries of each band begin, and the end
    column: Column


class Segment(NamedTuple):
    """Columns about some documents that were met together, and the bucket entries of their parts.

    Entries come in one sorted column or several: those of a run's chunks are not merged, as they are most of a segment.
    """

    first: tuple[int, int, int]  # the numbers of the first document, part and sentence
    entries: tuple[Entries, ...]
    outlets: tuple[str, ...]
    columns: dict[str, Column]

    @property
    def entry_count(self) -> int:
        """Return the number of bucket entries."""
        return sum(len(each.column) for each in self.entries)

    @property
    def after(self) -> tuple[int, int, int]:
        """Numbers after those of the last document, part and sentence."""
        counts = (len(self.columns[name]) for name in ("doc_id", "document", "start"))
        return tuple(first + count for first, count in zip(self.first, counts, strict=True))  # type: ignore[return-value]


History = Sequence[Segment]
DOCUMENT, PART, SENTENCE = 0, 1, 2  # what is numbered


def after(history: History) -> tuple[int, int, int]:
    """Return the numbers that come next."""
    return history[-1].after if history else (0, 0, 0)


def look_up(history: History, kind: int, numbers: Integers, read: Callable[[Segment, Integers], Rows]) -> Rows:
    """Read columns about some documents, parts or sentences, in the order of `numbers`.

    `read` is called segment by segment, with numbers counted from the segment's first. All numbers must be known.
    """
    first = np.array([segment.first[kind] for segment in history], np.int64)
    # Empty segments have the number of the one after them: the last of equal ones has the document.
    at = np.searchsorted(first, numbers, side="right") - 1
    gathered: Rows = {}
    # With nothing to look up, columns without values.
    wanted = np.flatnonzero(np.bincount(at, minlength=len(history))).tolist() if len(at) else [-1]
    if len(wanted) == 1:
        segment = history[wanted[0]]
        return read(segment, numbers - segment.first[kind])
    for number in wanted:
        chosen = np.flatnonzero(at == number)
        segment = history[number]
        for name, values in read(segment, numbers[chosen] - segment.first[kind]).items():
            if name not in gathered:
                gathered[name] = np.empty(len(numbers), values.dtype)
            gathered[name][chosen] = values
    return gathered


def documents_of(segment: Segment, documents: Integers) -> Rows:
    """Read the columns of documents, outlets by name."""
    rows = {name: segment.columns[name].take(documents) for name in ("doc_id", "published", "wire", "article")}
    return rows | {"outlet": np.array(segment.outlets, object)[segment.columns["outlet"].take(documents)]}


def sentences_of(segment: Segment, sentences: Integers) -> Rows:
    """Read the places of sentences: numbers of their part and document, spans in words and in code points."""
    columns = segment.columns
    part = columns["part"].take(sentences).astype(np.int64)
    begin = columns["start"].take(sentences).astype(np.int64)
    last = columns["sentence_first"].take(part + 1) == sentences + 1
    end = columns["first"].take(part + 1) - columns["first"].take(part)
    if len(columns["start"]):
        end = np.where(last, end, columns["start"].take(np.minimum(sentences + 1, len(columns["start"]) - 1)))
    return {
        "part": part + segment.first[PART], "document": columns["document"].take(part) + segment.first[DOCUMENT],
        "paragraph": columns["paragraph"].take(part), "offset": columns["offset"].take(part), "from": begin, "to": end,
        "begin": columns["begin"].take(sentences), "end": columns["end"].take(sentences),
    }  # fmt: skip


def homes_of(segment: Segment, sentences: Integers) -> Rows:
    """Read the documents of sentences: their numbers, and nothing else."""
    part = segment.columns["part"].take(sentences)
    return {"document": segment.columns["document"].take(part) + np.int64(segment.first[DOCUMENT])}


class Texts(NamedTuple):
    """Words of some parts, one after another, and the word each of their sentences begins with."""

    words: Integers
    first: Integers
    sentences: Integers
    sentence_first: Integers


def texts_of(history: History, parts: Integers) -> tuple[Texts, Integers]:
    """Read the texts of some parts, given by rising numbers, and the numbers of their sentences."""
    words, lengths, starts, counts, numbers = [], [], [], [], []
    for segment in history:
        here = parts[(parts >= segment.first[PART]) & (parts < segment.after[PART])] - segment.first[PART]
        if not len(here):
            continue
        begin, end = (segment.columns["first"].take(here + n) for n in (0, 1))
        words += taken(segment.columns["words"], begin, end)
        lengths.append(end - begin)
        begin, end = (segment.columns["sentence_first"].take(here + n) for n in (0, 1))
        places = ranges(begin, end)
        starts.append(segment.columns["start"].take(places))
        counts.append(end - begin)
        numbers.append(places + segment.first[SENTENCE])
    first, sentence_first = (np.append(0, np.cumsum(joined(each))).astype(np.int64) for each in (lengths, counts))
    sentences = joined(starts) + np.repeat(first[:-1], np.diff(sentence_first))
    return Texts(joined(words), first, sentences, sentence_first), joined(numbers)


def joined(arrays: Sequence[NDArray[Any]]) -> Integers:
    """Concatenate whole numbers; none for no array."""
    return np.concatenate([np.zeros(0, np.int64), *arrays])


def ranges(begin: Integers, end: Integers) -> Integers:
    """List all places from each begin to its end.

    >>> ranges(np.array([0, 7]), np.array([2, 10])).tolist()
    [0, 1, 7, 8, 9]
    """
    lengths = end - begin
    before = np.cumsum(lengths) - lengths
    places: Integers = np.arange(lengths.sum()) + np.repeat(begin - before, lengths)
    return places


def taken(column: Column, begin: Integers, end: Integers) -> list[NDArray[Any]]:
    """Read a column from each begin to its end, some BLOCK at a time: places take more room than values.

    >>> [values.tolist() for values in taken(Held(np.arange(10)), np.array([0, 7]), np.array([2, 10]))]
    [[0, 1, 7, 8, 9]]
    """
    total = np.cumsum(end - begin)
    cuts = np.searchsorted(total, np.arange(BLOCK, int(total[-1]) if len(total) else 0, BLOCK))
    pairs = zip(np.split(begin, cuts), np.split(end, cuts), strict=True)
    return [column.take(ranges(low, high)) for low, high in pairs]


def blocks(column: Column, begin: int = 0, end: int | None = None) -> Iterator[tuple[int, NDArray[Any]]]:
    """Read a column in slices: the place each begins at, and its values."""
    end = len(column) if end is None else end
    for at in range(begin, end, BLOCK):
        yield at, column.read(at, min(at + BLOCK, end))


def found_in(column: Column, wanted: NDArray[Any]) -> tuple[Integers, Integers]:
    """Find where each wanted value begins and ends in a rising column; the wanted values must rise."""
    low, high = np.full(len(wanted), len(column), np.int64), np.zeros(len(wanted), np.int64)
    span = around(column, 0, len(column), int(wanted[0]), int(wanted[-1])) if len(wanted) else (0, 0)
    for at, values in blocks(column, *span):
        here = slice(np.searchsorted(wanted, values[0]), np.searchsorted(wanted, values[-1], side="right"))
        low[here] = np.minimum(low[here], at + np.searchsorted(values, wanted[here]))
        high[here] = at + np.searchsorted(values, wanted[here], side="right")
    return low, np.maximum(low, high)


def around(column: Column, begin: int, end: int, low: int, high: int) -> tuple[int, int]:
    """Narrow a span of a rising column to the part that holds all values from `low` to `high`, by reading few of them.

    >>> around(Held(np.arange(5 * BLOCK)), 0, 5 * BLOCK, 2 * BLOCK, 2 * BLOCK + 9) == (2 * BLOCK, 2 * BLOCK + 10)
    True
    """
    if end - begin <= BLOCK:
        return begin, end
    begin = first_from(column, begin, end, low)
    return begin, first_from(column, begin, end, high + 1)


def first_from(column: Column, begin: int, end: int, least: int) -> int:
    """Return the first place of a span of a rising column whose value is at least `least`."""
    while end - begin > NEAR:
        middle = (begin + end) // 2
        if column.read(middle, middle + 1)[0] < least:
            begin = middle + 1
        else:
            end = middle
    return begin + int(np.searchsorted(column.read(begin, end), least))


def bucket_mates(history: History, band: int, entries: Integers, most: int) -> tuple[Integers, Integers]:
    """Find earlier parts in the buckets of a band: for each the place of its bucket's first entry, and the part.

    Sorted by place and then by part; of each bucket only the first `most`.
    """
    places, parts = [], []
    lowest, highest = (int(entries[0]) >> 32 << 32, int(entries[-1]) | 0xFFFFFFFF) if len(entries) else (0, -1)
    for first, known in ((segment.first[PART] + each.first, each) for segment in history for each in segment.entries):
        span = around(known.column, known.bands[band], known.bands[band + 1], lowest, highest)
        for _, block in blocks(known.column, *span):
            place, part = buckets.mates(entries, block, most)
            places.append(place)
            parts.append(part + first)
    place, part = joined(places), joined(parts)
    order = np.argsort(place, kind="stable") if len(places) > 1 else slice(None)
    return place[order], part[order]


def texts_like(history: History, digests: Integers) -> Integers:
    """Find the last part that has each digest (they rise), -1 where none has."""
    found = np.full(len(digests), -1, np.int64)
    for segment in history:
        low, high = found_in(segment.columns["digest"], digests)
        there = high > low
        found[there] = segment.columns["digest_part"].take(high[there] - 1) + segment.first[PART]
    return found


def passages_of(history: History, sentences: Integers) -> Rows:
    """Read the passages of some sentences (rising numbers), in the order of sentences."""
    gathered: dict[str, list[NDArray[Any]]] = {name: [] for name in ROWS}
    for segment in history:
        here = sentences[(sentences >= segment.first[SENTENCE]) & (sentences < segment.after[SENTENCE])]
        if len(here):
            places = ranges(*found_in(segment.columns["later"], here))
            for name in ROWS:
                gathered[name].append(segment.columns[name].take(places))
    return {name: np.concatenate([np.zeros(0, COLUMNS[name]), *gathered[name]]) for name in ROWS}


def parts_of(history: History, documents: Integers) -> tuple[Integers, Integers]:
    """Return the first part of each document (rising numbers), and the one after its last."""
    begins, ends = [], []
    for segment in history:
        chosen = (documents >= segment.first[DOCUMENT]) & (documents < segment.after[DOCUMENT])
        if chosen.any():
            here = (documents[chosen] - segment.first[DOCUMENT]).astype(np.int32)
            low, high = found_in(segment.columns["document"], here)
            begins.append(low + segment.first[PART])
            ends.append(high + segment.first[PART])
    return joined(begins), joined(ends)


def have_begun(history: History, sentences: Integers) -> NDArray[np.bool_]:
    """Tell for some sentences (rising numbers) if their clusters have members already."""
    begun = np.zeros(len(sentences), np.bool_)
    for segment in history:
        low, high = found_in(segment.columns["begun"], sentences)
        begun |= high > low
    return begun


def versions_of(history: History, articles: Integers) -> tuple[Integers, Integers]:
    """Find the earlier documents of some articles (rising): the article of each, and its number."""
    found, documents = [], []
    for segment in history:
        low, high = found_in(segment.columns["version"], articles)
        of_article, there = np.repeat(articles, high - low), segment.columns["version_document"].take(ranges(low, high))
        # Of a segment that is the beginning of a larger one, look-ups hold all of that.
        inside = there < len(segment.columns["doc_id"])
        found.append(of_article[inside])
        documents.append(there[inside] + segment.first[DOCUMENT])
    return joined(found), joined(documents)
