"""Whole sentences compared for their facts, compiled by numba: before a copy is dropped, every word is accounted for.

A later sentence says nothing new if each of its words of content stands in the canonical sentences that it is a copy
of, once for once, and none have changed places as in "the dog bit the man". That needs no list of antonyms, weekdays
or names, and holds in every language: whatever word replaces another is a possible fact. Lists only say which words
are *no* content (`fact_words`).
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"
# ruff: noqa: SIM110

from __future__ import annotations

import numpy as np

from stages.near_duplicates import alphabet, fact_words
from stages.near_duplicates.match_columns import FACTS_DIFFER, NEGATIONS_DIFFER, NUMBERS_DIFFER

from .bounds import larger
from .compilation import borrowing, called
from .word_table import STEM

WORD_FLAGS, FIGURE, SINGLE = alphabet.FLAGS, alphabet.NUMBER, alphabet.SINGLE
STEM_SHIFT, TAG, SLOTS = alphabet.STEM_SHIFT, fact_words.CHARACTER_TAG, fact_words.SLOTS
OTHER_TEXT = fact_words.OTHER_TEXT
LIGHT, SAYING, REPLACING, NEGATION = fact_words.LIGHT, fact_words.SAYING, fact_words.REPLACING, fact_words.NEGATION
#: Further kinds of words.
CONTENT, NUMBER = 4, 5
#: Rows of `WholeSentences`.
CANONICAL, LATER = 0, 1
#: Canonical words that are aligned with the later sentence: from so many on, that sentence is part of its source.
FEWEST_ALIGNED = 4
#: A negation that only the canonical text has counts where no more words than these are lacking around it: a clause
#: that was left out may hold one.
LEFT_OUT = 4
#: Words of a run that takes the place of another, word for word.
SMALL = 3
#: Words that change places do so within so many words (or two characters each); whole clauses in another order are
#: farther apart.
EXCHANGED = 16


@borrowing
def is_character(word):
    """Return True for a character of a script without spaces."""
    return word & SINGLE != 0


@borrowing
def slot_of(key, keys):
    """Return the slot of a word in the table of listed words, or -1."""
    slot = (key >> 6 ^ key >> STEM_SHIFT) & (SLOTS - 1)
    while keys[slot] != 0:
        if keys[slot] == key:
            return slot
        slot = (slot + 1) & (SLOTS - 1)
    return -1


@borrowing
def key_of(word):
    """Return the word as it is compared: without flags; of a script without spaces, one character alone."""
    return (word & STEM) | TAG if is_character(word) else word & ~np.int64(WORD_FLAGS)


@called
def language_of(words, listed, votes):
    """Return the language, as a bit, in which most of the words are listed (all of them if several are)."""
    votes[:] = 0
    for i in range(len(words)):
        slot = slot_of(key_of(words[i]), listed.keys)
        if slot >= 0:
            spoken = listed.languages[slot, LIGHT] | listed.languages[slot, SAYING] | listed.languages[slot, NEGATION]
            language = 0
            while spoken != 0:
                votes[language] += spoken & 1
                spoken, language = spoken >> 1, language + 1
    most, chosen = 1, 0
    for language in range(len(votes)):
        if votes[language] > most:
            most, chosen = votes[language], 0
        if votes[language] == most:
            chosen |= 1 << language
    return chosen


@borrowing
def kind_of(word, slot, spoken, listed):
    """Return the kind of a word in the language that is spoken."""
    if word & FIGURE:
        return NUMBER
    if is_character(word):
        pair = slot_of(word & ~np.int64(WORD_FLAGS), listed.keys)
        if pair >= 0 and listed.languages[pair, NEGATION] & spoken:
            return NEGATION
    if slot < 0:
        return CONTENT
    for kind in (NEGATION, SAYING, REPLACING, LIGHT):
        if listed.languages[slot, kind] & spoken:
            return kind
    return CONTENT


@called
def note(word, side, at, spoken, listed, room):
    """Note a word's kind, and the key by which it is compared."""
    key = key_of(word)
    slot = slot_of(key, listed.keys)
    room.kinds[side, at] = kind_of(word, slot, spoken, listed)
    aliased = slot >= 0 and listed.alias_languages[slot] & spoken
    room.keys[side, at] = listed.alias[slot] if aliased else key
    room.mates[side, at], room.moved[side, at] = -1, 0


@called
def note_sources(pair, u, begin, end, spoken, tools):
    """Note the words of sentence u, and of all that are aligned with the later one; return how many they are."""
    a, starts, partner, room = pair.a, pair.sentences_a, tools.buffers.partner, tools.sentences
    counts, sentence, n = room.counts, 0, 0
    counts[: len(starts)] = 0
    for i in range(len(a)):
        sentence += sentence + 1 < len(starts) and starts[sentence + 1] <= i
        counts[sentence] += begin <= partner[i] < end
    sentence = 0
    for i in range(len(a)):
        sentence += sentence + 1 < len(starts) and starts[sentence + 1] <= i
        if sentence == u or counts[sentence] >= FEWEST_ALIGNED:
            note(a[i], CANONICAL, n, spoken, tools.listed, room)
            room.sentences[n] = sentence
            n += 1
    return n


@called
def pair_in_order(n, m, room, cells):
    """Pair equal words of n later and m canonical ones in the same order: as many of content as there can be.

    Those that both end with are pairs in any case: that spares copied sentences the table of cells.
    """
    keys, kinds = room.keys, room.kinds
    while n > 0 and m > 0 and keys[LATER, n - 1] == keys[CANONICAL, m - 1]:
        n, m = n - 1, m - 1
        room.mates[LATER, n], room.mates[CANONICAL, m] = m, n
    for j in range(n):
        for i in range(m):
            best = larger(
                cells[(j - 1) * m + i] if j > 0 else np.int32(0), cells[j * m + i - 1] if i > 0 else np.int32(0)
            )
            if keys[LATER, j] == keys[CANONICAL, i]:
                before = cells[(j - 1) * m + i - 1] if i > 0 and j > 0 else np.int32(0)
                best = larger(best, np.int32(before + worth(kinds[LATER, j])))
            cells[j * m + i] = best
    mate(n, m, room, cells)


@called
def mate(n, m, room, cells):
    """Note the pairs, from the last cell back."""
    keys, kinds, j, i = room.keys, room.kinds, n - 1, m - 1
    while i >= 0 and j >= 0:
        before = cells[(j - 1) * m + i - 1] if i > 0 and j > 0 else np.int32(0)
        if keys[LATER, j] == keys[CANONICAL, i] and cells[j * m + i] == before + worth(kinds[LATER, j]):
            room.mates[LATER, j], room.mates[CANONICAL, i] = i, j
            i, j = i - 1, j - 1
        elif j > 0 and cells[(j - 1) * m + i] == cells[j * m + i]:
            j -= 1
        else:
            i -= 1


@borrowing
def worth(kind):
    """Weigh a pair of equal words: content leads, function words follow."""
    return np.int32(4 if kind >= NEGATION else 1)


@called
def pair_moved(n, m, room):
    """Pair the words that are left with equal ones in another place; return how many are."""
    found = 0
    for j in range(n):
        for i in range(m):
            if room.mates[LATER, j] >= 0:
                break
            if room.mates[CANONICAL, i] < 0 and room.keys[LATER, j] == room.keys[CANONICAL, i]:
                room.mates[LATER, j], room.mates[CANONICAL, i] = i, j
                room.moved[LATER, j], room.moved[CANONICAL, i] = 1, 1
                found += 1
    return found


@called
def facing(begin, end, n, m, room):
    """Return the canonical words, from one to another, that stand where the later words from begin to end stand.

    At the border of the later sentence they end where the canonical sentence does.
    """
    low, high = 0, m
    if begin > 0:
        low = room.mates[LATER, begin - 1] + 1
    elif end < n:
        low = room.mates[LATER, end]
        while low > 0 and room.sentences[low - 1] == room.sentences[low]:
            low -= 1
    if end < n:
        high = room.mates[LATER, end]
    elif begin > 0:
        high = low
        while high < m and room.sentences[high] == room.sentences[low - 1]:
            high += 1
    return low, high


@called
def lost(low, high, kind, room):
    """Count the canonical words, at least of this kind, that the later sentence lacks."""
    count = 0
    for i in range(low, high):
        count += room.mates[CANONICAL, i] < 0 and room.kinds[CANONICAL, i] >= kind
    return count


@called
def run_differs(begin, end, n, m, room, a):
    """Judge a run of later words that have no mates in the same order: return flags of what they say anew.

    Who speaks may be told in another sentence of the canonical paragraph.
    """
    low, high = facing(begin, end, n, m, room)
    content, small = lost(low, high, CONTENT, room), is_small(begin, end, low, high)
    figures, others = small and lost(low, high, NUMBER, room) > 0, small and lost(low, high, REPLACING, room) > 0
    speaks, inner = content == 0 and says(begin, end, room), within(begin, end, n, small)
    alone, flags = inner and end - begin == high - low == content == 1, 0
    for j in range(begin, end):
        kind = room.kinds[LATER, j]
        if room.moved[LATER, j]:
            flags |= FACTS_DIFFER * (inner and kind >= CONTENT and content > 0)
        elif kind == NUMBER or (figures and kind != NEGATION):
            flags |= FACTS_DIFFER | NUMBERS_DIFFER
        elif not speaks or kind != CONTENT or not stands_in(room.keys[LATER, j], a):
            flags |= FACTS_DIFFER * is_new(kind, others, alone)
    return flags


@borrowing
def is_small(begin, end, low, high):
    """Return True if a run and what it stands for are so short that one replaces the other, word for word."""
    return end - begin <= SMALL and high - low <= SMALL


@borrowing
def within(begin, end, n, small):
    """Return True if a small run lies inside the sentence."""
    return small and begin > 0 and end < n


@borrowing
def is_new(kind, replaces, alone):
    """Return True if a word of this kind is new; `alone`: it is one function word in the place of one of content."""
    return kind == CONTENT or (kind == REPLACING and replaces) or (kind == LIGHT and alone)


@borrowing
def says(begin, end, room):
    """Return True if a run of later words names who said something."""
    for j in range(begin, end):
        if room.kinds[LATER, j] == SAYING:
            return True
    return False


@borrowing
def stands_in(key, words):
    """Return True if a word stands anywhere in a paragraph."""
    for i in range(len(words)):
        if key_of(words[i]) == key:
            return True
    return False


@called
def runs_differ(first, after, n, m, room, a):
    """Judge all runs of the later sentence; words before `first` and from `after` on are not judged if many."""
    flags, j = 0, 0
    while j < n:
        end = j
        while end < n and (room.mates[LATER, end] < 0 or room.moved[LATER, end]):
            end += 1
        if end > j and not other_text(j, first, after, n):
            flags |= run_differs(j, end, n, m, room, a)
        j = end + 1
    return flags


@borrowing
def other_text(j, first, after, n):
    """Return True if a word lies before or after what is aligned, in so many words that they are other text."""
    return (j < first and first >= OTHER_TEXT) or (j >= after and n - after >= OTHER_TEXT)


@called
def negations_apart(first, after, n, m, room):
    """Return True if one side has a negation more than the other."""
    surplus, run = 0, 0
    for j in range(n):
        if room.kinds[LATER, j] == NEGATION and room.mates[LATER, j] < 0 and not other_text(j, first, after, n):
            surplus += 1
    i = 0
    while i < m:
        run, inside = 0, 0
        while i + run < m and room.mates[CANONICAL, i + run] < 0 and room.sentences[i + run] == room.sentences[i]:
            inside += room.kinds[CANONICAL, i + run] == NEGATION
            run += 1
        surplus -= inside if run <= LEFT_OUT else 0
        i += run + 1 if run == 0 else run
    return surplus != 0


@borrowing
def unique(side, at, count, room):
    """Return True if a word occurs once on its side."""
    for i in range(count):
        if i != at and room.keys[side, i] == room.keys[side, at]:
            return False
    return True


@called
def reversed_around(j, n, room):
    """Return True if two words of content have changed places around the later word j: "dog bit man", "man bit dog"."""
    middle = room.mates[LATER, j]
    reach = 2 * EXCHANGED if room.keys[LATER, j] & TAG else EXCHANGED
    for k in range(j + 1, min(n, j + reach)):
        p = room.mates[LATER, k]
        if room.kinds[LATER, k] == SAYING:
            return False
        if not 0 <= p < middle or room.kinds[LATER, k] < CONTENT:
            continue
        for back in range(j - 1, max(-1, k - reach - 1), -1):
            r = room.mates[LATER, back]
            if room.kinds[LATER, back] == SAYING:
                break
            if middle < r <= p + reach and room.kinds[LATER, back] >= CONTENT:
                return True
    return False


@called
def exchanged(n, m, room):
    """Return True if words have changed places in the later sentence."""
    for j in range(n):
        i = room.mates[LATER, j]
        if i < 0 or room.kinds[LATER, j] == SAYING:
            continue
        if unique(LATER, j, n, room) and unique(CANONICAL, i, m, room) and reversed_around(j, n, room):
            return True
    return False


@called
def aligned_span(partner, begin, end):
    """Return the first word of a later sentence that is aligned, and the one after the last, counted in it."""
    first, after = end, begin
    for i in range(len(partner)):
        if begin <= partner[i] < end:
            first, after = min(first, partner[i]), max(after, partner[i] + 1)
    return first - begin, after - begin


@called
def facts_apart(pair, u, v, spoken, tools):
    """Compare the later sentence v with the canonical ones that it is a copy of: return flags of what differs.

    `spoken` is the language of the later paragraph.
    """
    b, starts, room = pair.b, pair.sentences_b, tools.sentences
    begin, end = starts[v], starts[v + 1] if v + 1 < len(starts) else len(b)
    n, m = end - begin, note_sources(pair, u, begin, end, spoken, tools)
    for j in range(n):
        note(b[begin + j], LATER, j, spoken, tools.listed, room)
    pair_in_order(n, m, room, tools.buffers.cells[0])
    moved = pair_moved(n, m, room)
    first, after = aligned_span(tools.buffers.partner[: len(pair.a)], begin, end)
    flags = runs_differ(first, after, n, m, room, pair.a)
    if negations_apart(first, after, n, m, room):
        flags |= FACTS_DIFFER | NEGATIONS_DIFFER
    if moved > 0 and exchanged(n, m, room):
        flags |= FACTS_DIFFER
    return flags
