"""Tables in JSON whose columns follow one another, as pandas writes them.

`{"title": [...], "text": [...]}`, or with an object from row to value in place of each list. A row is complete only
when the last column is read: each column is copied to a temporary file, and then all of them are read side by side, so
that memory does not grow with the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem, failed
from pipeline.sources.json_files.text import EACH, EACH_MEMBER, Element, JsonText, elements
from pipeline.sources.json_files.values import parse
from pipeline.sources.records import Record
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Stream
from pipeline.sources.values import clean

#: Columns of a table; files that are open at once.
MAX_COLUMNS = 200


def rows_of_table(source: Input, stream: Stream, settings: Settings) -> Iterator[Record | Problem]:
    """Yield the rows of a table that is stored by column."""
    uri = clean(source.uri)
    with TemporaryDirectory(prefix="copydesk-") as folder, ExitStack() as stack:
        files: dict[str, IO[bytes]] = {}
        for each in _cells(stream, settings):
            if each.problem:
                yield failed(f"{uri}#{each.number}", "malformed", each.problem)
                continue
            name = each.keys[0]
            if name not in files:
                if len(files) >= MAX_COLUMNS:
                    continue
                path = Path(folder) / str(len(files))
                files[name] = stack.enter_context(path.open("w+b"))
            _write(files[name], each)
        for number, values in enumerate(_side_by_side(files), start=1):
            yield Record(f"{uri}#{number}", values)


def _cells(stream: Stream, settings: Settings) -> Iterator[Element]:
    """Yield the values of all columns, whether they are lists or objects."""
    return elements(JsonText(stream, settings.max_row_bytes), (EACH_MEMBER, EACH))


def _write(file: IO[bytes], cell: Element) -> None:
    """Write a value with its size in front of it."""
    key = cell.keys[1].encode("utf-8", "surrogateescape") if len(cell.keys) > 1 else b""
    for part in (key, cell.raw):
        file.write(len(part).to_bytes(8, "big"))
        file.write(part)


def _side_by_side(files: dict[str, IO[bytes]]) -> Iterator[dict[str, Any]]:
    """Yield rows from the columns; values with a key of their row stand in the row of that key."""
    heads: dict[str, tuple[bytes, bytes]] = {}
    for name, file in files.items():
        file.seek(0)
        _advance(heads, name, file)
    while heads:
        key = next(iter(heads.values()))[0]
        row = {name: _parsed(raw) for name, (own, raw) in heads.items() if own == key}
        for name in row:
            _advance(heads, name, files[name])
        yield row


def _advance(heads: dict[str, tuple[bytes, bytes]], name: str, file: IO[bytes]) -> None:
    parts = []
    for _ in range(2):
        size = file.read(8)
        if not size:
            heads.pop(name, None)
            return
        parts.append(file.read(int.from_bytes(size, "big")))
    heads[name] = (parts[0], parts[1])


def _parsed(raw: bytes) -> Any:
    try:
        return parse(raw)
    except ValueError:
        return raw.decode("utf-8", "surrogateescape")
