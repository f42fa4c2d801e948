"""Repetition features of the line model: how much of a paragraph's words stands elsewhere in its document."""

from __future__ import annotations

import numpy as np

from stages.noise.line_words import FNV_OFFSET, FNV_PRIME, FUNCTION_WORDS
from stages.shared.compilation import inner, kernel

#: How much of a paragraph's words stands elsewhere in its document. The shipped weights know the features by these
#: names, so they keep them.
REPETITIONS = (
    *("content_words", "echoed", "echoed_before", "echoed_after", "echo_best", "echo_best_gap", "echo_next"),
    *("echo_previous", "echo_first", "pairs_echoed", "repeats_before", "repeats_after"),
)
#: Columns of the REPETITIONS.
CONTENT_WORDS, ANYWHERE, BEFORE, AFTER, BEST, BEST_GAP, NEXT, PREVIOUS, FIRST, PAIRS, REPEATS_BEFORE, REPEATS_AFTER = (
    range(len(REPETITIONS))
)
#: Columns of the spans of a word.
FIRST_PARAGRAPH, LAST_PARAGRAPH, FIRST_PLACE = range(3)
_NEAR = 12  # paragraphs on either side that are compared one by one; keeps the work linear in a document's length


@inner
def _place(keys, wanted):  # type: ignore[no-untyped-def]
    """Find the place of a hash in an open-addressing table: where it is, or where it belongs."""
    at = np.int64((wanted ^ (wanted >> np.uint64(29))) & np.uint64(len(keys) - 1))
    while keys[at] != 0 and keys[at] != wanted:
        at = (at + 1) & (len(keys) - 1)
    return at


@inner
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
                    keys[at], seen[at, FIRST_PARAGRAPH], seen[at, FIRST_PLACE] = hashes[word], paragraph, word
                seen[at, LAST_PARAGRAPH] = paragraph
    for word in range(offsets[begin], offsets[end]):
        if marks[word]:
            spans[word] = seen[_place(keys, hashes[word])]


@inner
def _spans(hashes, marks, offsets, documents):  # type: ignore[no-untyped-def]
    """Find for each marked word the first and the last paragraph of its document that hold it, and its first place.

    Columns FIRST_PARAGRAPH, LAST_PARAGRAPH, FIRST_PLACE; all -1 for a word that is not marked.
    """
    spans = np.full((len(hashes), 3), -1, dtype=np.int32)
    for number in range(len(documents) - 1):
        _document_spans(hashes, marks, offsets, documents[number], documents[number + 1], spans)
    return spans


@inner
def _count_shared(spans, offsets, documents):  # type: ignore[no-untyped-def]
    """Count the different words that each paragraph shares with each of those near it, and with its document's first.

    Each word is chained to where it stood last, so only paragraphs that hold it are met: most hold few that others do.
    """
    near = np.zeros((len(offsets) - 1, 2 * _NEAR + 1), dtype=np.int32)
    first = np.zeros(len(offsets) - 1, dtype=np.int32)
    latest, previous = np.full(len(spans), -1, dtype=np.int32), np.empty(len(spans), dtype=np.int32)
    holder = np.empty(len(spans), dtype=np.int32)
    for number in range(len(documents) - 1):
        for here in range(documents[number], documents[number + 1]):
            for word in range(offsets[here], offsets[here + 1]):
                if spans[word, FIRST_PARAGRAPH] == spans[word, LAST_PARAGRAPH]:
                    continue
                earlier = latest[spans[word, FIRST_PLACE]]
                if earlier >= 0 and holder[earlier] == here:
                    continue
                latest[spans[word, FIRST_PLACE]], previous[word], holder[word] = word, earlier, here
                first[here] += spans[word, FIRST_PARAGRAPH] == documents[number] and here != documents[number]
                while earlier >= 0 and here - holder[earlier] <= _NEAR:
                    near[here, _NEAR + holder[earlier] - here] += 1
                    near[holder[earlier], _NEAR + here - holder[earlier]] += 1
                    earlier = previous[earlier]
    return near, first


@inner
def _share_nearby(near, first, here, begin, end, row):  # type: ignore[no-untyped-def]
    """Write the shares of words that one other paragraph holds: the best nearby, the next, the previous, the first."""
    total, best = max(row[CONTENT_WORDS], 1), 0
    for there in range(max(begin, here - _NEAR), min(end, here + _NEAR + 1)):
        if near[_NEAR + there - here] > best:
            best, row[BEST_GAP] = near[_NEAR + there - here], there - here
    row[BEST], row[FIRST] = best / total, first / total
    row[NEXT] = near[_NEAR + 1] / total if here + 1 < end else 0.0
    row[PREVIOUS] = near[_NEAR - 1] / total if here > begin else 0.0


@inner
def _repeat_paragraph(here, spans, pair_spans, offsets, row):  # type: ignore[no-untyped-def]
    """Write the share of a paragraph's words (and pairs of words) that stand anywhere else in the document."""
    start, end = offsets[here], offsets[here + 1]
    n_content, before, after, either, pairs = 0, 0, 0, 0, 0
    for word in range(start, end):
        if spans[word, FIRST_PLACE] >= 0:
            n_content += 1
            before += spans[word, FIRST_PARAGRAPH] < here
            after += spans[word, LAST_PARAGRAPH] > here
            either += spans[word, FIRST_PARAGRAPH] != spans[word, LAST_PARAGRAPH]
        if word + 1 < end:
            pairs += pair_spans[word, FIRST_PARAGRAPH] != pair_spans[word, LAST_PARAGRAPH]
    row[CONTENT_WORDS], total = n_content, max(n_content, 1)
    row[ANYWHERE], row[BEFORE], row[AFTER] = either / total, before / total, after / total
    row[PAIRS] = pairs / max(end - start - 1, 1)


@inner
def _pairs(words, offsets):  # type: ignore[no-untyped-def]
    """Hash each word with the one after it, and mark the words that have one in the same paragraph."""
    pairs, marks = np.zeros(len(words), dtype=np.uint64), np.zeros(len(words), dtype=np.bool_)
    for paragraph in range(len(offsets) - 1):
        for word in range(offsets[paragraph], offsets[paragraph + 1] - 1):
            pairs[word], marks[word] = (words[word] * FNV_PRIME) ^ words[word + 1], True
    return pairs, marks


@inner
def _line_hashes(words, offsets):  # type: ignore[no-untyped-def]
    """Hash the words of each paragraph, in order."""
    lines = np.empty(len(offsets) - 1, dtype=np.uint64)
    for paragraph in range(len(lines)):
        value = FNV_OFFSET
        for word in range(offsets[paragraph], offsets[paragraph + 1]):
            value = (value ^ words[word]) * FNV_PRIME
        lines[paragraph] = value
    return lines


@kernel
def repetitions(words, masks, offsets, documents):  # type: ignore[no-untyped-def]
    """Compute the REPETITIONS of every paragraph; `documents` holds where each document begins, and the end."""
    rows = np.zeros((len(offsets) - 1, len(REPETITIONS)), dtype=np.float64)
    spans = _spans(words, (masks & FUNCTION_WORDS) == 0, offsets, documents)
    pairs, marks = _pairs(words, offsets)
    pair_spans = _spans(pairs, marks, offsets, documents)
    lines = _spans(_line_hashes(words, offsets), offsets[1:] > offsets[:-1], np.arange(len(offsets)), documents)
    near, first = _count_shared(spans, offsets, documents)
    for number in range(len(documents) - 1):
        for here in range(documents[number], documents[number + 1]):
            _repeat_paragraph(here, spans, pair_spans, offsets, rows[here])
            _share_nearby(near[here], first[here], here, documents[number], documents[number + 1], rows[here])
            held = lines[here, FIRST_PLACE] >= 0
            rows[here, REPEATS_BEFORE] = held and lines[here, FIRST_PARAGRAPH] < here
            rows[here, REPEATS_AFTER] = held and lines[here, LAST_PARAGRAPH] > here
    return rows
