"""Values in SQL: strings in the quotes and with the escapes of several databases, numbers, and calls of functions."""

from __future__ import annotations

import codecs
import re
from typing import IO, Any, Protocol

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Rereadable(Protocol):
    """A source of bytes that can be read from its beginning more than once."""

    def seek(self, place: int, /) -> object:
        """Begin again; the place is 0."""

    def read(self, size: int = -1, /) -> bytes:
        """Read at most so many bytes; none only at the end."""


#: Bytes that are read at a time; patterns for the beginning of a statement may span so many.
CHUNK, OVERLAP = 1 << 20, 1 << 12
_SPACE = re.compile(rb"(?:\s+|--[^\n]*\n|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(rb"'(?:[^'\\]++|\\.|'')*+'(?!')", re.DOTALL)
_PLAIN_STRING = re.compile(rb"'(?:[^']++|'')*+'(?!')", re.DOTALL)
_DOUBLE = re.compile(rb'"(?:[^"\\]++|\\.|"")*+"(?!")', re.DOTALL)
_PREFIX = re.compile(rb"(?:_[a-z0-9]+\s*|[NE](?='))", re.IGNORECASE)
_WORD = re.compile(rb"[^\s,()'\"]+")
_CALL = re.compile(rb"[A-Za-z_][\w.]*\s*(?=\()")
_CAST = re.compile(rb"\s*::\s*[\w \[\]\"]+(?=[,)])")
_HEX = re.compile(rb"(?:[xX]'(?P<a>[0-9a-fA-F]*)'|0x(?P<b>[0-9a-fA-F]+)(?=[\s,)]))")
_NEXT_ROW = re.compile(rb"\)\s*,\s*\(|;\s*\n|\n\s*(?:INSERT|REPLACE)\s", re.IGNORECASE)
#: Parentheses, and what is quoted, in which they do not count.
_PARENTHESES = re.compile(rb"'(?:[^'\\]|\\.|'')*+'|`[^`]*+`|\"[^\"]*+\"|[()]", re.DOTALL)
_MYSQL = re.compile(rb"`|MySQL|MariaDB", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "", "b": "\b", "Z": "", "f": "\f", "v": "\v"}
#: Levels of calls in calls.
MAX_CALLS = 20


class Transcoded:
    """A file in UTF-16 as UTF-8, from its beginning on."""

    def __init__(self, stored: IO[bytes]) -> None:
        self.stored = stored
        self.decoder = codecs.getincrementaldecoder("utf-16")("replace")

    def seek(self, _place: int, /) -> None:
        """Begin again."""
        self.stored.seek(0)
        self.decoder.reset()

    def read(self, size: int = -1, /) -> bytes:
        """Read about so many bytes; none only at the end."""
        piece = self.stored.read(size)
        text = self.decoder.decode(piece, final=not piece)
        return text.encode() if text or not piece else self.read(size)


def as_utf_8(stored: IO[bytes]) -> Rereadable:
    """Return a file that can be read again, as UTF-8 if its byte order mark says that it is UTF-16."""
    marked = stored.read(2) in UTF_16
    stored.seek(0)
    return Transcoded(stored) if marked else stored


class BrokenSqlError(ValueError):
    """Values that are not as SQL has them; the message says how."""


def unescaped(text: str) -> str | None:
    r"""Return a value as COPY writes it; None for NULL.

    >>> unescaped("a\\nb"), unescaped("\\N")
    ('a\nb', None)
    """
    return None if text == "\\N" else _without_escapes(text)


def _without_escapes(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), text) if "\\" in text else text


class SqlWindow:
    """A window on a dump, and a place in it."""

    def __init__(self, stored: Rereadable, limit: int) -> None:
        self.stored, self.limit = stored, limit
        self.buffer = b""
        self.at = 0
        self.more()
        #: A backslash escapes in MySQL; in other databases only in strings with an E in front.
        self.string = _STRING if _MYSQL.search(self.buffer[:OVERLAP]) else _PLAIN_STRING

    def more(self) -> bool:
        """Read on, at least as much as is held, so that looking again stays linear; False at the end."""
        held = self.buffer[self.at :]
        piece = self.stored.read(max(CHUNK, len(held)))
        self.buffer, self.at = held + piece, 0
        return bool(piece)

    def to_next_row(self) -> bool:
        """Step to where a row of a statement begins behind another; False if the statement ends before."""
        while True:
            found = _NEXT_ROW.search(self.buffer, self.at)
            if found and found.end() < len(self.buffer):
                self.at = found.end() - 1
                return found[0][-1:] == b"("
            self.at = max(self.at, len(self.buffer) - OVERLAP)
            if not self.more():
                return False

    def beginning(self, size: int) -> str:
        """Return what stands here."""
        return self.buffer[self.at : self.at + size].decode("utf-8", "replace")

    def find(self, statement: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Step behind the next beginning of a statement; None at the end."""
        while True:
            found = statement.search(self.buffer, self.at)
            if found and found.end() < len(self.buffer) - 1:
                self.at = found.end()
                return found
            kept = (
                found.start() if found else max(self.at, self.buffer.rfind(b"\n", 0, max(0, len(self.buffer) - 1)) + 1)
            )
            self.at = max(kept, len(self.buffer) - OVERLAP) if not found else kept
            if not self.more():
                return None

    def next_byte(self) -> bytes:
        """Step over blanks and comments and return the next byte; nothing at the end."""
        while True:
            found = _SPACE.match(self.buffer, self.at)
            self.at = found.end() if found else self.at
            if self.at + 2 < len(self.buffer) or not self.more():
                return self.buffer[self.at : self.at + 1]

    def word(self, word: bytes) -> bool:
        """Step over a word or a mark; False if it does not stand here."""
        self.next_byte()
        while self.at + len(word) > len(self.buffer) and self.more():
            pass
        if self.buffer[self.at : self.at + len(word)].upper() != word:
            return False
        self.at += len(word)
        return True

    def line(self) -> str:
        """Return the next line, with its end; nothing at the end."""
        while (end := self.buffer.find(b"\n", self.at)) < 0:
            if len(self.buffer) - self.at > self.limit or not self.more():
                end = len(self.buffer) - 1
                break
        line, self.at = self.buffer[self.at : end + 1], end + 1
        return line.decode("utf-8", "surrogateescape")


class SqlText(SqlWindow):
    """A window on a dump that reads values."""

    def parenthesis(self) -> str:
        """Step over what stands in parentheses and return it."""
        depth, begin, here = 0, self.at, self.at
        while True:
            found = _PARENTHESES.search(self.buffer, here)
            if found is None:
                here -= self.at
                if len(self.buffer) - self.at > self.limit or not self.more():
                    self.at = len(self.buffer)
                    return ""
                begin = self.at
                here = max(0, here)
                continue
            here = found.end()
            depth += {b"(": 1, b")": -1}.get(found[0], 0)
            if depth == 0:
                content = self.buffer[begin + 1 : here - 1]
                self.at = here
                return content.decode("utf-8", "surrogateescape")

    def tuple_of_values(self) -> list[Any]:
        """Step over a row in parentheses and return its values."""
        self.word(b"(")
        values = []
        while True:
            values.append(self.value())
            if self.word(b")"):
                return values
            if not self.word(b","):
                raise BrokenSqlError("no comma between two values of a row")

    def value(self, depth: int = 0) -> Any:
        """Step over a value and return it."""
        self.next_byte()
        escapes = self.string is _STRING
        if prefix := _PREFIX.match(self.buffer, self.at):
            escapes = escapes or prefix[0][:1] in b"Ee"
            if self.buffer[prefix.end() : prefix.end() + 1] == b"'":
                self.at = prefix.end()
        first = self.buffer[self.at : self.at + 1]
        if first == b"'":
            return self._after_cast(self._string(_STRING if escapes else _PLAIN_STRING, "'", escapes=escapes))
        if first == b'"':
            return self._string(_DOUBLE, '"', escapes=escapes)
        if number := _HEX.match(self.buffer, self.at):
            self.at = number.end()
            return bytes.fromhex((number["a"] or number["b"] or b"").decode().zfill(2)).decode(
                "utf-8", "surrogateescape"
            )
        if _CALL.match(self.buffer, self.at):
            return self._call(depth)
        return self._single()

    def _string(self, pattern: re.Pattern[bytes], quote: str, *, escapes: bool) -> str:
        is_more = True
        while ((found := pattern.match(self.buffer, self.at)) is None or found.end() == len(self.buffer)) and is_more:
            if len(self.buffer) - self.at > self.limit:
                raise BrokenSqlError("a string without end")
            is_more = self.more()
        if found is None:
            raise BrokenSqlError("the file ends within a string")
        self.at = found.end()
        text = found[0][1:-1].decode("utf-8", "surrogateescape").replace(quote * 2, quote)
        return _without_escapes(text) if escapes else text

    def _after_cast(self, value: str) -> str:
        if cast := _CAST.match(self.buffer, self.at):
            self.at = cast.end()
        return value

    def _single(self) -> Any:
        found = _WORD.match(self.buffer, self.at)
        if found is None:
            raise BrokenSqlError("no value where one should be")
        self.at = found.end()
        text = found[0].decode("utf-8", "replace")
        return None if text.upper() in ("NULL", "DEFAULT") else text

    def _call(self, depth: int) -> Any:
        """Return what a call gives: SQLite's dumps write line breaks as calls of replace(); else its first text."""
        if depth >= MAX_CALLS:
            raise BrokenSqlError("calls in calls in calls")
        found = _CALL.match(self.buffer, self.at)
        name = found[0].strip().lower() if found else b""
        self.at = found.end() if found else self.at
        self.word(b"(")
        values: list[Any] = []
        while not self.word(b")"):
            values.append(self.value(depth + 1))
            self.word(b",")
            if not self.next_byte():
                raise BrokenSqlError("the file ends within a call")
        if name == b"replace" and len(values) == 3 and all(isinstance(each, str) for each in values):
            return values[0].replace(values[1], values[2])
        if name == b"char" and len(values) == 1 and str(values[0]).isdigit():
            return chr(min(int(values[0]), 0x10FFFF))
        return next((each for each in values if isinstance(each, str)), None)
