"""Context features of the line model's second pass: what the first pass and the rules say of the lines around a line.

Comments, teasers and link lists below a story are told less by their own words than by where they stand: after the
first lines that a rule knows, and with no story after them. A chain of three states (above the story, in it, below it)
sums that up; the trees of the second pass weigh it with the nearest lines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stages.noise.line_characters import Integers
from stages.shared.compilation import inner, kernel

_OFFSETS = (-3, -2, -1, 1, 2, 3)
_WINDOWS = (3, 8)  # lines on either side whose scores are averaged
_RULE_WINDOWS = (2, 5, 12)  # lines on either side among which those that a strong rule cuts are counted
#: Kinds of furniture, by the label of a strong rule; what has another label is only furniture.
KINDS = {
    "comment": 0, "social": 0, "related": 1, "nav": 2, "signup": 2, "legal": 2, "ad": 2, "byline": 3, "date": 3,
}  # fmt: skip
NO_RULE, OTHER_KIND, N_KINDS = -1, 4, 4

CONTEXT = (
    "score",
    *(f"score@{offset:+d}" for offset in _OFFSETS),
    *(f"mean_{window}" for window in _WINDOWS),
    *("mean_above", "mean_below", "lowest_above", "lowest_below", "story_above", "story_below", "story_share"),
    *(f"strong_{window}" for window in _RULE_WINDOWS),
    *("strong_above", "strong_below", "since_strong", "until_strong"),
    *(f"kind_{kind}_{side}" for kind in range(N_KINDS) for side in ("above", "below")),
    *("words", "index", "from_end", "paragraphs", "place", "mean", "outside", "outside_slow"),
)
COLUMN = {name: number for number, name in enumerate(CONTEXT)}
_MEANS, _ABOVE = COLUMN["mean_3"], COLUMN["mean_above"]
_STRONG, _TOTALS, _KIND = COLUMN["strong_2"], COLUMN["strong_above"], COLUMN["kind_0_above"]
_WORDS, _OUTSIDE = COLUMN["words"], COLUMN["outside"]

_CERTAIN = 6.0  # logarithm of odds beyond which more certainty tells no more
_NOWHERE = -9.0  # score of a line beyond the document's ends
_LONG = 25  # words from which on a line weighs no more in a mean
_STORY, _STORY_WORDS = -2.0, 15  # a line of so low a score and so many words is story
_FAR = 50.0  # lines to the next that a rule cuts, where there is none
_MOST = 3.0  # lines of one kind that are counted
#: Chains: weight of a line's score, share of noise in a story, chance that the story ends after a line, and how far one
#: line can pull. Tried by hand on out-of-fold scores: the second is slow to leave the story.
_CHAINS = np.array([[0.5, 0.25, 0.03, 1.5], [0.3, 0.3, 0.02, 1.0]])
_BEGINS, _HEAD, _RETURNS = 0.2, 0.3, 1e-3  # chances: the story begins after a line, later than at the top, or again
_KNOWN = 3.0  # score in the chains of a line that a strong rule cuts


def context_features(
    scores: npt.NDArray[np.float64], words: Integers, kinds: Integers, begins: Integers
) -> npt.NDArray[np.float32]:
    """Compute the columns CONTEXT of every paragraph of some documents.

    `scores` are the first pass's logarithms of odds, `kinds` those of the strong rules (KINDS, else NO_RULE), `begins`
    where each document begins, and the end.

    >>> scores, none = np.array([-3.0, 1.0, 2.0]), np.full(3, NO_RULE)
    >>> rows = context_features(scores, np.array([30, 2, 2]), none, np.array([0, 2, 3]))
    >>> rows[:, [COLUMN["score@+1"], COLUMN["story_above"], COLUMN["from_end"]]].tolist()
    [[1.0, 0.0, 1.0], [-9.0, 30.0, 0.0], [-9.0, 0.0, 0.0]]
    """
    rows = np.zeros((len(scores), len(CONTEXT)), dtype=np.float64)
    _fill(scores, words.astype(np.float64), kinds, begins, rows)
    return rows.astype(np.float32)


def kinds_of(labels: Sequence[str | None]) -> Integers:
    """Return the kind of furniture by the label of the strong rule on each paragraph.

    >>> kinds_of([None, "social", "credit"]).tolist()
    [-1, 0, 4]
    """
    return np.array([NO_RULE if label is None else KINDS.get(label, OTHER_KIND) for label in labels], dtype=np.int64)


@kernel
def _fill(scores, words, kinds, begins, rows):  # type: ignore[no-untyped-def]
    """Fill in the rows, document by document."""
    for number in range(len(begins) - 1):
        begin, end = begins[number], begins[number + 1]
        if begin == end:
            continue
        clipped = np.minimum(np.maximum(scores[begin:end], -_CERTAIN), _CERTAIN)
        _own(clipped, words[begin:end], rows[begin:end])
        _scores_around(clipped, words[begin:end], rows[begin:end])
        _rules_around(kinds[begin:end], rows[begin:end])
        _kinds_around(kinds[begin:end], rows[begin:end])
        known = np.where(kinds[begin:end] != NO_RULE, _KNOWN, scores[begin:end])
        for chain in range(len(_CHAINS)):
            _outside(known, _CHAINS[chain], rows[begin:end, _OUTSIDE + chain])


@kernel
def _own(scores, words, rows):  # type: ignore[no-untyped-def]
    """Write the scores of the nearest lines, the means of those around, and the line's place."""
    n = len(scores)
    total = np.zeros(n + 1)
    for at in range(n):
        total[at + 1] = total[at] + scores[at]
    for at in range(n):
        row = rows[at]
        row[0] = scores[at]
        for number in range(len(_OFFSETS)):
            other = at + _OFFSETS[number]
            row[1 + number] = scores[other] if 0 <= other < n else _NOWHERE
        for number in range(len(_WINDOWS)):
            first, last = max(0, at - _WINDOWS[number]), min(n, at + _WINDOWS[number] + 1)
            row[_MEANS + number] = (total[last] - total[first] - scores[at]) / max(last - first - 1, 1)
        row[_WORDS], row[_WORDS + 1], row[_WORDS + 2] = words[at], at, n - 1 - at
        row[_WORDS + 3], row[_WORDS + 4], row[_WORDS + 5] = n, at / n, total[n] / n


@inner
def _scores_around(scores, words, rows):  # type: ignore[no-untyped-def]
    """Write the mean score above and below by words, the lowest, and the words of the story on either side."""
    n = len(scores)
    for side in range(2):
        total, weight, lowest, story = 0.0, 0.0, -_NOWHERE, 0.0
        for step in range(n):
            at = step if side == 0 else n - 1 - step
            rows[at, _ABOVE + side] = total / max(weight, 1.0) if step > 0 else _NOWHERE
            rows[at, _ABOVE + 2 + side], rows[at, _ABOVE + 4 + side] = lowest, story
            lowest = min(lowest, scores[at])
            total += scores[at] * min(words[at], _LONG)
            weight += min(words[at], _LONG)
            story += words[at] if scores[at] < _STORY and words[at] >= _STORY_WORDS else 0.0
    for at in range(n):
        rows[at, _ABOVE + 6] = rows[at, _ABOVE + 4] / max(story, 1.0)


@inner
def _rules_around(kinds, rows):  # type: ignore[no-untyped-def]
    """Write how many lines around, above and below strong rules cut, and how far the nearest are."""
    n = len(kinds)
    total = np.zeros(n + 1)
    for at in range(n):
        total[at + 1] = total[at] + (kinds[at] != NO_RULE)
    for at in range(n):
        own = total[at + 1] - total[at]
        for number in range(len(_RULE_WINDOWS)):
            first, last = max(0, at - _RULE_WINDOWS[number]), min(n, at + _RULE_WINDOWS[number] + 1)
            rows[at, _STRONG + number] = (total[last] - total[first] - own) / max(last - first - 1, 1)
        rows[at, _TOTALS], rows[at, _TOTALS + 1] = total[at], total[n] - total[at + 1]
    for side in range(2):
        away = _FAR
        for step in range(n):
            at = step if side == 0 else n - 1 - step
            rows[at, _TOTALS + 2 + side] = away
            away = 1.0 if kinds[at] != NO_RULE else min(_FAR, away + 1.0)


@inner
def _kinds_around(kinds, rows):  # type: ignore[no-untyped-def]
    """Write how many lines of each kind of furniture are above and below."""
    n = len(kinds)
    for kind in range(N_KINDS):
        for side in range(2):
            count = 0.0
            for step in range(n):
                at = step if side == 0 else n - 1 - step
                rows[at, _KIND + 2 * kind + side] = count
                count = min(_MOST, count + (kinds[at] == kind))


@inner
def _outside(scores, chain, column):  # type: ignore[no-untyped-def]
    """Write the log odds that a line is above or below the story, by the forward-backward algorithm.

    Above and below it all lines are noise; in it a share of them.
    """
    weight, share, ends, pull = chain
    n = len(scores)
    moves = np.array([[1 - _BEGINS, _BEGINS, 0.0], [0.0, 1 - ends, ends], [0.0, _RETURNS, 1 - _RETURNS]])
    seen, forward = np.empty((n, 3)), np.empty((n, 3))
    for at in range(n):
        ratio = np.exp(max(-pull, min(pull, weight * (scores[at] - np.log(share / (1 - share))))))
        seen[at, 0], seen[at, 1], seen[at, 2] = ratio, 1 - share + share * ratio, ratio
    before = np.array([_HEAD, 1 - _HEAD, 0.0])
    for at in range(n):
        for state in range(3):
            forward[at, state] = before[state] * seen[at, state]
        forward[at] /= forward[at].sum()
        for state in range(3):
            before[state] = 0.0
            for other in range(3):
                before[state] += forward[at, other] * moves[other, state]
    backward = np.ones(3)
    for step in range(n):
        at = n - 1 - step
        inside, outside = forward[at, 1] * backward[1], forward[at, 0] * backward[0] + forward[at, 2] * backward[2]
        chance = min(max(outside / (inside + outside), 1e-4), 1 - 1e-4)
        column[at] = np.log(chance / (1 - chance))
        following = np.zeros(3)
        for state in range(3):
            for other in range(3):
                following[state] += moves[state, other] * seen[at, other] * backward[other]
        backward = following / following.sum()
