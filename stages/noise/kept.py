"""Labels that the settings keep: what would have been cut under one of them stays, and a ledger row says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from stages.contract import PARAGRAPH_BREAK
from stages.ledger import LedgerRows, Subject
from stages.noise.edits import Cut, Cuts, gone_in
from stages.noise.labels import LabelledLine, teaser_labels
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


class Keeping(NamedTuple):
    """The labels that are kept in a document, its text as it came, and what earlier rounds cut from that."""

    labels: Collection[str]
    text: str
    earlier: Cuts

    def divided(self, paragraphs: Sequence[str], found: Mapping[int, Sequence[Cut]]) -> tuple[Cuts, list[Kept]]:
        """Divide what a round found, by paragraph, into cuts and what is kept, by the labels that the ledger shows.

        A line below "Read more:" that was taken for a caption is a link, whether it is cut or kept.
        """
        cuts: Cuts = {}
        kept: list[Kept] = []
        for at, some in self._labelled(paragraphs, found).items():
            cuts[at], stays = divided(at, paragraphs[at], some, self.labels)
            kept += stays
        return cuts, kept

    def _labelled(self, paragraphs: Sequence[str], found: Mapping[int, Sequence[Cut]]) -> Cuts:
        came = self.text.split(PARAGRAPH_BREAK)
        numbers = remaining(came, self.earlier)
        lines = [
            (LabelledLine(at, came[at][cut.start : cut.end], cut.label, cut.rule), None, cut)
            for at, some in self.earlier.items()
            for cut in some
        ] + [
            (LabelledLine(numbers[at], paragraphs[at][cut.start : cut.end], cut.label, cut.rule), at, cut)
            for at, some in found.items()
            for cut in some
        ]
        lines.sort(key=lambda each: (each[0].paragraph, each[2].start))
        labelled: Cuts = {at: [] for at in found}
        for (_, at, cut), label in zip(lines, teaser_labels(line for line, _, _ in lines), strict=True):
            if at is not None:
                labelled[at].append(cut if label == cut.label else replace(cut, label=label))
        return labelled


def remaining(paragraphs: Sequence[str], earlier: Cuts) -> list[int]:
    """Return the numbers of the paragraphs that earlier cuts left."""
    gone = gone_in(paragraphs, earlier)
    return [at for at in range(len(paragraphs)) if at not in gone]


def as_it_came(text: str, earlier: Cuts, kept: Sequence[Kept]) -> list[Kept]:
    """Number kept paragraphs as in the text that the stage was handed, given the cuts of the rounds before.

    >>> as_it_came("Menu\\n\\nQuill at sea", {0: [Cut(0, 4, "nav", "a")]}, [Kept(0, "Quill at sea", None)])
    [Kept(paragraph=1, text='Quill at sea', cut=None)]
    """
    if not kept:
        return []
    numbers = remaining(text.split(PARAGRAPH_BREAK), earlier)
    return [one._replace(paragraph=numbers[one.paragraph]) for one in kept]


def add_rows(rows: LedgerRows, subject: Subject, kept: Iterable[Kept]) -> None:
    """Add a `marked` row for all that is kept. It has no span: nothing was changed, so nothing is to be undone."""
    for at, text, cut in kept:
        rows.add(
            subject, "marked", cut.label, rule=cut.rule, paragraph=at, before=text,
            measured=cut.measured, limit=cut.limit,
        )  # fmt: skip
