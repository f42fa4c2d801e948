"""Input resolution: files, folders, globs, "-" and URLs become a list of files before any work is done."""

from __future__ import annotations

import difflib
import glob
import hashlib
import io
import os
import stat
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NamedTuple, cast
from urllib.parse import urlsplit

from pipeline.config_files import SETTINGS_FILE
from pipeline.errors import StoreError, UserError
from pipeline.extras import how_to_install
from pipeline.sources.addresses import STDIN, Input, is_url, is_web
from pipeline.sources.compression import CHUNK, BrokenCompressionError, Readable
from pipeline.sources.file_names import Naming, naming_in
from pipeline.sources.kinds import kind_of_name

STORE_HINT = "Check the endpoint (AWS_ENDPOINT_URL, [store] endpoint_url) and the credentials, where AWS' tools look"


class InputError(UserError):
    """An input that the user named and that cannot be used; the message says what, where and what to try."""


class Identity(NamedTuple):
    """An input's entry in the manifest. No digest if it cannot be read twice (standard input, a pipe)."""

    uri: str
    size: int | None
    sha256: str | None


def is_hidden(path: str) -> bool:
    """Return True if a part of a path begins with "." or "_", as for Spark and pyarrow, and for a settings file.

    The posts of Jekyll stand in a folder `_posts`.

    >>> is_hidden("day/_SUCCESS"), is_hidden(".cache/page.html"), is_hidden("day/page_1.html"), is_hidden("_posts/a.md")
    (True, True, False, False)
    """
    parts = (part for part in path.split("/") if part not in (".", "_posts"))
    return any(part.startswith((".", "_")) or part == SETTINGS_FILE for part in parts)


def plan(inputs: Sequence[str]) -> list[Input]:
    """List the files that the inputs stand for, in the order given, folders sorted, none twice."""
    found = {each.uri: each for spec in reversed(inputs) for each in reversed(_resolve(spec))}
    return _with_names(list(reversed(found.values())))


def _with_names(found: list[Input]) -> list[Input]:
    """Give inputs the outlet and the day that their names say, where the files of their folder are called so."""
    folders: dict[str, list[str]] = {}
    for each in found:
        folder, _, name = each.uri.rpartition("/")
        folders.setdefault(folder, []).append(name)
    namings = {folder: naming for folder, names in folders.items() if (naming := naming_in(names))}
    return [_named(each, namings.get(each.uri.rpartition("/")[0])) for each in found] if namings else found


def _named(source: Input, naming: Naming | None) -> Input:
    outlet, day = naming.of(source.uri) if naming else ("", None)
    return replace(source, outlet=outlet, day=day) if outlet else source


def apart_from(out: Path, inputs: Sequence[Input]) -> list[Input]:
    """Leave out inputs inside the output folder: `clean run .` must not read its own output.

    Raises `InputError` if the user named such a file, or if nothing else is left.
    """
    real = os.path.realpath(out)
    own = {each for each in inputs if _lies_in(real, each)}
    if own and (len(own) == len(inputs) or any(each.named for each in own)):
        example = min(own, key=lambda each: (not each.named, each.uri))
        raise InputError(
            f"input {example.uri} lies in the output folder {out}, which holds only results. Name another with --out."
        )
    return [each for each in inputs if each not in own]


def _lies_in(folder: str, source: Input) -> bool:
    if is_url(source.uri) or source.uri == STDIN:
        return False
    parent = _real_folder(os.path.join(os.getcwd(), os.path.dirname(source.uri)))  # noqa: PTH109, PTH118, PTH120
    return parent == folder or parent.startswith(os.path.join(folder, ""))  # noqa: PTH118


@lru_cache(maxsize=1024)
def _real_folder(path: str) -> str:
    return os.path.realpath(path)


def _resolve(spec: str) -> list[Input]:
    if not spec:
        raise InputError('an input is empty: name a file, a folder, a glob, a URL or "-"')
    if spec == STDIN:
        return [Input(STDIN, None)]
    return _resolve_url(spec) if is_url(spec) else _resolve_path(spec)


def _resolve_path(spec: str) -> list[Input]:
    path = os.path.expanduser(spec)  # noqa: PTH111 — pathlib would turn "./-" into "-"
    if os.path.isdir(path):  # noqa: PTH112
        return _resolve_folder(path)
    if os.path.exists(path):  # noqa: PTH110
        if not os.access(path, os.R_OK):
            raise InputError(f"{spec}: no permission to read this file. Try: chmod u+r {spec}")
        return [Input(path, kind_of_name(path))]
    if not glob.has_magic(path):
        raise InputError(f"{spec}: there is no such file or folder (seen from {Path.cwd()}). {_near(Path(path))}")
    matches = [match for match in sorted(glob.glob(path, recursive=True)) if not is_hidden(os.path.basename(match))]  # noqa: PTH119, PTH207
    files = [Input(match, kind_of_name(match)) for match in matches if not os.path.isdir(match)]  # noqa: PTH112
    folders = [each for match in matches if os.path.isdir(match) for each in _files_below(match)]  # noqa: PTH112
    if not files and not folders:
        raise InputError(f'{spec}: no file matches this pattern (seen from {Path.cwd()}). "**" also matches subfolders')
    # With "**" a folder's files are matched themselves; the folders count where the pattern names only them.
    return files or folders


def _near(path: Path) -> str:
    """Suggest the file or folder that may be meant."""
    try:
        names = [each.name for each in path.parent.iterdir()]
    except OSError:
        return f"Nor is there a folder {path.parent}: check the spelling"
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"Did you mean {path.parent / near[0]}?" if near else "Check the spelling"


def _resolve_folder(folder: str) -> list[Input]:
    found = _files_below(folder)
    if not found:
        raise InputError(f'{folder}: this folder holds no files (names that begin with "." or "_" are skipped)')
    return found


def _files_below(folder: str) -> list[Input]:
    def refuse(error: OSError) -> None:
        raise InputError(f"{error.filename}: this folder cannot be listed ({error.strerror}). Check its permissions")

    found = []
    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        found += [os.path.join(parent, name) for name in sorted(names) if not is_hidden(name)]  # noqa: PTH118
    above = len(Path(folder).absolute().parts) - 1
    return [
        Input(path, kind_of_name(path), named=False, levels=len(Path(path).absolute().parts) - 1 - above)
        for path in sorted(found)
    ]


def _resolve_url(spec: str) -> list[Input]:
    _refuse_malformed_url(spec)
    try:
        uris = _uris_at(spec)
    except ImportError as error:
        raise InputError(f"{spec}: {error}. Try: {_installing(spec)}") from None
    except Exception as error:  # file systems of fsspec raise anything; the message is all that a user can use
        hint = f". {STORE_HINT}" if spec.startswith(("s3://", "s3a://")) else ""
        raise InputError(f"{spec}: cannot be reached ({type(error).__name__}: {error}){hint}") from None
    if not uris:
        raise InputError(f"{spec}: there is nothing at this address, or nothing matches. Check address and permissions")
    named = len(uris) == 1
    return [Input(uri, kind_of_name(urlsplit(uri).path), named=named) for uri in uris]


def _refuse_malformed_url(spec: str) -> None:
    import fsspec  # noqa: PLC0415 - imports asyncio; for URLs only

    protocol, _, rest = spec.partition("://")
    known = fsspec.available_protocols()
    if protocol not in known:
        near = difflib.get_close_matches(protocol, known, n=1) or ["s3"]
        raise InputError(f"{spec}: no protocol is called {protocol!r}. Did you mean {near[0]}://?")
    if not rest.strip("/"):
        raise InputError(f"{spec}: this is a protocol without an address. Name a host or bucket, and a path in it")


def _uris_at(spec: str) -> list[str]:
    """List the files that a URL stands for, sorted. Over the web nothing is listed or matched."""
    import fsspec  # noqa: PLC0415 - as above

    filesystem, path = fsspec.core.url_to_fs(spec)
    if is_web(spec):
        paths = [path] if filesystem.exists(path) else []
    elif glob.has_magic(path) and not filesystem.exists(path):
        paths = filesystem.glob(path)
    elif filesystem.isdir(path):
        paths = [each for each in filesystem.find(path) if not is_hidden(os.path.relpath(each, path))]
    else:
        paths = [path] if filesystem.exists(path) else []
    return [filesystem.unstrip_protocol(each) for each in sorted(paths)]


def _installing(spec: str) -> str:
    """Return the command that installs the packages for such an address."""
    if is_web(spec):
        return how_to_install("http")
    if spec.startswith(("s3://", "s3a://")):
        return how_to_install("s3")
    return f"pip install the package of fsspec for {urlsplit(spec).scheme}://"


@contextmanager
def _as_os_error(uri: str) -> Iterator[None]:
    """Turn exceptions of fsspec's file systems (aiohttp's, botocore's) into an `OSError`."""
    try:
        yield
    except Exception as error:
        if not is_web(uri):
            raise StoreReadError(f"{type(error).__name__}: {error}") from error
        if isinstance(error, OSError):
            raise
        raise OSError(f"{type(error).__name__}: {error}") from error


class StoreReadError(OSError):
    """A read of a file on a store failed after the run had begun."""


def not_given(source: Input, error: StoreReadError) -> StoreError:
    """Build the error that stops the run.

    A `failed` row is not enough: the file would count as read, and no later run would read it again.
    """
    return StoreError(
        f"{source.uri}: the store broke off while this input was read ({error}). Nothing of this run was published. "
        "Try again later, or leave it out."
    )


class Remote:
    """A file behind a URL. Over HTTP it is read from beginning to end: not every server supports ranges."""

    def __init__(self, uri: str) -> None:
        import fsspec  # noqa: PLC0415 - as above

        from_the_start = {"block_size": 0} if is_web(uri) else {}
        self.uri = uri
        with _as_os_error(uri):
            self.file: Any = fsspec.open(uri, "rb", **from_the_start).open()

    def read(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes; none at the end."""
        with _as_os_error(self.uri):
            return bytes(self.file.read(size))

    def seek(self, place: int, whence: int = 0, /) -> int:
        """Move to another position; over HTTP an `OSError`."""
        with _as_os_error(self.uri):
            return int(self.file.seek(place, whence))

    def tell(self) -> int:
        """Return the position of the next byte."""
        return int(self.file.tell())

    @property
    def closed(self) -> bool:
        """True once the file is closed."""
        return bool(self.file.closed)

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class BrokenOff(io.RawIOBase):
    """An opened copy of what could be unpacked before a break; its end raises the break."""

    def __init__(self, copy: IO[bytes], why: str) -> None:
        super().__init__()
        self.copy, self.why = copy, why

    def read(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes. Raises `BrokenCompressionError` at the end."""
        piece = self.copy.read(size)
        if not piece and size:
            raise BrokenCompressionError(self.why)
        return piece

    def seek(self, place: int, whence: int = 0, /) -> int:
        """Move to another position."""
        return self.copy.seek(place, whence)

    def tell(self) -> int:
        """Return the position of the next byte."""
        return self.copy.tell()

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readable(self) -> bool:
        """Return True."""
        return True

    def close(self) -> None:
        """Close the copy."""
        self.copy.close()
        super().close()


def open_input(source: Input) -> Readable:
    """Open an input for its bytes as stored. The caller closes it, except standard input."""
    if source.is_unpacked:
        copy: IO[bytes] = Path(source.path).open("rb") if source.path else io.BytesIO(source.held or b"")  # noqa: SIM115
        return BrokenOff(copy, source.broken) if source.broken else copy
    if source.uri == STDIN:
        return sys.stdin.buffer
    if is_url(source.uri):
        return Remote(source.uri)
    return open(source.uri, "rb")  # noqa: PTH123 — for each file of 100,000


def is_regular(source: Input) -> bool:
    """Return True if the input can be read twice: no pipe, no device, not standard input."""
    if source.is_unpacked:
        return True
    if source.uri == STDIN:
        return False
    return is_url(source.uri) or stat.S_ISREG(os.stat(source.uri).st_mode)  # noqa: PTH116 — for each file of 100,000


def leads_nowhere(source: Input) -> str:
    """Say where a link leads to that is not there, such as one of git-annex; nothing for any other input."""
    if is_url(source.uri) or source.is_unpacked:
        return ""
    path = Path(source.uri)
    if not path.is_symlink() or path.exists():
        return ""
    return f"a link to {path.readlink()}, which is not there; `git annex get` fetches what git-annex left out"


def identity(source: Input) -> Identity:
    """Read an input for its size (bytes) and SHA-256. Raises `OSError` if it cannot be read."""
    if not is_regular(source):
        return Identity(source.uri, None, None)
    digest, size = hashlib.sha256(), 0
    try:
        for piece in _pieces(source):
            digest.update(piece)
            size += len(piece)
    except StoreReadError as error:
        raise not_given(source, error) from None
    return Identity(source.uri, size, digest.hexdigest())


def as_read(identified: Identity, refused: Collection[str]) -> Identity:
    """Drop the digest, which stands for «read», if the file was refused or its size has changed since.

    >>> as_read(Identity("news.txt", 3, "f00"), {"news.txt"})
    Identity(uri='news.txt', size=3, sha256=None)
    """
    if is_url(identified.uri) or identified.sha256 is None:
        return identified
    try:
        as_it_was = Path(identified.uri).stat().st_size == identified.size
    except OSError:
        as_it_was = False
    return identified if as_it_was and identified.uri not in refused else identified._replace(sha256=None)


def _pieces(source: Input) -> Iterator[bytes]:
    opened = open_input(source)
    try:
        while piece := opened.read(CHUNK):
            yield piece
    finally:
        cast(IO[bytes], opened).close()
