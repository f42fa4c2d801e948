"""Columns of the table of verified matches that the kernels fill, and flags of its column DIFFERS."""

from __future__ import annotations

#: The candidate pair, the two sentences, the spans in words of both parts, flags, and how many words are aligned.
PAIR, SENTENCE_A, SENTENCE_B, START_A, END_A, START_B, END_B, DIFFERS, ALIGNED = range(9)
COLUMNS = ALIGNED + 1

#: Flags: one side has other figures, other names between the same words, or a negation more; the later sentence has a
#: word of content that the canonical one lacks, or two that have changed places.
NUMBERS_DIFFER, NAMES_DIFFER, NEGATIONS_DIFFER, FACTS_DIFFER = 1, 2, 4, 8

#: Columns of a match that is clustered: the earlier sentence, the span in words of its part and that in words of the
#: later one's, 1 where both are of one document, 1 where no fact differs.
EARLIER, BEGIN, END, LATER_BEGIN, LATER_END, WITHIN, SAME = range(7)

#: Roles of a match: clusters that both sentences are in tell all of it already; the later sentence copies words that
#: the earlier one has from nobody; it shares words with it that both have from others; both are of one document.
TOLD, COPIES, SHARES, REPEATS = range(4)

#: Columns of the table of members of clusters: the canonical sentence, the spans of its words and of the copied ones
#: among them, and 1 where no fact differs.
CANONICAL, FROM, TO, COPIED_FROM, COPIED_TO, FAITHFUL = range(6)
MEMBER_COLUMNS = FAITHFUL + 1
