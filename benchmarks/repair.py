"""Repair with its gate against ftfy on every line: megabytes a second, and whether the results are the same.

    python benchmarks/repair.py [ARTICLES.jsonl[.gz]]

The texts are made here; articles, where given, are measured besides.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import ftfy

from stages import repair

SETTINGS = repair.Settings()
CONFIG = repair.fixer_config(SETTINGS)
ENGLISH = "The harbour bridge will stay closed until spring, the council of Fennwick said on Monday.\n"
CURLY = "“We don’t know what it’ll cost,” said the mayor – who hasn’t got a boat – on Monday night.\n"
GERMAN = "Die „Hafenbrücke“ bleibt bis Frühjahr gesperrt, sagte die Bürgermeisterin – größtenteils.\n"
FRENCH = "Le pont « de l’Écluse » restera fermé jusqu’à l’été, a annoncé le conseil : où aller ?\n"
RUSSIAN = "Портовый мост «останется закрытым» до весны, сообщил в понедельник городской совет – увы.\n"
CHINESE = "市议会星期一宣布，工程师在两根桥墩上发现裂缝后，港口大桥将关闭至春天。\n"
MOJIBAKE = GERMAN.encode().decode("latin-1")

TEXTS = {
    "ASCII": ENGLISH,
    "ASCII, one ampersand a line": ENGLISH.replace("council of", "council & co"),
    "English, curly quotes": CURLY,
    "German": GERMAN,
    "French": FRENCH,
    "Russian": RUSSIAN,
    "Chinese": CHINESE,
    "English, one bad line in 20": CURLY * 19 + MOJIBAKE,
    "mojibake in every line": MOJIBAKE,
}


def megabytes_a_second(work: Callable[[str], str], texts: list[str]) -> float:
    """The best of several goes, each long enough to be measured."""
    size, best = sum(len(text.encode()) for text in texts) / 1e6, float("inf")
    for _ in range(3):
        started = time.perf_counter()
        for text in texts:
            work(text)
        best = min(best, time.perf_counter() - started)
    return size / best


def always(text: str) -> str:
    return ftfy.fix_text(text, CONFIG)


def gated(text: str) -> str:
    return repair.repair(text, SETTINGS)


def articles(path: Path) -> list[str]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def main() -> None:
    corpora = {name: [line * (2000 // len(line) + 1)] * 40 for name, line in TEXTS.items()}
    if len(sys.argv) > 1:
        corpora["articles"] = articles(Path(sys.argv[1]))
    print("| text | always ftfy, MB/s | with the gate, MB/s | times | texts that differ |\n|---|---|---|---|---|")
    for name, texts in corpora.items():
        slow, fast = megabytes_a_second(always, texts[:200]), megabytes_a_second(gated, texts)
        differ = sum(repair.fix(text, SETTINGS) != gated(text) for text in texts)
        print(f"| {name} | {slow:.1f} | {fast:.1f} | {fast / slow:.0f} | {differ} |")


if __name__ == "__main__":
    main()
