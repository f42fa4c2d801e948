"""The summary that `clean run` prints: documents, words cut by reason, copied passages, output location."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.console import counted, in_one_line
from pipeline.runs.report import RunReport
from pipeline.tally import Tally, words_by_rule

#: Rules in the summary, those that cut the most words; all of them are in the manifest.
RULES_SHOWN = 8
#: Unused inputs that are named. Chosen by hand.
UNUSED_SHOWN = 10


def render(report: RunReport) -> RenderableType:
    """Render the summary for a terminal."""
    parts: list[RenderableType] = [Text(in_one_line(note), style="yellow") for note in report.notes]
    parts += [
        Text(f"unlike earlier runs: {in_one_line(str(each))}", style="red" if each.refused else "yellow")
        for each in report.drift
    ]
    if report.tally.documents_in:
        done = _ledger(report.tally)
        parts += [Text(f"run {report.run_id or '(unpublished)'}", style="table.title"), _documents(report)]
        parts += [Text("\nwhat was done", style="table.title"), done] if done.row_count else []
        if report.tally.rule_rows:
            parts += [Text("\nwords cut or moved by rule", style="table.title"), _rules(report.tally)]
        parts += [_last_line(report)]
    return Group(*parts)


def unused_lines(report: RunReport) -> list[str]:
    """Write a line about each input that was named and gave no document, the first few of them."""
    lines = [in_one_line(each.in_words()) for each in report.unused[:UNUSED_SHOWN]]
    more = len(report.unused) - len(lines)
    return [*lines, *([f"and nothing of {counted(more, 'more input')}"] if more else [])]


def as_dict(report: RunReport) -> dict[str, Any]:
    """Return the summary as plain JSON types (`clean run --json`)."""
    return {
        "run_id": report.run_id,
        "out": str(report.out),
        "notes": list(report.notes),
        "unused": [each.as_dict() for each in report.unused],
        "outlets": {name: asdict(counted) for name, counted in sorted(report.tally.outlets.items())},
        "drift": [each.as_dict() for each in report.drift],
        "passages": report.n_passages,
        "clusters": report.n_clusters,
        "wall_seconds": round(report.wall_seconds, 3),
        **report.tally.as_dict(),
    }


def _documents(report: RunReport) -> Table:
    tally = report.tally
    table = Table(box=None, pad_edge=False)
    for heading in ("", "documents", "words"):
        table.add_column(heading, justify="left" if not heading else "right")
    table.add_row("in", f"{tally.documents_in:,}", f"{tally.words_in:,}")
    for action in ("failed", "skipped"):
        for (_, _, reason), n in sorted(_by_action(tally, action).items(), key=lambda item: -item[1]):
            table.add_row(
                f"{action}: {reason.replace('_', ' ')}", f"{n:,}", "", style="red" if action == "failed" else "dim"
            )
    table.add_row("out", f"{tally.documents_out:,}", f"{tally.words_out:,}", style="bold")
    return table


def _by_action(tally: Tally, action: str) -> Counter[tuple[str, str, str]]:
    return Counter({key: n for key, n in tally.rows.items() if key[1] == action})


def _ledger(tally: Tally) -> Table:
    """Tabulate ledger rows and words by action and reason."""
    table = Table(box=None, pad_edge=False)
    for heading in ("", "reason", "times", "words"):
        table.add_column(heading, justify="right" if heading in ("times", "words") else "left")
    for action in ("cut", "moved", "edited", "marked"):
        for (stage, _, reason), n in _by_action(tally, action).most_common():
            words = tally.words[stage, action, reason]
            table.add_row(action, reason.replace("_", " "), f"{n:,}", f"{words:,}" if words else "")
    return table


def _rules(tally: Tally) -> Table:
    """Tabulate the rules that cut or moved the most words, and the sum of the others."""
    table = Table(box=None, pad_edge=False)
    for heading in ("rule", "times", "words"):
        table.add_column(heading, justify="left" if heading == "rule" else "right", overflow="fold")
    ordered = words_by_rule(tally.rule_words)
    for rule, words in ordered[:RULES_SHOWN]:
        table.add_row(in_one_line(rule), f"{tally.rule_rows[rule]:,}", f"{words:,}")
    if others := ordered[RULES_SHOWN:]:
        times, words = sum(tally.rule_rows[rule] for rule, _ in others), sum(n for _, n in others)
        table.add_row(counted(len(others), "other rule"), f"{times:,}", f"{words:,}", style="dim")
    return table


def _last_line(report: RunReport) -> Text:
    passages, clusters = counted(report.n_passages, "copied passage"), counted(report.n_clusters, "cluster")
    line = Text(f"\n{passages} in {clusters}")
    memory = report.tally.peak_memory / 1e6
    line.append(f" · {report.wall_seconds:.1f} s · {memory:,.0f} MB in the largest process")
    if report.run_id:
        out = in_one_line(str(report.out))
        line.append(f"\ntables in {out}/: documents, paragraphs, passages, ledger", style="green")
        line.append(f"\nwhy a document looks as it does: clean explain DOC_ID --out {out}", style="dim")
        if any(_by_action(report.tally, action) for action in ("failed", "skipped")):
            line.append(f"\nwhich inputs failed or were skipped: clean report --out {out}", style="dim")
    return line
