"""Measure if facts survive: pairs of invented sentences that differ in one fact, and true copies lightly edited.

python benchmarks/fact_pairs.py [SENTENCES.toml …]        by default benchmarks/fact_sentences*.toml

Each sentence with a fact is printed by two outlets: alone, among sentences that are equal, merged with the one after
it, and split off from it; in both orders. The second fact must stay in `canonical_text`, and the second article must
not be a `duplicate_of` the first. Lightly edited copies must be dropped.
"""

from __future__ import annotations

import argparse
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from stages import near_duplicates
from stages.contract import DOCUMENT, PARAGRAPH_BREAK

FOLDER = Path(__file__).parent
START = datetime(2031, 5, 4, tzinfo=UTC)
CHOICE = re.compile(r"\[([^|\]]*)\|([^|\]]*)\]")


class FactPair(NamedTuple):
    """Two articles, and the paragraph of the second that says something else or the same."""

    name: str
    first: str
    second: str
    paragraph: str


class Fate(NamedTuple):
    """Tell of a second article if its paragraph was kept, and if it was called a duplicate."""

    kept: bool
    duplicate: bool


def side(sentence: str, number: int) -> str:
    """Choose one side of every [first|second] of a sentence.

    >>> side("The [cat|dog] bit the [dog|cat].", 1)
    'The dog bit the cat.'
    """
    text = re.sub(r"\s+", " ", CHOICE.sub(lambda found: found[1 + number], sentence)).strip()
    return re.sub(r" ([.,])", r"\1", text)


def forms(name: str, one: str, two: str, equal: list[str]) -> Iterator[FactPair]:
    """Give a pair in the forms in which outlets print it: alone, among others, merged, split, in either order."""
    space = "" if one.endswith("。") else " "
    before, after = equal[0], equal[1]
    yield FactPair(f"{name} alone", one, two, two)
    yield FactPair(f"{name} reversed", two, one, one)
    longer = space.join([before, two, after])
    yield FactPair(f"{name} among others", space.join([before, one, after]), longer, longer)
    rest = PARAGRAPH_BREAK.join([before, after])
    yield FactPair(
        f"{name} one paragraph of three", f"{one}{PARAGRAPH_BREAK}{rest}", f"{two}{PARAGRAPH_BREAK}{rest}", two
    )
    half = len(equal) // 2
    article = [PARAGRAPH_BREAK.join([*equal[:half], sentence, *equal[half:]]) for sentence in (one, two)]
    yield FactPair(f"{name} in a long article", *article, two)
    split = space.join([two, after])
    yield FactPair(f"{name} merged", PARAGRAPH_BREAK.join([one, after]), split, split)


def fact_pairs(languages: dict[str, Any]) -> list[FactPair]:
    """Make the pairs that differ in a fact."""
    pairs: list[FactPair] = []
    for language, content in languages.items():
        sentences = content["facts"]
        plain = [side(sentence, 0) for sentence in sentences.values()]
        for place, (kind, sentence) in enumerate(sentences.items()):
            equal = [plain[(place + step) % len(plain)] for step in range(1, len(plain))]
            pairs += forms(f"{language} {kind}", side(sentence, 0), side(sentence, 1), equal)
    return pairs


def light_pairs(languages: dict[str, Any]) -> list[FactPair]:
    """Make the true copies, lightly edited."""
    pairs: list[FactPair] = []
    for language, content in languages.items():
        plain = [side(sentence, 0) for sentence in content["facts"].values()]
        for place, sentence in enumerate(content["light"]):
            pairs += forms(f"{language} light {place}", side(sentence, 0), side(sentence, 1), plain)
    return [pair for pair in pairs if not pair.name.endswith("reversed")]


def fate(pair: FactPair) -> Fate:
    """Run the stage on a pair."""
    rows = [
        {"doc_id": f"{n:032x}", "source_uri": "invented", "outlet": f"outlet-{n}", "kind": "text", "raw_sha256": "",
         "text": text, "published": START + timedelta(hours=n)}
        for n, text in enumerate(pair[1:3])
    ]  # fmt: skip
    documents, settings = pa.Table.from_pylist(rows, schema=DOCUMENT), near_duplicates.Settings()
    found = near_duplicates.resolve([near_duplicates.evidence(documents)], settings)
    second = near_duplicates.remove(documents, found, settings).documents.to_pylist()[1]
    return Fate(pair.paragraph in second["canonical_text"].split(PARAGRAPH_BREAK), second["duplicate_of"] is not None)


def load(paths: list[Path]) -> list[dict[str, Any]]:
    """Read files of sentences, by language."""
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in paths]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sentences", type=Path, nargs="*", default=sorted(FOLDER.glob("fact_sentences*.toml")))
    parser.add_argument("--failures", action="store_true", help="name every pair that fails")
    options = parser.parse_args()
    for path, languages in zip(options.sentences, load(options.sentences), strict=True):
        facts, light = fact_pairs(languages), light_pairs(languages)
        fates, copies = [fate(pair) for pair in facts], [fate(pair) for pair in light]
        dropped = Counter(not copy.kept for copy in copies)
        print(path.name, json.dumps({
            "pairs_of_facts": len(facts), "second_fact_kept": sum(each.kept for each in fates),
            "wrong_duplicate_of": sum(each.duplicate for each in fates),
            "edited_copies": len(light), "dropped": dropped[True],
        }))  # fmt: skip
        if options.failures:
            lost = [pair for pair, each in zip(facts, fates, strict=True) if not each.kept or each.duplicate]
            stayed = [pair for pair, each in zip(light, copies, strict=True) if each.kept]
            for pair in (*lost, *stayed):
                print("   ", pair.name)


if __name__ == "__main__":
    main()
