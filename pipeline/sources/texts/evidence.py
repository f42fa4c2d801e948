"""Signs that a text holds many articles: lines that share no words, and lines of words with tags."""

from __future__ import annotations

import codecs
import itertools
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

from stages.shared.words import count_as_spaced

_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힣]{2}|[^\W\d_]{4,}")
#: Words in more of the parts than this say nothing of a subject.
MAX_SHARE_OF_PARTS = 0.2
#: Of 111 articles of 8 and more parts of 100 words, 5 in 100 lie below 0.23 and half below 0.6; of files of 20 and more
#: articles none lies above 0.2 (100 samples of 20 and of 100 articles, parts of 100 words).
MAX_COHESION = 0.22
#: Parts from which on cohesion is believed.
MIN_PARTS = 20
#: A text that is longer than any article known (27,579 code points, of 2,324) by half.
LONG_FOR_AN_ARTICLE = 40_000
WORDS_A_PART = 100


def cohesion(parts: Sequence[str]) -> float:
    """Compare how many words neighbouring parts share with how many the halves of a part share.

    About 0.6 in an article, about 0.1 where each part is another article.
    """
    words = [_WORD.findall(part.casefold()) for part in parts]
    kept = _subject_words(words)
    halves = [(set(each[: len(each) // 2]), set(each[len(each) // 2 :])) for each in kept]
    inside = sum(_shared(first, second) for first, second in halves[:-1])
    across = sum(_shared(halves[at][1], halves[at + 1][0]) for at in range(len(halves) - 1))
    return across / inside if inside else 1.0


def _subject_words(parts: Sequence[Sequence[str]]) -> list[list[str]]:
    """Leave out the words that stand in many parts and so say nothing of a subject."""
    counts = Counter(word for each in parts for word in set(each))
    limit = max(2, len(parts) * MAX_SHARE_OF_PARTS)
    return [[word for word in each if counts[word] <= limit] for each in parts]


def _shared(first: set[str], second: set[str]) -> float:
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def chunks(lines: Sequence[str], words: int = WORDS_A_PART) -> Iterator[str]:
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
    words = _subject_words([_WORD.findall(part.casefold()) for part in parts])
    found = [set(each) for each in words]
    near = sum(_shared(first, second) for first, second in itertools.pairwise(found)) / max(1, len(found) - 1)
    far = sum(_shared(found[at], found[at - len(found) // 2]) for at in range(len(found))) / max(1, len(found))
    return far / near if near else 1.0


#: Of 15 articles of 20 parts and more none lies below 0.37; of files of 20, 40 and 100 articles (40 samples each) one
#: in a hundred lies above 0.3.
MAX_DRIFT = 0.3


def looks_mixed(lines: Sequence[str]) -> bool:
    """Return True if a text holds many subjects: long lines that share none, or parts of a very long text."""
    counts = [count_as_spaced(line) for line in lines]
    if 8 <= len(lines) < MIN_PARTS:
        return statistics.median(counts) >= MIN_WORDS_OF_FEW and cohesion(lines) < MAX_COHESION
    if sum(map(len, lines)) < LONG_FOR_AN_ARTICLE:
        return False
    parts = list(chunks(lines))
    return len(parts) >= MIN_PARTS and drift(parts) < MAX_DRIFT


#: Words of a line that make it an article where there are only a few lines.
MIN_WORDS_OF_FEW = 150


# ---------------------------------------------------------------- words with tags

_MARKS = frozenset(".,;:!?\"'()。、，")
_TAGGED = re.compile(r"\S+[/_|][A-Z$][A-Z0-9$.:-]{0,7}$|[.,:;]/[.,:;]$")
#: Of the lines that are looked at: those with as many columns as most, and those of one mark. A text in columns of any
#: other kind has no column of which a fiftieth is a full stop or a comma.
MIN_SAME_COLUMNS, MIN_MARKS, MIN_LINES = 0.9, 0.02, 30


def is_prose(head: bytes) -> bool:
    """Return True for a text of sentences, of which a file may be named however people like.

    >>> is_prose(b"The ferry was late on Monday, said the office. " * 4), is_prose(b"10:04 INFO GET /a 200 ok" * 9)
    (True, False)
    """
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head[:LOOKED_AT])
    except UnicodeDecodeError:
        return False
    letters = sum(each.isalpha() or each in " \n\r,.。，、" for each in text)
    sentences = len(_SENTENCE_END.findall(text))
    return sentences >= MIN_SENTENCES and letters >= MIN_LETTERS * len(text) and not _CODE.search(text)


#: Bytes that are looked at, and what makes a text prose. Chosen by hand: logs and code have more marks and digits.
LOOKED_AT, MIN_SENTENCES, MIN_LETTERS = 4000, 2, 0.9
_SENTENCE_END = re.compile(r"\w[”\"’)]?[.!?](?=[\s”\"’)]|$)|[。！？]")
_CODE = re.compile(r"[;{]\s*\n|</\w|==|::|->|\)\s*:\n|\t.*\t")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def are_addresses(lines: Sequence[str]) -> bool:
    """Return True for a list of web addresses.

    >>> are_addresses(["https://holm.example/1", "https://holm.example/2"]), are_addresses(["https://holm.example/1"])
    (True, False)
    """
    return len(lines) > 1 and sum(_ADDRESS.fullmatch(line.strip()) is not None for line in lines) >= 0.9 * len(lines)


def words_in_columns(lines: Sequence[str]) -> bool:
    """Return True for a word on each line, alone or with its tags, as CoNLL and vertical files have them.

    >>> words_in_columns(["The DT O", "ferry NN O", "sails VB O", ". . O"] * 10), words_in_columns(["Holm 3 1"] * 40)
    (True, False)
    """
    rows = [
        line.split("\t") if "\t" in line else line.split() for line in lines[:2000] if not line.startswith(("#", "<"))
    ]
    rows = [row for row in rows if row]
    if len(rows) < MIN_LINES:
        return False
    width, count = Counter(map(len, rows)).most_common(1)[0]
    marks = sum(not _MARKS.isdisjoint(row[:3]) for row in rows)
    return count >= MIN_SAME_COLUMNS * len(rows) and width < 20 and marks >= MIN_MARKS * len(rows)


def words_with_tags(lines: Sequence[str]) -> bool:
    """Return True for a text in which a tag hangs at each word.

    >>> words_with_tags(["The/DT ferry/NN sails/VBZ ./."] * 10), words_with_tags(["The ferry sails and/or stays."] * 10)
    (True, False)
    """
    words = " ".join(lines[:200]).split()
    return len(words) >= MIN_LINES and sum(_TAGGED.match(word) is not None for word in words) >= 0.8 * len(words)
