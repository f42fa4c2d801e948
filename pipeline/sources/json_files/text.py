"""Values in a stream of JSON: each is found by its brackets and given as bytes.

Files of any size are read in flat memory, and a broken value costs itself: reading goes on where the next one begins.
Comments, trailing commas, single quotes and several values one after another are taken as they come; what a value
holds is for `pipeline.sources.json_files.values` to parse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from pipeline.sources.compression import CHUNK, Readable

#: A path leads from the top of a file to its records: through the member of this name, each member of an object, each
#: element of an array, or each of either.
EACH_MEMBER, EACH_ELEMENT, EACH = "*", "[]", "*[]"
Path = tuple[str, ...]

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_PYTHON_STRING = re.compile(rb"""(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|'[^'\\]*+(?:\\.[^'\\]*+)*+')""", re.DOTALL)
# Strings and what stands between them, up to a bracket. A string is followed by a mark, or a quote
# is missing.
_RUN = re.compile(rb'[^"{}\[\]/#]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"\s*+(?=[,:}\])/#])[^"{}\[\]/#]*+)*+', re.DOTALL)
_PYTHON_RUN = re.compile(
    rb"""[^"'{}\[\]/#]*+(?:(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|'[^'\\]*+(?:\\.[^'\\]*+)*+')\s*+(?=[,:}\])/#])[^"'{}\[\]/#]*+)*+""",
    re.DOTALL,
)
_COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*\n|#[^\n]*\n", re.DOTALL)
_BACKSLASH = ord("\\")
_SCALAR = re.compile(rb"""[^\s,{}\[\]"']*""")
_BETWEEN = re.compile(rb"[\s,;\x1e\x00]*")
_SPACE = re.compile(rb"[\s\x00]*")
_NAME = re.compile(rb"[^\s:{}\[\],\"']{1,500}")
_FIRST_KEY = re.compile(rb"""\{\s*("[^"\\\n]{1,100}"|'[^'\\\n]{1,100}')\s*:""")
_CLOSER = {ord("{"): ord("}"), ord("["): ord("]")}
_OPENING, _CLOSING, _QUOTES, _COMMENTS = map(frozenset, (b"{[", b"]})", b"\"'", b"/#"))
_CLOSING_OR_END = _CLOSING | {-1}
#: What stands in front of the value where JavaScript or a guard against it was saved: `var news = `, `callback(`.
_PREAMBLE = re.compile(rb"(?:\)\]\}',?\s*|(?:while|for)\s*\([^)]*\);|[\w.$ \t]{1,200}(?:=|\()(?=\s*[\[{(]))")
#: Bytes that a pattern for the beginning of a record may span.
OVERLAP = 2000
#: Keys by which the beginnings of records are told, and levels of brackets that are followed.
MAX_FIRST_KEYS, MAX_LEVELS = 16, 100_000
#: How often in a row the end of an object may be guessed wrong before it is guessed no more.
MAX_IN_VAIN = 20


class BrokenJsonError(ValueError):
    """A value whose brackets or quotes do not match; the message says how."""


class Element(NamedTuple):
    """A value at the end of a path: its number, the member names that led to it, its bytes, and why it has none."""

    number: int
    keys: tuple[str, ...]
    raw: bytes
    outer: dict[str, bytes]  # single values of the objects around it that stand before it
    problem: str = ""
    size: int = 0
    parsed: Any = None  # the value, if it was parsed to find its end


class JsonWindow:
    """A window on a stream of JSON, and a place in it."""

    def __init__(self, stream: Readable, max_bytes: int) -> None:
        self.stream, self.max_bytes = stream, max_bytes
        self.buffer = b""
        self.at = 0
        self.first_keys: dict[bytes, None] = {}
        self.python = self.at_end = False
        self.parsed: Any = None  # the last value, if it was parsed to find its end
        self.last_end = -1  # of the last value, in the window
        self.reached = 0  # in the window, while the end of an object is looked for
        self.separator = b""
        self.in_vain = 0

    def begin(self) -> None:
        """Step over a byte order mark and what JavaScript puts in front; tell quotes of Python from those of JSON."""
        self.more()
        self.buffer = self.buffer.removeprefix(b"\xef\xbb\xbf")
        self.between()
        if preamble := _PREAMBLE.match(self.buffer, self.at):
            self.at = preamble.end()
        self.python = re.match(rb"[\s\[{(]*'", self.buffer[self.at : self.at + OVERLAP]) is not None

    def more(self) -> bool:
        """Read on, at least as many bytes as are held, so that looking at them again stays linear; False at the end."""
        held, self.last_end = self.buffer[self.at :], -1
        parts, wanted = [held], max(CHUNK, len(held))
        try:
            while wanted > 0 and (piece := self.stream.read(wanted)):
                parts.append(piece)
                wanted -= len(piece)
        except OSError:
            if len(parts) == 1:  # else what was read before the break comes first; the next read raises it again
                raise
        self.buffer, self.at = b"".join(parts), 0
        return len(parts) > 1

    def between(self, marks: re.Pattern[bytes] = _BETWEEN) -> int:
        """Step over blanks, commas and comments; return the next byte, -1 at the end."""
        while True:
            found = marks.match(self.buffer, self.at)
            self.at = found.end() if found else self.at
            if self.at >= len(self.buffer):
                if not self.more():
                    return -1
            elif self.buffer[self.at] in _COMMENTS and (end := self._comment(self.at)):
                self.at = end
            else:
                return self.buffer[self.at]

    def _comment(self, at: int) -> int:
        """Return where a comment ends; 0 if there is none, or none that ends in the window."""
        found = _COMMENT.match(self.buffer, at)
        return found.end() if found else 0


class JsonText(JsonWindow):
    """A window on a stream of JSON that moves from value to value."""

    def value(self) -> bytes:
        """Return the bytes of the next value and step over it. Raises `BrokenJsonError`, and stays in front of it."""
        first = self.buffer[self.at]
        size = (self._like_the_last() or self._to_closing()) if first in _OPENING else self._single()
        raw = self.buffer[self.at : self.at + size]
        self.at += size
        self.last_end = self.at - 1
        if first == ord("{") and len(self.first_keys) < MAX_FIRST_KEYS and (key := _FIRST_KEY.match(raw)):
            self.first_keys.setdefault(key[1])
        return raw

    def _like_the_last(self) -> int:
        """Return the size of the next object, if what stands between it and the next one is what stood before it; 0 if
        it has to be looked at. An object that ends there is parsed, which proves that it is whole.
        """
        self.parsed = None
        if self.in_vain > MAX_IN_VAIN:
            return 0
        if self.last_end >= 0 and (key := _FIRST_KEY.match(self.buffer, self.at)):
            self.separator = self.buffer[self.last_end : key.end()]
        end = self.buffer.find(self.separator, self.at) if self.separator else -1
        if end < 0:
            return 0
        try:
            self.parsed = orjson.loads(self.buffer[self.at : end + 1])
        except orjson.JSONDecodeError:
            self.in_vain += 1
            return 0
        self.in_vain = 0
        return end + 1 - self.at

    def _single(self) -> int:
        """Return the size of the next string, number or literal."""
        is_string = self.buffer[self.at] in _QUOTES
        while (end := self._end_of_string() if is_string else self._end_of_literal()) < 0:
            if len(self.buffer) - self.at > self.max_bytes:
                raise BrokenJsonError("a single value without end")
            if not self.more():
                end = -1 if is_string else len(self.buffer)
                break
        if end <= self.at:
            raise BrokenJsonError("no value where one should be")
        return end - self.at

    def _end_of_literal(self) -> int:
        """Return where a number or word ends; -1 if it is not in the window."""
        found = _SCALAR.match(self.buffer, self.at)
        return -1 if found is None or found.end() == len(self.buffer) else found.end()

    def _end_of_string(self) -> int:
        """Return where a string ends; -1 if it is not in the window."""
        quote, end = self.buffer[self.at : self.at + 1], self.at
        while (end := self.buffer.find(quote, end + 1)) >= 0:
            before = end
            while self.buffer[before - 1] == _BACKSLASH and before - 1 > self.at:
                before -= 1
            if (end - before) % 2 == 0:
                return end + 1
        return -1

    def _to_closing(self) -> int:
        """Return the size of the object or array that begins here."""
        run, open_brackets, here = _PYTHON_RUN if self.python else _RUN, bytearray(), 0
        while True:
            found = run.match(self.buffer, self.at + here)
            start, here = here, (found.end() - self.at if found else here)
            self.reached = self.at + here
            byte = self.buffer[self.at + here] if self.at + here < len(self.buffer) else -1
            if byte in _OPENING:
                self._check_opening(start, here, open_brackets)
                open_brackets.append(byte)
                here += 1
            elif byte in _CLOSING:
                if _CLOSER.get(open_brackets.pop()) != byte:
                    raise BrokenJsonError("a bracket is missing")
                here += 1
                if not open_brackets:
                    return here
            else:
                here = self._over_mark(here, byte)

    def _check_opening(self, start: int, here: int, open_brackets: bytearray) -> None:
        """Refuse an object or array in an object that no member's name stands in front of: a bracket is missing."""
        if len(open_brackets) >= MAX_LEVELS:
            raise BrokenJsonError("nested too deep")
        if open_brackets and open_brackets[-1] == ord("{"):
            before = self.buffer[self.at + max(start, here - 64) : self.at + here].rstrip()
            if before and before[-1:] not in b":(/":
                raise BrokenJsonError("a bracket is missing")

    def _over_mark(self, here: int, byte: int) -> int:
        """Return where to go on after a comment, at a quote or at the end of the window."""
        if byte in _COMMENTS:
            if end := self._comment(self.at + here):
                return end - self.at
            if self.buffer[self.at + here : self.at + here + 2] not in (b"//", b"/*", b"/") and byte != ord("#"):
                return here + 1
        elif byte >= 0 and self._is_broken_string(here):
            raise BrokenJsonError("a quote that neither begins nor ends a string")
        if len(self.buffer) - self.at > 2 * self.max_bytes:
            raise BrokenJsonError("larger than the limit")
        if not self.more():
            raise BrokenJsonError("the file ends in the middle of it")
        return here

    def _is_broken_string(self, here: int) -> bool:
        """Return True if the string that begins here is whole, and something else than a mark follows it."""
        string = (_PYTHON_STRING if self.python else _STRING).match(self.buffer, self.at + here)
        if string is None:
            return False
        rest = _SPACE.match(self.buffer, string.end())
        return rest is not None and rest.end() < len(self.buffer)

    def skip_to_next(self, path: Path) -> bytes:
        """Step over a broken value to the next one of its kind, or to the end; return its first bytes."""
        beginning = self.buffer[self.at : self.at + OVERLAP]
        if not self.first_keys and (key := _FIRST_KEY.match(beginning)):
            self.first_keys.setdefault(key[1])
        pattern = self._beginning_of_next(path)
        self.at += 1
        while (found := pattern.search(self.buffer, self.at)) is None:
            self.at = max(self.at, len(self.buffer) - OVERLAP)
            if not self.more():
                self.at, self.at_end = len(self.buffer), True
                return beginning
        self.at = found.start(1)
        return beginning

    def _beginning_of_next(self, path: Path) -> re.Pattern[bytes]:
        keys = b"|".join(map(re.escape, self.first_keys)) or rb'"[^"\\\n]{1,100}"'
        if path[-1:] == (EACH_MEMBER,):
            return re.compile(rb"""[,}\]]\s*((?:"[^"\\\n]{1,500}"|'[^'\\\n]{1,500}')\s*:\s*\{\s*(?:%b)\s*:)""" % keys)
        return re.compile(rb"[,}\]\s]\s*(\{\s*(?:%b)\s*:)" % keys)


def elements(text: JsonText, path: Path) -> Iterator[Element]:
    """Yield the values at the end of a path, of all values of a file that follow one another."""
    walk = _Walk(text, path)
    text.begin()
    while text.between() >= 0:
        if text.buffer[text.at] in _CLOSING:
            text.at += 1  # a bracket too many
        else:
            yield from walk.inside(path, (), {})


class _Walk:
    """Follows a path through a file and numbers what it finds at the end of it."""

    def __init__(self, text: JsonText, path: Path) -> None:
        self.text, self.path = text, path
        self.number = 0

    def inside(self, path: Path, keys: tuple[str, ...], outer: dict[str, bytes]) -> Iterator[Element]:
        """Yield what is at the end of a path that begins at the next value."""
        first = self.text.buffer[self.text.at]
        if path and path[0] in (EACH_ELEMENT, EACH) and first == ord("["):
            yield from self._of_array(path[1:], keys, outer)
        elif path and path[0] != EACH_ELEMENT and first == ord("{"):
            yield from self._of_object(path, keys, outer)
        else:
            yield self._value(keys, outer)

    def _value(self, keys: tuple[str, ...], outer: dict[str, bytes]) -> Element:
        self.number += 1
        if self.text.first_keys and self.text.buffer[self.text.at] not in _OPENING:
            return self._broken("no object where one should be", keys)
        self.text.parsed = None
        try:
            raw = self.text.value()
        except BrokenJsonError as error:
            return self._broken(str(error), keys)
        return Element(self.number, keys, raw, outer, size=len(raw), parsed=self.text.parsed)

    def _broken(self, why: str, keys: tuple[str, ...]) -> Element:
        return Element(self.number, keys, self.text.skip_to_next(self.path), {}, why)

    def _of_array(self, path: Path, keys: tuple[str, ...], outer: dict[str, bytes]) -> Iterator[Element]:
        self.text.at += 1
        while (byte := self.text.between()) not in _CLOSING_OR_END:
            yield from self.inside(path, keys, outer)
        if byte < 0:
            yield from self._cut_off()
        self.text.at += byte == ord("]")

    def _cut_off(self) -> Iterator[Element]:
        """Yield what says that the file ends too early, once."""
        if self.text.at_end:
            return
        self.text.at_end = True
        self.number += 1
        yield Element(self.number, (), b"", {}, "the file ends before its list does: it was cut off")

    def _of_object(self, path: Path, keys: tuple[str, ...], outer: dict[str, bytes]) -> Iterator[Element]:
        self.text.at += 1
        own = dict(outer)
        while (byte := self.text.between()) not in _CLOSING_OR_END:
            try:
                name = self._name()
                if path[0] in (name, EACH_MEMBER, EACH) and self._leads_on(path[1:]):
                    yield from self.inside(path[1:], (*keys, name), own)
                else:
                    own = self._beside(name, own)
            except BrokenJsonError as error:
                self.number += 1
                yield self._broken(str(error), keys)
        if byte < 0:
            yield from self._cut_off()
        self.text.at += byte == ord("}")

    def _name(self) -> str:
        """Step over a member's name and the colon after it."""
        if self.text.buffer[self.text.at] in _QUOTES:
            raw = self.text.value()[1:-1]
        else:
            found = _NAME.match(self.text.buffer, self.text.at)
            raw = found[0] if found else b""
            self.text.at += len(raw)
        if self.text.between(_SPACE) != ord(":"):
            raise BrokenJsonError("a member without a value")
        self.text.at += 1
        if self.text.between(_SPACE) < 0:
            raise BrokenJsonError("the file ends in the middle of it")
        return raw.decode("utf-8", "surrogateescape")

    def _leads_on(self, path: Path) -> bool:
        """Return True if the next value is of the kind that the path goes on with."""
        if not path:
            return self.path[-1] == EACH or self.text.buffer[self.text.at] == ord("{")
        return path[0] == EACH or self.text.buffer[self.text.at] == ord("[" if path[0] == EACH_ELEMENT else "{")

    def _beside(self, name: str, outer: dict[str, bytes]) -> dict[str, bytes]:
        """Step over a member beside the path; keep it if it is a single value."""
        raw = self.text.value()
        if raw[:1] in b"{[" or len(raw) > OVERLAP:
            return outer
        return {**outer, name: raw}
