"""The storage protocol: what the output folder and the S3 store both offer to runs, reports and the reader.

A run is staged on this machine, becomes visible in one step (`publish`) and is immutable from then on, `clean forget`
excepted. Where it is staged, and which step is the commit, is the business of each store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from upath import UPath  # of the extra `s3`


#: A folder of this machine, or a prefix on an S3-compatible store. Both join names with `/` and glob; only a `Path`
#: can be handed to the operating system. `pipeline.storage.location.is_remote` tells them apart.
OutputLocation: TypeAlias = "Path | UPath"


#: Names of columns, or expressions by name; None for all.
Columns: TypeAlias = "Sequence[str] | Mapping[str, pc.Expression] | None"


class HeldLock(Protocol):
    """The lock of an output location while this process holds it."""

    def check(self) -> None:
        """Raise LockHeldError if another process has taken the lock."""


class TableRows(Protocol):
    """A table of one run, to be filtered and read lazily. All methods raise UserError where a file is damaged."""

    def to_table(self, columns: Columns = None, filter: pc.Expression | None = None) -> pa.Table:  # noqa: A002 - as Arrow calls it
        """Read the rows, or some of them, at once."""

    def to_batches(self, columns: Columns = None, filter: pc.Expression | None = None) -> Iterator[pa.RecordBatch]:  # noqa: A002
        """Read the rows, or some of them, batch by batch."""

    def count_rows(self, filter: pc.Expression | None = None) -> int:  # noqa: A002
        """Count the rows, or some of them."""


class RunStore(Protocol):
    """The runs at one output location. All methods raise UserError or StoreError where the location cannot be used."""

    @property
    def out(self) -> OutputLocation:
        """The output location."""

    def runs(self) -> list[str]:
        """Return the ids of the published runs, oldest first by the `started` of their manifests."""

    def is_published(self, run: str) -> bool:
        """Tell if a run was committed."""

    def manifest(self, run: str) -> dict[str, Any]:
        """Return the manifest of a published run."""

    def table(self, name: str, run: str) -> TableRows:
        """Open a table of a published run for lazy reading. Raises MissingTableError if a part of it is gone."""

    def lock(
        self, wait: float = 0.0, break_lock: bool = False, waiting: Callable[[], None] = lambda: None
    ) -> AbstractContextManager[HeldLock]:
        """Hold the location's lock, after at most `wait` seconds; call `waiting` between attempts.

        `break_lock` takes it from a holder on another machine. Raises LockHeldError, which names the holder.
        """

    def publish(self, run: str, lock: HeldLock) -> None:
        """Make a staged run visible; check the lock before anything is. Call it again to resume a killed publication.

        Raises LockHeldError if another process has taken the lock: the run is then not visible.
        """

    def leftovers(self) -> Sequence[OutputLocation]:
        """Return the files and folders that killed runs left behind."""

    def roll_back(self, keep: str | None = None) -> Sequence[OutputLocation]:
        """Remove all leftovers but those of the run `keep`, and return them; call it with the lock held."""
