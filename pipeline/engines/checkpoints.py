"""Checkpoints of finished tasks, from which a run resumes after it was killed.

A checkpoint is written last, fsynced and put in place by one rename. It holds the answer of a task, and the size and
digest of every file that the task wrote, which is not fsynced: after a power cut it may exist by name and lack its
content. A checkpoint that does not match in every point counts as missing, and the task is done again.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xxhash

from pipeline.durable import attempt, identity, make_folder, replacing

DIGEST_BYTES = 8  # of XXH3-64


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints under the folder in which a run is staged."""

    folder: Path

    def path(self, phase: str, name: str) -> Path:
        """Return the path of a task's checkpoint."""
        return self.folder / "checkpoints" / phase / name

    def set(self, phase: str, name: str, answer: Any, files: Iterable[Path] = ()) -> None:
        """Record that a task is done, with its answer and the files that it wrote below the folder."""
        written = [(str(path.relative_to(self.folder)), *identity(path)) for path in files]
        content = pickle.dumps((answer, written))
        path = self.path(phase, name)
        make_folder(path.parent)
        with replacing(path, attempt()) as aside:
            aside.write_bytes(xxhash.xxh3_64_digest(content) + content)

    def get(self, phase: str, name: str) -> Any | None:
        """Return the answer of a task that is done and whose files are unchanged, else None."""
        try:
            stored = self.path(phase, name).read_bytes()
        except FileNotFoundError:
            return None
        digest, content = stored[:DIGEST_BYTES], stored[DIGEST_BYTES:]
        if xxhash.xxh3_64_digest(content) != digest:
            return None
        answer, written = pickle.loads(content)
        return answer if all(self._is_unchanged(*each) for each in written) else None

    def _is_unchanged(self, name: str, size: int, digest: str) -> bool:
        try:
            return identity(self.folder / name) == (size, digest)
        except FileNotFoundError:
            return False
