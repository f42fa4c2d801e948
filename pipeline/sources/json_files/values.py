"""Parse single values of JSON, and of what passes for it: NaN, comments, trailing commas, Python's and MongoDB's forms.

The parsers are tried from the strictest and fastest to the most patient one.
"""

from __future__ import annotations

import ast
import contextlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from pipeline.sources.surrogates import tell_from_bytes

_LENIENT = json.JSONDecoder(strict=False)
#: What stands for itself in text that is mended: strings, in which nothing is changed.
_STRINGS = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"' + r"|'[^'\\]*+(?:\\.[^'\\]*+)*+'"
_PATIENCE = re.compile(
    rf"(?P<string>{_STRINGS})|(?P<comment>//[^\n]*|/\*.*?\*/|#[^\n]*)|(?P<comma>,(?=[\s,]*[}}\]]))"
    r"|(?P<call>\b[A-Za-z][\w.]{2,40}\(\s*(?P<inside>[^()\n]{0,200})\))"
    r"|(?P<key>(?<=[{,\s])[A-Za-z_$][\w$]*(?=\s*:))|(?P<word>\b(?:None|True|False|undefined|nan|inf)\b)",
    re.DOTALL,
)
_WORDS = {"None": "null", "True": "true", "False": "false", "undefined": "null", "nan": "NaN", "inf": "Infinity"}
_ESCAPED_QUOTE = re.compile(r"\\'|\"|\\\\")


def parse(content: bytes) -> Any:
    """Parse one value. A `ValueError` says why it is none.

    >>> parse(b'{"text": "caf\\xe9", "score": NaN}')["text"], parse(b"{'title': 'Late', 'by': None,}")
    ('caf\\udce9', {'title': 'Late', 'by': None})
    >>> parse(b'{"title": "Late", // a note'b'\\n "id": ObjectId("5f"), }')
    {'title': 'Late', 'id': '5f'}
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        # Slower, but accepts lone surrogates, NaN, line breaks in strings, and bytes that are not UTF-8.
        return _parse_patiently(tell_from_bytes(content).decode("utf-8", "surrogateescape"))


def _parse_patiently(text: str) -> Any:
    parsers: tuple[Callable[[str], Any], ...] = (_LENIENT.decode, lambda text: _LENIENT.decode(_mended(text)))
    if "'" in text:
        parsers = (*parsers, ast.literal_eval)
    problem: ValueError | None = None
    for parser in parsers:
        try:
            return parser(text)
        except ValueError as error:
            problem = problem or error
        except (RecursionError, MemoryError):
            raise ValueError("nested too deep") from None
        except (SyntaxError, TypeError):
            continue
    assert problem is not None
    raise problem


def _mended(text: str) -> str:
    """Write comments, trailing commas, single quotes and bare words as JSON has them; strings are left alone."""
    return _PATIENCE.sub(_as_json, text)


def _as_json(found: re.Match[str]) -> str:
    kind, whole = found.lastgroup, found[0]
    if found["string"]:
        return whole if whole[0] == '"' else _with_double_quotes(whole)
    if found["call"]:
        inside = found["inside"].strip()
        return _mended(inside) if inside[:1] in "\"'" or re.fullmatch(r"[\d.]+", inside) else json.dumps(inside)
    if kind == "key":
        return f'"{whole}"'
    return _WORDS[whole] if kind == "word" else " "


def _with_double_quotes(text: str) -> str:
    """Write a string in single quotes with double ones.

    >>> _with_double_quotes("'a \\"b\\" and it\\\\'s'")
    '"a \\\\"b\\\\" and it\\'s"'
    """
    marks = {"\\'": "'", '"': '\\"'}
    return '"' + _ESCAPED_QUOTE.sub(lambda m: marks.get(m[0], m[0]), text[1:-1]) + '"'


def as_object(value: Any) -> dict[str, Any]:
    """Return the object that a value is, holds as text, or wraps as a search engine's hit does. A `ValueError` says why
    there is none.

    >>> as_object({"a": 1}), as_object('{"a": 1}'), as_object({"_id": "7", "_source": {"a": 1}})
    ({'a': 1}, {'a': 1}, {'_id': '7', 'a': 1})
    >>> as_object([1])
    Traceback (most recent call last):
    ValueError: an array, not an object
    """
    if isinstance(value, str) and value.lstrip()[:1] == "{":
        value = parse(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, dict):
        inner = value.get("_source")
        return (
            {**{name: each for name, each in value.items() if name != "_source"}, **inner}
            if isinstance(inner, dict)
            else value
        )
    raise ValueError(f"{'an array' if isinstance(value, list) else 'a single value'}, not an object")


def without_types(value: Any) -> Any:
    """Write the numbers of MongoDB's extended JSON as numbers.

    >>> without_types({"views": {"$numberInt": "5"}, "published": {"$date": {"$numberLong": "1925632000000"}}})
    {'views': 5, 'published': {'$date': 1925632000000}}
    """
    if isinstance(value, list):
        return [without_types(each) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (name := next(iter(value))) in _NUMBERS:
        with contextlib.suppress(ValueError, TypeError):
            return _NUMBERS[name](value[name])
    return {name: without_types(each) for name, each in value.items()}


_NUMBERS: dict[str, Callable[[Any], Any]] = {
    "$numberInt": int, "$numberLong": int, "$numberDouble": float, "$numberDecimal": float
}  # fmt: skip


def acted_on(value: Any) -> str | None:
    """Return the id in a line that says what Elasticsearch is to do with the next one, "" for none; None for another.

    >>> acted_on({"index": {"_index": "news", "_id": "7"}}), acted_on({"create": {}}), acted_on({"index": 7})
    ('7', '', None)
    """
    if not isinstance(value, dict) or len(value) != 1:
        return None
    name, inner = next(iter(value.items()))
    if name not in ("index", "create", "update", "delete") or not isinstance(inner, dict):
        return None
    return str(inner.get("_id") or "") if all(each[:1] == "_" for each in inner) else None


def several(content: bytes) -> Iterator[Any]:
    """Yield the values that follow one another on a line. Raises `ValueError` where there is none.

    >>> list(several(b'{"a": 1} {"a": 2},'))
    [{'a': 1}, {'a': 2}]
    """
    text, at = tell_from_bytes(content).decode("utf-8", "surrogateescape").strip(" \t\r,;\x1e\0"), 0
    while at < len(text):
        value, at = _LENIENT.raw_decode(text, at)
        yield value
        while at < len(text) and text[at] in " \t\r,;\x1e\0":
            at += 1
