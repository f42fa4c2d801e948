"""The times of `make bench` as a picture: for each job a bar a program, on one scale of times ours."""

from __future__ import annotations

from html import escape
from math import ceil, log10
from pathlib import Path

from bench_programs import OURS
from bench_results import Bench, Found, JobFound, brief

WIDTH, LABELS, FIGURES, ROW, TOP = 900, 330, 110, 22, 46
BARS = WIDTH - LABELS - FIGURES
#: Text, lines, our bars, others': on a light and on a dark page. Contrast of text at least 7 to 1.
LIGHT = ("#24292f", "#c8ccd1", "#b3261e", "#8a93a0")
DARK = ("#e6e6e6", "#4a4f57", "#ff8a80", "#7d8794")


def write(bench: Bench, folder: Path) -> list[Path]:
    """Write the picture for light and for dark pages."""
    paths = [folder / "bench-light.svg", folder / "bench-dark.svg"]
    for path, colors in zip(paths, (LIGHT, DARK), strict=True):
        path.write_text(svg(bench, colors), encoding="utf-8")
    return paths


def compared(bench: Bench) -> list[tuple[JobFound, list[tuple[Found, float]]]]:
    """Each job that a peer did too, and its programs with their time as a multiple of ours."""
    chosen = []
    for job in bench.jobs:
        ours = job.of(OURS)
        measured = [
            each for each in job.programs if each.rounds and "caches" not in each.name and "floor" not in each.name
        ]
        if ours and len(measured) > 1:
            chosen.append((job, [(each, seconds(job, each) / seconds(job, ours)) for each in measured]))
    return chosen


def seconds(job: JobFound, found: Found) -> float:
    return found.work if job.alone else found.middle("seconds")


def svg(bench: Bench, colors: tuple[str, str, str, str]) -> str:
    """Draw the bars on a logarithmic scale, which begins at the fastest program and has a line at 1."""
    text, line, own, other = colors
    groups = compared(bench)
    ratios = [ratio for _, programs in groups for _, ratio in programs] or [1.0]
    low, high = min(-1, int(log10(min(ratios)) // 1)), max(1, ceil(log10(max(ratios))))
    y, parts = TOP, []
    for job, programs in groups:
        amount = f", {job.amount:,}" if job.amount > 1 else ""
        parts.append(f'<text x="8" y="{y + 15}" font-weight="600">{escape(job.title + amount)}</text>')
        y += ROW
        for found, ratio in programs:
            length = max(1.0, place(ratio, low, high) - LABELS)
            fill = own if found.name == OURS else other
            figure = f"{brief(seconds(job, found))} s" + ("" if found.name == OURS else f" · {brief(ratio)} ×")
            parts.append(f'<text x="{LABELS - 8}" y="{y + 15}" text-anchor="end">{escape(found.name)}</text>')
            parts.append(f'<rect x="{LABELS}" y="{y + 4}" width="{length:.1f}" height="{ROW - 8}" fill="{fill}"/>')
            parts.append(f'<text x="{LABELS + length + 6:.1f}" y="{y + 15}">{escape(figure)}</text>')
            y += ROW
        y += ROW // 2
    scale = [(10.0**power, f"{place(10.0**power, low, high):.1f}") for power in range(low, high + 1)]
    grid = "".join(
        f'<line x1="{x}" y1="{TOP - 6}" x2="{x}" y2="{y}" stroke="{line}"/>'
        f'<text x="{x}" y="{TOP - 12}" text-anchor="middle">{value:g} ×</text>'
        for value, x in scale
    )
    title = "Time as a multiple of copydesk's, logarithmic scale; shorter is faster"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 8}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{text}">\n<title>{title}</title>\n'
        f'<text x="8" y="16">{title}</text>\n{grid}\n' + "\n".join(parts) + "\n</svg>\n"
    )


def place(ratio: float, low: int, high: int) -> float:
    """Where a multiple stands on the scale."""
    return LABELS + BARS * (log10(ratio) - low) / (high - low)
