"""A look at the beginning of a JSON file: its first value, closed where the look ends, and if it has a value a line."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from pipeline.sources.compression import Readable
from pipeline.sources.json_files.shape import JsonShape, shape_of, shape_of_rows
from pipeline.sources.json_files.text import BrokenJsonError, JsonText
from pipeline.sources.json_files.values import parse
from pipeline.sources.streams import Stream

#: Bytes of a first look, and of a second one where the first does not show where the articles are.
FIRST_LOOK, SECOND_LOOK = 1 << 20, 1 << 24
#: Lines that are looked at to tell JSON Lines, and levels of brackets that a look follows.
LINES, MAX_DEPTH = 40, 500
#: How often a broken beginning is cut shorter.
TRIES = 4
#: Lines that must hold a list of articles each, if they are not articles themselves.
LINES_OF_PAGES = 3
_TOKEN = re.compile(
    rb"""(?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+"|'[^'\\]*+(?:\\.[^'\\]*+)*+')|(?P<mark>[,{}\[\]])|(?P<cut>["'])""",
    re.DOTALL,
)
_JSON_TOKEN = re.compile(
    _TOKEN.pattern.replace(rb"""|'[^'\\]*+(?:\\.[^'\\]*+)*+'""", b"").replace(b"\"'])", b'"])'), re.DOTALL
)
_CLOSING = {b"{": b"}", b"[": b"]"}
_MARKS = b" \t\r,\0\x1e"
#: Scripts assign a list to a name; an archive of Twitter does.
_ASSIGNED = rb"(?:\s*(?:(?:var|let|const)\s+[\w$]+|window\.[\w.$]+|module\.exports)\s*=\s*)?"
_BEGINNING = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?"""
    + _ASSIGNED
    + rb"""(?:\s|\[|\x1e|/\*.{0,2000}?\*/|//[^\n]*\n)*\{\s*(?:"[^"\\\n]{0,500}"|'[^'\\\n]{0,500}')\s*:""",
    re.DOTALL,
)
_ARRAYS = re.compile(rb"""\A(?:\xef\xbb\xbf)?\s*\[\s*\[\s*(?:"(?:[^"\\\n]|\\.){0,500}"|-?\d+|null)\s*,""")


class Look(NamedTuple):
    """The beginning of a file: if it holds a value a line, and the shape of its values."""

    by_line: bool
    shape: JsonShape


def is_json(head: bytes) -> bool:
    """Return True if bytes begin like JSON that holds objects, or arrays of values.

    >>> is_json(b'[\\n  {"title": "Late"'), is_json(b"{'title': 'Late'}"), is_json(b"[Update] The ferry")
    (True, True, False)
    """
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
    return _BEGINNING.match(head) is not None or _ARRAYS.match(head) is not None


def is_json_lines(head: bytes) -> bool:
    """Return True if bytes begin with an object on a line of its own.

    >>> is_json_lines(b'{"a": 1}\\n{"a": 2}'), is_json_lines(b'{"a":\\n 1}'), is_json_lines(b'{"text": "no end')
    (True, False, False)
    """
    line, line_break, _ = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    return is_json(line) and (isinstance(_parsed(line.strip(_MARKS)), dict) or (not line_break and len(head) > 1000))


class _Bytes:
    """Bytes as a stream."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self, size: int = -1, /) -> bytes:
        given, self.content = self.content[:size], self.content[size:]
        return given


def look_at(stream: Stream) -> Look:
    """Look at the beginning of a file, and further into it where that does not show where its articles are."""
    head = stream.peek(FIRST_LOOK)
    lines = _objects_by_line(head)
    if lines:
        shapes = [shape_of(each) for each in lines[:LINES_OF_PAGES]]
        same = len({each.path for each in shapes}) == 1 and (bool(shapes[0].path) or shapes[0].table)
        return Look(not same, shapes[0])
    if rows := _arrays_by_line(head):
        return Look(False, shape_of_rows(rows))
    if _all_begin_objects(head):
        return Look(True, JsonShape())
    shape = _shape_in(head)
    if not shape.sure and len(head) == FIRST_LOOK:
        shape = _shape_in(stream.peek(SECOND_LOOK))
    return Look(False, shape)


def _shape_in(head: bytes) -> JsonShape:
    return shape_of(beginning_of(_Bytes(head)))


def _objects_by_line(head: bytes) -> list[dict[str, Any]]:
    """Return the objects on the first lines, if most lines hold one each; none if it is not a file of lines."""
    lines = [line.strip(_MARKS) for line in head.split(b"\n", LINES)]
    if len(head) >= FIRST_LOOK or len(lines) > LINES:
        lines = lines[:-1]  # it may be cut
    lines = [line for line in lines if line not in (b"", b"[", b"]", b"\xef\xbb\xbf")]
    whole = [line for line in lines if line.removeprefix(b"\xef\xbb\xbf")[:1] == b"{" and line[-1:] == b"}"]
    if not whole or not _are_lines(lines, whole):
        return []
    found = [each for line in whole if isinstance(each := _parsed(line.removeprefix(b"\xef\xbb\xbf")), dict)]
    return found if len(found) * 2 > len(whole) else []


def _arrays_by_line(head: bytes) -> list[list[Any]]:
    """Return the arrays of single values on the first lines, if each line holds one and all are as long.

    >>> _arrays_by_line(b'["Ferry late", "2031-01-04"]\\n["Mill sold", "2031-01-05"]\\n')
    [['Ferry late', '2031-01-04'], ['Mill sold', '2031-01-05']]
    >>> _arrays_by_line(b'["Ferry late"]\\n["Mill sold"]\\n')
    []
    """
    lines = _first_lines(head.removeprefix(b"\xef\xbb\xbf"))
    if len(lines) < 2 or not all(line[:1] == b"[" and line[-1:] == b"]" for line in lines):
        return []
    rows = [_parsed(line) for line in lines]
    return rows if all(map(_is_row, rows)) and len(set(map(len, rows))) == 1 else []


def _first_lines(head: bytes) -> list[bytes]:
    """Return the first lines that hold anything; the last one, which the look may have cut, is left out."""
    lines = [line.strip(_MARKS) for line in head.split(b"\n", LINES)]
    whole = lines[:-1] if len(head) >= FIRST_LOOK or len(lines) > LINES else lines
    return [line for line in whole if line]


def _is_row(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and not any(isinstance(each, (list, dict)) for each in value)


def _all_begin_objects(head: bytes) -> bool:
    """Return True if lines begin with an object each, though none can be read: each is a broken record.

    >>> _all_begin_objects(b'{"a": 1\\n{"a": 2\\n'), _all_begin_objects(b'{\\n "a": 1}\\n')
    (True, False)
    """
    lines = [line for line in head.split(b"\n", LINES)[:LINES] if line.strip()]
    return len(lines) > 1 and all(line.startswith(b"{") and len(line) > 1 for line in lines)


def _are_lines(lines: list[bytes], whole: list[bytes]) -> bool:
    """Return True if enough lines hold a whole object, and the first one is none that others go on in."""
    if lines[0].removeprefix(b"\xef\xbb\xbf")[:1] != b"{" or lines[0][-1:] in (b"[", b"{"):
        return False
    # A first line that is a whole object says so: of a file with many broken lines each is to be a row of its own.
    return len(whole) * (10 if lines[0] in whole else 2) >= len(lines)


def _parsed(content: bytes) -> Any:
    try:
        return parse(content)
    except ValueError:
        return None


def beginning_of(stream: Readable) -> Any:
    """Return the first value of a stream, closed where the stream ends; None if there is none.

    >>> beginning_of(_Bytes(b'{"status": "ok", "articles": [{"title": "Late", "content": "The ferry'))
    {'status': 'ok', 'articles': [{'title': 'Late'}]}
    """
    text = JsonText(stream, SECOND_LOOK)
    text.begin()
    if text.between() < 0:
        return None
    begins = text.at
    try:
        return _whole_part(text.value(), python=text.python)
    except BrokenJsonError:
        return _whole_part(closed(text.buffer[begins : text.reached], python=text.python), python=text.python)


def _whole_part(content: bytes, *, python: bool) -> Any:
    """Parse a value; where it is broken, what stands before that. None if nothing does."""
    for _ in range(TRIES):
        try:
            return parse(content)
        except json.JSONDecodeError as error:
            sound = content[: len(error.doc[: error.pos].encode("utf-8", "surrogateescape"))]
            content = closed(sound, python=python)
        except ValueError:
            break
    return None


def closed(content: bytes, *, python: bool = False) -> bytes:
    """Cut JSON after the last whole value in it, and close what is open there.

    >>> closed(b'[{"a": 1, "b": [2, 3], "c": "unfin'), closed(b'{"a": {"b": "x", "c')
    (b'[{"a": 1, "b": [2, 3]}]', b'{"a": {"b": "x"}}')
    """
    open_brackets: list[bytes] = []
    cut = 0
    for token in (_TOKEN if python else _JSON_TOKEN).finditer(content):
        mark = token["mark"]
        if token["cut"]:
            break
        if mark is None:
            continue
        if mark in _CLOSING:
            open_brackets.append(mark)
            if len(open_brackets) > MAX_DEPTH:
                return b"null"
        elif mark != b",":
            if not open_brackets or _CLOSING[open_brackets[-1]] != mark:
                break
            open_brackets.pop()
        cut = token.start() if mark == b"," else token.end()
        if not open_brackets:
            break
    return content[:cut] + b"".join(_CLOSING[each] for each in reversed(open_brackets))
