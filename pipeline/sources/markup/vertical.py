"""Texts of corpora that are split into words, a word on a line or in an element: join them again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from stages.shared.characters import UNSPACED

#: Marks with no space before them, with none behind them, and quotation marks that are either, by turns.
_CLOSING = re.compile(
    r"[.,;:!?…%)\]}»”’]+|\.{2,}|'(?:s|re|ve|ll|d|m|t)|n't|’(?:s|re|ve|ll|d|m|t)|[。，、；：！？）」』]+", re.IGNORECASE
)
_OPENING = re.compile(r"[(\[{«“‘„¿¡$£€（「『]+")
_TURNS = frozenset('"')
#: Stands between two words with no space between them.
NO_SPACE = "\x02"


def joined_words(words: Iterable[str]) -> str:
    """Join words, and marks that stand as words of their own, as they are written.

    >>> joined_words(["The", "ferry", "(", "late", ")", "did", "n't", "sail", ",", '"', "again", '"', "."])
    'The ferry (late) didn\\'t sail, "again".'
    >>> joined_words(["渡轮", "晚点", "。"])
    '渡轮晚点。'
    """
    text, glued, quoted, last = [], True, False, ""
    for word in words:
        if word == NO_SPACE:
            glued = True
            continue
        closes_quote = word in _TURNS and quoted
        wide = UNSPACED.match(word) is not None and UNSPACED.match(last[-1:]) is not None
        tight = glued or wide or closes_quote or _CLOSING.fullmatch(word) is not None
        text.append(word if tight else f" {word}")
        quoted ^= word in _TURNS
        glued = _OPENING.fullmatch(word) is not None or (word in _TURNS and quoted)
        last = word
    return "".join(text)


def joined_tokens(body: Element) -> str:
    """Join the words that stand in elements of their own, by paragraphs, else by sentences."""
    for name in ("p", "ab", "head", "l", "lg"):
        if next(body.iter(name), None) is not None:
            blocks = [each for each in body.iter() if each.tag in ("p", "ab", "head", "l")]
            return "\n\n".join(filter(None, (joined_words(_tokens(each)) for each in blocks)))
    return joined_words(_tokens(body))


def _tokens(block: Element) -> Iterator[str]:
    for each in block.iter():
        if each.tag in ("w", "pc", "c", "tok", "token", "punct") and (word := "".join(each.itertext()).strip()):
            yield word
            if each.get("join") in ("right", "both") or each.get("spaceafter") == "No":
                yield NO_SPACE


def is_vertical(lines: list[str]) -> bool:
    """Return True if a text has a word on each line, with or without columns of annotation.

    >>> is_vertical(["The\\tDT\\tthe", "ferry\\tNN\\tferry", "is\\tVBZ\\tbe", "late\\tJJ\\tlate", ".\\t.\\t."] * 3)
    True
    >>> is_vertical(["The ferry is late.", "It sails at six."] * 8), is_vertical(["Ferry", "Late"])
    (False, False)
    """
    if len(lines) < 10:
        return False
    columns = sum("\t" in line for line in lines)
    if columns > 0.8 * len(lines):
        return sum(" " not in line.partition("\t")[0] for line in lines) > 0.9 * len(lines)
    return sum(" " not in line for line in lines) > 0.95 * len(lines)


def joined_lines(text: str) -> str:
    """Join a text that has a word on each line; blank lines end paragraphs where there are few of them."""
    lines = text.split("\n")
    kept = [line for line in lines if line.strip()]
    blanks = len(lines) - len(kept)
    if blanks * 2 < len(kept) and blanks > 2:  # sentences or paragraphs, apart by blank lines
        return "\n".join(joined_words(map(_word, part.split("\n"))) for part in re.split(r"\n\s*\n", text.strip()))
    return joined_words(map(_word, kept))


def _word(line: str) -> str:
    """Return the word of a line: its first column, or the second where the first is its number.

    >>> _word("ferry\\tNN\\tferry"), _word("3\\tferry\\tferry\\tNOUN"), _word("ferry")
    ('ferry', 'ferry', 'ferry')
    """
    first, tab, rest = line.partition("\t")
    return (rest.partition("\t")[0] if tab and first.strip().isdigit() and rest.count("\t") >= 2 else first).strip()
