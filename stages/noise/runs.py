"""Runs of alike lines: short lines that stand together are a list of the story or a menu, so they are judged as one."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

from stages.noise.view import View

#: A line of a list, a table, a menu: so many words at most, fewer where it ends as a sentence does.
LINE_WORDS, SENTENCE_WORDS = 14, 8
#: So many lines at least are a run: two may be a caption and its credit.
MIN_RUN = 3
#: Logarithms of odds beyond which a model's certainty about one line counts no more for the others.
MAX_LOG_ODDS = 5.0
#: A paragraph of the story has so many words at least; so many lines of furniture show that what stands beside them
#: outside of the story is more of it.
PROSE_WORDS, MIN_FURNITURE = 12, 2
#: How much better the odds must be to cut a table: its words are few, so the model has little to go by.
TABLE_ODDS = 4.0
FIGURE = re.compile(r"\d")
LETTERS = re.compile(r"[^\W\d_]{3,}")


def table_heads(view: View) -> set[int]:
    """Find the heads of tables: cells right above a row with as many cells and a figure.

    >>> from stages.noise.view import look
    >>> table_heads(look(["Home | Score | Away", "Velin | 2-1 | Anning", "News | Sport | Weather", "It rained."]))
    {0}
    """
    if CELL not in "\n".join(view.paragraphs):  # nearly always
        return set()
    cells = [paragraph.count(CELL) for paragraph in view.paragraphs]
    above = zip(range(len(cells)), cells, cells[1:], view.paragraphs[1:], strict=False)
    pairs = ((at, FIGURE.search(row)) for at, here, below, row in above if here and here == below)
    return {at for at, figure in pairs if figure and not FIGURE.search(view.paragraphs[at])}


def numbered_alike(view: View) -> list[list[int]]:
    """Find lines that are alike but for their numbers, three and more: the headings of parts, places or days.

    >>> from stages.noise.view import look
    >>> numbered_alike(look(["Part 1", "It rained.", "Part 2", "It snowed.", "Part 3", "Chapter 9"]))
    [[0, 2, 4]]
    """
    alike: dict[str, list[int]] = {}
    for at, (form, words) in enumerate(zip(view.forms, view.n_words, strict=True)):
        if words <= LINE_WORDS and FIGURE.search(form) and LETTERS.search(form):
            alike.setdefault(NUMBER.sub("0", form), []).append(at)
    return [lines for lines in alike.values() if len(lines) >= MIN_RUN]


def entries_with_figures(view: View) -> list[int]:
    """Find the entries of a long list: products with prices, results, sources; none where they are few.

    >>> from stages.noise.view import look
    >>> entry = "A lamp of brass for the bow of any boat, {} inches high, for 31.99 crowns (list price 49.99)"
    >>> entries_with_figures(look([*(entry.format(inches) for inches in range(6)), "It rained for 9 days in 2031."]))
    [0, 1, 2, 3, 4, 5]
    """
    long = (at for at, words in enumerate(view.n_words) if words >= PROSE_WORDS and not view.closed[at])
    found = [at for at in long if len(NUMBER.findall(view.paragraphs[at])) >= MIN_FIGURES]
    return found if len(found) >= MIN_ENTRIES else []


#: Long lines that end no sentence, with so many numbers each, are entries of one list from so many on. Of 375 pages
#: three have some: products, of which the model would cut 22 of 95, a ticker's, and sources of a study, which it cuts.
MIN_FIGURES, MIN_ENTRIES = 2, 6
NUMBER = re.compile(r"\d+")
CELL = " | "  # between the cells of a row, as extraction writes them


class Judged(NamedTuple):
    """The line model's probability of noise for a paragraph, and the words that go with it."""

    probability: float | None  # without a line model: None
    words: int


def runs_in(view: View) -> list[range]:
    """Find the runs of short lines.

    >>> from stages.noise.view import look
    >>> runs_in(look(["It rained for nine days in Port Anning, they said.", "Salt", "2 onions", "500 g cod"]))
    [range(1, 4)]
    """
    shapes = enumerate(zip(view.n_words, view.closed, strict=True))
    longer = [at for at, (words, closed) in shapes if words > (SENTENCE_WORDS if closed else LINE_WORDS)]
    gaps = pairwise([-1, *longer, len(view.paragraphs)])
    return [range(above + 1, below) for above, below in gaps if below - above > MIN_RUN]


def is_tabular(view: View, run: Sequence[int]) -> bool:
    """Tell if most lines of a run have a figure and a word: results, prices, ingredients, times, a profile.

    >>> from stages.noise.view import look
    >>> is_tabular(look(["Fats : 11 g", "Protein : 5 g", "Tips"]), range(3)), is_tabular(look(["4.", "5."]), range(2))
    (True, False)
    """
    rows = sum(
        FIGURE.search(view.paragraphs[at]) is not None and len(LETTERS.findall(view.paragraphs[at])) > 0 for at in run
    )
    return 2 * rows >= len(run)


def outside_story(view: View, furniture: Collection[int]) -> set[int]:
    """Find what stands beyond furniture, seen from the story: below its last prose, or above its first.

    Several lines of furniture must stand there; a list between the story and the first of them is the story's.

    >>> from stages.noise.view import look
    >>> prose = "It rained for nine days in Port Anning, said the harbour office there on Monday."
    >>> sorted(outside_story(look([prose, "Salt", "Share", "Ferry late", "Log in"]), {2, 4}))
    [2, 3, 4]
    """
    if len(furniture) < MIN_FURNITURE:
        return set()
    closed = (at for at in range(len(view.closed)) if view.closed[at] and view.n_words[at] >= PROSE_WORDS)
    prose = [at for at in closed if at not in furniture]
    if not prose:
        return set()
    above = [at for at in furniture if at < prose[0]]
    below = [at for at in furniture if at > prose[-1]]
    found = set(range(max(above))) if len(above) >= MIN_FURNITURE else set()
    return found | (set(range(min(below), len(view.paragraphs))) if len(below) >= MIN_FURNITURE else set())


def pool(
    view: View, probabilities: Sequence[float], runs: Sequence[range], known: Collection[int]
) -> dict[int, Judged]:
    """Return for each line of a run what the model says of the run as a whole, and how many words a cut would take.

    `known` lines are judged by stronger evidence; they are left out.

    >>> from stages.noise.view import look
    >>> view = look(["Salt", "2 onions", "Share"])
    >>> pool(view, [0.5, 0.5, 0.9], [range(0, 3)], {2})
    {0: Judged(probability=0.5, words=3), 1: Judged(probability=0.5, words=3)}
    """
    found: dict[int, Judged] = {}
    for run in runs:
        open_ = [at for at in run if at not in known]
        if len(open_) < 2:
            continue
        mean = sum(log_odds(probabilities[at]) for at in open_) / len(open_)
        mean -= math.log(TABLE_ODDS) if is_tabular(view, run) else 0.0
        judged = Judged(1 / (1 + math.exp(-mean)), sum(view.n_words[at] for at in open_))
        found |= dict.fromkeys(open_, judged)
    return found


def log_odds(probability: float) -> float:
    """Return the logarithm of the odds, within bounds.

    >>> log_odds(0.5), log_odds(1.0)
    (0.0, 5.0)
    """
    if not 0 < probability < 1:
        return MAX_LOG_ODDS if probability >= 1 else -MAX_LOG_ODDS
    return max(-MAX_LOG_ODDS, min(MAX_LOG_ODDS, math.log(probability / (1 - probability))))
