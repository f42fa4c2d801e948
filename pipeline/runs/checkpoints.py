"""Checkpoints of what a run has done, for the run that goes on after it was killed.

A mark is written last, in one rename. It holds the answer of a task, and size and digest of every file that the task
wrote: after a power cut a file may be there by name and lack its content. A mark that does not hold in every point
counts as none, and the task is done again.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xxhash

from pipeline.storage.durable import identity

DIGEST_BYTES = 8


@dataclass(frozen=True)
class Checkpoints:
    """The marks under the folder in which a run is staged."""

    folder: Path

    def path(self, phase: str, name: str) -> Path:
        """Where the mark of a task lies."""
        return self.folder / "marks" / phase / name

    def set(self, phase: str, name: str, answer: Any, files: Iterable[Path] = ()) -> None:
        """Mark a task as done, with its answer and the files that it wrote below the folder."""
        wrote = [(str(path.relative_to(self.folder)), *identity(path)) for path in files]
        content = pickle.dumps((answer, wrote))
        path = self.path(phase, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{name}.{os.getpid()}")
        unfinished.write_bytes(xxhash.xxh3_64_digest(content) + content)
        unfinished.replace(path)

    def get(self, phase: str, name: str) -> Any | None:
        """The answer of a task that is done, its files as it left them; else None."""
        try:
            marked = self.path(phase, name).read_bytes()
        except FileNotFoundError:
            return None
        digest, content = marked[:DIGEST_BYTES], marked[DIGEST_BYTES:]
        if xxhash.xxh3_64_digest(content) != digest:
            return None
        answer, wrote = pickle.loads(content)
        return answer if all(self._is_as_left(*each) for each in wrote) else None

    def _is_as_left(self, name: str, size: int, digest: str) -> bool:
        try:
            return identity(self.folder / name) == (size, digest)
        except FileNotFoundError:
            return False
