"""Labels that the settings keep: what would have been cut under one of them stays, and a ledger row says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from stages.contract import PARAGRAPH_BREAK
from stages.ledger import LedgerRows, Subject
from stages.noise.edits import Cut, Cuts, gone_in
from stages.noise.rules import LABELS, refuse_unknown_value

#: What `[noise] keep` may name.
KEEPABLE = (*LABELS, "template")


class Kept(NamedTuple):
    """A paragraph, or a span of one, that stays because its label is kept, and the evidence that would have cut it."""

    paragraph: int
    text: str
    cut: Cut


def refuse_unknown_labels(keep: Iterable[str]) -> None:
    """Refuse a label that no paragraph is ever given.

    >>> refuse_unknown_labels(["captions"])
    Traceback (most recent call last):
    ValueError: noise.keep: unknown label 'captions' (did you mean 'caption'?)
    """
    for label in keep:
        refuse_unknown_value(label, KEEPABLE, "noise.keep: unknown label")


def divided(at: int, paragraph: str, found: Sequence[Cut], keep: Collection[str]) -> tuple[list[Cut], list[Kept]]:
    """Divide the cuts of a paragraph into those to be made and those whose label is kept.

    >>> cuts, kept = divided(3, "Ferry. (Photo: Quill)", [Cut(7, 21, "credit", "en.credit")], {"credit"})
    >>> cuts, kept[0].text
    ([], '(Photo: Quill)')
    """
    kept = [Kept(at, paragraph[cut.start : cut.end], cut) for cut in found if cut.label in keep]
    return [cut for cut in found if cut.label not in keep], kept


def as_it_came(text: str, earlier: Cuts, kept: Sequence[Kept]) -> list[Kept]:
    """Number kept paragraphs as in the text that the stage was handed, given the cuts of the rounds before.

    >>> as_it_came("Menu\\n\\nQuill at sea", {0: [Cut(0, 4, "nav", "a")]}, [Kept(0, "Quill at sea", None)])
    [Kept(paragraph=1, text='Quill at sea', cut=None)]
    """
    if not kept:
        return []
    paragraphs = text.split(PARAGRAPH_BREAK)
    gone = gone_in(paragraphs, earlier)
    numbers = [at for at in range(len(paragraphs)) if at not in gone]
    return [one._replace(paragraph=numbers[one.paragraph]) for one in kept]


def add_rows(rows: LedgerRows, subject: Subject, kept: Iterable[Kept]) -> None:
    """Add a `marked` row for all that is kept. It has no span: nothing was changed, so nothing is to be undone."""
    for at, text, cut in kept:
        rows.add(
            subject, "marked", cut.label, rule=cut.rule, paragraph=at, before=text,
            measured=cut.measured, limit=cut.limit,
        )  # fmt: skip
