"""Cleaning again for a comparison: the documents of published runs with other settings, into a temporary folder.

From the inputs of the runs where all of them are as they were read then; else from the texts that the ledger restores.
These are cleaned twice, with the settings of the run and with the new ones: what a restored text has lost, the markup
of its page, is then missing on both sides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import settings, sources
from pipeline.console import counted
from pipeline.errors import UserError
from pipeline.reports.diff.sides import Side, SidePair
from pipeline.reports.explain_words import moved_to
from pipeline.runs.clean import clean_folder
from pipeline.runs.report import Progress
from pipeline.runs.request import RunRequest
from pipeline.settings import Settings
from pipeline.storage.forgotten import RECORD
from pipeline.storage.reader import Corpus
from pipeline.storage.replay import changes_by_document, text_before
from pipeline.storage.tables import dataset, folder_of, part_files, parts, read_file, write_part

Row = dict[str, Any]
#: Fields of a restored document that the noise stage may have filled from its text.
FILLED = ("title", "deck", "authors", "published", "dateline", "wire")
#: Names of the runs in the temporary folder.
BEFORE, AFTER = "with-the-settings-of-the-run", "with-the-new-settings"


@dataclass(frozen=True)
class Cleaner:
    """How documents are cleaned again."""

    folder: Path  # for the temporary corpora
    workers: int
    progress: Progress


def clean_again(side: Side, chosen: Settings, cleaner: Cleaner, restored: bool = False) -> SidePair:
    """Clean the documents of a side again with other settings, from its inputs, or from restored texts.

    Raises UserError where the runs were made with settings that this version does not know, and `restored` texts need
    them.
    """
    gone = [] if restored else inputs_that_changed(side)
    if restored or gone:
        why = f"{len(gone):,} of its inputs, such as {gone[0]}, are not what they were." if gone else ""
        return _from_ledger(side, chosen, cleaner, why)
    return _from_inputs(side, chosen, cleaner)


def inputs_that_changed(side: Side) -> list[str]:
    """List the inputs of a side that are gone, changed, or cannot be read twice."""
    entries = {entry["uri"]: entry["sha256"] for manifest in side.manifests() for entry in manifest["inputs"]}
    return [uri for uri, sha256 in entries.items() if not _is_as_it_was(uri, sha256)]


def _is_as_it_was(uri: str, sha256: str | None) -> bool:
    """Tell if an input can be read as it was. One without a digest was refused when it was read."""
    try:
        found = sources.plan([uri])
        return bool(found) and (sha256 is None or sources.identity(found[0]).sha256 == sha256)
    except (OSError, UserError):
        return False


def _from_inputs(side: Side, chosen: Settings, cleaner: Cleaner) -> SidePair:
    """Clean the inputs of the side's runs. Those that were refused in a folder would be read if they were named."""
    manifests = list(side.manifests())
    entries = {entry["uri"]: entry["sha256"] for manifest in manifests for entry in manifest["inputs"]}
    refused = _refused(side, set(entries))
    inputs = [uri for uri in entries if uri not in refused]
    outlet = manifests[-1]["settings"].get("sources", {}).get("outlet")
    if outlet is not None and chosen.sources.outlet is None:  # --outlet of the run: ids depend on it
        chosen = replace(chosen, sources=replace(chosen.sources, outlet=outlet))
    window = manifests[-1].get("window") or {}
    request = RunRequest(
        inputs, cleaner.folder / AFTER, chosen, cleaner.workers, AFTER, limit=manifests[-1]["limit"],
        window=sources.window_of(window.get("since"), window.get("until")),
    )  # fmt: skip
    _keep_forgotten(side.corpus, cleaner.folder / AFTER)
    new = _cleaned(request, cleaner, f"the same {counted(len(inputs), 'input')}, cleaned now with the settings given")
    notes = []
    if refused:
        notes.append(f"{counted(len(refused), 'input')} that the run refused: not looked at again")
    alone = side.runs == tuple(side.corpus.runs[: len(side.runs)])
    if not alone:
        notes.append("copied passages are not compared: the run matched its documents with those of earlier runs.")
    elif len(side.runs) > 1:
        notes.append(f"the inputs of {len(side.runs):,} runs were cleaned as one run: templates can differ by that.")
    return SidePair(side, new, tuple(notes), passages=alone, inputs=not refused)


def _refused(side: Side, inputs: set[str]) -> set[str]:
    """Return the inputs that were refused as a whole."""
    refused: set[str] = set()
    whole = pc.field("doc_id").is_null() & pc.field("action").isin(["failed", "skipped"])
    for run in side.runs:
        for batch in dataset(side.corpus.out, "ledger", run).to_batches(columns=["source_uri"], filter=whole):
            refused |= inputs.intersection(batch["source_uri"].to_pylist())
    return refused


def _from_ledger(side: Side, chosen: Settings, cleaner: Cleaner, why: str) -> SidePair:
    """Clean the restored texts with the settings of the run, and with those given."""
    file = cleaner.folder / "restored.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for document in restored_documents(side):
            lines.write(json.dumps(document, ensure_ascii=True) + "\n")
    then = settings.parse(_known(side), f"the settings of {side.name}")
    made = []
    for name, its, whose in ((BEFORE, then, f"those of {side.name}"), (AFTER, chosen, "those given")):
        own = replace(its, sources=sources.Settings(), run=replace(its.run, max_failed_share=1.0))
        request = RunRequest([str(file)], cleaner.folder / name, own, cleaner.workers, name, allow_drift=True)
        made.append(_cleaned(request, cleaner, f"restored texts, cleaned now with settings: {whose}"))
        _restore_ids(cleaner.folder / name, name)
    notes = [
        *([why] if why else []),
        "The texts are those that the ledger restores: what decode and extract did to pages, and what an older version "
        "did, does not show.",
    ]
    return SidePair(made[0], made[1], tuple(notes))


def _known(side: Side) -> dict[str, Any]:
    """Return the settings of the latest run without those that only say how inputs are read and runs are done."""
    its: dict[str, Any] = side.corpus.store.manifest(side.runs[-1])["settings"]
    return {name: values for name, values in its.items() if name not in ("sources", "store", "drift")}


def _cleaned(request: RunRequest, cleaner: Cleaner, label: str) -> Side:
    """Clean into a temporary corpus."""
    report = clean_folder(request, cleaner.progress)
    if report.run_id is None:
        raise UserError("nothing could be cleaned again: the inputs hold no document. Try --restored.")
    return Side(Corpus(request.out), (report.run_id,), label)


def _keep_forgotten(corpus: Corpus, folder: Path) -> None:
    """Keep forgotten articles out of the temporary corpus too."""
    record = corpus.out / RECORD
    if record.exists():
        folder.mkdir(parents=True)
        (folder / RECORD).write_bytes(record.read_bytes())


def restored_documents(side: Side) -> Iterator[Row]:
    """Yield the documents of a side as records: the text that segmentation was handed, and the fields that were given.

    A field that the noise stage filled from the text is left out, so that it is found again. `id` is the document's.
    """
    for run in side.runs:
        for part in parts(side.corpus.out, run):
            changes = changes_by_document(part["ledger"])
            rows = part["ledger"].filter(pc.is_in(part["ledger"]["action"], pa.array(["moved", "marked"])))
            taken: dict[str, list[Row]] = {}
            for row in rows.to_pylist():
                taken.setdefault(row["doc_id"], []).append(row)
            for document in part["documents"].to_pylist():
                found = {name for row in taken.get(document["doc_id"], ()) for name in _filled_by(row, document)}
                fields = {name: document[name] for name in FILLED if name not in found and document[name]}
                text = text_before(document["text"], changes.get(document["doc_id"], ()), "segment")
                names = {"id": document["doc_id"], "outlet": document["outlet"], "url": document["url"]}
                yield _plain({**names, **fields, "text": text})


def _filled_by(row: Row, document: Row) -> tuple[str, ...]:
    return ("deck",) if row["action"] == "marked" and row["reason"] == "deck" else moved_to(row, document)


def _plain(record: Row) -> Row:
    moment = record.get("published")
    return {**record, "published": moment.isoformat()} if moment else record


def _restore_ids(out: Path, run: str) -> None:
    """Give the documents of a temporary run the ids that they have in the corpus, which are their source ids."""
    for path in part_files(folder_of(out, "documents", run)):
        tables = {
            name: read_file(folder_of(out, name, run) / path.name, name)
            for name in ("documents", "ledger", "paragraphs", "passages")
        }
        ids = {row["doc_id"]: row["source_id"] for name in ("documents", "ledger")
               for row in tables[name].select(["doc_id", "source_id"]).to_pylist() if row["source_id"]}  # fmt: skip
        number = int(path.name.removeprefix("part-").partition(".")[0])
        for name, table in tables.items():
            at = table.schema.get_field_index("doc_id")
            known = [ids.get(doc_id, doc_id) for doc_id in table["doc_id"].to_pylist()]
            renamed = table.set_column(at, table.schema.field(at), pa.array(known, pa.string()))
            written = write_part(out / ".renamed", name, number, renamed)
            written.replace(folder_of(out, name, run) / path.name)
