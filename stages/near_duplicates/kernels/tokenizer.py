"""Tokenizer, compiled by numba: UTF-8 texts into hashed words with spans, and words into sentences and quotations."""

# numba infers the types of arguments:
# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.near_duplicates import alphabet

from .compilation import borrowing, kernel
from .hashing import FALSE, MIX, PRIME, SEED, SLOT_SHIFT, THIRTY_THREE, ZERO

OTHER, LETTER, CAPITAL, DIGIT, CHARACTER = (
    alphabet.OTHER, alphabet.LETTER, alphabet.CAPITAL, alphabet.DIGIT, alphabet.CHARACTER,
)  # fmt: skip
MARK, APOSTROPHE, HYPHEN, STOP, MARKED_STOP = (
    alphabet.MARK, alphabet.APOSTROPHE, alphabet.HYPHEN, alphabet.STOP, alphabet.MARKED_STOP,
)  # fmt: skip
OPENING, CLOSING, QUOTE, CLAUSE, SPACE, PERCENT = (
    alphabet.OPENING, alphabet.CLOSING, alphabet.QUOTE, alphabet.CLAUSE, alphabet.SPACE, alphabet.PERCENT,
)  # fmt: skip
NUMBER, NAME, SINGLE, FUNCTION = alphabet.NUMBER, alphabet.NAME, alphabet.SINGLE, alphabet.FUNCTION
WORD_FLAGS, QUOTED, HONORIFIC, ABBREVIATION = (
    alphabet.FLAGS, alphabet.QUOTED, alphabet.HONORIFIC, alphabet.ABBREVIATION,
)  # fmt: skip
LAST = alphabet.TABLE_SIZE - 1
PERCENT_HASH = np.uint64(alphabet.hash_word("percent"))
STEM_LETTERS, STEM_SHIFT = alphabet.STEM_LETTERS, np.uint64(alphabet.STEM_SHIFT)
WORD_MASK = np.uint64(2**alphabet.STEM_SHIFT - 1 - alphabet.FLAGS)

#: The first ligature of two Arabic letters that texts have in forms of presentation (folded to lam), and alef.
LAM_ALEF, ALEF = 0xFEF5, 0x0627

# Bits of a gap, all that stands between a word and the one before it.
ENDS, OPENS, CLOSES, PAUSES = 1, 2, 4, 8
BREAK = 10  # "\n"


class Tokens(NamedTuple):
    """Arrays that words are put into: hashes with flags, code-point spans in the paragraph, gaps."""

    words: NDArray[Any]
    starts: NDArray[Any]
    ends: NDArray[Any]
    gaps: NDArray[Any]


class Quotations(NamedTuple):
    """Arrays that quotations are put into: first word, word after the last, paragraph."""

    start: NDArray[Any]
    end: NDArray[Any]
    paragraph: NDArray[Any]


@borrowing
def decode(data, at):
    """Return the code point at a byte of UTF-8, and the byte after it."""
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
    """Return the kind of the character at a byte (SPACE at the end of the text)."""
    if at >= end:
        return SPACE
    code, _ = decode(data, at)
    return kind[min(code, LAST)]


@borrowing
def mix(value):
    """Make all bits of a hash depend on all others."""
    value = (value ^ (value >> THIRTY_THREE)) * MIX
    return value ^ (value >> THIRTY_THREE)


@borrowing
def finish(value, stem):
    """Finish a word's hash: its stem's in the high bits; the low bits stay free for flags."""
    return (mix(stem) >> STEM_SHIFT) << STEM_SHIFT | (mix(value) & WORD_MASK)


@borrowing
def hash_letter(value, code, fold):
    """Return a word's hash with one more letter; a ligature of lam and alef is two."""
    value = (value ^ np.uint64(fold[min(code, LAST)])) * PRIME
    return (value ^ np.uint64(ALEF)) * PRIME if LAM_ALEF <= code < LAM_ALEF + 8 else value


@borrowing
def read_plain(data, at, end, fold, kind):
    """Read the one-byte letters that a word begins with: the hashes of word and stem so far, and how many letters."""
    value, stem, letters = SEED, SEED, 0
    while at < end and data[at] < 0x80 and (kind[data[at]] == LETTER or kind[data[at]] == CAPITAL):
        value = (value ^ np.uint64(fold[data[at]])) * PRIME
        at += 1
        letters += 1
        stem = value if letters <= STEM_LETTERS else stem
    return value, stem, letters


@borrowing
def read_letters(data, at, end, fold, kind):
    """Read one word of letters from byte `at`.

    Returns its hash, the byte after it, code points read, code points to skip after it, and if it is abbreviated.
    Apostrophes, hyphens and the points of "U.S." inside it are passed over; a possessive 's is read and left out.
    """
    value, stem, letters = read_plain(data, at, end, fold, kind)
    at, since_point, points, span, skip = at + letters, letters, 0, letters, 0
    while at < end:
        code, after = decode(data, at)
        what = kind[min(code, LAST)]
        if what in (LETTER, CAPITAL):
            value = hash_letter(value, code, fold)
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
def read_figure(data, at, end, fold, kind):
    """Read one number from byte `at`: its hash, the byte after it, code points read. "5,000" reads as 5000."""
    value, span = SEED, 0
    while at < end:
        code, after = decode(data, at)
        if kind[min(code, LAST)] != DIGIT:
            if code not in (44, 46) or kind_at(data, after, end, kind) != DIGIT:
                break
            if code == 46:
                value = (value ^ np.uint64(code)) * PRIME
        else:
            value = (value ^ np.uint64(fold[min(code, LAST)])) * PRIME
        span += 1
        at = after
    return finish(value, value), at, span


@borrowing
def look_up(value, hashes):
    """Return the slot of a word in the table of special words (a power of two), or -1."""
    slot = np.int64(value >> SLOT_SHIFT) & (len(hashes) - 1)
    while hashes[slot]:
        if hashes[slot] == value:
            return slot
        slot = (slot + 1) & (len(hashes) - 1)
    return -1


@borrowing
def read_character(data, at, end, tables):
    """Read one character of a script without spaces: its hash with that of the next, byte after it, code points."""
    fold, kind = tables.fold, tables.kind
    code, after = decode(data, at)
    stem, span = (SEED ^ np.uint64(fold[min(code, LAST)])) * PRIME, 1
    value = stem  # of the character alone
    slot = look_up(finish(stem, stem), tables.special_hash)
    flags = np.uint64(SINGLE | (tables.special_means[slot] & FUNCTION if slot >= 0 else 0))
    while kind_at(data, after, end, kind) == MARK:
        span, after = span + 1, decode(data, after)[1]
    if kind_at(data, after, end, kind) == CHARACTER:
        value = (value ^ np.uint64(fold[min(decode(data, after)[0], LAST)])) * PRIME
    return finish(value, stem) | flags, after, span


@borrowing
def read_word(data, at, end, tables):
    """Read the word or figure at byte `at`.

    Returns its hash with flags, the byte after it, code points read and to be skipped after it, if a point after it
    ends no sentence, and if it is dropped (honorifics).
    """
    fold, kind = tables.fold, tables.kind
    code, after = decode(data, at)
    what = kind[min(code, LAST)]
    if what == DIGIT:
        value, at, span = read_figure(data, at, end, fold, kind)
        return value | np.uint64(NUMBER), at, span, 0, False, False
    if what == CHARACTER:
        return *read_character(data, at, end, tables), 0, False, False
    if what == PERCENT:
        return PERCENT_HASH, after, 1, 0, False, False
    value, at, span, skip, abbreviated = read_letters(data, at, end, fold, kind)
    name = np.uint64(NAME if what == CAPITAL else 0)
    slot = look_up(value, tables.special_hash)
    if slot < 0:
        return value | name, at, span, skip, abbreviated, False
    means = tables.special_means[slot]
    value = tables.special_word[slot] | np.uint64(means & WORD_FLAGS) | name
    return value, at, span, skip, abbreviated or means & ABBREVIATION != 0, means & HONORIFIC != 0


@borrowing
def quotation_mark(what, code, before, following, quoted):
    """Return what a possible quotation mark does (OPENS, CLOSES or 0), and the quotation that is open after it.

    0: none, 1: in double marks, 2: in single ones. Straight marks are told apart by the characters on either side.
    """
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
    """Return True if a word begins with a character of this kind."""
    return what in (LETTER, CAPITAL, DIGIT, CHARACTER, PERCENT)


@borrowing
def ends_sentence(what, following, abbreviated):
    """Return True if a mark ends a sentence, as far as it can tell: the next word's case decides."""
    return what == MARKED_STOP or (what == STOP and not abbreviated and following not in (LETTER, CAPITAL, DIGIT))


@borrowing
def read_paragraph(data, at, end, tables, tokens, n):
    """Put the words of one paragraph into the arrays from place n on; return the place after the last one."""
    kind, words, starts, ends, gaps = tables.kind, tokens.words, tokens.starts, tokens.ends, tokens.gaps
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
        value, at, span, skip, abbreviated, dropped = read_word(data, at, end, tables)
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


@borrowing
def paragraph_end(data, begin, end):
    """Return the byte of the next blank line, or of the end of the text."""
    while begin < end and not (data[begin] == BREAK and begin + 1 < end and data[begin + 1] == BREAK):
        begin += 1
    return begin


@kernel
def tokenize(data, offsets, tables):
    """Split every text (UTF-8, between `offsets`) into words: hashes with flags, spans in the paragraph, gaps.

    `tables` are the fields of `TokenizerTables`. Returns words, starts, ends (in code points), gaps, and for each
    paragraph its document and its first word.
    """
    size = offsets[-1] - offsets[0]
    words, starts = np.empty(size, np.int64), np.empty(size, np.int32)
    ends, gaps = np.empty(size, np.int32), np.empty(size, np.uint8)
    tokens, alphabet_tables = Tokens(words, starts, ends, gaps), alphabet.TokenizerTables(*tables)
    paragraph_document = np.empty(size // 2 + len(offsets), np.int32)
    paragraph_first = np.empty(size // 2 + len(offsets), np.int64)
    n, paragraphs = ZERO, ZERO
    for document in range(len(offsets) - 1):
        begin, end = offsets[document], offsets[document + 1]
        while begin <= end:
            stop = paragraph_end(data, begin, end)
            paragraph_document[paragraphs], paragraph_first[paragraphs] = document, n
            paragraphs += 1
            n = read_paragraph(data, begin, stop, alphabet_tables, tokens, n)
            begin = stop + 2 if stop < end else end + 1
    return (
        words[:n].copy(), starts[:n].copy(), ends[:n].copy(), gaps[:n].copy(),
        paragraph_document[:paragraphs].copy(), paragraph_first[:paragraphs].copy(),
    )  # fmt: skip


@borrowing
def kind_is_caseless(code):
    """Return True for letters of scripts without case: from Hebrew on, except Georgian and extended Latin and Greek."""
    return 0x0590 <= code < 0x10A0 or code >= 0x2D00


@borrowing
def pause_near_middle(gaps, begin, end):
    """Return the word after the pause nearest the middle of a sentence, if its middle half has one, else the middle."""
    middle = (begin + end) // 2
    for d in range((end - begin) // 4):
        if gaps[middle - d] & (PAUSES | ENDS):
            return middle - d
        if gaps[middle + d] & (PAUSES | ENDS):
            return middle + d
    return middle


@borrowing
def cut_sentences(gaps, begin, end, smallest, longest, starts, n):
    """Put sentence starts of the words from begin to end into `starts` from place n on; return the place after."""
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
def cut_quotations(gaps, begin, end, shortest, paragraph, quotations, n):
    """Put the quotations of at least `shortest` words from begin to end into the arrays from place n on."""
    opened = np.int64(-1)
    for i in range(begin, end + 1):
        if opened >= 0 and (i == end or gaps[i] & (CLOSES | OPENS)):
            if i - opened >= shortest:
                quotations.start[n], quotations.end[n], quotations.paragraph[n] = opened, i, paragraph
                n += 1
            opened = -1
        if i < end and gaps[i] & OPENS:
            opened = i
    return n


@kernel
def cut(words, gaps, first, smallest, longest, shortest_quote):
    """Split every paragraph (words `first[p]` to `first[p + 1]`) into sentences, and find the quotations in it.

    A sentence of fewer than `smallest` words is joined with the one after it (the last with the one before); one of
    more than `longest` is cut at the pause nearest its middle. Returns sentence starts and for each paragraph the
    first of them, and quotations as start, end, paragraph.
    """
    paragraphs = len(first) - 1
    starts, of_paragraph = np.empty(len(words) + paragraphs, np.int64), np.empty(paragraphs + 1, np.int64)
    quotations = Quotations(
        np.empty(len(words), np.int64), np.empty(len(words), np.int64), np.empty(len(words), np.int32)
    )
    n, quotes = ZERO, ZERO
    for p in range(paragraphs):
        of_paragraph[p] = n
        begin, end = first[p], first[p + 1]
        if begin < end:
            n = cut_sentences(gaps, begin, end, smallest, longest, starts, n)
            quotes = cut_quotations(gaps, begin, end, shortest_quote, p, quotations, quotes)
    of_paragraph[paragraphs] = n
    return (
        starts[:n].copy(), of_paragraph, quotations.start[:quotes].copy(), quotations.end[:quotes].copy(),
        quotations.paragraph[:quotes].copy(),
    )  # fmt: skip
