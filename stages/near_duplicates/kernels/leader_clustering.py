"""Leader clustering of passages, compiled by numba: every match lies in clusters that both of its sentences are in.

Sentences come in canonical order, and the matches of each by rising earlier sentence. A match makes the later sentence
a member of the earlier one's cluster, unless clusters that both are in already tell all of it. The words that the
earlier sentence has from nobody are its *own*: the later one copies those from it. What it has from somebody but with
another fact is its own for those who say the same.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"
# ruff: noqa: SIM110

from __future__ import annotations

import numpy as np

from stages.near_duplicates.match_columns import (
    BEGIN,
    CANONICAL,
    COPIED_FROM,
    COPIED_TO,
    COPIES,
    EARLIER,
    END,
    FAITHFUL,
    FROM,
    LATER_BEGIN,
    LATER_END,
    MEMBER_COLUMNS,
    REPEATS,
    SAME,
    SHARES,
    TO,
    WITHIN,
)

from .compilation import borrowing, kernel
from .hashing import ZERO

#: States of a word: nobody before had it; a copy that differs in a fact; a copy that says the same.
OWN, DIFFERENT, COPIED = 0, 1, 2
#: Rows of the states of a match: of the earlier sentence's words and of the later one's, and both once more for the
#: words (1) that lie in a cluster that both sentences are in.
EARLIER_WORDS, LATER_WORDS, EARLIER_COMMON, LATER_COMMON = 0, 1, 2, 3


@borrowing
def mark(states, begin, end, first, last, state):
    """Raise the states of the words from `first` to `last`; `states` are those of the words from `begin` to `end`."""
    for word in range(max(first, begin), min(last, end)):
        states[word - begin] = max(states[word - begin], state)


@borrowing
def note_states(match, members, earlier, earlier_end, later, later_end, states):
    """Note the states of the words of a match.

    `members` from `earlier` on are the clusters of the earlier sentence, from `later` on those of the later one.
    """
    begin_a, end_a, begin_b, end_b = match[BEGIN], match[END], match[LATER_BEGIN], match[LATER_END]
    states[:, : max(end_a - begin_a, end_b - begin_b)] = OWN
    for at in range(earlier, earlier_end):
        state = COPIED if members[at, FAITHFUL] != 0 else DIFFERENT
        mark(states[EARLIER_WORDS], begin_a, end_a, members[at, FROM], members[at, TO], state)
    for mine in range(later, later_end):
        state = COPIED if members[mine, FAITHFUL] != 0 else DIFFERENT
        copied_from, copied_to = members[mine, COPIED_FROM], members[mine, COPIED_TO]
        mark(states[LATER_WORDS], begin_b, end_b, copied_from, copied_to, state)
        for at in range(earlier, earlier_end):
            if members[at, CANONICAL] == members[mine, CANONICAL]:
                mark(states[EARLIER_COMMON], begin_a, end_a, members[at, FROM], members[at, TO], 1)
                mark(states[LATER_COMMON], begin_b, end_b, members[mine, FROM], members[mine, TO], 1)


@borrowing
def all_reach(states, length, state):
    """Return True if all words have a state, or a higher one."""
    for word in range(length):
        if states[word] < state:
            return False
    return True


@borrowing
def is_told(match, states, taken):
    """Return True if clusters that both sentences are in tell all of a match, and who had its words first.

    What differs in a fact is told by any cluster; what says the same is not told by copies that say something else.
    """
    length_a, length_b = match[END] - match[BEGIN], match[LATER_END] - match[LATER_BEGIN]
    if not (all_reach(states[EARLIER_COMMON], length_a, 1) and all_reach(states[LATER_COMMON], length_b, 1)):
        return False
    return all_reach(states[EARLIER_WORDS], length_a, taken) or all_reach(states[LATER_WORDS], length_b, taken)


@borrowing
def own_span(states, length, taken):
    """Return where the first own word is (a state below `taken`), and the place after the last; 0, 0 for none."""
    first, end = length, ZERO
    for word in range(length):
        if states[word] < taken:
            first, end = min(first, word), word + 1
    return min(first, end), end


@borrowing
def longest_own_run(states, length, taken):
    """Return the span of the longest run of own words."""
    best, best_end, begin = ZERO, ZERO, ZERO
    for word in range(length + 1):
        if word == length or states[word] >= taken:
            if word - begin > best_end - best:
                best, best_end = begin, word
            begin = word + 1
    return best, best_end


@borrowing
def moved(first, end, length_a, length_b):
    """Move a span of the earlier side's words to the later side: by what is left before and after it."""
    if first == 0 and end == length_a:
        return ZERO, length_b
    before, after = first * length_b // length_a, (length_a - end) * length_b // length_a
    return before, max(before, length_b - after)


@borrowing
def copied_span(match, states, taken):
    """Return the span of a match's later words that are copied from the earlier sentence: those it has from nobody.

    Between own words may stand others that the later sentence has from elsewhere. Where it has them from nowhere, only
    the longest run of own words counts: there are no chains.
    """
    length_a, length_b = match[END] - match[BEGIN], match[LATER_END] - match[LATER_BEGIN]
    earlier, later = states[EARLIER_WORDS], states[LATER_WORDS]
    first, end = own_span(earlier, length_a, taken)
    for word in range(first, end):
        if earlier[word] >= taken:
            there, after = moved(word, word + 1, length_a, length_b)
            for place in range(there, min(length_b, max(after, there + 1))):
                if later[place] < taken:
                    first, end = longest_own_run(earlier, length_a, taken)
                    return moved(first, end, length_a, length_b)
    return moved(first, end, length_a, length_b)


@borrowing
def longest_span(matches):
    """Return how many words the longest side of a match has."""
    longest = ZERO
    for row in range(len(matches)):
        longest = max(longest, matches[row, END] - matches[row, BEGIN])
        longest = max(longest, matches[row, LATER_END] - matches[row, LATER_BEGIN])
    return longest


@borrowing
def join(match, taken, member, states, role):
    """Make the later sentence of a match a member of the earlier one's cluster; note its role and its copied words."""
    begin, end = copied_span(match, states, taken)
    role[0] = COPIES if end > begin else SHARES
    role[1], role[2] = match[LATER_BEGIN] + begin, match[LATER_BEGIN] + end
    member[CANONICAL], member[FROM], member[TO] = match[EARLIER], match[LATER_BEGIN], match[LATER_END]
    member[COPIED_FROM], member[COPIED_TO], member[FAITHFUL] = role[1], role[2], match[SAME]


@kernel
def lead(matches, later, base, sentences, known, known_first, known_members):
    """Return for every match its role and the span of the later sentence's words that are copied by it.

    The roles are those of `match_columns`.

    `matches` (earlier sentence, its span, the later one's span, 1 where both are of one document, 1 where no fact
    differs) are in rising order of `later` and of the earlier sentence; there are so many sentences from `base` on. Of
    the sentences before those, `known` ones are in clusters: `known_members` from `known_first` on.
    """
    members = np.empty((len(known_members) + len(matches), MEMBER_COLUMNS), np.int64)
    members[: len(known_members)] = known_members
    count, states = known_first[-1], np.empty((4, longest_span(matches)), np.int8)
    found = np.zeros((len(matches), 3), np.int64)
    first, row = np.empty(sentences + 1, np.int64), ZERO
    first[0] = count
    for v in range(sentences):
        while row < len(later) and later[row] == base + v:
            match = matches[row]
            if match[EARLIER] < base:
                at = np.searchsorted(known, match[EARLIER])
                earlier, earlier_end = known_first[at], known_first[at + 1]
            else:
                earlier, earlier_end = first[match[EARLIER] - base], first[match[EARLIER] - base + 1]
            if match[WITHIN] != 0:
                found[row, 0], found[row, 1], found[row, 2] = REPEATS, match[LATER_BEGIN], match[LATER_BEGIN]
            else:
                note_states(match, members, earlier, earlier_end, first[v], count, states)
                taken = COPIED if match[SAME] != 0 else DIFFERENT
                if not is_told(match, states, taken):
                    join(match, taken, members[count], states, found[row])
                    count += 1
            row += 1
        first[v + 1] = count
    return found


@kernel
def own_spans(begin, end, first, members):
    """Return the span of each sentence's words, from its first to its last, that no faithful copy holds.

    The sentences lie from `begin` to `end`; the clusters of each are `members` from `first` on.
    """
    longest = ZERO
    for sentence in range(len(begin)):
        longest = max(longest, end[sentence] - begin[sentence])
    states, found = np.empty(longest, np.int8), np.zeros((len(begin), 2), np.int64)
    for sentence in range(len(begin)):
        low, high = begin[sentence], end[sentence]
        states[: high - low] = OWN
        for at in range(first[sentence], first[sentence + 1]):
            if members[at, FAITHFUL] != 0:
                mark(states, low, high, members[at, FROM], members[at, TO], COPIED)
        own = own_span(states, high - low, COPIED)
        found[sentence, 0], found[sentence, 1] = low + own[0], low + own[1]
    return found
