"""The engine for Spark at length: real articles, partitions, kills in every phase, nights on either engine, a wheel."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from benchmarks.spark import BEGUN, SECONDS_BETWEEN_LOOKS, SMALL, differing, killing, run_on
from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.engines.base import Engine
from pipeline.runs import tasks
from pipeline.runs.clean import clean_folder, engine_of
from pipeline.storage.location import output_location
from pipeline.storage.tables import TABLES, read
from tests.helpers.folders import ROOT, SHARED
from tests.helpers.spark_cluster import NEEDS_JAVA, SparkCluster, spark_cluster
from tests.helpers.traps import lay_traps, without_repository

pytestmark = [NEEDS_JAVA, pytest.mark.long]
ARTICLES, PAGES = SHARED / "data" / "fnc_train.jsonl.gz", SHARED / "data" / "pages.warc.gz"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    """Two cores a worker: one for the session that most tests share, one for the programs that some start."""
    with spark_cluster(tmp_path_factory.mktemp("cluster"), cores=2) as running, running.session("spark.cores.max=2"):
        yield running


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the local engine makes of articles and pages, to be read only."""
    out = tmp_path_factory.mktemp("local") / "out"
    run_on([str(ARTICLES), str(PAGES)], out, None, SMALL)
    return out


@pytest.fixture(scope="module")
def small_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample in many small batches, by the local engine, to be read only."""
    out = tmp_path_factory.mktemp("local") / "out"
    small = {"run": {"batch_documents": 16, "part_documents": 32}}
    clean(RunRequest([str(ROOT / "corpus")], out, settings.parse(small), 2, run_id="r"))
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


@pytest.mark.parametrize("phase", BEGUN)
def test_a_driver_killed_in_any_phase_is_resumed_by_the_same_command(
    cluster: SparkCluster, small_sample: Path, tmp_path: Path, phase: str
) -> None:
    out, config = tmp_path / "out", tmp_path / "small.toml"
    config.write_text("[run]\nbatch_documents = 16\npart_documents = 32\n\n[spark]\ndriver_matches = 0\n")
    command = [sys.executable, "-P", "-m", "copydesk", "run", str(ROOT / "corpus"), "--out", str(out)]
    command += ["--run-id", "r", "--config", str(config), "--quiet", "--engine", "spark", "--master", cluster.master]
    command += [part for each in [*cluster.conf, "spark.cores.max=2"] for part in ("--spark-conf", each)]
    driver = subprocess.Popen(command)
    while not any((out / ".staging" / "r").glob(BEGUN[phase])):
        assert driver.poll() is None
        time.sleep(SECONDS_BETWEEN_LOOKS)
    driver.kill()
    assert driver.wait() == -signal.SIGKILL
    chosen = settings.with_cluster(settings.load(config), cluster.master, cluster.conf)
    report = clean(RunRequest([str(ROOT / "corpus")], out, chosen, 2, run_id="r", engine="spark"))
    assert any(note.startswith("resumed run r: ") for note in report.notes)
    assert differing(small_sample, out) == []


#: What each night reads: also what earlier ones read, articles that are new, and copies of earlier ones.
NIGHTS = [["news"], ["news", "feeds"], ["."]]


@pytest.mark.parametrize("engines", [("local", "spark", "local"), ("spark", "local", "spark")])
def test_a_corpus_goes_from_one_engine_to_the_other_and_nobody_can_tell(
    cluster: SparkCluster, tmp_path: Path, engines: tuple[str, ...]
) -> None:
    """Executors match, against history that the local engine has written, and the other way round."""
    for out, names in (("mixed", engines), ("local", ("local",) * len(NIGHTS))):
        for number, (folders, engine) in enumerate(zip(NIGHTS, names, strict=True)):
            chosen = settings.with_cluster(settings.parse(SMALL), cluster.master, cluster.conf)
            inputs = [str(ROOT / "corpus" / each) for each in folders]
            request = RunRequest(inputs, tmp_path / out, chosen, 2, run_id=f"night-{number}", engine=engine)
            assert clean(request).run_id == f"night-{number}"
    assert differing(tmp_path / "local", tmp_path / "mixed") == []
    assert index_of(tmp_path / "mixed") == index_of(tmp_path / "local")
    again = RunRequest([str(ROOT / "corpus")], tmp_path / "mixed", settings.parse({}), 2)
    assert clean(again).run_id is None


def index_of(out: Path) -> dict[str, bytes]:
    """The files of the passage index and of the template counts, by their names."""
    found = {str(path.relative_to(out)): path.read_bytes() for path in (out / "index").rglob("*") if path.is_file()}
    assert any(name.endswith(".bin") for name in found)
    return found


def test_executors_use_the_wheel_of_an_archive_and_no_trap_beside_it(
    cluster: SparkCluster, sample_run: Path, tmp_path: Path
) -> None:
    """Neither the checkout nor the working folder of anything is on their path."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    packages = next((environment / "lib").glob("python*/site-packages"))
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))  # what we depend on, and not the checkout
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
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
        "spark.cores.max=2",
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


@pytest.mark.usefixtures("credentials")
def test_inputs_and_output_may_be_on_a_store(cluster: SparkCluster, prefix: str, tmp_path: Path) -> None:
    """Executors read the inputs there; the driver uploads what is staged in the work folder, which all of them see."""
    inputs = prefix.replace("/corpus", "/feeds")
    store = fsspec.filesystem("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    for path in sorted((ROOT / "corpus" / "feeds").rglob("*")):
        if path.is_file():
            store.put(str(path), f"{inputs}/{path.relative_to(ROOT / 'corpus' / 'feeds')}")
    given = [f"spark.executorEnv.{name}={value}" for name, value in os.environ.items() if name.startswith("AWS_")]
    options = [part for each in [*cluster.conf, *given, "spark.cores.max=2"] for part in ("--spark-conf", each)]
    config, local = tmp_path / "store.toml", tmp_path / "local"
    config.write_text(f'[store]\nwork_folder = "{tmp_path / "work"}"\n')
    command = [sys.executable, "-P", "-m", "copydesk", "run", inputs, "--out", prefix, "--run-id", "r", "--quiet"]
    command += ["--config", str(config), "--engine", "spark", "--master", cluster.master, *options]
    subprocess.run(command, check=True)
    chosen = settings.load(config)
    out = output_location(prefix, chosen.store)
    clean(RunRequest([inputs], local, chosen, 2, run_id="r"))
    for name in TABLES:
        mine, theirs = (sorted(map(repr, read(place, name, ["r"]).to_pylist())) for place in (out, local))
        assert mine == theirs, name


SESSION = """
import sys
from pyspark.sql import SparkSession
import copydesk

spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
report = copydesk.run(sys.argv[1], sys.argv[2], run_id="sample", engine="spark", spark=spark)
print(report.run_id, spark.range(3).count())
"""


def test_a_session_that_is_open_is_used_and_left_open(sample_run: Path, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SESSION)
    command = [sys.executable, str(tmp_path / "script.py"), str(ROOT / "corpus"), str(tmp_path / "out")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "sample 3\n"
    assert differing(sample_run, tmp_path / "out") == []


def kill_on_marked(task: tasks.Prepare) -> object:
    """Stands in for a page that brings its worker down in C code."""
    if any(b"KILLS" in raw for raw in task.batch.read().documents["raw"].to_pylist()):
        os.kill(os.getpid(), signal.SIGKILL)
    return REAL_PREPARE(task)


REAL_PREPARE = tasks.prepare


def sabotaged(engine: Engine) -> Engine:
    """The engine with another function in place of the task `prepare`."""
    real_map, real_call = engine.map, engine.call

    def stand_in(function: Any) -> Any:
        return kill_on_marked if function is tasks.prepare else function

    engine.map = lambda function, *rest: real_map(stand_in(function), *rest)  # type: ignore[method-assign]
    engine.call = lambda function, *rest: real_call(stand_in(function), *rest)  # type: ignore[method-assign]
    return engine


def test_a_page_that_kills_its_worker_is_a_failed_row_on_either_engine(cluster: SparkCluster, tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    for name, word in (("a", "late"), ("b", "KILLS"), ("c", "early")):
        (tmp_path / "news" / f"{name}.txt").write_text(f"The ferry to Holm was {word} today.\n\nNobody knew why.\n")
    chosen = settings.parse({"run": {"max_failed_share": 1.0, "small_bytes": 0}})
    chosen = settings.with_cluster(chosen, cluster.master, cluster.conf)
    for engine in ("local", "spark"):
        request = RunRequest([str(tmp_path / "news")], tmp_path / engine, chosen, 2, run_id="r", engine=engine)
        assert clean_folder(request, open_engine=lambda *given: sabotaged(engine_of(*given))).run_id == "r"
    assert differing(tmp_path / "local", tmp_path / "spark") == []
    rows = read(tmp_path / "spark", "ledger", ["r"]).to_pylist()
    failed = [(Path(row["source_uri"]).name, row["reason"]) for row in rows if row["action"] == "failed"]
    assert failed == [("b.txt", "worker_died")]
