"""Segments of the passage index: joined ones say what merged ones say, however a run was cut into chunks."""

import hashlib
import random
import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyarrow import feather

from pipeline.passages import matching
from pipeline.passages.matching import SEGMENT, PassageMatching
from pipeline.passages.merging import join, merge, within_cap
from pipeline.passages.passage_index import PassageIndex, damage
from pipeline.passages.segments import StoredSegment, load
from stages import near_duplicates
from stages.contract import DOCUMENT
from stages.near_duplicates import Settings, signing
from stages.near_duplicates.candidates import bucket_entries, candidates, candidates_among
from stages.near_duplicates.history import COLUMNS, PART, Segment, bucket_mates
from stages.near_duplicates.kernels.cluster_ids import cluster_ids_of
from stages.near_duplicates.numbering import in_canonical_order

CHOSEN = Settings(bands=16, bucket_cap=3)
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstv" for vowel in "aeiou"]


def corpus(seed: int, documents: int = 24) -> pa.Table:
    """Articles of invented words, many of whose sentences another has too."""
    chance = random.Random(seed)
    known: list[str] = []
    for _ in range(3 * documents):
        again = known and chance.random() < 0.4
        words = ["".join(chance.choices(SYLLABLES, k=3)) for _ in range(chance.randint(4, 14))]
        known.append(chance.choice(known) if again else " ".join(words).capitalize() + ".")
    rows = [
        {
            "doc_id": f"{chance.getrandbits(128):032x}", "source_uri": "test", "outlet": f"outlet-{number % 4}",
            "kind": "text", "raw_sha256": "", "text": "\n\n".join(known[3 * number : 3 * number + 3]),
        }
        for number in range(documents)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=DOCUMENT)


def chunks(folder: Path, table: pa.Table, sizes: Sequence[int]) -> list[StoredSegment]:
    """The segments of a run's chunks of so many documents, before they are joined."""
    evidence = near_duplicates.evidence(table)
    order = near_duplicates.canonical_order(evidence.documents, CHOSEN)
    task = PassageMatching(folder, CHOSEN, PassageIndex(folder, [], CHOSEN), "one", documents=1000, threads=1)
    kept = matching._ChunkSegments(task)
    begin = 0
    for size in [*sizes, len(order)]:
        some = table.take(pa.array(order[begin : begin + size]))
        writer = kept.next_writer()
        found = matching._matched(task, [near_duplicates.evidence(some)], kept.history, writer)
        kept.add(found.segment, writer)
        begin += size
    return kept.stored


def entries(segment: Segment) -> list[list[int]]:
    """The bucket entries of each band, no more of a bucket than count."""
    parts = [
        [each.column.read(*each.bands[band : band + 2]) + each.first for each in segment.entries]
        for band in range(CHOSEN.bands)
    ]
    return [within_cap(np.sort(np.concatenate(band)), CHOSEN.bucket_cap).tolist() for band in parts]


def columns(segment: Segment) -> dict[str, list[object]]:
    return {name: segment.columns[name].read(0, len(segment.columns[name])).tolist() for name in COLUMNS}


@hypothesis_settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1 << 20), sizes=st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_joined_segments_say_what_merged_ones_say(
    tmp_path_factory: pytest.TempPathFactory, seed: int, sizes: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("joined")
    stored = chunks(folder, corpus(seed), sizes)
    merged = merge(stored, folder / "merged", CHOSEN).segment
    joined = join(stored, folder / "joined", CHOSEN)
    assert columns(joined.segment) == columns(merged)
    assert entries(joined.segment) == entries(merged)
    assert (len(merged.entries), len(joined.segment.entries)) == (1, len(sizes) + 1)
    assert load(folder / "joined", CHOSEN) == joined
    again = merge([joined], folder / "again", CHOSEN).segment
    assert (columns(again), entries(again)) == (columns(merged), entries(merged))


def test_who_shares_a_bucket_is_found_in_several_sorted_columns_as_in_one(tmp_path: Path) -> None:
    stored = chunks(tmp_path, corpus(5), [7, 8])
    merged = merge(stored, tmp_path / "merged", CHOSEN).segment
    joined = join(stored, tmp_path / "joined", CHOSEN).segment
    moved = joined._replace(first=(9, 100, 200))
    for band, known in enumerate(entries(merged)):
        one, other = (first_of_bucket(each, band, np.array(known, np.int64)) for each in (merged, moved))
        assert len(one) > 20
        assert {place: [part + moved.first[PART] for part in parts] for place, parts in one.items()} == other


def first_of_bucket(segment: Segment, band: int, asked: np.ndarray[Any, np.dtype[np.int64]]) -> dict[int, list[int]]:
    """The first parts of each bucket of some entries, as many as count."""
    found: dict[int, list[int]] = {}
    for place, part in zip(*(each.tolist() for each in bucket_mates([segment], band, asked, 100)), strict=True):
        found.setdefault(place, []).append(part)
    return {place: parts[: CHOSEN.bucket_cap] for place, parts in found.items()}


def test_a_run_in_chunks_leaves_its_bucket_entries_as_they_were_written(tmp_path: Path) -> None:
    table = corpus(2, 60)
    one, other = (run(tmp_path / f"{documents}", table, documents) for documents in (1000, 25))
    assert (len(one.entries), len(other.entries)) == (1, 3)
    assert (columns(one), entries(one)) == (columns(other), entries(other))


def run(folder: Path, table: pa.Table, documents: int) -> Segment:
    """The segment of a run over a corpus, in chunks of so many documents."""
    (folder / "evidence").mkdir(parents=True)
    for kind, part in near_duplicates.evidence(table)._asdict().items():
        feather.write_feather(part, folder / "evidence" / f"all.{kind}.arrow")
    task = PassageMatching(folder, CHOSEN, PassageIndex(folder, [], CHOSEN), "one", documents, threads=1)
    assert matching.resolve(task, {0: ["all"]}).passages > 10
    stored = load(folder / SEGMENT, CHOSEN)
    assert stored
    return stored.segment


def test_a_changed_column_of_bucket_entries_is_noticed(tmp_path: Path) -> None:
    joined = join(chunks(tmp_path, corpus(3), [9]), tmp_path / "index/near_duplicates/000000-000000", CHOSEN)
    assert damage(tmp_path) == []
    path = joined.folder / "entries_1.bin"
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(content)
    assert damage(tmp_path) == [path]
    path.write_bytes(content[:-8])
    assert load(joined.folder, CHOSEN) is None
    shutil.rmtree(joined.folder)


@given(
    words=st.lists(st.integers(0, 50), min_size=1, max_size=30), documents=st.integers(1, 9), most=st.integers(1, 99)
)
def test_chunks_have_as_many_documents_and_words_as_they_may(words: list[int], documents: int, most: int) -> None:
    begins = matching.chunk_begins(np.array(words, np.int32), documents, most)
    assert begins[0] == 0
    for begin, end in pairwise([*begins, len(words)]):
        assert 1 <= end - begin <= documents
        assert sum(words[begin:end]) <= most or end - begin == 1
        more = words[begin : end + 1]
        assert end == len(words) or len(more) > documents or sum(more) > most


@given(st.text("0123456789abcdef", min_size=1, max_size=32), st.integers(0, 1 << 31), st.integers(0, 1 << 62))
def test_ids_of_clusters_are_those_of_hashlib(document: str, paragraph: int, word: int) -> None:
    place = np.array([document], "S32"), np.array([paragraph]), np.array([word])
    expected = hashlib.blake2b(f"{document} {paragraph} {word}".encode(), digest_size=16).hexdigest()
    assert cluster_ids_of(*place).tolist() == [expected.encode()]


@pytest.mark.parametrize("threads", [1, 3])
def test_buckets_are_the_same_however_many_are_computed_at_once(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    numbered = in_canonical_order(near_duplicates.evidence(corpus(4)), CHOSEN)
    chosen = np.arange(len(numbered.document)) % 5 != 0
    whole = bucket_entries(numbered, chosen, CHOSEN)
    expected = [whole(band).tolist() for band in range(CHOSEN.bands)]
    assert all(len(band) > 20 for band in expected)
    monkeypatch.setattr(signing, "UNITS_AT_ONCE", 7)
    monkeypatch.setattr(signing, "PARTS_AT_ONCE", 3)
    monkeypatch.setattr(signing, "KEYS_HELD", 500)
    some = bucket_entries(numbered, chosen, CHOSEN, threads)
    assert [some(band).tolist() for band in range(CHOSEN.bands)] == expected
    assert [some(band).tolist() for band in (5, 0, 15, 6)] == [expected[band] for band in (5, 0, 15, 6)]
    assert np.array_equal(candidates_among(numbered, chosen, CHOSEN, threads), candidates(whole, CHOSEN))
