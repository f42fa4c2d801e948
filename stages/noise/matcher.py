"""Rule matcher: finds the rules that hit a paragraph, by gates first, then by the patterns themselves.

An automaton for all patterns of a language is large, and it grows with every text it has not seen: counted repeats
("at most 80 characters") give it another state at nearly every character. So patterns are gathered a few at a time,
with their repeats uncounted. Such a gate lets through what its patterns could find, and a little more; the few that
pass are then matched as written. What must stand at the beginning of a paragraph has gates of its own, which give up
after a few characters. All of it in an alphabet of one byte a character (stages/noise/alphabet.py).

`re2.Filter` gives the same hits, but a process that has just started needs three times as long for its first texts:
docs/decisions/0019-a-rule-matcher-of-our-own.md, benchmarks/rule_matching.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any, NamedTuple

import re2

from stages.noise.alphabet import Alphabet, alphabets_of, parts_of
from stages.noise.paragraph_shapes import ParagraphShape
from stages.noise.predicates import PREDICATES
from stages.noise.rules import CUT, Rule, RulePack
from stages.noise.view import View
from stages.shared.derived import derived

#: Rules of one gate: with fewer, more gates are asked; with more, an automaton takes longer to grow. 6 and 50 were
#: slower (docs/method/noise.md).
GATE_RULES = 17

Groups = dict[str, str]
#: The rules whose patterns are found in a paragraph, in the order of the packs.
Found = tuple[Rule, ...]
#: The rules found by paragraph, kept because most paragraphs are met again.
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
    r"""Return a pattern that finds all that this one finds, and more: counted repeats become repeats of any number.

    >>> uncounted(r"^.{0,80}\d{2}\p{Lu}[{2}]\{2}")
    '^.*\\d+\\p{Lu}[{2}]\\{2}'
    """
    return PARTS.sub(
        lambda part: part[0] if part["least"] is None else "*" if int(part["least"]) == 0 else "+", pattern
    )


def is_anchored(pattern: str) -> bool:
    r"""Return True if a pattern is found at the beginning of a paragraph or nowhere.

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


class PatternRule(NamedTuple):
    """A rule with a pattern."""

    rule: Rule
    pattern: str
    gate: str  # the pattern without its counts
    spelled_gate: str | bytes
    anchored: bool  # found at the beginning of a paragraph or nowhere


class SharedAlphabet(NamedTuple):
    """Patterns that share an alphabet, each with its gate, the spelling of that, and if it is anchored."""

    alphabet: Alphabet
    patterns: dict[str, tuple[str, str | bytes, bool]]


class Gate(NamedTuple):
    """A few rules, compiled together: tells which of them may hit a paragraph of at most `max_words` words."""

    max_words: float
    match: Callable[[str | bytes], Sequence[int] | None]
    rules: Sequence[PatternRule]


class PatternGroup:
    """Rules that share an alphabet: their gates, and each rule by itself, compiled when it is first asked for."""

    def __init__(self, rules: Sequence[PatternRule], alphabet: Alphabet) -> None:
        self.rules = tuple(rules)
        self.alphabet = alphabet
        closed = gates_of([one for one in rules if not one.rule.open_end], alphabet)
        of_open_ends = gates_of([one for one in rules if one.rule.open_end], alphabet)
        self.gates, self.gates_of_open_ends = longest_first(closed), longest_first(closed + of_open_ends)
        self.exact: dict[str, Any] = {}
        self.capturing: dict[str, tuple[Any, dict[str, int]]] = {}

    def found(self, paragraph: str | bytes, shape: ParagraphShape) -> list[PatternRule]:
        """Find the rules whose pattern is in a paragraph that is written in the alphabet.

        Rules that its length or its end excludes are not looked for.
        """
        n_words = shape.n_words
        passing: list[PatternRule] = []
        for most, match, rules in self.gates if shape.closed else self.gates_of_open_ends:
            if n_words > most:
                break
            if found := match(paragraph):
                passing += [rules[number] for number in found]
        if not passing:  # nearly always
            return passing
        return [one for one in passing if one.gate == one.pattern or self.is_found(one.pattern, paragraph)]

    def is_found(self, pattern: str, paragraph: str | bytes) -> bool:
        """Return True if a pattern that passed its gate is found as it is written."""
        if pattern not in self.exact:
            self.exact[pattern] = compiled_set(re2.Set.SearchSet, [self.alphabet.spell(pattern)], self.alphabet).Match
        return self.exact[pattern](paragraph) is not None

    def matches(self, pattern: str, paragraph: str) -> Iterator[tuple[tuple[int, int], dict[str, tuple[int, int]]]]:
        """Yield where a pattern is found in a paragraph, and where its groups are, in code points."""
        if pattern not in self.capturing:
            capturing = re2.compile(self.alphabet.spell(pattern), self.alphabet.options())
            names = ((n if isinstance(n, str) else n.decode(), at) for n, at in capturing.groupindex.items())
            self.capturing[pattern] = capturing, dict(names)
        compiled, groups = self.capturing[pattern]
        for match in compiled.finditer(self.alphabet.write([paragraph])[0]):
            yield match.span(), {name: match.span(at) for name, at in groups.items()}


class RuleMatcher:
    """The rules of some packs, compiled."""

    def __init__(self, packs: Sequence[RulePack]) -> None:
        self.rules = tuple(rule for pack in packs for rule in pack.rules)
        self.by_id = {rule.id: rule for rule in self.rules}
        self.structural = [(rule, predicate_of(rule)) for rule in self.rules if rule.predicate is not None]
        self.order = {rule.id: at for at, rule in enumerate(self.rules)}
        self.groups = [group for pack in packs for group in compile_pack(pack)]
        self.group_of = {one.pattern: group for group in self.groups for one in group.rules}

    def read(self, shapes: Mapping[str, ParagraphShape], seen: Seen) -> None:
        """Add to `seen` the rules found in those paragraphs that are not in it yet."""
        new = {paragraph: shape for paragraph, shape in shapes.items() if paragraph not in seen}
        shapes_of_new = list(new.values())
        by_group = [map(group.found, group.alphabet.write(list(new)), shapes_of_new) for group in self.groups]
        for paragraph, *parts in zip(new, *by_group, strict=True):
            rules = [one.rule for part in parts if part for one in part]
            seen[paragraph] = tuple(sorted(rules, key=lambda rule: self.order[rule.id])) if rules else ()

    def spans(self, rule: Rule, paragraph: str) -> list[tuple[int, int, Groups]]:
        """Find a rule's pattern: each span to cut (code points) with its named groups."""
        found = []
        pattern = rule.pattern or ""
        for whole, groups in self.group_of[pattern].matches(pattern, paragraph):
            words = {name: paragraph[start:end] for name, (start, end) in groups.items() if start < end}
            start, end = groups[CUT] if CUT in words else whole
            if start < end:
                found.append((start, end, words))
        return found


def predicate_of(rule: Rule) -> Callable[[View], set[int]]:
    """Return the predicate that a rule names, with its parameters."""
    return partial(PREDICATES[rule.predicate or ""], **dict(rule.parameters))


def compiled_set(kind: Any, patterns: Sequence[str | bytes], alphabet: Alphabet) -> Any:
    """Compile some patterns, spelled in an alphabet, to one automaton."""
    automaton = kind(alphabet.options())
    for pattern in patterns:
        automaton.Add(pattern)
    automaton.Compile()
    return automaton


def gates_of(rules: Sequence[PatternRule], alphabet: Alphabet) -> tuple[Gate, ...]:
    """Compile gates for some rules, of about as many each, those for short paragraphs together."""
    gates = []
    for anchored in (True, False):
        chosen = sorted((one for one in rules if one.anchored == anchored), key=most_words)
        count = -(-len(chosen) // GATE_RULES)
        borders = [len(chosen) * at // count for at in range(count + 1)] if count else []
        gates += [gate_of(chosen[start:end], alphabet, anchored) for start, end in pairwise(borders)]
    return tuple(gates)


def gate_of(rules: Sequence[PatternRule], alphabet: Alphabet, anchored: bool) -> Gate:
    """Compile a gate."""
    kind = re2.Set.MatchSet if anchored else re2.Set.SearchSet
    automaton = compiled_set(kind, [rule.spelled_gate for rule in rules], alphabet)
    return Gate(max(most_words(rule) for rule in rules), quick_match(automaton, alphabet), rules)


def quick_match(automaton: Any, alphabet: Alphabet) -> Callable[[str | bytes], Sequence[int] | None]:
    """Return what asks a compiled set: of bytes the set of RE2 itself, for its wrapper takes a fifth of a call."""
    inner = getattr(automaton, "_set", automaton) if alphabet.table is not None else automaton
    match: Callable[[str | bytes], Sequence[int] | None] = inner.Match
    return match


def longest_first(gates: Sequence[Gate]) -> tuple[Gate, ...]:
    """Order gates so that the first one that a paragraph is too long for ends the search."""
    return tuple(sorted(gates, key=lambda gate: -gate.max_words))


def most_words(one: PatternRule) -> float:
    """Return the most words that a paragraph may have for a rule to hold."""
    return one.rule.max_words or math.inf


@lru_cache(maxsize=64)
def compile_pack(pack: RulePack) -> tuple[PatternGroup, ...]:
    """Compile the patterns of a pack; kept, because it takes as long as cleaning a hundred documents."""
    patterns = list(dict.fromkeys(rule.pattern for rule in pack.rules if rule.pattern is not None))
    shared = derived("alphabets", repr(patterns).encode(), lambda: list(shared_alphabets(patterns)))
    return tuple(
        PatternGroup(
            [PatternRule(rule, rule.pattern, *some[rule.pattern]) for rule in pack.rules if rule.pattern in some],
            alphabet,
        )
        for alphabet, some in shared
    )


def shared_alphabets(patterns: Sequence[str]) -> Iterator[SharedAlphabet]:
    """Yield patterns by alphabet, with all that is known of them before they are compiled."""
    for alphabet, some in alphabets_of(patterns):
        gates = {pattern: uncounted(pattern) for pattern in some}
        facts = {pattern: (gate, alphabet.spell(gate), is_anchored(pattern)) for pattern, gate in gates.items()}
        yield SharedAlphabet(alphabet, facts)


@lru_cache(maxsize=64)
def compile_packs(packs: tuple[RulePack, ...]) -> RuleMatcher:
    """Compile packs, each once however they are combined."""
    return RuleMatcher(packs)


def may_fire(rule: Rule, view: View, at: int) -> bool:
    """Return True if a rule's conditions on place, length and ending hold; its neighbours' labels are judged later."""
    count, n_words = len(view.paragraphs), view.n_words[at]
    return (
        ((rule.first is None and rule.last is None) or at < (rule.first or 0) or at >= count - (rule.last or 0))
        and rule.min_words <= n_words <= (rule.max_words or n_words)
        and (not view.closed[at] or may_end_closed(rule, n_words, view.paragraphs[at]))
        and not (rule.in_prose and not view.is_prose)
        and not (rule.in_transcript and not view.is_transcript)
    )


def may_end_closed(rule: Rule, n_words: int, paragraph: str) -> bool:
    """Return True if a rule may fire on a paragraph that ends as prose does."""
    if rule.open_end:
        return False
    return rule.sentence_from is None or n_words < rule.sentence_from or not is_told(paragraph)


def is_told(paragraph: str) -> bool:
    """Tell if a paragraph ends in a full stop and has no mark that sets a label apart: it is a sentence, and no link.

    >>> [is_told(text) for text in ("Read more slowly, he said.", "Read more: The ferry sails.", "Read more here")]
    [True, False, False]
    """
    return paragraph.rstrip(_QUOTES).endswith(_FULL_STOPS) and not _SET_APART.search(paragraph)


_QUOTES = "”“\"»’')"
_FULL_STOPS = (".", "۔", "。", "।")
_SET_APART = re.compile(
    r"[:>»|–—]|\s-\s|(?:here|below|hier|unten|ici|aquí|abajo|qui|aqui|hieronder)\W*$", re.IGNORECASE
)
