"""Context features of the line model's second pass: what the first pass and the rules say of the lines around a line.

Comments, teasers and link lists below a story are told less by their own words than by where they stand: after the
first lines that a rule knows, and with no story after them. A chain of three states (above the story, in it, below it)
sums that up; the trees of the second pass weigh it with the nearest lines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stages.native.kernel import Kernel
from stages.noise.line_characters import Integers

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

_CONTEXT = Kernel("line_context", np.float64, np.float64, np.int64, np.int64, int, np.float64)


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
    rows = np.empty((len(scores), len(CONTEXT)), dtype=np.float64)
    _CONTEXT(scores, words.astype(np.float64), kinds, begins, len(begins) - 1, rows)
    return rows.astype(np.float32)


def kinds_of(labels: Sequence[str | None]) -> Integers:
    """Return the kind of furniture by the label of the strong rule on each paragraph.

    >>> kinds_of([None, "social", "credit"]).tolist()
    [-1, 0, 4]
    """
    return np.array([NO_RULE if label is None else KINDS.get(label, OTHER_KIND) for label in labels], dtype=np.int64)
