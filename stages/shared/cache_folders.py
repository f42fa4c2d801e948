"""Cache folders: where compiled kernels and derived data are kept between processes, whoever runs the program.

An installation may be read-only, a service may have no home, and two users may share one installation. So there are
several folders, looked through in order; without any that can be written, nothing is kept and all else works.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from functools import cache
from pathlib import Path

import platformdirs

#: Name the cache folder by hand: ours, and the one that numba knows. Where one is set, no folder of the installation or
#: of the user's home is touched.
VARIABLES = ("COPYDESK_CACHE", "NUMBA_CACHE_DIR")
#: The folder of the installation, where Python keeps its own compiled modules.
INSTALLED = Path(__file__).parent / "__pycache__"


@cache
def all_of_them() -> tuple[Path, ...]:
    """Return the folders in their order: those named by variables, else the installation's and the user's.

    Where none of them can be written, a private one among the temporary files comes last.
    """
    named = tuple(Path(os.environ[each]).absolute() for each in VARIABLES if os.environ.get(each))
    folders = named or (INSTALLED, *_of_user())
    return folders if any(map(_can_write, folders)) else (*folders, *_private_temporary())


@cache
def writable() -> Path | None:
    """Return the first folder that can be written, made if need be; None if there is none."""
    return next((each for each in all_of_them() if _can_write(each)), None)


def _of_user() -> tuple[Path, ...]:
    try:
        folder = platformdirs.user_cache_path("copydesk", appauthor=False)
    except RuntimeError:  # neither HOME nor an entry of the user in the system's list
        return ()
    return (folder,) if folder.is_absolute() else ()


def _private_temporary() -> tuple[Path, ...]:
    """Return a folder of the user's own among the temporary files, unless somebody else can write there.

    What is kept is loaded as code, so a folder that another user laid there is refused.
    """
    try:
        folder = Path(tempfile.gettempdir(), f"copydesk-{os.getuid()}")
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        about = folder.lstat()
    except OSError:
        return ()
    private = stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o077
    return (folder,) if private else ()


def _can_write(folder: Path) -> bool:
    """Try it: permissions alone do not tell (read-only disks, quotas, /proc)."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True
