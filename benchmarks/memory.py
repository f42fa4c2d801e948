"""Is the memory of `clean run` set by settings or by the size of the corpus? Grown corpora, each cleaned from scratch.

    python benchmarks/memory.py [--articles 10000 100000 1000000] [--paragraphs 10] [--workers 2] [--folder DIR]

Articles are made up: sentences of invented words between English function words, 40 outlets, so many paragraphs each,
of which one in seven is a copy of a paragraph that another outlet printed shortly before. Told are seconds, processor
time of all processes (which other work on the machine moves less), the largest process by its resident memory, and all
processes together with shared pages counted once (PSS), looked at four times a second. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FUNCTION = "the of and to in that was for with on as by at from which had been after before while"
OUTLETS = 40
COPIED = 1 / 7
REMEMBERED = 400  # paragraphs that may still be copied
SECONDS_BETWEEN_LOOKS = 0.25


def articles(number: int, length: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    """So many articles of so many paragraphs, in the order of their publication."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("bdfgklmnprstvz", k=1) + chance.choices("aeiou", k=1)) for _ in range(70)]
    vocabulary = [a + b + c for a in words for b in words[:40] for c in words[:9]]
    recent: deque[str] = deque(maxlen=REMEMBERED)
    start = datetime(2030, 1, 1, tzinfo=UTC)
    for n in range(number):
        paragraphs = []
        for _ in range(length):
            copied = recent and chance.random() < COPIED
            paragraphs.append(recent[chance.randrange(len(recent))] if copied else paragraph(vocabulary, chance))
        recent.append(paragraphs[chance.randrange(length)])
        yield {
            "id": str(n), "outlet": f"outlet-{chance.randrange(OUTLETS)}", "text": "\n\n".join(paragraphs),
            "published": (start + timedelta(minutes=n)).isoformat(),
        }  # fmt: skip


def paragraph(vocabulary: list[str], chance: random.Random) -> str:
    """Two to four sentences."""
    return " ".join(sentence(vocabulary, chance) for _ in range(chance.randint(2, 4)))


def sentence(vocabulary: list[str], chance: random.Random) -> str:
    """Some words, every other one a function word."""
    size = chance.randint(5, 11)
    pairs = zip(chance.choices(FUNCTION.split(), k=size), chance.choices(vocabulary, k=size), strict=True)
    text = " ".join(f"{function} {word}" for function, word in pairs)
    return f"{text[0].upper()}{text[1:]}."


class Watch(threading.Thread):
    """Looks at the memory of a process and all its descendants, and at the processor time that each has taken."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process, self.done = process, threading.Event()
        self.main = self.largest = self.together = 0
        self.busy: dict[int, float] = {}

    def run(self) -> None:
        while not self.done.wait(SECONDS_BETWEEN_LOOKS):
            processes = descendants(self.process)
            self.busy |= {process: busy for process in processes if (busy := processor_seconds(process))}
            family = [memory(process) for process in processes]
            self.main = max(self.main, *(resident for resident, _ in family[:1]), 0)
            self.largest = max([self.largest, *(resident for resident, _ in family)])
            self.together = max(self.together, sum(proportional for _, proportional in family))


def descendants(process: int) -> list[int]:
    """A process and all that it started, in any of its threads: Java starts programs in others than the first."""
    children: list[str] = []
    try:
        for thread in Path(f"/proc/{process}/task").iterdir():
            with suppress(OSError):  # it has ended
                children += (thread / "children").read_text().split()
    except OSError:
        return []
    return [process, *(each for child in children for each in descendants(int(child)))]


def processor_seconds(process: int) -> float:
    """The processor time that a process has taken."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> tuple[int, int]:
    """Resident and proportional memory in bytes."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return 0, 0
    values = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
    return values.get("Rss", 0), values.get("Pss", 0)


def measured(folder: Path, number: int, length: int, options: list[str]) -> dict[str, Any]:
    """One corpus, cleaned from scratch."""
    news = folder / f"news-{number}.jsonl"
    with news.open("w", encoding="utf-8") as file:
        for article in articles(number, length):
            file.write(json.dumps(article) + "\n")
    out = ["--out", str(folder / f"out-{number}"), "--json", *options]
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "run", str(news), *out]
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watch = Watch(process.pid)
    watch.start()
    said, errors = process.communicate()
    seconds = time.perf_counter() - begun
    watch.done.set()
    watch.join()
    if process.returncode:
        raise SystemExit(errors)
    report = json.loads(said)
    return {
        "articles": number,
        "paragraphs_each": length,
        "passages": report["passages"],
        "seconds": round(seconds, 1),
        "ms_per_article": round(1000 * seconds / number, 2),
        "processor_ms_per_article": round(1000 * sum(watch.busy.values()) / number, 2),
        "largest_mb": round(watch.largest / 1e6),
        "main_mb": round(watch.main / 1e6),
        "together_mb": round(watch.together / 1e6),
        "by_stage": report["seconds"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--paragraphs", type=int, default=10, help="of an article")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--config", help="settings of the runs")
    parser.add_argument("--folder", type=Path, help="where corpora and tables are put; default: a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--workers", str(arguments.workers), *(["--config", arguments.config] if arguments.config else [])]
        for number in arguments.articles:
            print(json.dumps(measured(folder, number, arguments.paragraphs, options)), flush=True)


if __name__ == "__main__":
    main()
