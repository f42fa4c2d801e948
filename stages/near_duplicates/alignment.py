"""The loops that verify candidate pairs, word by word, and choose leaders: compiled like `kernels`, and apart from it.

Scores are whole hundredths: integer loops are fast, and their sums do not depend on the order of adding.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"
# ruff: noqa: PLR0913, PLR0917, SIM110

from __future__ import annotations

import numpy as np

from . import alphabet
from .kernels import ANYWHERE, FALSE, MIX, THIRTY_THREE, ZERO, borrowing, inner, kernel

NUMBER, NAME, SINGLE, FUNCTION, NEGATION = (
    alphabet.NUMBER, alphabet.NAME, alphabet.SINGLE, alphabet.FUNCTION, alphabet.NEGATION,
)  # fmt: skip
WORD_FLAGS, QUOTED = alphabet.FLAGS, alphabet.QUOTED
PLAIN = NUMBER | NEGATION | FUNCTION | SINGLE  # words without any of these flags have a stem
STEM = np.int64(-(1 << alphabet.STEM_SHIFT))  # masks the stem in a word
STEM_TAG = np.int64(QUOTED)  # tells stems from words in one table: words are noted without flags of place
BEYOND = np.int32(2**31 - 1)  # a word behind all words
NOWHERE, USED = np.int32(-1), np.int32(-2)  # words of b that a lacks; words of a already in a passage
WORD_BITS, NEXT_BITS, STEM_BITS, SKETCH = 8, 16, 48, 8191  # bits of a word, and of its stem, that a sketch looks at
MOSTLY = 0.75  # of a sentence: enough for a passage shorter than the fewest words
MOST_PASSAGES = 4  # of two paragraphs
# What is known of the words of two paragraphs, a row each: names of a's words and of their stems, in all and as far as
# they are free; the same of b's; the next of the words of b that may be aligned with the same word of a, and the first
# for each; what the words after each can add to an alignment that has come so far.
ALL_A, ALL_STEMS, SAME_A, STEM_A, SAME_B, STEM_B, FOLLOWING, FIRST, AFTER_A, AFTER_B = range(10)


@borrowing
def slot_of(key, keys, stamps, stamp, mask):
    """The slot of a key in a table of marks (`stamp` tells one paragraph's from others'), or the free one for it."""
    value = np.uint64(key) * MIX
    slot = np.int64(value >> THIRTY_THREE) & mask
    while stamps[slot] == stamp and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@borrowing
def note(key, keys, stamps, stamp, mask):
    """Puts a key into the table; returns its slot."""
    slot = slot_of(key, keys, stamps, stamp, mask)
    keys[slot], stamps[slot] = key, stamp
    return np.int32(slot)


@borrowing
def find(key, keys, stamps, stamp, mask):
    """The slot of a key, NOWHERE if the table does not have it."""
    slot = slot_of(key, keys, stamps, stamp, mask)
    return np.int32(slot) if stamps[slot] == stamp else NOWHERE


@borrowing
def note_words(a, table, stamp, mask, same, stem):
    """Puts the words of a paragraph and their stems into the table; their slots are their names."""
    keys, stamps, stem_of, _ = table
    for i in range(len(a)):
        same[i] = note(a[i] & ANYWHERE, keys, stamps, stamp, mask)
        stem[i] = note((a[i] & STEM) | STEM_TAG, keys, stamps, stamp, mask) if a[i] & PLAIN == 0 else USED
        stem_of[same[i]] = stem[i] if stem[i] >= 0 else NOWHERE


@borrowing
def meet(b, marks, table, stamp, mask, pair, by_flag, names, hits, gaps):
    """Looks for the words of b and their stems among those of a: their names, and `hits` (2 for a word that a has,
    1 for a stem). Links those that one word of a may be aligned with: all of its stem, or all like it.

    Returns the most that a local alignment can score, and says what the words of b after each can add to one: a word
    that a lacks is swapped or left out, and between two that are no neighbours in a, something is (see `by_flags`).
    """
    keys, stamps, stem_of, heads = table
    _, gap, gain, charge = by_flag
    best, met, passed, later = np.int32(0), np.int32(0), np.int32(0), 0
    for j in range(len(b) - 1, -1, -1):
        flags = b[j] & np.int64(WORD_FLAGS)
        name, stem, hit = NOWHERE, NOWHERE, 0
        if marks[0, b[j] >> WORD_BITS & SKETCH] == stamp:
            name = find(b[j] & ANYWHERE, keys, stamps, stamp, mask)
        if name >= 0:
            stem, hit = stem_of[name], 2
        elif b[j] & PLAIN == 0 and marks[1, b[j] >> STEM_BITS & SKETCH] == stamp:
            stem = find((b[j] & STEM) | STEM_TAG, keys, stamps, stamp, mask)
            hit = 1 if stem >= 0 else 0
        if hit > 0:
            link = stem if stem >= 0 else name
            names[FOLLOWING, j] = first_of(link, heads, pair)
            heads[link] = pair << 32 | j
        names[SAME_B, j], names[STEM_B, j], hits[j], gaps[j] = name, stem, hit, gap[flags]
        names[AFTER_B, j] = larger(met, passed)
        torn = hit & later == 2 and marks[2, neighbours(b[j], b[j + 1])] != stamp
        on = larger(np.int32(met - charge) if torn else met, passed)
        passed = larger(np.int32(larger(met, passed) + gain[0, flags]), np.int32(0))
        met = np.int32(on + gain[hit, flags]) if hit > 0 else np.int32(0)
        best, later = larger(best, met), hit
    return best


@borrowing
def first_of(name, heads, pair):
    """The first of the words that are linked by a name; one behind all words if there is none."""
    if name < 0 or heads[name] >> 32 != pair:
        return BEYOND
    return np.int32(heads[name] & 0xFFFFFFFF)


@borrowing
def meet_back(a, names, heads, pair):
    """All words of a are free, and known by the first of b that each may be aligned with."""
    for i in range(len(a)):
        names[SAME_A, i], names[STEM_A, i] = names[ALL_A, i], names[ALL_STEMS, i]
        names[FIRST, i] = first_of(names[STEM_A, i] if names[STEM_A, i] >= 0 else names[SAME_A, i], heads, pair)


@borrowing
def left_of_b(b, names, hits, gain):
    """What `meet` says, of the words of b that are in no passage yet."""
    best, run = np.int32(0), np.int32(0)
    for j in range(len(b) - 1, -1, -1):
        names[AFTER_B, j] = run
        run = larger(np.int32(run + gain[hits[j], b[j] & np.int64(WORD_FLAGS)]), np.int32(0))
        best = larger(best, run)
    return best


@borrowing
def left_of_a(a, names, gain):
    """The same of the words of a. The first of b that each may be aligned with is made one that is free."""
    best, run = np.int32(0), np.int32(0)
    for i in range(len(a) - 1, -1, -1):
        first, hit = names[FIRST, i], 0
        while first != BEYOND and names[SAME_B, first] < 0 and names[STEM_B, first] < 0:
            first = names[FOLLOWING, first]
        if first != BEYOND:
            alike = names[SAME_B, first] == names[SAME_A, i]
            hit = 2 if alike or names[FOLLOWING, first] != BEYOND else 1
        names[FIRST, i], names[AFTER_A, i] = first, run
        run = larger(np.int32(run + gain[hit, a[i] & np.int64(WORD_FLAGS)]), np.int32(0))
        best = larger(best, run)
    return best


@borrowing
def sketch(a, marks, stamp):
    """Marks a paragraph's words, stems and pairs of neighbours in three small tables without collisions resolved: what
    is not marked is not in it, what is marked may be."""
    for i in range(len(a)):
        marks[0, a[i] >> WORD_BITS & SKETCH] = stamp
        if a[i] & PLAIN == 0:
            marks[1, a[i] >> STEM_BITS & SKETCH] = stamp
        if i > 0:
            marks[2, neighbours(a[i - 1], a[i])] = stamp


@borrowing
def neighbours(one, other):
    """Where a sketch marks two neighbouring words."""
    return (one >> WORD_BITS ^ other >> NEXT_BITS) & SKETCH


@borrowing
def shared_neighbours(b, marks, stamp):
    """How many pairs of neighbouring words b shares with the sketched paragraph: these or less."""
    shared = 0
    for j in range(1, len(b)):
        here = marks[0, b[j] >> WORD_BITS & SKETCH] == stamp
        shared += here & (marks[2, neighbours(b[j - 1], b[j])] == stamp)
    return shared


@borrowing
def rough_promise(b, marks, stamp, gain):
    """The most that a local alignment of b with the sketched paragraph can score (see `left_of_b`): this or less."""
    best, run = np.int32(0), np.int32(0)
    for j in range(len(b)):
        word = marks[0, b[j] >> WORD_BITS & SKETCH] == stamp
        stem = (marks[1, b[j] >> STEM_BITS & SKETCH] == stamp) & (b[j] & PLAIN == 0)
        hit = 2 if word else (1 if stem else 0)
        run = larger(np.int32(run + gain[hit, b[j] & np.int64(WORD_FLAGS)]), np.int32(0))
        best = larger(best, run)
    return best


@borrowing
def larger(one, other):
    """The larger of two: a choice that the compiler can make for many cells at once, as it cannot for `max`."""
    return one if one > other else other


@borrowing
def smaller(one, other):
    """The smaller of two."""
    return one if one < other else other


@borrowing
def side_by_side(a, b, names, match, swap):
    """What the best alignment without gaps scores that begins where a word of a meets its first of b: the best one
    of all scores no less."""
    best, behind = np.int32(0), 0
    for i in range(len(a)):
        if i < behind or names[FIRST, i] == BEYOND:
            continue
        at, run, most = i, np.int32(0), np.int32(0)
        for j in range(names[FIRST, i], len(b)):
            run += match[a[at] & np.int64(WORD_FLAGS)] if names[SAME_A, at] == names[SAME_B, j] else -swap
            at += 1
            if run > most:
                most, behind = run, at
            if run <= 0 or at == len(a):
                break
        best = larger(best, most)
    return best


@borrowing
def align(a, b, names, gaps, match, swap, least, cells, rows):
    """The best local alignment of two word sequences, if it scores `least`: its score, and the place of its last cell
    (-1 if it does not).

    `match` is the score of an equal word by its flags; words with the same stem score half of it. Only cells from which
    the best score can be reached are kept, in `cells`: the word of b and the score. Each row, a word of a, begins where
    `rows` says. One cell in thirty is kept, and hardly more are looked at.
    """
    last, n, begin = np.int64(-1), ZERO, ZERO
    for i in range(len(a)):
        rows[i], end = n, n
        hit, above = names[FIRST, i], begin
        j = smaller(hit, cells[0, above] if above < end else BEYOND)
        weight, run = match[a[i] & np.int64(WORD_FLAGS)], np.int32(0)
        while j < len(b):
            diagonal, over, step = np.int32(0), np.int32(0), np.int32(-swap)
            if above > begin and cells[0, above - 1] == j - 1:
                diagonal = cells[1, above - 1]
            if above < end and cells[0, above] == j:
                over = cells[1, above]
                above += 1
            if j == hit:
                hit, near = names[FOLLOWING, j], names[STEM_B, j] == names[STEM_A, i]
                alike = names[SAME_B, j] == names[SAME_A, i]
                step = weight if alike else (np.int32(weight >> 1) if near else step)
            score = larger(np.int32(diagonal + step), np.int32(run - gaps[1, j]))
            score, run = larger(score, np.int32(over - gaps[0, i])), np.int32(0)
            if score > 0 and score + smaller(names[AFTER_A, i], names[AFTER_B, j]) >= least:
                cells[0, n], cells[1, n], run = j, score, score
                if score >= least:
                    least, last = score + 1, n
                n += 1
            following = smaller(hit, cells[0, above] if above < end else BEYOND)
            j = np.int32(j + 1) if (run > 0) | (over > 0) else following
        begin = end
    rows[len(a)] = n
    return least - 1, last


@borrowing
def row_of(cell, rows):
    """The word of a to which a cell belongs."""
    i = ZERO
    while rows[i + 1] <= cell:
        i += 1
    return i


@borrowing
def use(i, names):
    """A word of a is in a passage now."""
    names[SAME_A, i], names[STEM_A, i], names[FIRST, i] = USED, USED, BEYOND


@borrowing
def trace_back(a, names, hits, gaps, match, swap, cells, rows, cell, passage, partner, of_a, of_b):
    """Walks back one alignment from its last cell and marks its words as used; returns where it begins and ends.

    `partner[i]` becomes the word of b that word i of a is aligned with; `of_a`, `of_b` the number of the passage.
    """
    i, j = row_of(cell, rows), np.int64(cells[0, cell])
    end_i, end_j, score = i + 1, j + 1, cells[1, cell]
    while score > 0:
        alike, near = names[SAME_A, i] == names[SAME_B, j], names[STEM_A, i] == names[STEM_B, j]
        weight = match[a[i] & np.int64(WORD_FLAGS)]
        first = rows[i - 1] if i > 0 else ZERO
        above = rows[i] - 1  # the last cell of the row before that is not behind this one
        while above >= first and cells[0, above] > j:
            above -= 1
        over = cells[1, above] if above >= first and cells[0, above] == j else np.int32(0)
        before = above - 1 if over > 0 else above
        diagonal = cells[1, before] if before >= first and cells[0, before] == j - 1 else np.int32(0)
        if score == diagonal + (weight if alike else (weight >> 1 if near else -swap)):
            if alike or near:
                partner[i], of_a[i], of_b[j] = j, passage, passage
                names[SAME_B, j], names[STEM_B, j], hits[j] = NOWHERE, NOWHERE, 0
            use(i, names)
            i, j, cell, score = i - 1, j - 1, before, diagonal
        elif score == over - gaps[0, i]:
            use(i, names)
            i, cell, score = i - 1, above, over
        else:
            j, cell, score = j - 1, cell - 1, cells[1, cell - 1]
    return i + 1, end_i, j + 1, end_j


@borrowing
def numbers_apart(a, b, start_a, end_a, start_b, end_b):
    """Whether one span holds a figure that the other does not."""
    for i in range(start_a, end_a):
        if a[i] & NUMBER:
            there = False
            for j in range(start_b, end_b):
                there = there or (a[i] ^ b[j]) & ANYWHERE == 0
            if not there:
                return True
    return False


@borrowing
def contradictions(a, b, partner, of_b, start_a, end_a, start_b, end_b):
    """How many more unmatched negations one span has than the other."""
    surplus = 0
    for i in range(start_a, end_a):
        surplus += partner[i] < 0 and a[i] & NEGATION != 0
    for j in range(start_b, end_b):
        surplus -= of_b[j] < 0 and b[j] & NEGATION != 0
    return abs(surplus)


@borrowing
def names_apart(a, b, partner, start, end):
    """Whether, between two aligned words, each side has a name where the other has another."""
    previous = -1
    for i in range(start, end):
        if partner[i] < 0:
            continue
        if previous >= 0:
            name_a, name_b = False, False
            for k in range(previous + 1, i):
                name_a = name_a or a[k] & NAME != 0
            for k in range(partner[previous] + 1, partner[i]):
                name_b = name_b or b[k] & NAME != 0
            if name_a and name_b:
                return True
        previous = i
    return False


@borrowing
def equal(a, b):
    """Whether two word sequences are the same but for capitals."""
    if len(a) != len(b):
        return False
    for i in range(len(a)):
        if (a[i] ^ b[i]) & ANYWHERE:
            return False
    return True


@borrowing
def coverage(words, sentences, passage_of, passages, least):
    """The greatest share of a sentence, or of a quotation, of at least `least` words that lies in some passages
    (a bit each)."""
    best, sentence = 0.0, 0
    length, inside, quote_length, quote_inside = 0, 0, 0, 0
    for i in range(len(words) + 1):
        if i == len(words) or (sentence + 1 < len(sentences) and sentences[sentence + 1] == i):
            if length >= least:
                best = max(best, inside / length)
            sentence, length, inside = sentence + 1, 0, 0
        if i == len(words) or not words[i] & QUOTED:
            if quote_length >= least:
                best = max(best, quote_inside / quote_length)
            quote_length, quote_inside = 0, 0
        if i < len(words):
            hit = passage_of[i] >= 0 and passages >> passage_of[i] & 1 == 1
            length, inside = length + 1, inside + hit
            if words[i] & QUOTED:
                quote_length, quote_inside = quote_length + 1, quote_inside + hit
    return best


@borrowing
def distance(start, end, other_start, other_end):
    """How many words lie between two spans (0 where they touch or overlap)."""
    return max(0, max(start, other_start) - min(end, other_end))


@borrowing
def align_all(a, b, names, gaps, hits, by_flag, costs, floors, cells, rows, partner, of_a, of_b, spans):
    """Up to four shared passages of two paragraphs, best first; returns how many. Fills `spans` with score and places.

    Each is aligned on the words that those before it left.
    """
    match, gain, found, floor = by_flag[0], by_flag[2], ZERO, floors[0]
    while left_of_a(a, names, gain) >= floor:
        least = larger(floor, side_by_side(a, b, names, match, costs[0]))
        score, last = align(a, b, names, gaps, match, costs[0], least, cells, rows)
        if last < 0:
            break
        if found == 0:
            partner[: len(a)], of_a[: len(a)], of_b[: len(b)] = -1, -1, -1
        span = spans[found]
        span[1], span[2], span[3], span[4] = trace_back(
            a, names, hits, gaps, match, costs[0], cells, rows, last, found, partner, of_a, of_b
        )
        span[0] = score - costs[3] * contradictions(a, b, partner, of_b, span[1], span[2], span[3], span[4])
        found, floor = found + 1, floors[1]
        if found == MOST_PASSAGES or left_of_b(b, names, hits, gain) < floor:
            break
    return found


@borrowing
def sentence_at(starts, word):
    """The sentence that holds a word."""
    at = 0
    while at + 1 < len(starts) and starts[at + 1] <= word:
        at += 1
    return at


@borrowing
def begins_at(words, sentences, at):
    """Whether a sentence or a quotation begins with a word."""
    opens = at > 0 and words[at] & QUOTED != 0 and words[at - 1] & QUOTED == 0
    return opens or sentences[sentence_at(sentences, at)] == at


@borrowing
def ends_at(words, sentences, at):
    """Whether a sentence or a quotation ends before a word."""
    if at == len(words) or (words[at] & QUOTED == 0 and words[at - 1] & QUOTED != 0):
        return True
    return sentences[sentence_at(sentences, at)] == at


@borrowing
def common_borders(a, b, sentences_a, sentences_b, span):
    """At how many of its two ends a passage begins or ends together with a sentence or quotation of both paragraphs."""
    begins = begins_at(a, sentences_a, span[1]) and begins_at(b, sentences_b, span[3])
    ends = ends_at(a, sentences_a, span[2]) and ends_at(b, sentences_b, span[4])
    return np.int64(begins) + np.int64(ends)


@borrowing
def quoted(words, at):
    """Whether a word stands in a quotation; there is none before the first word and behind the last."""
    return 0 <= at < len(words) and words[at] & QUOTED != 0


@borrowing
def common_marks(a, b, partner, of_a, passages):
    """How many quotations of some passages (a bit each) begin, or end, with the same word in both texts."""
    marks = 0
    for i in range(len(a)):
        if of_a[i] >= 0 and passages >> of_a[i] & 1 == 1 and quoted(a, i) and quoted(b, partner[i]):
            marks += not quoted(a, i - 1) and not quoted(b, partner[i] - 1)
            marks += not quoted(a, i + 1) and not quoted(b, partner[i] + 1)
    return marks


@borrowing
def strength_of(a, b, sentences_a, sentences_b, found, spans, partner, of_a, of_b, limits):
    """How strong a match is: its best passage and its borders, those near it, and how much of a sentence they are."""
    fewest, whole, share, nearby, border = limits[1], limits[2], limits[3], limits[4], limits[5]
    strength, near, words = float(spans[0, 0]), np.int64(1), 0
    strength += border * common_borders(a, b, sentences_a, sentences_b, spans[0])
    for k in range(1, found):
        apart = max(
            distance(spans[0, 1], spans[0, 2], spans[k, 1], spans[k, 2]),
            distance(spans[0, 3], spans[0, 4], spans[k, 3], spans[k, 4]),
        )
        if apart <= nearby:
            strength += share * spans[k, 0]
            near |= 1 << k
    strength += limits[6] * common_marks(a, b, partner, of_a, near)
    least = np.int64(fewest)
    covered = max(coverage(a, sentences_a, of_a, near, least), coverage(b, sentences_b, of_b, near, least))
    for i in range(len(a)):
        words += of_a[i] >= 0
    return 0.0 if words < fewest and covered < MOSTLY else strength + whole * covered


@borrowing
def other_figures(a, b, i, j):
    """Whether a word of each text, just outside a passage, is a figure there and another here."""
    if i < 0 or j < 0 or i >= len(a) or j >= len(b):
        return False
    return a[i] & NUMBER != 0 and b[j] & NUMBER != 0 and (a[i] ^ b[j]) & ANYWHERE != 0


@borrowing
def describe(row, a, b, partner, of_b):
    """Completes a match whose spans are known: what differs (1 numbers, 2 names, 4 negation)."""
    start_a, end_a, start_b, end_b = row[3], row[4], row[5], row[6]
    apart = numbers_apart(a, b, start_a, end_a, start_b, end_b) or numbers_apart(b, a, start_b, end_b, start_a, end_a)
    apart = apart or other_figures(a, b, start_a - 1, start_b - 1) or other_figures(a, b, end_a, end_b)
    flips = contradictions(a, b, partner, of_b, start_a, end_a, start_b, end_b) > 0
    row[7] = apart + 2 * names_apart(a, b, partner, start_a, end_a) + 4 * flips


@borrowing
def sentence_matches(matches, n, passage, partner, of_a, size, sentences_a, sentences_b, least):
    """Cuts one aligned passage at sentence borders: rows of `matches` from n on; returns the row after the last.

    Sentence pairs with fewer than `least` aligned words are dropped unless they are the passage's best.
    """
    end, best = n, n
    for i in range(size):
        if of_a[i] != passage or partner[i] < 0:
            continue
        u, v = sentence_at(sentences_a, i), sentence_at(sentences_b, partner[i])
        if end == n or matches[end - 1, 1] != u or matches[end - 1, 2] != v:
            matches[end, 1], matches[end, 2], matches[end, 3], matches[end, 5], matches[end, 8] = u, v, i, partner[i], 0
            end += 1
        matches[end - 1, 4], matches[end - 1, 6] = i + 1, partner[i] + 1
        matches[end - 1, 8] += 1
    for row in range(n, end):
        if matches[row, 8] > matches[best, 8]:
            best = row
    kept = n
    for row in range(n, end):
        if matches[row, 8] >= least or row == best:
            for column in range(matches.shape[1]):
                matches[kept, column] = matches[row, column]
            kept += 1
    return kept


@inner
def with_room(rows, n):
    """The first n rows in a larger array."""
    larger_rows = np.empty((2 * len(rows), rows.shape[1]), np.int64)
    for row in range(n):
        for column in range(rows.shape[1]):
            larger_rows[row, column] = rows[row, column]
    return larger_rows


@inner
def by_flags(most, costs):
    """For every combination of flags, what it costs to leave such a word out, and the most that an alignment gains by
    it: lacking it, having a word of its stem, having it. And what an alignment loses at least where it has two words
    that are neighbours in one text only: it leaves out what is between them, or aligns one with another of its stem."""
    gaps, gain = np.empty(WORD_FLAGS + 1, np.int32), np.empty((3, WORD_FLAGS + 1), np.int32)
    charge = min(costs[1], costs[2])
    for flags in range(WORD_FLAGS + 1):
        gaps[flags] = costs[2] if flags & FUNCTION else costs[1]
        gain[0, flags], gain[1, flags], gain[2, flags] = -min(costs[0], gaps[flags]), most[flags] >> 1, most[flags]
        if flags & PLAIN == 0:
            charge = min(charge, np.int32(most[flags] - (most[flags] >> 1)))
    return gaps, gain, charge


@borrowing
def look_up_all(words, by_flag, values):
    """What a table by flags says of each word."""
    for i in range(len(words)):
        values[i] = by_flag[words[i] & np.int64(WORD_FLAGS)]


@borrowing
def pair_up(a, match, partner, of_a, of_b):
    """The one passage of two equal paragraphs: every word with itself; returns its strength."""
    strength = 0
    for i in range(len(a)):
        partner[i], of_a[i], of_b[i] = i, 0, 0
        strength += match[a[i] & np.int64(WORD_FLAGS)]
    return float(strength)


@borrowing
def put_matches(
    matches, n, found, pair, a, b, sentences_a, sentences_b, before_a, before_b, partner, of_a, of_b, fewest
):
    """Adds the matches of two paragraphs that have `before` sentences before theirs; returns how many there are."""
    for passage in range(found):
        end = sentence_matches(matches, n, passage, partner, of_a, len(a), sentences_a, sentences_b, fewest)
        for row in range(n, end):
            describe(matches[row], a, b, partner, of_b)
            matches[row, 0] = pair
            matches[row, 1] += before_a
            matches[row, 2] += before_b
        n = end
    return n


@inner
def work_space(longest):
    """Arrays for paragraphs of at most `longest` words: cells of an alignment and where their rows begin; spans of
    passages; what is known of words by name; gaps of a and b; hits of b; passages of both; partners; where sentences of
    both begin."""
    return (
        np.empty((2, longest * longest), np.int32), np.empty(longest + 1, np.int64),
        np.empty((MOST_PASSAGES, 5), np.int64), np.empty((AFTER_B + 1, longest), np.int32),
        np.empty((2, longest), np.int32), np.empty(longest, np.int8), np.empty((2, longest), np.int8),
        np.empty(longest, np.int64), np.empty((2, longest), np.int64),
    )  # fmt: skip


@inner
def empty_table(longest):
    """A table for the words and stems of a paragraph: keys, marks of whose they are, the stem of each word, and the
    first of the words of b that are linked by each."""
    size = 16
    while size < 8 * longest:
        size *= 2
    heads = np.full(size, -1, np.int64)
    return np.empty(size, np.int64), np.full(size, -1, np.int64), np.empty(size, np.int32), heads


@borrowing
def mask_for(words):
    """How much of the table so many words take: sparse, or searching it takes long."""
    mask = 15
    while mask < 4 * words:
        mask = 2 * mask + 1
    return mask


@borrowing
def compare(a, b, sentences_a, sentences_b, noted, stamp, pair, marks, table, space, by_flag, costs, floors, limits):
    """The passages of two paragraphs that are not equal: how many, and how strong a match they make."""
    cells, rows, spans, names, gaps, hits, passage_of, partner, _ = space
    mask = mask_for(len(a))
    if not noted:
        note_words(a, table, stamp, mask, names[ALL_A], names[ALL_STEMS])
        look_up_all(a, by_flag[1], gaps[0])
    if meet(b, marks, table, stamp, mask, pair, by_flag, names, hits, gaps[1]) < floors[0]:
        return 0, 0.0
    meet_back(a, names, table[3], pair)
    found = align_all(
        a, b, names, gaps, hits, by_flag, costs, floors, cells, rows, partner, passage_of[0], passage_of[1], spans
    )
    if found == 0:
        return 0, 0.0
    return found, strength_of(
        a, b, sentences_a, sentences_b, found, spans, partner, passage_of[0], passage_of[1], limits
    )


@borrowing
def may_match(b, marks, stamp, gain, least, fewest):
    """Whether an alignment with the sketched paragraph can score so much and share so many pairs of neighbours: a no is
    certain."""
    return shared_neighbours(b, marks, stamp) >= fewest and rough_promise(b, marks, stamp, gain) >= least


@borrowing
def from_first(sentences, begin, end, first, room):
    """Puts where the sentences of a paragraph begin, counted from its first word, into `room`; returns how many."""
    for at in range(begin, end):
        room[at - begin] = sentences[at] - first
    return end - begin


@borrowing
def verify_some(
    pairs, pair, words, first, sentences, sentence_first, by_flag, costs, floors, limits, fewest, marks, table, space,
    matches, n, strengths,
):  # fmt: skip
    """Verifies pairs from one on while there is room for their matches; returns the pair after the last one, and how
    many matches there are. The arguments are those of `verify`, and what it made for all pairs."""
    gain, passage_of, partner, begins = by_flag[2], space[6], space[7], space[8]
    stamp, noted = np.int64(-1), FALSE
    while pair < len(pairs):
        pa, pb = pairs[pair] >> 32, pairs[pair] & 0xFFFFFFFF
        a, b = words[first[pa] : first[pa + 1]], words[first[pb] : first[pb + 1]]
        if n + len(a) + 8 > len(matches):
            break
        if pa != stamp:
            stamp, noted = pa, FALSE
            sketch(a, marks, stamp)
        same = len(a) >= fewest[0] and equal(a, b)
        if same or may_match(b, marks, stamp, gain, floors[0], fewest[1]):
            begins_a, begins_b = sentence_first[pa], sentence_first[pb]
            sentences_a = begins[0, : from_first(sentences, begins_a, sentence_first[pa + 1], first[pa], begins[0])]
            sentences_b = begins[1, : from_first(sentences, begins_b, sentence_first[pb + 1], first[pb], begins[1])]
            if same:
                found, strength = 1, pair_up(a, by_flag[0], partner, passage_of[0], passage_of[1])
            else:
                found, strength = compare(
                    a, b, sentences_a, sentences_b, noted, stamp, pair, marks, table, space, by_flag, costs, floors,
                    limits,
                )  # fmt: skip
                noted = True
            strengths[pair] = strength
            if same or strength >= limits[0]:
                n = put_matches(
                    matches, n, found, pair, a, b, sentences_a, sentences_b, begins_a, begins_b, partner,
                    passage_of[0], passage_of[1], fewest[0],
                )  # fmt: skip
        pair += 1
    return pair, n


@kernel
def verify(pairs, words, first, sentences, sentence_first, longest, match, most, costs, floors, limits, fewest):
    """Aligns every candidate pair of paragraphs (of at most `longest` words); returns its verified matches, sentence
    with sentence.

    `match` is the score of an equal word by its flags, `most` the greatest of its place; `costs` of a swapped word, of
    one too many, of a function word too many, of a contradiction; `floors` of the best passage and of a further one;
    `limits`: strength needed, fewest words, bonus of a whole sentence, share of what near passages add, how near they
    must be, bonus of a common border, of a common quotation mark; `fewest`: aligned words of a match, pairs of words.
    One row a match: pair, sentence of a, sentence of b, start and end in a, start and end in b (words of the
    paragraph), what differs, words aligned; and the strength of every pair.
    """
    gap, gain, charge = by_flags(most, costs)
    space, table, by_flag = work_space(longest), empty_table(longest), (match, gap, gain, charge)
    matches, strengths = np.empty((1024 + longest, 9), np.int64), np.zeros(len(pairs), np.float32)
    marks, pair, n = np.full((3, SKETCH + 1), -1, np.int32), ZERO, ZERO
    while pair < len(pairs):
        pair, n = verify_some(
            pairs, pair, words, first, sentences, sentence_first, by_flag, costs, floors, limits, fewest, marks, table,
            space, matches, n, strengths,
        )  # fmt: skip
        if pair < len(pairs):
            matches = with_room(matches, n)
    return matches[:n].copy(), strengths
