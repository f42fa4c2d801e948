"""JSON Lines reader: one object per line. `source_uri` of a document is `file:line`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem, failed, too_large
from pipeline.sources.records import BEFORE_CHARACTERS, Columns, Record
from pipeline.sources.settings import Settings
from pipeline.sources.streams import InputLine, Stream
from pipeline.sources.surrogates import tell_from_bytes
from pipeline.sources.values import clean


def parse_object(content: bytes) -> dict[str, Any]:
    """Parse the object on a line; a `ValueError` says why there is none.

    >>> parse_object(b'{"text": "caf\\xe9"}')
    {'text': 'caf\\udce9'}
    >>> parse_object(b"[1]")
    Traceback (most recent call last):
    ValueError: an array, not an object
    """
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        # Slower but accepts lone surrogates, NaN, and bytes that are not UTF-8 (kept as surrogates).
        try:
            value = json.loads(tell_from_bytes(content).decode("utf-8", "surrogateescape"))
        except RecursionError:
            raise ValueError("nested too deep") from None
    if isinstance(value, dict):
        return value
    raise ValueError(f"{'an array' if isinstance(value, list) else 'a single value'}, not an object")


def records(source: Input, stream: Stream, settings: Settings, _columns: Columns = None) -> Iterator[Record | Problem]:
    """Read the records of a file, line by line."""
    for line in stream.as_utf_8().lines(settings.max_row_bytes):
        yield from _from_line(source, line, settings)


def _from_line(source: Input, line: InputLine, settings: Settings) -> Iterator[Record | Problem]:
    uri = f"{clean(source.uri)}:{line.number}"
    content = line.content.removeprefix(b"\xef\xbb\xbf") if line.number == 1 else line.content
    if line.size > settings.max_row_bytes:
        yield too_large(uri, line.size, settings.max_row_bytes)
    elif content.strip(b" \t\r\0"):
        try:
            yield Record(uri, parse_object(content))
        except ValueError as error:
            before = content[: 4 * BEFORE_CHARACTERS].decode("utf-8", "replace")[:BEFORE_CHARACTERS]
            yield failed(uri, "malformed", f"not a JSON object: {error}"[:BEFORE_CHARACTERS], before=before)
