r"""Alphabet that rules are matched in: one byte a character.

In UTF-8 a pattern's `\pL` is an automaton of 700 states by itself, and `\pL{0,40}` forty of them: of 96 patterns some
take 0.1 s to compile. But patterns tell few characters apart: ASCII, those that they name, and kinds ("a capital"). So
what no pattern tells apart is one byte, patterns are spelled in these bytes, and texts too. What is found is the same,
at the same code points; compiling takes a twentieth of the time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import re2

Codes = npt.NDArray[np.int64]

ASCII = 0x80
CODE_POINTS = 0x110000
SURROGATES = range(0xD800, 0xE000)
#: Control characters that no pattern tells apart, white space aside: in a text all of them are NUL, and their bytes are
#: free. Without these, two rules on names of agencies in 8 scripts needed an alphabet, and two gates, of their own.
CONTROLS = (*range(1, 9), *range(14, 32))
#: Bytes for what is not ASCII. RE2 takes some for letters with a case, À for à: of such a pair only one is used.
BYTES = np.array([*range(0x80, 0xE0), 0xF7, 0xFF, *CONTROLS], dtype=np.uint8)
#: Two letters that RE2 takes for s and k where case does not matter are these in any case.
LOOKALIKES = {0x17F: "s", 0x212A: "K"}

TOKENS = re.compile(
    r"(?s)\\[pP](?:\{[^}]*\}|.)|\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\[:\^?[a-z]+:\]|\(\?[a-zA-Z-]*[:)]|\(\?P?<\w+>"
    r"|\\.|."
)
FLAGS = re.compile(r"\(\?([a-zA-Z]*)-?([a-zA-Z]*)[:)]$")
#: What in a character class stands for several characters and so begins no range.
SEVERAL = re.compile(r"\\[dDpPsSwW]|\[:.")
#: A byte of UTF-8, quoting, characters by octal number, control characters (named, in a class or range, as they are):
#: patterns with these are matched as they are.
NOT_SPELLED = re.compile(r"\\[CQ0-9a]|\[:|[\x00-\x08\x0e-\x1f]|(?:\\[tnfrv]|[\t-\r])-")


class Item(NamedTuple):
    """Characters that a pattern tells apart from others: a member of a character class, and if case is folded."""

    body: str
    folds: bool


class Part(NamedTuple):
    """A piece of a pattern: an item, or text that is the same in any alphabet."""

    text: str
    item: Item | None = None
    inside: bool = False  # a character class


@lru_cache(maxsize=4096)
def parts_of(pattern: str) -> tuple[Part, ...]:
    r"""Split a pattern into parts.

    >>> [tuple(part.item) for part in parts_of(r"(?i)[^’\pL]é(?-i:[à-ù])$") if part.item]
    [('’', True), ('\\pL', True), ('é', True), ('à-ù', False)]
    >>> [tuple(part.item) for part in parts_of("[a]--–") if part.item]
    [('–', False)]
    """
    tokens = TOKENS.findall(pattern)
    parts: list[Part] = []
    folds = [False]
    at, first = 0, 0  # the place of the token, and that of the first member of the class it is in, or 0
    while at < len(tokens):
        token, width = tokens[at], 1
        if first and token == "]" and at > first:
            first = 0
        elif first and at >= first and is_range(tokens[at : at + 3]):
            token, width = "".join(tokens[at : at + 3]), 3
        elif not first and token == "[":
            first = at + 1 + (tokens[at + 1 : at + 2] == ["^"])
        elif not first:
            track_case(token, folds)
        parts.append(Part(token, Item(token, folds[-1]) if is_item(token) else None, first > 0))
        at += width
    return tuple(parts)


def is_range(tokens: Sequence[str]) -> bool:
    """Return True if three tokens of a character class are a range."""
    return len(tokens) == 3 and tokens[1] == "-" and tokens[2] != "]" and not SEVERAL.match(tokens[0])


def is_item(token: str) -> bool:
    """Return True if a token stands for characters beyond ASCII."""
    return not token.isascii() or ("\\" in token and any(sign in token for sign in ("\\p", "\\P", "\\x")))


def track_case(token: str, folds: list[bool]) -> None:
    """Update `folds`, which holds for each open group if case is folded, by the next token of a pattern."""
    if token[0] not in "()":
        return
    flags = FLAGS.match(token)
    case = folds[-1] if flags is None else ("i" in flags[1] or folds[-1]) and "i" not in flags[2]
    if flags is not None and token.endswith(")"):
        folds[-1] = case
    elif token.startswith("("):
        folds.append(case)
    elif token == ")" and len(folds) > 1:
        folds.pop()


@lru_cache(maxsize=1)
def all_characters() -> bytes:
    """Return every character there is, in order, in UTF-8."""
    codes = np.arange(CODE_POINTS, dtype=np.uint32)
    kept = np.concatenate([codes[: SURROGATES.start], codes[SURROGATES.stop :]])
    return kept.tobytes().decode("utf-32-le").encode()


@lru_cache(maxsize=1)
def characters_with_case() -> bytes:
    """Return every character that has a case, in UTF-8."""
    return "".join(map(chr, members(Item(r"\p{Lu}\p{Ll}\p{Lt}", False)).tolist())).encode()


@lru_cache(maxsize=1024)
def members(item: Item) -> Codes:
    r"""Return the characters that RE2 matches with an item.

    >>> [chr(code) for code in members(Item("é", True))], len(members(Item(r"\p{Lu}", False))) > 1500
    (['É', 'é'], True)
    """
    body = f"\\{item.body}" if item.body.startswith("^") else item.body
    pattern = re2.compile((f"(?i)[{body}]+" if item.folds else f"[{body}]+").encode())
    if len(item.body) > 1:
        spans = np.array([match.span() for match in pattern.finditer(all_characters())], dtype=np.int64).reshape(-1, 2)
        borders = np.zeros(CODE_POINTS + 1, dtype=np.int8)
        borders[code_at(spans[:, 0])] = 1
        borders[code_at(spans[:, 1])] = -1
        return np.flatnonzero(np.cumsum(borders, dtype=np.int8))
    same = b"".join(pattern.findall(characters_with_case())).decode() if item.folds else ""
    return np.array(sorted({ord(character) for character in same + item.body}), dtype=np.int64)


def code_at(offsets: Codes) -> Codes:
    """Convert offsets in `all_characters` to code points."""
    first = np.array([0, 0x80, 0x800, SURROGATES.stop, 0x10000])
    width = np.array([1, 2, 3, 3, 4])
    start = np.array([0, 0x80, 0x80 + 2 * 0x780, 0x80 + 2 * 0x780 + 3 * 0xD000, 0])
    start[4] = start[3] + 3 * 0x2000
    kind = np.searchsorted(start, offsets, "right") - 1
    codes: Codes = first[kind] + (offsets - start[kind]) // width[kind]
    return codes


@dataclass(frozen=True)
class Alphabet:
    """An encoding of texts and patterns in one byte a character; without a table they stay as they are."""

    table: npt.NDArray[np.uint8] | None = None  # of each code point: its byte
    spellings: dict[Item, str] = field(default_factory=dict)

    def spell(self, pattern: str) -> str | bytes:
        """Encode a pattern."""
        if self.table is None:
            return pattern
        return "".join(self._spell_part(part) for part in parts_of(pattern)).encode("latin-1")

    def can_spell(self, pattern: str) -> bool:
        """Return True if a pattern can be encoded: a class that nothing belongs to cannot."""
        try:
            re2.Set.SearchSet(self.options()).Add(self.spell(pattern))
        except re2.error:
            return False
        return True

    def _spell_part(self, part: Part) -> str:
        if part.item is None:
            return part.text
        spelled = self.spellings[part.item]
        return spelled if part.inside else f"[{spelled}]"

    def write(self, texts: Sequence[str]) -> Sequence[str | bytes]:
        """Encode texts."""
        if self.table is None:
            return texts
        beyond = iter(self._written([text for text in texts if not is_plain(text)]))
        return [text.encode() if is_plain(text) else next(beyond) for text in texts]

    def _written(self, texts: Sequence[str]) -> Iterator[bytes]:
        """Yield texts in the alphabet, by its table."""
        if self.table is None or not texts:
            return
        codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        written = self.table[codes].tobytes()
        at = 0
        for text in texts:
            yield written[at : at + len(text)]
            at += len(text)

    def options(self) -> re2.Options:
        """Return RE2 options: quiet, and memory enough for a set of rules."""
        chosen = re2.Options()
        chosen.log_errors = False
        chosen.max_mem = 256 << 20
        if self.table is not None:
            chosen.encoding = re2.Options.Encoding.LATIN1
        return chosen


def is_plain(text: str) -> bool:
    """Return True if a text is the same in every alphabet: ASCII without control characters."""
    return text.isascii() and text.isprintable()


def can_be_spelled(pattern: str) -> bool:
    r"""Return True if a pattern holds nothing that no alphabet has, and tells no control characters apart.

    >>> can_be_spelled(r"\PL\s[^é]"), can_be_spelled(r"[\x01-\x05]"), can_be_spelled(r"\x{1F}"), can_be_spelled(r"\a")
    (True, False, False, False)
    """
    parts = parts_of(pattern)
    if any(NOT_SPELLED.search(part.text) for part in parts):
        return False
    named = (np.isin((0, *CONTROLS), members(part.item)) for part in parts if part.item is not None)
    return all(some.all() or not some.any() for some in named)


def alphabets_of(patterns: Sequence[str]) -> Iterator[tuple[Alphabet, list[str]]]:
    """Yield alphabets, each for as many patterns as can share it, with those patterns; then for the rest."""
    spellable = list(filter(can_be_spelled, patterns))
    plain, remaining = without(patterns, spellable), spellable
    while chosen := sharing(remaining):
        alphabet = Alphabet(*byte_table(chosen))
        remaining, shared = without(remaining, chosen), list(filter(alphabet.can_spell, chosen))
        plain += without(chosen, shared)
        if shared:
            yield alphabet, shared
    if plain or remaining:
        yield Alphabet(), plain + remaining


def without(patterns: Sequence[str], some: Collection[str]) -> list[str]:
    """Return the patterns but for some of them, in their order."""
    left_out = set(some)
    return [pattern for pattern in patterns if pattern not in left_out]


def sharing(patterns: Sequence[str]) -> list[str]:
    """Choose patterns that tell no more kinds of characters apart than there are bytes, those with few kinds first.

    The fewer alphabets, the fewer gates: with one for each half until they fit, a pack of 38 patterns had four.
    """
    items = items_in(patterns)
    _, places = np.unique(kinds_of(items)[ASCII:], return_index=True)
    meant = {item: np.isin(places + ASCII, members(item)) for item in items}  # one character of each kind

    def count_kinds(some: Collection[Item]) -> int:
        return len(np.unique([meant[item] for item in some], axis=1).T) if some else 1

    chosen: set[str] = set()
    known: set[Item] = set()
    for pattern in sorted(patterns, key=lambda one: count_kinds(items_in([one]))):
        if count_kinds(known.union(items_in([pattern]))) <= len(BYTES):
            chosen.add(pattern)
            known.update(items_in([pattern]))
    return [pattern for pattern in patterns if pattern in chosen]


def items_in(patterns: Sequence[str]) -> list[Item]:
    """List the items of patterns, each once."""
    return sorted({part.item for pattern in patterns for part in parts_of(pattern) if part.item is not None})


def kinds_of(items: Sequence[Item]) -> npt.NDArray[np.int16]:
    """Number the kind of each character: characters of one kind belong to the same items. Those of ASCII are apart."""
    kinds = np.full(CODE_POINTS, ASCII, dtype=np.int16)
    kinds[:ASCII] = np.arange(ASCII)
    count = ASCII + 1
    for item in items:  # of every kind so far, the members that the item means become a kind of their own
        meant = members(item)[members(item) >= ASCII]
        held = np.flatnonzero(np.bincount(kinds[meant], minlength=count))
        new = np.zeros(count, np.int16)
        new[held] = count + np.arange(len(held))
        kinds[meant] = new[kinds[meant]]
        count += len(held)
    return kinds


def byte_table(patterns: Sequence[str]) -> tuple[npt.NDArray[np.uint8], dict[Item, str]]:
    """Return the byte of each character, and the bytes of each item, for patterns that can share an alphabet."""
    items = items_in(patterns)
    kinds = kinds_of(items)
    used = np.flatnonzero(np.bincount(kinds))
    byte_of = np.zeros(used[-1] + 1, np.uint8)
    byte_of[:ASCII] = np.arange(ASCII)
    beyond = used[used >= ASCII]
    byte_of[beyond] = BYTES[: len(beyond)]
    table = byte_of[kinds]
    table[list(CONTROLS)] = 0
    spellings = {item: spelled(np.unique(table[members(item)])) for item in items}
    for code, letter in LOOKALIKES.items():
        table[code] = ord(letter)
    return table, spellings


def spelled(found: npt.NDArray[np.uint8]) -> str:
    r"""Write bytes as members of a character class.

    >>> spelled(np.array([65, 66, 67, 200], dtype=np.uint8))
    '\\x41-\\x43\\xc8-\\xc8'
    """
    runs = np.split(found, np.flatnonzero(np.diff(found.astype(np.int64)) != 1) + 1)
    return "".join(f"\\x{run[0]:02x}-\\x{run[-1]:02x}" for run in runs if len(run))
