"""The passage index: what the corpus stage remembers of published runs, in files under `out/index/near_duplicates/`.

    <first>-<last>/    a segment about the runs of these numbers (pipeline.passages.segments)

It is derived from the tables and can be thrown away: what is missing, damaged, of another format or about other runs is
rebuilt from them. A run's segment is staged with the run and renamed into place before `documents` is, so a segment
of a run that was not committed is a leftover. Segments are merged as in a log-structured store: four adjacent ones of
one size become one, which appears by one rename and is then preferred to those it was made of. So there are O(log n).
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.durable import identity, move
from pipeline.passages.merging import merge
from pipeline.passages.segments import FileColumn, StoredSegment, digests_of, load
from stages.near_duplicates import Settings
from stages.near_duplicates.history import COLUMNS, Segment, after, blocks

FOLDER = Path("index") / "near_duplicates"
#: Adjacent segments of one size that are merged into one (docs/method/history.md); a segment is of the size of those
#: after it if it is less than so many times as large as all of them. Chosen by hand; not tuned.
MERGED = 4


class PassageIndex:
    """The segments under an output folder that cover its published runs, in their order."""

    def __init__(self, out: Path, runs: Sequence[str], settings: Settings) -> None:
        self.folder, self.runs, self.settings = out / FOLDER, list(runs), settings
        self.stored = self._chosen()

    def _chosen(self) -> list[StoredSegment]:
        """Choose the segments that cover the runs from the first on, the widest at each run."""
        every = [load(path, self.settings) for path in sorted(self.folder.glob("[0-9]*-[0-9]*"))]
        chosen: list[StoredSegment] = []
        at = 0
        while at < len(self.runs):
            fitting = [
                each for each in every if each and each.span[0] == at
                and list(each.runs) == self.runs[at : each.span[1] + 1] and each.segment.first == self._next(chosen)
            ]  # fmt: skip
            if not fitting:
                break
            chosen.append(max(fitting, key=lambda each: each.span[1]))
            at = chosen[-1].span[1] + 1
        return chosen

    def _next(self, chosen: list[StoredSegment]) -> tuple[int, int, int]:
        return after([each.segment for each in chosen])

    @property
    def history(self) -> list[Segment]:
        """Segments as the corpus stage reads them, oldest first."""
        return [each.segment for each in self.stored]

    @property
    def covered(self) -> int:
        """Number of runs, from the first on, that the index covers."""
        return self.stored[-1].span[1] + 1 if self.stored else 0

    def missing(self) -> list[str]:
        """Return the runs that the index does not cover."""
        return self.runs[self.covered :]

    def tidy(self) -> None:
        """Remove segments that are damaged or not about published runs; call it with the lock held."""
        kept = {each.folder for each in self.stored}
        for path in self.folder.glob("*"):
            if path not in kept:
                _remove(path)

    def refresh(self) -> None:
        """Choose the segments again, after a change on disk."""
        self.stored = self._chosen()

    def publish(self, staged: Path, number: int) -> None:
        """Rename the staged segment of run `number` into place; do nothing if an earlier publication did."""
        name = f"{number:06d}-{number:06d}"
        if staged.exists():
            move(staged, self.folder / name)

    def merge(self) -> None:
        """Merge adjacent segments of one size until there are few; call it with the lock held. Raises OSError."""
        while chosen := mergeable([each.segment.entry_count for each in self.stored]):
            merged, folder = self.stored[chosen], self.folder / ".merging"
            try:
                aside = merge(merged, folder, self.settings)
            except OSError:  # most often a full disk: the segments there are still serve
                shutil.rmtree(folder, ignore_errors=True)
                raise
            target = self.folder / f"{aside.span[0]:06d}-{aside.span[1]:06d}"
            move(aside.folder, target)
            for each in merged:
                _remove(each.folder)
            found = load(target, self.settings)
            if found is None:
                raise OSError(f"{target} cannot be read back")
            self.stored[chosen] = [found]


def _remove(folder: Path) -> None:
    """Remove a segment; one that is removed by half is no segment any more."""
    (folder / "segment.json").unlink(missing_ok=True)
    shutil.rmtree(folder)


def damage(out: Path) -> list[Path]:
    """Return the paths of columns whose content is not what was written, in all segments. Reads every column."""
    found: list[Path] = []
    for path in sorted((out / FOLDER).glob("[0-9]*/segment.json")):
        try:
            digests = digests_of(path.parent)
        except (ValueError, KeyError, TypeError):
            continue  # of another format: the next run rebuilds it
        columns = {path.with_name(f"{name}.bin"): digest for name, digest in digests.items()}
        found += [each for each, digest in columns.items() if not each.exists() or identity(each)[1] != digest]
    return found


def known_ids(out: Path, ids: NDArray[np.bytes_]) -> int:
    """Count those of some document ids that any segment of an output folder holds, whatever its fingerprint."""
    known = 0
    for path in sorted((out / FOLDER).rglob("id.bin")):
        column = FileColumn(path, COLUMNS["id"], path.stat().st_size // np.dtype(COLUMNS["id"]).itemsize)
        known += sum(int(np.isin(values, ids).sum()) for _, values in blocks(column))
    return known


def mergeable(sizes: Sequence[int], fewest: int = MERGED, times: float = MERGED) -> slice | None:
    """Return the last segments that are to be merged, by their sizes: `fewest` or more of one size, or smaller.

    A segment is of the size of those after it if it is less than so many `times` as large as all of them.

    >>> mergeable([900, 40, 30, 20]), mergeable([900, 40, 30, 20, 5]), mergeable([900, 1, 1, 1, 1])
    (None, slice(1, 5, None), slice(1, 5, None))
    >>> mergeable([9] * 5, 6), mergeable([90, *[9] * 6], 6), mergeable([90, *[9] * 6], 6, 1 / 4)
    (None, slice(0, 7, None), slice(1, 7, None))
    """
    for begin in range(len(sizes) - fewest + 1):
        if sizes[begin] < times * max(1, sum(sizes[begin + 1 :])):
            return slice(begin, len(sizes))
    return None
