"""Signs that a text holds many articles: long parts that share no words, however their beginnings are marked."""

from __future__ import annotations

import itertools
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from stages.shared.words import count_as_spaced

_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힣]{2}|[^\W\d_]{4,}")
#: Parts that a part is compared with, of those that follow it: all pairs would take time that grows with their square.
NEIGHBOURS = 5
#: Of 4,448 news texts, cut into parts of 100 and more words, none of 8 parts and more lies below 0.157, and one in a
#: hundred below 0.3; of 460 articles with headings over parts of 100 words none below 0.195. Of collections of whole
#: articles nine in ten lie below 0.15 (100 samples of each number of articles). Few parts, and short ones, vary more.
MAX_COHESION, MAX_COHESION_OF_FEW, FEW_PARTS = 0.15, 0.12, 8
#: Parts, and words of one, from which on cohesion is believed. No article known has three lines with a median of 139
#: words; of three or four parts of 100 words, one article in 1,000 shares no word at all.
MIN_PARTS, MIN_WORDS, FEWEST_PARTS, MIN_WORDS_OF_FEWEST = 3, 100, 5, 150
#: ... and parts from which on short ones do: of 500 articles cut into 20 and more parts of 40 words, none lies below
#: 0.156; of collections of such parts nine in ten below 0.1.
MANY_PARTS, MIN_WORDS_OF_MANY = 20, 40
#: Words of a part that is looked at. Headings and marks between articles have fewer.
MIN_WORDS_OF_PART = 20
#: Words of most texts need not be counted to see that their parts are too short: blanks are, and by this share of them
#: a count may be off. Letters of a word with its blank, on average, in scripts that have blanks.
SLACK, LONGEST_SPACED = 0.7, 15
#: Words in more of the parts than this say nothing of a subject.
MAX_SHARE_OF_PARTS = 0.2


def share_no_subject(parts: Sequence[str]) -> bool:
    """Return True if parts of a text are long and share so few words that each is an article of its own."""
    if len(parts) < MIN_PARTS:
        return False
    about = [words for part in parts if (words := _about(part)) >= MIN_WORDS_OF_PART * SLACK]
    if not about or not _limit(len(about), statistics.median(about) / SLACK):
        return False
    counts = {part: count for part in parts if (count := count_as_spaced(part)) >= MIN_WORDS_OF_PART}
    limit = _limit(len(counts), statistics.median(counts.values())) if counts else 0.0
    return limit > 0 and cohesion(list(counts)) < limit


def _about(text: str) -> int:
    """Count words in a hurry, by blanks; in scripts without them, two letters as one."""
    words = text.count(" ") + 1
    return words if len(text) < LONGEST_SPACED * words else len(text) // 2


def _limit(parts: int, words: float) -> float:
    """Return the cohesion below which so many parts, of so many words as a median, share no subject; 0: none."""
    if parts >= MIN_PARTS and words >= (MIN_WORDS_OF_FEWEST if parts < FEWEST_PARTS else MIN_WORDS):
        return MAX_COHESION_OF_FEW if parts < FEW_PARTS else MAX_COHESION
    return MAX_COHESION_OF_FEW if parts >= MANY_PARTS and words >= MIN_WORDS_OF_MANY else 0.0


def cohesion(parts: Sequence[str]) -> float:
    """Compare how many words the parts of a text share with each other with how many the halves of a part share.

    About 0.6 in an article, about 0.08 where each part is another article. Common words of any language do not count.
    """
    words = [_subject_words(part) for part in parts]
    halves = [(set(each[: len(each) // 2]), set(each[len(each) // 2 :])) for each in words]
    inside = statistics.mean(_shared(first, second) for first, second in halves)
    across = statistics.mean(
        _shared(one, other)
        for at, part in enumerate(halves)
        for following in halves[at + 1 : at + 1 + NEIGHBOURS]
        for one, other in itertools.product(part, following)
    )
    return across / inside if inside else 1.0


def _subject_words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.casefold()) if not _is_common(word)]


@cache
def _common() -> frozenset[int]:
    """Return the hashes of common words, imported when they are needed: few texts have parts that long."""
    from stages.near_duplicates.alphabet import common_words

    return frozenset(common_words()[0].tolist())


@lru_cache(maxsize=50_000)
def _is_common(word: str) -> bool:
    from stages.near_duplicates.alphabet import fold_character, hash_word, is_accent

    return hash_word("".join(fold_character(each) for each in word if not is_accent(each))) in _common()


def _shared(first: set[str], second: set[str]) -> float:
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


# ---------------------------------------------------------------- texts without parts

#: A text that is longer than any article known (27,579 code points, of 2,324) by half.
LONG_FOR_AN_ARTICLE = 40_000
WORDS_OF_CHUNK = 100
#: Of 15 articles of 20 parts and more none lies below 0.37; of files of 20, 40 and 100 articles (40 samples each) one
#: in a hundred lies above 0.3.
MAX_DRIFT = 0.3


def drifts(lines: Sequence[str]) -> bool:
    """Return True if a very long text goes from subject to subject."""
    if sum(map(len, lines)) < LONG_FOR_AN_ARTICLE:
        return False
    parts = list(chunks(lines))
    return len(parts) >= MANY_PARTS and drift(parts) < MAX_DRIFT


def chunks(lines: Sequence[str], words: int = WORDS_OF_CHUNK) -> Iterator[str]:
    """Join lines to parts of at least so many words."""
    held: list[str] = []
    have = 0
    for line in lines:
        held.append(line)
        have += count_as_spaced(line)
        if have >= words:
            yield "\n".join(held)
            held, have = [], 0


def drift(parts: Sequence[str]) -> float:
    """Compare how many words parts far from each other share with how many neighbours share.

    About 0.5 in a long article, about 0.2 in a row of articles, each of several parts.
    """
    words = [_WORD.findall(part.casefold()) for part in parts]
    counts = Counter(word for each in words for word in set(each))
    limit = max(2, len(parts) * MAX_SHARE_OF_PARTS)
    found = [{word for word in each if counts[word] <= limit} for each in words]
    near = sum(_shared(first, second) for first, second in itertools.pairwise(found)) / max(1, len(found) - 1)
    far = sum(_shared(found[at], found[at - len(found) // 2]) for at in range(len(found))) / max(1, len(found))
    return far / near if near else 1.0
