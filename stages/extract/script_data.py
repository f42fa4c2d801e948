"""Script data of a page: the values that its scripts keep for the program that draws it in the browser.

Frameworks write the state of a page into a script of JSON (`__NEXT_DATA__`), or assign it to a name
(`window.__INITIAL_STATE__ = {…}`), as JSON, as a literal of JavaScript, or as JSON in a string. Nothing is executed: a
literal is read token by token, and what is none is left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

#: Characters of script that are looked at in a page, and values that are begun in vain. Among 274 pages of news the
#: scripts of one have up to 1.9 million, with 2,300 beginnings.
MAX_CHARS = 8_000_000
MAX_TRIES = 5_000
#: Characters of a value; a shorter one holds no article.
LEAST_CHARS = 300

_SCRIPT = re.compile(r"<script\b([^<>]*)>", re.IGNORECASE)
_TYPE = re.compile(r"""\btype\s*=\s*["']?([^"'\s>]*)""", re.IGNORECASE)
_ASSIGNED = re.compile(
    r"""[\w$\]"')]\s*=\s*(?:(?P<value>[{\[])"""
    r"|(?P<parse>JSON\.parse\(\s*(?P<uri>decodeURIComponent\(\s*)?)(?=[\"'])"
    r"|(?P<text>(?=[\"'][{\[]))"
    r"|\(\s*function\s*\((?P<names>[\w$,\s]{0,20000})\)\s*\{\s*return\s*(?P<returned>[{\[]))"
)
_DECODER = json.JSONDecoder(strict=False)


def script_values(html: str) -> Iterator[Any]:
    r"""Iterate over the values in the scripts of a page, JSON-LD left out.

    >>> list(script_values(f'<script>window.a = {{title: "Late", text: "{"x" * 300}"}}; go()</script>'))[0]["title"]
    'Late'
    >>> page = '<script type="application/json">["%s"]</script><script>' % ("x" * 300)
    >>> [len(value[0]) for value in script_values(page)]
    [300]
    """
    budget = MAX_CHARS
    for kind, script in _scripts(html):
        if budget <= 0 or len(script) < LEAST_CHARS or "ld+json" in kind:
            continue
        budget -= len(script)
        found = _whole(script) if kind.endswith("json") else _assigned(script[: max(0, budget)])
        yield from (_unflattened(value) for value in found)


def _scripts(html: str) -> Iterator[tuple[str, str]]:
    """Iterate over the scripts of a page: the type of each, in small letters, and its text."""
    at = 0
    while opening := _SCRIPT.search(html, at):
        at = html.find("</script", opening.end())
        if at < 0:
            return
        named = _TYPE.search(opening[1])
        yield named[1].lower() if named else "", html[opening.end() : at]


def _whole(script: str) -> Iterator[Any]:
    try:
        yield _DECODER.decode(script.strip())
    except (ValueError, RecursionError):
        return


def _assigned(script: str) -> Iterator[Any]:
    """Iterate over the values that a script assigns to names.

    Each is read up to the first character that no value has. What is read in vain has limits, in characters and in
    tries (the error of each counts the lines in front of it): one made of beginnings costs no more than its length.
    """
    at, vain, tries = 0, MAX_CHARS, MAX_TRIES
    while vain > 0 and tries > 0 and (found := _ASSIGNED.search(script, at)):
        read = _read(script, found)
        if read.is_value and read.end - found.end() >= LEAST_CHARS:
            yield read.value
        if not read.is_value:
            vain, tries = vain - (read.end - found.end()), tries - 1
        at = read.end if read.is_value else found.end()


class _Read(NamedTuple):
    """A value read from a script, and where the reading ended; or where it stopped, for what is none."""

    value: Any
    end: int
    is_value: bool = True


def _read(script: str, found: re.Match[str]) -> _Read:
    if found["names"] is not None:
        return _of_function(script, found.end() - 1, found["names"].split(","))
    if found["value"]:
        return _literal(script, found.end() - 1)
    text = _literal(script, found.end())
    if not text.is_value or not isinstance(text.value, str):
        return text._replace(is_value=False)
    inner = unquote(text.value) if found["uri"] else text.value
    try:
        return text._replace(value=_DECODER.decode(inner))
    except (ValueError, RecursionError):
        return text._replace(is_value=False)


def _literal(script: str, at: int) -> _Read:
    """Read the value that begins at a place: JSON, which is fast, else a literal of JavaScript."""
    try:
        return _Read(*_DECODER.raw_decode(script, at))
    except (ValueError, RecursionError):
        tokens = _tokens(script, at)
        return _parsed(tokens, {})


def _of_function(script: str, at: int, names: list[str]) -> _Read:
    """Read the value that a function returns that is called at once, as Nuxt writes: its names stand for arguments."""
    body = _tokens(script, at)
    call = _CALL.match(script, body.end)
    if not body.is_whole or call is None:
        return _Read(None, body.end, is_value=False)
    given = _parsed(_tokens(script, call.end() - 1), {})
    values = given.value if isinstance(given.value, list) else []
    return _parsed(
        body._replace(end=given.end), dict(zip(map(str.strip, names), map(json.dumps, values), strict=False))
    )


_CALL = re.compile(r"\s*;?\s*\}\s*\)?\s*\(")


# ---------------------------------------------------------------- literals of JavaScript

_TOKEN = re.compile(
    r"""(?P<space>(?:\s|//[^\n]*+\n|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/)++)"""
    r"""|(?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+"|'[^'\\]*+(?:\\.[^'\\]*+)*+')"""
    r"""|(?P<bare>void 0|!0|!1|new Date\((?P<date>[^()]{0,60})\)|[A-Za-z_$][\w$]*+"""
    r"""|-?(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?)(?P<key>(?=\s*:))?"""
    r"""|(?P<mark>[{}\[\](),:])""",
    re.DOTALL,
)
_OPENING, _CLOSING = "{[(", "}])"
_WORDS = {"void 0": "null", "undefined": "null", "!0": "true", "!1": "false", "NaN": "null", "Infinity": "null"}
_JSON_WORDS = frozenset(("true", "false", "null"))


class _Tokens(NamedTuple):
    """The tokens of a literal, up to where it ends or is none."""

    tokens: list[re.Match[str]]
    end: int
    is_whole: bool


def _tokens(script: str, at: int) -> _Tokens:
    tokens: list[re.Match[str]] = []
    depth = 0
    while token := _TOKEN.match(script, at):
        at = token.end()
        mark = token["mark"]
        if token["space"]:
            continue
        tokens.append(token)
        depth += 0 if not mark else 1 if mark in _OPENING else -1 if mark in _CLOSING else 0
        if depth <= 0:
            return _Tokens(tokens, at, is_whole=True)
    return _Tokens(tokens, at, is_whole=False)


def _parsed(tokens: _Tokens, names: Mapping[str, str]) -> _Read:
    """Parse a literal: write it as JSON, with what its names stand for; an unknown name stands for nothing."""
    if not tokens.is_whole:
        return _Read(None, tokens.end, is_value=False)
    pieces: list[str] = []
    for token in tokens.tokens:
        piece = _as_json(token, names)
        if piece in "}]" and pieces and pieces[-1] == ",":
            pieces.pop()
        pieces.append(piece)
    try:
        return _Read(_DECODER.decode("".join(pieces)), tokens.end)
    except (ValueError, RecursionError):
        return _Read(None, tokens.end, is_value=False)


def _as_json(token: re.Match[str], names: Mapping[str, str]) -> str:
    bare = token["bare"]
    if token["string"]:
        return _string(token["string"])
    if token["mark"]:
        return {"(": "[", ")": "]"}.get(token["mark"], token["mark"])
    if token["key"] is not None:
        return json.dumps(bare)
    if token["date"] is not None:
        return _string(token["date"]) if token["date"][:1] in ("'", '"') else token["date"] or "null"
    if bare in _JSON_WORDS or bare[0] in "-.0123456789":
        return f"0{bare}" if bare[0] == "." else bare.rstrip(".")
    return names.get(bare) or _WORDS.get(bare, "null")


_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|\n|[^\"\\/bfnrtu])")


def _string(text: str) -> str:
    r"""Write a string of JavaScript as JSON.

    >>> _string(r"'It\'s \x41'")
    '"It\'s \\u0041"'
    """
    inner = text[1:-1] if text[0] == '"' else re.sub(r'(\\.)|"', lambda m: m[1] or '\\"', text[1:-1])
    return f'"{_ESCAPE.sub(_escape, inner)}"'


def _escape(found: re.Match[str]) -> str:
    """Write an escape that JSON has not: of a byte as that of a code point, others as what they stand for."""
    return f"\\u00{found[1][1:]}" if len(found[1]) == 3 else found[1].strip("\n")


# ---------------------------------------------------------------- flattened values


def _unflattened(value: Any) -> Any:
    """Put together a payload of Nuxt 3: a list in which the members of objects and lists are numbers of other entries.

    >>> _unflattened([["Reactive", 1], {"title": 2, "tags": 3}, "Late", [2, 2]])
    {'title': 'Late', 'tags': ['Late', 'Late']}
    """
    return _put_together(value) if isinstance(value, list) and len(value) > 1 and _is_flat(value) else value


def _put_together(value: list[Any]) -> Any:
    built: list[Any] = [type(each)() if isinstance(each, (dict, list)) else each for each in value]
    for number, each in reversed(list(enumerate(value))):  # places are mostly those of later entries
        if _is_named(each):
            built[number] = built[each[1]] if _is_place(each[1], value) else each[1]
    for number, each in enumerate(value):
        if isinstance(each, dict):
            built[number].update({key: built[at] for key, at in each.items() if _is_place(at, value)})
        elif isinstance(each, list) and not _is_named(each):
            built[number].extend(built[at] for at in each if _is_place(at, value))
    return built[0]


def _is_named(entry: Any) -> bool:
    """Tell if an entry stands for another, with a name for its kind in front, as in ["Reactive", 1]."""
    return isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str)


def _is_flat(value: list[Any]) -> bool:
    """Tell if the objects in a list hold places in it, and nothing else."""
    objects = [each for each in value if isinstance(each, dict) and each]
    return bool(objects) and all(isinstance(at, int) for each in objects for at in each.values())


def _is_place(at: Any, value: list[Any]) -> bool:
    return isinstance(at, int) and 0 <= at < len(value)
