"""Every rule of every pack shown to work on its own examples, and to leave its counter-examples alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.noise.examples import MARKED, finds_anything, finds_example
from stages.noise.matcher import uncounted
from stages.noise.rules import REASONS, Rule, RulePack, compile_pattern, keywords_of, parse_pack
from tests.stages.noise.shipped import PACKS, RULES

KEYWORDS = keywords_of(PACKS)


# The 3,300 examples of all packs, a test for each pack: a test for each example takes longer than what it tests.
each_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)


@each_pack
def test_the_rules_of_a_pack_find_their_examples(pack: RulePack) -> None:
    examples = [(rule, example) for rule in pack.rules for example in rule.examples]
    assert [(rule.id, each) for rule, each in examples if not finds_example(rule, each, KEYWORDS)] == []


@each_pack
def test_the_rules_of_a_pack_leave_their_counter_examples_alone(pack: RulePack) -> None:
    examples = [(rule, example) for rule in pack.rules for example in rule.counter_examples]
    assert [(rule.id, each) for rule, each in examples if finds_anything(rule, each, KEYWORDS)] == []


@each_pack
def test_every_rule_of_a_pack_that_has_a_pattern_has_an_example(pack: RulePack) -> None:
    with_pattern = [rule for rule in pack.rules if rule.pattern is not None and rule.pattern != "."]
    assert [rule.id for rule in with_pattern if not (rule.examples or rule.after or rule.before)] == []


@given(st.sampled_from([rule for rule in RULES if rule.pattern]), st.sampled_from(RULES), st.text(max_size=30))
def test_a_gate_lets_through_whatever_its_rule_finds(rule: Rule, other: Rule, tail: str) -> None:
    for example in (*rule.examples, *other.examples):
        paragraph = (MARKED.sub(r"\1", example) + tail).encode("utf-8", "ignore")
        passes = compile_pattern(uncounted(rule.pattern)).search(paragraph)
        assert passes or not compile_pattern(rule.pattern).search(paragraph)


def test_the_packs_hold_what_is_promised() -> None:
    western = {"any", "en", "de", "fr", "es", "it", "pt", "nl", "ar"}
    others = {"pl", "tr", "ru", "uk", "el", "cs", "sv", "no", "da", "fi", "ja", "zh", "ko", "hi", "vi", "id"}
    assert western | others <= {pack.name for pack in PACKS}
    assert {rule.label for rule in RULES} <= set(REASONS)


AD = {"id": "a", "label": "ad"}
WRONG = {
    "rule pack x: unknown key 'rules' (did you mean 'rule'?)": {"rules": []},
    "rule x.a: unknown key 'patern' (did you mean 'pattern'?)": {"rule": [{**AD, "patern": "b"}]},
    "rule x.a: bad pattern: missing ): (b": {"rule": [{**AD, "pattern": "(b"}]},
    "rule x.a: unknown label 'add' (did you mean 'ad'?)": {"rule": [{**AD, "label": "add", "pattern": "b"}]},
    "rule x.a: give a pattern or a predicate (one of the two)": {"rule": [AD]},
    "rule x.(without id): id is missing": {"rule": [{"label": "ad", "pattern": "b"}]},
    "rule x.a: unknown predicate 'repeatd' (did you mean 'repeated'?)": {"rule": [{**AD, "predicate": "repeatd"}]},
    "rule x.a: unknown group 'autor' (did you mean 'authors'?)": {"span": [{**AD, "pattern": "(?P<autor>b)"}]},
    "rule x.a: unknown list 'moth'": {"rule": [{**AD, "pattern": "{{moth}}"}]},
    "rule x.a: unknown strength 'stronger'": {"rule": [{**AD, "pattern": "b", "strength": "stronger"}]},
    "rule x.a is there twice": {"rule": [{**AD, "pattern": "b"}] * 2},
    "rule x.a: unknown parameter 'least'": {"rule": [{**AD, "predicate": "repeated", "parameters": {"least": 3}}]},
    "rule x.a: first: Expected `int`, got `str`": {"rule": [{**AD, "pattern": "b", "first": "3"}]},
    "rule x.a: unknown label 'ads' (did you mean 'ad'?)": {"rule": [{**AD, "pattern": "b", "after": ["ads"]}]},
}


@pytest.mark.parametrize(("message", "data"), WRONG.items())
def test_what_is_wrong_in_a_pack_is_said_with_its_place(message: str, data: dict) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_pack(data, "x")
