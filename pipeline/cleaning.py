"""The stages that clean one document by itself.

Workers run them on a batch, `clean explain` on a file and the Python API on a string.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import sources
from pipeline.settings import Settings, template_answers
from pipeline.settings.rule_packs import noise_settings
from pipeline.tally import Tally, count_words_in
from stages import noise
from stages.catalog import stages_of
from stages.contract import Outcome
from stages.ledger import LEDGER, LedgerRows, subjects
from stages.noise import templates


class CleanedAlone(NamedTuple):
    """Documents cleaned without a corpus: as the noise stage received them, as it left them, and the ledger of both."""

    prepared: pa.Table
    cleaned: pa.Table
    ledger: pa.Table


def clean_alone(
    batch: Outcome, settings: Settings, language: str | None = None, left_out: Collection[str] = ()
) -> CleanedAlone:
    """Run all stages that need no corpus, but for the ones of phase "prepare" that are `left_out`.

    Near-duplicates, and templates that nobody accepted, need a corpus. `language` is that of all documents, if the
    caller knows it; evidence of noise is read once for all languages.
    """
    fixed = replace(settings, language=replace(settings.language, fixed=language)) if language else settings
    prepared, ledger = prepare_documents(batch, fixed, left_out=left_out)
    answers = template_answers.decisive(Path(settings.evidence.outlets))
    accepted = templates.accepted_in(prepared, answers) if answers.accepted else None
    cleaned, noise_ledger = clean_documents(prepared, settings, accepted)
    return CleanedAlone(prepared, cleaned, pa.concat_tables([ledger, noise_ledger]))


def prepare_documents(
    batch: Outcome, settings: Settings, tally: Tally | None = None, left_out: Collection[str] = ()
) -> Outcome:
    """Run the stages of phase "prepare" on raw documents, but for those `left_out`.

    `tally` counts seconds by stage, and words.
    """
    counts = tally or Tally()
    only = settings.stages.only
    batch = texts_alone(batch) if only == "dedup" else batch
    documents, ledgers = batch.documents, [batch.ledger]
    for stage in (each for each in stages_of("prepare", only) if each.name not in left_out):
        with counts.time(stage.name):
            documents, ledger = stage.module.run(documents, getattr(settings, stage.name))
        ledgers.append(ledger)
    if tally:
        tally.words_in += count_words_in(documents)
    return Outcome(documents, pa.concat_tables(ledgers))


def clean_documents(
    documents: pa.Table, settings: Settings, learned: pa.Table | None, tally: Tally | None = None
) -> Outcome:
    """Run the noise stage on prepared documents, with the rule packs and weights that the settings name.

    `learned` holds the paragraphs that are templates (see `pipeline.templates.mining`), if any were mined.
    """
    tally = tally or Tally()
    if not stages_of("clean", settings.stages.only):
        return Outcome(documents, LEDGER.empty_table())
    with tally.time("noise"):
        return noise.run(documents, noise_settings(settings), learned)


def texts_alone(batch: Outcome) -> Outcome:
    """Fail the pages among raw documents: where only copies are looked for, nobody takes the article out of a page."""
    pages = pc.equal(batch.documents["kind"], "html")
    rows = LedgerRows("source", sources.REASONS)
    for subject in subjects(batch.documents.filter(pages)):
        rows.add(subject, "failed", "page", after="a page, where texts that are clean are wanted (--only dedup)")
    return Outcome(batch.documents.filter(pc.invert(pages)), pa.concat_tables([batch.ledger, rows.table()]))
