"""The loops that verify and cluster: generated inputs that strain them, and inputs that do not fit together."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.near_duplicates.alphabet import (
    COMMON,
    FLAGS,
    FUNCTION,
    NAME,
    NEGATION,
    NUMBER,
    QUOTED,
    REPORTING,
    SINGLE,
    STEM_SHIFT,
)
from stages.near_duplicates.fact_words import fact_words
from stages.near_duplicates.history import Texts
from stages.near_duplicates.kernels import buckets, leader_clustering, unit_classes
from stages.near_duplicates.settings import Settings
from stages.near_duplicates.verification import verify
from tests.helpers.sanitizers import python_with_sanitizers

Integers = NDArray[np.int64]

KINDS = (*[0] * 6, COMMON, NUMBER, FUNCTION, NEGATION, REPORTING, SINGLE, SINGLE | COMMON)
LISTED = [int(key) for key in fact_words().keys if key]
LENGTHS = (0, 1, 2, 3, 4, 7, 8, 9, 12, 20, 30, 45, 60, 120, 400)
#: Under these nearly all pairs match, with up to four passages.
LOOSE = replace(Settings(), match_strength=0.5, best_score=0.5, further_score=0.3, minimum_words=2)


class Verified(NamedTuple):
    """Arguments of `verify`."""

    texts: Texts
    pairs: Integers
    settings: Settings


class Clustered(NamedTuple):
    """Arguments of `lead`."""

    matches: Integers
    later: Integers
    base: int
    sentences: int
    known: Integers
    known_first: Integers
    known_members: Integers


class Owned(NamedTuple):
    """Arguments of `own_spans`."""

    begin: Integers
    end: Integers
    first: Integers
    members: Integers


def words_of(draw: random.Random, count: int) -> list[int]:
    """Draw words: listed ones and others with few stems, of all kinds; or all of a script without spaces."""
    stems = [draw.randrange(-(2**19), 2**19) << STEM_SHIFT for _ in range(count // 3 + 2)]
    unlisted = [draw.choice(stems) | draw.getrandbits(STEM_SHIFT) for _ in range(count)]
    words = [draw.choice([draw.choice(LISTED), word, word]) & ~FLAGS | draw.choice(KINDS) for word in unlisted]
    return [word | SINGLE for word in words] if draw.random() < 0.15 else words


def paragraph_of(draw: random.Random, words: list[int], length: int) -> list[int]:
    """Draw a paragraph with names and quotations."""
    quoted, paragraph = 0, []
    for _ in range(length):
        quoted ^= QUOTED if draw.random() < 0.08 else 0
        paragraph.append(draw.choice(words) | quoted | (NAME if draw.random() < 0.12 else 0))
    return paragraph


def edited(draw: random.Random, words: list[int], paragraph: list[int]) -> list[int]:
    """Cut, swap, move, put in and deny words of a copy; put other text before and after it."""
    copy = [*paragraph]
    for _ in range(draw.choice([0, 0, 1, 2, 4, 8]) if copy else 0):
        i, j, run = draw.randrange(len(copy)), draw.randrange(len(copy)), draw.randrange(1, 12)
        moved = copy[i : i + run]
        edits = {
            "cut": [*copy[:i], *copy[i + run :]] or copy,
            "put in": [*copy[:i], *paragraph_of(draw, words, run), *copy[i:]],
            "swap": [*copy[:i], copy[j], *copy[i + 1 :]],
            "move": [*copy[:i], *copy[i + run :], *moved],
            "deny": [*copy[:i], draw.choice(LISTED) | NEGATION, *copy[i + 1 :]],
            "mark": [*copy[:i], copy[i] ^ draw.choice([NAME, QUOTED]), *copy[i + 1 :]],
        }
        copy = edits[draw.choice([*edits])]
    before, after = (paragraph_of(draw, words, draw.choice([0, 0, 8, 25])) for _ in range(2))
    return [*before, *copy, *after]


def texts_of(draw: random.Random) -> Texts:
    """Draw paragraphs, and edited copies of them, with sentences of any length."""
    words = words_of(draw, draw.choice([2, 5, 20, 60, 300]))
    paragraphs: list[list[int]] = []
    for _ in range(draw.choice([2, 4, 8])):
        paragraphs.append(paragraph_of(draw, words, draw.choice(LENGTHS)))
        paragraphs += [edited(draw, words, draw.choice(paragraphs)) for _ in range(draw.randrange(4))]
    first = np.cumsum([0, *map(len, paragraphs)])
    begins = [{0, *draw.sample(range(len(each)), len(each) // draw.choice([3, 9, 30]))} for each in paragraphs]
    sentences = [sorted(each) if paragraph else [] for each, paragraph in zip(begins, paragraphs, strict=True)]
    starts = [int(first[n]) + begin for n, each in enumerate(sentences) for begin in each]
    return Texts(
        np.array([word for paragraph in paragraphs for word in paragraph], np.int64), first,
        np.array(starts, np.int64), np.cumsum([0, *map(len, sentences)]),
    )  # fmt: skip


def to_verify(draw: random.Random) -> Verified:
    texts = texts_of(draw)
    numbers = range(len(texts.first) - 1)
    pairs = [a << 32 | b for a in numbers for b in numbers if a != b]
    return Verified(texts, np.array(pairs, np.int64), draw.choice([Settings(), LOOSE]))


def span_of(draw: random.Random) -> tuple[int, int]:
    begin = draw.randrange(30)
    return begin, draw.randrange(begin, 30) + 1


def members_of(draw: random.Random, sentences: int) -> tuple[Integers, Integers]:
    """Draw the clusters of some sentences, and the first of each."""
    counts = [draw.randrange(4) for _ in range(sentences)]
    rows = [(draw.randrange(9), *span_of(draw), *span_of(draw), draw.random() < 0.7) for _ in range(sum(counts))]
    return np.cumsum([0, *counts]), np.array(rows, np.int64).reshape(-1, 6)


def to_cluster(draw: random.Random) -> Clustered:
    base, sentences = draw.choice([0, 7, 100]), draw.choice([1, 2, 5, 20, 60])
    known = sorted(draw.sample(range(base), min(base, 20)))
    rows: list[tuple[int, ...]] = []
    for later in range(base, base + sentences):
        earlier = sorted(draw.choices([*known, *range(base, later)] or [later], k=draw.randrange(6)))
        rows += [
            (later, each, *span_of(draw), *span_of(draw), draw.random() < 0.1, draw.random() < 0.7)
            for each in earlier if each < later
        ]  # fmt: skip
    table = np.array(rows, np.int64).reshape(-1, 8)
    matches, later_column = np.ascontiguousarray(table[:, 1:]), np.ascontiguousarray(table[:, 0])
    return Clustered(matches, later_column, base, sentences, np.array(known, np.int64), *members_of(draw, len(known)))


def to_own(draw: random.Random) -> Owned:
    spans = np.array([span_of(draw) for _ in range(draw.randrange(1, 20))], np.int64)
    begin, end = (np.ascontiguousarray(spans[:, n]) for n in range(2))
    return Owned(begin, end, *members_of(draw, len(spans)))


def to_meet(draw: random.Random) -> Integers:
    """Draw entries of buckets, some or none."""
    drawn = [draw.randrange(-9, 9) << 32 | draw.randrange(50) for _ in range(draw.choice([0, 1, 5, 300]))]
    return np.unique(np.array(drawn, np.int64))


def shared_by_classes(draw: random.Random) -> list[Integers]:
    """Draw units, and pair those that share a bucket; buckets are few, so that some are crowded."""
    lengths = [draw.randrange(4) for _ in range(draw.choice([1, 9, 200]))]
    ends = np.cumsum(lengths)
    hashes = np.array([draw.randrange(9) for _ in range(sum(lengths))], np.uint32)
    class_of, examples = unit_classes.find(hashes, ends - lengths, ends)
    owners = np.arange(len(lengths))[class_of >= 0]
    first, members = unit_classes.members(class_of[class_of >= 0], owners, len(examples))
    drawn = np.array([[draw.randrange(50) for _ in examples] for _ in range(3)], np.int32).reshape(3, len(examples))
    pairs, crowded = buckets.class_pairs(drawn, first, members, draw.choice([1, 5, 100]), buckets.room_for(first))
    return [class_of, first, members, np.sort(pairs), *crowded]


def digest_of_all() -> str:
    """Digest what all loops make of generated inputs."""
    digest = hashlib.sha256()
    for seed in range(80):
        draw = random.Random(seed)
        digest.update(b"".join(column.tobytes() for column in verify(*to_verify(draw))))
        digest.update(leader_clustering.lead(*to_cluster(draw)).tobytes())
        digest.update(leader_clustering.own_spans(*to_own(draw)).tobytes())
        own, other = to_meet(draw), to_meet(draw)
        digest.update(b"".join(column.tobytes() for column in buckets.mates(own, other, 3)))
        digest.update(buckets.merged([own, other + 50, own + 100], 3).tobytes())
        digest.update(b"".join(column.tobytes() for column in shared_by_classes(draw)))
    return digest.hexdigest()


@pytest.mark.long
def test_loops_stay_inside_their_arrays_and_give_the_same_bits_when_compiled_otherwise(tmp_path: Path) -> None:
    code = "from tests.stages.near_duplicates.test_kernels import digest_of_all; print(digest_of_all())"
    assert python_with_sanitizers(tmp_path, code).strip() == digest_of_all()


def test_verification_refuses_what_does_not_fit_together() -> None:
    draw = random.Random(1)
    texts = texts_of(draw)
    pair = np.array([len(texts.first) - 1], np.int64)  # of the first with one behind the last
    with pytest.raises(ValueError, match="paragraphs that do not exist"):
        verify(texts, pair, LOOSE)


def test_clustering_refuses_matches_with_unknown_sentences_and_sentences_with_unknown_clusters() -> None:
    none = np.zeros(0, np.int64)
    for earlier in (-1, 5, 9):
        match = np.array([[earlier, 0, 4, 0, 4, 0, 1]], np.int64)
        clustered = Clustered(match, np.array([5], np.int64), 5, 1, none, np.zeros(1, np.int64), none.reshape(0, 6))
        with pytest.raises(ValueError, match="matches of sentences that do not exist"):
            leader_clustering.lead(*clustered)
    with pytest.raises(ValueError, match="clusters of sentences that do not exist"):
        leader_clustering.own_spans(none, none, np.array([3], np.int64), none.reshape(0, 6))
