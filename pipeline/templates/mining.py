"""Template mining: over the documents of a run, and the counts of all runs before it.

    out/index/templates/run=<run_id>/counts.arrow      documents by outlet and mask, sorted by mask
                                     sketches.arrow    sketches of the counted documents, sorted
                                     outlets.arrow     documents of each outlet
    out/templates/run=<run_id>/part-00000.parquet      the table of templates (docs/reference/tables.md)

Counts of runs add up, so no run's file is ever rewritten. One range of masks at a time is in memory, and of earlier
runs only the counts of the same masks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import feather

from pipeline.durable import flush_all, move, written_whole
from pipeline.storage.replay import changes_by_document, text_before
from pipeline.storage.tables import folder_of, parts, write_part
from stages.contract import PARAGRAPH_BREAK
from stages.noise import templates
from stages.noise.templates import Answers, Counts, Documents, Limits, Rows, Weighed

#: Paragraphs that are weighed at once; more are weighed range by range. Chosen by hand; not tuned.
ROWS_AT_ONCE = 300_000
#: Documents of an outlet that make a paragraph worth asking a person about, and documents named with it. Chosen by
#: hand: below `Limits.min_support`, so that people see what no count decides.
PROPOSED, NAMED = 3, 5
COUNTS = pa.schema([(name, pa.int64()) for name in Counts._fields])


@dataclass(frozen=True)
class MiningTask:
    """The inputs of template mining: prepared files and their evidence, counts of earlier runs, people's answers."""

    folder: Path  # where the run is staged
    names: Sequence[str]  # of the prepared files
    earlier: Sequence[Path]  # folders of the counts of earlier runs
    limits: Limits
    answers: Answers
    rows_at_once: int = ROWS_AT_ONCE

    def documents_of(self, name: str) -> pa.Table:
        """Read the evidence of a prepared file about its documents."""
        return feather.read_table(evidence_path(self.folder, name, "documents"))

    def paragraphs_of(self, name: str) -> pa.Table:
        """Open the evidence of a prepared file about its paragraphs, memory-mapped."""
        return feather.read_table(evidence_path(self.folder, name, "paragraphs"), memory_map=True)

    def texts(self, name: str) -> list[str]:
        """Read the texts of a prepared file."""
        texts: list[str] = feather.read_table(self.folder / "prepared" / f"{name}.arrow", ["text"])["text"].to_pylist()
        return texts


class Candidate(NamedTuple):
    """A future row of the table of templates, its text and documents still as numbers."""

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
    """Return the path of one kind of evidence of a prepared file."""
    return folder / "masks" / f"{name}.{kind}.arrow"


def keep_evidence(folder: Path, name: str, documents: pa.Table) -> list[Path]:
    """Write the template evidence of prepared documents and return its files. Uncompressed: it is read in ranges."""
    files = []
    for kind, table in templates.evidence(documents)._asdict().items():
        files.append(evidence_path(folder, name, kind))
        with written_whole(files[-1]) as aside:
            feather.write_feather(table, aside, compression="uncompressed")
    return files


def mine(task: MiningTask) -> None:
    """Mine templates: write which paragraphs of each prepared file are templates, the run's counts, and the table."""
    known = pa.concat_tables([task.documents_of(name) for name in task.names])
    documents = _in_order(known, task.earlier)
    index = task.folder / "index" / "templates"
    index.mkdir(parents=True, exist_ok=True)  # a killed run mines again
    chosen: list[tuple[np.ndarray[Any, Any], ...]] = []
    candidates: list[Candidate] = []
    with pa.ipc.new_file(index / "counts.arrow", COUNTS) as file:
        for rows in _ranges(task):
            history = templates.joined(_counted(task.earlier, np.unique(rows.mask)))
            weighed = templates.weigh(rows, documents, history, task.limits, task.answers)
            held = weighed.automatic | weighed.accepted
            chosen.append((rows.document[held], rows.mask[held], weighed.support[held], weighed.accepted[held]))
            counts = templates.count(rows, documents)
            file.write_batch(pa.record_batch(list(counts), schema=COUNTS))
            candidates += _candidates(rows, documents, weighed, templates.joined([history, counts]), task.limits)
    _write_sketches(index, known, documents)
    _write_chosen(task, known, chosen)
    write_part(task.folder, "templates", 0, _table(task, known, candidates))


def chosen_in(folder: Path, name: str) -> pa.Table:
    """Read which paragraphs of a prepared file are templates."""
    return feather.read_table(folder / "masks" / f"{name}.chosen.arrow")


def is_damaged(counts: Path) -> bool:
    """Tell if a folder of counts cannot be read, as a power cut left it under older versions."""
    try:
        for name in ("counts", "sketches", "outlets"):
            with pa.memory_map(str(counts / f"{name}.arrow")) as mapped:
                pa.ipc.open_file(mapped)
    except (OSError, pa.ArrowInvalid):
        return True
    return False


def rebuild(out: Path, run: str, task: MiningTask) -> None:
    """Rebuild the counts of a published run from its tables; `task` names an empty folder and the runs before it.

    Only documents of which no text was left are missing from the tables, and so from the counts.
    """
    for kind in ("prepared", "masks"):
        (task.folder / kind).mkdir(parents=True)
    names = []
    for number, part in enumerate(parts(out, run)):
        names.append(f"{number:06d}")
        documents = _before_noise(part)
        feather.write_feather(documents, task.folder / "prepared" / f"{names[-1]}.arrow")
        keep_evidence(task.folder, names[-1], documents)
    mine(replace(task, names=names))
    counts = task.folder / "index" / "templates"
    flush_all(counts)
    move(counts, folder_of(out, "index/templates", run))


def _before_noise(part: dict[str, pa.Table]) -> pa.Table:
    """Restore the documents of a part as the noise stage was handed them."""
    changes = changes_by_document(part["ledger"])
    known = part["documents"].select(["doc_id", "outlet", "published", "text"])
    pairs = zip(known["doc_id"].to_pylist(), known["text"].to_pylist(), strict=True)
    texts = [text_before(text, changes.get(doc_id, []), "noise") for doc_id, text in pairs]
    return known.set_column(3, "text", pa.array(texts, pa.large_string()))


# ---------------------------------------------------------------- counts of earlier runs


def _in_order(known: pa.Table, earlier: Sequence[Path]) -> Documents:
    keys = templates.keys_of(templates.outlets_of(known), known["sketch"].to_numpy())
    known_before = np.zeros(len(keys), np.bool_)
    sizes: dict[int, int] = {}
    for folder in earlier:
        known_before |= np.isin(keys, feather.read_table(folder / "sketches.arrow")["key"].to_numpy())
        for row in feather.read_table(folder / "outlets.arrow").to_pylist():
            sizes[row["outlet"]] = sizes.get(row["outlet"], 0) + row["documents"]
    return templates.in_order(known, known_before, sizes)


def _counted(earlier: Sequence[Path], masks: templates.Ints) -> Iterator[Counts]:
    """Read the counts of some masks from earlier runs, run by run."""
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


def _ranges(task: MiningTask) -> Iterator[Rows]:
    """Yield all paragraphs, one range of masks at a time, in ascending order."""
    lengths = [len(task.documents_of(name)) for name in task.names]
    starts = np.cumsum([0, *lengths[:-1]]).tolist()
    parts = max(1, -(-sum(len(task.paragraphs_of(name)) for name in task.names) // task.rows_at_once))
    bounds = [-(2**63) + n * 2**64 // parts for n in range(1, parts)]
    for low, high in zip([None, *bounds], [*bounds, None], strict=True):
        found = [
            _rows_between(task.paragraphs_of(n), low, high, start) for n, start in zip(task.names, starts, strict=True)
        ]
        yield Rows(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


def _rows_between(paragraphs: pa.Table, low: int | None, high: int | None, first: int) -> Rows:
    """Return the paragraphs of a shard whose masks are in a range, their documents numbered from `first`."""
    mask = paragraphs["mask"].to_numpy()
    start = 0 if low is None else int(np.searchsorted(mask, low))
    end = len(mask) if high is None else int(np.searchsorted(mask, high))
    columns = [paragraphs[name].to_numpy()[start:end].astype(np.int64) for name in Rows._fields]
    return Rows(*columns)._replace(document=columns[1] + first)


# ---------------------------------------------------------------- results


def _write_chosen(task: MiningTask, known: pa.Table, found: Sequence[tuple[Any, ...]]) -> None:
    """Write the templates of each prepared file, beside it."""
    document, mask, support, accepted = (np.concatenate(columns) for columns in zip(*found, strict=True))
    order = np.lexsort((mask, document))
    columns = [known["doc_id"].take(document[order]), mask[order], support[order], accepted[order]]
    rows = pa.table(dict(zip(templates.CHOSEN.names, columns, strict=True))).cast(templates.CHOSEN)
    ends = np.searchsorted(document[order], np.cumsum([len(task.documents_of(name)) for name in task.names]))
    for name, start, end in zip(task.names, [0, *ends[:-1].tolist()], ends.tolist(), strict=True):
        feather.write_feather(rows.slice(start, end - start), task.folder / "masks" / f"{name}.chosen.arrow")


def _candidates(rows: Rows, documents: Documents, weighed: Weighed, counts: Counts, limits: Limits) -> list[Candidate]:
    """Choose the paragraphs that enough documents hold, at the end of this run, for the table of templates."""
    support = templates.total(counts.key, counts.support, weighed.key)
    elsewhere = templates.total(counts.mask, counts.support, rows.mask) - support
    automatic = templates.is_automatic(
        support, elsewhere, templates.sizes(documents)[rows.document], rows.fixed, limits
    )
    rank = templates.count_before(weighed.key, documents.place[rows.document], np.ones(len(rows.mask), np.bool_))
    listed = np.flatnonzero((support >= PROPOSED) & (rank < NAMED))
    listed = listed[np.lexsort((rank[listed], weighed.key[listed]))]
    found = []
    for held in np.split(listed, np.flatnonzero(rank[listed] == 0)[1:]) if len(listed) else []:
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


def _table(task: MiningTask, known: pa.Table, candidates: Sequence[Candidate]) -> pa.Table:
    """Build the table `templates` of this run, by outlet, the best supported first."""
    texts = _paragraphs(task, {(one.documents[0], int(one.paragraph)) for one in candidates})
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
            "status": _status(one, task.answers),
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


def _paragraphs(task: MiningTask, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Read some paragraphs, by document and number; each prepared file is read once at most."""
    ends = np.cumsum([len(task.documents_of(name)) for name in task.names])
    texts: list[str] = []
    read, found = -1, {}
    for document, paragraph in sorted(wanted):
        shard = int(np.searchsorted(ends, document, "right"))
        if shard != read:
            read, texts = shard, task.texts(task.names[shard])
        number = document - (int(ends[shard - 1]) if shard else 0)
        found[document, paragraph] = texts[number].split(PARAGRAPH_BREAK)[paragraph]
    return found
