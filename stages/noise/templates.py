"""Template mining: finds the paragraphs that an outlet prints on page after page, from its own documents.

`evidence` per shard, `in_order` over all documents, `weigh` over the paragraphs of one range of masks, `supports_in`
per document. Mining is *causal*: documents are ordered by time, and the templates of one depend on those before it
only, so that nights in order of publication give the cuts that one run over all of them gives.

A document counts for its paragraphs unless an earlier one of its outlet has the same two longest paragraphs: a story
printed twice is no template. A paragraph that other outlets print too is none either: it is copied news, or furniture
so common that the rule packs know it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from stages.contract import PARAGRAPH_BREAK, TIMESTAMP
from stages.noise.paragraph_shapes import ends_closed

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Evidence of a shard: its documents, and their paragraphs sorted by mask.
DOCUMENTS = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("outlet", pa.string(), nullable=False),
        pa.field("published", TIMESTAMP),
        pa.field("sketch", pa.int64(), nullable=False),  # the same for two copies of a story
    ]
)
PARAGRAPHS = pa.schema(
    [
        pa.field("mask", pa.int64(), nullable=False),
        pa.field("document", pa.int64(), nullable=False),  # its number in the shard
        pa.field("paragraph", pa.int64(), nullable=False),
        pa.field("fixed", pa.int64(), nullable=False),  # words that are not masked
    ]
)
#: The paragraphs that are templates in the documents of a shard.
CHOSEN = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("mask", pa.int64(), nullable=False),
        pa.field("support", pa.int64(), nullable=False),  # earlier documents of the outlet that hold it
        pa.field("accepted", pa.bool_(), nullable=False),  # by a person
    ]
)
#: Recurring paragraphs, as a table for people; `status` is automatic, accepted, refused or proposed.
TEMPLATES = pa.schema(
    [
        pa.field("outlet", pa.string(), nullable=False),
        pa.field("mask", pa.int64(), nullable=False),
        pa.field("masked", pa.string(), nullable=False),
        pa.field("example", pa.string(), nullable=False),
        pa.field("support", pa.int64(), nullable=False),
        pa.field("elsewhere", pa.int64(), nullable=False),
        pa.field("first_seen", TIMESTAMP),
        pa.field("last_seen", TIMESTAMP),
        pa.field("status", pa.string(), nullable=False),
        pa.field("documents", pa.list_(pa.string()), nullable=False),  # a few that hold it
    ]
)
NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
DIGITS = re.compile(r"\d+")
NAME_RUN = re.compile(r"(?<=\s)(?:[A-ZÀ-ÖØ-Þ][\w'’.-]+)(?:\s+[A-ZÀ-ÖØ-Þ][\w'’.-]+)+")
WORD = re.compile(r"[^\W\d_]{2,}")
PLANE = 0x10000  # characters of the basic plane
#: A day or a year: it says when the page was made, and is not counted among a paragraph's figures.
DAY = re.compile(
    r"\b\d{1,4}([./-])\d{1,2}\1\d{1,4}\b"
    r"|(?:\b\d{1,2}[^\W\d]*\W{1,2}(?:de )?[^\W\d]{3,}\W{1,2}(?:de )?|\b[^\W\d]{3,}\W{1,2}\d{1,2}[^\W\d]*\W{1,2}|\b)"
    r"(?:19|20)\d\d\b"
)
#: So many figures are a paragraph's content (weather, rates, results, tides), unless it has so many words to each.
FIGURES, WORDS_PER_FIGURE = 2, 4
#: Times as numbers; a document without one comes last.
UNDATED = np.iinfo(np.int64).max
SENTENCE_WORDS = 6  # of what ends as prose does: a sentence from here on, below a stamp ("Updated 12:40.")
MAX_WORDS = 60  # of a paragraph that can be a template; chosen by hand, not tuned
LONGEST = 2  # paragraphs that tell a story from others; one alone can be an outlet's own notice, longer than its news


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits from which on a paragraph that recurs is a template without a person's answer."""

    min_support: int = 8  # earlier documents of the outlet; docs/method/noise.md has the curve
    min_share: float = 0.01  # of the outlet's earlier documents
    max_elsewhere: float = 0.25  # documents of other outlets per document of its own
    min_fixed_words: int = 2  # "FALSE" and "– Name" recur in stories

    def __post_init__(self) -> None:
        if self.min_support < 2:
            raise ValueError(f"min_support must be at least 2, not {self.min_support}")


class TemplateEvidence(NamedTuple):
    """Documents and paragraphs of a shard (schemas DOCUMENTS, PARAGRAPHS)."""

    documents: pa.Table
    paragraphs: pa.Table


class Documents(NamedTuple):
    """All documents of a run, shard after shard, each with its place in the order of publication."""

    outlet: Ints
    published: Ints
    place: Ints
    counting: Bools  # no earlier document of its outlet tells the same story
    earlier: Ints  # counting documents of its outlet before it


class Rows(NamedTuple):
    """Paragraphs of a range of masks, their documents numbered through all shards."""

    mask: Ints
    document: Ints
    paragraph: Ints
    fixed: Ints


class Counts(NamedTuple):
    """Number of documents of an outlet that hold a mask, sorted by mask; `key` stands for outlet and mask."""

    mask: Ints
    key: Ints
    support: Ints
    first_seen: Ints
    last_seen: Ints

    @classmethod
    def none(cls) -> Counts:
        """Return empty counts."""
        return cls(*(np.zeros(0, np.int64) for _ in cls._fields))


@dataclass(frozen=True, slots=True)
class Answers:
    """People's answers on templates: keys of outlet and mask."""

    accepted: frozenset[int] = field(default_factory=frozenset)
    refused: frozenset[int] = field(default_factory=frozenset)


class Weighed(NamedTuple):
    """Evidence on each row's mask from the documents before it."""

    key: Ints
    support: Ints
    elsewhere: Ints
    automatic: Bools
    accepted: Bools


class Support(NamedTuple):
    """Evidence of a template: the rule's name, and how many earlier documents of the outlet hold it."""

    rule: str
    documents: int
    accepted: bool = False


# ---------------------------------------------------------------- paragraphs


def mask_of(paragraph: str) -> str:
    """Mask what changes from page to page in a paragraph: numbers and names.

    A sentence stays as it is: one that recurs with other figures ("The index closed at 7,012.") is news. So does what
    is mostly figures: without them nothing of it would be left.

    >>> mask_of("2 min read · a report by Mara Quill on 12 May")
    '0 min read · a report by Name on 0 May'
    >>> mask_of("The council met in Port Anning on 3 May 2031.")
    'The council met in Port Anning on 3 May 2031.'
    >>> mask_of("Updated 12:40."), mask_of("Posted on 3 May 2031, 12:40"), mask_of("High tide 06:10, low tide 12:20")
    ('Updated 0.', 'Posted on 0 May 0, 0', 'High tide 06:10, low tide 12:20')
    """
    return mask_of_words(paragraph.split())


def mask_of_words(words: Sequence[str]) -> str:
    """Mask what changes from page to page among the words of a paragraph."""
    plain = " ".join(words)
    closed = ends_closed(plain)
    if (closed and len(words) >= SENTENCE_WORDS) or is_mostly_figures(plain):
        return plain
    masked = NUMBER.sub("0", plain)
    return masked if closed else NAME_RUN.sub("Name", masked)


def is_mostly_figures(plain: str) -> bool:
    """Tell if a paragraph's figures are its content: two or more, days aside, and few words to each.

    >>> is_mostly_figures("Dax 15,234 +1.2 %"), is_mostly_figures("2 min read · a report by Mara Quill on 12 May")
    (True, False)
    """
    if len(DIGITS.findall(plain)) < FIGURES:  # nearly always; days take whole runs of digits away
        return False
    figures = len(NUMBER.findall(DAY.sub(" ", plain)))
    return figures >= FIGURES and len(WORD.findall(plain)) < WORDS_PER_FIGURE * figures


def fixed_words(masked: str) -> int:
    """Count the words of a mask that stand for themselves.

    >>> fixed_words("0 min read · a report by Name on 0 May"), fixed_words("– Name")
    (6, 0)
    """
    words = WORD.findall(masked)
    return len(words) - words.count("Name")


def fixed_words_of(masks: Sequence[str]) -> Ints:
    """Count the words of each mask that stand for themselves, as `fixed_words` does, in all of them at once.

    >>> fixed_words_of(["High tide: 0", "by Name", "", "à Velin"]).tolist()
    [2, 1, 0, 1]
    """
    lines = "\n".join(["", *masks, "", ""]).encode("utf-32-le", "surrogatepass")  # each mask stands behind a "\n"
    codes = np.frombuffer(lines, np.uint32)
    letters = letters_of_plane().take(codes, mode="clip")  # what is beyond becomes U+FFFF, which is no letter
    begins = ~letters[:-2] & letters[1:-1] & letters[2:]
    ends = np.cumsum([0, *(len(masked) + 1 for masked in masks)])
    before = np.concatenate([[0], np.cumsum(begins)])
    counts: Ints = before[ends[1:]] - before[ends[:-1]]
    beyond = np.searchsorted(ends, np.flatnonzero(codes >= PLANE) - 1, side="right") - 1
    for at in {*beyond.tolist(), *(at for at, masked in enumerate(masks) if "Name" in masked)}:
        counts[at] = fixed_words(masks[at])
    return counts


@cache
def letters_of_plane() -> Bools:
    """Return for each character of the basic plane if it is a letter in WORD; all planes would take 0.1 s."""
    letters = np.zeros(PLANE, np.bool_)
    for run in re.finditer(r"[^\W\d_]+", "".join(map(chr, range(PLANE)))):
        letters[run.start() : run.end()] = True
    return letters


def digest(text: str) -> int:
    """Return a signed 64-bit digest, as the tables hold it."""
    unsigned: int = xxhash.xxh3_64_intdigest(text.encode())
    return unsigned - (1 << 64) if unsigned >= 1 << 63 else unsigned


@lru_cache(maxsize=65536)
def outlet_digest(outlet: str) -> int:
    """Return the digest of an outlet's name."""
    return digest(outlet)


def keys_of(outlet: Ints, values: Ints) -> Ints:
    """Combine outlets with masks (or sketches) to one number each."""
    return (outlet.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ values.view(np.uint64)).view(np.int64)


def key_of(outlet: str, mask: int) -> int:
    """Return the key of one outlet and one mask."""
    return int(keys_of(np.array([outlet_digest(outlet)], np.int64), np.array([mask], np.int64))[0])


def rule_of(outlet: str, mask: int) -> str:
    """Return the name of a template in the ledger.

    >>> rule_of("plume", -1)
    'template:plume/ffffffffffffffff'
    """
    return f"template:{outlet}/{mask & 0xFFFFFFFFFFFFFFFF:016x}"


def mask_in(rule: str) -> tuple[str, int]:
    """Return the outlet and the mask of a template's name in the ledger.

    >>> mask_in("template:plume/ffffffffffffffff")
    ('plume', -1)
    """
    outlet, _, digits = rule.removeprefix("template:").rpartition("/")
    return outlet, int(np.uint64(int(digits, 16)).astype(np.int64))


# ---------------------------------------------------------------- evidence, shard by shard


def evidence(documents: pa.Table) -> TemplateEvidence:
    """List the documents of a shard, and every paragraph of theirs that could be a template, once a document."""
    rows: list[tuple[int, int, int]] = []
    masks: list[str] = []
    sketches = []
    for number, text in enumerate(documents["text"].to_pylist()):
        paragraphs = text.split(PARAGRAPH_BREAK)
        sketches.append(sketch(paragraphs))
        found = masks_in(paragraphs)
        rows += [(mask, number, at) for mask, (at, _) in found.items()]
        masks += [masked for _, masked in found.values()]
    columns = [*np.array(rows, np.int64).reshape(-1, 3).T, fixed_words_of(masks)]
    order = np.lexsort((columns[1], columns[0]))
    arrays = [pa.array(column[order], pa.int64()) for column in columns]
    known = documents.select(DOCUMENTS.names[:-1]).append_column("sketch", pa.array(sketches, pa.int64()))
    return TemplateEvidence(known.cast(DOCUMENTS), pa.Table.from_arrays(arrays, schema=PARAGRAPHS))


def sketch(paragraphs: Sequence[str]) -> int:
    """Digest a document's longest paragraphs: the same for two copies of a story, whatever stands around it."""
    longest = sorted(paragraphs, key=len, reverse=True)[:LONGEST]
    return digest(PARAGRAPH_BREAK.join(mask_of(paragraph) for paragraph in longest))


def masks_in(paragraphs: Sequence[str]) -> dict[int, tuple[int, str]]:
    """Return the masks of a document's paragraphs by their digests: where each stands first, and its words."""
    found: dict[int, tuple[int, str]] = {}
    for at, paragraph in enumerate(paragraphs):
        words = paragraph.split()
        if paragraph and len(words) <= MAX_WORDS:
            masked = mask_of_words(words)
            found.setdefault(digest(masked), (at, masked))
    return found


# ---------------------------------------------------------------- order


def in_order(documents: pa.Table, counted_before: Bools, sizes: Mapping[int, int]) -> Documents:
    """Put the documents of all shards in the order of publication (time, then id; undated ones last).

    `counted_before` is true where an earlier run counted a document of the same outlet and sketch; `sizes` are the
    documents of each outlet that earlier runs counted.
    """
    published = documents["published"].cast(pa.int64()).fill_null(UNDATED).to_numpy()
    order = pc.sort_indices(documents, [("published", "ascending"), ("doc_id", "ascending")])  # without a time: last
    place = np.empty(len(documents), np.int64)
    place[order.to_numpy()] = np.arange(len(documents))
    outlet = outlets_of(documents)
    same = keys_of(outlet, documents["sketch"].to_numpy())
    counting = ~counted_before & (count_before(same, place, np.ones(len(place), np.bool_)) == 0)
    outlets, at = np.unique(outlet, return_inverse=True)
    history = np.array([sizes.get(one, 0) for one in outlets.tolist()], np.int64)
    return Documents(outlet, published, place, counting, count_before(outlet, place, counting) + history[at])


def outlets_of(documents: pa.Table) -> Ints:
    """Return the digest of each document's outlet."""
    names = documents["outlet"].combine_chunks().dictionary_encode()
    digests = np.array([outlet_digest(name) for name in names.dictionary.to_pylist()], np.int64)
    return np.asarray(digests[names.indices.to_numpy()])


def sizes(documents: Documents) -> Ints:
    """Return for each document the number of documents of its outlet that count."""
    outlets, at = np.unique(documents.outlet, return_inverse=True)
    found = np.zeros(len(outlets), np.int64)
    np.maximum.at(found, at, documents.earlier + documents.counting)
    return np.asarray(found[at])


def count_before(keys: Ints, place: Ints, counting: Bools) -> Ints:
    """Return for each row the number of counting rows with its key and an earlier place.

    >>> count_before(np.array([7, 7, 8, 7]), np.array([2, 0, 1, 3]), np.array([True, True, True, False])).tolist()
    [1, 0, 0, 2]
    """
    order = np.lexsort((place, keys))
    counted = counting[order].astype(np.int64)
    before = np.cumsum(counted) - counted
    sorted_keys = keys[order]
    first = np.ones(len(keys), np.bool_)
    first[1:] = sorted_keys[1:] != sorted_keys[:-1]
    found = np.empty(len(keys), np.int64)
    found[order] = before - before[first][np.cumsum(first) - 1]
    return found


# ---------------------------------------------------------------- weighing


def weigh(rows: Rows, documents: Documents, history: Counts, limits: Limits, answers: Answers) -> Weighed:
    """Weigh each row's mask by the documents before the row's own, those of earlier runs (`history`) first.

    `rows` are all that this run has of their masks, `history` all that earlier runs have of them.
    """
    outlet, place = documents.outlet[rows.document], documents.place[rows.document]
    counting = documents.counting[rows.document]
    key = keys_of(outlet, rows.mask)
    support = count_before(key, place, counting) + total(history.key, history.support, key)
    everywhere = count_before(rows.mask, place, counting) + total(history.mask, history.support, rows.mask)
    elsewhere = everywhere - support
    automatic = is_automatic(support, elsewhere, documents.earlier[rows.document], rows.fixed, limits)
    return Weighed(
        key, support, elsewhere, automatic & ~is_among(key, answers.refused), is_among(key, answers.accepted)
    )


def is_automatic(support: Ints, elsewhere: Ints, documents: Ints, fixed: Ints, limits: Limits) -> Bools:
    """Return True where counts make a template without a person's answer."""
    enough = (support >= limits.min_support) & (support >= limits.min_share * documents)
    chosen: Bools = enough & (elsewhere <= limits.max_elsewhere * support) & (fixed >= limits.min_fixed_words)
    return chosen


def is_among(keys: Ints, chosen: Collection[int]) -> Bools:
    """Return True for each key that is among the chosen ones."""
    return np.isin(keys, np.fromiter(chosen, np.int64, len(chosen)))


def total(names: Ints, numbers: Ints, wanted: Ints) -> Ints:
    """Return the sum of the numbers under each wanted name.

    >>> total(np.array([5, 3, 5]), np.array([1, 10, 100]), np.array([5, 4])).tolist()
    [101, 0]
    """
    if not len(names):
        return np.zeros(len(wanted), np.int64)
    known, at = np.unique(names, return_inverse=True)
    sums = np.zeros(len(known), np.int64)
    np.add.at(sums, at, numbers)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[place] == wanted, sums[place], 0)


def count(rows: Rows, documents: Documents) -> Counts:
    """Count these rows by outlet and mask, for the runs that come after."""
    used = documents.counting[rows.document]
    mask, document = rows.mask[used], rows.document[used]
    if not len(mask):
        return Counts.none()
    keys, first, at = np.unique(keys_of(documents.outlet[document], mask), return_index=True, return_inverse=True)
    published = documents.published[document]
    support, seen, last = (np.full(len(keys), start, np.int64) for start in (0, UNDATED, -UNDATED))
    np.add.at(support, at, 1)
    np.minimum.at(seen, at, published)
    np.maximum.at(last, at, np.where(published == UNDATED, -UNDATED, published))
    found = Counts(mask[first], keys, support, seen, last)
    return Counts(*(column[np.lexsort((found.key, found.mask))] for column in found))


def seen(counts: Counts, key: int) -> tuple[int, int]:
    """Return when a template was first and last seen, as TIMESTAMP counts."""
    own = counts.key == key
    return int(counts.first_seen[own].min()), int(counts.last_seen[own].max())


def held_by(counts: Counts, masks: Ints) -> Counts:
    """Select the counts of some masks, which are sorted. Touches no more of `counts` than it must."""
    start, end = (np.searchsorted(counts.mask, masks, side) for side in ("left", "right"))
    lengths = end - start
    at = np.repeat(start - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(lengths.sum())
    return Counts(*(np.asarray(column)[at] for column in counts))


def joined(parts: Iterable[Counts]) -> Counts:
    """Concatenate the counts of several runs; a key may be there more than once."""
    found = [Counts.none(), *parts]
    return Counts(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


# ---------------------------------------------------------------- document by document


#: By document: the masks that are templates in it, each with its support and whether a person accepted it.
Chosen = dict[str, dict[int, tuple[int, bool]]]


def by_document(chosen: pa.Table) -> Chosen:
    """Group a table of chosen paragraphs (schema CHOSEN) by document."""
    known: Chosen = {}
    for row in chosen.to_pylist():
        known.setdefault(row["doc_id"], {})[row["mask"]] = (row["support"], row["accepted"])
    return known


def supports_in(outlet: str, paragraphs: Sequence[str], masks: Mapping[int, tuple[int, bool]]) -> dict[int, Support]:
    """Find the paragraphs of a document that are templates."""
    digests = [(at, digest(mask_of(paragraph))) for at, paragraph in enumerate(paragraphs)] if masks else []
    return {at: Support(rule_of(outlet, mask), *masks[mask]) for at, mask in digests if mask in masks}


def accepted_in(documents: pa.Table, answers: Answers) -> pa.Table:
    """Find the paragraphs that a person accepted, where nothing is known of other documents (schema CHOSEN)."""
    found = evidence(documents)
    at = found.paragraphs["document"].to_numpy()
    mask = found.paragraphs["mask"].to_numpy()
    held = np.flatnonzero(is_among(keys_of(outlets_of(found.documents)[at], mask), answers.accepted))
    columns = [found.documents["doc_id"].take(at[held]), mask[held], np.zeros(len(held)), np.ones(len(held))]
    return pa.table(dict(zip(CHOSEN.names, columns, strict=True))).cast(CHOSEN)
