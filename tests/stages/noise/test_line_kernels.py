"""The compiled loops of the line model: the columns that C and Python both name, and texts that strain them."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stages.noise.line_characters import CHARACTERS
from stages.noise.line_context import CONTEXT
from stages.noise.line_counts import COUNTS
from stages.noise.line_features import MEASURES
from stages.noise.line_model import LineModel, batch_of
from stages.noise.line_place import PLACE
from stages.noise.line_repetition import REPETITIONS
from stages.noise.line_text import TEXT_FEATURES, buckets_of
from stages.noise.line_words import CLASS_NAMES
from stages.noise.paragraph_shapes import shapes_of
from tests.helpers.folders import ROOT
from tests.helpers.sanitizers import python_with_sanitizers
from tests.stages.noise.shipped import line_model

KERNELS = ROOT / "stages" / "noise" / "kernels"
#: Columns that stand for those after them, and what Python calls the first of these.
FIRST = {
    "measure_repetitions": "content_words", "count_has": "has_function",
    "count_starts": "starts_function", "count_ends": "ends_function",
    "count_tail": "tail_function", "context_offsets": "score@-3", "context_means": "mean_3",
    "context_strong": "strong_2", "context_kind_above": "kind_0_above", "text_score": "text",
    "text_offsets": "text@-2", "text_above": "text_before", "text_near_above": "text_near_before",
    "text_lowest_above": "lowest_before", "text_lowest_near_above": "lowest_near_before",
    "text_story_above": "story_before",
}  # fmt: skip
ENUMERATIONS = [
    ("lines.h", "character_class", "", CHARACTERS),
    ("line_counts.h", "count", "count_", COUNTS),
    ("line_place.c", "place", "place_", PLACE),
    ("line_repetition.c", "repetition", "repetition_", REPETITIONS),
    ("line_text_context.c", "text_feature", "text_", TEXT_FEATURES),
    ("line_own.c", "measure", "measure_", MEASURES),
    ("line_context.c", "context", "context_", CONTEXT),
]


def enumerations(file: str) -> dict[str, dict[str, int]]:
    """Return the names and numbers of each enumeration of a C file, by its name; all without one together."""
    found: dict[str, dict[str, int]] = {}
    included = ("lines.h", "line_counts.h")
    before = included[: included.index(file)] if file in included else included
    numbers = {name: number for header in before for name, number in _all_of(enumerations(header)).items()}
    code = re.sub(r"/\*.*?\*/", "", (KERNELS / file).read_text(encoding="utf-8"), flags=re.DOTALL)
    for kind, body in re.findall(r"enum ?(\w*) \{(.*?)\}", code, re.DOTALL):
        number = -1
        for one in filter(None, map(str.strip, body.split(","))):
            name, _, value = map(str.strip, one.partition("="))
            number = eval(value, {}, numbers) if value else number + 1  # noqa: S307 - our own source
            numbers[name] = found.setdefault(kind, {})[name] = number
    return found


def _all_of(found: dict[str, dict[str, int]]) -> dict[str, int]:
    return {name: number for names in found.values() for name, number in names.items()}


@pytest.mark.parametrize("file, kind, prefix, columns", ENUMERATIONS, ids=lambda value: str(value)[:24])
def test_c_and_python_number_columns_alike(file: str, kind: str, prefix: str, columns: tuple[str, ...]) -> None:
    *names, (_, size) = enumerations(file)[kind].items()
    assert size == len(columns)
    assert names
    for name, number in names:
        assert columns[number] == FIRST.get(name.lower(), name.lower().removeprefix(prefix))


def test_c_and_python_have_the_same_classes_of_words() -> None:
    numbers = enumerations("lines.h")[""]
    assert numbers["N_CLASSES"] == len(CLASS_NAMES)
    assert numbers["FUNCTION_WORDS"] == 1 << CLASS_NAMES.index("function")


# ---------------------------------------------------------------- texts that strain the loops

SIGNS = "abcdeingABCDE 0129.,:;!?()[]{}'\"“”’-–—|•@#/\\…_\t\u00a0\u0301éßİ中文字ابج😀\ud83d\uffff\u200b   "
WORDS = "the The said photo PHOTO 2019 1:30 a.example e-mail reading ended follow us on Monday (left) by By 12/3/2014"
STRAINING = [
    [""], [" "], ["\u200b"], ["***"], ["\ud800"], ["a" * 50_000], ["( [ {"], ["。"], ["-\t-"], ["\0" * 50],
    ["a b " * 9_000], ["." * 5_000], ["1:1 " * 3_000], ["(a)"] * 300, ["Share this"] * 500, [")", "(", "a)", "b) "],
]  # fmt: skip


def documents(seed: int) -> Iterator[list[str]]:
    """Yield documents of few and many paragraphs, empty, short and long, some of them twice."""
    draw = random.Random(seed)
    for _ in range(40):
        paragraphs: list[str] = []
        for _ in range(draw.choice([0, 1, 2, 5, 12, 40, 130])):
            kind, length = draw.random(), draw.choice([0, 1, 2, 3, 10, 40, 200])
            if kind < 0.5:
                paragraphs.append("".join(draw.choice(SIGNS) for _ in range(length)))
            elif kind < 0.9 or not paragraphs:
                words = " ".join(draw.choice(WORDS.split()) for _ in range(length // 3))
                paragraphs.append(words + draw.choice(["", ".", ")", '."', "…", ":", " ", "?)"]))
            else:
                paragraphs.append(draw.choice(paragraphs))
        yield paragraphs


def digest_of_all(model: LineModel) -> str:
    """Digest what all loops make of all those documents."""
    digest = hashlib.sha256()
    for batch in ([], [[], []], STRAINING, *(list(documents(seed)) for seed in range(5))):
        first = model.predict(batch, [("en", "de", None)[n % 3] for n in range(len(batch))])
        kinds = [np.arange(len(one)) % 6 - 1 for one in batch]
        second = model.in_context(first, [[len(p.split()) for p in one] for one in batch], kinds)
        for array in (*first, *second, *buckets_of(batch_of(batch))):
            digest.update(array.tobytes())
        digest.update(repr(shapes_of([paragraph for one in batch for paragraph in one])).encode())
    return digest.hexdigest()


@pytest.mark.long
def test_loops_stay_inside_their_arrays_and_give_the_same_bits_when_compiled_otherwise(tmp_path: Path) -> None:
    code = (
        "from tests.stages.noise.shipped import line_model\n"
        "from tests.stages.noise.test_line_kernels import digest_of_all\n"
        "print(digest_of_all(line_model()))"
    )
    assert python_with_sanitizers(tmp_path, code).strip() == digest_of_all(line_model())
