"""An S3 client for the objects under one prefix: conditional puts, transfers, retries, errors in plain words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pipeline.errors import StoreError, UserError
from pipeline.settings import StoreSettings

Result = TypeVar("Result")

#: Seconds between attempts: the first pause, and the longest; each is twice the one before
#: (docs/how-to/s3.md names both).
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 20.0
#: Limits for one request, chosen by hand; not tuned. A store that stalls costs one of the attempts after this long.
CONNECT_SECONDS, READ_SECONDS = 10, 60
CONDITION_FAILED = ("PreconditionFailed", "412", "ConditionalRequestConflict", "409")


def client_options(settings: StoreSettings, attempts: int) -> dict[str, Any]:
    """Return the options of s3fs. Credentials are not among them: they come from where AWS' own tools find them."""
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
    """The objects under one prefix. Each request is retried, with growing pauses, before it is given up.

    Every method raises StoreError when all attempts failed, and UserError where the store refuses for good.
    """

    def __init__(self, url: str, settings: StoreSettings, first_pause: float = FIRST_PAUSE) -> None:
        import s3fs  # noqa: PLC0415 - an extra, needed by those alone who have a store

        self.url, self.settings, self.first_pause = url.rstrip("/"), settings, first_pause
        self.fs = s3fs.S3FileSystem(**client_options(settings, attempts=1), skip_instance_cache=True)
        self.fs.retries = 1  # `patiently` retries, and s3fs would multiply its attempts
        self.root: str = self.fs._strip_protocol(self.url)

    def patiently(self, request: Callable[[], Result]) -> Result:
        """Call `request` until it succeeds, at most as often as the settings allow."""
        pause, attempts = self.first_pause, self.settings.attempts
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
        """Return the error for a store that does not answer."""
        return StoreError(
            f"{self.url}: the store failed in {attempts} attempts ({_in_words(error)}). Nothing half written is "
            "visible. Try again later; finished work is kept in the work folder."
        )

    def refused(self, error: Exception) -> UserError:
        """Return the error for a request that the store will never grant."""
        return UserError(
            f"{self.url}: the store refuses ({_in_words(error)}). Check that the bucket exists, the region or endpoint "
            "([store] endpoint_url, AWS_ENDPOINT_URL) and the credentials, which are taken from where AWS' tools look."
        )

    def listing(self) -> dict[str, int]:
        """Map the name of each object below the prefix, relative to it, to its size in bytes."""
        found = self.patiently(lambda: self.fs.find(self.root, detail=True))
        return {name.removeprefix(self.root + "/"): int(info["size"]) for name, info in found.items()}

    def get(self, name: str) -> bytes:
        """Return the content of an object."""
        return bytes(self.patiently(lambda: self.fs.cat_file(f"{self.root}/{name}")))

    def download(self, name: str, path: Path) -> None:
        """Copy an object into a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.patiently(lambda: self.fs.get_file(f"{self.root}/{name}", str(path)))

    def upload(self, path: Path, name: str) -> None:
        """Copy a file into an object."""
        self.patiently(lambda: self.fs.put_file(str(path), f"{self.root}/{name}"))

    def remove(self, names: list[str]) -> None:
        """Remove objects; those that do not exist are ignored."""
        for name in names:
            with suppress(FileNotFoundError):
                self.patiently(lambda name=name: self.call("delete_object", name))  # type: ignore[misc]

    def put_if(self, name: str, data: bytes, **condition: str) -> str | None:
        """Put an object on a condition (IfNoneMatch="*", IfMatch=etag); return its etag, or None if that fails.

        Where an answer was lost on its way, the next attempt finds the condition broken by our own first attempt: so
        an object with the same content counts as put.
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
        """Return an object with its etag and age, or None if there is none."""

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
        """Send one request about one object, without retries."""
        bucket, _, prefix = self.root.partition("/")
        key = f"{prefix}/{name}" if prefix else name
        return self.fs.call_s3(method, Bucket=bucket, Key=key, **arguments)


def _code(error: BaseException) -> str:
    """Return the store's own code of an error, which s3fs keeps as the cause of what it raises."""
    response = getattr(error.__cause__ or error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def _is_lasting(error: Exception) -> bool:
    """Return True if the same request will never be granted."""
    lasting = ("NoCredentialsError", "PartialCredentialsError", "ParamValidationError", "ProfileNotFound", "UserError")
    kinds = (FileNotFoundError, PermissionError, NotADirectoryError, IsADirectoryError, ValueError, TypeError)
    by_name = type(error).__name__ in lasting or _code(error) in ("NotImplemented", "501")
    return by_name or isinstance(error, kinds) or (isinstance(error, OSError) and error.errno == 28)


def _in_words(error: Exception) -> str:
    """Describe an error in one line, without the keys that a client may quote.

    >>> _in_words(ConnectionError("refused\\nby the host"))
    'ConnectionError: refused by the host'
    """
    words = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return re.sub(r"(?i)(accesskeyid|signature|credential|token)=[^&\s]+", r"\1=…", words)[:300]
