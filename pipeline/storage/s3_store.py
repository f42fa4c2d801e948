"""An output prefix on an S3-compatible store, where nothing can be renamed: the manifest is the commit.

    s3://bucket/prefix/<table>/run=<run_id>/part-*.parquet    as under a folder, uploaded first, `documents` last
    s3://bucket/prefix/runs/<run_id>.json                     put last, in one request: the run exists from here on
    s3://bucket/prefix/lock.json                              held by the run that is writing

A run exists if and only if its manifest does. Objects of a run without one are leftovers of an upload that was killed.
docs/decisions/0015-the-manifest-is-the-commit-on-a-store.md says why.
"""

from __future__ import annotations

import json
import os
import re
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from threading import Event, Thread
from threading import Lock as MutualExclusion
from typing import Any, NamedTuple, TypeVar

from pipeline.errors import LockHeldError, StoreError, UserError
from pipeline.settings import StoreSettings

Result = TypeVar("Result")

LOCK = "lock.json"
#: Files on their way at once.
TRANSFERS = 8
#: Pauses between attempts, in seconds: the first, and the longest; each is twice the one before.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 20.0
CONNECT_SECONDS, READ_SECONDS = 10, 60
#: Beats of a lock in the time after which it counts as left behind.
BEATS = 5
SECONDS_BETWEEN_TRIES = 5.0
_RUN = re.compile(r"(?:.*/)?run=([^/]+)/")
_MANIFEST = re.compile(r"runs/([^/]+)\.json")


def client_options(settings: StoreSettings, attempts: int) -> dict[str, Any]:
    """What s3fs is told. Credentials are none of our business: they come from where AWS' own tools find them."""
    retries = {"total_max_attempts": attempts, "mode": "standard"}
    config = {"retries": retries, "connect_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS}
    endpoint = {"endpoint_url": settings.endpoint_url} if settings.endpoint_url else {}
    return {"config_kwargs": config, "use_listings_cache": False, **endpoint}


class Found(NamedTuple):
    """An object; its age in seconds is by the store's own clock."""

    content: bytes
    etag: str
    age: float


class Bucket:
    """The objects under one prefix. Every request is tried again, with growing pauses, before it is given up."""

    def __init__(self, url: str, settings: StoreSettings) -> None:
        import s3fs  # noqa: PLC0415 - an extra, needed by those alone who have a store

        self.url, self.settings = url.rstrip("/"), settings
        self.fs = s3fs.S3FileSystem(**client_options(settings, attempts=1), skip_instance_cache=True)
        self.fs.retries = 1  # who tries again is `patiently`
        self.root = self.fs._strip_protocol(self.url)

    def patiently(self, request: Callable[[], Result]) -> Result:
        """What the request gives, after as many attempts as the settings allow."""
        pause, attempts = FIRST_PAUSE, self.settings.attempts
        for attempt in range(1, attempts + 1):
            try:
                return request()
            except Exception as error:  # whatever s3fs, botocore and aiohttp raise
                if _is_lasting(error):
                    raise self.refused(error) from None
                if attempt == attempts:
                    raise self.given_up(error, attempts) from None
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        raise AssertionError("attempts is at least 1")

    def given_up(self, error: Exception, attempts: int) -> StoreError:
        """What to tell a person whose store does not answer."""
        return StoreError(
            f"{self.url}: the store did not answer as it should in {attempts} attempts ({_in_words(error)}). "
            "Nothing half written is visible. Try again later; what was done is kept in the work folder."
        )

    def refused(self, error: Exception) -> UserError:
        """What to tell a person whose request a store will never grant."""
        return UserError(
            f"{self.url}: the store refuses ({_in_words(error)}). Check that the bucket exists, the region or endpoint "
            "([store] endpoint_url, AWS_ENDPOINT_URL) and the credentials, which are taken from where AWS' tools look."
        )

    def listing(self) -> dict[str, int]:
        """Every object below the prefix, by its name there, with its size."""
        found = self.patiently(lambda: self.fs.find(self.root, detail=True))
        return {name.removeprefix(self.root + "/"): int(info["size"]) for name, info in found.items()}

    def get(self, name: str) -> bytes:
        """The content of an object."""
        return bytes(self.patiently(lambda: self.fs.cat_file(f"{self.root}/{name}")))

    def download(self, name: str, path: Path) -> None:
        """An object into a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.patiently(lambda: self.fs.get_file(f"{self.root}/{name}", str(path)))

    def upload(self, path: Path, name: str) -> None:
        """A file into an object."""
        self.patiently(lambda: self.fs.put_file(str(path), f"{self.root}/{name}"))

    def remove(self, names: list[str]) -> None:
        """Remove objects; it is no error that one is gone."""
        for name in names:
            with suppress(FileNotFoundError):
                self.patiently(lambda name=name: self.call("delete_object", name))  # type: ignore[misc]

    def put_if(self, name: str, data: bytes, **condition: str) -> str | None:
        """Put an object on a condition (IfNoneMatch="*", IfMatch=etag); its etag, or None if the condition fails.

        Where an answer was lost on its way, the next attempt finds the condition broken by ourselves: so it is looked
        at whose content is there.
        """

        def request() -> str | None:
            try:
                return str(self.call("put_object", name, Body=data, **condition)["ETag"])
            except OSError as error:
                if _code(error) in CONDITION_FAILED or isinstance(error, FileNotFoundError):
                    return None
                raise

        etag = self.patiently(request)
        found = None if etag else self.look(name)
        return found.etag if found and found.content == data else etag

    def look(self, name: str) -> Found | None:
        """An object with what the store knows of it; None if there is none."""

        def head() -> Any:
            with suppress(FileNotFoundError):
                return self.call("head_object", name)

        def content() -> bytes | None:
            with suppress(FileNotFoundError):
                return bytes(self.fs.cat_file(f"{self.root}/{name}"))
            return None

        # In this order: if the object is replaced in between, the etag is an old one, which opens nothing.
        about, there = self.patiently(head), self.patiently(content)
        if about is None or there is None:
            return None
        now = parsedate_to_datetime(about["ResponseMetadata"]["HTTPHeaders"]["date"])
        return Found(there, str(about["ETag"]), (now - about["LastModified"]).total_seconds())

    def call(self, method: str, name: str, **arguments: Any) -> Any:
        """One request about one object."""
        bucket, _, prefix = self.root.partition("/")
        key = f"{prefix}/{name}" if prefix else name
        return self.fs.call_s3(method, Bucket=bucket, Key=key, **arguments)


CONDITION_FAILED = ("PreconditionFailed", "412", "ConditionalRequestConflict", "409")


def _code(error: BaseException) -> str:
    """The store's own word for an error, which s3fs keeps as the cause of what it raises."""
    response = getattr(error.__cause__ or error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def _is_lasting(error: Exception) -> bool:
    """Will the same request never be granted?"""
    lasting = ("NoCredentialsError", "PartialCredentialsError", "ParamValidationError", "ProfileNotFound", "UserError")
    kinds = (FileNotFoundError, PermissionError, NotADirectoryError, IsADirectoryError, ValueError, TypeError)
    by_name = type(error).__name__ in lasting or _code(error) in ("NotImplemented", "501")
    return by_name or isinstance(error, kinds) or (isinstance(error, OSError) and error.errno == 28)


def _in_words(error: Exception) -> str:
    """An error in one line, without what a client may say about keys.

    >>> _in_words(ConnectionError("refused\\nby the host"))
    'ConnectionError: refused by the host'
    """
    words = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return re.sub(r"(?i)(accesskeyid|signature|credential|token)=[^&\s]+", r"\1=…", words)[:300]


# ---------------------------------------------------------------- the lock


@dataclass
class S3Lock:
    """The lock object as its holder knows it. It is put anew every so often; one that is not is left behind."""

    bucket: Bucket
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    etag: str = ""
    beats: int = 0
    lost: bool = False
    stop: Event = field(default_factory=Event)
    turn: MutualExclusion = field(default_factory=MutualExclusion)

    def content(self) -> bytes:
        """What stands in the lock. It is new at every beat, and with it the etag that others go by."""
        holder = f"process {os.getpid()} on {socket.gethostname()}"
        told = {"holder": holder, "seconds": self.bucket.settings.lock_seconds, "token": self.token}
        return json.dumps(told | {"beats": self.beats}).encode()

    def take(self) -> None:
        """Take the lock, be it free or left behind; a LockHeldError says who has it."""
        etag = self.bucket.put_if(LOCK, self.content(), IfNoneMatch="*")
        self.etag = etag or _take_over(self.bucket, self.content())
        if self.bucket.put_if(LOCK, b"{}", IfNoneMatch="*"):
            raise UserError(
                f"{self.bucket.url}: this store ignores If-None-Match, so that two runs could write at once."
            )

    def release(self) -> None:
        """Remove the lock if it is ours; where the store is out of reach it stays until it is old."""
        with suppress(UserError):
            found = self.bucket.look(LOCK)
            if found and json.loads(found.content)["token"] == self.token:
                self.bucket.remove([LOCK])

    def beat(self) -> None:
        """Say that the holder is alive until it is told to stop."""
        seconds = self.bucket.settings.lock_seconds / BEATS
        while not self.stop.wait(seconds):
            with suppress(StoreError):  # the next beat may get through, and `check` asks before it matters
                self.lost = self.lost or not self.renew()

    def renew(self) -> bool:
        """Put the lock anew, unless another run took it."""
        with self.turn:
            self.beats += 1
            etag = self.bucket.put_if(LOCK, self.content(), IfMatch=self.etag)
            self.etag = etag or self.etag
            return etag is not None

    def check(self) -> None:
        """Raise unless the lock is held this very moment: to be asked right before a commit."""
        if self.lost or not self.renew():
            raise LockHeldError(
                f"{self.bucket.url}: another run took the lock, since this one had not been heard of for "
                f"{self.bucket.settings.lock_seconds:,.0f} s. Nothing of this run is visible; the next run clears up."
            )


@contextmanager
def locked(
    bucket: Bucket, wait: float = 0.0, break_lock: bool = False, waiting: Callable[[], None] = lambda: None
) -> Iterator[S3Lock]:
    """Hold the prefix, after at most `wait` seconds; a lock left behind is taken over, any other if it is broken."""
    lock = S3Lock(bucket)
    if break_lock:
        bucket.remove([LOCK])
    end = time.monotonic() + wait
    while True:
        try:
            lock.take()
            break
        except LockHeldError:
            if time.monotonic() >= end:
                raise
        waiting()
        time.sleep(min(SECONDS_BETWEEN_TRIES, max(0.0, end - time.monotonic())))
    beats = Thread(target=lock.beat, daemon=True)
    beats.start()
    try:
        yield lock
    finally:
        lock.stop.set()
        beats.join()
        lock.release()


def _take_over(bucket: Bucket, content: bytes) -> str:
    found = bucket.look(LOCK)
    if found is None:  # released this very moment
        etag = bucket.put_if(LOCK, content, IfNoneMatch="*")
    else:
        told, seconds = json.loads(found.content), found.age
        if seconds <= float(told["seconds"]):
            raise LockHeldError(
                f"another run is writing to {bucket.url} ({told['holder']}, heard of {seconds:,.0f} s ago). Wait until "
                f"it ends; if it was killed, its lock is void {float(told['seconds']):,.0f} s after its last sign."
            )
        etag = bucket.put_if(LOCK, content, IfMatch=found.etag)
    if etag is None:
        raise LockHeldError(f"another run has just begun to write to {bucket.url}. Wait until it ends.")
    return etag


# ---------------------------------------------------------------- runs


class S3Store:
    """The runs under one prefix: what `pipeline.storage.output_folder.OutputFolder` is for a folder."""

    def __init__(self, out: Path, settings: StoreSettings | None = None) -> None:
        self.out = out
        self.bucket = Bucket(str(out), settings or StoreSettings())

    def runs(self) -> list[str]:
        """Ids of the published runs, oldest first by the time their manifests give."""
        return runs_in(self.bucket.listing(), self.manifest)

    def manifest(self, run: str) -> dict[str, Any]:
        """The manifest of a published run."""
        manifest: dict[str, Any] = json.loads(self.bucket.get(f"runs/{run}.json"))
        return manifest

    def leftovers(self) -> list[Path]:
        """Objects of runs that have no manifest."""
        return [self.out / name for name in leftovers_in(self.bucket.listing())]

    def roll_back(self) -> list[str]:
        """Remove all leftovers; to be called with the lock held."""
        found = leftovers_in(self.bucket.listing())
        self.bucket.remove(found)
        return found

    def publish(self, run: str, files: Mapping[str, Path], manifest: Path, lock: S3Lock) -> None:
        """Upload a run's files, `documents` last, see that all are there, and commit by its manifest.

        Files that an earlier, killed upload of this very run left there whole are not sent again.
        """
        there = self.bucket.listing()
        missing = {name: path for name, path in files.items() if there.get(name) != path.stat().st_size}
        for documents in (False, True):
            names = [name for name in sorted(missing) if name.startswith("documents/") == documents]
            with ThreadPoolExecutor(TRANSFERS) as transfers:
                list(transfers.map(lambda name: self.bucket.upload(missing[name], name), names))
        there = self.bucket.listing()
        lost = [name for name, path in files.items() if there.get(name) != path.stat().st_size]
        if lost:
            raise StoreError(f"{self.bucket.url}: {len(lost)} objects were not kept ({lost[0]}). Try again later.")
        lock.check()
        if self.bucket.put_if(f"runs/{run}.json", manifest.read_bytes(), IfNoneMatch="*") is None:
            raise UserError(
                f"run id {run!r} is taken by a published run in {self.bucket.url}. Choose another --run-id."
            )

    def fetch(self, names: list[str], folder: Path) -> None:
        """Objects into files below `folder`."""
        with ThreadPoolExecutor(TRANSFERS) as transfers:
            list(transfers.map(lambda name: self.bucket.download(name, folder / name), names))


def runs_in(listing: Mapping[str, int], manifest: Callable[[str], dict[str, Any]]) -> list[str]:
    """The published runs of a listing, oldest first."""
    found = [match[1] for name in listing if (match := _MANIFEST.fullmatch(name))]
    return sorted(found, key=lambda run: (manifest(run).get("started", ""), run))


def run_of(name: str) -> str | None:
    """The run that an object belongs to by its name.

    >>> run_of("documents/run=monday/part-00000.parquet"), run_of("index/templates/run=tue/counts.parquet")
    ('monday', 'tue')
    >>> run_of("runs/monday.json") is None
    True
    """
    match = _RUN.match(name)
    return match[1] if match else None


def leftovers_in(listing: Mapping[str, int]) -> list[str]:
    """Names of objects of runs that have no manifest.

    >>> leftovers_in({"documents/run=a/part-0.parquet": 1, "ledger/run=b/part-0.parquet": 1, "runs/a.json": 1})
    ['ledger/run=b/part-0.parquet']
    """
    published = {match[1] for name in listing if (match := _MANIFEST.fullmatch(name))}
    return sorted(name for name in listing if (run := run_of(name)) and run not in published)


def files_of(out: Path, run: str) -> dict[str, Path]:
    """The files of a run below a folder, by the names of their objects."""
    folders = [*out.glob(f"*/run={run}"), *out.glob(f"*/*/run={run}")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    named = {PurePosixPath(path.relative_to(out)).as_posix(): path for path in files}
    return {name: path for name, path in named.items() if not name.startswith(".")}
