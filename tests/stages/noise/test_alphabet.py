"""The alphabet that rules are matched in finds what the patterns find as they are written."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
import re2
from hypothesis import given, reject
from hypothesis import strategies as st

from stages.noise.alphabet import LOOKALIKES, alphabets_of
from stages.noise.matcher import RuleMatcher, may_fire
from stages.noise.paragraph_shapes import line_of
from stages.noise.rules import Rule, RulePack, compile_pattern
from stages.noise.view import look
from tests.stages.noise import shipped

RULES = [rule for rule in shipped.RULES if rule.pattern]
LANGUAGES = ("en", "ar", "fr", "ja")
NAMED = sorted({character for rule in RULES for character in rule.pattern or "" if not character.isascii()})
PIECES = st.one_of(
    st.sampled_from([example for rule in RULES for example in rule.examples]),
    st.sampled_from(NAMED),
    st.text(max_size=20),
).map(lambda text: "".join(character for character in text if ord(character) not in LOOKALIKES))


@cache
def matcher_of(name: str) -> RuleMatcher:
    """The matcher of a language's packs, or of all: made when it is needed, for each takes half a second."""
    return RuleMatcher([pack for pack in shipped.PACKS if name == "all" or pack.name in ("any", name)])


#: Patterns that say what they mean in odd ways, and a text.
ODD = [
    (r"[[]é[]]", "[é]"), (r"[]é]x", "]x"), (r"[^]é]x", "éx"), (r"[\x{e0}-\x{ff}]", "é"), (r"[a-\x{e9}]!", "ß!"),
    (r"(?i)é(?-i:è)", "Éè"), (r"(?i)é(?-i:è)", "ÉÈ"), (r"(?i)x(?:é|(?-i)à)À", "XÉà"),
    (r"\p{^Lu}$", "É"), (r"\PL+", "→→"),
    (r"[\PL]+", "éé"), (r"\xe9", "é"), (r"\351", "é"), (r"\Qé.\E", "é."), (r"\C\C", "é"), (r"[[:^alpha:]]", "é"),
    (r"[\P{Any}]|é", "é"), (r"(?i)[à-è]", "Æ"), (r"(?i)\p{Lu}", "é"), (r"[\pL-–]", "-"),
    (r"\x{1F600}", "😀"), (r"...$", "a😀é"), (r"[a]--–", "a--–"), (r"[é]-à]", "é-à]"),
    (r"[:^-é]", "A"), (r"[--é]", "a"), (r"[\d--é]", "a"),
    (r"[\x01-\x05]é", "\x02é"), (r"[\t-z]é", "\x0eé"), (r"[\t-z]é", "\x01é"), ("[\t-z]é", "\x01é"), (r"\aé", "\x07é"),
    (r".é", "\x01é"), (r"[^é]\x{1f}", "é\x1f"), ("\x01é", "\x02é"), (r"[[:cntrl:]]é", "\x01é"), (r"\PL\Wé", "\x1f\0é"),
]  # fmt: skip

#: What patterns are written with, and what may be taken for it.
SYNTAX = (
    *"[]^-aZé→à(?i:)|*+.", "[^", r"\pL", r"\PL", r"\d", r"\W", r"\b", r"\-", r"\]", "[:alpha:]", "[:^alpha:]", "(?i)",
    "(?-i:", r"\x{e9}", "é-→", "^-é", r"\t", "\t", "\x01", r"\x{1}", r"\a", "[:cntrl:]", "-",
)  # fmt: skip


def seen_by(matcher: RuleMatcher, text: str) -> list[Rule]:
    seen: dict[str, tuple[Rule, ...]] = {}
    matcher.read({text: line_of(text)}, seen)
    return list(seen[text])


def found(pattern: str, text: str) -> list[tuple[int, int]]:
    matcher = RuleMatcher([RulePack("x", rules=(Rule("a", "junk", pattern=pattern),))])
    assert bool(seen_by(matcher, text)) == (compile_pattern(pattern).search(text) is not None)
    return [(start, end) for start, end, _ in matcher.spans(Rule("a", "junk", pattern=pattern), text)]


@pytest.mark.parametrize(("pattern", "text"), ODD)
def test_an_odd_pattern_means_the_same_in_an_alphabet(pattern: str, text: str) -> None:
    as_written = [match.span() for match in compile_pattern(pattern).finditer(text)]
    assert found(pattern, text) == [(start, end) for start, end in as_written if start < end]


@given(
    st.lists(st.sampled_from(SYNTAX), max_size=8).map("".join),
    st.text("aAzéÉà→-]^pL\0\x01\x07\x0e\x1f\t", max_size=8),
)
def test_whatever_pattern_means_the_same_in_an_alphabet(pattern: str, text: str) -> None:
    try:
        compile_pattern(pattern)
    except re2.error:
        reject()
    test_an_odd_pattern_means_the_same_in_an_alphabet(pattern, text)


@given(st.sampled_from([*LANGUAGES, "all"]), st.lists(PIECES, min_size=1, max_size=4).map("".join))
def test_rules_find_in_an_alphabet_what_they_find_as_written(name: str, text: str) -> None:
    matcher = matcher_of(name)
    view = look([text])
    rules = [rule for rule in matcher.rules if rule.pattern]
    anywhere = [replace(rule, first=None, last=None, in_prose=False, in_transcript=False) for rule in rules]
    chosen = {rule.id for rule in anywhere if may_fire(rule, view, 0)}
    as_written = [rule for rule in rules if compile_pattern(rule.pattern or "").search(text)]
    assert [r for r in seen_by(matcher, text) if r.id in chosen] == [r for r in as_written if r.id in chosen]


@given(st.sampled_from(RULES), st.lists(PIECES, min_size=1, max_size=4).map("".join))
def test_a_span_is_cut_where_its_pattern_as_written_is_found(rule: Rule, text: str) -> None:
    spans = matcher_of("all").spans(rule, text)
    matches = [match for match in compile_pattern(rule.pattern or "").finditer(text) if match.start() < match.end()]
    if "(?P<cut>" not in (rule.pattern or ""):
        assert [(start, end) for start, end, _ in spans] == [match.span() for match in matches]
    for (_, _, groups), match in zip(spans, matches, strict=False):
        assert groups == {name: words for name, words in match.groupdict().items() if words}


def test_patterns_that_tell_too_much_apart_share_no_alphabet() -> None:
    many = ["".join(map(chr, range(first, first + 80))) for first in (0x4E00, 0x5000, 0x6000)] + [r"\Cé"]
    alphabets = list(alphabets_of([*many, "[é-ù]" + "".join(map(chr, range(0x7000, 0x7200)))]))
    assert [len(patterns) for _, patterns in alphabets] == [1, 1, 1, 2]
    assert [alphabet.table is None for alphabet, _ in alphabets] == [False, False, False, True]


def test_a_pattern_with_many_kinds_of_characters_leaves_the_others_their_alphabet() -> None:
    few = [f"{chr(first)}[{chr(first + 1)}{chr(first + 2)}]" for first in range(0x4E00, 0x4E40, 4)]
    many = ["".join(map(chr, range(first, first + 90))) for first in (0x5000, 0x6000)]
    alphabets = list(alphabets_of([few[0], many[0], *few[1:], many[1]]))
    assert [patterns for _, patterns in alphabets] == [few, [many[0]], [many[1]]]
