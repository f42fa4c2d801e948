"""The engine for Spark at length: real articles, partitions, kills in every phase, nights on either engine, a wheel."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.spark import BEGUN, SMALL, differing, killing, run_on
from pipeline import settings
from pipeline.api import RunRequest, clean
from tests.helpers.folders import ROOT, SHARED
from tests.helpers.spark_cluster import NEEDS_JAVA, SparkCluster, spark_cluster
from tests.helpers.traps import lay_traps, without_repository

pytestmark = [NEEDS_JAVA, pytest.mark.long]
ARTICLES, PAGES = SHARED / "data" / "fnc_train.jsonl.gz", SHARED / "data" / "pages.warc.gz"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    with spark_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the local engine makes of articles and pages, to be read only."""
    out = tmp_path_factory.mktemp("local") / "out"
    run_on([str(ARTICLES), str(PAGES)], out, None, SMALL)
    return out


@pytest.mark.shared
@pytest.mark.parametrize("partitions", [1, 2, 7, 64])
def test_partitions_decide_nothing(cluster: SparkCluster, expected: Path, tmp_path: Path, partitions: int) -> None:
    run_on([str(ARTICLES), str(PAGES)], tmp_path / "out", cluster, SMALL, partitions)
    assert differing(expected, tmp_path / "out") == []


@pytest.mark.shared
@pytest.mark.parametrize("turn", range(5))
@pytest.mark.parametrize("phase", BEGUN)
def test_a_worker_killed_in_any_phase_costs_no_row(
    cluster: SparkCluster, expected: Path, tmp_path: Path, phase: str, turn: int
) -> None:
    out = tmp_path / "out"
    with killing(cluster, out / ".staging" / "r", BEGUN[phase]) as killed:
        run_on([str(ARTICLES), str(PAGES)], out, cluster, SMALL)
    assert killed.is_set()
    assert differing(expected, out) == []


@pytest.mark.parametrize("engines", [("local", "spark"), ("spark", "local")])
def test_a_corpus_goes_from_one_engine_to_the_other_and_nobody_can_tell(
    cluster: SparkCluster, tmp_path: Path, engines: tuple[str, str]
) -> None:
    """The second night reads the first one's articles again, too, and finds copies of them."""
    nights = [[str(ROOT / "corpus" / "news")], [str(ROOT / "corpus")]]
    for out, names in (("mixed", engines), ("local", ("local", "local"))):
        for number, (inputs, engine) in enumerate(zip(nights, names, strict=True)):
            chosen = settings.with_cluster(settings.parse({}), cluster.master, cluster.conf)
            request = RunRequest(inputs, tmp_path / out, chosen, 2, run_id=f"night-{number}", engine=engine)
            assert clean(request).run_id == f"night-{number}"
    assert differing(tmp_path / "local", tmp_path / "mixed") == []
    again = RunRequest(nights[1], tmp_path / "mixed", settings.parse({}), 2)
    assert clean(again).run_id is None


def test_executors_use_the_wheel_of_an_archive_and_no_trap_beside_it(
    cluster: SparkCluster, sample_run: Path, tmp_path: Path
) -> None:
    """Neither the checkout nor the working folder of anything is on their path."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    packages = next((environment / "lib").glob("python*/site-packages"))
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))  # what we depend on, and not the checkout
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, str(ROOT)], check=True)
    archive = tmp_path / "environment.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        file.add(environment, ".")
    (tmp_path / "here").mkdir()
    marks = lay_traps(tmp_path / "here")
    conf = [
        *cluster.conf,
        f"spark.archives={archive}#environment",
        "spark.pyspark.python=./environment/bin/python",
        "spark.executorEnv.PYTHONPATH=",
    ]
    options = [part for each in conf for part in ("--spark-conf", each)]
    out = tmp_path / "out"
    arguments = ["run", str(ROOT / "corpus"), "--out", str(out), "--run-id", "sample", "--engine", "spark"]
    clean_command = [str(environment / "bin" / "clean"), *arguments, "--master", cluster.master, *options]
    subprocess.run(clean_command, cwd=tmp_path / "here", env=without_repository(), check=True)
    assert differing(sample_run, out) == []
    assert not marks.exists()


def test_on_this_machine_nothing_of_the_working_folder_is_imported(sample_run: Path, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    marks = lay_traps(tmp_path / "here")
    out = tmp_path / "out"
    arguments = ["run", str(ROOT / "corpus"), "--out", str(out), "--run-id", "sample", "--engine", "spark", "--quiet"]
    command = [sys.executable, "-P", "-m", "copydesk", *arguments, "--master", "local[2]"]
    subprocess.run(command, cwd=tmp_path / "here", check=True)
    assert differing(sample_run, out) == []
    assert not marks.exists()
