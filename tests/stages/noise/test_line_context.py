"""The second pass of the line model: what is known of the lines around a line. All texts are invented."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.noise.line_context import COLUMN, CONTEXT, NO_RULE, context_features, kinds_of

LINES = st.lists(st.tuples(st.floats(-9, 9), st.integers(0, 60), st.integers(NO_RULE, 4)), max_size=12)
STORY, SHORT, UNSURE = (-4.0, 40, NO_RULE), (0.0, 6, NO_RULE), (-1.0, 12, NO_RULE)
RULE = (3.0, 3, 0)


def rows_of(*documents: list[tuple[float, int, int]]) -> np.ndarray:
    scores, words, kinds = zip(*(line for document in documents for line in document), strict=True)
    begins = np.concatenate([[0], np.cumsum([len(document) for document in documents])])
    return context_features(np.array(scores), np.array(words), np.array(kinds), begins.astype(np.int64))


@given(st.lists(LINES, min_size=1, max_size=4).filter(any))
def test_a_document_has_the_same_features_in_any_batch(documents: list[list[tuple[float, int, int]]]) -> None:
    together = rows_of(*documents)
    assert together.shape[1] == len(CONTEXT)
    assert np.isfinite(together).all()
    begins = np.concatenate([[0], np.cumsum([len(document) for document in documents])])
    for document, (begin, end) in zip(documents, pairwise(begins), strict=True):
        assert not document or np.array_equal(rows_of(document), together[begin:end])


def test_lines_below_what_rules_know_are_outside_the_story() -> None:
    rows = rows_of([STORY] * 4 + [RULE, SHORT, UNSURE, RULE, UNSURE, SHORT])
    outside = rows[:, COLUMN["outside"]]
    assert (outside[:4] < -1).all()
    assert outside[4:].min() > outside[:4].max()


def test_a_line_that_a_rule_knows_between_two_parts_of_the_story_ends_nothing() -> None:
    rows = rows_of([STORY] * 3 + [RULE] + [STORY] * 3)
    assert (rows[[0, 1, 2, 4, 5, 6], COLUMN["outside"]] < 0).all()


def test_a_rule_on_the_line_itself_is_not_counted() -> None:
    rows = rows_of([STORY, RULE, STORY])
    assert rows[1, [COLUMN["strong_above"], COLUMN["strong_below"], COLUMN["strong_5"]]].tolist() == [0, 0, 0]
    assert rows[[0, 2], COLUMN["since_strong"]].tolist() == [50, 1]
    assert rows[[0, 2], COLUMN["until_strong"]].tolist() == [1, 50]
    assert rows[0, COLUMN["kind_0_below"]] == rows[2, COLUMN["kind_0_above"]] == 1


def test_labels_have_kinds() -> None:
    assert kinds_of(["comment", "social", None, "wire"]).tolist() == [0, 0, NO_RULE, 4]
