"""The lock of an S3 prefix: one object, put by conditional requests and renewed while its holder lives."""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from threading import Lock as MutualExclusion

from pipeline.errors import LockHeldError, StoreError, UserError
from pipeline.storage.s3_bucket import Bucket

LOCK = "lock.json"
#: Renewals within `[store] lock_seconds`, after which the lock is void: several requests may fail before that.
BEATS = 5
#: Chosen by hand; not tuned.
SECONDS_BETWEEN_TRIES = 5.0


@dataclass
class S3Lock:
    """The lock object as its holder knows it. It is put again at every renewal; one that is not becomes void."""

    bucket: Bucket
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    etag: str = ""
    beats: int = 0
    lost: bool = False
    stop: Event = field(default_factory=Event)
    turn: MutualExclusion = field(default_factory=MutualExclusion)

    def content(self) -> bytes:
        """Return the object's content: new at every renewal, and with it the etag that others compare."""
        holder = f"process {os.getpid()} on {socket.gethostname()}"
        fields = {"holder": holder, "seconds": self.bucket.settings.lock_seconds, "token": self.token}
        return json.dumps(fields | {"beats": self.beats}).encode()

    def take(self) -> None:
        """Take the lock if it is free or void. Raises LockHeldError, which names its holder."""
        etag = self.bucket.put_if(LOCK, self.content(), IfNoneMatch="*")
        self.etag = etag or _take_over(self.bucket, self.content())
        if self.bucket.put_if(LOCK, b"{}", IfNoneMatch="*"):
            raise UserError(
                f"{self.bucket.url}: this store ignores If-None-Match, so that two runs could write at once. Use a "
                "store with conditional writes (docs/how-to/s3.md)."
            )

    def release(self) -> None:
        """Remove the lock if it is ours; where the store is out of reach it stays until it is void."""
        with suppress(UserError):
            found = self.bucket.look(LOCK)
            if found and json.loads(found.content)["token"] == self.token:
                self.bucket.remove([LOCK])

    def beat(self) -> None:
        """Renew the lock until `stop` is set."""
        seconds = self.bucket.settings.lock_seconds / BEATS
        while not self.stop.wait(seconds):
            with suppress(StoreError):  # the next renewal may succeed, and `check` runs before a commit
                self.lost = self.lost or not self.renew()

    def renew(self) -> bool:
        """Write the lock anew; return False if another run took it."""
        with self.turn:
            self.beats += 1
            etag = self.bucket.put_if(LOCK, self.content(), IfMatch=self.etag)
            self.etag = etag or self.etag
            return etag is not None

    def check(self) -> None:
        """Raise LockHeldError unless the lock is held at this moment; call it right before a commit."""
        if self.lost or not self.renew():
            raise LockHeldError(
                f"{self.bucket.url}: another run took the lock, since this one had given no sign of life for "
                f"{self.bucket.settings.lock_seconds:,.0f} s. Nothing of this run is visible; the next run clears up."
            )


@contextmanager
def locked(
    bucket: Bucket, wait: float = 0.0, break_lock: bool = False, waiting: Callable[[], None] = lambda: None
) -> Iterator[S3Lock]:
    """Hold the lock of a prefix, after at most `wait` seconds; a void lock is taken over, any other if broken."""
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
    """Replace a void lock and return the new etag. Raises LockHeldError if the lock is held."""
    found = bucket.look(LOCK)
    if found is None:  # released at this very moment
        etag = bucket.put_if(LOCK, content, IfNoneMatch="*")
    else:
        fields, age = json.loads(found.content), found.age
        if age <= float(fields["seconds"]):
            raise LockHeldError(
                f"another run is writing to {bucket.url} ({fields['holder']}, last sign of life {age:,.0f} s ago). "
                f"Wait until it ends; if it was killed, its lock is void {float(fields['seconds']):,.0f} s after its "
                "last sign of life."
            )
        etag = bucket.put_if(LOCK, content, IfMatch=found.etag)
    if etag is None:
        raise LockHeldError(f"another run has just begun to write to {bucket.url}. Wait until it ends.")
    return etag
