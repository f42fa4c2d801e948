"""Hits and seconds of the rule matcher beside `re2.Filter`, on the documents that the noise stage is given.

    python benchmarks/rule_matching.py INPUT... [--language en] [--rounds 3]

INPUT is anything that `clean run` reads. Each candidate is compiled anew, sees every different paragraph of a language
once ("first pass": automata grow with text they have not seen) and then again ("warm"). All must give the same hits.
`re2.Filter` takes neither bytes other than UTF-8 (so no alphabet) nor, from Python, a minimal length of its literals.
Then the whole stage runs over the same documents, rules alone and with the line model, to show the share of matching.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

import pyarrow as pa
import re2

from pipeline import settings, sources
from pipeline.settings.rule_packs import noise_settings
from stages import decode, extract, language, repair, segment
from stages.noise import run
from stages.noise.alphabet import Alphabet, all_characters, characters_with_case, members, parts_of
from stages.noise.matcher import RuleMatcher, uncounted
from stages.noise.paragraph_shapes import ParagraphShape, Shapes, line_of
from stages.noise.rules import Rule, RulePack

OPTIONS = Alphabet().options()
#: The stages before noise, which look at one document each.
PREPARING = (decode, extract, repair, segment, language)
#: Rule ids by paragraph, in the order of the packs.
Found = dict[str, list[str]]
#: Compiles rules; what it gives finds the rules of paragraphs.
Candidate = Callable[[Sequence[Rule]], Callable[[Shapes], Found]]


def prepared(inputs: Sequence[str]) -> pa.Table:
    """The documents of the inputs as they reach the noise stage."""
    tables = []
    for batch in sources.batches(sources.plan(inputs), sources.Settings()):
        documents = batch.documents
        for stage in PREPARING:
            documents, _ = stage.run(documents, stage.Settings())
        tables.append(documents)
    return pa.concat_tables(tables)


def fits(rule: Rule, line: ParagraphShape) -> bool:
    """Tell if a paragraph's length and end allow a rule."""
    return line.n_words <= (rule.max_words or math.inf) and not (rule.open_end and line.closed)


def matcher(rules: Sequence[Rule]) -> Callable[[Shapes], Found]:
    """The matcher of the noise stage."""
    compiled = RuleMatcher([RulePack("all", rules=tuple(rules))])

    def find(lines: Shapes) -> Found:
        seen: dict[str, tuple[Rule, ...]] = {}
        compiled.read(lines, seen)
        return {text: [rule.id for rule in found if fits(rule, lines[text])] for text, found in seen.items()}

    return find


def filter_of(patterns: Sequence[str]) -> re2.Filter:
    compiled = re2.Filter()
    for pattern in patterns:
        compiled.Add(pattern, OPTIONS)
    compiled.Compile()
    return compiled


def one_filter(rules: Sequence[Rule]) -> Callable[[Shapes], Found]:
    """One `re2.Filter` over all patterns."""
    return filters(rules, lambda _: 0)


def filters_by_length(rules: Sequence[Rule]) -> Callable[[Shapes], Found]:
    """A `re2.Filter` for the rules of each maximal length and kind of end; paragraphs that cannot fit are not shown."""
    return filters(rules, lambda rule: (rule.open_end, min(6, (rule.max_words or 999) // 8)))


def filters(rules: Sequence[Rule], key: Callable[[Rule], object]) -> Callable[[Shapes], Found]:
    numbered = sorted(enumerate(rules), key=lambda item: (str(key(item[1])), item[0]))
    groups = []
    for _, some in groupby(numbered, key=lambda item: key(item[1])):
        members = list(some)
        longest = max(rule.max_words or math.inf for _, rule in members)
        only_open = all(rule.open_end for _, rule in members)
        groups.append((filter_of([rule.pattern or "" for _, rule in members]), members, longest, only_open))

    def find(lines: Shapes) -> Found:
        found: Found = {}
        for paragraph, line in lines.items():
            hits = [
                members[n]
                for compiled, members, longest, only_open in groups
                if line.n_words <= longest and not (only_open and line.closed)
                for n in compiled.Match(paragraph) or ()
            ]
            found[paragraph] = [rule.id for _, rule in sorted(hits, key=lambda hit: hit[0]) if fits(rule, line)]
        return found

    return find


def one_by_one(rules: Sequence[Rule]) -> Callable[[Shapes], Found]:
    """Every pattern by itself, those first ruled out that a paragraph's length and end exclude."""
    compiled = []
    for rule in rules:
        automaton = re2.Set.SearchSet(OPTIONS)
        automaton.Add(rule.pattern)
        automaton.Compile()
        compiled.append((rule, automaton.Match))

    def find(lines: Shapes) -> Found:
        return {
            paragraph: [rule.id for rule, match in compiled if fits(rule, line) and match(paragraph)]
            for paragraph, line in lines.items()
        }

    return find


CANDIDATES: dict[str, Candidate] = {
    "matcher": matcher,
    "one re2.Filter": one_filter,
    "re2.Filter by length and end": filters_by_length,
    "a pattern at a time": one_by_one,
}


def timed(candidate: Candidate, rules: Sequence[Rule], lines: Shapes) -> tuple[float, float, Found]:
    """Processor seconds of compiling and the first pass, of a second pass, and the hits."""
    for cached in (all_characters, characters_with_case, members, parts_of, uncounted):
        cached.cache_clear()  # a new process has not parsed a pattern yet
    begin = time.process_time()
    find = candidate(rules)
    found = find(lines)
    first = time.process_time() - begin
    begin = time.process_time()
    find(lines)
    return first, time.process_time() - begin, found


def by_language(documents: pa.Table) -> dict[str, Shapes]:
    """The different paragraphs of each language."""
    found: dict[str, Shapes] = defaultdict(dict)
    for text, name in zip(documents["text"].to_pylist(), documents["language"].to_pylist(), strict=True):
        for paragraph in text.split("\n\n"):
            found[(name or "").split("-")[0]].setdefault(paragraph, line_of(paragraph))
    return found


def rules_for(name: str, packs: Sequence[RulePack]) -> list[Rule]:
    """Patterned rules that hold for a language; of all packs where it is not known."""
    chosen = [pack for pack in packs if pack.holds_for(name or None)]
    return [rule for pack in chosen for rule in pack.rules if rule.pattern is not None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", nargs="+")
    parser.add_argument("--language", help="only this one")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    shipped = noise_settings(settings.parse({}))
    packs = shipped.packs
    documents = prepared(options.inputs)
    groups = {n: lines for n, lines in by_language(documents).items() if options.language in (None, n)}
    total = sum(map(len, groups.values()))
    print(f"load {os.getloadavg()[0]:.1f}; {len(documents)} documents, {total} paragraphs, {len(groups)} languages")
    print("| | first pass, s | warm, s | same hits |\n|---|---|---|---|")
    expected: dict[str, Found] = {}
    for name, candidate in CANDIDATES.items():
        firsts, warms, same = [], [], True
        for _ in range(options.rounds):
            results = {n: timed(candidate, rules_for(n, packs), lines) for n, lines in groups.items()}
            hits = {n: found for n, (_, _, found) in results.items()}
            expected = expected or hits
            same = same and hits == expected
            firsts.append(sum(first for first, _, _ in results.values()))
            warms.append(sum(warm for _, warm, _ in results.values()))
        print(f"| {name} | {statistics.median(firsts):.2f} | {statistics.median(warms):.2f} | {same} |", flush=True)
    for name, model in (("rules", None), ("rules and line model", shipped.line_model)):
        begin = time.process_time()
        run(documents, replace(shipped, line_model=model))
        print(f"the noise stage, {name}: {time.process_time() - begin:.2f} s, compiled before")


if __name__ == "__main__":
    main()
