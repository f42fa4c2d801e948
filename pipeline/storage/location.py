"""Where an output lies: a folder of this machine, or a prefix on an S3-compatible store.

Both are paths: what reads tables joins names with `/` and globs, and hands pyarrow what
`pipeline.storage.tables.stored` gives.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

import fsspec

from pipeline.errors import UserError
from pipeline.settings import StoreSettings
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.s3_store import S3Store, client_options

SCHEMES = ("s3://", "s3a://")


def place(text: str | Path, settings: StoreSettings | None = None) -> Path:
    """The path that a user means by --out.

    >>> place("out")
    PosixPath('out')
    >>> place("ftp://archive/news")
    Traceback (most recent call last):
    pipeline.errors.UserError: --out ftp://archive/news: an output is a folder or s3://bucket/prefix.
    """
    name = str(text)
    if "://" not in name:
        return Path(name)
    scheme, _, rest = name.partition("://")
    if f"{scheme}://" not in SCHEMES or not rest.strip("/"):
        raise UserError(f"--out {name}: an output is a folder or s3://bucket/prefix.")
    try:
        import s3fs  # noqa: F401, PLC0415 - an extra
        from upath import UPath  # noqa: PLC0415
    except ImportError as error:
        raise UserError(f'--out {name}: {error}. Try: pip install "copydesk[s3]"') from None
    settings = settings or StoreSettings()
    return cast(Path, UPath(f"s3://{rest.strip('/')}", **client_options(settings, settings.attempts)))


def configure_inputs(settings: StoreSettings) -> None:
    """Have inputs on a store read with the same endpoint and patience as the output."""
    fsspec.config.conf["s3"] = client_options(settings, settings.attempts)


def is_remote(out: Path) -> bool:
    """Does it lie on a store?"""
    return not isinstance(out, Path)


def store_at(out: Path) -> OutputFolder | S3Store:
    """The runs at a place."""
    return S3Store(out) if is_remote(out) else OutputFolder(out)
