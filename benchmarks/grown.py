"""Corpora of any size with planted copies whose truth is known: does the corpus stage find them, how fast, in how much
memory?

    python benchmarks/grown.py SHARED [--paragraphs 10000 100000 1000000]

Paragraphs of real articles are made into new ones: most words of content become made-up ones, so that nothing is a copy
but what is planted. A fifth are copies of earlier ones, whole and edited, merged with new sentences, or as a quotation
with other words around it. Controls look alike and are none: the same words told in another order, a formula with other
content, a sentence turned into its contrary. Evidence is kept on disk and read by memory map, as a run does it.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from near_duplicates import documents_table, load
from pyarrow import feather

from stages import near_duplicates

THREADS = 2
PARAGRAPHS_PER_DOCUMENT = 12
SHARD = 1000  # documents
REMEMBERED = 20_000  # paragraphs that may still be copied
FORMULAS = (
    "The ministry did not respond to a request for comment on {}.", "Police said in a statement on Monday that {}.",
    "More details on {} are expected to be released later this week.",
)  # fmt: skip
WORD = re.compile(r"[^\W\d_]{4,}")


class Planted(NamedTuple):
    """Two paragraphs (document, paragraph) of which the later was made from the earlier, and how."""

    earlier: tuple[int, int]
    later: tuple[int, int]
    kind: str


def fresh(text: str, chance: random.Random) -> str:
    """A paragraph with most of its long words made up."""
    return WORD.sub(lambda word: coined(chance) if chance.random() < 0.85 else word[0], text)


def coined(chance: random.Random) -> str:
    """A word that nobody else uses.

    >>> coined(random.Random(1))
    'Boriqupixa'
    """
    syllables = "".join(chance.choice("bdfgklmnprstvxz") + chance.choice("aeiou") for _ in range(5))
    return syllables.capitalize() if chance.random() < 0.2 else syllables


def exact(text: str, _: str, __: random.Random) -> str:
    return text


def edited(text: str, _: str, chance: random.Random) -> str:
    """A word left out, one swapped, other quotation marks."""
    words = text.split()
    for _ in range(1 + len(words) // 25):
        words[chance.randrange(len(words))] = coined(chance)
        del words[chance.randrange(len(words))]
    return " ".join(words).replace("“", '"').replace("”", '"')


def merged(text: str, other: str, chance: random.Random) -> str:
    """The paragraph between sentences of another."""
    return f"{fresh(other, chance)} {text} {coined(chance).capitalize()} {coined(chance)}."


def quoted(text: str, _: str, chance: random.Random) -> str:
    """Its first twenty words as somebody's quotation."""
    speech = " ".join(text.replace("“", "").replace("”", "").replace('"', "").split()[:20])
    return f"“{speech},” {coined(chance)} {coined(chance).capitalize()} told {coined(chance)} {coined(chance)}."


def shuffled(text: str, _: str, chance: random.Random) -> str:
    """The same words in another order: nobody's copy."""
    words = text.split()
    return " ".join(chance.sample(words, len(words)))


def formula(_: str, __: str, chance: random.Random) -> str:
    return chance.choice(FORMULAS).format(" ".join(coined(chance) for _ in range(6)))


def denied(text: str, _: str, chance: random.Random) -> str:
    """The first clause, denied by another: only the negation and the speaker differ."""
    clause = " ".join(text.split()[:7])
    return f"{coined(chance).capitalize()} {coined(chance)} denied reports, and not for the first time: never {clause}."


COPIES = {"exact": exact, "edited": edited, "merged": merged, "quoted": quoted}
CONTROLS = {"words in another order": shuffled, "formula": formula, "denied": denied}


def grow(texts: list[str], paragraphs: int, planted: list[Planted]) -> Iterator[list[dict[str, Any]]]:
    """Shards of articles with so many paragraphs; what is copied or looks alike is put into `planted`."""
    chance, known, documents = random.Random(0), [], -(-paragraphs // PARAGRAPHS_PER_DOCUMENT)
    shard: list[dict[str, Any]] = []
    for document in range(documents):
        lines: list[str] = []
        for number in range(PARAGRAPHS_PER_DOCUMENT):
            draw, other = chance.random(), chance.choice(texts)
            line = fresh(other, chance)
            source = known[chance.randrange(len(known))] if known and draw < 0.23 else None
            if source and source[0][0] != document:
                makers = COPIES if draw < 0.2 else CONTROLS
                kind = chance.choice(list(makers))
                line = makers[kind](source[1], other, chance)
                planted.append(Planted(source[0], (document, number), kind))
            elif len(known) < REMEMBERED:
                known.append(((document, number), line))
            else:
                known[chance.randrange(REMEMBERED)] = ((document, number), line)
            lines.append(line)
        shard.append({"id": str(document), "outlet": f"outlet-{document % 40}", "text": "\n".join(lines)})
        if len(shard) == SHARD or document + 1 == documents:
            yield shard
            shard = []


def spool(evidence: near_duplicates.Evidence, name: str) -> near_duplicates.Evidence:
    """Evidence written to disk, and read by memory map."""
    for kind, table in evidence._asdict().items():
        feather.write_feather(table, f"{name}.{kind}", compression="uncompressed")
    return near_duplicates.Evidence(
        *(feather.read_table(f"{name}.{kind}", memory_map=True) for kind in near_duplicates.Evidence._fields)
    )


def measured(shared: Path, paragraphs: int) -> dict[str, Any]:
    """One corpus: seconds, memory, and what share of each kind was found."""
    settings, planted = near_duplicates.Settings(), []  # type: tuple[near_duplicates.Settings, list[Planted]]
    texts = [line for a in load(shared)[1] for line in a["text"].split("\n") if len(line.split()) >= 12]
    shards = [documents_table(articles) for articles in grow(texts, paragraphs, planted)]
    near_duplicates.warm_up(settings)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(THREADS) as pool:
        before = resident()
        began, busy = time.perf_counter(), time.process_time()
        gather = lambda n: spool(near_duplicates.evidence(shards[n], settings), f"{folder}/{n}")  # noqa: E731
        evidence = list(pool.map(gather, range(len(shards))))
        gathered = time.perf_counter()
        found = near_duplicates.resolve(evidence, settings, THREADS)
        resolved, busy = time.perf_counter(), time.process_time() - busy
    return {
        "paragraphs": paragraphs, "evidence_s": round(gathered - began, 2), "resolve_s": round(resolved - gathered, 2),
        "paragraphs_per_second": round(paragraphs / (resolved - began)),
        "processor_us_per_paragraph": round(busy / paragraphs * 1e6, 1),
        "text_and_before_mb": before, "peak_mb": peak(), "passages": len(found),
        "found": shares(shards, found, planted),
    }  # fmt: skip


def shares(shards: list[pa.Table], found: pa.Table, planted: list[Planted]) -> dict[str, float]:
    """Of each kind of planted pair, the share that has a cluster in common."""
    ids = [doc_id for shard in shards for doc_id in shard["doc_id"].to_pylist()]
    clusters: dict[tuple[str, int], set[str]] = {}
    columns = (found[name].to_pylist() for name in ("doc_id", "paragraph", "cluster_id"))
    for doc_id, paragraph, cluster in zip(*columns, strict=True):
        clusters.setdefault((doc_id, paragraph), set()).add(cluster)
    met: dict[str, list[bool]] = {}
    for earlier, later, kind in planted:
        one, other = (clusters.get((ids[document], number), set()) for document, number in (earlier, later))
        met.setdefault(kind, []).append(bool(one & other))
    return {kind: round(sum(hits) / len(hits), 4) for kind, hits in sorted(met.items())}


def peak() -> int:
    """Megabytes that this process held at most, pages of mapped files included."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def resident() -> int:
    """Megabytes that this process holds now."""
    return round(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--paragraphs", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    arguments = parser.parse_args()
    if len(arguments.paragraphs) == 1:
        print(json.dumps(measured(arguments.shared, arguments.paragraphs[0])))
        return
    for paragraphs in arguments.paragraphs:  # a process for each, or memory would be that of the largest so far
        command = [sys.executable, __file__, str(arguments.shared), "--paragraphs", str(paragraphs)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
