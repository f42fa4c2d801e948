"""The stages of a run in their order, with the facts that settings, replay, reports and tests derive from.

To add a stage: write its module, list it here, give it a section in `pipeline/settings/model.py` and in
`config/default.toml`, and explain its reasons in `docs/tables.md`. A stage that is forgotten in one of these places
fails a test that names it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from stages import decode, extract, language, near_duplicates, noise, repair, segment
from stages.contract import Outcome

Phase = Literal["prepare", "clean", "corpus"]


class Stage(NamedTuple):
    """One stage: `run(documents, settings)` gives the documents carried on and the ledger rows.

    `name` is its section of the settings and the `stage` of its ledger rows. `phase` says when a run calls it: on each
    batch as it is read, on each batch once templates are mined, or once on the whole corpus. `edits_text` is True if it
    changes the text of a document in place: its ledger rows are then undone to restore the text before it. `repeats`
    is True if a second run on its own output has nothing to do.
    """

    name: str
    run: Callable[..., Outcome]
    settings: type
    reasons: tuple[str, ...]
    phase: Phase
    edits_text: bool = False
    repeats: bool = False


STAGES: tuple[Stage, ...] = (
    Stage("decode", decode.run, decode.Settings, decode.REASONS, "prepare"),
    Stage("extract", extract.run, extract.Settings, extract.REASONS, "prepare"),
    Stage("repair", repair.run, repair.Settings, repair.REASONS, "prepare", edits_text=True, repeats=True),
    Stage("segment", segment.run, segment.Settings, segment.REASONS, "prepare", edits_text=True, repeats=True),
    Stage("language", language.run, language.Settings, language.REASONS, "prepare", repeats=True),
    Stage("noise", noise.run, noise.Settings, noise.REASONS, "clean", edits_text=True, repeats=True),
    Stage("near_duplicates", near_duplicates.run, near_duplicates.Settings, near_duplicates.REASONS, "corpus"),
)

#: The stages whose changes to a text can be undone, the last first.
TEXT_STAGES: tuple[str, ...] = tuple(stage.name for stage in reversed(STAGES) if stage.edits_text)


def stages_of(phase: Phase) -> tuple[Stage, ...]:
    """Return the stages of a phase, in their order.

    >>> [stage.name for stage in stages_of("clean")]
    ['noise']
    """
    return tuple(stage for stage in STAGES if stage.phase == phase)
