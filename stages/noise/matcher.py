"""Which rules hit a paragraph: gates first, then the patterns themselves.

An automaton for all patterns of a language is large, and it grows with every text it has not seen: counted repeats
("at most 80 characters") give it another state at nearly every character. So patterns are gathered a few at a time,
with their repeats uncounted. Such a gate lets through what its patterns could find, and a little more; the few that
pass are then matched as written. On texts not seen before it takes an eighteenth of the time of one automaton.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import itemgetter

import re2

from stages.noise.rules import CUT, Rule, RulePack, compile_pattern, options
from stages.noise.view import View

GATE_RULES = 16  # rules of one gate: 8 to 24 are equally fast, one gate for all takes 5 times as long

Groups = dict[str, str]
#: Rules, each with its place among all.
Passing = list[tuple[int, Rule]]
#: What passed the gates for each paragraph that was looked at: a document is judged more than once.
Seen = dict[str, Passing]
#: The parts of a pattern in which a brace counts nothing, and the counts; a character class is one part.
PARTS = re.compile(
    r"""(?sx)
    \\[pPx]\{[^}]*\} | \\. | \[\^?\]?(?:\\[pPx]\{[^}]*\}|\\.|\[:\w+:\]|[^\]\\])*\]
    | \{(?P<least>\d+)(?:,\d*)?\}\??
    """
)


@lru_cache(maxsize=4096)
def uncounted(pattern: str) -> str:
    r"""A pattern that finds all that this one finds, and more: what is repeated so many times may be repeated any
    number of times.

    >>> uncounted(r"^.{0,80}\d{2}\p{Lu}[{2}]\{2}")
    '^.*\\d+\\p{Lu}[{2}]\\{2}'
    """
    return PARTS.sub(
        lambda part: part[0] if part["least"] is None else "*" if int(part["least"]) == 0 else "+", pattern
    )


class Gate:
    """A few rules, compiled together: which of them may hit a paragraph."""

    def __init__(self, rules: Sequence[tuple[int, Rule]]) -> None:
        self.rules = rules  # each with its place among all
        automaton = re2.Set.SearchSet(options())
        for _, rule in rules:
            automaton.Add(uncounted(rule.pattern or ""))
        automaton.Compile()
        self.match = automaton.Match


class Matcher:
    """The rules of some packs, compiled: which of them hit a paragraph, a document, a span."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.structural = [rule for rule in rules if rule.predicate is not None]
        patterned = [(place, rule) for place, rule in enumerate(rules) if rule.pattern is not None]
        self.gates = gates_of([pair for pair in patterned if not pair[1].open_end])
        self.gates_of_open_ends = self.gates + gates_of([pair for pair in patterned if pair[1].open_end])

    def hits(self, view: View, at: int, seen: Seen) -> Iterator[Rule]:
        """The rules whose pattern is found in a paragraph and which may fire there, in the order of the packs."""
        paragraph = view.paragraphs[at]
        encoded = paragraph.encode()
        if (passing := seen.get(paragraph)) is None:
            passing = seen[paragraph] = self.passing(encoded, view.closed[at])
        for _, rule in passing:
            if may_fire(rule, view, at) and is_found(rule.pattern or "", encoded):
                yield rule

    def passing(self, paragraph: bytes, closed: bool) -> Passing:
        """The rules whose gates a paragraph passes, in the order of the packs."""
        gates = self.gates if closed else self.gates_of_open_ends
        return sorted([gate.rules[n] for gate in gates for n in gate.match(paragraph) or ()], key=itemgetter(0))

    def spans(self, rule: Rule, paragraph: str) -> list[tuple[int, int, Groups]]:
        """Where a rule's pattern is found: the span to cut, and the named groups."""
        found = []
        pattern = compile_pattern(rule.pattern or "")
        for match in pattern.finditer(paragraph):
            groups = {name: words for name, words in match.groupdict().items() if words}
            start, end = match.span(pattern.groupindex[CUT] if CUT in groups else 0)
            if start < end:
                found.append((start, end, groups))
        return found


def gates_of(rules: Sequence[tuple[int, Rule]]) -> tuple[Gate, ...]:
    """The gates of some rules, each rule given with its place among all."""
    return tuple(Gate(rules[at : at + GATE_RULES]) for at in range(0, len(rules), GATE_RULES))


def is_found(pattern: str, paragraph: bytes) -> bool:
    """Whether a pattern that passed its gate is found as it is written."""
    return uncounted(pattern) == pattern or compile_pattern(pattern).search(paragraph) is not None


@lru_cache(maxsize=32)
def compile_packs(packs: tuple[RulePack, ...]) -> Matcher:
    """The matcher of these packs; kept, because compiling takes as long as cleaning a hundred documents."""
    return Matcher([rule for pack in packs for rule in pack.rules])


def may_fire(rule: Rule, view: View, at: int) -> bool:
    """Whether a rule's conditions on place, length and ending hold; its neighbours' labels are judged later."""
    count, n_words = len(view.paragraphs), view.n_words[at]
    return (
        ((rule.first is None and rule.last is None) or at < (rule.first or 0) or at >= count - (rule.last or 0))
        and rule.min_words <= n_words <= (rule.max_words or n_words)
        and not (rule.open_end and view.closed[at])
        and not (rule.in_prose and not view.is_prose)
        and not (rule.in_transcript and not view.is_transcript)
    )
