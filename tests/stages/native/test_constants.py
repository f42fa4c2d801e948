"""Numbers that C and Python share are the same in both."""

import re
from importlib import import_module

import pytest

from stages.native.sources import STAGES

#: A header, and the module that explains its numbers.
HEADERS = {
    "near_duplicates/kernels/alphabet.h": "stages.near_duplicates.alphabet",
    "near_duplicates/kernels/fact_words.h": "stages.near_duplicates.fact_words",
    "near_duplicates/kernels/gaps.h": "stages.near_duplicates.kernels.tokenizer",
    "near_duplicates/kernels/match_columns.h": "stages.near_duplicates.match_columns",
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_has_the_numbers_of_its_module(header: str) -> None:
    source = (STAGES / header).read_text(encoding="utf-8")
    numbers = {name: int(value) for name, value in re.findall(r"^#define (\w+) (-?\d+)", source, re.MULTILINE)}
    module = import_module(HEADERS[header])
    assert numbers == {name: getattr(module, name) for name in numbers}
    assert numbers
