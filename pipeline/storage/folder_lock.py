"""The lock of an output folder: one process writes to it at a time, whatever machine it runs on.

It has two parts. A lock of the operating system on `.lock` is released when its process dies: on a disk of this machine
it is reliable, after a kill -9 and after a reboot too. The file `.lock.holder` names the holder, since network file
systems may hide locks from other machines. The holder renews the file's time while it lives.

A dead holder on this machine (its process has ended, or the machine was rebooted) is replaced. Whether one on another
machine is dead cannot be told from here: the error gives its last sign of life, and a person may break the lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread

from pipeline.errors import LockHeldError, UserError

#: How often a holder renews the time of its file (docs/explanation/runs.md says so), and the silence after which the
#: error advises --break-lock: 20 missed signs. Chosen by hand; not tuned.
SECONDS_BETWEEN_SIGNS = 15.0
SECONDS_OF_SILENCE = 300.0
SECONDS_BETWEEN_TRIES = 0.2  # of a run that waits for the lock
#: Kinds of file systems whose locks may be invisible to other machines.
SHARED = ("9p", "afs", "beegfs", "ceph", "cifs", "fuse", "gfs", "gpfs", "lustre", "ncp", "nfs", "smb", "virtiofs")


@dataclass(frozen=True)
class Holder:
    """The holder of a lock: a process, identified by number, start time, machine and boot (numbers are reused)."""

    host: str
    machine: str
    boot: str
    namespace: str  # containers of a machine number their processes alike
    process: int
    began: str
    token: str

    def is_here(self, here: Holder) -> bool:
        """Tell if its process can be seen from this process."""
        return (self.host, self.machine, self.namespace) == (here.host, here.machine, here.namespace)

    def __str__(self) -> str:
        return f"process {self.process} on {self.host}"


class Lock:
    """The lock of an output folder while it is held."""

    def __init__(self, path: Path, holder: Holder) -> None:
        self.path, self.holder = path, holder

    def check(self) -> None:
        """Raise LockHeldError if another process broke the lock; call it before anything is made visible."""
        if not self.path.parent.is_dir():
            raise UserError(f"{self.path.parent} was removed while the run was under way: nothing was published.")
        now = read_holder(self.path)
        if now is None or now.token != self.holder.token:
            raise LockHeldError(
                f"another process broke the lock of {self.path.parent} (holder now: {now or 'none'}): nothing was "
                "published. Run it again when the other run has ended."
            )


@contextmanager
def held(
    out: Path,
    wait: float = 0.0,
    break_lock: bool = False,
    waiting: Callable[[], None] = lambda: None,
    *,
    local: bool | None = None,
    seconds_between_signs: float = SECONDS_BETWEEN_SIGNS,
) -> Iterator[Lock]:
    """Hold the lock of `out`, after at most `wait` seconds; call `waiting` between attempts.

    `local` says if `out` is on a disk of this machine; by default the mounts decide. Raises LockHeldError, which names
    the holder.
    """
    me = myself()
    local = is_local(out) if local is None else local
    until = time.monotonic() + wait
    while (descriptor := _try(out, me, break_lock, local, last=time.monotonic() >= until)) is None:
        waiting()
        time.sleep(SECONDS_BETWEEN_TRIES)
    done, path = Event(), out / ".lock.holder"
    Thread(target=_give_signs, args=(path, done, seconds_between_signs), daemon=True).start()
    try:
        yield Lock(path, me)
    finally:
        done.set()
        now = read_holder(path)
        if now and now.token == me.token:
            with suppress(OSError):  # a run that was published is no failure for that; its process is gone soon
                path.unlink(missing_ok=True)
        os.close(descriptor)


def myself() -> Holder:
    """Describe this process as a holder."""
    process = os.getpid()
    return Holder(
        socket.gethostname(), _read("/etc/machine-id"), _read("/proc/sys/kernel/random/boot_id"), _namespace(), process,
        _began(process), uuid.uuid4().hex,
    )  # fmt: skip


def _try(out: Path, me: Holder, break_lock: bool, local: bool, last: bool) -> int | None:
    """Return the descriptor of the lock, or None if another process holds it; raise LockHeldError at the last try."""
    path = out / ".lock.holder"
    descriptor = os.open(out / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    why = ""
    try:
        exclusive = _lock(descriptor)
        holder = read_holder(path)
        if exclusive is False:
            why = f"{holder or 'it has just begun'}"
        elif holder and not (break_lock or _is_gone(holder, me, trusted=exclusive is True and local)):
            why = f"{holder}, {_sign_of_life(path)}"
        elif _write_holder(path, me):
            kept, descriptor = descriptor, -1
            return kept
    finally:
        if descriptor >= 0:
            os.close(descriptor)
    if last:
        raise LockHeldError(
            f"another run is writing to {out} ({why}). Wait until it ends (--wait SECONDS), or use another --out."
        )
    return None


def _lock(descriptor: int) -> bool | None:
    """Take the system's lock; return False if it is held, None where the file system has no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is_gone(holder: Holder, me: Holder, trusted: bool) -> bool:
    """Return True if the holder is certainly dead. `trusted`: we hold the system's lock, and it proves that."""
    if trusted:
        return True
    if not holder.is_here(me):
        return False
    return holder.boot != me.boot or _began(holder.process) != holder.began


def _sign_of_life(path: Path) -> str:
    """Describe the holder's last sign of life, by the clock of the file system, with advice after a long silence."""
    try:
        os.utime(path.with_name(".lock"))
        silence = path.with_name(".lock").stat().st_mtime - path.stat().st_mtime
    except OSError:
        return "which has just ended"
    if silence < SECONDS_OF_SILENCE:
        return f"last sign of life {max(0, silence):.0f} s ago"
    return (
        f"no sign of life for {silence / 60:.0f} minutes; if that machine was switched off or its run killed, "
        "clean run --break-lock goes on without it"
    )


def _give_signs(path: Path, done: Event, seconds: float) -> None:
    while not done.wait(seconds):
        with suppress(OSError):
            os.utime(path)


def read_holder(path: Path) -> Holder | None:
    """Read the holder from its file; None where there is no file, or where it was cut off while it was written."""
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write_holder(path: Path, me: Holder) -> bool:
    """Replace a dead holder; return False if another process was faster: only one can make the link."""
    mine = path.with_name(f".lock.{me.token}")
    mine.write_text(json.dumps(asdict(me)), encoding="utf-8")
    try:
        path.unlink(missing_ok=True)
        os.link(mine, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        mine.replace(path)
    finally:
        mine.unlink(missing_ok=True)
    return True


# ---------------------------------------------------------------- processes and file systems


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _began(process: int) -> str:
    """Return the start of a process in ticks since the boot, as text; "" if there is no such process.

    >>> _began(os.getpid()) == _began(os.getpid()), _began(2**22 + 1)
    (True, '')
    """
    if not Path("/proc/self").exists():
        return _lives(process)
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def _lives(process: int) -> str:
    """Return "alive" if there is a process of this number, else "": for systems without /proc."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "alive"


def is_local(folder: Path) -> bool:
    """Return True if a folder is on a disk of this machine; False where the system does not say."""
    return _kind_of_file_system(folder.resolve(), _read("/proc/self/mountinfo")) == "local"


def _kind_of_file_system(folder: Path, mounts: str) -> str:
    """Return `local`, `shared`, or "" where the mounts do not say.

    >>> mounts = "1 1 8:1 / / rw - ext4 /dev/sda1 rw\\n2 1 0:50 / /net rw - nfs4 server:/ rw"
    >>> _kind_of_file_system(Path("/home/out"), mounts), _kind_of_file_system(Path("/net/out"), mounts)
    ('local', 'shared')
    """
    found = Path(), ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        mount = Path(before.split()[4].replace("\\040", " "))
        if folder.is_relative_to(mount) and len(mount.parts) >= len(found[0].parts):
            found = mount, after.split()[0]
    if not found[1]:
        return ""
    return "shared" if found[1].startswith(SHARED) else "local"
