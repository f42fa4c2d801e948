"""The engine for Spark and passage matching on a real cluster on loopback, with workers killed.

All of it is one module, so that one cluster, and one Java of this process, serve every test that needs them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline import settings
from pipeline.engines.base import Killed
from pipeline.engines.spark.engine import SparkEngine
from pipeline.engines.spark.session import session_open
from pipeline.passages import matching
from pipeline.passages import spark as spark_matching
from pipeline.passages.passage_index import PassageIndex
from pipeline.settings import with_cluster
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import TABLES, read
from tests.engines.test_engine import assert_carries_out_tasks_and_keeps_tables
from tests.helpers.command import clean as command
from tests.helpers.engine_tasks import raise_on_three, sleep_on_three, slowly_die_on_three
from tests.helpers.folders import ROOT
from tests.helpers.spark_cluster import NEEDS_JAVA, SECONDS_TO_START, SparkCluster, spark_cluster
from tests.helpers.traps import lay_traps
from tests.passages.spark.test_matching import CUTS, SETTINGS, assert_same, corpus, put, task

pytestmark = NEEDS_JAVA

#: Of tasks that return at once, and of one that sleeps. At a load of 40 on two cores, 2 s were too short once.
SECONDS_TO_HANG = 6.0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    folder = tmp_path_factory.mktemp("cluster")
    lay_traps(folder)  # the working folder of the workers, and so of what they start
    with spark_cluster(folder) as running, running.session("spark.sql.shuffle.partitions=4"):
        yield running


@pytest.fixture
def spark(cluster: SparkCluster) -> Any:
    """The session that is open on the cluster, for what one worker can do as well as two."""
    cluster.start_missing_workers(1)
    return session_open()


def engine_on(cluster: SparkCluster) -> SparkEngine:
    return SparkEngine(with_cluster(settings.parse({}), cluster.master, cluster.conf))


def test_on_a_cluster_a_task_that_dies_or_hangs_is_lost_alone_and_a_worker_may_be_killed(cluster: SparkCluster) -> None:
    cluster.start_missing_workers()
    with engine_on(cluster) as engine:
        expected = {n: Killed("worker_died") if n == 3 else n for n in range(20)}
        results = {}
        for n, result in engine.map(slowly_die_on_three, range(20), 60):
            results[n] = result
            if n == 4:
                cluster.kill_worker(cluster.workers[-1])
        assert results == expected
        assert dict(engine.map(sleep_on_three, range(5), SECONDS_TO_HANG)) == {
            n: Killed("timed_out") if n == 3 else n for n in range(5)
        }
        with pytest.raises(RuntimeError, match=r"our own bug"):
            list(engine.map(raise_on_three, range(5), 60))


def test_the_command_gives_the_tables_of_the_local_engine_with_a_worker_killed_under_way(
    cluster: SparkCluster, sample_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Executors work in the folder of the command, and import nothing from there."""
    here, out = tmp_path / "here", tmp_path / "out"
    here.mkdir()
    marks = lay_traps(here)
    monkeypatch.chdir(here)
    cluster.start_missing_workers()
    killer = Thread(target=kill_when, args=(cluster, out / ".staging" / "sample" / "read"), daemon=True)
    killer.start()
    arguments = ["run", str(ROOT / "corpus"), "--out", str(out), "--run-id", "sample", "--engine", "spark"]
    assert command(*arguments, "--master", cluster.master) == 0
    killer.join(SECONDS_TO_START)
    assert not killer.is_alive()
    assert_same_tables(sample_run, out)
    assert not marks.exists()
    assert not (cluster.folder / "marks.txt").exists()


def kill_when(cluster: SparkCluster, there: Path) -> None:
    """Kill a worker as soon as a path is there."""
    until = time.monotonic() + 1200
    while not there.exists() and time.monotonic() < until:
        time.sleep(0.05)
    cluster.kill_worker(cluster.workers[-1])


def assert_same_tables(expected: Path, found: Path) -> None:
    """Compare tables by value after sorting, and each part's documents, which no cluster decides."""
    runs = OutputFolder(expected).runs()
    assert OutputFolder(found).runs() == runs
    for name in TABLES:
        mine, theirs = (sorted(map(repr, read(out, name, runs).to_pylist())) for out in (found, expected))
        assert mine == theirs, name
    for path in sorted((expected / "documents").rglob("*.parquet")):
        other = found / path.relative_to(expected)
        assert pq.read_table(path)["doc_id"].to_pylist() == pq.read_table(other)["doc_id"].to_pylist()


def test_the_engine_carries_out_tasks_and_keeps_their_tables_and_checkpoints(
    cluster: SparkCluster, tmp_path: Path
) -> None:
    cluster.start_missing_workers(1)
    assert_carries_out_tasks_and_keeps_tables(engine_on(cluster), tmp_path)


def test_a_night_on_spark_goes_on_from_a_local_index(spark: Any, tmp_path: Path) -> None:
    documents, settings = corpus(11, 60), replace(SETTINGS, bucket_cap=9, history_days=3)
    first, out = tmp_path / "first", tmp_path / "out"
    parts = put(first, documents.slice(0, 30), settings)
    matching.resolve(task(first, out, [], settings), parts)
    PassageIndex(out, [], settings).publish(first / "segment", 0)
    plan = spark_matching.Plan(documents=15, partitions=2, pieces_at_once=1, keep_work=True)
    assert_same(spark, tmp_path, [documents.slice(30)], settings, plan, ["run-0"])


@pytest.mark.long
@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: f"{cut['partitions']} partitions")
@pytest.mark.parametrize("seed", range(2))
def test_spark_matches_as_the_local_engine_does(spark: Any, tmp_path: Path, seed: int, cut: dict[str, int]) -> None:
    settings = replace(SETTINGS, bucket_cap=(5, 100)[seed], outlet_rank=("outlet-3",))
    nights = [corpus(seed, 60), corpus(seed + 10, 30)]
    assert_same(spark, tmp_path, nights, settings, spark_matching.Plan(**cut, keep_work=True))
