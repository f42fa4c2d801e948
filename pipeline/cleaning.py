"""The stages that clean one document by itself: what workers do to a batch, and `clean explain` to a file."""

from __future__ import annotations

import pyarrow as pa

from pipeline.settings import Settings
from pipeline.settings.rule_packs import noise_settings
from pipeline.tally import Tally, count_words_in
from stages import noise
from stages.catalog import stages_of
from stages.contract import Outcome


def prepare_documents(batch: Outcome, settings: Settings, tally: Tally | None = None) -> Outcome:
    """Run the stages of phase "prepare" on raw documents; `tally` counts seconds by stage, and words."""
    tally = tally or Tally()
    documents, ledgers = batch.documents, [batch.ledger]
    for stage in stages_of("prepare"):
        with tally.time(stage.name):
            documents, ledger = stage.module.run(documents, getattr(settings, stage.name))
        ledgers.append(ledger)
    tally.words_in += count_words_in(documents)
    return Outcome(documents, pa.concat_tables(ledgers))


def clean_documents(
    documents: pa.Table, settings: Settings, learned: pa.Table | None, tally: Tally | None = None
) -> Outcome:
    """Run the noise stage on prepared documents, with the rule packs and weights that the settings name.

    `learned` holds the paragraphs that are templates (see `pipeline.templates.mining`), if any were mined.
    """
    tally = tally or Tally()
    with tally.time("noise"):
        return noise.run(documents, noise_settings(settings), learned)
