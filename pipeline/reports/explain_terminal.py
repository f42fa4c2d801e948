"""An explanation on a terminal or in a pipe: lines wrap between words, so that paths and addresses stay whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from pipeline.console import aligned, counted, in_one_line, pictured
from pipeline.reports.explain import ExplainedParagraph, Explanation
from pipeline.reports.explain_copies import CopiedPassage, PassagePlace
from pipeline.reports.explain_words import happened
from pipeline.reports.passage_words import to_the_minute
from stages.shared.words import count_words

STYLES = {"cut": "red strike", "moved": "yellow strike", "edited": "cyan"}
_WORD = re.compile(r"\S+\s*")
#: Columns of the paragraph's number, and the least width of text beside an indent.
INDENT, LEAST = 6, 16


@dataclass(frozen=True)
class Hanging:
    """A text with an indent, wrapped between words only: what is longer than a line is left to the terminal."""

    text: Text
    first: str = ""
    indent: int = 0
    first_style: str = "dim"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        width = max(LEAST, options.max_width - self.indent)
        for number, line in enumerate(self.text.divide(line_breaks(self.text.plain, width))):
            line.rstrip()
            begin = Text(f"{'' if number else self.first:<{self.indent}}", style=self.first_style)
            yield Text.assemble(begin, line, no_wrap=True, overflow="ignore")


def line_breaks(text: str, width: int) -> list[int]:
    """Return where lines of a width break, always between words: a word that is longer than a line stays whole.

    >>> line_breaks("It rained in https://quay.example/port-anning all day", 12)
    [13, 46]
    """
    breaks, column = [], 0
    for word in _WORD.finditer(text):
        if column and column + cell_len(word[0].rstrip()) > width:
            breaks.append(word.start())
            column = 0
        column += cell_len(word[0])
    return breaks


def render(explanation: Explanation, only_changes: bool = False) -> RenderableType:
    """Render an explanation. `only_changes` leaves out the paragraphs that nothing happened to."""
    done = [Hanging(Text(in_one_line(line), style="magenta"), indent=2) for line in explanation.other_changes()]
    for paragraph in explanation.paragraphs():
        if paragraph.changed or not only_changes:
            done += _paragraph(paragraph, explanation)
    if only_changes and not done:
        done = [Hanging(Text("nothing is cut or moved here", style="dim"), indent=2)]
    return Group(
        *_header(explanation),
        *done,
        *([] if only_changes else _summary(explanation)),
        Text(),
    )


def _header(explanation: Explanation) -> list[RenderableType]:
    lines: list[RenderableType] = [Hanging(Text(in_one_line(explanation.subject), style="bold"))]
    values = dict(explanation.header())
    if explanation.run is not None:
        values["run"] = explanation.run
    lines += [Hanging(Text(in_one_line(value)), f"  {name:<10} ", 13) for name, value in values.items()]
    return [*lines, Text()] if values else lines


def _paragraph(paragraph: ExplainedParagraph, explanation: Explanation) -> list[Hanging]:
    body = Text(pictured(paragraph.text))
    for span in paragraph.spans:
        body.stylize(STYLES[span.row["action"]], span.start, span.end)
    for span in paragraph.spans:
        why = happened(span.row, explanation.document, explanation.strengths)
        body.append(f"  [{in_one_line(why)}]", style="magenta")
    number = "" if paragraph.number is None else f"{paragraph.number:>4}"
    return [
        Hanging(body, number, INDENT),
        *(line for copy in paragraph.copies for line in _copy(copy)),
    ]


def _copy(copy: CopiedPassage) -> Iterator[Hanging]:
    """Render where else a passage stands, who was first, and what is different there."""
    said = f"“{_in_short(copy.text)}”: {copy.in_words()}"
    style = "green" if copy.is_canonical else "blue"
    yield Hanging(Text(in_one_line(said), style=style), "      ↳ ", INDENT + 2)
    for place in copy.places:
        yield Hanging(Text(in_one_line(_named(place)), style=style), "", INDENT + 4)
    if copy.total > len(copy.places):
        yield Hanging(Text(f"and {copy.total - len(copy.places):,} more", style=style), "", INDENT + 4)
    if changes := copy.differences_in_words():
        yield Hanging(Text(in_one_line(changes), style="dim"), "", INDENT + 4)


def _named(place: PassagePlace) -> str:
    when = to_the_minute(place.published)
    first = "first: " if place.is_canonical else ""
    title = f"  {place.title}" if place.title else ""
    return f"{first}{place.outlet}  {when}  {place.doc_id[:12]}{title}"


def _in_short(text: str) -> str:
    """Shorten a passage to its first and last words.

    >>> _in_short("It rained in Port Anning."), _in_short("one two three four five six seven eight nine ten")
    ('It rained in Port Anning.', 'one two three four five … ten')
    """
    words = text.split()
    return text if len(words) <= 8 else f"{' '.join(words[:5])} … {words[-1]}"


def _summary(explanation: Explanation) -> list[Hanging]:
    """Count what was taken by action, reason and rule."""
    counts: dict[tuple[str, str, str], list[int]] = {}
    for row in explanation.taken():
        count = counts.setdefault((row["action"], row["reason"], row["rule"] or ""), [0, 0])
        count[0] += 1
        count[1] += count_words(row["before"] or "")
    if not counts:
        return []
    rows = [_counted(key, count, explanation.strengths) for key, count in counts.items()]
    words = count_words(explanation.text)
    taken = sum(count[1] for count in counts.values())
    total = f"{taken:,} of {counted(words, 'word')} cut or moved"
    lines = [*map(in_one_line, aligned(rows)), total]
    return [Hanging(Text()), *(Hanging(Text(line, style="dim"), indent=2) for line in lines)]


def _counted(key: tuple[str, str, str], count: list[int], strengths: Mapping[str, str]) -> tuple[str, ...]:
    action, reason, rule = key
    strength = f"{strengths[rule]} rule" if rule in strengths else "line model" if rule == "model" else "page or outlet"
    times, words = counted(count[0], "time"), counted(count[1], "word")
    return action, reason.replace("_", " "), rule, strength, times, words
