"""Settings of the corpus stage: values that are handed down and compute nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from .alphabet import COMMON, FLAGS, FUNCTION, NAME, NUMBER, REPORTING, SINGLE

#: Treatment of a paragraph whose words stood elsewhere before: nothing (`mark`), it leaves `canonical_text` unless
#: it has a sentence of its own (`keep-first`), it leaves it whatever it has (`drop`).
Drop = Literal["mark", "keep-first", "drop"]


#: A thousand years: more than anybody means, and within what counts in microseconds.
LONGEST_HISTORY = 366_000


@dataclass(frozen=True)
class Settings:
    """Settings for comparing passages and treating copies. The weights were chosen on 640 labelled pairs."""

    #: Words a shingle. With `bands` × `rows` it decides which pairs are compared at all: change all three or none.
    shingle_words: int = 3
    bands: int = 96
    rows: int = 2
    #: Seed of the MinHash permutations. Signatures of another seed cannot be compared with these.
    seed: int = 1
    #: Members up to which a bucket gives all its pairs. Beyond it the work is linear.
    bucket_cap: int = 100

    #: A shared passage scores what its equal words weigh less what was swapped, left out or put in.
    content_weight: float = 1.0
    #: A word that is common in its language: "people", "according", "mehrere".
    common_weight: float = 0.7
    function_weight: float = 0.39
    #: Words of reporters' formulas: "statement", "Monday", "communiqué".
    reporting_weight: float = 0.0
    name_weight: float = 0.36
    number_weight: float = 0.2
    swap_cost: float = 1.2
    gap_cost: float = 0.8
    #: A function word left out or put in costs less than another.
    function_gap_cost: float = 0.1
    #: Taken off for each negation that only one side has: more than the bonuses of a whole sentence.
    contradiction_cost: float = 11.0
    #: Added where the passage is a whole sentence or quotation of one side; for a part of it, as much less.
    whole_sentence_bonus: float = 7.0
    #: Added for each end of the best passage where a sentence or quotation of both paragraphs begins or ends.
    border_bonus: float = 1.7
    #: Added for each quotation that begins, and for each that ends, with the same word of both: who only has the same
    #: facts does not put the same words in quotation marks.
    mark_bonus: float = 0.45
    #: How much of the score of further passages adds to that of the best, where they are near it in both paragraphs: a
    #: rewritten sentence falls into passages that are close together, two texts on one subject share scattered ones.
    further_share: float = 0.75
    nearby_words: int = 5
    #: Scores from which the best passage, and a further one, are looked at.
    best_score: float = 4.0
    #: The same for a passage that is a quotation of both texts, from its first to its last word.
    quotation_score: float = 3.0
    further_score: float = 1.5
    #: Strength (best passage, whole-sentence bonus, further passages) from which two paragraphs match.
    match_strength: float = 7.5
    #: Fewer equal words are no passage, and those of a formula neither: so many must be words of content, which names,
    #: figures and function words are not. A passage is counted with those near it; a character of a script without
    #: spaces is half a word.
    minimum_words: int = 8
    minimum_content: int = 1

    dropped: Drop = "keep-first"
    #: Share of a paragraph's words that stand elsewhere from which it counts as a copy.
    minimum_share: float = 0.8
    #: Share of an article's words that stand in one other article from which it counts as a copy of it.
    document_share: float = 0.8
    #: Whether a copy whose figures or names differ, or that denies what the other says, is dropped too.
    drop_where_numbers_differ: bool = False
    #: Articles published more than so many days apart are not compared. Left out: all are.
    history_days: int | None = None
    #: Outlets in the order in which they are canonical among articles of the same time. Unnamed ones come last.
    outlet_rank: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("shingle_words", "bands", "rows", "bucket_cap", "minimum_words", "minimum_content"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.history_days is not None and not 1 <= self.history_days <= LONGEST_HISTORY:
            raise ValueError(
                f"history_days must lie between 1 and {LONGEST_HISTORY:,}, not {self.history_days:,}; leave it out to "
                "compare all"
            )
        if len(set(self.outlet_rank)) < len(self.outlet_rank):
            twice = next(each for each in self.outlet_rank if self.outlet_rank.count(each) > 1)
            raise ValueError(f"outlet_rank names {twice!r} twice: it has one place")
        for name in ("minimum_share", "document_share"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie between 0 and 1, not {getattr(self, name)}")
        for name in (
            "match_strength",
            "best_score",
            "quotation_score",
            "further_score",
            "swap_cost",
            "gap_cost",
            "function_gap_cost",
        ):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be more than 0, not {getattr(self, name)}")
        if self.dropped not in get_args(Drop):
            raise ValueError(f"dropped must be one of {', '.join(get_args(Drop))}, not {self.dropped!r}")


def word_weights(settings: Settings) -> list[float]:
    """Return the score of an equal word by its flags. A character of a script without spaces weighs half a word.

    >>> weights = word_weights(Settings())
    >>> weights[0], weights[FUNCTION], weights[REPORTING], weights[NAME], weights[NUMBER], weights[SINGLE]
    (1.0, 0.39, 0.0, 0.36, 0.2, 0.5)
    """
    return [_word_weight(flags, settings) for flags in range(FLAGS + 1)]


def _word_weight(flags: int, settings: Settings) -> float:
    weight = settings.content_weight
    if flags & REPORTING == REPORTING:
        return settings.reporting_weight
    if flags & FUNCTION:
        weight = settings.function_weight
    elif flags & NUMBER:
        weight = settings.number_weight
    elif flags & NAME:
        weight = settings.name_weight
    elif flags & COMMON:
        weight = settings.common_weight
    return weight / 2 if flags & SINGLE else weight
