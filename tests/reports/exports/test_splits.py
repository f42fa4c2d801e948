"""Splits by cluster: no copied passage has copies in two of them, and few documents move when others are added."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reports.exports.job import ExportRequest, export
from pipeline.reports.exports.registry import FORMATS
from pipeline.reports.exports.splits import assign, components, sample_of
from pipeline.storage.ids import as_bytes
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import read

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


def ids_of(n: int, seed: int = 0):  # type: ignore[no-untyped-def]
    """Ids as documents have them: spread evenly."""
    numbers = np.random.default_rng(seed).integers(0, 2**63, (n, 2))
    return np.unique(as_bytes([f"{a:016x}{b:016x}" for a, b in numbers.tolist()]))


@pytest.mark.parametrize("seed", range(3))
def test_no_passage_has_copies_in_two_splits(sample_run: Path, tmp_path: Path, seed: int) -> None:
    request = ExportRequest(FORMATS["parquet"], tmp_path / "a.parquet", split="train=0.6,test=0.4", seed=seed)
    report = export(Corpus(sample_run), request)
    names = {name: set(pq.read_table(tmp_path / f"a-{name}.parquet")["doc_id"].to_pylist()) for name in report.splits}
    assert {name: len(ids) for name, ids in names.items()} == report.splits
    split_of = {doc_id: name for name, ids in names.items() for doc_id in ids}
    found: dict[str, set[str]] = {}
    for row in read(sample_run, "passages", ["sample"], ["cluster_id", "doc_id"]).to_pylist():
        if row["doc_id"] in split_of:
            found.setdefault(row["cluster_id"], set()).add(split_of[row["doc_id"]])
    assert found
    assert [cluster for cluster, splits in found.items() if len(splits) > 1] == []


def test_the_same_seed_gives_the_same_splits_and_another_gives_others(sample_run: Path, tmp_path: Path) -> None:
    content = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        request = ExportRequest(FORMATS["jsonl"], tmp_path / f"{name}.jsonl", split="train=0.6,test=0.4", seed=seed)
        export(Corpus(sample_run), request)
        content.append((tmp_path / f"{name}-test.jsonl").read_bytes())
    assert content[0] == content[1] != content[2]


@given(st.lists(st.tuples(st.integers(0, 29), st.integers(0, 19)), max_size=60))
def test_components_are_those_of_a_plain_search(links: list[tuple[int, int]]) -> None:
    ids, place = ids_of(30), np.random.default_rng(1).permutation(30)
    found = components(ids, place, np.array([a for a, _ in links], int), np.array([k for _, k in links], int))
    group = {n: {n} for n in range(30)}
    for a, key in links:
        for b, other in links:
            if key == other and group[a] is not group[b]:
                group[a] |= group[b]
                for n in group[a]:
                    group[n] = group[a]
    for n in range(30):
        assert found[n] == min(group[n], key=lambda each: place[each])


def test_splits_have_the_shares_that_were_asked_for() -> None:
    ids = ids_of(100_000)
    found = assign(ids, np.arange(len(ids)) // 3 * 3, SHARES, seed=7)
    for name, share in SHARES.items():
        assert abs(len(found.ids[name]) / len(ids) - share) < 0.01
    assert sum(map(len, found.ids.values())) == len(ids)


def test_a_giant_component_goes_to_the_largest_split_whatever_the_seed() -> None:
    ids = ids_of(1_000)
    component = np.where(np.arange(len(ids)) < 300, 0, np.arange(len(ids)))
    for seed in range(20):
        found = assign(ids, component, SHARES, seed)
        assert found.component_sizes[0] == 300
        assert set(ids[:300].tolist()) <= set(found.ids["train"].tolist())


def test_documents_that_are_added_move_no_others() -> None:
    """Documents of a later run come behind those of earlier ones, so they name no component but their own."""
    old, new = ids_of(5_000, 1), ids_of(500, 2)
    before = assign(old, np.arange(len(old)), SHARES, seed=3)
    ids = np.sort(np.concatenate([old, new]))
    is_new = np.isin(ids, new)
    place = np.empty(len(ids), int)
    place[np.argsort(is_new, kind="stable")] = np.arange(len(ids))
    joined = np.flatnonzero(is_new)  # each new document shares a passage with one old one
    partners = np.flatnonzero(~is_new)[: len(joined)]
    keys = np.arange(len(joined))
    component = components(ids, place, np.concatenate([joined, partners]), np.concatenate([keys, keys]))
    after = assign(ids, component, SHARES, seed=3)
    for name in SHARES:
        assert set(before.ids[name].tolist()) <= set(after.ids[name].tolist())


def test_a_larger_sample_contains_a_smaller_one() -> None:
    ids = ids_of(1_000)
    small, large = sample_of(ids, 10, 5), sample_of(ids, 100, 5)
    assert (len(small), len(large)) == (10, 100)
    assert set(small.tolist()) <= set(large.tolist())
    assert set(small.tolist()) != set(sample_of(ids, 10, 6).tolist())
