"""View of a document for rules: its paragraphs, each with the few measures that rules read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stages.noise.keywords import Keywords
from stages.noise.paragraph_shapes import NO_KEYWORDS, ParagraphShape, Shapes, add_shapes


@dataclass(frozen=True, slots=True)
class View:
    """The paragraphs of a document and, in step with them, what rules read of each."""

    paragraphs: tuple[str, ...]
    forms: tuple[str, ...]  # the normal form of each
    n_words: tuple[int, ...]
    closed: tuple[bool, ...]  # ends as prose does
    title: str | None
    outlet: str
    is_transcript: bool  # of a broadcast, some speakers named with what they are there
    is_prose: bool  # nearly all its long paragraphs end as prose does, so one that does not stands out
    keywords: Keywords

    def of(self, chosen: Sequence[int]) -> View:
        """Return the view of some of its paragraphs, which are a transcript or prose where all are."""
        return replace(
            self,
            paragraphs=tuple(self.paragraphs[at] for at in chosen),
            forms=tuple(self.forms[at] for at in chosen),
            n_words=tuple(self.n_words[at] for at in chosen),
            closed=tuple(self.closed[at] for at in chosen),
        )


def look(
    paragraphs: list[str],
    title: str | None = None,
    outlet: str = "",
    known: Shapes | None = None,
    keywords: Keywords = NO_KEYWORDS,
) -> View:
    """Make the view of a document. Shapes that `known` does not hold yet are added to it.

    >>> look(["Harbour reopens", "The harbour opened again on Monday after the storm."]).closed
    (False, True)
    """
    known = {} if known is None else known
    add_shapes(known, paragraphs, keywords)
    shapes = [known[paragraph] for paragraph in paragraphs]
    forms, n_words, closed, _, speaks = zip(*shapes, strict=True)
    return View(tuple(paragraphs), forms, n_words, closed, title, outlet, any(speaks), is_prose(shapes), keywords)


def is_prose(shapes: Sequence[ParagraphShape]) -> bool:
    """Return True if at least two thirds of the paragraphs of 25 words and more end as prose does.

    Of 12 words and more, where there are fewer than three; captions of a gallery do not count.

    >>> from stages.noise.paragraph_shapes import line_of
    >>> is_prose([line_of("It rained. " * 15), line_of("Ferry"), line_of("1/2 A boat and " + "a gull and " * 9)])
    True
    """
    ends = [shape.closed for shape in shapes if shape.n_words >= 25 and not shape.counted]
    if len(ends) < 3:
        ends = [shape.closed for shape in shapes if shape.n_words >= 12 and not shape.counted]
    return len(ends) > 0 and sum(ends) >= 2 / 3 * len(ends)
