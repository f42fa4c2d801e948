"""Corpora of any size with planted copies whose truth is known: does the corpus stage find them, how fast, in how much
memory?

    python benchmarks/grown.py SHARED [--paragraphs 10000 100000 1000000]

Paragraphs of real articles are made into new ones: most words of content become made-up ones, so that nothing is a copy
but what is planted. A fifth are copies of earlier ones, whole and edited, merged with new sentences, or as a quotation
with other words around it. Controls look alike and are none: the same words told in another order, a formula with other
content, a sentence turned into its contrary, a quotation told in indirect speech and other words, of which only names,
figures and short words are the same.

Evidence is gathered and matched as a run does it: in files of 256 documents, chunk by chunk in canonical order
(`pipeline.passages.matching`), in a process of its own that holds no more than a run would.
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
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from made_up_words import made_up
from near_duplicates import documents_table, load
from pyarrow import feather

from pipeline.passages import matching
from pipeline.passages.passage_index import PassageIndex
from pipeline.settings import RunSettings
from stages import near_duplicates

THREADS = 2
PARAGRAPHS_PER_DOCUMENT = 12
REMEMBERED = 20_000  # paragraphs that may still be copied
FORMULAS = (
    "The ministry did not respond to a request for comment on {}.", "Police said in a statement on Monday that {}.",
    "More details on {} are expected to be released later this week.",
)  # fmt: skip
WORD = re.compile(r"[^\W\d_]{4,}")
SHORT = re.compile(r"\b[a-zà-ÿ]{1,3} ")
QUOTATION = re.compile(r"[“\"]([^“”\"]{40,})[”\"]")
SMALL = re.compile(r"\b[a-zà-ÿ]{4,}")  # words that are no names
OTHER_PERSON = {"i": "he", "we": "they", "my": "his", "our": "their", "you": "they", "me": "him", "us": "them"}

Place = tuple[int, int]  # document, paragraph


class Planted(NamedTuple):
    """Two paragraphs of which the later was made from the earlier, and how."""

    earlier: Place
    later: Place
    kind: str


def fresh(text: str, chance: random.Random) -> str:
    """A paragraph with most of its long words made up, and some of the short ones left out: two that are made of the
    same one have neither words nor their order in common."""
    text = SHORT.sub(lambda word: "" if chance.random() < 0.35 else word[0], text)
    return WORD.sub(lambda word: coined(chance) if chance.random() < 0.85 else word[0], text)


def coined(chance: random.Random) -> str:
    """A word that nobody else uses.

    >>> coined(random.Random(1))
    'favotiguni'
    """
    made = made_up(chance, 5)
    return made.capitalize() if chance.random() < 0.2 else made


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
    name, rumour, other = coined(chance).capitalize(), coined(chance), coined(chance)
    return f"{name} denied {rumour}, and not {other}: never {clause}."


def told_indirectly(text: str, _: str, chance: random.Random) -> str:
    """A quotation (or twenty words) as reported speech: other words of content, another person, the same names and
    figures, in the same order. Nobody's copy.

    >>> told_indirectly("We never sold the old Holm ferry for 300 crowns", "", random.Random(1))
    'Gemebigemi said that they favotiguni rotudibivi the old Holm tibamosugi for 300 xibibepaza.'
    """
    found = QUOTATION.search(text)
    speech = " ".join((found[1] if found else text).split()[:20])
    words = [
        OTHER_PERSON.get(word.lower(), word) for word in SMALL.sub(lambda _: coined(chance).lower(), speech).split()
    ]
    return f"{coined(chance).capitalize()} said that {' '.join(words).rstrip('.,')}."


COPIES = {"exact": exact, "edited": edited, "merged": merged, "quoted": quoted}
CONTROLS = {
    "words in another order": shuffled,
    "formula": formula,
    "denied": denied,
    "told indirectly": told_indirectly,
}


def grow(texts: list[str], paragraphs: int, planted: list[Planted]) -> Iterator[dict[str, Any]]:
    """Articles with so many paragraphs; what is copied or looks alike is put into `planted`."""
    chance, known = random.Random(0), []  # type: tuple[random.Random, list[tuple[Place, str]]]
    for document in range(-(-paragraphs // PARAGRAPHS_PER_DOCUMENT)):
        lines: list[str] = []
        for number in range(PARAGRAPHS_PER_DOCUMENT):
            draw, other = chance.random(), chance.choice(texts)
            line = fresh(other, chance)
            source = known[chance.randrange(len(known))] if known and draw < 0.24 else None
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
        yield {"id": str(document), "outlet": f"outlet-{document % 40}", "text": "\n".join(lines)}


def put(articles: Iterator[dict[str, Any]], folder: Path) -> dict[str, int]:
    """Keep articles as a run keeps cleaned ones; returns the number of each document by its id."""
    (folder / "cleaned").mkdir()
    numbers: dict[str, int] = {}
    batch: list[dict[str, Any]] = []
    for article in articles:
        batch.append(article)
        if len(batch) == RunSettings().batch_documents:
            keep(batch, folder, numbers)
    keep(batch, folder, numbers)
    return numbers


def keep(batch: list[dict[str, Any]], folder: Path, numbers: dict[str, int]) -> None:
    """Put some articles into a file."""
    documents = documents_table(batch)
    feather.write_feather(documents, folder / f"cleaned/{len(numbers):07d}.arrow", compression="lz4")
    numbers |= {doc_id: len(numbers) + at for at, doc_id in enumerate(documents["doc_id"].to_pylist())}
    batch.clear()


def measure(folder: Path) -> dict[str, Any]:
    """Match what is kept in a folder: seconds and memory."""
    settings, before = near_duplicates.Settings(), peak()
    near_duplicates.normal_form("")  # loads the tables
    names = sorted(path.stem for path in (folder / "cleaned").glob("*.arrow"))
    (folder / "evidence").mkdir()

    def gather(name: str) -> None:
        evidence = near_duplicates.evidence(feather.read_table(folder / f"cleaned/{name}.arrow"))
        for kind, table in evidence._asdict().items():
            feather.write_feather(table, folder / f"evidence/{name}.{kind}.arrow", compression="lz4")

    began, busy = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(gather, names))
    gathered = time.perf_counter()
    index = PassageIndex(folder / "out", [], settings)
    matcher = matching.PassageMatching(folder, settings, index, "grown", RunSettings().resolve_documents, THREADS)
    matched = matching.resolve(matcher, {0: names})
    resolved, busy = time.perf_counter(), time.process_time() - busy
    return {
        "evidence_s": round(gathered - began, 2), "resolve_s": round(resolved - gathered, 2),
        "processor_s": round(busy, 2), "libraries_mb": before, "peak_mb": peak(), "passages": matched.passages,
    }  # fmt: skip


def measured(texts: list[str], paragraphs: int) -> dict[str, Any]:
    """One corpus: seconds, memory, and what share of each kind was found."""
    planted: list[Planted] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        numbers = put(grow(texts, paragraphs, planted), folder)
        command = [sys.executable, __file__, "--measure", name]
        figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        linked = links(folder, numbers)
    seconds = figures["evidence_s"] + figures["resolve_s"]
    return {
        "paragraphs": paragraphs, **figures, "paragraphs_per_second": round(paragraphs / seconds),
        "processor_us_per_paragraph": round(figures["processor_s"] / paragraphs * 1e6, 1),
        **judged(linked, planted),
    }  # fmt: skip


def links(folder: Path, numbers: dict[str, int]) -> set[tuple[Place, Place]]:
    """Every two paragraphs of which one is said to hold a passage whose canonical copy is the other's."""
    found = matching.resolution_of(folder, 0).found
    columns = (found[name].to_pylist() for name in ("doc_id", "paragraph", "canonical_doc", "canonical_paragraph"))
    rows = zip(*columns, found["is_canonical"].to_pylist(), strict=True)
    return {((numbers[a], x), (numbers[b], y)) for a, x, b, y, canonical in rows if not canonical}


def judged(linked: set[tuple[Place, Place]], planted: list[Planted]) -> dict[str, Any]:
    """Of each kind of planted pair the share that is linked, with each other or with one canonical copy; of all links
    the share that is right: copies of one paragraph, or it and one of them. The others, by what they are of."""
    source = {later: earlier for earlier, later, kind in planted if kind in COPIES}
    kinds = {later: kind for _, later, kind in planted}
    homes: dict[Place, set[Place]] = {}
    for one, other in linked:
        homes.setdefault(one, {one}).add(other)
        homes.setdefault(other, {other})
    wrong = Counter(
        " and ".join(sorted({kinds.get(place, "new") for place in pair}))
        for pair in linked if source.get(pair[0], pair[0]) != source.get(pair[1], pair[1])
    )  # fmt: skip
    met: dict[str, list[bool]] = {}
    for earlier, later, kind in planted:
        met.setdefault(kind, []).append(bool(homes.get(earlier, set()) & homes.get(later, set())))
    return {
        "linked": {kind: round(sum(hits) / len(hits), 4) for kind, hits in sorted(met.items())},
        "precision": round(1 - wrong.total() / max(1, len(linked)), 4), "wrong_links": dict(wrong.most_common()),
    }  # fmt: skip


def peak() -> int:
    """Megabytes that this process held at most, pages of mapped files included."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path, help="the folder with data/ and tools/gold.py")
    parser.add_argument("--paragraphs", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:  # in a process of its own
        print(json.dumps(measure(arguments.shared)))
        return
    texts = [line for a in load(arguments.shared)[1] for line in a["text"].split("\n") if len(line.split()) >= 12]
    for paragraphs in arguments.paragraphs:
        print(json.dumps(measured(texts, paragraphs)), flush=True)


if __name__ == "__main__":
    main()
