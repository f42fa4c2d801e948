"""Template proposals for `clean learn`: paragraphs that outlets repeat, and the review in which a person decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from pipeline.console import in_one_line
from pipeline.errors import UserError
from pipeline.settings import template_answers
from pipeline.settings.template_answers import Answer, Decision
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import dataset
from pipeline.templates.mining import NAMED
from stages.noise import templates

ANSWERS = {"a": Decision.accept, "r": Decision.refuse, "s": None, "": None}
KNOWN_ANSWERS = ("", "a", "accept", "r", "refuse", "s", "skip", "q", "quit")
QUESTION = "[a]ccept, [r]efuse, [s]kip, [q]uit: "
STYLES = {"accepted": "green", "refused": "red", "automatic": "cyan", "proposed": "yellow"}


@dataclass(frozen=True)
class Proposal:
    """A paragraph that an outlet repeats, with the counts of all runs so far."""

    outlet: str
    mask: int
    masked: str
    example: str
    support: int  # documents of the outlet that hold it
    elsewhere: int  # documents of other outlets
    first_seen: datetime | None
    last_seen: datetime | None
    status: str  # accepted, refused, automatic or proposed
    documents: tuple[str, ...]
    cut_by: tuple[str, ...] = ()  # the rules that cut it in these documents, where one does in all of them

    @property
    def is_open(self) -> bool:
        """True if a person's answer would change anything: nobody has answered, and no rule cuts it anyway."""
        return self.status in ("automatic", "proposed") and not self.cut_by

    def as_dict(self) -> dict[str, Any]:
        """Return the proposal as plain JSON types."""
        return {
            "outlet": self.outlet,
            "template": templates.rule_of(self.outlet, self.mask),
            "paragraph": self.example,
            "masked": self.masked,
            "support": self.support,
            "elsewhere": self.elsewhere,
            "first_seen": self.first_seen and self.first_seen.isoformat(),
            "last_seen": self.last_seen and self.last_seen.isoformat(),
            "status": self.status,
            "cut_by": list(self.cut_by),
            "documents": list(self.documents),
        }


def proposals(corpus: Corpus, folder: Path, outlet: str | None = None, min_support: int = 0) -> list[Proposal]:
    """List repeated paragraphs by outlet, the best supported first; `folder` holds the answers so far.

    Raises UserError where nothing of `outlet` recurs, or where a file of answers is wrong.
    """
    found: dict[tuple[str, int], Proposal] = {}
    for run in corpus.runs:
        for row in _rows(corpus.out, run, outlet):
            _take_in(found, row)
    if outlet is not None and not found:
        raise UserError(
            f"no paragraph recurs in the published documents of outlet {outlet!r}. `clean learn` lists the outlets "
            "that repeat something; `clean runs` lists what was published."
        )
    decisions = {(one.outlet, one.mask): one.decision for one in template_answers.load(folder)}
    chosen = [_answered(one, decisions.get(key)) for key, one in found.items() if one.support >= min_support]
    chosen = _with_rules(corpus, chosen)
    return sorted(chosen, key=lambda one: (one.outlet, -one.support, one.masked))


def _rows(out: OutputLocation, run: str, outlet: str | None) -> list[dict[str, Any]]:
    """Read the table `templates` of a run."""
    wanted = None if outlet is None else pc.field("outlet") == outlet
    rows: list[dict[str, Any]] = dataset(out, "templates", run).to_table(filter=wanted).to_pylist()
    return rows


def _take_in(found: dict[tuple[str, int], Proposal], row: dict[str, Any]) -> None:
    """Add the row of a later run: its counts include those of all runs before it."""
    key = (row["outlet"], row["mask"])
    earlier = found[key].documents if key in found else ()
    named = tuple(dict.fromkeys([*earlier, *row["documents"]]))[:NAMED]
    found[key] = Proposal(**{**row, "documents": named})


def _answered(one: Proposal, decision: Decision | None) -> Proposal:
    if decision is not None:
        return replace(one, status="accepted" if decision is Decision.accept else "refused")
    return replace(one, status="proposed") if one.status in ("accepted", "refused") else one


def _with_rules(corpus: Corpus, chosen: Sequence[Proposal]) -> list[Proposal]:
    """Name the rules, or the model, that already cut each paragraph in all of its documents."""
    cut = _cuts(corpus, {doc_id for one in chosen for doc_id in one.documents})
    found = []
    for one in chosen:
        rules = [cut.get((doc_id, one.mask)) for doc_id in one.documents]
        named = tuple(sorted({rule for rule in rules if rule is not None}))
        found.append(one if None in rules else replace(one, cut_by=named))
    return found


def _cuts(corpus: Corpus, doc_ids: set[str]) -> dict[tuple[str, int], str]:
    """Read from the ledgers which rule cut each paragraph of some documents, by document and mask; no templates."""
    ids = pa.array(sorted(doc_ids), pa.string())
    wanted = pc.is_in(pc.field("doc_id"), ids) & (pc.field("stage") == "noise") & pc.field("before").is_valid()
    cut: dict[tuple[str, int], str] = {}
    for run in corpus.runs:
        rows = dataset(corpus.out, "ledger", run).to_table(["doc_id", "rule", "before"], filter=wanted)
        for row in rows.to_pylist():
            if not (row["rule"] or "").startswith("template:"):
                cut[row["doc_id"], templates.digest(templates.mask_of(row["before"].strip()))] = row["rule"]
    return cut


# ---------------------------------------------------------------- for people


NOTHING_RECURS = (
    "No paragraph recurs on {} pages or more of one outlet. With more pages of an outlet more is found; "
    "--min-support 2 lists what stands on two pages."
)


def render(found: Iterable[Proposal], min_support: int) -> RenderableType:
    """Format all proposals, outlet by outlet; without any, say what would find more."""
    parts: list[RenderableType] = []
    outlet = None
    for one in found:
        if one.outlet != outlet:
            outlet = one.outlet
            parts.append(Text(f"\n{in_one_line(outlet)}", style="bold"))
        first, *rest = lines_about(one)
        parts.append(Padding(first, (0, 0, 0, 2), expand=False))
        parts += [Padding(line, (0, 0, 0, 6), expand=False) for line in rest]
    if not parts:
        return Text(NOTHING_RECURS.format(min_support))
    return Group(*parts, Text("\n--review asks about each: accept it as a template, or refuse it", style="dim"))


def show(one: Proposal) -> Text:
    """Format one proposal as a text, its lines below the first indented."""
    return Text("\n    ").join(lines_about(one))


def lines_about(one: Proposal) -> list[Text]:
    """Format one proposal: a line with how often, where and since when, and the words below."""
    line = Text(f"{one.support:,} pages").append(f"  {one.status}", style=STYLES[one.status])
    cut = f"cut anyway by {', '.join(one.cut_by)}" if one.cut_by else ""
    for said in filter(None, (_others(one), _seen(one), cut)):
        line.append(f"  {said}", style="dim")
    masked = [Text(f"as {in_one_line(one.masked)}", style="dim")] if one.masked != one.example else []
    documents = Text(f"in {' '.join(doc_id[:12] for doc_id in one.documents)}", style="dim")
    return [line, Text(in_one_line(one.example)), *masked, documents]


def _others(one: Proposal) -> str:
    return f"and {one.elsewhere:,} of other outlets" if one.elsewhere else ""


def _seen(one: Proposal) -> str:
    if one.first_seen is None or one.last_seen is None:
        return ""
    return f"{one.first_seen:%Y-%m-%d} to {one.last_seen:%Y-%m-%d}"


def review(
    found: Sequence[Proposal], folder: Path, ask: Callable[[str], str], tell: Callable[[RenderableType], None]
) -> str:
    """Ask about every open proposal and save each answer at once; return a summary in words.

    `ask` puts a question and returns the answer, or raises EOFError where the input ends.
    """
    waiting = [one for one in found if one.is_open]
    answered = 0
    for number, one in enumerate(waiting, start=1):
        tell(Text(f"\n{in_one_line(one.outlet)}, {number} of {len(waiting)}", style="bold"))
        tell(show(one))
        try:
            letter = _answer(ask, tell)
        except EOFError:
            return _summary(answered, len(waiting) - number + 1, folder, "the answers ended")
        if letter == "q":
            return _summary(answered, len(waiting) - number + 1, folder, "stopped")
        if decision := ANSWERS[letter]:
            template_answers.save(folder, [Answer(one.outlet, one.example, decision)])
            answered += 1
    return _summary(answered, 0, folder, "all were asked")


def _answer(ask: Callable[[str], str], tell: Callable[[RenderableType], None]) -> str:
    """Ask until the answer is a known one; return its first letter, or "" for skip."""
    while True:
        answer = ask(QUESTION).strip().lower()
        if answer in KNOWN_ANSWERS:
            return answer[:1]
        tell(Text(f"{answer!r} is no answer. Type a, r, s or q.", style="yellow"))


def _summary(answered: int, remaining: int, folder: Path, why: str) -> str:
    return (
        f"{why}: {answered} answered, {remaining} not asked yet; answers are in {folder}/, where `clean run` reads them"
    )
