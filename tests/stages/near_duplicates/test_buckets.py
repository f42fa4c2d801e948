"""Entries of LSH buckets against plain Python: who is in a bucket with whom, and what a merged index keeps."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.near_duplicates.kernels import buckets

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


@pytest.mark.parametrize("span", [EVERYWHERE, (-5, 20), (-3000, 3000)])
@pytest.mark.parametrize("count", [0, 1, 2, 40, 3000])
def test_who_shares_a_bucket_is_kept_and_hardly_anybody_else(span: tuple[int, int], count: int) -> None:
    drawn, owners = np.random.default_rng(count).integers(*span, count).astype(np.int32), np.arange(count)
    kept = buckets.shared_entries_of(drawn, owners)
    several = {
        bucket: parts for bucket, parts in by_bucket(buckets.entries_of(drawn, owners)).items() if len(parts) > 1
    }
    found = by_bucket(kept)
    assert {bucket: found.get(bucket) for bucket in several} == several
    assert (np.diff(kept & 0xFFFFFFFF) > 0).all()
    assert sum(len(parts) for bucket, parts in found.items() if bucket not in several) <= 8 + count / 5
