"""`clean verify --repair`: mend what a killed run, a power cut or an older version left in an output location.

All that can be made again from the tables is removed where it is damaged; the next run makes it again. Tables of
published runs are never touched, but for articles that were to be forgotten.
"""

from __future__ import annotations

from pipeline.console import counted
from pipeline.durable import remove
from pipeline.passages.passage_index import damage
from pipeline.runs import forgetting
from pipeline.settings import Settings
from pipeline.storage.location import is_remote, store_at
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.replacement import is_ready
from pipeline.templates.mining import is_damaged


def repair(out: OutputLocation, settings: Settings) -> list[str]:
    """Mend an output location and describe what was done. Raises LockHeldError while a run is under way."""
    store = store_at(out)
    if not is_remote(out) and not out.is_dir():
        return []
    done = []
    with store.lock():
        if is_ready(out):
            done.append("what `clean run --again` had ready is in its place")
        if isinstance(store, OutputFolder) and forgetting.finish(store, settings):
            done.append("articles that were to be forgotten are gone")
        if leftovers := store.roll_back():
            done.append(f"{counted(len(leftovers), 'leftover')} of killed runs removed")
        if isinstance(store, OutputFolder):
            done += _remove_damaged(store)
    return done


def _remove_damaged(store: OutputFolder) -> list[str]:
    """Remove damaged parts of what is derived from the tables."""
    counts = [each for each in store.template_counts() if is_damaged(each)]
    segments = sorted({path.parent for path in damage(store.out)})
    for each in [*counts, *segments]:
        remove(each / "segment.json")  # first: what is removed by half is no segment any more
        remove(each)
    done = [f"damaged counts for templates of {counted(len(counts), 'run')} removed: the next run counts anew"]
    done = done if counts else []
    if segments:
        done.append(f"{counted(len(segments), 'damaged part')} of the index removed: the next run builds it anew")
    return done
