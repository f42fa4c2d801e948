"""Crash images: the states in which a power cut can leave a folder, at every point of a program that writes there.

A recorder looks at the folder before every operation on files of this process (Python's audit events, and `os.fsync`)
and notes what changed since. What is not fsynced may be lost, and so may the entry of a file in a folder that is not:

    dropped   everything is lost that was not fsynced, names and data
    named     all names are there, but no data that was not fsynced: files are empty, or hold what they held before
    zeros     all names are there; data that was not fsynced is zeros
    whole     nothing is lost, as by a kill
    drawn     each name and file by lot
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

VARIANTS = ("dropped", "named", "zeros", "whole", "drawn")
WATCHED = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.truncate")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
#: The folder that is recorded, as an object of the file system.
ROOT = 0


@dataclass(frozen=True)
class Create:
    """A new entry in a folder, with a new file or folder behind it."""

    parent: int
    name: str
    what: int
    is_folder: bool


@dataclass(frozen=True)
class Remove:
    parent: int
    name: str


@dataclass(frozen=True)
class Rename:
    parent: int
    name: str
    new_parent: int
    new_name: str
    what: int


@dataclass(frozen=True)
class Exchange:
    """Two entries that change places in one step."""

    parent: int
    name: str
    new_parent: int
    new_name: str
    what: int  # under the old name before
    other: int


@dataclass(frozen=True)
class Write:
    """The whole content that a file has now."""

    what: int
    content: bytes


@dataclass(frozen=True)
class Sync:
    what: int


Operation = Create | Remove | Rename | Exchange | Write | Sync
#: Content of files by path; None for a folder.
Image = dict[str, bytes | None]


@dataclass
class Recorder:
    """What happens in a folder, as a list of operations. Nothing of ours is patched but `os.fsync`."""

    root: Path
    operations: list[Operation] = field(default_factory=list)
    begin: int = 0  # operations that stand for what was there before
    ids: dict[str, int] = field(default_factory=lambda: {"": ROOT})
    seen: dict[str, os.stat_result] = field(default_factory=dict)
    looking: bool = False
    renaming: tuple[str, str] | None = None
    last: int = ROOT

    def on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look before an operation on files."""
        if self.looking or event not in WATCHED or (event == "open" and not (arguments[2] or 0) & WRITING):
            return
        self.look()
        if event == "os.rename":
            names = [self._inside(each) for each in arguments[:2]]
            self.renaming = (names[0], names[1]) if names[0] and names[1] else None

    def fsync(self, descriptor: int) -> None:
        """Note what is fsynced."""
        self.look()
        number = os.fstat(descriptor).st_ino
        self.operations += [Sync(self.ids[path]) for path, stat in self.seen.items() if stat.st_ino == number]
        if number == self.root.stat().st_ino:
            self.operations.append(Sync(ROOT))

    def look(self) -> None:
        """Note what changed since the last look."""
        self.looking = True
        try:
            self._compare(dict(self._scan("")))
        finally:
            self.looking = False

    def _inside(self, path: Any) -> str:
        absolute = Path.cwd() / path
        return str(absolute.relative_to(self.root)) if absolute.is_relative_to(self.root) else ""

    def _scan(self, folder: str) -> Iterator[tuple[str, os.stat_result]]:
        for entry in sorted(os.scandir(self.root / folder), key=lambda entry: entry.name):
            path = f"{folder}/{entry.name}".lstrip("/")
            yield path, entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                yield from self._scan(path)

    def _compare(self, now: dict[str, os.stat_result]) -> None:
        if self.renaming and self.renaming[1] in now and self.renaming[0] not in now:
            self._rename(*self.renaming)
        self.renaming = None
        self._exchanges(now)
        gone = [path for path in self.seen if path not in now or self.seen[path].st_ino != now[path].st_ino]
        for path in sorted(gone, reverse=True):
            self.operations.append(Remove(*self._place(path)))
            del self.seen[path], self.ids[path]
        for path, stat in now.items():
            self._take(path, stat)

    def _rename(self, source: str, target: str) -> None:
        what = self.ids[source]
        self.operations.append(Rename(*self._place(source), *self._place(target), what))
        for path in [each for each in self.seen if each == source or each.startswith(f"{source}/")]:
            moved = target + path[len(source) :]
            self.ids[moved], self.seen[moved] = self.ids.pop(path), self.seen.pop(path)

    def _exchanges(self, now: dict[str, os.stat_result]) -> None:
        """Note folders that have changed places: no event tells of it (renameat2)."""
        folders = {path: stat.st_ino for path, stat in now.items() if not stat.st_mode & 0o100000}
        for path in sorted(folders.keys() & self.seen.keys()):  # what lies in them moves with them
            before = self.seen[path].st_ino
            if folders[path] != before:
                other = next((each for each, stat in self.seen.items() if stat.st_ino == folders[path]), "")
                if folders.get(other) == before:
                    self._exchange(path, other)

    def _exchange(self, one: str, two: str) -> None:
        self.operations.append(Exchange(*self._place(one), *self._place(two), self.ids[one], self.ids[two]))
        moved: dict[str, tuple[int, os.stat_result]] = {}
        for old, new in ((one, two), (two, one)):
            for path in [each for each in self.seen if each == old or each.startswith(f"{old}/")]:
                moved[new + path[len(old) :]] = self.ids.pop(path), self.seen.pop(path)
        for path, (number, stat) in moved.items():
            self.ids[path], self.seen[path] = number, stat

    def _place(self, path: str) -> tuple[int, str]:
        parent, _, name = path.rpartition("/")
        return self.ids[parent], name

    def _take(self, path: str, stat: os.stat_result) -> None:
        before, is_folder = self.seen.get(path), not stat.st_mode & 0o100000
        if before is None:
            self.last += 1
            self.ids[path] = self.last
            self.operations.append(Create(*self._place(path), self.last, is_folder))
        self.seen[path] = stat
        if is_folder or (before and (before.st_mtime_ns, before.st_size) == (stat.st_mtime_ns, stat.st_size)):
            return
        if content := (self.root / path).read_bytes() or (before and before.st_size):
            self.operations.append(Write(self.ids[path], content if isinstance(content, bytes) else b""))


_recorders: list[Recorder] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _recorders:
        _recorders[-1].on_event(event, arguments)


sys.addaudithook(_hook)  # for good: a hook cannot be removed


@contextmanager
def recorded(root: Path) -> Iterator[Recorder]:
    """Record what happens below a folder; what is there already is taken for fsynced."""
    recorder = Recorder(root)
    recorder.look()
    recorder.operations += [Sync(what) for what in recorder.ids.values()]
    recorder.begin = len(recorder.operations)
    real = os.fsync

    def fsync(descriptor: Any) -> None:
        number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
        recorder.fsync(number)
        real(number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        _recorders.append(recorder)
        try:
            yield recorder
        finally:
            _recorders.pop()
            recorder.look()


# ---------------------------------------------------------------- images


def image_after(operations: list[Operation], variant: str, chance: random.Random) -> Image:
    """The folder as a power cut after some operations leaves it."""
    lost = _lost_names(operations, variant, chance)
    folders: dict[int, dict[str, int]] = {ROOT: {}}
    for at, each in enumerate(operations):
        if isinstance(each, Create) and each.is_folder:
            folders[each.what] = {}
        if at not in lost:
            _change_names(folders, each)
    contents = _contents(operations, variant, chance)
    return dict(_walk(folders, contents, ROOT, ""))


def _change_names(folders: dict[int, dict[str, int]], each: Operation) -> None:
    if isinstance(each, Create):
        folders[each.parent][each.name] = each.what
    elif isinstance(each, Remove):
        folders[each.parent].pop(each.name, None)
    elif isinstance(each, Rename):
        folders[each.parent].pop(each.name, None)
        folders[each.new_parent][each.new_name] = each.what
    elif isinstance(each, Exchange):
        folders[each.parent][each.name] = each.other
        folders[each.new_parent][each.new_name] = each.what


def _lost_names(operations: list[Operation], variant: str, chance: random.Random) -> set[int]:
    """The changes of names that are lost. What is fsynced in a folder is all that was changed there before."""
    if variant not in ("dropped", "drawn"):
        return set()
    synced: set[int] = set()
    lost = set()
    for at in range(len(operations) - 1, -1, -1):
        each = operations[at]
        if isinstance(each, Sync):
            synced.add(each.what)
        elif isinstance(each, Create | Remove | Rename | Exchange):
            both = isinstance(each, Rename | Exchange)
            touched = {each.parent, each.new_parent} if both else {each.parent}
            if not touched & synced:
                lost.add(at)
    if variant == "dropped" or not lost:
        return lost
    # A journal keeps the order: what is lost is lost from some point on.
    begin = chance.choice([*sorted(lost), len(operations)])
    return {at for at in lost if at >= begin}


def _contents(operations: list[Operation], variant: str, chance: random.Random) -> dict[int, bytes]:
    now: dict[int, bytes] = {}
    synced: dict[int, bytes] = {}
    for each in operations:
        if isinstance(each, Write):
            now[each.what] = each.content
        elif isinstance(each, Sync) and each.what in now:
            synced[each.what] = now[each.what]
    found = {}
    for what, content in now.items():
        kept = synced.get(what, b"")
        if kept == content:
            found[what] = content
            continue
        drawn = chance.choice(("named", "zeros", "whole", "half")) if variant == "drawn" else variant
        states = {"whole": content, "zeros": bytes(len(content)), "half": content[: len(content) // 2]}
        found[what] = states.get(drawn, kept)
    return found


def _walk(
    folders: dict[int, dict[str, int]], contents: dict[int, bytes], folder: int, path: str
) -> Iterator[tuple[str, bytes | None]]:
    for name, what in sorted(folders[folder].items()):
        inside = f"{path}/{name}".lstrip("/")
        if what in folders:
            yield inside, None
            yield from _walk(folders, contents, what, inside)
        else:
            yield inside, contents.get(what, b"")


@dataclass(frozen=True)
class CrashImage:
    """An image, and the number of operations after which the power was cut."""

    prefix: int
    variant: str
    image: Image

    def put(self, root: Path) -> None:
        """Write the image into a folder, in place of what is there."""
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        for path, content in self.image.items():
            if content is None:
                (root / path).mkdir()
            else:
                (root / path).write_bytes(content)


def cuts(recorder: Recorder, variants: tuple[str, ...] = VARIANTS) -> list[tuple[int, str]]:
    """All power cuts: the number of operations before each, and what the disk keeps."""
    return [(at, variant) for at in range(len(recorder.operations) - recorder.begin + 1) for variant in variants]


def images(recorder: Recorder, chosen: Iterable[tuple[int, str]]) -> Iterator[CrashImage]:
    """All different images that some power cuts leave."""
    known = set()
    for at, variant in chosen:
        prefix = recorder.begin + at
        found = image_after(recorder.operations[:prefix], variant, random.Random(prefix))
        key = hash(frozenset(found.items()))
        if key not in known:
            known.add(key)
            yield CrashImage(at, variant, found)
