"""Describe the blocks of a page in numbers that mean the same on every site and in every script.

Nothing here knows a word of any language: what counts is form (sentence ends, digits, capitals), links, place, what the
page repeats, what the neighbours are like, and a few broad classes of element and class names.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.extract.blocks import EVIDENCE, Blocks, Container, words_in
from stages.extract.quality_checks import article_body
from stages.extract.structured_metadata import StructuredMetadata
from stages.shared.characters import letters

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Classes of characters that are counted in each block.
_UPPER, _LOWER, _DIGIT, _OTHER_LETTER, _SPACE, _END, _COMMA, _QUOTE, _DASH, _MARK, _WIDE, _COLON = range(1, 13)
_N_CLASSES = 13
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
def _classes() -> NDArray[np.uint8]:
    table = np.fromiter((_class_of(code) for code in range(_TABLE_SIZE)), np.uint8, _TABLE_SIZE)
    table[9:14] = _SPACE
    return table


@cache
def _sign_bits() -> NDArray[np.uint8]:
    table = np.zeros(_TABLE_SIZE, np.uint8)
    for number, (_, signs) in enumerate(_SIGNS):
        table[[ord(sign) for sign in signs]] |= 1 << number
    return table


class Hints(NamedTuple):
    """The story as the page's head and its data give it. Each is evidence only."""

    title: str = ""
    description: str = ""
    article_body: str = ""


def _codes(text: str) -> NDArray[np.uint32]:
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    return np.minimum(codes, _TABLE_SIZE - 1)


class CharacterCounts(NamedTuple):
    """Characters of each class in each block, and the class of its first and last solid character."""

    counts: Floats  # blocks × classes
    chars: Floats
    first: Ints
    last: Ints
    ends: Floats  # sentence ends that are followed by white space or end the block, or any in scripts without spaces
    signs: NDArray[np.uint8]  # bits of _SIGNS


def count(texts: list[str]) -> CharacterCounts:
    """Count the characters of each class in each block."""
    points = _codes("\n".join(texts) + "\n")
    codes = _classes()[points]
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.concatenate(([0], np.cumsum(lengths + 1)[:-1]))
    owner = np.repeat(np.arange(len(texts)), lengths + 1)
    numbers = np.bincount(owner * _N_CLASSES + codes, minlength=len(texts) * _N_CLASSES)
    counts: Floats = numbers.reshape(-1, _N_CLASSES).astype(np.float32)
    counts[:, _SPACE] -= 1
    following = np.append(codes[1:], _SPACE)
    full_stop = (codes == _END) & ((following == _SPACE) | (following == _QUOTE) | (following == _WIDE))
    ends = np.bincount(owner[full_stop], minlength=len(texts)).astype(np.float32)
    last = starts + lengths - 1
    ends_in_quote = (codes[last] == _QUOTE) | (codes[last] == _MARK)
    last_code = np.where(ends_in_quote & (lengths > 1), codes[np.maximum(last - 1, starts)], codes[last])
    first, last = codes[starts].astype(np.int64), last_code.astype(np.int64)
    signs = np.bitwise_or.reduceat(_sign_bits()[points], starts)
    return CharacterCounts(counts, lengths.astype(np.float32), first, last, ends, signs)


def words_of(counted: CharacterCounts) -> Floats:
    """Estimate the number of words: by white space, and two characters a word in scripts without spaces."""
    wide = counted.counts[:, _WIDE]
    spaced = (counted.counts[:, _SPACE] + 1) * (wide < 0.5 * counted.chars)
    return np.maximum(spaced + wide / 2, 1).astype(np.float32)


class Shape(NamedTuple):
    """The boxes of a page as arrays."""

    parent: Ints
    first: Ints
    end: Ints
    depth: Ints
    evidence: Ints
    box: Ints  # of each block


def shape_of(blocks: Blocks) -> Shape:
    """Lay the boxes of a page out as arrays."""
    boxes = blocks.boxes
    columns = ([b.parent for b in boxes], [b.first for b in boxes], blocks.ends, [b.depth for b in boxes])
    parent, first, end, depth = (np.array(column, np.int64) for column in columns)
    evidence = np.array([b.evidence for b in boxes], np.int64)
    return Shape(parent, first, end, depth, evidence, np.array([b.box for b in blocks.blocks], np.int64))


def sums_over(shape: Shape, values: Floats) -> Floats:
    """Sum a value of the blocks over each box."""
    total = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    return (total[shape.end] - total[shape.first]).astype(np.float32)


#: A box that holds more of the page's prose than this is the page or the story, whatever it is called.
_PAGE_SHARE = 0.5


def inherited(shape: Shape, prose_share: Floats) -> Ints:
    """Collect for each box the evidence of the boxes around it, those left out that hold most of the prose."""
    own = np.where(prose_share > _PAGE_SHARE, 0, shape.evidence).tolist()
    found: list[int] = []
    for number, parent in enumerate(shape.parent.tolist()):
        found.append(own[number] | (found[parent] if parent >= 0 else 0))
    return np.array(found, np.int64)


def smallest_with(shape: Shape, share: Floats, least: float) -> int:
    """Find the smallest box that holds at least this share of the page's prose."""
    fit = np.flatnonzero(share >= least)
    return int(fit[np.argmax(shape.depth[fit])]) if len(fit) else 0


def up(shape: Shape, box: Ints) -> Ints:
    """Go from each box to the one around it."""
    return np.maximum(shape.parent[box], 0)


def shifted(values: Floats, by: int, fill: float = -1.0) -> Floats:
    """Return for each block the value of the one `by` places further on (negative: before)."""
    out = np.full_like(values, fill)
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


def run_length(keys: Ints) -> Floats:
    """Return the length of the run of equal keys that each block stands in."""
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    lengths = np.diff(np.append(starts, len(keys)))
    return np.repeat(lengths, lengths).astype(np.float32)


class Columns:
    """Gathers named columns of one number a block."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.values: list[Any] = []

    def add(self, name: str, values: Any) -> None:
        """Add a column."""
        self.names.append(name)
        self.values.append(values)

    def around(self, name: str, values: Any, places: tuple[int, ...]) -> None:
        """Add a value of the blocks near by, a column a place."""
        for by in places:
            self.add(f"{name}{by:+d}", shifted(values.astype(np.float32), by))

    def add_bits(self, prefix: str, names: Sequence[str], values: Any) -> None:
        """Add a column for each of some bits of EVIDENCE: a row of `values`."""
        for name, row in zip(names, values, strict=True):
            self.add(prefix + name, row)

    def matrix(self) -> Floats:
        """Stack the columns, a row a block. In memory the blocks of one column lie side by side."""
        return np.array(self.values, np.float32).T


_TAGS = ("p", "li", "h1", "h2", "h3", "div", "tr", "blockquote", "figcaption", "dd", "pre", "td")
_TAG_OF = {"h4": "h3", "h5": "h3", "h6": "h3", "dt": "dd", "section": "div", "article": "div", "center": "div"}


def _share(part: Any, whole: Any) -> Any:
    return part / np.maximum(whole, 1)


def _text_columns(out: Columns, counted: CharacterCounts, words: Floats) -> None:
    counts, chars = counted.counts, counted.chars
    alpha = counts[:, _UPPER] + counts[:, _LOWER] + counts[:, _OTHER_LETTER] + counts[:, _WIDE]
    out.add("chars", np.log1p(chars))
    out.add("words", np.log1p(words))
    out.add("ends", np.log1p(counted.ends))
    out.add("words_per_end", _share(words, counted.ends))
    out.add("word_length", _share(alpha, words))
    for name, number in (("upper", _UPPER), ("digit", _DIGIT), ("comma", _COMMA), ("quote", _QUOTE), ("mark", _MARK)):
        out.add(name, counts[:, number] / chars)
    out.add("commas", np.log1p(counts[:, _COMMA]))
    out.add("upper_a_word", _share(counts[:, _UPPER], words))
    out.add("colon", np.minimum(counts[:, _COLON], 3))
    out.add("dash", np.minimum(counts[:, _DASH], 3))
    out.add("wide", counts[:, _WIDE] / chars)
    out.add("uncased", counts[:, _OTHER_LETTER] / chars)
    for name, number in (("upper", _UPPER), ("lower", _LOWER), ("digit", _DIGIT), ("quote", _QUOTE), ("mark", _MARK)):
        out.add("first_" + name, counted.first == number)
    out.add("last_end", counted.last == _END)
    out.add("last_colon", counted.last == _COLON)
    out.add("last_digit", counted.last == _DIGIT)
    out.add("last_mark", counted.last == _MARK)


class Measured(NamedTuple):
    """The first numbers of each block, which the others are made of."""

    counted: CharacterCounts
    words: Floats
    linked: Floats  # share of characters within links
    prose: Floats  # characters of blocks that look like running text, 0 for others
    shape: Shape


def measure(blocks: Blocks) -> Measured:
    """Measure each block by itself."""
    counted = count([b.text for b in blocks.blocks])
    words = words_of(counted)
    linked = np.array([b.linked for b in blocks.blocks], np.float32)
    linked = np.minimum(linked / np.maximum(counted.chars, 1), 1).astype(np.float32)
    running = (linked < 0.4) & (words >= 12) & (counted.ends >= 1)
    prose = (counted.chars * running * (1 - linked)).astype(np.float32)
    return Measured(counted, words, linked, prose, shape_of(blocks))


def _sentence_like(measured: Measured) -> Flags:
    return (measured.counted.ends >= 1) & (measured.words >= 6) & (measured.linked < 0.5)


def _tag_columns(out: Columns, blocks: Blocks) -> Ints:
    numbers = {tag: n for n, tag in enumerate(_TAGS)}
    tags = np.array([numbers.get(_TAG_OF.get(b.tag, b.tag), len(_TAGS)) for b in blocks.blocks], np.int64)
    for n, tag in enumerate(_TAGS[:11]):
        out.add("tag_" + tag, tags == n)
    return tags


def _box_columns(out: Columns, measured: Measured, prose_share: Floats) -> None:
    shape, n_blocks = measured.shape, len(measured.words)
    chars = sums_over(shape, measured.counted.chars)
    linked = sums_over(shape, measured.linked * measured.counted.chars)
    ends = sums_over(shape, measured.counted.ends)
    short = sums_over(shape, (measured.words < 6).astype(np.float32))
    count_ = np.maximum(shape.end - shape.first, 1)
    box = shape.box
    for level in range(5):
        out.add(f"box{level}_chars", np.log1p(chars[box]))
        out.add(f"box{level}_blocks", np.log1p(count_[box]))
        out.add(f"box{level}_linked", _share(linked[box], chars[box]))
        out.add(f"box{level}_prose", prose_share[box])
        out.add(f"box{level}_ends", _share(ends[box], chars[box]) * 100)
        out.add(f"box{level}_short", short[box] / count_[box])
        at = (np.arange(n_blocks) - shape.first[box]) / count_[box]
        if level in (1, 2, 3):
            out.add(f"box{level}_at", at)
        box = up(shape, box)


def _main_columns(out: Columns, measured: Measured, prose_share: Floats) -> None:
    """Add where a block stands to the boxes that hold half, four fifths and nearly all of the page's prose."""
    shape, at = measured.shape, np.arange(len(measured.words))
    for least in (0.4, 0.6, 0.8, 0.95):
        box = smallest_with(shape, prose_share, least)
        inside = (at >= shape.first[box]) & (at < shape.end[box])
        out.add(f"main{least}_inside", inside)
        out.add(f"main{least}_depth", np.clip(shape.depth[shape.box] - shape.depth[box], -5, 12))
        size = max(int(shape.end[box] - shape.first[box]), 1)
        out.add(f"main{least}_at", np.clip((at - shape.first[box]) / size, -1, 2))
        prose_at = np.flatnonzero((measured.prose > 0) & inside)
        ends = (prose_at[0], prose_at[-1]) if len(prose_at) else (0, len(at))
        out.add(f"main{least}_after_first", np.clip(at - ends[0], -30, 30))
        out.add(f"main{least}_before_last", np.clip(ends[1] - at, -30, 30))


def _distance_columns(out: Columns, measured: Measured) -> None:
    at = np.arange(len(measured.words))
    good = _sentence_like(measured)
    before = np.maximum.accumulate(np.where(good, at, -1000))
    after = np.minimum.accumulate(np.where(good, at, len(at) + 1000)[::-1])[::-1]
    out.add("prose_before", np.minimum(at - shifted(before, -1, -1000), 30))
    out.add("prose_after", np.minimum(shifted(after, 1, len(at) + 1000) - at, 30))
    chars = np.cumsum(measured.counted.chars)
    out.add("at", at / max(len(at), 1))
    out.add("at_chars", chars / max(float(chars[-1]), 1))
    prose = np.cumsum(measured.prose)
    out.add("prose_so_far", prose / max(float(prose[-1]), 1))


def _neighbour_columns(out: Columns, measured: Measured, tags: Ints) -> None:
    near = (-3, -2, -1, 1, 2, 3)
    chars = np.log1p(measured.counted.chars)
    good = _sentence_like(measured).astype(np.float32)
    out.around("chars", chars, near)
    out.around("linked", measured.linked, near)
    out.around("good", good, near)
    out.around("last_end", (measured.counted.last == _END).astype(np.float32), (-1, 1))
    out.around("tag_same", tags.astype(np.float32), (-1, 1))
    same_box = measured.shape.box.astype(np.float32)
    for by in (-1, 1):
        out.add(f"box_same{by:+d}", shifted(same_box, by) == same_box)
        out.add(f"depth_step{by:+d}", np.clip(_depth_step(measured.shape, by), -8, 8))
    for reach in (2, 5, 12):
        out.add(f"good_{reach}", window(good, reach))
        out.add(f"linked_{reach}", window(measured.linked, reach))
        out.add(f"chars_{reach}", window(chars, reach))


def _depth_step(shape: Shape, by: int) -> Floats:
    depth = shape.depth[shape.box].astype(np.float32)
    return shifted(depth, by, 0) - depth


def _pattern_columns(out: Columns, name: str, keys: list[Any], measured: Measured, total: float) -> None:
    """Add how often the page repeats this pattern of elements, and what stands in it elsewhere."""
    numbers: dict[Any, int] = {}
    key = np.array([numbers.setdefault(k, len(numbers)) for k in keys], np.int64)
    size = np.bincount(key)
    chars = np.bincount(key, measured.counted.chars)
    out.add(name + "_count", np.log1p(size[key]))
    out.add(name + "_prose", np.bincount(key, measured.prose)[key] / max(total, 1))
    out.add(name + "_chars", np.log1p(chars / size)[key])
    out.add(name + "_linked", (np.bincount(key, measured.linked * measured.counted.chars) / np.maximum(chars, 1))[key])
    out.add(name + "_ends", (np.bincount(key, _sentence_like(measured)) / size)[key])
    out.add(name + "_run", np.log1p(run_length(key)))


def _patterns(blocks: Blocks) -> tuple[list[Any], list[Any]]:
    """Name the kind of place each block stands in: by element names alone, and with the classes."""
    boxes = blocks.boxes
    bare: dict[int, tuple[str, ...]] = {}
    named: dict[int, tuple[str, ...]] = {}
    for number in {block.box for block in blocks.blocks}:
        around: list[Container] = []
        at = number
        while at >= 0 and len(around) < _LEVELS:
            around.append(boxes[at])
            at = boxes[at].parent
        bare[number] = tuple([box.tag for box in around])
        named[number] = tuple([part for box in around[:2] for part in (box.tag, box.name)])
    return [bare[b.box] for b in blocks.blocks], [named[b.box] for b in blocks.blocks]


_LEVELS = 4  # a box and those around it that name the kind of a place


def _evidence_columns(out: Columns, blocks: Blocks, shape: Shape, prose_share: Floats) -> None:
    """Add evidence of names: 3 from the block's own element or one in it, 2 from the two around it, 1 from above."""
    own_boxes = shape.evidence
    inline = np.array([b.evidence for b in blocks.blocks], np.int64)
    small = np.where(prose_share > _PAGE_SHARE, 0, own_boxes)
    box = shape.box
    own = own_boxes[box]
    near = small[up(shape, box)] | small[up(shape, up(shape, box))]
    far = inherited(shape, prose_share)[box]
    story_far = inherited(shape, np.zeros_like(prose_share))[box]
    level = np.where(_has(far), np.float32(1), np.float32(0))
    level[_has(near)] = 2
    level[_has(own)] = 3
    out.add_bits("is_", EVIDENCE, level)
    out.add_bits("in_", _INLINE, _has(inline, _INLINE))
    out.add_bits("within_", _WHOLE, _has(story_far, _WHOLE))


def _has(bits: NDArray[Any], names: Sequence[str] = EVIDENCE) -> Flags:
    """Tell for each of some names of EVIDENCE, a row a name, which blocks have its bit."""
    wanted = np.array([1 << EVIDENCE.index(name) for name in names], np.int64)
    found: Flags = (bits & wanted[:, None]) != 0
    return found


_INLINE = words_in(
    "caption media credit related social signup ad byline date tags title hidden <a <button <label <time unseen meta "
    "comment"
)
_WHOLE = ("story", "<article", "<main", "articleBody")


def _link_columns(out: Columns, blocks: Blocks, measured: Measured) -> None:
    links = np.array([b.links for b in blocks.blocks], np.float32)
    bold = np.array([b.bold for b in blocks.blocks], np.float32)
    out.add("linked", measured.linked)
    out.add("links", np.minimum(links, 10))
    out.add("words_a_link", _share(measured.words, links) * (links > 0))
    out.add("bold", np.minimum(bold / measured.counted.chars, 1))
    out.add("lines", np.minimum([b.text.count("\n") for b in blocks.blocks], 10))


def _sign_columns(out: Columns, counted: CharacterCounts) -> None:
    for number, (name, _) in enumerate(_SIGNS):
        out.add("has_" + name, (counted.signs & (1 << number)) != 0)


def _agreement(piece: str, whole: str) -> float:
    """Tell how far a text holds a piece: 1, or 0.5 for its beginning or its end."""
    if not whole or not piece:
        return 0.0
    if piece in whole:
        return 1.0
    return 0.5 if len(piece) > 40 and (piece[:30] in whole or piece[-30:] in whole) else 0.0


def _hint_columns(out: Columns, blocks: Blocks, plain: list[str], hints: Hints) -> None:
    title, description, body = letters(hints.title), letters(hints.description), letters(hints.article_body)
    same_title = np.array([_title_agreement(text, title) for text in plain], np.float32)
    out.add("title", same_title)
    out.add("description", [len(text) > 20 and _agreement(text, description) for text in plain])
    out.add("in_body", [_agreement(text, body) if body else -1.0 for text in plain])
    headline = _headline_at(blocks, same_title)
    at = np.arange(len(plain))
    out.add("after_headline", np.clip(at - headline, -40, 40) if headline >= 0 else np.full(len(plain), -99))
    out.add("has_headline", np.full(len(plain), headline >= 0))


def _title_agreement(text: str, title: str) -> float:
    """The share of the title that a block is, if it is a part of it."""
    if len(text) < 10 or not title:
        return 0.0
    if text in title:
        return len(text) / len(title)
    return 0.9 if title in text and len(text) < 2 * len(title) else 0.0


def _headline_at(blocks: Blocks, same_title: Floats) -> int:
    """The number of the block that is the headline, or -1."""
    heads = np.array([b.tag in ("h1", "h2") for b in blocks.blocks], np.float32)
    ones = np.array([b.tag == "h1" for b in blocks.blocks], np.float32)
    score = same_title * (same_title > 0.4) * (1 + heads) + 0.5 * ones
    return int(np.argmax(score)) if len(score) and score.max() >= 0.4 else -1


def _repeat_columns(out: Columns, plain: list[str]) -> None:
    """Add which blocks say the same as another, and if this is the first to say so."""
    seen: dict[str, int] = {}
    for text in plain:
        seen[text] = seen.get(text, 0) + 1
    met: set[str] = set()
    again = []
    for text in plain:
        again.append(text in met)
        met.add(text)
    out.add("copies", np.minimum([seen[text] for text in plain], 6))
    out.add("again", again)


def _taken_columns(out: Columns, plain: list[str], taken: str, measured: Measured) -> None:
    """Add how far another extractor took the blocks and those around them."""
    whole = letters(taken)
    took = np.array([_agreement(text, whole) for text in plain], np.float32)
    out.add("taken", took)
    out.around("taken", took, (-2, -1, 1, 2))
    out.add("taken_5", window(took, 5))
    out.add("taken_share", np.full(len(plain), len(whole) / max(sum(map(len, plain)), 1)))
    box = measured.shape.box
    sums = sums_over(measured.shape, took * measured.counted.chars)
    chars = np.maximum(sums_over(measured.shape, measured.counted.chars), 1)
    for level in range(3):
        out.add(f"box{level}_taken", sums[box] / chars[box])
        box = up(measured.shape, box)


def _page_columns(out: Columns, measured: Measured) -> None:
    n = len(measured.words)
    prose, chars = float(measured.prose.sum()), float(measured.counted.chars.sum())
    out.add("page_blocks", np.full(n, np.log1p(n)))
    out.add("page_prose", np.full(n, np.log1p(prose)))
    out.add("page_prose_share", np.full(n, prose / max(chars, 1)))


class Described(NamedTuple):
    """The blocks of a page in numbers: the names of the columns, a row a block, and what more columns are made of."""

    names: list[str]
    rows: Floats
    plain: list[str]  # the letters of each block
    measured: Measured

    def column(self, name: str) -> Floats:
        """Return the column of that name."""
        return self.rows[:, self.names.index(name)]

    def columns(self, names: Sequence[str]) -> Floats:
        """Return the columns of those names."""
        place = {name: n for n, name in enumerate(self.names)}
        return self.rows[:, [place[name] for name in names]]


def describe(blocks: Blocks, hints: Hints) -> Described:
    """Describe each block by all that the page itself says."""
    out, measured = Columns(), measure(blocks)
    total = float(measured.prose.sum())
    prose_share = sums_over(measured.shape, measured.prose) / max(total, 1)
    plain = [letters(b.text) for b in blocks.blocks]
    _text_columns(out, measured.counted, measured.words)
    _link_columns(out, blocks, measured)
    tags = _tag_columns(out, blocks)
    _box_columns(out, measured, prose_share)
    _main_columns(out, measured, prose_share)
    _distance_columns(out, measured)
    _neighbour_columns(out, measured, tags)
    bare, named = _patterns(blocks)
    _pattern_columns(out, "bare", bare, measured, total)
    _pattern_columns(out, "named", named, measured, total)
    _evidence_columns(out, blocks, measured.shape, prose_share)
    _sign_columns(out, measured.counted)
    _hint_columns(out, blocks, plain, hints)
    _repeat_columns(out, plain)
    _page_columns(out, measured)
    return Described(out.names, out.matrix(), plain, measured)


def with_taken(described: Described, taken: str) -> Described:
    """Add to the description of a page's blocks how far another extractor took them."""
    out = Columns()
    _taken_columns(out, described.plain, taken, described.measured)
    rows: Floats = np.concatenate([described.rows.T, out.matrix().T]).T
    return described._replace(names=[*described.names, *out.names], rows=rows)


_TITLES = ("og:title", "twitter:title")
_DESCRIPTIONS = ("og:description", "description", "twitter:description")


def hints_in(structured: StructuredMetadata, title: str | None) -> Hints:
    """Collect what a page's head and its JSON-LD say of the story."""
    titles = [*structured.tagged(*_TITLES), title or ""]
    described = [text for name in _DESCRIPTIONS for text in structured.tagged(name)[:1]]
    return Hints(titles[0], " ".join(described), article_body(structured))
