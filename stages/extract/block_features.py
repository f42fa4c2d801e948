"""Describe the blocks of a page in numbers that mean the same on every site and in every script.

Nothing here knows a word of any language: what counts is form (sentence ends, digits, capitals), links, place, what the
page repeats, what the neighbours are like, and a few broad classes of element and class names.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.extract.blocks import EVIDENCE, Blocks, words_in
from stages.extract.quality_checks import article_body
from stages.extract.structured_metadata import StructuredMetadata
from stages.native.kernel import Kernel
from stages.shared.characters import letters, letters_of_all

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

#: Classes of characters that are counted in each block, in the order of `kernels/block_features.c`.
_UPPER, _LOWER, _DIGIT, _OTHER_LETTER, _SPACE, _END, _COMMA, _QUOTE, _DASH, _MARK, _WIDE, _COLON = range(1, 13)
_ENDS = ".!?…。！？｡؟।॥۔։።။"
_COMMAS = ",;、，،؛"
_QUOTES = "\"'«»“”„‘’‚‹›「」『』"
_DASHES = "-–—―"
_COLONS = ":："
_TABLE_SIZE = 0x10000
#: Signs that hardly occur in prose; a block has a bit for each.
_SIGNS = (("copyright", "©"), ("at_sign", "@"), ("bar", "|"), ("arrow", "›»→▶►"), ("slash", "/"), ("bracket", "([（【"))


def _class_of(code: int) -> int:
    char = chr(code)
    for chars, number in ((_ENDS, _END), (_COMMAS, _COMMA), (_QUOTES, _QUOTE), (_DASHES, _DASH), (_COLONS, _COLON)):
        if char in chars:
            return number
    if 0x2E80 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x0E00 <= code <= 0x0EFF or 0x1000 <= code <= 0x109F:
        return _WIDE if unicodedata.category(char)[0] in "LM" else _MARK
    return _CATEGORIES.get(unicodedata.category(char)) or _CATEGORIES.get(unicodedata.category(char)[0], 0)


_CATEGORIES = {"Lu": _UPPER, "Ll": _LOWER, "Nd": _DIGIT, "L": _OTHER_LETTER, "M": _OTHER_LETTER, "Z": _SPACE}
_CATEGORIES |= {"P": _MARK, "S": _MARK, "C": 0, "N": _DIGIT}


@cache
def _tables() -> NDArray[np.uint8]:
    """Return the class of each character of the first plane, and bits of its signs."""
    classes = np.fromiter((_class_of(code) for code in range(_TABLE_SIZE)), np.uint8, _TABLE_SIZE)
    classes[9:14] = _SPACE
    signs = np.zeros(_TABLE_SIZE, np.uint8)
    for number, (_, some) in enumerate(_SIGNS):
        signs[[ord(sign) for sign in some]] |= 1 << number
    return np.concatenate([classes, signs])


class Hints(NamedTuple):
    """The story as the page's head and its data give it. Each is evidence only."""

    title: str = ""
    description: str = ""
    article_body: str = ""


_TAGS = ("p", "li", "h1", "h2", "h3", "div", "tr", "blockquote", "figcaption", "dd", "pre", "td")
_TAG_OF = {"h4": "h3", "h5": "h3", "h6": "h3", "dt": "dd", "section": "div", "article": "div", "center": "div"}
_TAG_NUMBERS = {tag: _TAGS.index(_TAG_OF.get(tag, tag)) for tag in (*_TAGS, *_TAG_OF)}
_INLINE = words_in(
    "caption media credit related social signup ad byline date tags title hidden <a <button <label <time unseen meta "
    "comment"
)
#: Evidence that weighs a box as that of the story, in the order of `kernels/block_features.c`: its paragraphs give
#: their points to the box around them, lists and furniture begin with less, what is called a story with more.
_SCORED = (
    ("<p", "<li", "<blockquote"),
    ("<ul", "<ol", "<dl", "<form", "<address", "<li"),
    ("story",),
    words_in(
        "caption related social signup legal ad byline comment aside hidden footer tags nav meta",
    ),
)
_WHOLE = ("story", "<article", "<main", "articleBody")
_GIVEN = ("title", "description", "in_body", "after_headline", "has_headline", "copies", "again")
_NEAR = (-3, -2, -1, 1, 2, 3)


def _names_by_itself() -> Iterator[str]:
    """Name the columns of a block's own text, links and element."""
    yield from words_in("chars words ends words_per_end word_length upper digit comma quote mark commas upper_a_word")
    yield from words_in("colon dash wide uncased first_upper first_lower first_digit first_quote first_mark")
    yield from words_in("last_end last_colon last_digit last_mark linked links words_a_link bold lines")
    yield from (f"tag_{tag}" for tag in _TAGS[:11])


def _names_by_place() -> Iterator[str]:
    """Name the columns of where a block stands, and what stands around it."""
    for level in range(5):
        yield from (f"box{level}_{name}" for name in words_in("chars blocks linked prose ends short"))
        if level in (1, 2, 3):
            yield f"box{level}_at"
    for share in ("0.4", "0.6", "0.8", "0.95"):
        yield from (f"main{share}_{name}" for name in words_in("inside depth at after_first before_last"))
    yield from words_in("elected_inside elected_prose elected_depth elected_after elected_before")
    yield from words_in("points0 points1 points2 points_around goes goes_after goes_before goes_3")
    yield from words_in("prose_before prose_after at at_chars prose_so_far")
    yield from (f"{name}{by:+d}" for name in ("chars", "linked", "good") for by in _NEAR)
    yield from words_in("last_end-1 last_end+1 tag_same-1 tag_same+1 box_same-1 depth_step-1 box_same+1 depth_step+1")
    yield from (f"{name}_{reach}" for reach in (2, 5, 12) for name in ("good", "linked", "chars"))
    for place in ("bare", "named"):
        yield from (f"{place}_{name}" for name in words_in("count prose chars linked ends run"))


def _names_by_evidence() -> Iterator[str]:
    """Name the columns of what elements, signs and the head of the page say."""
    yield from (f"is_{name}" for name in EVIDENCE)
    yield from (f"in_{name}" for name in _INLINE)
    yield from (f"within_{name}" for name in _WHOLE)
    yield from (f"has_{name}" for name, _ in _SIGNS)
    yield from _GIVEN
    yield from words_in("page_blocks page_prose page_prose_share")


NAMES = (*_names_by_itself(), *_names_by_place(), *_names_by_evidence())  # of the columns, in their order
_BITS = {name: 1 << at for at, name in enumerate(EVIDENCE)}
_KINDS = np.array(
    [
        *(_BITS[name] for name in (*EVIDENCE, *_INLINE, *_WHOLE)),
        *(sum(_BITS[name] for name in some) for some in _SCORED),
    ],
    np.int64,
)
_DESCRIBE = Kernel(
    "block_features",
    *(np.uint8, np.int64, int, np.int64, int),  # text, boxes, blocks
    *(np.int64, np.uint8, np.float32),  # tags of the blocks, tables of characters, columns that are made here
    *(np.int64, int, int, int),  # bits of evidence that have columns
    *(np.float32, int),  # the rows, and how many columns they have
)


def agreements(pieces: Sequence[str], whole: str) -> Floats:
    """Tell of each piece how far a text holds it: 1, or 0.5 for its beginning or its end.

    >>> agreements(["rained", "sun", ""], "itrainedforaday").tolist()
    [1.0, 0.0, 0.0]
    """
    out = np.zeros(len(pieces), np.float32)
    if whole:
        for at in _held_perhaps(pieces, whole).tolist():
            out[at] = _agreement(pieces[at], whole)
    return out


def _agreement(piece: str, whole: str) -> float:
    if not piece or piece in whole:
        return 1.0 if piece else 0.0
    return 0.5 if len(piece) > _LONG_PIECE and (piece[:_EDGE] in whole or piece[-_EDGE:] in whole) else 0.0


_LONG_PIECE, _EDGE = 40, 30  # characters


def _held_perhaps(pieces: Sequence[str], whole: str) -> Ints:
    """Return the places of the pieces of which a text has the first or the last few characters, or that are shorter.

    Most blocks of a page are in no other text; searching each in it takes ten times as long as this.
    """
    lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
    ends = np.cumsum(lengths)
    codes, has = _codes_of("".join(pieces)), np.zeros(_SLOTS, np.bool_)
    text = _codes_of(whole)
    has[_slots(text, np.arange(max(len(text) - _FEW + 1, 0)))] = True
    found = lengths < _FEW
    long = np.flatnonzero(~found)
    begins, last = has[_slots(codes, (ends - lengths)[long])], has[_slots(codes, ends[long] - _FEW)]
    found[long] = np.where(lengths[long] > _LONG_PIECE, begins | last, begins & last)
    return np.flatnonzero(found)


_FEW, _SLOTS = 6, 0x10000  # characters that are looked up at once, and places of their table


def _codes_of(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _slots(codes: NDArray[np.uint32], at: Ints) -> Ints:
    """Return the place in a table of the few characters that begin at some places of a text."""
    mixed = np.zeros(len(at), np.uint32)
    for step in range(_FEW):
        mixed = mixed * np.uint32(0x01000193) + codes[at + step]
    return ((mixed ^ (mixed >> np.uint32(16))) % _SLOTS).astype(np.int64)


def _given_columns(blocks: Blocks, plain: list[str], hints: Hints) -> Floats:
    """Return the columns of _GIVEN, a row each: agreement with the page's head, and with other blocks."""
    title, description, body = letters(hints.title), letters(hints.description), letters(hints.article_body)
    out = np.zeros((len(_GIVEN), len(plain)), np.float32)
    out[0] = [_title_agreement(text, title) if len(text) >= _MIN_TITLE_CHARS else 0.0 for text in plain]
    out[1] = agreements([text if len(text) >= _MIN_DESCRIPTION_CHARS else "" for text in plain], description)
    out[2] = agreements(plain, body) if body else -1
    headline = _headline_at(blocks, out[0])
    out[3] = np.clip(np.arange(len(plain)) - headline, -40, 40) if headline >= 0 else -99
    out[4] = headline >= 0
    copies, first = Counter(plain), dict(zip(reversed(plain), range(len(plain) - 1, -1, -1), strict=True))
    out[5] = np.minimum([copies[text] for text in plain], 6)
    out[6] = [first[text] < at for at, text in enumerate(plain)]
    return out


_MIN_TITLE_CHARS, _MIN_DESCRIPTION_CHARS = 10, 21  # of a block, to be a part of the title, or of the description


def _title_agreement(text: str, title: str) -> float:
    """The share of the title that a block is, if it is a part of it."""
    if not title:
        return 0.0
    if text in title:
        return len(text) / len(title)
    return 0.9 if title in text and len(text) < 2 * len(title) else 0.0


def _headline_at(blocks: Blocks, same_title: Floats) -> int:
    """The number of the block that is the headline, or -1."""
    ones = np.array([b.tag == "h1" for b in blocks.blocks], np.float32)
    heads = ones + np.array([b.tag == "h2" for b in blocks.blocks], np.float32)
    score = same_title * (same_title > 0.4) * (1 + heads) + 0.5 * ones
    return int(np.argmax(score)) if len(score) and score.max() >= 0.4 else -1


def _taken_columns(described: Described, taken: str) -> tuple[list[str], Floats]:
    """Name and return columns of how far another extractor took the blocks and those around them, a row each."""
    plain, whole = described.plain, letters(taken)
    took = agreements(plain, whole)
    columns = {"taken": took}
    columns |= {f"taken{by:+d}": shifted(took, by) for by in (-2, -1, 1, 2)}
    columns["taken_5"] = window(took, 5)
    columns["taken_share"] = np.full(len(plain), len(whole) / max(sum(map(len, plain)), 1), np.float32)
    parent, _, first, end, *_ = described.blocks.of_boxes
    chars = described.blocks.lengths.astype(np.float32)
    share = sums_over(first, end, took * chars) / np.maximum(sums_over(first, end, chars), 1)
    box = described.blocks.of_blocks[1]
    for level in range(3):
        columns[f"box{level}_taken"] = share[box]
        box = np.maximum(parent[box], 0)
    return list(columns), np.array(list(columns.values()), np.float32)


def shifted(values: Floats, by: int) -> Floats:
    """Return for each block the value of the one `by` places further on (negative: before), -1 where there is none."""
    out = np.full_like(values, -1)
    if abs(by) < len(values):
        if by > 0:
            out[:-by] = values[by:]
        else:
            out[-by:] = values[:by]
    return out


def window(values: Floats, reach: int) -> Floats:
    """Average over the blocks up to `reach` places before and after."""
    total = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    at = np.arange(len(values))
    low, high = np.maximum(at - reach, 0), np.minimum(at + reach + 1, len(values))
    averages: Floats = ((total[high] - total[low]) / (high - low)).astype(np.float32)
    return averages


def sums_over(first: Ints, end: Ints, values: Floats) -> Floats:
    """Sum a value of the blocks over each box."""
    total = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    return (total[end] - total[first]).astype(np.float32)


class Described(NamedTuple):
    """The blocks of a page in numbers: the names of the columns, a row a block, and what more columns are made of."""

    names: Sequence[str]
    rows: Floats
    plain: list[str]  # the letters of each block
    blocks: Blocks

    def column(self, name: str) -> Floats:
        """Return the column of that name."""
        return self.rows[:, self.names.index(name)]


def describe(blocks: Blocks, hints: Hints) -> Described:
    """Describe each block by all that the page itself says."""
    plain = letters_of_all([block.text for block in blocks.blocks])
    tags = np.array([_TAG_NUMBERS.get(block.tag, len(_TAGS)) for block in blocks.blocks], np.int64)
    rows = np.empty((len(plain), len(NAMES)), np.float32)
    given, kinds = _given_columns(blocks, plain, hints), (_KINDS, len(EVIDENCE), len(_INLINE), len(_WHOLE))
    boxes, of_blocks = blocks.of_boxes, blocks.of_blocks
    page = (blocks.text, boxes, boxes.shape[1], of_blocks, len(plain), tags)
    _DESCRIBE(*page, _tables(), given, *kinds, rows, len(NAMES))
    return Described(NAMES, rows, plain, blocks)


def with_taken(described: Described, taken: str) -> Described:
    """Add to the description of a page's blocks how far another extractor took them."""
    names, columns = _taken_columns(described, taken)
    rows: Floats = np.concatenate([described.rows, columns.T], axis=1)
    return described._replace(names=[*described.names, *names], rows=rows)


_TITLES = ("og:title", "twitter:title")
_DESCRIPTIONS = ("og:description", "description", "twitter:description")


def hints_in(structured: StructuredMetadata, title: str | None) -> Hints:
    """Collect what a page's head and its JSON-LD say of the story."""
    titles = [*structured.tagged(*_TITLES), title or ""]
    described = [text for name in _DESCRIPTIONS for text in structured.tagged(name)[:1]]
    return Hints(titles[0], " ".join(described), article_body(structured))
