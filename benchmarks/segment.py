"""How well segmentation undoes hard wrapping, and whether it leaves other text alone.

    python benchmarks/segment.py ARTICLES.jsonl[.gz]

Takes the articles' own lines as paragraphs, wraps them in the ways people and programs do, and counts the paragraphs
that come back exactly, the ones that were split and the ones that were glued to a neighbour. Then it segments the
articles as they are and counts the lines that stay what they were. Nothing is written.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from stages import segment

SETTINGS = segment.Settings()
Wrap = Callable[[str, int], list[str]]


def plain(paragraph: str, width: int) -> list[str]:
    return textwrap.wrap(paragraph, width, break_long_words=False)


def whole_words(paragraph: str, width: int) -> list[str]:
    return textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False)


def indented(paragraph: str, width: int) -> list[str]:
    return textwrap.wrap(paragraph, width, break_long_words=False, initial_indent="    ")


def ragged(paragraph: str, width: int) -> list[str]:
    """Like `fmt`: lines of about the same length rather than full ones."""
    lines = len(plain(paragraph, width))
    return next(w for w in (plain(paragraph, n) for n in range(max(20, width - 12), width + 1)) if len(w) <= lines)


LAYOUTS: dict[str, tuple[Wrap, str]] = {
    "blank lines between paragraphs": (plain, "\n\n"),
    "whole words, blank lines": (whole_words, "\n\n"),
    "first lines indented, no blank lines": (indented, "\n"),
    "ragged, blank lines": (ragged, "\n\n"),
    "no blank lines, no indentation": (plain, "\n"),
}


def articles(path: Path) -> list[list[str]]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    return [[" ".join(line.split()) for line in text.splitlines() if line.strip()] for text in texts]


def recovery(paragraphs: list[str], wrap: Wrap, separator: str, width: int) -> tuple[int, int, int]:
    """Paragraphs that came back, that came back in pieces, and that were glued to another one."""
    wrapped = separator.join("\n".join(wrap(paragraph, width)) for paragraph in paragraphs)
    found = segment.segment(wrapped, SETTINGS).split("\n\n")
    got = set(found)
    exact = sum(paragraph in got for paragraph in set(paragraphs))
    starts = {paragraph[:30] for paragraph in paragraphs}
    strange = [paragraph for paragraph in found if paragraph not in paragraphs]
    glued = sum(any(paragraph.find(start) > 0 for start in starts) for paragraph in strange)
    return exact, len(set(paragraphs)) - exact, glued


def main() -> None:
    corpus = [article for article in articles(Path(sys.argv[1])) if article]
    for name, (wrap, separator) in LAYOUTS.items():
        draw = random.Random(5)
        totals = [0, 0, 0]
        for paragraphs in corpus:
            counts = recovery(paragraphs, wrap, separator, draw.randint(55, 85))
            totals = [total + count for total, count in zip(totals, counts, strict=True)]
        exact, broken, glued = totals
        print(f"{name:40} {exact / (exact + broken):.4f} of {exact + broken} paragraphs exact, {glued} glued")
    kept = lines = 0
    started = time.perf_counter()
    for paragraphs in corpus:
        for separator in ("\n", "\n\n"):
            found = set(segment.segment(separator.join(paragraphs), SETTINGS).split("\n\n"))
            kept += sum(line in found for line in paragraphs)
            lines += len(paragraphs)
    seconds = time.perf_counter() - started
    print(f"{'not wrapped':40} {kept / lines:.5f} of {lines} lines kept; {2 * len(corpus) / seconds:.0f} articles/s")


if __name__ == "__main__":
    main()
