"""Passage matching on Spark gives what the local engine gives, at every step and for any cut of the work."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import feather

from pipeline.engines.spark.engine import SparkEngine
from pipeline.passages import matching, segments
from pipeline.passages.matching import PassageMatching
from pipeline.passages.merging import within_cap
from pipeline.passages.passage_index import PassageIndex
from pipeline.passages.spark.components import large_star, small_star, stars
from pipeline.passages.spark.work import Work, copies_in, load, rows_in
from pipeline.settings import Settings as PipelineSettings
from pipeline.settings import SparkSettings
from stages import near_duplicates
from stages.contract import DOCUMENT
from stages.near_duplicates import Settings, candidates
from stages.near_duplicates.clusters import passages
from stages.near_duplicates.history import COLUMNS, ROWS, UNDATED
from stages.near_duplicates.kernels.exact_copies import digests
from stages.near_duplicates.numbering import in_canonical_order, texts
from tests.helpers.shuffles_in_memory import Session

spark_matching = pytest.importorskip("pipeline.passages.spark")
SETTINGS = Settings()
BEGAN = datetime(2031, 5, 4, tzinfo=UTC)
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
LINKS = ("the", "of", "and", "in", "a", "with", "for")


def word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))


def sentence(chance: random.Random) -> str:
    words = [chance.choice(LINKS) if chance.random() < 0.3 else word(chance) for _ in range(chance.randint(9, 22))]
    return " ".join(words).capitalize() + "."


def edited(text: str, chance: random.Random) -> str:
    words = text.split()
    for _ in range(chance.randint(1, 2)):
        words[chance.randrange(len(words))] = word(chance)
    if chance.random() < 0.3:
        words.insert(chance.randrange(len(words)), "7")
    return " ".join(words)


def paragraph(known: list[str], formula: str, chance: random.Random) -> str:
    """New sentences and copied ones, edited and not; the formula with another end; or a paragraph that was there."""
    if known and chance.random() < 0.2:
        return chance.choice(known)
    if chance.random() < 0.2:
        return f"{formula} {word(chance)} {word(chance)}."
    sentences = [
        chance.choice((edited(old, chance), old)) if known and chance.random() < 0.5 else sentence(chance)
        for old in chance.choices(". ".join(known or [sentence(chance)]).split(". "), k=chance.randint(1, 3))
    ]
    known.append(" ".join(sentences))
    return known[-1]


def corpus(seed: int, documents: int) -> pa.Table:
    """Articles with copies of all kinds; some are of one time, some undated, some versions of one article."""
    chance = random.Random(seed)
    known: list[str] = []
    formula = sentence(chance).rstrip(".")
    rows = []
    for _ in range(documents):
        outlet = f"outlet-{chance.randrange(5)}"
        rows.append({
            "doc_id": f"{chance.getrandbits(128):032x}", "source_uri": "test", "outlet": outlet, "kind": "text",
            "url": f"https://{outlet}.example/{chance.randrange(20)}" if chance.random() < 0.4 else None,
            "text": "\n\n".join(paragraph(known, formula, chance) for _ in range(chance.randint(0, 5))),
            "raw_sha256": "", "wire": ["Northwire"] if chance.random() < 0.2 else [],
            "published": None if chance.random() < 0.1 else BEGAN + timedelta(hours=6 * chance.randrange(30)),
        })  # fmt: skip
    return pa.Table.from_pylist(rows, schema=DOCUMENT)


def put(folder: Path, documents: pa.Table, settings: Settings) -> dict[int, list[str]]:
    """Write the evidence of documents in batches of 13; three batches are a part of the tables."""
    (folder / "evidence").mkdir(parents=True)
    parts: dict[int, list[str]] = {}
    for number, begin in enumerate(range(0, len(documents), 13)):
        evidence = near_duplicates.evidence(documents.slice(begin, 13))
        for kind, table in evidence._asdict().items():
            feather.write_feather(table, matching.evidence_path(folder, f"{number:06d}", kind), compression="lz4")
        parts.setdefault(number // 3, []).append(f"{number:06d}")
    return parts


def task(folder: Path, out: Path, runs: Sequence[str], settings: Settings, documents: int = 20_000) -> PassageMatching:
    return PassageMatching(folder, settings, PassageIndex(out, runs, settings), f"run-{len(runs)}", documents, 2)


def tables(folder: Path, parts: Mapping[int, Sequence[str]]) -> dict[str, list[Any]]:
    """The rows found for each part, sorted."""
    found: dict[str, list[Any]] = {}
    for part in parts:
        for name, table in matching.resolution_of(folder, part)._asdict().items():
            found[f"{name} {part}"] = sorted(table.to_pylist(), key=repr)
    return found


def columns(folder: Path, settings: Settings) -> dict[str, Any]:
    """The columns of a segment; entries as they are once merged: no more of a bucket than count."""
    stored = segments.load(folder, settings)
    assert stored
    values = {name: stored.segment.columns[name].read(0, len(stored.segment.columns[name])) for name in COLUMNS}
    every = stored.segment.entries
    bands = [
        np.sort(np.concatenate([each.column.read(*each.bands[at : at + 2]) + each.first for each in every]))
        for at in range(settings.bands)
    ]
    values["entries"] = np.concatenate([within_cap(band, settings.bucket_cap) for band in bands])
    return {name: column.tolist() for name, column in values.items()} | {
        "first": values["first"].tolist(), "is after": stored.segment.first, "outlets": stored.segment.outlets,
        "span": stored.span, "runs": stored.runs,
    }  # fmt: skip


def intermediate(folder: Path, runs: Sequence[str], settings: Settings, out: Path) -> dict[str, Any]:
    """Candidate pairs, and all matches with their roles, as the local engine finds them in one go."""
    history = PassageIndex(out, runs, settings).history
    shards = [matching.read_evidence(folder, path.name[:6]) for path in (folder / "evidence").glob("*.documents.arrow")]
    evidence = near_duplicates.Evidence(*(pa.concat_tables(each) for each in zip(*shards, strict=True)))
    corpus = in_canonical_order(evidence, settings)
    digest = digests(*texts(corpus), settings.minimum_words, settings.minimum_content)
    published = corpus.documents["published"].cast("int64").fill_null(UNDATED).to_numpy()[corpus.document]
    copy_of = candidates.exact_copies(digest, published, settings, history)
    entries = candidates.bucket_entries(corpus, copy_of < 0, settings)
    pairs = candidates.candidates(entries, settings, history)
    near = candidates.near_in_time(pairs, published, settings, history)
    rows = passages(corpus, near, settings, history, 1)
    return {"pairs": sorted(pairs.tolist()), "copies": copy_of.tolist(), **{name: rows[name].tolist() for name in ROWS}}


def kept(folder: Path) -> dict[str, Any]:
    """The same as it lies in the work folder of the resolution on Spark."""
    pieces = range(len(list((folder / "spark" / "pieces").glob("*.npz"))))
    work = Work(folder, SETTINGS, (), (0, 0, 0))
    found: dict[str, list[Any]] = {name: [] for name in ("pairs", "copies", *ROWS)}
    for piece in pieces:
        path = work.file("pairs", piece)
        found["pairs"] += load(path)["pairs"].tolist() if path.exists() else []
        found["copies"] += copies_in(
            work, piece, len(load(work.file("pieces", piece), "document")["document"])
        ).tolist()
        for name, column in rows_in(work, piece).items():
            found[name] += column.tolist()
    return found | {"pairs": sorted(found["pairs"])}


def assert_same(
    spark: Any, tmp_path: Path, nights: Sequence[pa.Table], settings: Settings, plan: Any, before: Sequence[str] = ()
) -> None:
    """Match some nights with both engines, each after the one before; the first after those of `before`."""
    out = tmp_path / "out"
    runs = [*before]
    for number, documents in enumerate(nights, len(runs)):
        here, there = tmp_path / f"local-{number}", tmp_path / f"spark-{number}"
        parts = put(here, documents, settings)
        put(there, documents, settings)
        expected = matching.resolve(task(here, out, runs, settings), parts)
        found = spark_matching.resolve(spark, task(there, out, runs, settings), parts, plan)
        expected_steps = intermediate(there, runs, settings, out)
        for name, values in kept(there).items():
            assert values == expected_steps[name], name
        assert tables(there, parts) == tables(here, parts)
        assert found == expected
        assert found.passages > len(documents)
        ours, theirs = columns(there / "segment", settings), columns(here / "segment", settings)
        for name, values in theirs.items():
            assert ours[name] == values, name
        PassageIndex(out, runs, settings).publish(there / "segment", number)  # the next local night goes on from it
        runs.append(f"run-{number}")


#: Ways to cut the work: pieces of few documents, tasks that hold few edges, many partitions.
CUTS = [
    {"documents": 30, "partitions": 2, "pieces_at_once": 1},
    {"documents": 7, "partitions": 7, "pieces_at_once": 100, "edges": 20},
    {"documents": 1000, "partitions": 1},
    {"documents": 25, "partitions": 64, "pieces_at_once": 2},
]


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: f"{cut['partitions']} partitions")
@pytest.mark.parametrize("seed", range(2))
def test_no_cut_of_the_work_makes_a_difference(tmp_path: Path, seed: int, cut: dict[str, int]) -> None:
    """Full buckets, equal times, history and its limit, with shuffles in memory."""
    settings = replace(SETTINGS, bucket_cap=(5, 100)[seed], outlet_rank=("outlet-3",), history_days=(None, 3)[seed])
    documents = corpus(seed, 60)
    plan = spark_matching.Plan(**cut, keep_work=True)
    assert_same(Session(), tmp_path, [documents.slice(0, 35), documents.slice(35)], settings, plan)


def test_a_run_of_few_documents_is_matched_by_the_driver_without_a_cluster(tmp_path: Path) -> None:
    for engine in ("local", "spark"):
        parts = put(tmp_path / engine, corpus(3, 30), SETTINGS)
    expected = matching.resolve(task(tmp_path / "local", tmp_path / "out", [], SETTINGS), parts)
    engine = SparkEngine(PipelineSettings(spark=SparkSettings(master="spark://127.0.0.1:1", start_seconds=1)))
    assert engine.resolve(task(tmp_path / "spark", tmp_path / "out", [], SETTINGS), parts) == expected
    assert tables(tmp_path / "spark", parts) == tables(tmp_path / "local", parts)


@pytest.mark.parametrize(("most", "is_so"), [(0, False), (29, False), (30, True)])
def test_few_are_as_many_documents_as_the_setting_says_and_none_at_zero(tmp_path: Path, most: int, is_so: bool) -> None:
    assert matching.hold_at_most(tmp_path, put(tmp_path, corpus(3, 30), SETTINGS), most) is is_so


def test_what_is_done_is_not_done_again_after_a_failure(tmp_path: Path) -> None:
    """The evidence is gone by then, and the last steps still succeed; what they were made of leaves the disk."""
    parts = put(tmp_path, corpus(5, 30), SETTINGS)
    (tmp_path / "found").write_text("a file where a folder is wanted")
    spark, plan = Session(), spark_matching.Plan(partitions=2)
    with pytest.raises(FileExistsError):
        spark_matching.resolve(spark, task(tmp_path, tmp_path / "out", [], SETTINGS), parts, plan)
    (tmp_path / "found").unlink()
    shutil.move(tmp_path / "evidence", tmp_path / "elsewhere" / "evidence")
    found = spark_matching.resolve(spark, task(tmp_path, tmp_path / "out", [], SETTINGS), parts, plan)
    assert found == matching.resolve(task(tmp_path / "elsewhere", tmp_path / "out", [], SETTINGS), parts)
    assert tables(tmp_path, parts) == tables(tmp_path / "elsewhere", parts)
    assert [path.name for path in (tmp_path / "spark").iterdir()] == ["steps"]


def test_what_is_done_on_spark_is_void_once_the_local_engine_has_matched(tmp_path: Path) -> None:
    parts = put(tmp_path, corpus(6, 30), SETTINGS)
    given = task(tmp_path, tmp_path / "out", [], SETTINGS)
    expected = spark_matching.resolve(Session(), given, parts)
    before = tables(tmp_path, parts)
    matching.resolve(given, parts)
    (tmp_path / "found" / "00000.00000.arrow").unlink()  # as if killed then
    assert spark_matching.resolve(Session(), given, parts) == expected
    assert tables(tmp_path, parts) == before


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=60))
def test_rounds_of_stars_end_with_one_star_for_each_component(pairs: list[tuple[int, int]]) -> None:
    edges = {(max(pair), min(pair)) for pair in pairs if pair[0] != pair[1]}
    one, other = (np.array([edge[side] for edge in edges], np.int64) for side in (0, 1))
    expected = dict(zip(*(column.tolist() for column in stars(one, other)), strict=True))
    least = {node: node for edge in edges for node in edge}
    for _ in least:
        for a, b in edges:
            least[a] = least[b] = min(least[a], least[b])
    assert expected == {node: low for node, low in least.items() if node != low}
    before: tuple[list[int], list[int]] | None = None
    while before != (one.tolist(), other.tolist()):
        before = one.tolist(), other.tolist()
        one, other = small_star(*large_star(np.append(one, other), np.append(other, one)))
    assert dict(zip(one.tolist(), other.tolist(), strict=True)) == expected
