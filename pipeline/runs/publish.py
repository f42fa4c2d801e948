"""The publication of a run, and the passage index that it reads before and extends then."""

from __future__ import annotations

from pipeline.passages import matching
from pipeline.passages.passage_index import PassageIndex
from pipeline.runs.context import RunContext
from pipeline.storage.corpus_card import write_card


def history_index(context: RunContext) -> tuple[PassageIndex, tuple[str, ...]]:
    """Return the passage index, with runs that it lacks read from the tables again, and notes about that."""
    output, settings = context.output, context.settings
    index = PassageIndex(output.out, output.runs(), settings.near_duplicates)
    missing = matching.up_to_date(index, output, settings, context.request.workers)
    notes = (f"the index of history lacked {missing} runs: built anew from the tables",) if missing else ()
    return index, notes


def publish(context: RunContext) -> tuple[str, ...]:
    """Make the staged run visible and return notes.

    Raises LockHeldError if another run has taken the lock meanwhile.
    """
    output, run_id, settings = context.output, context.run_id, context.settings.near_duplicates
    context.lock.check()  # the index too belongs to whoever holds the lock now
    before = [run for run in output.runs() if run != run_id]
    index = PassageIndex(output.out, before, settings)
    index.publish(context.workspace.folder / matching.SEGMENT, len(before))
    try:
        output.publish(run_id, context.lock)
        write_card(output.out)
        PassageIndex(output.out, output.runs(), settings).merge()
    except (KeyboardInterrupt, OSError) as error:
        if not output.is_published(run_id):
            raise
        # The run is committed. What remains is tidying up, which the next run does.
        return (f"published; tidying up was left to the next run ({error or type(error).__name__})",)
    return ()
