"""Which rules hit a paragraph: gates first, then the patterns themselves.

An automaton for all patterns of a language is large, and it grows with every text it has not seen: counted repeats
("at most 80 characters") give it another state at nearly every character. So patterns are gathered a few at a time,
with their repeats uncounted. Such a gate lets through what its patterns could find, and a little more; the few that
pass are then matched as written. What must stand at the beginning of a paragraph has gates of its own, which give up
after a few characters. All of it in an alphabet of one byte a character (stages/noise/alphabet.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

import re2

from stages.noise.alphabet import Alphabet, alphabets_of, parts_of
from stages.noise.rules import CUT, Rule, RulePack
from stages.noise.view import Line, View

#: Rules of one gate: with fewer, more gates are asked; with more, an automaton takes longer to grow.
GATE_RULES = 17

Groups = dict[str, str]
#: The rules whose patterns are found in a paragraph, in the order of the packs.
Found = tuple[Rule, ...]
#: What was found in each paragraph that was looked at: most are met again.
Seen = dict[str, Found]
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


def is_anchored(pattern: str) -> bool:
    r"""Whether a pattern is found at the beginning of a paragraph or nowhere.

    >>> is_anchored("(?i)^by quill|^(?:a|b)"), is_anchored("^by|quill"), is_anchored("(?:^|x)by")
    (True, False, False)
    """
    depth, opens, anchored = 0, True, True
    for part in parts_of(pattern):
        if part.inside or part.text in ("(?i)", "(?s)"):
            continue
        if opens and depth == 0:
            anchored = anchored and part.text == "^"
        opens = part.text == "|"
        depth += part.text.startswith("(") - (part.text == ")")
    return anchored and "(?m" not in pattern


class Place(NamedTuple):
    """A rule with a pattern, and its place among all rules."""

    number: int
    rule: Rule
    pattern: str
    gate: str  # the pattern without its counts


class Gate:
    """A few rules, compiled together: which of them may hit a paragraph of so many words."""

    def __init__(self, places: Sequence[Place], alphabet: Alphabet, anchored: bool) -> None:
        self.places = places
        self.max_words = max(most_words(place) for place in places)
        kind = re2.Set.MatchSet if anchored else re2.Set.SearchSet
        self.match = compiled_set(kind, [place.gate for place in places], alphabet).Match


class Desk:
    """Rules that share an alphabet: their gates, and each rule by itself, compiled when it is first asked for."""

    def __init__(self, places: Sequence[Place], alphabet: Alphabet) -> None:
        self.alphabet = alphabet
        self.gates = gates_of([place for place in places if not place.rule.open_end], alphabet)
        self.gates_of_open_ends = self.gates + gates_of([place for place in places if place.rule.open_end], alphabet)
        self.exact: dict[str, Any] = {}
        self.capturing: dict[str, tuple[Any, dict[str, int]]] = {}

    def found(self, paragraph: str | bytes, line: Line) -> list[Place]:
        """The rules whose pattern is found in a paragraph that is written in the alphabet; rules that its length or its
        end rules out are not looked for.
        """
        gates = self.gates if line.closed else self.gates_of_open_ends
        asked = (gate for gate in gates if line.n_words <= gate.max_words)
        passing = [gate.places[n] for gate in asked for n in gate.match(paragraph) or ()]
        return [place for place in passing if place.gate == place.pattern or self.is_found(place.pattern, paragraph)]

    def is_found(self, pattern: str, paragraph: str | bytes) -> bool:
        """Whether a pattern that passed its gate is found as it is written."""
        if pattern not in self.exact:
            self.exact[pattern] = compiled_set(re2.Set.SearchSet, [pattern], self.alphabet).Match
        return self.exact[pattern](paragraph) is not None

    def matches(self, pattern: str, paragraph: str) -> Iterator[tuple[tuple[int, int], dict[str, tuple[int, int]]]]:
        """Where a pattern is found in a paragraph, and where its groups are, in code points."""
        if pattern not in self.capturing:
            capturing = re2.compile(self.alphabet.spell(pattern), self.alphabet.options())
            names = ((n if isinstance(n, str) else n.decode(), at) for n, at in capturing.groupindex.items())
            self.capturing[pattern] = capturing, dict(names)
        compiled, groups = self.capturing[pattern]
        for match in compiled.finditer(self.alphabet.write([paragraph])[0]):
            yield match.span(), {name: match.span(at) for name, at in groups.items()}


class Matcher:
    """The rules of some packs, compiled: which of them hit a paragraph, a document, a span."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.by_id = {rule.id: rule for rule in rules}
        self.structural = [rule for rule in rules if rule.predicate is not None]
        patterned = [(at, rule, rule.pattern) for at, rule in enumerate(rules) if rule.pattern is not None]
        places = [Place(at, rule, pattern, uncounted(pattern)) for at, rule, pattern in patterned]
        self.desks: list[Desk] = []
        self.desk_of: dict[str, Desk] = {}
        for alphabet, patterns in alphabets_of(list(dict.fromkeys(place.pattern for place in places))):
            chosen = set(patterns)
            desk = Desk([place for place in places if place.pattern in chosen], alphabet)
            self.desks.append(desk)
            self.desk_of |= dict.fromkeys(patterns, desk)

    def read(self, lines: Mapping[str, Line], seen: Seen) -> None:
        """Adds to `seen` what is found in those paragraphs that are not in it yet."""
        new = {paragraph: line for paragraph, line in lines.items() if paragraph not in seen}
        written = [(desk, desk.alphabet.write(list(new))) for desk in self.desks]
        for at, (paragraph, line) in enumerate(new.items()):
            found = [place for desk, texts in written for place in desk.found(texts[at], line)]
            seen[paragraph] = tuple(place.rule for place in sorted(found, key=itemgetter(0)))

    def spans(self, rule: Rule, paragraph: str) -> list[tuple[int, int, Groups]]:
        """Where a rule's pattern is found: the span to cut, and the named groups."""
        found = []
        pattern = rule.pattern or ""
        for whole, groups in self.desk_of[pattern].matches(pattern, paragraph):
            words = {name: paragraph[start:end] for name, (start, end) in groups.items() if start < end}
            start, end = groups[CUT] if CUT in words else whole
            if start < end:
                found.append((start, end, words))
        return found


def compiled_set(kind: Any, patterns: Sequence[str], alphabet: Alphabet) -> Any:
    """An automaton for some patterns."""
    automaton = kind(alphabet.options())
    for pattern in patterns:
        automaton.Add(alphabet.spell(pattern))
    automaton.Compile()
    return automaton


def gates_of(places: Sequence[Place], alphabet: Alphabet) -> tuple[Gate, ...]:
    """The gates of some rules, of about as many each, those for short paragraphs together."""
    gates = []
    for anchored in (True, False):
        chosen = sorted((place for place in places if is_anchored(place.pattern) == anchored), key=most_words)
        count = -(-len(chosen) // GATE_RULES)
        borders = [len(chosen) * at // count for at in range(count + 1)] if count else []
        gates += [Gate(chosen[start:end], alphabet, anchored) for start, end in pairwise(borders)]
    return tuple(gates)


def most_words(place: Place) -> float:
    """How many words a paragraph may have at most that a rule holds for."""
    return place.rule.max_words or math.inf


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
