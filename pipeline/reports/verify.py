"""`clean verify`: checks of the published tables against their contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.console import counted
from pipeline.passages.flows import flows_by_run, tables_of
from pipeline.passages.passage_index import damage
from pipeline.runs.forgetting import remains
from pipeline.storage.damage import DamagedTableError, first_damaged, missing_table
from pipeline.storage.location import is_remote
from pipeline.storage.reader import Corpus, manifests_left
from pipeline.storage.replacement import is_ready
from pipeline.storage.replay import broken_law, changes_by_document
from pipeline.storage.tables import (
    TABLES,
    WHOLE,
    columns_of,
    dataset,
    folder_of,
    missing_parts,
    part_names,
    parts,
    read,
)
from pipeline.templates.mining import is_damaged
from stages.contract import PARAGRAPH_BREAK

#: Breaches of one kind that are listed one by one; chosen by hand.
LISTED = 5


@dataclass
class Findings:
    """Numbers of what was checked, errors, and remarks that are no errors."""

    documents: int = 0
    ledger_rows: int = 0
    runs: int = 0
    wrong: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def praise(self) -> str:
        """Write one line for a corpus without errors."""
        return (
            f"{counted(self.documents, 'document')} in {counted(self.runs, 'run')}: every one leads back, by "
            f"{counted(self.ledger_rows, 'ledger row')} in all, to the text that was read, character for character; "
            "tables and references agree."
        )

    def add(self, run: str, breaches: Iterator[str] | list[str]) -> None:
        """Add breaches found in a run: the first few in words, the rest as a number."""
        found = list(breaches)
        self.wrong += [f"run {run}: {each}" for each in found[:LISTED]]
        if len(found) > LISTED:
            self.wrong.append(f"run {run}: and {len(found) - LISTED:,} more of this kind")


def check(corpus: Corpus) -> Findings:
    """Check all runs of a corpus. Holds one part of the tables and all document ids in memory."""
    findings = Findings(runs=len(corpus.runs))
    if is_ready(corpus.out):
        findings.wrong.append(
            "`clean run --again` was killed while it put its tables into place, or is doing that now: they are of two "
            "generations. `clean verify --repair`, or the next `clean run`, ends it"
        )
        return findings
    try:
        _check_tables(corpus, findings)
    except DamagedTableError as error:
        findings.wrong += [each.finding for each in damaged_files(corpus)] or [error.finding]
        findings.wrong.append(f"the other checks were broken off: {error.advice}")
    if not is_remote(corpus.out):
        findings.add("all", _damaged_index(corpus.out))
        findings.add("all", _damaged_counts(corpus))
    leftovers = corpus.store.leftovers()
    for run in (each for each in manifests_left(corpus.out) if each not in corpus.runs):
        findings.remarks.append(f"run {run} is without its documents: it was never published, or they were removed")
    if leftovers:
        findings.remarks.append(
            f"{len(leftovers)} leftovers of a killed run, or a run is under way; the next `clean run`, or "
            "`clean verify --repair`, rolls them back"
        )
    return findings


def _check_tables(corpus: Corpus, findings: Findings) -> None:
    for run in corpus.runs:
        findings.add(run, _missing_files(corpus, run))
        if findings.wrong:
            continue
        for part in parts(corpus.out, run):
            findings.documents += len(part["documents"])
            findings.ledger_rows += len(part["ledger"])
            findings.add(run, broken_law(part["documents"].to_pylist(), changes_by_document(part["ledger"])))
            findings.add(run, _paragraphs_that_do_not_join(part["documents"], part["paragraphs"]))
            findings.add(run, _passages_outside_their_paragraph(part["passages"], part["paragraphs"]))
        findings.add(run, _manifest_counts(corpus, run))
    if not findings.wrong:
        findings.add("all", _flows_that_were_not_counted(corpus))
        findings.add("all", _references(corpus))
    findings.add("all", remains(corpus.out, corpus.runs))


def damaged_files(corpus: Corpus) -> Iterator[DamagedTableError]:
    """Read all files of all tables, and yield an error for each that is damaged."""
    for run in corpus.runs:
        for name in TABLES | WHOLE:
            folder = folder_of(corpus.out, name, run)
            for path in (folder / each for each in sorted(part_names(folder))):
                if found := first_damaged(path):
                    yield found


def _damaged_index(out: Path) -> Iterator[str]:
    for path in damage(out):
        yield f"the index is damaged in {path}: `clean verify --repair` removes that, and the next run builds it anew"


def _damaged_counts(corpus: Corpus) -> Iterator[str]:
    for run in corpus.runs:
        counts = folder_of(corpus.out, "index/templates", run)
        if isinstance(counts, Path) and counts.is_dir() and is_damaged(counts):
            yield f"template counts of run {run} are damaged: `clean verify --repair` or the next run mends it"


def _missing_files(corpus: Corpus, run: str) -> Iterator[str]:
    names = part_names(folder_of(corpus.out, "documents", run))
    for name, schema in (TABLES | WHOLE).items():
        folder = folder_of(corpus.out, name, run)
        for error in map(missing_table, missing_parts(folder)):
            yield f"{error.finding}; {error.advice}"
        if name in TABLES and part_names(folder) - names:
            yield f"table {name} has parts that documents has not: a file was removed or added"
        for path in (folder / each for each in sorted(part_names(folder))):
            if columns_of(path) != schema.names:
                yield f"{path} does not have the columns of the table version that this program writes"


def _paragraphs_that_do_not_join(documents: pa.Table, paragraphs: pa.Table) -> Iterator[str]:
    rows = paragraphs.sort_by([("doc_id", "ascending"), ("paragraph", "ascending")])
    joined: dict[str, list[str]] = {}
    for doc_id, text in zip(rows["doc_id"].to_pylist(), rows["text"].to_pylist(), strict=True):
        joined.setdefault(doc_id, []).append(text)
    for doc_id, text in zip(documents["doc_id"].to_pylist(), documents["text"].to_pylist(), strict=True):
        if PARAGRAPH_BREAK.join(joined.pop(doc_id, [])) != text:
            yield f"document {doc_id}: its paragraphs do not join to its text"
    yield from (f"paragraphs of {doc_id}, which is no document of this part" for doc_id in joined)


def _passages_outside_their_paragraph(passages: pa.Table, paragraphs: pa.Table) -> Iterator[str]:
    """Find passages beyond the end of their paragraph. Canonical ones may belong to an earlier run's document."""
    here = pc.is_in(passages["doc_id"], paragraphs["doc_id"].combine_chunks())
    passages = passages.filter(pc.or_(here, pc.invert(passages["is_canonical"])))
    keys = zip(paragraphs["doc_id"].to_pylist(), paragraphs["paragraph"].to_pylist(), strict=True)
    lengths = dict(zip(keys, pc.utf8_length(paragraphs["text"]).to_pylist(), strict=True))
    for row in passages.to_pylist():
        if not 0 <= row["start"] < row["end"] <= lengths.get((row["doc_id"], row["paragraph"]), -1):
            yield f"passage {row['cluster_id']} leaves paragraph {row['paragraph']} of document {row['doc_id']}"


def _flows_that_were_not_counted(corpus: Corpus) -> Iterator[str]:
    counted = flows_by_run([tables_of(corpus.out, run) for run in corpus.runs])
    for run, flows in zip(corpus.runs, counted, strict=True):
        if not dataset(corpus.out, "flows", run).to_table().equals(flows):
            yield f"table flows of run {run} does not agree with its passages"


def _manifest_counts(corpus: Corpus, run: str) -> Iterator[str]:
    counts = corpus.store.manifest(run)["counts"]
    stated = counts["documents_out"] - counts.get("forgotten", 0)
    held = dataset(corpus.out, "documents", run).count_rows()
    if stated != held:
        yield f"the manifest counts {stated} documents, the table holds {held}"


def _references(corpus: Corpus) -> Iterator[str]:
    """Check over all runs that ids are unique and that every reference has a target."""
    ids = read(corpus.out, "documents", corpus.runs, ["doc_id", "duplicate_of"])
    unique = pc.unique(ids["doc_id"])
    if len(unique) != len(ids):
        yield f"{len(ids) - len(unique)} documents have the id of another"
    named = read(corpus.out, "paragraphs", corpus.runs, ["duplicate_of_doc"])["duplicate_of_doc"]
    for column, values in (("duplicate_of", ids["duplicate_of"]), ("duplicate_of_doc", named)):
        lost = pc.unique(values.filter(pc.invert(pc.is_in(values, unique)))).drop_null()
        yield from (f"{column} names {each}, which is no document" for each in lost.to_pylist())
    passages = read(corpus.out, "passages", corpus.runs, ["cluster_id", "is_canonical"])
    canonical = passages.filter(passages["is_canonical"])["cluster_id"]
    if len(canonical) != len(pc.unique(passages["cluster_id"])) or len(canonical) != len(pc.unique(canonical)):
        yield "not every cluster of passages has exactly one canonical passage"
