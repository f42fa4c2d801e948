"""Made-up words, for corpora that are made of real articles and share no word with them, or of nothing at all."""

from __future__ import annotations

import random

#: Seventy-five, so that five of them make a word that nobody else uses in a corpus of millions.
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvxz" for vowel in "aeiou"]


def made_up(chance: random.Random, syllables: int) -> str:
    """A word of so many syllables.

    >>> made_up(random.Random(1), 5)
    'favotiguni'
    """
    return "".join(chance.choices(SYLLABLES, k=syllables))
