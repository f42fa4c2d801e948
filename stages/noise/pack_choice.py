"""Choice of rule packs for a document: by its language; where it is not known, by its words, else by its script."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from stages.noise.rules import RulePack
from stages.shared.characters import UNSPACED

# Found on 835 documents in 25 languages (docs/method/noise.md): words decided for all but 15, of which eleven are in
# languages without a pack; the pack of the text's own language was always chosen, and no other for 96 of 100.
#: Different words of a pack that a text needs before they decide, and what a longer text needs more: one word for
#: every 60 different ones, at most 8. A text in a language without a pack has some words of others by chance.
SURE_WORDS, WORDS_PER_SURE_WORD, MOST_MORE = 4, 60, 8
#: Different words of a further pack, none of them a word of the first one: part of the text is in its language, too.
OWN_WORDS = 3
#: Of a text's letters, for the packs of a script to be tried where words do not decide.
SCRIPT_SHARE = 0.1
#: Letters that are read to tell the scripts of a text.
READ_LETTERS = 2000


def packs_for(language: str | None, text: str, packs: Sequence[RulePack]) -> tuple[RulePack, ...]:
    """Choose the packs that hold for a document: those that name its language, whose rules know more, then the rest.

    Where its language is not known, those of its likely languages hold, and those that have no words to tell by.

    >>> en = RulePack("en", languages=("en",), words=frozenset(["the", "of", "was", "and", "with"]))
    >>> packs = (RulePack("any"), RulePack("de", languages=("de",), words=frozenset(["der", "und"])), en)
    >>> [pack.name for pack in packs_for("de", "", packs)]
    ['de', 'any']
    >>> [pack.name for pack in packs_for(None, "The master of the ferry was up and about with the tide.", packs)]
    ['en', 'any']
    >>> [pack.name for pack in packs_for(None, "Ferry 1, Ferry 2", packs)]
    ['de', 'en', 'any']
    """
    holding = [pack for pack in packs if pack.holds_for(language)]
    if language is None:
        told = [pack for pack in holding if pack.words]
        likely = {pack.name for pack in likely_by_words(text, told) or likely_by_script(text, told)}
        holding = [pack for pack in holding if not pack.words or pack.name in likely]
    return tuple(sorted(holding, key=lambda pack: not pack.languages))


def likely_by_words(text: str, packs: Sequence[RulePack]) -> list[RulePack]:
    """Return the pack that most words of a text speak for, and others that it has words of; none where few do."""
    words = words_of(text)
    found = {pack.name: words & pack.words for pack in packs}
    first = max(found.values(), key=len, default=frozenset[str]())
    if len(first) < SURE_WORDS + min(MOST_MORE, len(words) // WORDS_PER_SURE_WORD):
        return []
    explained = next(pack.words for pack in packs if found[pack.name] is first)
    return [pack for pack in packs if found[pack.name] is first or len(found[pack.name] - explained) >= OWN_WORDS]


def words_of(text: str) -> frozenset[str]:
    """Return the different words of a text as they stand between spaces, and its characters of unspaced scripts.

    >>> sorted(words_of("The ferry, the quay")), sorted(words_of("港は再び"))
    (['ferry,', 'quay', 'the'], ['は', 'び', '再', '港', '港は再び'])
    """
    words = frozenset(text.casefold().split())
    return words if text.isascii() else words.union(UNSPACED.findall(text))


def likely_by_script(text: str, packs: Sequence[RulePack]) -> list[RulePack]:
    """Return the packs whose words are in a script that a tenth of a text's letters are in; all where it has none."""
    letters = Counter(map(script_of, (letter for letter in text[:READ_LETTERS] if letter.isalpha())))
    scripts = {script for script, count in letters.items() if count >= SCRIPT_SHARE * letters.total()}
    return [pack for pack in packs if not scripts or scripts & scripts_of(pack.words)]


@lru_cache(maxsize=256)
def scripts_of(words: frozenset[str]) -> frozenset[str]:
    """Return the scripts that some words are written in."""
    return frozenset(script_of(letter) for word in words for letter in word if letter.isalpha())


@lru_cache(maxsize=4096)
def script_of(letter: str) -> str:
    """Return the script of a letter, as its Unicode name begins.

    >>> [script_of(letter) for letter in "aжの港한"]
    ['LATIN', 'CYRILLIC', 'HIRAGANA', 'CJK', 'HANGUL']
    """
    return unicodedata.name(letter, "").split(" ")[0]
