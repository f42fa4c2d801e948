"""JSON reader: JSON Lines, and every other form in which files hold articles (see `pipeline.sources.json_files.shape`).

`source_uri` of a document is `file:line` where every line holds an object, and `file#number` otherwise.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem, failed, skipped, too_large
from pipeline.sources.json_files.look import is_json, look_at
from pipeline.sources.json_files.shape import JsonShape
from pipeline.sources.json_files.table import rows_of_table
from pipeline.sources.json_files.text import Element, JsonText, elements
from pipeline.sources.json_files.values import acted_on, as_object, parse, several, without_types
from pipeline.sources.records import BEFORE_CHARACTERS, Columns, Record, reading_note
from pipeline.sources.settings import Settings
from pipeline.sources.streams import InputLine, Stream
from pipeline.sources.values import clean, is_nothing

__all__ = ["is_json", "records"]

_BLANK = b" \t\r\0\x1e,"
#: Bytes of a file that may hold nothing; a longer one is read.
LOOK_AHEAD = 1 << 16
_NOTHING = b" \t\r\n\0,\xef\xbb\xbf"
_NO_RECORDS = (b"", b"[", b"]", b"];")


def records(source: Input, stream: Stream, settings: Settings, _columns: Columns = None) -> Iterator[Record | Problem]:
    """Read the records of a JSON file, of any shape; say so where it holds none."""
    found = _records(source, stream, settings)
    yield next(found, None) or skipped(clean(source.uri), "empty", "the file holds nothing")
    yield from found


def _records(source: Input, stream: Stream, settings: Settings) -> Iterator[Record | Problem]:
    stream = _inside_quotes(stream.as_utf_8(), settings)
    head = stream.peek(LOOK_AHEAD)
    if len(head) < LOOK_AHEAD and head.strip(_NOTHING) in (b"", b"[]", b"{}"):
        stream.read_up_to(LOOK_AHEAD)  # raises what broke off the look
        return
    by_line, shape = look_at(stream)
    if by_line:
        yield from _from_lines(source, stream, settings)
        return
    if shape.note:
        yield reading_note(source, "shape", shape.note)
    if shape.table:
        yield from rows_of_table(source, stream, settings)
        return
    first = True
    for each in elements(JsonText(stream, settings.max_row_bytes), shape.path):
        yield from _from_element(source, each, shape, settings, first=first)
        first = False


def _inside_quotes(stream: Stream, settings: Settings) -> Stream:
    """Return the stream of a file whose JSON was written as one string in JSON, with backslashes before its quotes."""
    if not _QUOTED.match(stream.peek(LOOK_AHEAD)):
        return stream
    raw = stream.peek(settings.max_row_bytes)
    try:
        inner = json.loads(raw)
    except ValueError:
        return stream
    return Stream(io.BytesIO(inner.encode("utf-8", "surrogatepass")), settings)


_QUOTED = re.compile(rb'(?:\xef\xbb\xbf)?\s*"\s*(?:\\[nrt]|\s)*[\[{]\s*(?:\\[nrt]|\s)*[\[{\\]')


# ---------------------------------------------------------------- lines


def _from_lines(source: Input, stream: Stream, settings: Settings) -> Iterator[Record | Problem]:
    """Yield the records on lines; a line for Elasticsearch that says what to do with the next one names its id."""
    named = ""
    for line in stream.lines(settings.max_row_bytes):
        for each in _from_line(source, line, settings):
            if isinstance(each, Record) and (found := acted_on(each.values)) is not None:
                named = found
                continue
            yield Record(each.uri, {"_id": named, **each.values}) if named and isinstance(each, Record) else each
            named = ""


def _from_line(source: Input, line: InputLine, settings: Settings) -> Iterator[Record | Problem]:
    uri = f"{clean(source.uri)}:{line.number}"
    content = line.content.removeprefix(b"\xef\xbb\xbf") if line.number == 1 else line.content
    if line.size > settings.max_row_bytes:
        yield too_large(uri, line.size, settings.max_row_bytes)
    elif content.strip(_BLANK) not in _NO_RECORDS:
        yield from _objects_on(uri, content)


def _objects_on(uri: str, content: bytes) -> Iterator[Record | Problem]:
    """Yield the record on a line; the records, where several follow one another on it."""
    try:
        yield Record(uri, as_object(_parsed(content)))
    except ValueError as error:
        found = _otherwise(uri, content)
        yield from found
        if not found:
            yield _malformed(uri, str(error), content)


def _parsed(content: bytes) -> Any:
    return without_types(parse(content)) if b'"$number' in content else parse(content)


def _otherwise(uri: str, content: bytes) -> list[Record]:
    """Read a line with commas at its ends, or several objects that follow one another on it."""
    for values in (lambda: [parse(content.strip(_BLANK))], lambda: several(content)):
        try:
            return [Record(uri, as_object(each)) for each in values()]
        except (ValueError, RecursionError):
            continue
    return []


def _malformed(uri: str, why: str, content: bytes) -> Problem:
    before = clean(content[: 4 * BEFORE_CHARACTERS].decode("utf-8", "replace")[:BEFORE_CHARACTERS])
    return failed(uri, "malformed", clean(f"not a JSON object: {why}"[:BEFORE_CHARACTERS]), before=before)


# ---------------------------------------------------------------- elements


def _from_element(
    source: Input, each: Element, shape: JsonShape, settings: Settings, *, first: bool
) -> Iterator[Record | Problem]:
    uri = f"{clean(source.uri)}#{each.number}"
    if each.problem:
        yield _malformed(uri, each.problem, each.raw)
        return
    if each.size > settings.max_row_bytes:
        yield too_large(uri, each.size, settings.max_row_bytes)
        return
    try:
        value = _parsed(each.raw) if each.parsed is None or b'"$number' in each.raw else each.parsed
        if shape.columns is not None:
            yield from _from_row(uri, value, shape.columns, is_first=first)
        else:
            yield Record(uri, _with_around(as_object(_text_alone(value)), each, shape))
    except ValueError as error:
        yield _malformed(uri, str(error), each.raw)


def _text_alone(value: Any) -> Any:
    """Make an object of a text in a list of texts."""
    return {"text": value} if isinstance(value, str) and value.lstrip()[:1] != "{" else value


def _from_row(uri: str, value: Any, columns: Sequence[str], *, is_first: bool) -> Iterator[Record]:
    if not isinstance(value, list):
        yield Record(uri, as_object(value))
    elif not (is_first and value == list(columns)):
        if len(value) > len(columns):
            raise ValueError(f"{len(value)} values for {len(columns)} columns")
        yield Record(uri, dict(zip(columns, value, strict=False)))


def _with_around(values: dict[str, Any], each: Element, shape: JsonShape) -> Mapping[str, Any]:
    """Give a record the name of the member that holds it, and what the objects around it say, where it has none."""
    around = dict(shape.fixed)
    for name, column in shape.outer.items():
        if name in each.outer:
            around[column] = parse(each.outer[name])
    if shape.key and each.keys:
        around[shape.key] = each.keys[shape.key_at]
    missing = {name: value for name, value in around.items() if is_nothing(values.get(name))}
    return {**values, **missing} if missing else values
