"""Counts of the line model: signs, words, shapes and word classes of each paragraph."""

from __future__ import annotations

import numpy as np

from stages.noise.line_characters import (
    CHARACTERS,
    CLOSING,
    COLON,
    DASH,
    DIGIT,
    LOWER,
    OPENING,
    SLASH,
    SPACE,
    STOP,
    UPPER,
    is_word,
    last_inside,
)
from stages.noise.line_words import CLASS_NAMES, hash_word, look_up
from stages.shared.compilation import inner, kernel

#: Counts of a paragraph, made by one pass over its characters.
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

_I, _N, _G, _E, _D, _ONE, _NINE, _TWO, _ZERO = (ord(c) for c in "inged1920")


@inner
def _ends_in_ing(codes, end):  # type: ignore[no-untyped-def]
    """Tell if a word ends as an English participle does."""
    return codes[end - 3] == _I and codes[end - 2] == _N and codes[end - 1] == _G


@inner
def _is_century(first, second):  # type: ignore[no-untyped-def]
    """Tell if a number with these first digits is a year of the last century or of this one."""
    return (first == _ONE and second == _NINE) or (first == _TWO and second == _ZERO)


@inner
def _count_lead(first, upper, digits, length, row):  # type: ignore[no-untyped-def]
    """Count one more capitalised word at the paragraph's beginning, where all words before it are."""
    if row[_WORDS] == row[_LEAD_CAPS] and upper == length and length > 1:
        row[_LEAD_CAPS] += 1
    if row[_WORDS] == row[_LEAD_CAPITALISED] and (first == UPPER or digits):
        row[_LEAD_CAPITALISED] += 1


@inner
def _count_word(codes, classes, start, end, row):  # type: ignore[no-untyped-def]
    """Count the shape of one word: capitals, digits, length, an English participle's ending, a year."""
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
        row[_ING] += _ends_in_ing(codes, end)
        row[_ED] += codes[end - 2] == _E and codes[end - 1] == _D
    if digits == 4 and length == 4:
        row[_YEARS] += _is_century(codes[start], codes[start + 1])
    _count_lead(classes[start], upper, digits, length, row)


@inner
def _count_classes(mask, row):  # type: ignore[no-untyped-def]
    """Count the classes of one word, in the paragraph and in the bracket that it ends with."""
    number = 0
    while mask:
        row[_HAS + number] += mask & 1
        row[_TAIL + number] += mask & 1
        mask >>= 1
        number += 1


@inner
def _spread(mask, row, first):  # type: ignore[no-untyped-def]
    """Write the classes of the first or the last word, each in its column from `first` on."""
    for number in range(N_CLASSES):
        row[first + number] = (mask >> number) & 1


@inner
def _count_sign(classes, at, start, end, row):  # type: ignore[no-untyped-def]
    """Count one character that is in no word: sentence ends, labels, brackets, times and dates."""
    kind = classes[at]
    before = classes[at - 1] if at > start else SPACE
    after = classes[at + 1] if at + 1 < end else SPACE
    if kind == STOP:
        row[_SENTENCES] += before != STOP and after not in (LOWER, UPPER, DIGIT, STOP)
        row[_HOSTS] += before == LOWER and after == LOWER
    if kind == COLON:
        if row[_BEFORE_COLON] < 0 and after == SPACE:
            row[_BEFORE_COLON] = row[_WORDS]
        row[_TIMES] += before == DIGIT and after == DIGIT
        row[_COLONS_IN] += after != SPACE
    if kind == OPENING:
        row[_TAIL_WORDS] = 0
        row[_TAIL : _TAIL + N_CLASSES] = 0
    if kind in (STOP, SLASH, DASH):
        row[_DATES] += before == DIGIT and after == DIGIT


@inner
def _count_ends(classes, start, end, row):  # type: ignore[no-untyped-def]
    """Note the classes of the first and the last character, and of the last one inside quotes and brackets."""
    row[_FIRST] = classes[start] if end > start else SPACE
    row[_LAST] = classes[end - 1] if end > start else SPACE
    row[_TAIL_BRACKET] = end > start and (
        classes[end - 1] == CLOSING or (end - start > 1 and classes[end - 2] == CLOSING)
    )
    row[_LAST_INSIDE] = last_inside(classes, start, end)


@inner
def _count_paragraph(characters, start, end, table, row, words, used):  # type: ignore[no-untyped-def]
    """Fill one row of counts; note the words' hashes and classes from place `used` on, return the next place."""
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
        hashes[used] = hash_word(codes, begin, at)
        masks[used] = look_up(table, hashes[used])
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


@kernel
def count_all(characters, starts, ends, table):  # type: ignore[no-untyped-def]
    """Count every paragraph.

    Returns the counts (one row a paragraph, columns COUNTS), the hashes and the classes of all words, and where each
    paragraph's words begin, with the end as the last number.
    """
    counts = np.zeros((len(starts), len(COUNTS)), dtype=np.int32)
    hashes = np.empty(len(characters[0]) // 2 + len(starts) + 1, dtype=np.uint64)
    masks = np.empty(len(hashes), dtype=np.int64)
    offsets = np.zeros(len(starts) + 1, dtype=np.int64)
    for number in range(len(starts)):
        offsets[number + 1] = _count_paragraph(
            characters, starts[number], ends[number], table, counts[number], (hashes, masks), offsets[number]
        )
    return counts, hashes[: offsets[-1]], masks[: offsets[-1]], offsets
