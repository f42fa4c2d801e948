"""Examples of rules: each rule must find its examples and leave its counter-examples alone.

A paragraph rule's example is a paragraph. A span rule's marks what goes with brackets: "Ferry late [[(Photo: Quill)]]".
A predicate's is a small document of lines; what goes begins with "> ".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from stages.noise.edits import Cut, remainder, tidy
from stages.noise.keywords import Keywords
from stages.noise.matcher import RuleMatcher, Seen, predicate_of
from stages.noise.paragraph_shapes import NO_KEYWORDS, line_of
from stages.noise.rules import Rule, RulePack
from stages.noise.verdict import Hits, find_hits
from stages.noise.view import look

MARKED = re.compile(r"\[\[(.*?)\]\](?!\])")


def problems_of(pack: RulePack, keywords: Keywords = NO_KEYWORDS) -> Iterator[str]:
    """Yield a sentence for every example that its rule does not find, and every counter-example that it finds.

    >>> ad = Rule("plume.ad", "ad", pattern="(?i)^get the app", examples=("Get the App", "The app"))
    >>> list(problems_of(RulePack("plume", rules=(ad,))))
    ["rule plume.ad does not find its example 'The app'"]
    """
    for rule in pack.rules:
        wrong = (each for each in rule.examples if not finds_example(rule, each, keywords))
        yield from (f"rule {rule.id} does not find its example {each!r}{how_marked(rule, each)}" for each in wrong)
        hit = (each for each in rule.counter_examples if finds_anything(rule, each, keywords))
        yield from (f"rule {rule.id} finds its counter-example {each!r}" for each in hit)


def how_marked(rule: Rule, example: str) -> str:
    """Say how an example marks what goes, where it marks nothing and has to."""
    if rule.predicate and not re.search("^> ", example, re.MULTILINE):
        return ': the lines that go begin with "> "'
    return ": mark what goes with [[ and ]]" if rule.kind == "span" and not MARKED.search(example) else ""


def finds_example(rule: Rule, example: str, keywords: Keywords = NO_KEYWORDS) -> bool:
    """Tell if a rule finds in an example just what the example says.

    >>> credit = Rule("plume.credit", "credit", "span", pattern=r"\\(Photo: \\w+\\)")
    >>> finds_example(credit, "Ferry late [[(Photo: Quill)]]"), finds_example(credit, "[[Ferry]] late (Photo: Quill)")
    (True, False)
    """
    if rule.predicate:
        wanted = {at for at, line in enumerate(example.split("\n")) if line.startswith("> ")}
        return predicate_hits(rule, example, keywords) == wanted
    if rule.kind == "paragraph":
        return fits(rule, example)
    bare = MARKED.sub(r"\1", example) if MARKED.search(example) else example.replace("[[", "", 1).replace("]]", "", 1)
    spans = [Cut(start, end, "", "") for start, end, _ in RuleMatcher([RulePack("x", rules=(rule,))]).spans(rule, bare)]
    return fits(rule, bare) and remainder(bare, tidy(bare, spans)).split() == MARKED.sub("", example).split()


def finds_anything(rule: Rule, example: str, keywords: Keywords = NO_KEYWORDS) -> bool:
    """Tell if a rule finds anything in a counter-example."""
    return bool(predicate_hits(rule, example, keywords)) if rule.predicate else fits(rule, example)


def predicate_hits(rule: Rule, example: str, keywords: Keywords) -> set[int]:
    """Return the lines of an example that a rule's predicate holds for."""
    view = look([line.removeprefix("> ") for line in example.split("\n")], keywords=keywords)
    return predicate_of(rule)(view)


def fits(rule: Rule, paragraph: str) -> bool:
    """Tell if pattern, length and ending hold; the place in a document does not come into it."""
    anywhere = replace(rule, first=None, last=None, in_prose=False, in_transcript=False)
    matcher, seen = RuleMatcher([RulePack("x", rules=(anywhere,))]), Seen()
    matcher.read({paragraph: line_of(paragraph)}, seen)
    return find_hits(look([paragraph]), matcher, seen) != Hits()
