"""Shapes of paragraphs: the kernel measures what `line_of` says, whatever the characters."""

from __future__ import annotations

import re
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from stages.noise import paragraph_shapes
from stages.noise.keywords import compile_keywords
from stages.noise.paragraph_shapes import FACT_HARD, facts_of_characters, line_of, shapes_of
from stages.noise.templates import WORD, fixed_words, fixed_words_of
from tests.helpers.folders import ROOT

KEYWORDS = compile_keywords(("von",), ("By",), ("HOST",))
BASIC_PLANE = [chr(code) for code in range(0x10000) if chr(code) != "\n"]
#: Beside a character, what might join it: marks, parts of Hangul syllables, a sign that is several letters.
BESIDE = ("{}", "a{}b", "{}\u0301", "é{}{}", "\u1100{}\u11a8", "İ{}", "３/9 {}.”")
#: What looks alike, folds to several letters, composes, or ends a sentence somewhere.
STRANGE = (
    "aZ09_ .!?…:;)]”’»*|-\t\u00a0\u001c\u200b\u0301\u0345ßİıſﬁ½²ªÅĳŉΣςÉé中港のア가각\u1161\u11a8ابज\u093c😀\ud83d\uffff"
)


def differing(paragraphs: list[str]) -> list[str]:
    """Return the paragraphs that the kernel and `line_of` measure differently."""
    both = zip(paragraphs, shapes_of(paragraphs, KEYWORDS), strict=True)
    return [paragraph for paragraph, shape in both if shape != line_of(paragraph, KEYWORDS)]


def test_every_character_has_the_same_shape_alone_and_beside_others() -> None:
    for beside, start in product(BESIDE, range(0, len(BASIC_PLANE), 16_000)):
        some = BASIC_PLANE[start : start + 16_000]
        assert differing([beside.format(*[character] * beside.count("{}")) for character in some]) == []


@given(st.lists(st.text(st.characters(exclude_characters="\n")) | st.text(st.sampled_from(STRANGE))))
def test_any_paragraphs_have_the_shapes_that_they_have_one_by_one(paragraphs: list[str]) -> None:
    assert differing(paragraphs) == []


def test_a_paragraph_with_a_line_break_does_not_shift_the_forms_of_others() -> None:
    lines = ["The ferry\nis back.", "Harbour", "a\n\n\nb", ""]
    assert [shape.form for shape in shapes_of(lines)] == [line_of(line).form for line in lines]


def test_the_speakers_of_a_broadcast_and_counters_are_known() -> None:
    speaker, counter = shapes_of(["ADA QUAY, HOST: Good evening.", "3/9 A boat"], KEYWORDS)
    assert (speaker.speaks, speaker.counted, counter.speaks, counter.counted) == (True, False, False, True)


def test_the_kernel_measures_nearly_all_letters_of_the_latin_alphabets() -> None:
    letters = [chr(code) for code in range(0x180) if chr(code).isalpha()]
    hard = [letter for letter in letters if facts_of_characters()[ord(letter)] & FACT_HARD]
    assert hard == ["ß", "İ", "Ĳ", "ĳ", "Ŀ", "ŀ", "ŉ"]


def test_c_and_python_have_the_same_numbers() -> None:
    source = (ROOT / "stages/noise/kernels/paragraph_shapes.c").read_text(encoding="utf-8")
    pairs = re.findall(r"\b((?:FACT|SHAPE)_\w+) = (1 << \d+|\d+)", source)
    numbers = {name: 1 << int(value[5:]) if "<<" in value else int(value) for name, value in pairs}
    assert len(numbers) == 9
    assert numbers == {name: getattr(paragraph_shapes, name) for name in numbers}


MASKS = st.text(st.sampled_from("abNamezÉß 019_-.’'\t²½港😀")) | st.text()


@given(st.lists(MASKS, max_size=5))
def test_fixed_words_are_the_words_of_two_letters_that_are_no_name(masks: list[str]) -> None:
    words = [WORD.findall(masked) for masked in masks]
    expected = [len(some) - some.count("Name") for some in words]
    assert fixed_words_of(masks).tolist() == [fixed_words(masked) for masked in masks] == expected
