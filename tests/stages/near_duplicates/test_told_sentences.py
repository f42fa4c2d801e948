"""Whole sentences: equal ones are copies whatever their words weigh, and copied ones are copied to their ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from stages import near_duplicates
from stages.contract import DOCUMENT
from stages.near_duplicates import Settings
from stages.near_duplicates.candidates import candidates
from stages.near_duplicates.kernels import buckets
from stages.near_duplicates.tables import Removal
from stages.near_duplicates.tokenization import normal_form

SETTINGS = Settings()
NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)
ROWS = ("The tide tables hang beside the bakery.", "Nobody mended the weir behind the old brewery in Callow.")


def removed(*texts: str) -> Removal:
    """Run the stage on texts of as many outlets, an hour apart."""
    rows = [
        {"doc_id": f"{n:032x}", "source_uri": "test", "outlet": f"outlet-{n}", "kind": "text", "raw_sha256": "",
         "text": text, "published": NOON + timedelta(hours=n)}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    documents = pa.Table.from_pylist(rows, schema=DOCUMENT)
    found = near_duplicates.resolve([near_duplicates.evidence(documents)], SETTINGS)
    return near_duplicates.remove(documents, found, SETTINGS)


@pytest.mark.parametrize(
    "sentence",
    [
        "Tin Gulls singer Osk Brandel and Mara Quandt of Holm dead in West Callow in 2029.",
        "Mayor Anders Roth of Port Sallow, Ada Marsh and Per Osk of Callow met Mara Quandt.",
    ],
)
def test_a_sentence_of_names_and_formulas_that_two_outlets_print_is_a_copy(sentence: str) -> None:
    removal = removed(f"{sentence} {ROWS[0]}", f"{ROWS[1]} {sentence}")
    assert removal.passages["cluster_id"].to_pylist() == 2 * [removal.passages["cluster_id"][0].as_py()]
    assert removal.passages["start"].to_pylist() == [0, len(ROWS[1]) + 1]


def test_a_headline_in_capitals_is_a_copy_of_its_sentence() -> None:
    sentence = "Tin Gulls singer Osk Brandel found dead in West Callow home at age 52."
    removal = removed(f"{sentence.title()} {ROWS[0]}", f"{ROWS[1]} {sentence}")
    assert len(removal.passages) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Seen all-in-all the goat had eaten no more than its share.",
            "Seen all in all, the goat had eaten no more than its share.",
        ),
        (
            "Her father-in-law keeps a state-of-the-art mill.",
            "Her father in law keeps a state of the art mill.",
        ),
        (
            "Prom płynie vis-à-vis starego młyna nad zatoką.",
            "Prom płynie vis à vis starego młyna nad zatoką.",
        ),
    ],
)
def test_words_joined_by_two_hyphens_and_more_are_the_words_that_they_join(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)
    assert len(removed(f"{one} {ROWS[0]}", f"{ROWS[1]} {other}").passages) == 2


def test_two_words_joined_by_a_hyphen_are_one_also_after_a_figure() -> None:
    assert normal_form("cease-fire") == normal_form("ceasefire")
    assert normal_form("an 18-month-old gull") != normal_form("an 18 month old gull")


def test_what_hyphens_join_may_still_be_the_fact_that_differs() -> None:
    sentence = "The baker told the court that her {}-year-long lease of the mill in Callow had ended in spring."
    removal = removed(sentence.format("two"), sentence.format("six"))
    assert removal.documents["canonical_text"].to_pylist() == [sentence.format("two"), sentence.format("six")]
    assert removal.passages["numbers_differ"].to_pylist() == [False, True]


def test_a_quoted_headline_in_capitals_is_a_copy() -> None:
    headline = "“Insiders: Tin Gulls Drummer Osk Brandel Seen Asleep in Old Callow Mill at Noon”"
    one, other = f"A new forged report bears these words, {headline}.", f"On top of the hoax stands: {headline}."
    removal = removed(one, other)
    assert other.index("Insiders") in removal.passages["start"].to_pylist()
    assert removal.passages["cluster_id"].to_pylist() == 2 * [removal.passages["cluster_id"][0].as_py()]


def test_equal_paragraphs_of_formulas_and_a_common_word_with_a_capital_are_copies() -> None:
    formula = "A statement of the University of Brackmere was not immediately available."
    assert len(removed(formula, formula).passages) == 2
    assert len(removed(f"{formula} {ROWS[0]}", f"{ROWS[1]} {formula}").passages) == 2


def test_equal_paragraphs_of_formulas_alone_are_no_copies() -> None:
    formula = "A statement of Osk Brandel was not immediately available on Monday evening."
    assert len(removed(formula, formula).passages) == 0


def test_a_short_sentence_of_names_is_no_copy() -> None:
    sentence = "Osk Brandel left the Tin Gulls."
    assert len(removed(f"{sentence} {ROWS[0]}", f"{ROWS[1]} {sentence}").passages) == 0


def test_who_speaks_at_the_other_end_of_a_sentence_is_copied_with_it() -> None:
    first = "The price of rye has doubled in the bakeries of the old town, said the baker Mara Quandt."
    removal = removed(
        first, "According to the baker Mara Quandt, the price of rye has doubled in the bakeries of the old town."
    )
    assert removal.paragraphs["duplicate_share"].to_pylist() == [0, 1]
    assert removal.documents["canonical_text"].to_pylist() == [first, ""]
    assert removal.paragraphs["is_canonical"].to_pylist() == [True, False]


def test_a_new_word_before_the_passage_keeps_its_sentence() -> None:
    first = "The price of rye has doubled in the bakeries of the old town, said the baker Mara Quandt."
    second = "According to the baker Mara Osk, the price of rye has doubled in the bakeries of the old town."
    removal = removed(first, second)
    assert removal.documents["canonical_text"].to_pylist() == [first, second]


def test_a_number_spelled_in_polish_is_the_same_figure() -> None:
    sentence = "Prom do Brzegowa kursuje znów od poniedziałku, podał urząd portowy po {} dniach sztormu w Kalinowie."
    removal = removed(sentence.format("dziewięciu"), sentence.format("9"), sentence.format("8"))
    assert removal.passages.filter(~pa.compute.field("is_canonical"))["numbers_differ"].to_pylist() == [False, True]


def test_ten_ideographs_before_a_passage_are_compared() -> None:
    sentence, rest = (
        "引航员协会主席{}对委员会说，港口外面的灯塔已经熄灭了好几个星期。",
        "水坝下面的船闸因为维修将对所有货船关闭，预计重新开放的时间是下个星期二。",
    )
    removal = removed(
        f"{sentence.format('马小岚')}\n\n{rest}\n\n{rest}", f"{sentence.format('郑玉成')}\n\n{rest}\n\n{rest}"
    )
    assert removal.documents["duplicate_of"].to_pylist() == [None, None]


def test_pairs_that_were_met_are_left_out_and_no_others() -> None:
    two_a_bucket, nobody = (
        np.arange(6_000) // 2 << 32 | np.random.default_rng(7).permutation(6_000),
        np.zeros(0, np.int64),
    )
    two_a_bucket.sort()
    fresh, met = np.append(two_a_bucket, [9_000 << 32 | 1, 9_000 << 32 | 2]), buckets.no_pairs_met(100_000)
    expected = buckets.pairs(two_a_bucket, nobody, nobody, 0, 10)
    first, again = (buckets.pairs(some, nobody, nobody, 0, 10, met) for some in (two_a_bucket, fresh))
    assert len(expected) == 3_000
    assert np.array_equal(first, expected)
    assert set(expected.tolist()) >= set(again[:-1].tolist())
    assert again[-1] == 1 << 32 | 2
    assert len(again) < 100  # the table forgets few of so few


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_pairs_of_all_bands_are_found_however_many_threads_look(threads: int) -> None:
    draw = np.random.default_rng(3)
    entries = [np.unique(draw.integers(0, 40, 300) << 32 | draw.integers(0, 200, 300)) for _ in range(SETTINGS.bands)]
    expected = {
        int(a) << 32 | int(b)
        for band in entries
        for bucket in np.unique(band >> 32)
        for a in band[band >> 32 == bucket] & 0xFFFFFFFF
        for b in band[band >> 32 == bucket] & 0xFFFFFFFF
        if a < b
    }
    assert candidates(entries.__getitem__, SETTINGS, threads=threads).tolist() == sorted(expected)
