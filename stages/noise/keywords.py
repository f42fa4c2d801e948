"""Keywords of rule packs that judgement reads outside of their patterns: counters, bylines, speakers of a broadcast."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

NEVER = r"(?!)"  # matches nothing
#: A name follows: a capital, or a letter of a script without case.
NAME = r"(?=[^\W\d_a-zß-öø-ÿ])"


@dataclass(frozen=True, slots=True)
class Keywords:
    """Compiled keywords: each pattern matches at the beginning of a paragraph."""

    counter: re.Pattern[str]  # "3/12", "3 of 12": a caption of a gallery
    byline: re.Pattern[str]  # "By Name"
    speaker: re.Pattern[str]  # "ADA QUAY, HOST:": a transcript


@lru_cache(maxsize=32)
def compile_keywords(
    counter_words: tuple[str, ...] = (), byline_words: tuple[str, ...] = (), speaker_roles: tuple[str, ...] = ()
) -> Keywords:
    """Compile lists of words.

    >>> found = compile_keywords(("von",), ("Von",), ("HOST",))
    >>> [bool(found.counter.match(line)) for line in ("3/9 Boote", "3 von 9", "3 of 9")]
    [True, True, False]
    >>> bool(found.byline.match("Von Mara Quill")), bool(found.speaker.match("ADA QUAY, HOST: Good evening."))
    (True, True)
    >>> bool(compile_keywords().byline.match("Von Mara Quill"))
    False
    """
    return Keywords(
        counter=re.compile(rf"^(?:\(|\[)?(\d{{1,3}})\s?{any_of(['/', *counter_words])}\s?(\d{{1,3}})\b(?!/)"),
        byline=re.compile(rf"{any_of(byline_words)} {NAME}"),
        speaker=re.compile(rf"[A-ZÀ-Þ][A-ZÀ-Þ .’'-]{{2,40}}, {any_of(speaker_roles)}: "),
    )


def any_of(words: Iterable[str]) -> str:
    """Write a pattern for any of some words; one that matches nothing where there are none."""
    ordered = list(dict.fromkeys(map(re.escape, words)))
    return "(?:" + "|".join(ordered) + ")" if ordered else NEVER
