"""Place features of the line model: where in its document a paragraph stands, and what the document looks like."""

from __future__ import annotations

import numpy as np

from stages.shared.compilation import inner, kernel

PLACE = (
    *("paragraphs", "index", "from_end", "place", "words_to_median", "median_words", "share_unstopped", "share_labels"),
    *("share_brackets", "share_prose", "words_before", "since_prose", "until_prose", "before_prose", "after_prose"),
    *("run_length", "run_words", "same_first_word", "first_word_before", "window_words"),
)

#: Columns of PLACE.
PARAGRAPHS, INDEX, FROM_END, RELATIVE, TO_MEDIAN, MEDIAN, SHARE_UNSTOPPED, SHARE_LABELS, *_ = range(len(PLACE))
SHARE_BRACKETS, SHARE_PROSE, WORDS_BEFORE, SINCE_PROSE, UNTIL_PROSE, BEFORE_PROSE, AFTER_PROSE = range(8, 15)
RUN_LENGTH, RUN_WORDS, SAME_FIRST_WORD, FIRST_WORD_BEFORE, WINDOW_WORDS = range(15, 20)
_FAR = 50  # paragraphs to prose, where a document has none on that side
_NEAR = 40  # paragraphs on either side whose first words are compared; keeps the work linear in a document's length
_LABEL_WORDS = 6  # "Label: text" has a label of so many words at most


@inner
def _median(values):  # type: ignore[no-untyped-def]
    ordered = np.sort(values)
    return ordered[len(ordered) // 2]


@kernel
def place_features(documents, words, stops, prose, before_colon, tail_bracket, first_hash):  # type: ignore[no-untyped-def]
    """Compute the PLACE features of every paragraph, document by document."""
    rows = np.zeros((len(words), len(PLACE)), dtype=np.float64)
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
            row[PARAGRAPHS], row[INDEX], row[FROM_END], row[RELATIVE] = n, at - begin, end - 1 - at, (at - begin) / n
            row[TO_MEDIAN], row[MEDIAN] = words[at] / median, median
            row[SHARE_UNSTOPPED], row[SHARE_LABELS] = unstopped, labels
            row[SHARE_BRACKETS], row[SHARE_PROSE] = brackets, share_prose
        _prose_distances(begin, end, words, prose, rows)
        _runs(begin, end, words, prose, rows)
        _first_words(begin, end, first_hash, words, rows)
    return rows


@inner
def _prose_distances(begin, end, words, prose, rows):  # type: ignore[no-untyped-def]
    """Write the words so far, the paragraphs since the last prose and until the next, and if one side has none."""
    last, so_far = begin - _FAR, 0.0
    for at in range(begin, end):
        rows[at, WORDS_BEFORE], rows[at, SINCE_PROSE] = so_far, at - last
        rows[at, BEFORE_PROSE] = last < begin
        so_far += words[at]
        if prose[at]:
            last = at
    following = end + _FAR
    for at in range(end - 1, begin - 1, -1):
        rows[at, UNTIL_PROSE], rows[at, AFTER_PROSE] = following - at, following >= end
        if prose[at]:
            following = at


@inner
def _runs(begin, end, words, prose, rows):  # type: ignore[no-untyped-def]
    """Write the length of the run without prose and its words; the mean words of the five paragraphs around."""
    at = begin
    while at < end:
        stop, total = at, 0.0
        while stop < end and prose[stop] == prose[at]:
            total += words[stop]
            stop += 1
        for inside in range(at, stop):
            rows[inside, RUN_LENGTH] = stop - at if not prose[at] else 0
            rows[inside, RUN_WORDS] = total if not prose[at] else 0.0
        at = stop
    for at in range(begin, end):
        around = words[max(begin, at - 2) : min(end, at + 3)]
        rows[at, WINDOW_WORDS] = around.sum() / len(around)


@inner
def _first_words(begin, end, first_hash, words, rows):  # type: ignore[no-untyped-def]
    """Count the nearby paragraphs that start with the same word, and those of them that come before."""
    for at in range(begin, end):
        for other in range(max(begin, at - _NEAR), min(end, at + _NEAR + 1)):
            if other != at and words[at] > 0 and words[other] > 0 and first_hash[other] == first_hash[at]:
                rows[at, SAME_FIRST_WORD] += 1
                rows[at, FIRST_WORD_BEFORE] += other < at
