"""The stages of a run in their order, with the facts that settings, replay, reports and tests derive from.

To add a stage: write its module, list it here (phase "prepare": `pipeline.cleaning` and `pipeline.passages` call the
one stage of either other phase by name), give it a section in `pipeline/settings/model.py` and in
`config/default.toml`, and explain its reasons in `docs/reference/tables.md`. A stage that is forgotten in one of these
places fails a test that names it.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Literal, NamedTuple

#: The part of the work that a run does: all of it, cleaning without the search for copies, or that search alone.
Part = Literal["all", "clean", "dedup"]
CLEAN, DEDUP = frozenset({"clean"}), frozenset({"dedup"})
#: When a run calls a stage: on each batch as it is read, on each batch once templates are mined, on the whole corpus.
Phase = Literal["prepare", "clean", "corpus"]


class Stage(NamedTuple):
    """The facts about one stage.

    `name` is that of its module, of its section of the settings and of its ledger rows. `edits_text` is True if it
    changes the text of a document in place: its ledger rows are undone to restore the text before it. `repeats` is True
    if a second run on its own output has nothing to do. `parts` are the parts of the work that it belongs to.
    """

    name: str
    phase: Phase
    edits_text: bool = False
    repeats: bool = False
    parts: frozenset[str] = CLEAN | DEDUP

    def takes_part(self, only: Part) -> bool:
        """Tell if the stage is done where only a part of the work is."""
        return only == "all" or only in self.parts

    @property
    def module(self) -> ModuleType:
        """The module, with `Settings`, `REASONS` and `run(documents, settings) -> Outcome`; imported on first use,
        because it may load an HTML parser or a model that whoever needs only the facts does not wait for.
        """
        return import_module(f"stages.{self.name}")


STAGES = (
    Stage("decode", "prepare"),
    Stage("extract", "prepare", parts=CLEAN),
    Stage("repair", "prepare", edits_text=True, repeats=True, parts=CLEAN),
    Stage("segment", "prepare", edits_text=True, repeats=True),
    Stage("language", "prepare", repeats=True),
    Stage("page_kind", "prepare", repeats=True, parts=CLEAN),
    Stage("noise", "clean", edits_text=True, repeats=True, parts=CLEAN),
    Stage("near_duplicates", "corpus", parts=DEDUP),
)

#: The stages whose changes to a text can be undone, the last first.
TEXT_STAGES = tuple(stage.name for stage in reversed(STAGES) if stage.edits_text)


def stages_of(phase: Phase, only: Part = "all") -> tuple[Stage, ...]:
    """Return the stages of a phase that are done in a part of the work, in their order.

    >>> [stage.name for stage in stages_of("clean")], [stage.name for stage in stages_of("prepare", "dedup")]
    (['noise'], ['decode', 'segment', 'language'])
    """
    return tuple(stage for stage in STAGES if stage.phase == phase and stage.takes_part(only))


def reasons() -> dict[str, tuple[str, ...]]:
    """Return the closed list of reasons that ledger rows can give, by stage."""
    return {stage.name: stage.module.REASONS for stage in STAGES}
