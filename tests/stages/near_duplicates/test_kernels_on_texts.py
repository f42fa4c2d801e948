"""The loops in C stay inside their arrays, whatever articles they are given."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stages import near_duplicates
from stages.near_duplicates import alphabet
from stages.near_duplicates.kernels import tokenizer
from tests.helpers.articles import documents
from tests.helpers.hostile_texts import hostile_texts
from tests.helpers.sanitizers import python_with_sanitizers

SIGNS = "abcdeXYZ 0129.,:;!?\"'“”‘’«»-–%\n\n\u00ad\u0301éßŁﻵの中文字。「」ابجकाหีก😀\ud7ff\uffff\U0010ffff"
WORDS = str.split(
    "the The ferry Holm sails not never again from Monday 5,000 3.5 men U.S. Mr Jones Jones's cease-fire said that he "
    "“we shall not go” officials denied on Tuesday. Harbour twelve zwölf hätte kein Schiff 港は閉じた。 %"
)


def broken_off(following: bytes) -> list[list[int]]:
    """Tokenize texts that end within a character, with other bytes behind them."""
    texts = [f"The quay {character}".encode()[:-1] for character in ("é", "の", "😀", "a\u0301")]
    found = []
    for text in texts:
        data, offsets = np.frombuffer(text + following, np.uint8).copy(), np.array([0, len(text)])
        found.append([column.tolist() for column in tokenizer.tokenize(data, offsets, alphabet.tables())])
    return found


def test_a_text_that_breaks_off_within_a_character_is_read_to_its_end_only() -> None:
    assert broken_off(b"") == broken_off("の😀 and more".encode()) == broken_off(b"\xbf\xbf\xbf\xbf")


def articles(seed: int) -> Iterator[str]:
    """Yield articles of few and many paragraphs, some of them copied, merged and edited."""
    draw, known = (
        random.Random(seed),
        [each.text.encode(errors="replace").decode() for each in hostile_texts()[seed::5]],
    )
    for _ in range(60):
        paragraphs = []
        for _ in range(draw.choice([0, 1, 2, 5, 12])):
            kind, length = draw.random(), draw.choice([0, 1, 3, 8, 20, 60, 400])
            if kind < 0.2:
                paragraphs.append("".join(draw.choice(SIGNS) for _ in range(length)))
            elif kind < 0.5 or not known:
                paragraphs.append(" ".join(draw.choice(WORDS) for _ in range(length)))
            else:
                words = draw.choice(known).split()
                begin, end = sorted(draw.randint(0, len(words)) for _ in range(2))
                words[begin : begin + draw.choice([0, 0, 1, 3])] = draw.choices(WORDS, k=draw.choice([0, 1, 2]))
                paragraphs.append(" ".join(words[: end or None]))
        known.extend(paragraphs)
        yield "\n\n".join(paragraphs)


def digest_of_all() -> str:
    """Digest what the stage makes of all those articles, and of broken ones."""
    digest, settings = hashlib.sha256(), near_duplicates.Settings()
    for seed in range(5):
        table = documents(*articles(seed), "not quite " * 3000, "the ferry sails again " * 1500)
        found = near_duplicates.remove(
            table, near_duplicates.resolve([near_duplicates.evidence(table)], settings), settings
        )
        digest.update(repr([part.to_pylist() for part in found]).encode())
    digest.update(repr(broken_off(b"")).encode())
    return digest.hexdigest()


@pytest.mark.long
def test_loops_stay_inside_their_arrays_and_give_the_same_rows_when_compiled_otherwise(tmp_path: Path) -> None:
    code = "from tests.stages.near_duplicates.test_kernels_on_texts import digest_of_all; print(digest_of_all())"
    assert python_with_sanitizers(tmp_path, code).strip() == digest_of_all()
