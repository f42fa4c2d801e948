"""Strength of a match, compiled by numba: its passages, their borders, and the sentences that they cover."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"

from __future__ import annotations

import numpy as np

from stages.near_duplicates import alphabet

from .compilation import borrowing
from .layout import A_BEGIN, A_END, B_BEGIN, B_END, MOST_PASSAGES, SPAN_SCORE

QUOTED, SINGLE, NO_CONTENT = alphabet.QUOTED, alphabet.SINGLE, alphabet.NO_CONTENT


@borrowing
def sentence_at(starts, word):
    """Return the sentence that holds a word."""
    at = 0
    while at + 1 < len(starts) and starts[at + 1] <= word:
        at += 1
    return at


@borrowing
def coverage(words, sentences, passage_of, passages, least):
    """Return the greatest share of a sentence or quotation of at least `least` words that lies in some passages.

    `passages` has a bit for each passage.
    """
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
    """Count the words between two spans (0 where they touch or overlap)."""
    return max(0, max(start, other_start) - min(end, other_end))


@borrowing
def begins_at(words, sentences, at):
    """Return True if a sentence or a quotation begins with a word."""
    opens = at > 0 and words[at] & QUOTED != 0 and words[at - 1] & QUOTED == 0
    return opens or sentences[sentence_at(sentences, at)] == at


@borrowing
def ends_at(words, sentences, at):
    """Return True if a sentence or a quotation ends before a word."""
    if at == len(words) or (words[at] & QUOTED == 0 and words[at - 1] & QUOTED != 0):
        return True
    return sentences[sentence_at(sentences, at)] == at


@borrowing
def common_borders(pair, span):
    """Count at which of its two ends a passage begins or ends together with a sentence or quotation of both."""
    begins = begins_at(pair.a, pair.sentences_a, span[A_BEGIN]) and begins_at(pair.b, pair.sentences_b, span[B_BEGIN])
    ends = ends_at(pair.a, pair.sentences_a, span[A_END]) and ends_at(pair.b, pair.sentences_b, span[B_END])
    return np.int64(begins) + np.int64(ends)


@borrowing
def quoted(words, at):
    """Return True if a word stands in a quotation; there is none before the first word and behind the last."""
    return 0 <= at < len(words) and words[at] & QUOTED != 0


@borrowing
def common_marks(a, b, partner, passage_a, passages):
    """Count the ends of quotations in some passages (a bit each) that stand at the same word in both texts."""
    marks = 0
    for i in range(len(a)):
        if passage_a[i] >= 0 and passages >> passage_a[i] & 1 == 1 and quoted(a, i) and quoted(b, partner[i]):
            marks += not quoted(a, i - 1) and not quoted(b, partner[i] - 1)
            marks += not quoted(a, i + 1) and not quoted(b, partner[i] + 1)
    return marks


@borrowing
def strength_of(pair, found, buffers, scoring):
    """Score a match: its best passage and its borders, the passages near it, and how much of a sentence they are."""
    a, b, spans, partner = pair.a, pair.b, buffers.spans, buffers.partner
    passage_a, passage_b = buffers.passage_a, buffers.passage_b
    strength, near = float(spans[0, SPAN_SCORE]), np.int64(1)
    strength += scoring.border_bonus * common_borders(pair, spans[0])
    for k in range(1, found):
        apart = max(
            distance(spans[0, A_BEGIN], spans[0, A_END], spans[k, A_BEGIN], spans[k, A_END]),
            distance(spans[0, B_BEGIN], spans[0, B_END], spans[k, B_BEGIN], spans[k, B_END]),
        )
        if apart <= scoring.nearby_words:
            strength += scoring.further_share * spans[k, SPAN_SCORE]
            near |= 1 << k
    strength += scoring.mark_bonus * common_marks(a, b, partner, passage_a, near)
    least = scoring.minimum_words
    if not suffices(a, b, near, buffers, scoring):
        return 0.0
    drop_short(a, found, near, buffers, scoring)
    covered = max(
        coverage(a, pair.sentences_a, passage_a, near, least), coverage(b, pair.sentences_b, passage_b, near, least)
    )
    return strength + scoring.whole_sentence_bonus * covered


@borrowing
def in_halves(words, begin, end):
    """Count the words from begin to end, twice; a character of a script without spaces is half a word."""
    halves = 0
    for i in range(begin, end):
        halves += 1 if words[i] & SINGLE else 2
    return halves


@borrowing
def suffices(a, b, passages, buffers, scoring):
    """Return True if some passages (a bit each) are long enough for a copy, and have enough words of content.

    The longer side counts, with what it puts in; all but an eighth of that must be equal. Names, figures, function
    words and those of formulas are no content: two reporters share them without having copied.
    """
    partner, passage_a, spans = buffers.partner, buffers.passage_a, buffers.spans
    halves, content, length = 0, 0, 0
    for k in range(MOST_PASSAGES):
        if passages >> k & 1 == 1:
            length += max(
                in_halves(a, spans[k, A_BEGIN], spans[k, A_END]), in_halves(b, spans[k, B_BEGIN], spans[k, B_END])
            )
    for i in range(len(a)):
        if passage_a[i] >= 0 and partner[i] >= 0 and passages >> passage_a[i] & 1 == 1:
            halves += in_halves(a, i, i + 1)
            content += 0 if a[i] & NO_CONTENT else in_halves(a, i, i + 1)
    least = 2 * scoring.minimum_words
    return length >= least and 8 * halves >= 7 * least and content >= 2 * scoring.minimum_content


@borrowing
def drop_short(a, found, near, buffers, scoring):
    """Drop passages that are too short: for one of their own, or, beside the best one, for any."""
    partner, passage_a, passage_b = buffers.partner, buffers.passage_a, buffers.passage_b
    for k in range(found):
        halves = 0
        for i in range(len(a)):
            halves += in_halves(a, i, i + 1) if passage_a[i] == k and partner[i] >= 0 else 0
        least = scoring.fewest_aligned if near >> k & 1 == 1 else scoring.minimum_words
        if halves >= 2 * least:
            continue
        for i in range(len(a)):
            if passage_a[i] == k:
                if partner[i] >= 0:
                    passage_b[partner[i]] = -1
                passage_a[i], partner[i] = -1, -1
