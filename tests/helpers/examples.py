"""How many examples hypothesis tries: fewer in `make test`, ten times as many in `make test-long`."""

import hypothesis

#: Of a test that says nothing else. Half of what hypothesis tries by itself: in `make test` examples took 34 s of
#: processor time, and each run tries others (but in CI).
SHORT = 50
LONG = 10 * SHORT


def examples(number: int) -> hypothesis.settings:
    """Return settings of a test whose examples take long: so many in `make test`, ten times as many in the other."""
    return hypothesis.settings(max_examples=number * hypothesis.settings().max_examples // SHORT)
