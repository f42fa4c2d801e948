"""The one count of words: cases by script, equal in Python and in Arrow, and the same in every table of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import read
from stages.contract import PARAGRAPH_BREAK
from stages.shared.words import count_words, count_words_of

#: Characters at the borders of the classes: joiners, marks, scripts with spaces and without, old scripts, emoji.
STRANGE = "aé\u0301Ω9²½_-'’.,‐‑ \n\u200d\ufe0f港々かカーｶ한ไทยกขກကខابअमि𐍈𝒳𠀀😀①⠿ⅷ\U000e0101"


@pytest.mark.parametrize(
    ("text", "n_words"),
    [
        ("", 0),
        ("— … “ ” | /", 0),
        ("cease-fire, don't and rock’n’roll", 4),
        ("3.5 percent of 5,000 in the U.S. — 10:14", 9),
        ("a--b 'quoted' (etc.)", 4),
        ("snake_case https://example.org", 4),
        ("cafe\u0301s nai\u0308ve", 2),
        ("港は月曜日に嵐のあと再び開いた", 15),
        ("海港星期一重新开放。", 9),
        ("ท่าเรือ", 5),  # letters; the two marks belong to their letters
        ("항구가 월요일에 다시 열렸다", 4),
        ("الميناء مفتوح اليوم", 3),
        ("बंदरगाह सोमवार को खुला", 4),
        ("NHKは2031年", 4),
        ("❤️ 👩‍👩‍👧 ok", 1),
    ],
)
def test_words_are_counted_as_the_documents_say(text: str, n_words: int) -> None:
    assert count_words(text) == n_words


@given(st.text() | st.text(STRANGE))
def test_python_and_arrow_count_alike(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()  # Arrow holds no lone surrogates
    assert count_words_of(pa.array([text])).to_pylist() == [count_words(text)]


@given(st.lists(st.tuples(st.text(STRANGE, max_size=9), st.integers(1, 40)), max_size=6))
def test_long_stretches_of_ascii_are_counted_alike(repeated: list[tuple[str, int]]) -> None:
    text = "".join(piece * times for piece, times in repeated)
    assert count_words_of(pa.array([text])).to_pylist() == [count_words(text)]


@given(
    st.lists(st.none() | st.text(STRANGE), max_size=5),
    st.integers(0, 3),
    st.sampled_from([pa.string(), pa.large_string()]),
)
def test_a_column_is_counted_whatever_its_layout(texts: list[str | None], first: int, kind: pa.DataType) -> None:
    column = pa.chunked_array([pa.array(texts, kind)[first:], pa.array(texts[:first], kind)])
    counted = count_words_of(column)
    assert counted.to_pylist() == [None if text is None else count_words(text) for text in column.to_pylist()]
    assert counted.type == (pa.int64() if kind == pa.large_string() else pa.int32())


def test_bytes_that_are_no_text_are_not_read_beyond_their_end() -> None:
    for cut in (b"a\xc3", b"a\xe6\xb8", b"a\xf0\x9f\x98", b"\xff\xff", b"\xf7\xbf\xbf\xbf"):
        offsets = pa.py_buffer(np.array([0, len(cut)], dtype=np.int32).tobytes())
        column = pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(cut)])
        assert count_words_of(column).to_pylist()[0] <= len(cut)


@pytest.mark.long
def test_every_character_is_counted_alike_in_python_and_in_arrow() -> None:
    texts = [f"a{chr(code)}a" for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    assert count_words_of(pa.array(texts)).to_pylist() == [count_words(text) for text in texts]


@given(st.lists(st.text(STRANGE), max_size=5))
def test_the_words_of_a_text_are_those_of_its_paragraphs(paragraphs: list[str]) -> None:
    assert count_words(PARAGRAPH_BREAK.join(paragraphs)) == sum(map(count_words, paragraphs))


def test_tables_and_manifest_of_a_run_agree_on_words(sample_run: Path) -> None:
    documents = read(sample_run, "documents", ["sample"])
    texts = sum(map(count_words, documents["text"].to_pylist()))
    assert sum(documents["n_words"].to_pylist()) == texts
    assert sum(read(sample_run, "paragraphs", ["sample"])["n_words"].to_pylist()) == texts
    assert OutputFolder(sample_run).manifest("sample")["counts"]["words_out"] == texts
