"""Edit scripts: turns cuts of paragraphs and spans into edits of a document's text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stages.contract import PARAGRAPH_BREAK
from stages.ledger import Action, Edit

WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Cut:
    """A paragraph, or a span of one, that leaves the text, and the evidence for it."""

    start: int  # code points in the paragraph
    end: int
    label: str
    rule: str
    action: Action = "cut"
    measured: float | None = None
    limit: float | None = None


#: Cuts by paragraph: tidy, that is in order and without overlap.
Cuts = dict[int, list[Cut]]


def joined(paragraphs: Sequence[str], earlier: Cuts, later: Cuts) -> Cuts:
    """Join earlier cuts with later ones, found in what the earlier ones left, as cuts of `paragraphs`.

    >>> earlier = {0: [Cut(0, 4, "nav", "a")], 1: [Cut(0, 6, "wire", "b")]}
    >>> joined(["Menu", "(AP) -It rained"], earlier, {0: [Cut(3, 9, "ad", "c")]})[1]
    [Cut(start=0, end=6, label='wire', rule='b', action='cut', measured=None, limit=None), \
Cut(start=9, end=15, label='ad', rule='c', action='cut', measured=None, limit=None)]
    """
    if not earlier:
        return later
    gone = gone_in(paragraphs, earlier)
    kept = [at for at in range(len(paragraphs)) if at not in gone]
    both = dict(earlier)
    for number, cuts in later.items():
        at = kept[number]
        pieces = [piece for cut in cuts for piece in moved_back(cut, earlier.get(at, ()))]
        both[at] = sorted([*earlier.get(at, ()), *pieces], key=lambda cut: cut.start)
    return both


def moved_back(cut: Cut, earlier: Sequence[Cut]) -> list[Cut]:
    """Convert a cut of what `earlier` cuts left of a paragraph to cuts of the paragraph, split where those lie inside.

    >>> [(c.start, c.end) for c in moved_back(Cut(2, 6, "", ""), [Cut(0, 3, "", ""), Cut(7, 9, "", "")])]
    [(5, 7), (9, 11)]
    """
    start, end = cut.start, cut.end
    pieces: list[Cut] = []
    for before in earlier:
        if before.start >= end:
            break
        if before.start > start:
            pieces.append(moved(cut, start, before.start))
            start = before.start
        start, end = start + width(before), end + width(before)
    return [*pieces, moved(cut, start, end)]


def tidy(paragraph: str, cuts: Sequence[Cut]) -> list[Cut]:
    """Put cuts in order, without overlap, and widen them so that no stray white space stays at the joints.

    >>> [(c.start, c.end) for c in tidy("QUAY (AP) — It rained. Read more", [Cut(0, 11, "", ""), Cut(23, 32, "", "")])]
    [(0, 12), (22, 32)]
    """
    ordered: list[Cut] = []
    for cut in sorted(cuts, key=lambda c: (c.start, -c.end)):
        if not ordered or cut.start >= ordered[-1].end:
            ordered.append(cut)
    return trim_end(paragraph, trim_joints(paragraph, ordered))


def trim_joints(paragraph: str, cuts: Sequence[Cut]) -> list[Cut]:
    """Extend each cut by the white space after it where white space, or nothing, stays before it."""
    trimmed: list[Cut] = []
    kept_end = ""  # the last character that stays
    at = 0
    for cut in cuts:
        kept_end = paragraph[cut.start - 1] if cut.start > at else kept_end
        start, end = max(cut.start, at), cut.end
        while end < len(paragraph) and paragraph[end].isspace() and (not kept_end or kept_end.isspace()):
            end += 1
        trimmed.append(moved(cut, start, max(start, end)))
        at = trimmed[-1].end
    return [cut for cut in trimmed if cut.start < cut.end]


def trim_end(paragraph: str, cuts: list[Cut]) -> list[Cut]:
    """Extend the cuts that end the paragraph by the white space before them."""
    at, end = len(cuts), len(paragraph.rstrip())
    while at and cuts[at - 1].end >= end:
        at, end = at - 1, cuts[at - 1].start
    if at == len(cuts):
        return cuts
    start = cuts[at].start
    while start and paragraph[start - 1].isspace() and (not at or start > cuts[at - 1].end):
        start -= 1
    cuts[at] = moved(cuts[at], start, cuts[at].end)
    cuts[-1] = moved(cuts[-1], cuts[-1].start, len(paragraph))
    return cuts


def moved(cut: Cut, start: int, end: int) -> Cut:
    """Return a cut with other ends; itself where they are the same, as they nearly always are."""
    return cut if (start, end) == (cut.start, cut.end) else replace(cut, start=start, end=end)


def remainder(paragraph: str, cuts: Sequence[Cut]) -> str:
    """Return the text that stays of a paragraph."""
    parts, at = [], 0
    for cut in cuts:
        parts.append(paragraph[at : cut.start])
        at = cut.end
    return "".join([*parts, paragraph[at:]])


def gone_in(paragraphs: Sequence[str], cuts: Mapping[int, Sequence[Cut]]) -> set[int]:
    """Return the paragraphs that cuts leave no word of."""
    return {at for at, some in cuts.items() if not WORD.search(remainder(paragraphs[at], some))}


def edit_script(paragraphs: Sequence[str], cuts: Mapping[int, Sequence[Cut]]) -> list[Edit]:
    """Write the edits of the text that `paragraphs` make up; `cuts` are tidy.

    A paragraph with nothing left takes one separator along, so that paragraphs stay joined by one break.

    >>> from stages.ledger import apply_edits
    >>> cuts = {0: [Cut(0, 4, "nav", "r")], 2: [Cut(0, 5, "social", "r")]}
    >>> script = edit_script(["Menu", "It rained.", "Share"], cuts)
    >>> apply_edits("Menu\\n\\nIt rained.\\n\\nShare", script)
    'It rained.'
    """
    gone = gone_in(paragraphs, cuts)
    first_kept = next((at for at in range(len(paragraphs)) if at not in gone), None)
    edits: list[Edit] = []
    offset = 0
    for at, paragraph in enumerate(paragraphs):
        if at in gone:
            edits.append(whole(at, offset, paragraph, max(cuts[at], key=width), first_kept))
        else:
            edits += [to_edit(cut, at, offset + cut.start, offset + cut.end) for cut in cuts.get(at, ())]
        offset += len(paragraph) + len(PARAGRAPH_BREAK)
    return edits


def width(cut: Cut) -> int:
    """Return the number of characters that a cut takes."""
    return cut.end - cut.start


def whole(at: int, offset: int, paragraph: str, cut: Cut, first_kept: int | None) -> Edit:
    """Return the edit that takes a whole paragraph away, with its separator."""
    start, end = offset, offset + len(paragraph)
    if first_kept is not None and at < first_kept:
        end += len(PARAGRAPH_BREAK)
    elif at:
        start -= len(PARAGRAPH_BREAK)
    return to_edit(cut, at, start, end)


def to_edit(cut: Cut, paragraph: int, start: int, end: int) -> Edit:
    """Return a cut as an edit of the document's text."""
    return Edit(start, end, "", cut.action, cut.label, cut.rule, paragraph, cut.measured, cut.limit)
