"""What `make bench` found: kept as JSON, shown as a Markdown table and as targets that are met or not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench_programs import OURS

LONGEST_REASON = 200


@dataclass
class Took:
    """One round of one program: seconds on the clock and of all its processes, memory of all of them."""

    seconds: float
    processor: float
    megabytes: float
    work: float | None = None  # seconds from texts in memory to the result, where the program says


@dataclass
class Found:
    """The rounds of one program at a job, or why there are none."""

    name: str
    version: str = ""
    rounds: list[Took] = field(default_factory=list)
    failed: str = ""

    def middle(self, name: str) -> float:
        return median(getattr(took, name) for took in self.rounds)

    @property
    def work(self) -> float:
        """Median seconds of the work alone, or of the whole process where it does not tell them apart."""
        return median(took.seconds if took.work is None else took.work for took in self.rounds)


@dataclass
class JobFound:
    """What all programs took for one job."""

    key: str
    title: str
    unit: str
    amount: int
    programs: list[Found]

    def of(self, name: str) -> Found | None:
        """The first program whose name begins so and that was measured."""
        return next((each for each in self.programs if each.rounds and each.name.startswith(name)), None)

    @property
    def alone(self) -> bool:
        """Whether times are those of the work alone: every program but the first takes longer to start than to work."""
        return self.key == "near-duplicates"


@dataclass
class Bench:
    """One run of `make bench`."""

    machine: str
    data: str
    rounds: int
    article_bytes: int
    jobs: list[JobFound]

    def job(self, key: str) -> JobFound | None:
        return next((job for job in self.jobs if job.key == key), None)


def write(bench: Bench, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(bench), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> Bench:
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    jobs = [
        JobFound(**{**job, "programs": [
            Found(**{**found, "rounds": [Took(**took) for took in found["rounds"]]}) for found in job["programs"]
        ]})
        for job in kept.pop("jobs")
    ]  # fmt: skip
    return Bench(**kept, jobs=jobs)


HEAD = (
    "| job | program | version | s, median of | × ours | processor s | × ours | per second | peak MB |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def table(bench: Bench) -> str:
    """All jobs as one Markdown table."""
    return "\n".join([HEAD, *(line for job in bench.jobs for line in lines(job))])


def lines(job: JobFound) -> Iterator[str]:
    ours = job.of(OURS)
    for number, found in enumerate(job.programs):
        title = f"**{job.title}**" + (f" ({job.amount:,})" if job.amount > 1 else "") if number == 0 else ""
        if not found.rounds:
            reason = " ".join(found.failed.replace("|", "/").split())[:LONGEST_REASON]
            yield f"| {title} | {found.name} | {found.version} | {reason} | | | | | |"
            continue
        seconds = found.work if job.alone else found.middle("seconds")
        cells = [
            title, found.name, found.version, f"{brief(seconds)} ({len(found.rounds)})",
            times(seconds, ours and (ours.work if job.alone else ours.middle("seconds"))),
            brief(found.middle("processor")), times(found.middle("processor"), ours and ours.middle("processor")),
            brief(job.amount / seconds) if job.amount > 1 else "–",
            f"{max(took.megabytes for took in found.rounds):,.0f}",
        ]  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def times(value: float, ours: float | None) -> str:
    return "–" if not ours else "1" if value == ours else brief(value / ours)


def brief(number: float) -> str:
    """A number with three figures.

    >>> [brief(each) for each in (0.0123, 1.234, 12.34, 123.4, 12345.6)]
    ['0.012', '1.23', '12.3', '123', '12,346']
    """
    decimals = 3 if number < 1 else 2 if number < 10 else 1 if number < 100 else 0
    return f"{number:,.{decimals}f}"


@dataclass(frozen=True)
class Target:
    """What is wanted of a job: a program's figure beside ours (`ratio`), or ours alone."""

    claim: str
    job: str
    program: str
    limit: float
    figure: str = "seconds"
    ratio: bool = False  # the program's figure divided by ours, wanted to be at least the limit


EMPTY = f"{OURS}, empty caches"
TARGETS = (
    Target("one text of 1 KB, warm: seconds", "text", OURS, 1.5),
    Target("the same with empty caches", "text", EMPTY, 6),
    Target("the sample corpus, warm: seconds", "sample", OURS, 4),
    Target("the same with empty caches", "sample", EMPTY, 15),
    Target("pages a second beside a trafilatura loop on each core", "pages", "trafilatura.extract", 2, ratio=True),
    Target("pages a second beside datatrove", "pages", "datatrove", 3, ratio=True),
    Target("articles a second beside datatrove", "articles", "datatrove", 25, ratio=True),
    Target("near-duplicates beside datatrove", "near-duplicates", "datatrove", 100, "work", ratio=True),
    Target("near-duplicates beside text-dedup (0.7)", "near-duplicates", "text-dedup", 50, "work", ratio=True),
    Target("near-duplicates beside passim", "near-duplicates", "passim", 100, "work", ratio=True),
)


def targets(bench: Bench) -> str:
    """The targets as a Markdown table."""
    rows = ["| target | wanted | seen | met |", "|---|---|---|---|"]
    for target in TARGETS:
        seen = seen_of(bench, target)
        wanted = f"≥ {target.limit:g} ×" if target.ratio else f"≤ {target.limit:g}"
        shown = "not measured" if seen is None else brief(seen) + (" ×" if target.ratio else "")
        rows.append(f"| {target.claim} | {wanted} | {shown} | {met(seen, target)} |")
    rows.append(floor_row(bench))
    return "\n".join(rows)


def seen_of(bench: Bench, target: Target) -> float | None:
    job = bench.job(target.job)
    found, ours = (job.of(target.program), job.of(OURS)) if job else (None, None)
    if found is None or ours is None:
        return None
    figure = found.work if target.figure == "work" else found.middle(target.figure)
    return figure / (ours.work if target.figure == "work" else ours.middle(target.figure)) if target.ratio else figure


def met(seen: float | None, target: Target) -> str:
    if seen is None:
        return "–"
    return "yes" if (seen >= target.limit if target.ratio else seen <= target.limit) else "no"


FLOOR = 4


def floor_row(bench: Bench) -> str:
    """Megabytes a processor second of the text path beside the floor."""
    job = bench.job("articles")
    ours, floor = (job.of(OURS), job.of("floor")) if job else (None, None)
    if ours is None or floor is None:
        return f"| text path: processor time beside the floor | ≤ {FLOOR} × | not measured | – |"
    speeds = [bench.article_bytes / 1e6 / each.middle("processor") for each in (ours, floor)]
    ratio = ours.middle("processor") / floor.middle("processor")
    seen = f"{brief(ratio)} × ({brief(speeds[0])} and {brief(speeds[1])} MB of text a processor second)"
    return (
        f"| text path: processor time beside the floor | ≤ {FLOOR} × | {seen} | {'yes' if ratio <= FLOOR else 'no'} |"
    )
