"""What the line model sees of a paragraph: its shape, its words by class, its neighbours, its place, its echoes.

Everything is computed over a whole batch of documents at once, and nothing depends on the batch: counts are integers,
every ratio is one division of two of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from stages.noise.line_words import CLASS_NAMES, WORD_CLASSES

Integers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Matrix = npt.NDArray[np.float32]

# ------------------------------------------------------------------------------------------------ characters

#: Classes of characters; the number of a class is its place here.
CHARACTERS = (
    *("other", "space", "lower", "upper", "caseless", "digit", "mark", "stop", "comma", "colon", "quote", "apostrophe"),
    *("dash", "bar", "opening", "closing", "at", "hash", "slash", "ellipsis", "underscore"),
)
OTHER, SPACE, LOWER, UPPER, CASELESS, DIGIT, MARK, STOP, COMMA, COLON, QUOTE, APOSTROPHE, *_ = range(len(CHARACTERS))
DASH, BAR, OPENING, CLOSING, AT, HASH, SLASH, ELLIPSIS, UNDERSCORE = range(12, len(CHARACTERS))

_SIGNS = {
    STOP: ".!?。！？؟", COMMA: ",;،、", COLON: ":：", QUOTE: "\"“”„«»‟", APOSTROPHE: "'’‘‚`´", DASH: "-–—−‐‑―",
    BAR: "|•·›‹>→▸►■◆*=~¦", OPENING: "([{", CLOSING: ")]}", AT: "@", HASH: "#", SLASH: "/\\", ELLIPSIS: "…",
    UNDERSCORE: "_",
}  # fmt: skip
_CATEGORIES = {"Ll": LOWER, "Lu": UPPER, "Lt": UPPER, "Lo": CASELESS, "Lm": CASELESS, "Nd": DIGIT, "Nl": DIGIT}
_TABLE_SIZE = 0x10000  # the basic plane; what lies beyond it (emoji, mostly) is "other" …
_BEYOND = np.uint32(0xFFFD)  # … as this is


class CharacterTables(NamedTuple):
    """Per code point of the basic plane: its class, and its lower-case form."""

    classes: npt.NDArray[np.uint8]
    lowered: npt.NDArray[np.uint32]


def _class_of(character: str) -> int:
    category = unicodedata.category(character)
    if category[0] == "M":
        return MARK
    if category[0] == "Z" or character in "\t\n\r":
        return SPACE
    return _CATEGORIES.get(category, OTHER)


@lru_cache(maxsize=1)
def character_tables() -> CharacterTables:
    """The tables, made once (a pure function of Unicode, kept because it takes 30 ms)."""
    characters = [chr(code) for code in range(_TABLE_SIZE)]
    classes = np.array([_class_of(c) for c in characters], dtype=np.uint8)
    for number, signs in _SIGNS.items():
        classes[[ord(sign) for sign in signs]] = number
    lowered = np.array([ord(c.lower()[0]) for c in characters], dtype=np.uint32)
    return CharacterTables(classes, lowered)


class Characters(NamedTuple):
    """The characters of a batch: all paragraphs, each followed by one line break."""

    codes: npt.NDArray[np.uint32]  # lower case
    classes: npt.NDArray[np.uint8]
    starts: Integers  # of each paragraph
    ends: Integers  # of each paragraph, its white space at the end left out


def characters_of(paragraphs: Sequence[str]) -> Characters:
    """The batch as arrays of code points and their classes.

    >>> batch = characters_of(["A b. ", ""])
    >>> [CHARACTERS[number] for number in batch.classes], batch.starts.tolist(), batch.ends.tolist()
    (['upper', 'space', 'lower', 'stop', 'space', 'space', 'space'], [0, 6], [4, 6])
    """
    raw = np.frombuffer("\n".join([*paragraphs, ""]).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    lengths = np.array([len(paragraph) + 1 for paragraph in paragraphs], dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    codes, classes, ends = _classify(raw, tuple(character_tables()), starts, lengths)
    return Characters(codes, classes, starts, ends)


@numba.njit(cache=True)
def _classify(raw, tables, starts, lengths):  # type: ignore[no-untyped-def]
    """Of each character its lower case and its class, and where each paragraph ends but for white space."""
    class_of, lower_of = tables
    codes, classes = np.empty(len(raw), dtype=np.uint32), np.empty(len(raw), dtype=np.uint8)
    ends = starts.copy()
    for number in range(len(starts)):
        for at in range(starts[number], starts[number] + lengths[number]):
            code = raw[at] if raw[at] < _TABLE_SIZE else _BEYOND
            codes[at], classes[at] = lower_of[code], class_of[code]
            if classes[at] != SPACE:
                ends[number] = at + 1
    return codes, classes, ends


# ------------------------------------------------------------------------------------------------ words

#: What is counted of a paragraph, by one pass over its characters.
COUNTS = (
    *(f"n_{name}" for name in CHARACTERS),
    *("words", "letters", "capitalised", "all_caps", "numbers", "joined", "longest_word", "sentences"),
    *("lead_caps", "lead_capitalised", "words_before_colon", "colons_in_words", "tail_bracket_words", "tail_bracket"),
    *("first", "last", "last_inside", "times", "dates", "years", "ing", "ed", "hosts"),
    *(f"has_{name}" for name in CLASS_NAMES),
    *(f"starts_{name}" for name in CLASS_NAMES),
    *(f"ends_{name}" for name in CLASS_NAMES),
    *(f"tail_{name}" for name in CLASS_NAMES),
)
COUNT = {name: number for number, name in enumerate(COUNTS)}
N_CLASSES = len(CLASS_NAMES)
_HAS, _STARTS, _ENDS, _TAIL = (COUNT[f"{kind}_function"] for kind in ("has", "starts", "ends", "tail"))
_WORDS, _LETTERS, _CAPITALISED, _ALL_CAPS = (COUNT[n] for n in ("words", "letters", "capitalised", "all_caps"))
_NUMBERS, _JOINED, _LONGEST = (COUNT[n] for n in ("numbers", "joined", "longest_word"))
_SENTENCES, _LEAD_CAPS, _LEAD_CAPITALISED = (COUNT[n] for n in ("sentences", "lead_caps", "lead_capitalised"))
_BEFORE_COLON, _COLONS_IN, _TAIL_WORDS, _TAIL_BRACKET = (
    COUNT[n] for n in ("words_before_colon", "colons_in_words", "tail_bracket_words", "tail_bracket")
)
_FIRST, _LAST, _LAST_INSIDE = (COUNT[n] for n in ("first", "last", "last_inside"))
_TIMES, _DATES, _YEARS, _ING, _ED, _HOSTS = (COUNT[n] for n in ("times", "dates", "years", "ing", "ed", "hosts"))

_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_I, _N, _G, _E, _D, _ONE, _NINE, _TWO, _ZERO = (ord(c) for c in "inged1920")


@numba.njit(cache=True)
def is_word(kind: int) -> bool:
    """Whether characters of this class make words."""
    return kind in (LOWER, UPPER, CASELESS, DIGIT, MARK)


@numba.njit(cache=True)
def _hash(codes: npt.NDArray[np.uint32], start: int, end: int) -> np.uint64:
    value = _FNV_OFFSET
    for at in range(start, end):
        value = (value ^ np.uint64(codes[at])) * _FNV_PRIME
    return max(value, np.uint64(1))  # 0 marks an empty place in the tables


@lru_cache(maxsize=1)
def _lexicon() -> tuple[Hashes, Integers]:
    """Hashes of all listed words in an open-addressing table, and their classes as bits."""
    bits: dict[str, int] = {}
    for number, name in enumerate(CLASS_NAMES):
        for word in WORD_CLASSES[name].split():
            bits[word] = bits.get(word, 0) | 1 << number
    size = 1 << (4 * len(bits)).bit_length()
    keys, values = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.int64)
    for word, mask in sorted(bits.items()):
        value = _hash(np.array([ord(c) for c in word], dtype=np.uint32), 0, len(word))
        at = int(value) & (size - 1)
        while keys[at]:
            at = (at + 1) & (size - 1)
        keys[at], values[at] = value, mask
    return keys, values


@numba.njit(cache=True)
def _look_up(lexicon, wanted):  # type: ignore[no-untyped-def]
    """The classes of the word with this hash, as bits; 0 for a word that is in no list."""
    keys, values = lexicon
    at = np.int64(wanted & np.uint64(len(keys) - 1))
    while keys[at] != 0:
        if keys[at] == wanted:
            return values[at]
        at = (at + 1) & (len(keys) - 1)
    return 0


@numba.njit(cache=True)
def _count_word(codes, classes, start, end, row):  # type: ignore[no-untyped-def]
    """Shape of one word: capitals, digits, length, a participle's ending, a year."""
    upper, digits, length = 0, 0, end - start
    for at in range(start, end):
        upper += classes[at] == UPPER
        digits += classes[at] == DIGIT
    row[_LETTERS] += length - digits
    row[_LONGEST] = max(row[_LONGEST], length)
    row[_NUMBERS] += digits == length
    row[_CAPITALISED] += classes[start] == UPPER
    row[_ALL_CAPS] += upper == length and length > 1
    row[_JOINED] += (digits > 0 and digits < length) or (upper > 1 and upper < length)
    if length > 4 and digits == 0:
        row[_ING] += codes[end - 3] == _I and codes[end - 2] == _N and codes[end - 1] == _G
        row[_ED] += codes[end - 2] == _E and codes[end - 1] == _D
    if digits == 4 and length == 4:
        century = (codes[start] == _ONE and codes[start + 1] == _NINE) or (
            codes[start] == _TWO and codes[start + 1] == _ZERO
        )
        row[_YEARS] += century
    if row[_WORDS] == row[_LEAD_CAPS] and upper == length and length > 1:
        row[_LEAD_CAPS] += 1
    if row[_WORDS] == row[_LEAD_CAPITALISED] and (classes[start] == UPPER or digits):
        row[_LEAD_CAPITALISED] += 1


@numba.njit(cache=True)
def _count_classes(mask, row):  # type: ignore[no-untyped-def]
    """The classes of one word, in the paragraph and in the bracket that it ends with."""
    number = 0
    while mask:
        row[_HAS + number] += mask & 1
        row[_TAIL + number] += mask & 1
        mask >>= 1
        number += 1


@numba.njit(cache=True)
def _spread(mask, row, first):  # type: ignore[no-untyped-def]
    """The classes of the first or the last word, each in its place from `first` on."""
    for number in range(N_CLASSES):
        row[first + number] = (mask >> number) & 1


@numba.njit(cache=True)
def _count_sign(classes, at, start, end, row):  # type: ignore[no-untyped-def]
    """One character that is in no word: sentence ends, labels, brackets, times and dates."""
    kind = classes[at]
    before = classes[at - 1] if at > start else SPACE
    after = classes[at + 1] if at + 1 < end else SPACE
    if kind == STOP and before != STOP and after not in (LOWER, UPPER, DIGIT, STOP):
        row[_SENTENCES] += 1
    if kind == STOP and before == LOWER and after == LOWER:
        row[_HOSTS] += 1
    if kind == COLON and row[_BEFORE_COLON] < 0 and after == SPACE:
        row[_BEFORE_COLON] = row[_WORDS]
    if kind == COLON:
        row[_TIMES] += before == DIGIT and after == DIGIT
        row[_COLONS_IN] += after != SPACE
    if kind == OPENING:
        row[_TAIL_WORDS] = 0
        row[_TAIL : _TAIL + N_CLASSES] = 0
    if kind in (STOP, SLASH, DASH):
        row[_DATES] += before == DIGIT and after == DIGIT


@numba.njit(cache=True)
def last_inside(classes, start, end):  # type: ignore[no-untyped-def]
    """The class of the last character inside quotes and brackets."""
    at = end - 1
    while at > start and classes[at] in (QUOTE, APOSTROPHE, CLOSING, SPACE):
        at -= 1
    return classes[at] if at >= start else np.uint8(SPACE)


@numba.njit(cache=True)
def _count_ends(classes, start, end, row):  # type: ignore[no-untyped-def]
    """Classes of the first and the last character, and of the last one inside quotes and brackets."""
    row[_FIRST] = classes[start] if end > start else SPACE
    row[_LAST] = classes[end - 1] if end > start else SPACE
    row[_TAIL_BRACKET] = end > start and (
        classes[end - 1] == CLOSING or (end - start > 1 and classes[end - 2] == CLOSING)
    )
    row[_LAST_INSIDE] = last_inside(classes, start, end)


@numba.njit(cache=True)
def _count_paragraph(characters, start, end, lexicon, row, words, used):  # type: ignore[no-untyped-def]
    """Fill one row of counts; note the words' hashes and classes from place `used` on and give the next place."""
    codes, classes = characters
    hashes, masks = words
    row[_BEFORE_COLON] = -1
    at = start
    while at < end:
        row[classes[at]] += 1
        if not is_word(classes[at]):
            _count_sign(classes, at, start, end, row)
            at += 1
            continue
        begin = at
        at += 1
        while at < end and is_word(classes[at]):
            row[classes[at]] += 1
            at += 1
        hashes[used] = _hash(codes, begin, at)
        masks[used] = _look_up(lexicon, hashes[used])
        _count_word(codes, classes, begin, at, row)
        _count_classes(masks[used], row)
        row[_WORDS] += 1
        row[_TAIL_WORDS] += 1
        used += 1
    if row[_WORDS]:
        _spread(masks[used - row[_WORDS]], row, _STARTS)
        _spread(masks[used - 1], row, _ENDS)
    _count_ends(classes, start, end, row)
    return used


@numba.njit(cache=True)
def _count_all(characters, starts, ends, lexicon):  # type: ignore[no-untyped-def]
    """Counts of every paragraph; the hashes and classes of all words; where each paragraph's words begin."""
    counts = np.zeros((len(starts), len(COUNTS)), dtype=np.int32)
    hashes = np.empty(len(characters[0]) // 2 + len(starts) + 1, dtype=np.uint64)
    masks = np.empty(len(hashes), dtype=np.int64)
    offsets = np.zeros(len(starts) + 1, dtype=np.int64)
    for number in range(len(starts)):
        offsets[number + 1] = _count_paragraph(
            characters, starts[number], ends[number], lexicon, counts[number], (hashes, masks), offsets[number]
        )
    return counts, hashes[: offsets[-1]], masks[: offsets[-1]], offsets


# ------------------------------------------------------------------------------------------------ echoes

#: How much of a paragraph's words stands elsewhere in its document.
ECHOES = (
    *("content_words", "echoed", "echoed_before", "echoed_after", "echo_best", "echo_best_gap", "echo_next"),
    *("echo_previous", "echo_first", "pairs_echoed", "repeats_before", "repeats_after"),
)
_NEAR = 12  # paragraphs on either side that are compared one by one; keeps the work linear in a document's length


@numba.njit(cache=True)
def _place(keys, wanted):  # type: ignore[no-untyped-def]
    """The place of a hash in an open-addressing table: where it is, or where it belongs."""
    at = np.int64((wanted ^ (wanted >> np.uint64(29))) & np.uint64(len(keys) - 1))
    while keys[at] != 0 and keys[at] != wanted:
        at = (at + 1) & (len(keys) - 1)
    return at


@numba.njit(cache=True)
def _document_spans(hashes, marks, offsets, begin, end, spans):  # type: ignore[no-untyped-def]
    """Fill `spans` for one document, the paragraphs `begin` to `end`."""
    size = 16
    while size < 2 * (offsets[end] - offsets[begin]) + 2:
        size *= 2
    keys, seen = np.zeros(size, dtype=np.uint64), np.empty((size, 3), dtype=np.int32)
    for paragraph in range(begin, end):
        for word in range(offsets[paragraph], offsets[paragraph + 1]):
            if marks[word]:
                at = _place(keys, hashes[word])
                if keys[at] == 0:
                    keys[at], seen[at, 0], seen[at, 2] = hashes[word], paragraph, word
                seen[at, 1] = paragraph
    for word in range(offsets[begin], offsets[end]):
        if marks[word]:
            spans[word] = seen[_place(keys, hashes[word])]


@numba.njit(cache=True)
def _spans(hashes, marks, offsets, documents):  # type: ignore[no-untyped-def]
    """For each marked word: the first and the last paragraph of its document that hold it, and its first place."""
    spans = np.full((len(hashes), 3), -1, dtype=np.int32)
    for number in range(len(documents) - 1):
        _document_spans(hashes, marks, offsets, documents[number], documents[number + 1], spans)
    return spans


@numba.njit(cache=True)
def _count_shared(spans, offsets, documents):  # type: ignore[no-untyped-def]
    """How many different words each paragraph shares with each of those near it, and with its document's first.

    Each word is chained to where it stood last, so only paragraphs that hold it are met: most hold few that others do.
    """
    near = np.zeros((len(offsets) - 1, 2 * _NEAR + 1), dtype=np.int32)
    first = np.zeros(len(offsets) - 1, dtype=np.int32)
    latest, previous = np.full(len(spans), -1, dtype=np.int32), np.empty(len(spans), dtype=np.int32)
    holder = np.empty(len(spans), dtype=np.int32)
    for number in range(len(documents) - 1):
        for here in range(documents[number], documents[number + 1]):
            for word in range(offsets[here], offsets[here + 1]):
                if spans[word, 0] == spans[word, 1]:
                    continue
                earlier = latest[spans[word, 2]]
                if earlier >= 0 and holder[earlier] == here:
                    continue
                latest[spans[word, 2]], previous[word], holder[word] = word, earlier, here
                first[here] += spans[word, 0] == documents[number] and here != documents[number]
                while earlier >= 0 and here - holder[earlier] <= _NEAR:
                    near[here, _NEAR + holder[earlier] - here] += 1
                    near[holder[earlier], _NEAR + here - holder[earlier]] += 1
                    earlier = previous[earlier]
    return near, first


@numba.njit(cache=True)
def _near_echoes(near, first, here, begin, end, row):  # type: ignore[no-untyped-def]
    """Words shared with single paragraphs nearby: the best of them, the next, the previous, the first."""
    total, best = max(row[0], 1), 0
    for there in range(max(begin, here - _NEAR), min(end, here + _NEAR + 1)):
        if near[_NEAR + there - here] > best:
            best, row[5] = near[_NEAR + there - here], there - here
    row[4], row[8] = best / total, first / total
    row[6] = near[_NEAR + 1] / total if here + 1 < end else 0.0
    row[7] = near[_NEAR - 1] / total if here > begin else 0.0


@numba.njit(cache=True)
def _echo_paragraph(here, spans, pair_spans, offsets, row):  # type: ignore[no-untyped-def]
    """Words (and pairs of words) of one paragraph that stand anywhere else in the document."""
    start, end = offsets[here], offsets[here + 1]
    n_content, before, after, either, pairs = 0, 0, 0, 0, 0
    for word in range(start, end):
        if spans[word, 2] >= 0:
            n_content += 1
            before += spans[word, 0] < here
            after += spans[word, 1] > here
            either += spans[word, 0] != spans[word, 1]
        if word + 1 < end:
            pairs += pair_spans[word, 0] != pair_spans[word, 1]
    row[0], total = n_content, max(n_content, 1)
    row[1], row[2], row[3] = either / total, before / total, after / total
    row[9] = pairs / max(end - start - 1, 1)


@numba.njit(cache=True)
def _pairs(words, offsets):  # type: ignore[no-untyped-def]
    """A hash for each word with the one after it, and whether there is one in the same paragraph."""
    pairs, marks = np.zeros(len(words), dtype=np.uint64), np.zeros(len(words), dtype=np.bool_)
    for paragraph in range(len(offsets) - 1):
        for word in range(offsets[paragraph], offsets[paragraph + 1] - 1):
            pairs[word], marks[word] = (words[word] * _FNV_PRIME) ^ words[word + 1], True
    return pairs, marks


@numba.njit(cache=True)
def _line_hashes(words, offsets):  # type: ignore[no-untyped-def]
    """One hash for the words of each paragraph, in order."""
    lines = np.empty(len(offsets) - 1, dtype=np.uint64)
    for paragraph in range(len(lines)):
        value = _FNV_OFFSET
        for word in range(offsets[paragraph], offsets[paragraph + 1]):
            value = (value ^ words[word]) * _FNV_PRIME
        lines[paragraph] = value
    return lines


@numba.njit(cache=True)
def _echoes(words, masks, offsets, documents):  # type: ignore[no-untyped-def]
    """The ECHOES of every paragraph. `documents` holds the first paragraph of each document, and the end."""
    rows = np.zeros((len(offsets) - 1, len(ECHOES)), dtype=np.float64)
    spans = _spans(words, (masks & 1) == 0, offsets, documents)  # class 0 are the function words
    pairs, marks = _pairs(words, offsets)
    pair_spans = _spans(pairs, marks, offsets, documents)
    lines = _spans(_line_hashes(words, offsets), offsets[1:] > offsets[:-1], np.arange(len(offsets)), documents)
    near, first = _count_shared(spans, offsets, documents)
    for number in range(len(documents) - 1):
        for here in range(documents[number], documents[number + 1]):
            _echo_paragraph(here, spans, pair_spans, offsets, rows[here])
            _near_echoes(near[here], first[here], here, documents[number], documents[number + 1], rows[here])
            rows[here, 10] = lines[here, 2] >= 0 and lines[here, 0] < here
            rows[here, 11] = lines[here, 2] >= 0 and lines[here, 1] > here
    return rows


# ------------------------------------------------------------------------------------------------ features

_SHAPE = (
    *("chars", "words", "word_length", "longest_word", "function_share", "capitalised_share", "all_caps_share"),
    *("number_share", "joined", "digit_share", "caseless_share", "sentences", "words_per_sentence"),
    *(
        "commas",
        "colons",
        "quotes",
        "apostrophes",
        "dashes",
        "bars",
        "openings",
        "ats",
        "hashes",
        "slashes",
        "ellipses",
    ),
    *("underscores", "other_signs", "lead_caps", "lead_capitalised", "words_before_colon", "colons_in_words"),
    *(
        "tail_bracket",
        "tail_bracket_words",
        "first",
        "last",
        "last_inside",
        "times",
        "dates",
        "years",
        "ing",
        "ed",
        "hosts",
    ),
)
_TAILS = ("media", "agency", "scene", "related", "byline")
_OWN = (
    *_SHAPE,
    *(f"has_{name}" for name in CLASS_NAMES if name != "function"),
    *(f"starts_{name}" for name in CLASS_NAMES),
    *(f"ends_{name}" for name in CLASS_NAMES),
    *(f"tail_{name}" for name in _TAILS),
    "stops",
    "prose",
    *ECHOES,
)
_NEIGHBOUR = (
    *(
        "words",
        "function_share",
        "capitalised_share",
        "words_before_colon",
        "lead_caps",
        "tail_bracket",
        "quotes",
        "stops",
    ),
    *("starts_imperative", "has_media", "has_related", "has_scene", "echo_best", "first"),
)
_OFFSETS = (-2, -1, 1, 2)
_PLACE = (
    *("paragraphs", "index", "from_end", "place", "words_to_median", "median_words", "share_unstopped", "share_labels"),
    *("share_brackets", "share_prose", "words_before", "since_prose", "until_prose", "before_prose", "after_prose"),
    *("run_length", "run_words", "same_first_word", "first_word_before", "window_words"),
)

FEATURES: tuple[str, ...] = (
    *_OWN,
    *_PLACE,
    *(f"{name}@{offset:+d}" for offset in _OFFSETS for name in _NEIGHBOUR),
)
_PROSE_WORDS = 20  # a paragraph of this many words that ends like a sentence is prose, as a rule


def _ratio(part: npt.NDArray[np.float64], whole: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return part / np.maximum(whole, 1.0)


def _own(counts: npt.NDArray[np.int32], echoes: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.float64]]:
    """The features of a paragraph by itself, and of its echoes."""
    of = {name: counts[:, number].astype(np.float64) for name, number in COUNT.items()}
    chars = sum((of[f"n_{name}"] for name in CHARACTERS), np.zeros(len(counts)))
    words = of["words"]
    own = {name: of[name] for name in _OWN if name in of}
    own |= {f"{name}": of[f"n_{sign}"] for name, sign in _PLURALS.items()}
    own |= {
        "chars": chars,
        "word_length": _ratio(of["letters"], words),
        "function_share": _ratio(of["has_function"], words),
        "capitalised_share": _ratio(of["capitalised"], words),
        "all_caps_share": _ratio(of["all_caps"], words),
        "number_share": _ratio(of["numbers"], words),
        "digit_share": _ratio(of["n_digit"], chars),
        "caseless_share": _ratio(of["n_caseless"], chars),
        "words_per_sentence": _ratio(words, of["sentences"]),
        "tail_bracket_words": np.where(of["tail_bracket"] > 0, of["tail_bracket_words"], -1.0),
        "stops": np.isin(of["last_inside"], (STOP, ELLIPSIS)).astype(np.float64),
    }
    own |= {f"tail_{name}": of[f"tail_{name}"] * of["tail_bracket"] for name in _TAILS}
    own["prose"] = own["stops"] * (words >= _PROSE_WORDS)
    return own | {name: echoes[:, number] for number, name in enumerate(ECHOES)}


_PLURALS = {
    "commas": "comma", "colons": "colon", "quotes": "quote", "apostrophes": "apostrophe", "dashes": "dash",
    "bars": "bar", "openings": "opening", "ats": "at", "hashes": "hash", "slashes": "slash", "ellipses": "ellipsis",
    "underscores": "underscore", "other_signs": "other",
}  # fmt: skip
_LABEL_WORDS = 6  # "Label: text" has a label of so many words at most


@numba.njit(cache=True)
def _median(values):  # type: ignore[no-untyped-def]
    ordered = np.sort(values)
    return ordered[len(ordered) // 2]


@numba.njit(cache=True)
def _place_features(documents, words, stops, prose, before_colon, tail_bracket, first_hash):  # type: ignore[no-untyped-def]
    """The _PLACE features of every paragraph, document by document."""
    rows = np.zeros((len(words), len(_PLACE)), dtype=np.float64)
    for number in range(len(documents) - 1):
        begin, end = documents[number], documents[number + 1]
        n = end - begin
        if n == 0:
            continue
        median = max(_median(words[begin:end]), 1.0)
        unstopped = 1.0 - stops[begin:end].sum() / n
        labels = ((before_colon[begin:end] > 0) & (before_colon[begin:end] <= _LABEL_WORDS)).sum() / n
        brackets, share_prose = tail_bracket[begin:end].sum() / n, prose[begin:end].sum() / n
        for at in range(begin, end):
            row = rows[at]
            row[0], row[1], row[2], row[3] = n, at - begin, end - 1 - at, (at - begin) / n
            row[4], row[5], row[6], row[7] = words[at] / median, median, unstopped, labels
            row[8], row[9] = brackets, share_prose
        _prose_distances(begin, end, words, prose, rows)
        _runs(begin, end, words, prose, rows)
        _first_words(begin, end, first_hash, words, rows)
    return rows


@numba.njit(cache=True)
def _prose_distances(begin, end, words, prose, rows):  # type: ignore[no-untyped-def]
    """Words so far; paragraphs since the last prose and until the next; whether any comes before or after."""
    last, so_far = begin - 50, 0.0
    for at in range(begin, end):
        rows[at, 10], rows[at, 11], rows[at, 13] = so_far, at - last, last < begin
        so_far += words[at]
        if prose[at]:
            last = at
    following = end + 50
    for at in range(end - 1, begin - 1, -1):
        rows[at, 12], rows[at, 14] = following - at, following >= end
        if prose[at]:
            following = at


@numba.njit(cache=True)
def _runs(begin, end, words, prose, rows):  # type: ignore[no-untyped-def]
    """How many paragraphs in a row are no prose, and the words in them; the words of the five around."""
    at = begin
    while at < end:
        stop, total = at, 0.0
        while stop < end and prose[stop] == prose[at]:
            total += words[stop]
            stop += 1
        for inside in range(at, stop):
            rows[inside, 15] = stop - at if not prose[at] else 0
            rows[inside, 16] = total if not prose[at] else 0.0
        at = stop
    for at in range(begin, end):
        around = words[max(begin, at - 2) : min(end, at + 3)]
        rows[at, 19] = around.sum() / len(around)


@numba.njit(cache=True)
def _first_words(begin, end, first_hash, words, rows):  # type: ignore[no-untyped-def]
    """How many of the 40 paragraphs before and after start with the same word, and how many of them before."""
    for at in range(begin, end):
        for other in range(max(begin, at - 40), min(end, at + 41)):
            if other != at and words[at] > 0 and words[other] > 0 and first_hash[other] == first_hash[at]:
                rows[at, 17] += 1
                rows[at, 18] += other < at


def _neighbours(own: Matrix, documents: Integers) -> Matrix:
    """The _NEIGHBOUR features of the paragraphs at _OFFSETS; -1 where the document has none there."""
    chosen = own[:, [_OWN.index(name) for name in _NEIGHBOUR]]
    at = np.arange(len(own))
    begin, end = _bounds(documents)
    parts = []
    for offset in _OFFSETS:
        other = at + offset
        inside = (other >= begin) & (other < end)
        parts.append(np.where(inside[:, None], chosen[np.clip(other, 0, len(own) - 1)], np.float32(-1)))
    return np.concatenate(parts, axis=1)


def _bounds(documents: Integers) -> tuple[Integers, Integers]:
    """First paragraph and end of the document that each paragraph is in."""
    lengths = np.diff(documents)
    return np.repeat(documents[:-1], lengths), np.repeat(documents[1:], lengths)


def batch_of(documents: Sequence[Sequence[str]]) -> Characters:
    """All paragraphs of all documents."""
    return characters_of([paragraph for document in documents for paragraph in document])


def batch_features(documents: Sequence[Sequence[str]], batch: Characters | None = None) -> tuple[Matrix, Integers]:
    """Features of all paragraphs of all documents, and where each document begins (with the end as the last number).
    Who has the documents' characters gives them, so that they are not read twice.

    >>> matrix, begins = batch_features([["The mayor spoke.", "Photo: Ida Berg"], [], ["Share"]])
    >>> matrix.shape == (3, len(FEATURES)), begins.tolist()
    (True, [0, 2, 2, 3])
    """
    begins = np.concatenate([[0], np.cumsum([len(d) for d in documents], dtype=np.int64)]).astype(np.int64)
    if not begins[-1]:
        return np.zeros((0, len(FEATURES)), dtype=np.float32), begins
    batch = batch or batch_of(documents)
    counts, words, masks, offsets = _count_all(batch[:2], batch.starts, batch.ends, _lexicon())
    own = _own(counts, _echoes(words, masks, offsets, begins))
    first_hash = np.append(words, np.uint64(0))[offsets[:-1]]
    place = _place_features(
        begins, own["words"], own["stops"], own["prose"], own["words_before_colon"], own["tail_bracket"], first_hash
    )
    matrix = np.stack([own[name] for name in _OWN], axis=1).astype(np.float32)
    return np.concatenate([matrix, place.astype(np.float32), _neighbours(matrix, begins)], axis=1), begins


def features(paragraphs: Sequence[str]) -> Matrix:
    """Features of the paragraphs of one document, one row each, columns as in FEATURES.

    >>> features(["The mayor spoke.", "Photo: Ida Berg"])[:, FEATURES.index("words")].tolist()
    [3.0, 3.0]
    """
    return batch_features([paragraphs])[0]
