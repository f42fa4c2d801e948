"""Entries of LSH buckets against plain Python: who is in a bucket with whom, and what a merged index keeps."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.near_duplicates.kernels import buckets, unit_classes

Entries = NDArray[np.int64]
MOST = 3


def entries(seed: int, count: int, least: int, end: int) -> Entries:
    """Draw entries of buckets from `least` on; a part is in each of them once."""
    draw = np.random.default_rng(seed)
    return np.unique(draw.integers(least, end, count) << 32 | draw.integers(0, 200, count))


def by_bucket(values: Entries) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for value in values.tolist():
        found.setdefault(value >> 32, []).append(value & 0xFFFFFFFF)
    return found


EVERYWHERE = (-(2**31), 2**31)
SPANS = [(EVERYWHERE, EVERYWHERE), ((-40, 40), (-40, 40)), ((-40, 5), (0, 40)), ((0, 9), (20, 40)), ((7, 8), (7, 8))]


@pytest.mark.parametrize("spans", SPANS)
@pytest.mark.parametrize("counts", [(0, 50), (50, 0), (1, 1), (3000, 40), (40, 3000), (500, 500)])
def test_the_parts_in_the_same_bucket_are_found_and_no_others(
    spans: tuple[tuple[int, int], tuple[int, int]], counts: tuple[int, int]
) -> None:
    own, block = entries(1, counts[0], *spans[0]), entries(2, counts[1], *spans[1])
    block = np.unique(np.append(block, own[::7] + 1000))  # some meet, however many buckets there are
    places, parts = buckets.mates(own, block, MOST)
    there = by_bucket(block)
    expected = [
        (int(np.searchsorted(own >> 32, bucket)), part)
        for bucket in by_bucket(own)
        for part in there.get(bucket, [])[:MOST]
    ]
    assert list(zip(places.tolist(), parts.tolist(), strict=True)) == expected


@pytest.mark.parametrize("runs", [1, 2, 3, 5, 8, 17])
@pytest.mark.parametrize("span", [EVERYWHERE, (-5, 20)])
def test_merged_runs_rise_and_keep_the_first_members_of_each_bucket(runs: int, span: tuple[int, int]) -> None:
    drawn = [entries(seed, 40 * (seed % 3), *span) + 1000 * seed for seed in range(runs)]
    merged = buckets.merged(drawn, MOST)
    expected = by_bucket(np.sort(np.concatenate(drawn)))
    assert by_bucket(merged) == {bucket: parts[:MOST] for bucket, parts in expected.items()}
    assert (np.diff(merged) > 0).all()


def classes_of(owners: list[list[int]]) -> tuple[Entries, Entries]:
    return np.cumsum([0, *map(len, owners)]), np.array([part for each in owners for part in each], np.int64)


@pytest.mark.parametrize("span", [EVERYWHERE, (-5, 20), (-3000, 3000)])
@pytest.mark.parametrize("count", [0, 1, 2, 40, 3000])
@pytest.mark.parametrize("cap", [1, 4, 100])
def test_classes_of_units_are_paired_as_their_sorted_entries_are(span: tuple[int, int], count: int, cap: int) -> None:
    draw, nobody = np.random.default_rng(count), np.zeros(0, np.int64)
    sizes = np.where(draw.random(count) < 0.8, 1, draw.integers(1, 9, count))
    first, owners = classes_of([sorted(draw.integers(0, 2 * count, size).tolist()) for size in sizes])
    drawn = draw.integers(*span, (4, count)).astype(np.int32)
    drawn[:, draw.random(count) < 0.1] = drawn[:, :1]  # a crowd
    class_of, room = np.repeat(np.arange(count), sizes), buckets.room_for(first)
    expected, found = set[int](), set[int]()
    for band in drawn:
        entries = np.unique(buckets.entries_of(band, class_of, owners))
        expected |= {*buckets.pairs(entries, nobody, nobody, 0, cap).tolist()}
    for some in (drawn[:1], drawn[1:]):  # what is known is handed on
        pairs, crowded = buckets.class_pairs(some, first, owners, cap, room)
        assert len(crowded) == len(some)
        rest = [buckets.pairs(np.unique(each), nobody, nobody, 0, cap).tolist() for each in crowded]
        found |= {*pairs.tolist(), *(pair for each in rest for pair in each)}
    assert found == expected


def test_classes_that_are_met_again_and_again_are_paired_once() -> None:
    first, owners = classes_of([[5], [3, 9], [7]])
    room, same = buckets.room_for(first), np.zeros((96, 3), np.int32)
    pairs, _ = buckets.class_pairs(same, first, owners, 100, room)
    assert len(pairs) == len({*pairs.tolist()}) == 6


def test_units_are_of_one_class_if_they_have_the_same_hashes_in_the_same_order() -> None:
    draw = np.random.default_rng(1)
    units = [draw.integers(0, 3, size).astype(np.uint32) for size in draw.integers(0, 5, 2000)]
    ends = np.cumsum([len(unit) for unit in units])
    begins = ends - [len(unit) for unit in units]
    class_of, examples = unit_classes.find(np.concatenate(units), begins, ends)
    numbers = dict[bytes, int]()
    expected = [numbers.setdefault(unit.tobytes(), len(numbers)) if len(unit) else -1 for unit in units]
    assert class_of.tolist() == expected
    assert [units[unit].tobytes() for unit in examples] == [*numbers]
    owners, shingled = np.arange(len(units)), class_of >= 0
    first, members = unit_classes.members(class_of[shingled], owners[shingled], len(examples))
    for number in range(len(examples)):
        assert members[first[number] : first[number + 1]].tolist() == np.flatnonzero(class_of == number).tolist()
