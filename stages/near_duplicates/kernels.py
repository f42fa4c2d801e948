"""The loops that run once a character, a word or a pair: compiled by numba, cached on disk, imported only when used.

Nothing here knows of Arrow or of settings' meaning; the modules beside it do. Kernels that call each other must stay in
one file: numba's cache looks only at the file of the outer one.
"""

# numba infers the types of arguments, and neither generators nor tuples of arguments are to be had cheaply in it:
# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"
# ruff: noqa: PLR0913, PLR0917, SIM110

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from . import alphabet


def kernel(function: Callable[..., Any]) -> Any:
    """Compiled on first use; cached beside this file or in the user's cache, or not at all where both are read-only."""
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # "no locator available": nowhere to write a cache
        return numba.njit(nogil=True, error_model="numpy")(function)


def known(options: dict[str, Any]) -> dict[str, Any]:
    """The options that this numba has. Results do not depend on them; without them it compiles and runs longer.

    They are not in its manual and may go with any release.

    >>> known({"nogil": True, "from_another_release": True})
    {'nogil': True}
    """
    return {name: value for name, value in options.items() if hasattr(numba.core.cpu.CPUTargetOptions, name)}


def inner(function: Callable[..., Any]) -> Any:
    """Compiled along with the kernel that calls it: without an entry from Python, and not cached by itself."""
    options = known({"no_cpython_wrapper": True, "no_cfunc_wrapper": True})
    return numba.njit(nogil=True, error_model="numpy", **options)(function)


def borrowing(function: Callable[..., Any]) -> Any:
    """An inner function that neither makes nor returns arrays: those of its caller are not counted on the way.

    Numba counts references to an array wherever it is passed on or sliced, with an atomic instruction that costs
    more than the words of a short paragraph, and twice as much where two threads count the same array.
    """
    options = known({"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False, "forceinline": True})
    return numba.njit(nogil=True, error_model="numpy", **options)(function)


OTHER, LETTER, CAPITAL, DIGIT, CHARACTER = (
    alphabet.OTHER, alphabet.LETTER, alphabet.CAPITAL, alphabet.DIGIT, alphabet.CHARACTER,
)  # fmt: skip
MARK, APOSTROPHE, HYPHEN, STOP, MARKED_STOP = (
    alphabet.MARK, alphabet.APOSTROPHE, alphabet.HYPHEN, alphabet.STOP, alphabet.MARKED_STOP,
)  # fmt: skip
OPENING, CLOSING, QUOTE, CLAUSE, SPACE, PERCENT = (
    alphabet.OPENING, alphabet.CLOSING, alphabet.QUOTE, alphabet.CLAUSE, alphabet.SPACE, alphabet.PERCENT,
)  # fmt: skip
NUMBER, NAME, SINGLE, FUNCTION, NEGATION = (
    alphabet.NUMBER, alphabet.NAME, alphabet.SINGLE, alphabet.FUNCTION, alphabet.NEGATION,
)  # fmt: skip
WORD_FLAGS, QUOTED, HONORIFIC, ABBREVIATION = (
    alphabet.FLAGS, alphabet.QUOTED, alphabet.HONORIFIC, alphabet.ABBREVIATION,
)  # fmt: skip
REFERENCE = NAME | NUMBER  # what two reporters of one event share without having copied
ANYWHERE = np.int64(~alphabet.PLACE)  # masks what belongs to a word's place
LAST = alphabet.TABLE_SIZE - 1
PERCENT_HASH = np.uint64(alphabet.hash_word("percent"))
SEED, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
MIX = np.uint64(0xFF51AFD7ED558CCD)
STEM_LETTERS, STEM_SHIFT = alphabet.STEM_LETTERS, np.uint64(alphabet.STEM_SHIFT)
WORD_MASK = np.uint64(2**alphabet.STEM_SHIFT - 1 - alphabet.FLAGS)
THIRTY_THREE, THIRTY_TWO, SIX = np.uint64(33), np.uint64(32), np.uint64(6)

# What stands between a word and the one before it.
ENDS, OPENS, CLOSES, PAUSES = 1, 2, 4, 8
# Numba compiles a function anew for a number written out: where a variable begins with one, it begins with these.
ZERO, FALSE = np.int64(0), np.bool_(False)
BREAK = 10  # "\n"
DIGITS = np.int64(2**11 - 1)  # eleven bits, by which numbers are sorted at a time
HIGHEST = 53  # where the last digit begins
LATELY, LATELY_SHIFT = 2**17, np.uint64(64 - 17)  # values that are remembered as met lately


@borrowing
def decode(data, at):
    """The code point at a byte of UTF-8, and the byte after it."""
    first = data[at]
    if first < 0x80:
        return np.uint32(first), at + 1
    if first < 0xE0:
        return np.uint32((first & 0x1F) << 6 | (data[at + 1] & 0x3F)), at + 2
    if first < 0xF0:
        return np.uint32((first & 0x0F) << 12 | (data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F)), at + 3
    code = (first & 0x07) << 18 | (data[at + 1] & 0x3F) << 12 | (data[at + 2] & 0x3F) << 6 | (data[at + 3] & 0x3F)
    return np.uint32(code), at + 4


@borrowing
def kind_at(data, at, end, kind):
    """The kind of the character at a byte (SPACE at the end of the text)."""
    if at >= end:
        return SPACE
    code, _ = decode(data, at)
    return kind[min(code, LAST)]


@borrowing
def mix(value):
    """All bits of a hash made to depend on all others."""
    value = (value ^ (value >> THIRTY_THREE)) * MIX
    return value ^ (value >> THIRTY_THREE)


@borrowing
def finish(value, stem):
    """The last step of a word's hash: its stem's in the high bits; the low bits are left for flags."""
    return (mix(stem) >> STEM_SHIFT) << STEM_SHIFT | (mix(value) & WORD_MASK)


@borrowing
def read_plain(data, at, end, fold, kind):
    """The letters of one byte that a word begins with: the hashes of word and stem so far, and how many they are."""
    value, stem, letters = SEED, SEED, 0
    while at < end and data[at] < 0x80 and (kind[data[at]] == LETTER or kind[data[at]] == CAPITAL):
        value = (value ^ np.uint64(fold[data[at]])) * PRIME
        at += 1
        letters += 1
        stem = value if letters <= STEM_LETTERS else stem
    return value, stem, letters


@borrowing
def read_letters(data, at, end, fold, kind):
    """One word of letters from byte `at`: its hash, the byte after it, code points read, code points to skip after it.

    Apostrophes, hyphens and the points of "U.S." inside it are passed over; a possessive 's is read and left out.
    """
    value, stem, letters = read_plain(data, at, end, fold, kind)
    at, since_point, points, span, skip = at + letters, letters, 0, letters, 0
    while at < end:
        code, after = decode(data, at)
        what = kind[min(code, LAST)]
        if what in (LETTER, CAPITAL):
            value = (value ^ np.uint64(fold[min(code, LAST)])) * PRIME
            letters += 1
            if letters <= STEM_LETTERS:
                stem = value
            since_point += 1
            span += 1
        elif what == MARK:
            span += 1
        elif what in (APOSTROPHE, HYPHEN, STOP):
            if kind_at(data, after, end, kind) not in (LETTER, CAPITAL):
                break
            code, beyond = decode(data, after)
            lone = kind_at(data, beyond, end, kind) not in (LETTER, CAPITAL, MARK)
            if what == APOSTROPHE and lone and code in (115, 83):
                skip, at = 2, beyond
                break
            if what == STOP:
                if since_point != 1 or not lone:
                    break
                points += 1
            since_point = 0
            span += 1
        else:
            break
        at = after
    return finish(value, stem), at, span, skip, points > 0 or letters == 1


@borrowing
def read_figure(data, at, end, kind):
    """One number from byte `at`: its hash, the byte after it, code points read. "5,000" reads as 5000."""
    value, span = SEED, 0
    while at < end:
        code, after = decode(data, at)
        if kind[min(code, LAST)] != DIGIT:
            if code not in (44, 46) or kind_at(data, after, end, kind) != DIGIT:
                break
            if code == 46:
                value = (value ^ np.uint64(code)) * PRIME
        else:
            value = (value ^ np.uint64(code)) * PRIME
        span += 1
        at = after
    return finish(value, value), at, span


@borrowing
def look_up(value, hashes):
    """The slot of a word in the table of special words (a power of two), or -1."""
    slot = np.int64(value >> SIX) & (len(hashes) - 1)
    while hashes[slot]:
        if hashes[slot] == value:
            return slot
        slot = (slot + 1) & (len(hashes) - 1)
    return -1


@borrowing
def read_word(data, at, end, fold, kind, special_hash, special_means, special_word):
    """The word or figure at byte `at`: hash with flags, the byte after it, code points read and to be skipped after it,
    whether a point after it ends no sentence, and whether it is dropped (honorifics)."""
    code, after = decode(data, at)
    what = kind[min(code, LAST)]
    if what == DIGIT:
        value, at, span = read_figure(data, at, end, kind)
        return value | np.uint64(NUMBER), at, span, 0, False, False
    if what == CHARACTER:
        value = (SEED ^ np.uint64(code)) * PRIME
        if kind_at(data, after, end, kind) == CHARACTER:
            value = (value ^ np.uint64(decode(data, after)[0])) * PRIME
        return finish(value, value) | np.uint64(SINGLE), after, 1, 0, False, False
    if what == PERCENT:
        return PERCENT_HASH, after, 1, 0, False, False
    value, at, span, skip, abbreviated = read_letters(data, at, end, fold, kind)
    name = np.uint64(NAME if what == CAPITAL else 0)
    slot = look_up(value, special_hash)
    if slot < 0:
        return value | name, at, span, skip, abbreviated, False
    means = special_means[slot]
    value = special_word[slot] | np.uint64(means & WORD_FLAGS) | name
    return value, at, span, skip, abbreviated or means & ABBREVIATION != 0, means & HONORIFIC != 0


@borrowing
def quotation_mark(what, code, before, following, quoted):
    """What a possible quotation mark does (OPENS, CLOSES or 0), and the quotation that then is open: 0 none, 1 in
    double marks, 2 in single ones. Straight marks are told apart by what stands on either side."""
    if what == OPENING:
        return OPENS, 2 if code in (0x2018, 0x201A) else 1
    if what == CLOSING:
        return CLOSES, 0
    if what == QUOTE:
        closes = quoted == 1 and not (before == SPACE and following != SPACE)
        return (CLOSES, 0) if closes else (OPENS, 1)
    if what == APOSTROPHE and before == SPACE and following in (LETTER, CAPITAL):
        return OPENS, 2
    if what == APOSTROPHE and before != SPACE and quoted == 2:
        return CLOSES, 0
    return 0, quoted


@borrowing
def is_word(what):
    """Whether a word begins with a character of this kind."""
    return what in (LETTER, CAPITAL, DIGIT, CHARACTER, PERCENT)


@borrowing
def ends_sentence(what, following, abbreviated):
    """Whether a mark ends a sentence, as far as it can tell: what follows it has the last word."""
    return what == MARKED_STOP or (what == STOP and not abbreviated and following not in (LETTER, CAPITAL, DIGIT))


@borrowing
def read_paragraph(data, at, end, alphabet_tables, words, starts, ends, gaps, n):
    """The words of one paragraph, put into the arrays from place n on; returns the place after the last one."""
    fold, kind, special_hash, special_means, special_word = alphabet_tables
    point, gap, quoted, stopped, abbreviated, before = 0, ENDS, ZERO, True, FALSE, np.int64(SPACE)
    while at < end:
        code, after = decode(data, at)
        what = kind[min(code, LAST)]
        if what == SPACE:
            before, at, point = np.int64(what), after, point + 1
            continue
        if not is_word(what):
            following = kind_at(data, after, end, kind)
            stopped = stopped or ends_sentence(what, following, abbreviated)
            abbreviated = abbreviated and what not in (OTHER, HYPHEN)
            mark, quoted = quotation_mark(what, code, before, following, quoted)
            gap |= mark | (PAUSES if what == CLAUSE else 0)
            before, at, point = np.int64(what), after, point + 1
            continue
        value, at, span, skip, abbreviated, dropped = read_word(
            data, at, end, fold, kind, special_hash, special_means, special_word
        )
        if not dropped:
            # A stop ends a sentence unless a small letter follows it.
            if stopped and (what != LETTER or gap & OPENS or kind_is_caseless(code)):
                gap |= ENDS
            word = np.int64(value | np.uint64(QUOTED if quoted else 0))
            # a capital that begins a sentence says nothing
            words[n] = word & ~np.int64(NAME) if gap & (ENDS | OPENS) else word
            starts[n], ends[n], gaps[n] = point, point + span, gap
            n, gap, stopped = n + 1, 0, False
        before, point = np.int64(LETTER), point + span + skip
    return n


@kernel
def read(data, offsets, *alphabet_tables):
    """Every text (UTF-8, between `offsets`) into words: hashes with flags, code-point spans in the paragraph, gaps.

    Returns words, starts, ends, gaps, and for each paragraph its document and its first word.
    """
    size = offsets[-1] - offsets[0]
    words, starts = np.empty(size, np.int64), np.empty(size, np.int32)
    ends, gaps = np.empty(size, np.int32), np.empty(size, np.uint8)
    paragraph_document = np.empty(size // 2 + len(offsets), np.int32)
    paragraph_first = np.empty(size // 2 + len(offsets), np.int64)
    n, paragraphs = ZERO, ZERO
    for document in range(len(offsets) - 1):
        begin, end = offsets[document], offsets[document + 1]
        while begin <= end:
            stop = begin
            while stop < end and not (data[stop] == BREAK and stop + 1 < end and data[stop + 1] == BREAK):
                stop += 1
            paragraph_document[paragraphs], paragraph_first[paragraphs] = document, n
            paragraphs += 1
            n = read_paragraph(data, begin, stop, alphabet_tables, words, starts, ends, gaps, n)
            begin = stop + 2 if stop < end else end + 1
    return (
        words[:n].copy(), starts[:n].copy(), ends[:n].copy(), gaps[:n].copy(),
        paragraph_document[:paragraphs].copy(), paragraph_first[:paragraphs].copy(),
    )  # fmt: skip


@borrowing
def kind_is_caseless(code):
    """Letters of scripts without case (from Hebrew on, but for Georgian and the Latin and Greek extensions)."""
    return 0x0590 <= code < 0x10A0 or code >= 0x2D00


@borrowing
def pause_near_middle(gaps, begin, end):
    """The word after the pause nearest the middle of a sentence, if its middle half has one (else the middle)."""
    middle = (begin + end) // 2
    for d in range((end - begin) // 4):
        if gaps[middle - d] & (PAUSES | ENDS):
            return middle - d
        if gaps[middle + d] & (PAUSES | ENDS):
            return middle + d
    return middle


@borrowing
def cut_sentences(gaps, begin, end, smallest, longest, starts, n):
    """Sentence starts of the words from begin to end, put into `starts` from place n on; returns the place after."""
    at = n
    starts[n] = begin
    n += 1
    for i in range(begin + smallest, end - smallest + 1):
        if gaps[i] & ENDS and i - starts[n - 1] >= smallest:
            starts[n] = i
            n += 1
    while at < n:  # halve the long ones until none is too long
        stop = end if at + 1 == n else starts[at + 1]
        if stop - starts[at] <= longest:
            at += 1
            continue
        for m in range(n, at + 1, -1):
            starts[m] = starts[m - 1]
        starts[at + 1] = pause_near_middle(gaps, starts[at], stop)
        n += 1
    return n


@borrowing
def cut_quotations(gaps, begin, end, shortest, paragraph, quote_start, quote_end, quote_paragraph, n):
    """The quotations of at least `shortest` words from begin to end, put into the arrays from place n on."""
    opened = np.int64(-1)
    for i in range(begin, end + 1):
        if opened >= 0 and (i == end or gaps[i] & (CLOSES | OPENS)):
            if i - opened >= shortest:
                quote_start[n], quote_end[n], quote_paragraph[n] = opened, i, paragraph
                n += 1
            opened = -1
        if i < end and gaps[i] & OPENS:
            opened = i
    return n


@kernel
def cut(words, gaps, first, smallest, longest, shortest_quote):
    """Every paragraph (words `first[p]` to `first[p + 1]`) into sentences, and the quotations in it.

    A sentence of fewer than `smallest` words is joined with the one after it (the last with the one before); one of
    more than `longest` is cut at the pause nearest its middle. Returns sentence starts and for each paragraph the
    first of them, and quotations as start, end, paragraph.
    """
    paragraphs = len(first) - 1
    starts, of_paragraph = np.empty(len(words) + paragraphs, np.int64), np.empty(paragraphs + 1, np.int64)
    quote_start, quote_end = np.empty(len(words), np.int64), np.empty(len(words), np.int64)
    quote_paragraph = np.empty(len(words), np.int32)
    n, quotes = ZERO, ZERO
    for p in range(paragraphs):
        of_paragraph[p] = n
        begin, end = first[p], first[p + 1]
        if begin < end:
            n = cut_sentences(gaps, begin, end, smallest, longest, starts, n)
            quotes = cut_quotations(
                gaps, begin, end, shortest_quote, p, quote_start, quote_end, quote_paragraph, quotes
            )
    of_paragraph[paragraphs] = n
    quotations = (quote_start[:quotes].copy(), quote_end[:quotes].copy(), quote_paragraph[:quotes].copy())
    return starts[:n].copy(), of_paragraph, quotations[0], quotations[1], quotations[2]


@borrowing
def mix32(value):
    """The finalizer of MurmurHash3, as datasketch applies it to every hash (scheme "affine32")."""
    value = np.uint32((value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    value = np.uint32((value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@borrowing
def shingle_hash(words, start, size):
    """The 32-bit hash of `size` words from `start`; capitals make no difference."""
    value = SEED
    for i in range(start, start + size):
        value = (value ^ np.uint64(words[i] & ANYWHERE)) * MIX
        value = value ^ (value >> THIRTY_THREE)
    return np.uint32(value >> THIRTY_THREE)


@borrowing
def telling(words, start, size):
    """Whether a shingle holds a word that is no function word."""
    for i in range(start, start + size):
        if words[i] & FUNCTION == 0:
            return True
    return False


@borrowing
def pair_hash(one, other):
    """The 32-bit hash of two words of content that follow each other, function words between them not counted."""
    value = (PRIME ^ np.uint64(one & ANYWHERE)) * MIX
    value = ((value ^ (value >> THIRTY_THREE)) ^ np.uint64(other & ANYWHERE)) * MIX
    return np.uint32((value ^ (value >> THIRTY_THREE)) >> THIRTY_THREE)


@kernel
def shingle_hashes(words, start, end, size, hashes):
    """Fills `hashes` with the shingles of the words from start to end; returns how many there are (up to two a word).

    A shingle is a run of `size` words that are not all function words; or two words of content with none between them,
    of which one at least is neither name nor figure.
    """
    n, before = ZERO, np.int64(-1)
    for i in range(start, end):
        if i + size <= end and telling(words, i, size):
            hashes[n] = shingle_hash(words, i, size)
            n += 1
        if words[i] & FUNCTION:
            continue
        if before >= 0 and not (words[i] & REFERENCE and words[before] & REFERENCE):
            hashes[n] = pair_hash(words[before], words[i])
            n += 1
        before = i
    return n


@borrowing
def sign(hashes, n, a, b, row):
    """Fills `row` with the MinHash signature of the first n hashes."""
    row[:] = np.uint32(0xFFFFFFFF)
    for i in range(n):
        value = mix32(hashes[i])
        for k in range(len(a)):
            row[k] = min(row[k], np.uint32(a[k] * value + b[k]))


@inner
def room_for_shingles(starts, ends):
    """An array for the shingles of the longest unit."""
    longest = 0
    for unit in range(len(starts)):
        longest = max(longest, ends[unit] - starts[unit])
    return np.empty(2 * longest, np.uint32)


@kernel
def signatures(words, starts, ends, size, a, b, values):
    """Fills `values` with the MinHash signature of every unit (words from start to end), equal to datasketch's."""
    hashes = room_for_shingles(starts, ends)
    for unit in range(len(starts)):
        sign(hashes, shingle_hashes(words, starts[unit], ends[unit], size, hashes), a, b, values[unit])


@kernel
def band_keys(words, starts, ends, size, a, b, keys, told):
    """Fills `keys` (bands × units) with one int32 a band, the hash of its rows of the unit's signature, and `told` with
    the units that have a shingle; returns how many. The keys of units without one are left out."""
    bands, n, row = len(keys), ZERO, np.empty(len(a), np.uint32)
    rows, hashes = len(a) // bands, room_for_shingles(starts, ends)
    for unit in range(len(starts)):
        shingles = shingle_hashes(words, starts[unit], ends[unit], size, hashes)
        if shingles == 0:
            continue
        sign(hashes, shingles, a, b, row)
        for band in range(bands):
            key = SEED + np.uint64(band)
            for k in range(band * rows, band * rows + rows):
                key = (key ^ np.uint64(row[k])) * MIX
                key = key ^ (key >> THIRTY_THREE)
            keys[band, n] = np.int32(key >> THIRTY_TWO)
        told[n] = unit
        n += 1
    return n


@borrowing
def digit_at(value, shift):
    """Eleven bits of a value, so that those of larger values are larger: the highest say whether it is negative."""
    return (value >> shift & DIGITS) ^ (1024 if shift == HIGHEST else 0)


@borrowing
def sort_by_digit(values, shift, counts, target):
    """Puts values into `target` by a digit, of which there are so many, in the same order where those are alike."""
    place = ZERO
    for digit in range(DIGITS + 1):
        counts[digit], place = place, place + counts[digit]
    for value in values:
        digit = digit_at(value, shift)
        target[counts[digit]] = value
        counts[digit] += 1


@borrowing
def sort(values, target, counts, shifts):
    """Sorts values by some of their digits, the lowest first; each has a row of zeros in `counts`. Whether the sorted
    ones are in `target`."""
    for value in values:
        for at in range(len(shifts)):
            counts[at, digit_at(value, shifts[at])] += 1
    for at in range(len(shifts)):
        if at & 1:
            sort_by_digit(target, shifts[at], counts[at], values)
        else:
            sort_by_digit(values, shifts[at], counts[at], target)
    return len(shifts) & 1 == 1


@borrowing
def without_repeats(values, n):
    """Leaves of the first n values, which rise, each once; returns how many."""
    kept = ZERO
    for at in range(n):
        if kept == 0 or values[at] != values[kept - 1]:
            values[kept] = values[at]
            kept += 1
    return kept


@kernel
def rising(values):
    """The values in rising order, each once: sorted by eleven bits at a time, but for those that all share.

    What was met a short while ago is left out before: most of what is met twice is.
    """
    source, n, varying = np.empty(len(values), np.int64), ZERO, ZERO
    lately = np.full(LATELY, -1, np.int64)
    for value in values:
        varying |= value ^ values[0]
        slot = (np.uint64(value) * MIX) >> LATELY_SHIFT
        source[n] = value
        n += lately[slot] != value
        lately[slot] = value
    shifts, digits = np.empty(6, np.int64), ZERO
    for shift in (0, 11, 22, 32, 43, HIGHEST):  # the halves by themselves: they often hold small numbers
        if varying >> shift & DIGITS:
            shifts[digits] = shift
            digits += 1
    target = np.empty(n, np.int64)
    if sort(source[:n], target, np.zeros((digits, DIGITS + 1), np.int64), shifts[:digits]):
        source = target
    return source[: without_repeats(source, n)].copy()


@kernel
def by_bucket(buckets, units, owners):
    """The owners of units by their buckets (bucket << 32 | owner), rising, each once; owners rise, and `units` says
    which are theirs."""
    source, target = np.empty(len(units), np.int64), np.empty(len(units), np.int64)
    for at in range(len(units)):
        source[at] = np.int64(buckets[units[at]]) << 32 | owners[at]
    if sort(source, target, np.zeros((3, DIGITS + 1), np.int64), np.array([32, 43, HIGHEST])):
        source = target
    return source[: without_repeats(source, len(source))].copy()


@kernel
def place(values, offsets, begins, out):
    """Copies the lists of a column, each to its place in `out`."""
    for row in range(len(begins)):
        for at in range(offsets[row], offsets[row + 1]):
            out[begins[row] + at - offsets[row]] = values[at]
