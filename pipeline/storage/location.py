"""Output locations: parse what a user names with --out, and open the store of runs there.

A location is a folder of this machine or a prefix on an S3-compatible store. Both are paths: table readers join names
with `/` and glob, and hand pyarrow what `pipeline.storage.tables.stored` returns.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import UserError
from pipeline.extras import how_to_install
from pipeline.settings import StoreSettings
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.protocol import OutputLocation, RunStore
from pipeline.storage.s3_bucket import client_options
from pipeline.storage.s3_store import S3Store

if TYPE_CHECKING:
    from typing_extensions import TypeIs
    from upath import UPath

SCHEMES = ("s3://", "s3a://")


def output_location(text: str | OutputLocation, settings: StoreSettings | None = None) -> OutputLocation:
    """Parse the value of --out. Raises UserError for any other URL, and where the extra `s3` is needed and missing.

    >>> output_location("out")
    PosixPath('out')
    >>> output_location("ftp://archive/news")
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
        raise UserError(f"--out {name}: {error}. Try: {how_to_install('s3')}") from None
    settings = settings or StoreSettings()
    location: UPath = UPath(f"s3://{rest.strip('/')}", **client_options(settings, settings.attempts))
    return location


def configure_inputs(settings: StoreSettings, inputs: Iterable[object]) -> None:
    """Read inputs on a store with the endpoint and retries of the output, if any input is a URL."""
    if not any("://" in str(each) for each in inputs):
        return
    import fsspec  # noqa: PLC0415 - imports asyncio

    fsspec.config.conf["s3"] = client_options(settings, settings.attempts)


def is_remote(out: OutputLocation) -> TypeIs[UPath]:
    """Tell if a location is a prefix on a store.

    >>> is_remote(Path("out"))
    False
    """
    return not isinstance(out, Path)


def store_at(out: OutputLocation) -> RunStore:
    """Open the store of runs at a location."""
    return S3Store(out) if is_remote(out) else OutputFolder(out)
