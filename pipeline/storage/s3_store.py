"""Runs under a prefix of an S3-compatible store, where nothing can be renamed: the manifest is the commit.

    s3://bucket/prefix/<table>/run=<run_id>/part-*.parquet    as under a folder, uploaded first, `documents` last
    s3://bucket/prefix/runs/<run_id>.json                     put last, in one request: the run exists from here on
    s3://bucket/prefix/lock.json                              held by the run that is writing (pipeline.storage.s3_lock)

A run exists if and only if its manifest does. Objects of a run without one are leftovers of an upload that was killed.
docs/decisions/0015-the-manifest-is-the-commit-on-a-store.md says why.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pipeline.errors import StoreError, UserError
from pipeline.settings import StoreSettings
from pipeline.storage import tables
from pipeline.storage.damage import StoredTable
from pipeline.storage.protocol import HeldLock
from pipeline.storage.s3_bucket import FIRST_PAUSE, Bucket
from pipeline.storage.s3_lock import S3Lock, locked

if TYPE_CHECKING:
    from upath import UPath

WORK_FOLDER = Path("~/.cache/copydesk")
#: Files in transfer at once. Chosen by hand; not tuned.
TRANSFERS = 8
_RUN = re.compile(r"(?:.*/)?run=([^/]+)/")
_MANIFEST = re.compile(r"runs/([^/]+)\.json")


class S3Store:
    """The runs under one prefix (see `pipeline.storage.protocol.RunStore`).

    A run is staged in the work folder, an output folder of this machine, and published by uploading it.
    """

    def __init__(self, out: UPath, settings: StoreSettings | None = None, first_pause: float = FIRST_PAUSE) -> None:
        self.out = out
        self.bucket = Bucket(str(out), settings or StoreSettings(), first_pause)
        self.work = work_folder(self.bucket)

    def runs(self) -> list[str]:
        """Return the ids of the published runs, oldest first by the `started` of their manifests."""
        return runs_in(self.bucket.listing(), self.manifest)

    def is_published(self, run: str) -> bool:
        """Tell if a run was committed."""
        return f"runs/{run}.json" in self.bucket.listing()

    def manifest(self, run: str) -> dict[str, Any]:
        """Return the manifest of a published run."""
        manifest: dict[str, Any] = json.loads(self.bucket.get(f"runs/{run}.json"))
        return manifest

    def table(self, name: str, run: str) -> StoredTable:
        """Open a table of a published run for lazy reading. Raises MissingTableError if a part of it is gone."""
        return tables.dataset(self.out, name, run)

    @contextmanager
    def lock(
        self, wait: float = 0.0, break_lock: bool = False, waiting: Callable[[], None] = lambda: None
    ) -> Iterator[S3Lock]:
        """Hold the prefix, after at most `wait` seconds; `break_lock` takes it from any holder."""
        with locked(self.bucket, wait, break_lock, waiting) as lock:
            yield lock

    def leftovers(self) -> list[UPath]:
        """Return the objects of runs that have no manifest."""
        return [self.out / name for name in leftovers_in(self.bucket.listing())]

    def roll_back(self, keep: str | None = None) -> list[UPath]:
        """Remove all leftovers but those of the run `keep`, and return them; call it with the lock held."""
        found = [name for name in leftovers_in(self.bucket.listing()) if run_of(name) != keep]
        self.bucket.remove(found)
        return [self.out / name for name in found]

    def publish(self, run: str, lock: HeldLock) -> None:
        """Upload a run from the work folder, `documents` last, see that all objects are there, commit by its manifest.

        Files that an earlier, killed upload of this very run left there whole are not sent again.
        """
        files = files_of(self.work, run)
        missing = self._missing(files)
        for documents in (False, True):
            names = [name for name in sorted(missing) if name.startswith("documents/") == documents]
            with ThreadPoolExecutor(TRANSFERS) as transfers:
                list(transfers.map(lambda name: self.bucket.upload(files[name], name), names))
        lost = self._missing(files)
        if lost:
            raise StoreError(f"{self.bucket.url}: {len(lost)} objects were not kept ({lost[0]}). Try again later.")
        lock.check()
        manifest = (self.work / "runs" / f"{run}.json").read_bytes()
        if self.bucket.put_if(f"runs/{run}.json", manifest, IfNoneMatch="*") is None:
            raise UserError(
                f"run id {run!r} is taken by a published run in {self.bucket.url}. Choose another --run-id."
            )

    def fetch(self, names: list[str], folder: Path) -> None:
        """Copy objects into files below `folder`."""
        with ThreadPoolExecutor(TRANSFERS) as transfers:
            list(transfers.map(lambda name: self.bucket.download(name, folder / name), names))

    def _missing(self, files: Mapping[str, Path]) -> list[str]:
        """Return the names of files whose objects are not on the store in full size."""
        sizes = self.bucket.listing()
        return [name for name, path in files.items() if sizes.get(name) != path.stat().st_size]


def work_folder(bucket: Bucket) -> Path:
    """Return the work folder of this prefix alone: its name is readable, its digest tells prefixes apart."""
    settings = bucket.settings
    digest = hashlib.sha256(f"{settings.endpoint_url} {bucket.root}".encode()).hexdigest()[:8]
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", bucket.root)[-60:].strip("-.")
    return Path(settings.work_folder or WORK_FOLDER).expanduser() / f"{name}-{digest}"


def runs_in(listing: Mapping[str, int], manifest: Callable[[str], dict[str, Any]]) -> list[str]:
    """Return the published runs of a listing, oldest first."""
    found = [match[1] for name in listing if (match := _MANIFEST.fullmatch(name))]
    return sorted(found, key=lambda run: (manifest(run).get("started", ""), run))


def run_of(name: str) -> str | None:
    """Return the run that an object belongs to by its name.

    >>> run_of("documents/run=monday/part-00000.parquet"), run_of("index/templates/run=tue/counts.parquet")
    ('monday', 'tue')
    >>> run_of("runs/monday.json") is None
    True
    """
    match = _RUN.match(name)
    return match[1] if match else None


def leftovers_in(listing: Mapping[str, int]) -> list[str]:
    """Return the names of objects of runs that have no manifest.

    >>> leftovers_in({"documents/run=a/part-0.parquet": 1, "ledger/run=b/part-0.parquet": 1, "runs/a.json": 1})
    ['ledger/run=b/part-0.parquet']
    """
    published = {match[1] for name in listing if (match := _MANIFEST.fullmatch(name))}
    return sorted(name for name in listing if (run := run_of(name)) and run not in published)


def files_of(out: Path, run: str) -> dict[str, Path]:
    """Map the names of a run's objects to its files below an output folder."""
    folders = [*out.glob(f"*/run={run}"), *out.glob(f"*/*/run={run}")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    named = {PurePosixPath(path.relative_to(out)).as_posix(): path for path in files}
    return {name: path for name, path in named.items() if not name.startswith(".")}
