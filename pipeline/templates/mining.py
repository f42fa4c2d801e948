"""Learning templates: over the documents of a run, and what all runs before it counted.

    out/index/templates/run=<run_id>/counts.arrow      documents by outlet and mask, sorted by mask
                                     sketches.arrow    the documents that were counted, sorted
                                     outlets.arrow     how many of each outlet
    out/templates/run=<run_id>/part-00000.parquet      what recurs, in words (docs/tables.md)

Counts of runs add up, so no run's file is ever written again. A range of masks at a time is held in memory, and of
earlier runs only what they have of the same masks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import feather

from pipeline.storage.replay import changes_by_document, text_before
from pipeline.storage.tables import folder_of, parts, write_part
from stages.contract import PARAGRAPH_BREAK
from stages.noise import templates
from stages.noise.templates import Answers, Counts, Documents, Limits, Rows, Weighed

#: Paragraphs that are weighed at once; more are weighed range by range.
ROWS_AT_ONCE = 300_000
#: Documents of an outlet from which on a paragraph is worth asking a person about, and documents named with it.
PROPOSED = 3
NAMED = 5
COUNTS = pa.schema([(name, pa.int64()) for name in Counts._fields])


@dataclass(frozen=True)
class Lesson:
    """What is learned from: prepared files and the evidence beside them, earlier runs, a person's answers."""

    folder: Path  # where the run is staged
    names: Sequence[str]  # of the prepared files
    earlier: Sequence[Path]  # folders of the counts of earlier runs
    limits: Limits
    answers: Answers

    def documents_of(self, name: str) -> pa.Table:
        """The documents of a prepared file."""
        return feather.read_table(evidence_path(self.folder, name, "documents"))

    def paragraphs_of(self, name: str) -> pa.Table:
        """Its paragraphs, which are left on the disk until they are looked at."""
        return feather.read_table(evidence_path(self.folder, name, "paragraphs"), memory_map=True)

    def texts(self, name: str) -> list[str]:
        """The texts of a prepared file."""
        texts: list[str] = feather.read_table(self.folder / "prepared" / f"{name}.arrow", ["text"])["text"].to_pylist()
        return texts


class Candidate(NamedTuple):
    """A template as it will stand in the table, its text and documents still as numbers."""

    key: int
    mask: int
    support: int
    elsewhere: int
    first_seen: int
    last_seen: int
    automatic: bool
    documents: list[int]
    paragraph: int  # in the first of them


def evidence_path(folder: Path, name: str, kind: str) -> Path:
    """Where the evidence beside a prepared file lies."""
    return folder / "masks" / f"{name}.{kind}.arrow"


def keep_evidence(folder: Path, name: str, documents: pa.Table) -> list[Path]:
    """Keep what prepared documents say of templates, and say where. Uncompressed: it is read in ranges."""
    files = []
    for kind, table in templates.evidence(documents)._asdict().items():
        files.append(evidence_path(folder, name, kind))
        feather.write_feather(table, files[-1], compression="uncompressed")
    return files


def learn(lesson: Lesson) -> None:
    """Write, beside each prepared file, which of its paragraphs are templates; the counts of this run; the table."""
    known = pa.concat_tables([lesson.documents_of(name) for name in lesson.names])
    documents = _in_order(known, lesson.earlier)
    index = lesson.folder / "index" / "templates"
    index.mkdir(parents=True, exist_ok=True)  # a run that was killed learns again
    chosen: list[tuple[np.ndarray[Any, Any], ...]] = []
    candidates: list[Candidate] = []
    with pa.ipc.new_file(index / "counts.arrow", COUNTS) as file:
        for rows in _ranges(lesson):
            history = templates.joined(_counted(lesson.earlier, np.unique(rows.mask)))
            weighed = templates.weigh(rows, documents, history, lesson.limits, lesson.answers)
            held = weighed.automatic | weighed.accepted
            chosen.append((rows.document[held], rows.mask[held], weighed.support[held], weighed.accepted[held]))
            counts = templates.count(rows, documents)
            file.write_batch(pa.record_batch(list(counts), schema=COUNTS))
            candidates += _candidates(rows, documents, weighed, templates.joined([history, counts]), lesson.limits)
    _write_sketches(index, known, documents)
    _write_chosen(lesson, known, chosen)
    write_part(lesson.folder, "templates", 0, _table(lesson, known, candidates))


def chosen_in(folder: Path, name: str) -> pa.Table:
    """The paragraphs of a prepared file that are templates."""
    return feather.read_table(folder / "masks" / f"{name}.chosen.arrow")


def rebuild(out: Path, run: str, lesson: Lesson) -> None:
    """Count a published run again, from its tables; `lesson` names an empty folder, and the runs before it.

    Only documents of which nothing was left are not there any more.
    """
    for kind in ("prepared", "masks"):
        (lesson.folder / kind).mkdir(parents=True)
    names = []
    for number, part in enumerate(parts(out, run)):
        names.append(f"{number:06d}")
        documents = _before_noise(part)
        feather.write_feather(documents, lesson.folder / "prepared" / f"{names[-1]}.arrow")
        keep_evidence(lesson.folder, names[-1], documents)
    learn(replace(lesson, names=names))
    target = folder_of(out, "index/templates", run)
    target.parent.mkdir(parents=True, exist_ok=True)
    (lesson.folder / "index" / "templates").rename(target)


def _before_noise(part: dict[str, pa.Table]) -> pa.Table:
    """The documents of a part as the noise stage was handed them."""
    changes = changes_by_document(part["ledger"])
    known = part["documents"].select(["doc_id", "outlet", "published", "text"])
    pairs = zip(known["doc_id"].to_pylist(), known["text"].to_pylist(), strict=True)
    texts = [text_before(text, changes.get(doc_id, []), "noise") for doc_id, text in pairs]
    return known.set_column(3, "text", pa.array(texts, pa.large_string()))


# ---------------------------------------------------------------- what earlier runs counted


def _in_order(known: pa.Table, earlier: Sequence[Path]) -> Documents:
    keys = templates.keys_of(templates.outlets_of(known), known["sketch"].to_numpy())
    told = np.zeros(len(keys), np.bool_)
    sizes: dict[int, int] = {}
    for folder in earlier:
        told |= np.isin(keys, feather.read_table(folder / "sketches.arrow")["key"].to_numpy())
        for row in feather.read_table(folder / "outlets.arrow").to_pylist():
            sizes[row["outlet"]] = sizes.get(row["outlet"], 0) + row["documents"]
    return templates.in_order(known, told, sizes)


def _counted(earlier: Sequence[Path], masks: templates.Ints) -> Iterator[Counts]:
    """What earlier runs have of some masks, run by run."""
    for folder in earlier:
        with pa.memory_map(str(folder / "counts.arrow")) as mapped:
            file = pa.ipc.open_file(mapped)
            for at in range(file.num_record_batches):
                batch = file.get_batch(at)
                yield templates.held_by(Counts(*(batch.column(name).to_numpy() for name in Counts._fields)), masks)


def _write_sketches(index: Path, known: pa.Table, documents: Documents) -> None:
    keys = templates.keys_of(documents.outlet, known["sketch"].to_numpy())[documents.counting]
    feather.write_feather(pa.table({"key": np.unique(keys)}), index / "sketches.arrow")
    outlets, counted = np.unique(documents.outlet[documents.counting], return_counts=True)
    feather.write_feather(pa.table({"outlet": outlets, "documents": counted}), index / "outlets.arrow")


# ---------------------------------------------------------------- the paragraphs of this run


def _ranges(lesson: Lesson) -> Iterator[Rows]:
    """All paragraphs, a range of masks at a time, in ascending order."""
    lengths = [len(lesson.documents_of(name)) for name in lesson.names]
    starts = np.cumsum([0, *lengths[:-1]]).tolist()
    parts = max(1, -(-sum(len(lesson.paragraphs_of(name)) for name in lesson.names) // ROWS_AT_ONCE))
    bounds = [-(2**63) + n * 2**64 // parts for n in range(1, parts)]
    for low, high in zip([None, *bounds], [*bounds, None], strict=True):
        found = [
            _rows_between(lesson.paragraphs_of(n), low, high, start)
            for n, start in zip(lesson.names, starts, strict=True)
        ]
        yield Rows(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


def _rows_between(paragraphs: pa.Table, low: int | None, high: int | None, first: int) -> Rows:
    """The paragraphs of a shard whose masks lie in a range, their documents numbered from `first`."""
    mask = paragraphs["mask"].to_numpy()
    start = 0 if low is None else int(np.searchsorted(mask, low))
    end = len(mask) if high is None else int(np.searchsorted(mask, high))
    columns = [paragraphs[name].to_numpy()[start:end].astype(np.int64) for name in Rows._fields]
    return Rows(*columns)._replace(document=columns[1] + first)


# ---------------------------------------------------------------- what is told


def _write_chosen(lesson: Lesson, known: pa.Table, found: Sequence[tuple[Any, ...]]) -> None:
    """The templates of each prepared file, beside it."""
    document, mask, support, accepted = (np.concatenate(columns) for columns in zip(*found, strict=True))
    order = np.lexsort((mask, document))
    columns = [known["doc_id"].take(document[order]), mask[order], support[order], accepted[order]]
    rows = pa.table(dict(zip(templates.CHOSEN.names, columns, strict=True))).cast(templates.CHOSEN)
    ends = np.searchsorted(document[order], np.cumsum([len(lesson.documents_of(name)) for name in lesson.names]))
    for name, start, end in zip(lesson.names, [0, *ends[:-1].tolist()], ends.tolist(), strict=True):
        feather.write_feather(rows.slice(start, end - start), lesson.folder / "masks" / f"{name}.chosen.arrow")


def _candidates(rows: Rows, documents: Documents, weighed: Weighed, counts: Counts, limits: Limits) -> list[Candidate]:
    """What stands in enough documents, at the end of this run, to be told of."""
    support = templates.total(counts.key, counts.support, weighed.key)
    elsewhere = templates.total(counts.mask, counts.support, rows.mask) - support
    automatic = templates.is_automatic(
        support, elsewhere, templates.sizes(documents)[rows.document], rows.fixed, limits
    )
    rank = templates.count_before(weighed.key, documents.place[rows.document], np.ones(len(rows.mask), np.bool_))
    told = np.flatnonzero((support >= PROPOSED) & (rank < NAMED))
    told = told[np.lexsort((rank[told], weighed.key[told]))]
    found = []
    for held in np.split(told, np.flatnonzero(rank[told] == 0)[1:]) if len(told) else []:
        at = held[0]
        first, last = templates.seen(counts, int(weighed.key[at]))
        found.append(
            Candidate(
                key=int(weighed.key[at]),
                mask=int(rows.mask[at]),
                support=int(support[at]),
                elsewhere=int(elsewhere[at]),
                first_seen=first,
                last_seen=last,
                automatic=bool(automatic[at]),
                documents=rows.document[held].tolist(),
                paragraph=int(rows.paragraph[at]),
            )
        )
    return found


def _table(lesson: Lesson, known: pa.Table, candidates: Sequence[Candidate]) -> pa.Table:
    """The table `templates` of this run, by outlet, the best supported first."""
    texts = _paragraphs(lesson, {(one.documents[0], int(one.paragraph)) for one in candidates})
    outlets, ids = known["outlet"], known["doc_id"]
    rows = [
        {
            "outlet": outlets[one.documents[0]].as_py(),
            "mask": one.mask,
            "masked": templates.mask_of(texts[one.documents[0], one.paragraph]),
            "example": texts[one.documents[0], one.paragraph],
            "support": one.support,
            "elsewhere": one.elsewhere,
            "first_seen": None if one.first_seen == templates.UNDATED else one.first_seen,
            "last_seen": None if one.last_seen == -templates.UNDATED else one.last_seen,
            "status": _status(one, lesson.answers),
            "documents": [ids[document].as_py() for document in one.documents],
        }
        for one in candidates
    ]
    rows.sort(key=lambda row: (row["outlet"], -row["support"], row["mask"]))
    return pa.Table.from_pylist(rows, schema=templates.TEMPLATES)


def _status(one: Candidate, answers: Answers) -> str:
    if one.key in answers.accepted:
        return "accepted"
    if one.key in answers.refused:
        return "refused"
    return "automatic" if one.automatic else "proposed"


def _paragraphs(lesson: Lesson, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """The words of some paragraphs, by document and number; each prepared file is read once at most."""
    ends = np.cumsum([len(lesson.documents_of(name)) for name in lesson.names])
    texts: list[str] = []
    read, found = -1, {}
    for document, paragraph in sorted(wanted):
        shard = int(np.searchsorted(ends, document, "right"))
        if shard != read:
            read, texts = shard, lesson.texts(lesson.names[shard])
        number = document - (int(ends[shard - 1]) if shard else 0)
        found[document, paragraph] = texts[number].split(PARAGRAPH_BREAK)[paragraph]
    return found
