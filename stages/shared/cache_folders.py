"""Cache folders: where derived data are kept between processes, whoever runs the program.

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

#: Names the cache folder by hand. Where it is set, no folder of the installation or of the user's home is touched.
VARIABLE = "COPYDESK_CACHE"
#: The folder of the installation, where Python keeps its own compiled modules.
INSTALLED = Path(__file__).parent / "__pycache__"


@cache
def all_of_them() -> tuple[Path, ...]:
    """Return the folders in their order: the one named by hand, else the installation's and the user's.

    Where none of them can be written, a private one among the temporary files comes last.
    """
    named = os.environ.get(VARIABLE)
    folders = (Path(named).absolute(),) if named else (INSTALLED, *_of_user())
    return folders if any(map(_can_write, folders)) else (*folders, *_private_temporary())


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
