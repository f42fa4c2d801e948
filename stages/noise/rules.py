"""Rule packs: rules and word lists as data, and their parser.

A pack is a file `config/noise/<name>.toml`, read by the pipeline and handed to `parse_pack`. It says which languages
its rules hold for. Patterns are RE2: matching is linear in the text whatever a user writes. A rule whose defect shows
only in the document around it names a predicate (stages/noise/predicates.py).
"""

from __future__ import annotations

import difflib
import inspect
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import msgspec
import re2

from stages.noise.keywords import Keywords, compile_keywords
from stages.noise.predicates import PREDICATES
from stages.shared.agencies import AGENCIES
from stages.shared.dates import month_names

Kind = Literal["paragraph", "span"]
Strength = Literal["strong", "likely", "weak"]
STRENGTHS: tuple[Strength, ...] = ("strong", "likely", "weak")
Parameter = int | float | str
#: What a rule can call a paragraph or a span. docs/reference/tables.md explains each.
LABELS = (
    *("title", "deck", "byline", "date", "dateline", "wire", "caption", "credit", "nav", "related", "social"),
    *("signup", "legal", "ad", "embed", "comment", "placeholder", "duplicate", "junk", "speaker"),
)
#: Reasons of this stage in the ledger: the labels, and two that no rule gives.
REASONS = (*LABELS, "template", "large_cut", "no_text_left")
#: Named groups of a pattern fill these fields of a document.
FIELDS = ("title", "deck", "authors", "published", "dateline", "wire")
#: The group that a span rule cuts where its pattern must also read what stands around it (RE2 has no look-around).
CUT = "cut"
NAMES = re.compile(r"\{\{(\w+)\}\}")
GROUP = re.compile(r"\(\?P<(\w+)>")
#: A language as documents name it: a code of ISO 639, without a region.
LANGUAGE = re.compile(r"[a-z]{2,3}")
#: The name of a file that says its language by itself; three letters may be any word ("any" is a language too).
LANGUAGE_NAME = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its pattern or predicate, the places in a document where it may fire, and its examples."""

    id: str
    label: str
    kind: Kind = "paragraph"
    pattern: str | None = None
    predicate: str | None = None
    parameters: tuple[tuple[str, Parameter], ...] = ()
    strength: Strength = "strong"  # a likely rule gives way to the line model, a weak one never cuts without it
    first: int | None = None  # only in the first so many paragraphs
    last: int | None = None  # only in the last so many
    after: tuple[str, ...] = ()  # only right after a paragraph with one of these labels
    before: tuple[str, ...] = ()  # only right before one
    min_words: int = 0
    max_words: int | None = None
    open_end: bool = False  # only a paragraph that does not end as prose does
    sentence_from: int | None = None  # no sentence of so many words without a colon: a story may begin with the same
    in_prose: bool = False  # only in a document whose long paragraphs do
    in_transcript: bool = False  # only in a document that names hosts and reporters as speakers
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RulePack:
    """Rules and word lists of some languages."""

    name: str
    languages: tuple[str, ...] = ()  # that the rules hold for; none: all
    rules: tuple[Rule, ...] = ()
    agencies: tuple[tuple[str, str], ...] = ()  # spelling, canonical name
    months: tuple[tuple[str, int], ...] = ()
    zones: tuple[tuple[str, int], ...] = ()  # time zone, minutes east of Greenwich
    roles: tuple[str, ...] = ()  # words of a byline that are no part of a name
    joiners: tuple[str, ...] = ()  # words between two names
    counter_words: tuple[str, ...] = ()  # between a picture's number and their count: "3 of 12"
    byline_words: tuple[str, ...] = ()  # before a name, in every spelling: "By", "BY"
    speaker_roles: tuple[str, ...] = ()  # of a broadcast's transcript: "HOST"
    words: frozenset[str] = frozenset()  # frequent ones, in lower case, that tell a text in one of its languages

    def holds_for(self, language: str | None) -> bool:
        """Return True if the rules hold for documents in a language, or may, since theirs is not known.

        >>> pack = RulePack("en", languages=("en",))
        >>> pack.holds_for("en-GB"), pack.holds_for(None), pack.holds_for("de"), RulePack("plume").holds_for("de")
        (True, True, False, True)
        """
        return language is None or not self.languages or language.split("-")[0] in self.languages


#: Types of the keys of a pack.
PACK_TYPES: dict[str, Any] = {
    "languages": list[str], "rule": list[dict[str, Any]], "span": list[dict[str, Any]],
    "agencies": dict[str, list[str]], "months": dict[str, int], "zones": dict[str, int], "names": dict[str, list[str]],
    "roles": list[str], "joiners": list[str], "counter_words": list[str], "byline_words": list[str],
    "speaker_roles": list[str], "words": list[str],
}  # fmt: skip
#: Types of the keys of a rule.
RULE_TYPES: dict[str, Any] = {
    "id": str, "label": str, "pattern": str, "predicate": str, "parameters": dict[str, Parameter], "strength": str,
    "first": int, "last": int, "after": list[str], "before": list[str], "min_words": int, "max_words": int,
    "open_end": bool, "sentence_from": int, "in_prose": bool, "in_transcript": bool, "examples": list[str],
    "counter_examples": list[str],
}  # fmt: skip


def parse_pack(data: Mapping[str, Any], name: str) -> RulePack:
    """Parse a pack from the data of a TOML file; ValueError with the place of what is wrong in it.

    >>> parse_pack({"rule": [{"id": "ad", "label": "ad", "pattern": "(?i)^advertisement$"}]}, "en").rules[0].id
    'en.ad'
    >>> parse_pack({"rule": [{"id": "ad", "label": "ads", "pattern": "x"}]}, "en")
    Traceback (most recent call last):
    ValueError: rule en.ad: unknown label 'ads' (did you mean 'ad'?)
    """
    refuse_unknown(data, list(PACK_TYPES), f"rule pack {name}")
    check_types(data, PACK_TYPES, f"rule pack {name}")
    names = named_lists(data, name)
    rules = [parse_rule(rule, name, "paragraph", names) for rule in data.get("rule", ())]
    rules += [parse_rule(rule, name, "span", names) for rule in data.get("span", ())]
    refuse_repeated([rule.id for rule in rules])
    agencies = data.get("agencies", {}).items()
    return RulePack(
        name=name,
        languages=languages_of(data, name),
        rules=tuple(rules),
        agencies=tuple((spelling, canonical) for canonical, spellings in agencies for spelling in spellings),
        months=tuple((word.casefold(), number) for word, number in data.get("months", {}).items()),
        zones=tuple(data.get("zones", {}).items()),
        roles=tuple(data.get("roles", ())),
        joiners=tuple(data.get("joiners", ())),
        counter_words=tuple(data.get("counter_words", ())),
        byline_words=tuple(data.get("byline_words", ())),
        speaker_roles=tuple(data.get("speaker_roles", ())),
        words=frozenset(word.casefold() for word in data.get("words", ())),
    )


def languages_of(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the languages that a pack holds for: those it names, else that of its name, else none, which means all.

    >>> languages_of({"languages": ["de", "nl"]}, "plume"), languages_of({}, "de"), languages_of({}, "plume")
    (('de', 'nl'), ('de',), ())
    >>> languages_of({"languages": ["en-GB"]}, "plume")
    Traceback (most recent call last):
    ValueError: rule pack plume: languages: 'en-GB' is no language code such as "en"
    """
    if "languages" not in data:
        return (name,) if LANGUAGE_NAME.fullmatch(name) else ()
    if not data["languages"]:
        raise ValueError(f"rule pack {name}: languages: name one at least; a pack for all languages leaves the key out")
    for language in data["languages"]:
        if not LANGUAGE.fullmatch(language):
            raise ValueError(f'rule pack {name}: languages: {language!r} is no language code such as "en"')
    return tuple(data["languages"])


def keywords_of(packs: Iterable[RulePack]) -> Keywords:
    """Unite the keywords of packs.

    Those of all packs hold in documents of any language: every figure of docs/method/noise.md was measured with one
    list for all, none with lists per language.
    """
    chosen = tuple(packs)
    return compile_keywords(
        tuple(word for pack in chosen for word in pack.counter_words),
        tuple(word for pack in chosen for word in pack.byline_words),
        tuple(role for pack in chosen for role in pack.speaker_roles),
    )


def named_lists(data: Mapping[str, Any], pack: str) -> dict[str, str]:
    """Return the pattern that `{{name}}` stands for in a pack: any of the words of that list, longest first."""
    lists = {name: list(words) for name, words in data.get("names", {}).items()}
    months = month_names(None if pack == "any" else pack)  # case folding takes the Greek "ΐ" apart
    lists["month"] = [*(unicodedata.normalize("NFC", month) for month in months), *data.get("months", {})]
    own = [spelling for spellings in data.get("agencies", {}).values() for spelling in spellings]
    lists["agency"] = [*AGENCIES.spellings, *own]
    ordered = {name: sorted(words, key=len, reverse=True) for name, words in lists.items()}
    return {name: "(?:" + "|".join(map(re.escape, words)) + ")" for name, words in ordered.items() if words}


def expand(pattern: str, names: Mapping[str, str], here: str) -> str:
    """Replace every `{{name}}` of a pattern.

    >>> expand("^by {{agency}}$", {"agency": "(?:AP|dpa)"}, "rule en.by")
    '^by (?:AP|dpa)$'
    """
    for name in NAMES.findall(pattern):
        refuse_unknown_value(name, names, f"{here}: unknown list")
    return NAMES.sub(lambda found: names[found[1]], pattern)


def parse_rule(data: Mapping[str, Any], pack: str, kind: Kind, names: Mapping[str, str]) -> Rule:
    """Parse one rule of a pack; ValueError with the rule and what is wrong with it."""
    here = f"rule {pack}.{data.get('id', '(without id)')}"
    refuse_unknown(data, list(RULE_TYPES), here)
    check_types(data, RULE_TYPES, here)
    if "pattern" in data:
        data = {**data, "pattern": expand(data["pattern"], names, here)}
    for key in ("id", "label"):
        if key not in data:
            raise ValueError(f"{here}: {key} is missing")
    for label in (*data.get("after", ()), *data.get("before", ())):
        refuse_unknown_value(label, LABELS, f"{here}: unknown label")
    refuse_unknown_value(data["label"], LABELS, f"{here}: unknown label")
    refuse_unknown_value(data.get("strength", "strong"), STRENGTHS, f"{here}: unknown strength")
    check_finder(data, kind, here)
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    values["parameters"] = tuple(sorted(data.get("parameters", {}).items()))
    return Rule(**{**values, "id": f"{pack}.{data['id']}", "kind": kind})


def check_types(data: Mapping[str, Any], types: Mapping[str, Any], here: str) -> None:
    """Refuse values of another type than their key has.

    >>> check_types({"first": "3"}, RULE_TYPES, "rule en.ad")
    Traceback (most recent call last):
    ValueError: rule en.ad: first: Expected `int`, got `str`
    """
    for key, value in data.items():
        try:
            msgspec.convert(value, types[key])
        except msgspec.ValidationError as error:
            raise ValueError(f"{here}: {key}: {error}") from None


def check_finder(data: Mapping[str, Any], kind: Kind, here: str) -> None:
    """Refuse a rule that has not either a pattern that RE2 reads or a predicate that exists."""
    if ("pattern" in data) == ("predicate" in data) or (kind == "span" and "pattern" not in data):
        raise ValueError(f"{here}: give a pattern" + ("" if kind == "span" else " or a predicate (one of the two)"))
    if "predicate" in data:
        refuse_unknown_value(data["predicate"], PREDICATES, f"{here}: unknown predicate")
        known = inspect.signature(PREDICATES[data["predicate"]]).parameters
        for name, value in data.get("parameters", {}).items():
            refuse_unknown_value(name, list(known)[1:], f"{here}: unknown parameter")
            check_types({name: value}, {name: type(known[name].default)}, here)
        return
    check_pattern(data["pattern"], here)


def check_pattern(pattern: str, here: str) -> None:
    """Refuse a pattern that RE2 does not parse, or whose groups are no fields.

    It is not compiled: that takes a hundred times as long, and most packs are of languages that a worker never meets.
    """
    try:
        re2.Set.SearchSet(options()).Add(pattern)
    except re2.error:
        raise ValueError(f"{here}: bad pattern: {problem_of(pattern)}") from None
    for group in GROUP.findall(pattern):
        refuse_unknown_value(group, (*FIELDS, CUT), f"{here}: unknown group")


def problem_of(pattern: str) -> str:
    """Return RE2's message about a wrong pattern.

    >>> problem_of("(quay")
    'missing ): (quay'
    """
    try:
        compile_pattern(pattern)
    except re2.error as error:
        words = error.args[0]
        return words.decode() if isinstance(words, bytes) else str(words)
    return "too large"


def refuse_unknown(data: Mapping[str, Any], known: Sequence[str], here: str) -> None:
    """Refuse unknown keys; the ValueError names the nearest known one."""
    for key in data:
        refuse_unknown_value(key, known, f"{here}: unknown key")


def refuse_unknown_value(value: str, known: Iterable[str], problem: str) -> None:
    """Refuse a value that is none of the known ones; the ValueError names the nearest."""
    if value not in known:
        near = difflib.get_close_matches(value, list(known), n=1, cutoff=0.5)
        raise ValueError(f"{problem} {value!r}" + (f" (did you mean {near[0]!r}?)" if near else ""))


def refuse_repeated(ids: list[str]) -> None:
    """Refuse an id that is given twice: a ledger row must name one rule."""
    for id_ in ids:
        if ids.count(id_) > 1:
            raise ValueError(f"rule {id_} is there twice")


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Any:
    """Compile a pattern; kept, because it is asked for again whenever it hits."""
    return re2.compile(pattern, options())


@lru_cache(maxsize=1)
def options() -> Any:
    """Return RE2 options: quiet, and memory enough for a set of rules."""
    chosen = re2.Options()
    chosen.log_errors = False
    chosen.max_mem = 256 << 20
    return chosen
