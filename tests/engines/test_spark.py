"""The engine for Spark: messages of what is missing, and runs on a real cluster on loopback, workers killed."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline import __version__, settings
from pipeline.engines.base import Killed
from pipeline.engines.spark import java
from pipeline.engines.spark.cluster import refuse_greetings
from pipeline.engines.spark.engine import SparkEngine
from pipeline.engines.spark.executor import Greeting
from pipeline.errors import UserError
from pipeline.settings import Settings, with_cluster
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import TABLES, read
from tests.helpers.command import clean as command
from tests.helpers.folders import ROOT
from tests.helpers.spark_cluster import NEEDS_JAVA, SECONDS_TO_START, SparkCluster, free_port, spark_cluster
from tests.helpers.traps import lay_traps

#: Of a task that returns at once, and of one that never does. At a load of 40 on two cores, 2 s were too short once.
SECONDS_TO_HANG = 6.0
GREETING = Greeting("one", __version__, platform.python_version(), None, None)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    folder = tmp_path_factory.mktemp("cluster")
    lay_traps(folder)  # the working folder of the workers, and so of what they start
    with spark_cluster(folder) as running, running.session():
        yield running


def on(cluster: SparkCluster, **run: Any) -> Settings:
    return with_cluster(settings.parse({"run": run}), cluster.master, cluster.conf)


# ---------------------------------------------------------------- what is missing is told


def test_a_missing_java_is_told_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(UserError, match=r"needs Java 17 or newer, and there is none.*apt-get install default-jre"):
        java.require_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UserError, match=r"JAVA_HOME is .*, and there is no .*java"):
        java.require_java()


@pytest.mark.parametrize(("version", "told"), [("1.8.0_392", "is Java 8"), ("11.0.2", "is Java 11")])
def test_an_old_java_is_told_with_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, told: str
) -> None:
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UserError, match=told):
        java.require_java()
    program.write_text("#!/bin/sh\necho 'openjdk version \"21.0.1\" 2023-10-17' >&2\n")
    java.require_java()


@NEEDS_JAVA
def test_a_master_that_does_not_answer_is_told_after_the_time_limit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPYDESK_SPARK__START_SECONDS", "1")
    story = tmp_path / "story.txt"
    story.write_text("The ferry is late.")
    master = f"spark://127.0.0.1:{free_port()}"
    begun = time.monotonic()
    assert command("run", str(story), "--out", str(tmp_path / "out"), "--engine", "spark", "--master", master) == 2
    assert time.monotonic() - begun < 30
    assert f"the master {master} does not answer" in capsys.readouterr().err


def test_workers_that_do_not_see_the_shared_folder_are_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"workers of Spark on one do not see the folder .*NFS"):
        refuse_greetings([GREETING], "token", tmp_path / ".shared")
    seen = replace(GREETING, token="token", wrote="executor-0")
    with pytest.raises(UserError, match=r"do not see"):  # it reads an old copy, or writes to a disk of its own
        refuse_greetings([seen], "token", tmp_path)
    (tmp_path / "executor-0").write_text("token executor-0")
    refuse_greetings([seen], "token", tmp_path)


def test_executors_of_another_version_are_told(tmp_path: Path) -> None:
    refuse_greetings([GREETING], None, None)
    with pytest.raises(UserError, match=r"copydesk is .* here and 9\.9 on the executors \(one\)"):
        refuse_greetings([GREETING, replace(GREETING, version="9.9")], None, None)
    with pytest.raises(UserError, match=r"Python is .* here and 2\.7\.1 on the executors"):
        refuse_greetings([replace(GREETING, python="2.7.1")], None, None)


def test_a_session_for_another_engine_is_a_mistake(tmp_path: Path) -> None:
    import copydesk

    with pytest.raises(UserError, match='Add engine="spark"'):
        copydesk.run(str(tmp_path), tmp_path / "out", spark=object())


# ---------------------------------------------------------------- on a cluster


def slowly_die_on_three(n: int) -> int:
    time.sleep(0.2)
    if n == 3:
        os.kill(os.getpid(), 9)
    return n


def hang_on_three(n: int) -> int:
    while n == 3:
        time.sleep(1)
    return n


def raise_on_three(n: int) -> int:
    if n == 3:
        raise RuntimeError("our own bug")
    return n


@NEEDS_JAVA
def test_on_a_cluster_a_task_that_dies_or_hangs_is_lost_alone_and_a_worker_may_be_killed(cluster: SparkCluster) -> None:
    with SparkEngine(on(cluster)) as engine:
        expected = {n: Killed("worker_died") if n == 3 else n for n in range(20)}
        results = {}
        for n, result in engine.map(slowly_die_on_three, range(20), 60):
            results[n] = result
            if n == 4:
                cluster.kill_worker(cluster.workers[-1])
        assert results == expected
        cluster.start_worker()
        assert dict(engine.map(hang_on_three, range(5), SECONDS_TO_HANG)) == {
            n: Killed("timed_out") if n == 3 else n for n in range(5)
        }
        with pytest.raises(RuntimeError, match=r"our own bug"):
            list(engine.map(raise_on_three, range(5), 60))


@NEEDS_JAVA
def test_the_command_gives_the_tables_of_the_local_engine_with_a_worker_killed_under_way(
    cluster: SparkCluster, sample_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Executors work in the folder of the command, and import nothing from there."""
    here, out = tmp_path / "here", tmp_path / "out"
    here.mkdir()
    marks = lay_traps(here)
    monkeypatch.chdir(here)
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
    """Kill a worker as soon as a path is there, and start another."""
    until = time.monotonic() + 1200
    while not there.exists() and time.monotonic() < until:
        time.sleep(0.05)
    cluster.kill_worker(cluster.workers[-1])
    cluster.start_worker()


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
