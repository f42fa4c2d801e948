"""The page that `clean diff` prints: settings, totals, tables by rule and by outlet, and samples in their context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.console import counted, in_one_line
from pipeline.reports.diff.context import ShownCut
from pipeline.reports.diff.counts import TURNS, Comparison, CutCounts, Cutting, RuleName, Turn
from pipeline.reports.diff.sides import Setting, as_value
from pipeline.reports.explain_words import evidence
from pipeline.reports.matches import SHORT_ID

#: Lines of a table; the JSON form has all.
RULES, OUTLETS, COLUMN_SAMPLES, PASSAGE_SAMPLES = 20, 12, 3, 3
#: Rules that samples are shown of, the heaviest first, when none is asked for by name.
SAMPLED_RULES = 8
#: Characters of a cut that are shown: its beginning and its end.
HEAD, TAIL = 220, 60
HEADINGS: dict[Turn, tuple[str, str]] = {
    "appeared": ("cut now, kept before", "red"),
    "vanished": ("kept now, cut before", "green"),
    "changed": ("cut by another rule, or for another reason", "yellow"),
}


def render(
    found: Comparison, samples: Sequence[ShownCut], only_cuts: bool, strengths: Mapping[str, str]
) -> RenderableType:
    """Render a comparison for a terminal. With `only_cuts`, what was not compared is left out.

    `strengths` are those of the rules in use.
    """
    parts: list[RenderableType] = [_sides(found), *_notes(found), *_settings(found)]
    if found.is_equal and not only_cuts:
        return Group(*parts, Text("no document, cut, column, text or passage differs", style="bold"))
    parts += [_totals(found, only_cuts), *_rules(found), *_outlets(found, only_cuts)]
    if not found.cuts.differs:
        parts.append(Text("no cut differs\n"))
    if not only_cuts:
        parts += [*_documents(found), *_columns(found), *_edits(found)]
    parts += _cut_samples(found, samples, len(samples) if only_cuts else SAMPLED_RULES, strengths)
    if not only_cuts:
        parts += _passages(found)
    return Group(*parts)


# ---------------------------------------------------------------- before the tables


def _sides(found: Comparison) -> Text:
    return Text(f"old  {in_one_line(found.old.name)}\nnew  {in_one_line(found.new.name)}\n", style="bold")


def _notes(found: Comparison) -> Iterator[RenderableType]:
    if found.notes:
        yield Text("".join(f"{in_one_line(note)}\n" for note in found.notes), style="yellow")


def _settings(found: Comparison) -> Iterator[RenderableType]:
    for title, differing in (("settings", found.settings), ("versions", found.versions)):
        if differing:
            yield _title(f"{title} that differ")
            yield _lines([_setting(each) for each in differing])
    if not found.settings and not found.versions:
        yield Text("the same settings and versions\n", style="dim")


def _setting(each: Setting) -> Text:
    old, new = (in_one_line(as_value(value)) for value in (each.old, each.new))
    return Text(f"{each.key}  ").append(old, style="red").append(" → ").append(new, style="green")


# ---------------------------------------------------------------- tables


def _totals(found: Comparison, only_cuts: bool) -> RenderableType:
    """Render the figures of both sides, each with its difference and a remark."""
    table = _table("", "old", "new", "difference", left=1)
    table.add_column("", overflow="fold")
    for name, old, new, remark in _figures(found, only_cuts):
        table.add_row(name, f"{old:,}", f"{new:,}", _signed(new - old), Text(remark, style="dim"))
    n = found.documents.changed_pages
    changed = f"{counted(n, 'document')} paired by address: the page itself changed\n" if n else ""
    return Group(table, Text(changed))


def _figures(found: Comparison, only_cuts: bool) -> Iterator[tuple[str, int, int, str]]:
    """Yield the figures: name, old, new and remark."""
    documents, cuts, passages = found.documents, found.cuts, found.passages
    if not only_cuts:
        yield "documents", documents.old, documents.new, f"{documents.both:,} on both sides"
        differing = f"{documents.texts_differ:,} texts differ"
        yield "words kept", documents.old_words, documents.new_words, differing
        yield "  canonical", documents.old_canonical_words, documents.new_canonical_words, ""
    yield "cuts and moves", cuts.old, cuts.new, _turns(cuts)
    yield "  their words", cuts.old_words, cuts.new_words, ""
    if passages.old or passages.new:
        first = f", {passages.first_elsewhere:,} first elsewhere" if passages.first_elsewhere else ""
        yield "copied passages", passages.old, passages.new, f"+{passages.gained:,} −{passages.lost:,}{first}"
        same = f"{passages.same_clusters:,} are the same"
        yield "  clusters", passages.old_clusters, passages.new_clusters, same


def _rules(found: Comparison) -> Iterator[RenderableType]:
    rows = found.differing_rules()
    if rows:
        yield _title(f"cuts by rule{_of(RULES, len(rows))}")
        table = _table("reason", "rule", *CUT_COLUMNS, left=2)
        for (reason, rule), counts in rows[:RULES]:
            table.add_row(_spaced(reason), in_one_line(rule or "–"), *_cut_cells(counts))
        yield Group(table, Text(CUT_LEGEND, style="dim"))


def _outlets(found: Comparison, only_cuts: bool) -> Iterator[RenderableType]:
    rows = found.differing_outlets()
    if not rows:
        return
    yield _title(f"cuts by outlet{_of(OUTLETS, len(rows))}")
    words = () if only_cuts else ("kept, old", "kept, new")
    table = _table("outlet", *CUT_COLUMNS, *words, left=1)
    for outlet, counts in rows[:OUTLETS]:
        kept = found.outlet_words[outlet]
        cells = () if only_cuts else (f"{kept.old_words:,}", f"{kept.new_words:,}")
        table.add_row(in_one_line(outlet or "(not known)"), *_cut_cells(counts), *cells)
    yield Group(table, Text())


CUT_COLUMNS = ("old", "new", "+cuts", "+words", "−cuts", "−words", "other")
CUT_LEGEND = "+ cut now, − kept now; other: + from another rule or reason, − to one\n"


def _cut_cells(counts: CutCounts) -> list[str]:
    other = " ".join(f"{sign}{n:,}" for sign, n in (("+", counts.taken_over), ("−", counts.given_up)) if n)
    cells = (counts.appeared, counts.appeared_words, counts.vanished, counts.vanished_words)
    return [f"{counts.old:,}", f"{counts.new:,}", *(f"{n:,}" if n else "" for n in cells), other]


def _documents(found: Comparison) -> Iterator[RenderableType]:
    if found.fates:
        yield _title("documents with another outcome")
        lines = []
        for (old, new), n in found.commonest_fates():
            ids = ", ".join(change.key[:SHORT_ID] for change in found.fate_samples.of((old, new)))
            lines.append(Text(f"{n:>6,}  {_spaced(old)} → {_spaced(new)}   ").append(ids, style="dim"))
        yield _lines(lines)
    inputs = {name: pair for name, pair in found.inputs.items() if pair[0] != pair[1]}
    if inputs:
        yield _title("inputs that are no documents")
        yield _lines([Text(f"{_spaced(name)}  {old:,} → {new:,}") for name, (old, new) in sorted(inputs.items())])


def _columns(found: Comparison) -> Iterator[RenderableType]:
    if not found.columns:
        return
    yield _title("columns that changed, in documents")
    table = _table("column", "changed", "filled", "emptied", left=1)
    for name, counts in sorted(found.columns.items(), key=lambda item: -item[1].total):
        table.add_row(name, *(f"{n:,}" if n else "" for n in (counts.changed, counts.filled, counts.emptied)))
    lines = []
    for name in sorted(found.columns):
        for each in found.column_samples.of(name)[:COLUMN_SAMPLES]:
            line = Text(f"{each.key[:SHORT_ID]} {name}  ").append(_value(each.old), style="red").append(" → ")
            lines.append(line.append(_value(each.new), style="green"))
    yield Group(table, _lines(lines))


def _edits(found: Comparison) -> Iterator[RenderableType]:
    rows = [(name, row) for name, row in sorted(found.edits.items()) if row[2] or row[3]]
    if rows:
        yield _title("edits and marks")
        table = _table("stage", "action", "reason", "old", "new", "+", "−", left=3)
        for name, row in rows:
            table.add_row(*map(_spaced, name), *(f"{n:,}" if n else "" for n in row))
        yield Group(table, Text())


# ---------------------------------------------------------------- samples


def _cut_samples(
    found: Comparison, samples: Sequence[ShownCut], rules: int, strengths: Mapping[str, str]
) -> Iterator[RenderableType]:
    """Render the samples of at most so many rules, kind of change by kind of change."""
    groups: dict[Turn, dict[RuleName, list[ShownCut]]] = {turn: {} for turn in TURNS}
    for each in samples:
        groups[each.change.turn].setdefault(each.change.made.name, []).append(each)
    for turn, by_rule in groups.items():
        if by_rule:
            heading, style = HEADINGS[turn]
            names = sorted(by_rule, key=lambda name: (-found.rules[name].weight[0], name))
            yield _title(f"{heading}{_of(rules, len(names), 'rules')}")
            for name in names[:rules]:
                drawn = _drawn(len(by_rule[name]), found.cut_samples.seen[turn, name], found.seed)
                yield Text(_named(*name), style=style).append(f"  ({drawn})", style="not bold dim")
                yield from (_sample(each, style, strengths) for each in by_rule[name])


def _drawn(shown: int, total: int, seed: int) -> str:
    """Say how a sample was drawn.

    >>> _drawn(3, 157, 0), _drawn(2, 2, 0)
    ('3 of 157, drawn with seed 0', 'all 2')
    """
    return f"{shown:,} of {total:,}, drawn with seed {seed}" if shown < total else f"all {total:,}"


def _named(reason: str, rule: str | None) -> str:
    return f"{_spaced(reason)}  {in_one_line(rule or '')}".rstrip()


def _sample(shown: ShownCut, style: str, strengths: Mapping[str, str]) -> RenderableType:
    """Render a sampled cut: the document in a line, the words with what stands around them, and the evidence."""
    change = shown.change
    day = f"{shown.published:%Y-%m-%d}" if shown.published else ""
    title = in_one_line(shown.title or "")
    facts = [shown.doc_id[:SHORT_ID], in_one_line(change.outlet), day, title]
    line = Text(" · ".join(filter(None, facts)), style="dim")
    words = Text(f"{in_one_line(shown.before)} " if shown.before else "")
    words.append(f"[{_shortened(change.text)}]", style=f"{style} bold")
    words.append(f" {in_one_line(shown.after)}" if shown.after else "")
    parts = [line, words]
    if change.turn == "changed":
        parts.append(Text(f"{_made(change.old)} → {_made(change.new)}", style=style))
    if row := shown.new_row or shown.old_row:
        parts.append(Text(in_one_line(evidence(row, strengths)), style="dim"))
    return _lines(parts)


def _made(cutting: Cutting | None) -> str:
    return f"{cutting.action}: {_named(cutting.reason, cutting.rule)}" if cutting else ""


PASSAGE_HEADINGS = {
    "gained": ("passages found now", "red"),
    "lost": ("passages no longer found", "green"),
    "first elsewhere": ("passages that are canonical on one side only", "yellow"),
}


def _passages(found: Comparison) -> Iterator[RenderableType]:
    for turn, (heading, style) in PASSAGE_HEADINGS.items():
        some = found.passage_samples.of(turn)[:PASSAGE_SAMPLES]
        if some:
            yield _title(f"{heading} ({_drawn(len(some), found.passage_samples.seen[turn], found.seed)})")
            lines = [Text(f"{each.key[:SHORT_ID]} · {in_one_line(each.outlet)}  ", style="dim") for each in some]
            for line, each in zip(lines, some, strict=True):
                line.append(_shortened(each.text), style=f"not dim {style}")
            yield _lines(lines)


# ---------------------------------------------------------------- pieces


def _table(*headings: str, left: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for at, heading in enumerate(headings):
        table.add_column(heading, justify="left" if at < left else "right", overflow="fold", no_wrap=at >= left)
    return table


def _title(text: str) -> Text:
    return Text(text, style="table.title")


def _lines(lines: Iterable[Text]) -> RenderableType:
    """Render indented lines, and an empty one after them."""
    return Group(*(Padding(line, (0, 0, 0, 2), expand=False) for line in lines), Text())


def _of(shown: int, total: int, noun: str = "") -> str:
    """Say how many lines are left out.

    >>> _of(12, 40), _of(12, 3), _of(8, 9, "rules")
    (' (12 of 40)', '', ' (8 of 9 rules)')
    """
    return f" ({shown} of {total:,}{noun and ' '}{noun})" if total > shown else ""


def _signed(number: int) -> str:
    """Write a difference.

    >>> _signed(1200), _signed(-3), _signed(0)
    ('+1,200', '−3', '0')
    """
    return f"{'+' if number > 0 else '−' if number else ''}{abs(number):,}"


def _turns(counts: CutCounts) -> str:
    other = f", {counts.taken_over:,} for another reason" if counts.taken_over else ""
    return f"+{counts.appeared:,} −{counts.vanished:,}" + other


def _spaced(name: str) -> str:
    return in_one_line(name.replace("_", " "))


def _value(value: Any) -> str:
    return "(none)" if value is None else _shortened(str(value))


def _shortened(text: str) -> str:
    """Write a text in one line, a long one without its middle.

    >>> len(_shortened("word " * 500))
    283
    """
    text = in_one_line(" ".join(text.split()))
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD].rstrip()} […] {text[-TAIL:].lstrip()}"
