"""Fixtures of all tests, and a visible skip where the labelled data are missing."""

import gc
import os
import shutil
from itertools import islice
from pathlib import Path

import hypothesis
import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean
from tests.helpers.examples import LONG, SHORT
from tests.helpers.folders import ROOT, SHARED
from tests.helpers.hostile_texts import write_articles
from tests.helpers.made_once import made_once
from tests.helpers.s3_server import credentials, prefix, proxy, s3_server  # noqa: F401 - fixtures
from tests.helpers.spark_cluster import QUICK_JAVA

# Machines are noisy: no example has a deadline. CI tries the same examples every time, so that it cannot fail by luck.
for profile, number in (("copydesk", SHORT), ("long", LONG)):  # the second is for `make test-long`
    hypothesis.settings.register_profile(profile, max_examples=number, deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("copydesk")

#: A run calls fsync 100 times: on a disk that others use too, 7 ms each (the run's own work takes 200 ms), in memory
#: nothing. The calls are made all the same. The largest test writes 300 MB, and what a test wrote is removed after it.
IN_MEMORY, NEEDED_BYTES = Path("/dev/shm"), 4_000_000_000

if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > NEEDED_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))
# Programs that tests start keep the bytecode of the project's 440 modules: compiling them takes half a second.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Sessions of Spark that a test opens by itself get the quick Java of the cluster's: a third less processor time.
os.environ.setdefault("PYSPARK_SUBMIT_ARGS", f"--driver-java-options '{QUICK_JAVA}' pyspark-shell")
os.environ.setdefault("SPARK_LAUNCHER_OPTS", QUICK_JAVA)  # of the Java that finds out how to start Java
# Threads of OpenMP (scikit-learn's) spin while they wait for one another: on busy cores that is most of what they do.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What is imported and collected stays: the collector of the test process looks for circles less often.
gc.set_threshold(10_000)


#: Modules whose tests take 20 s and more together, the longest first. Each process begins with some of them: left to
#: the alphabet, one process had nearly all, and the others had nothing left for the last minute. The recipes are where
#: they are because the one of Spark then finds the Java that the module of the cluster started (in three processes).
SLOW = (
    "engines/test_spark_cluster", "runs/test_remote", "engines/test_engine", "repository/test_recipes",
    "repository/test_wheel", "sources/test_hostile", "runs/test_kill", "runs/test_run", "passages/test_history",
    "spark/test_matching", "repository/test_gold", "repository/test_bench", "reports/test_report_in_a_browser",
    "runs/test_power_cut", "runs/test_kill_one", "docs/test_site_in_a_browser", "passages/test_again",
    "native/test_build",
)  # fmt: skip


@pytest.hookimpl(trylast=True)  # once tests that are not wanted are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason=f"needs the labelled data in {SHARED}")
    for item in items:
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(missing)
    items[:] = slow_ones_first(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def slow_ones_first(items: list[pytest.Item], processes: int) -> list[pytest.Item]:
    """Put slow modules at the front of what each process is given to begin with: an equal share, cut from the list."""
    modules: dict[str, list[pytest.Item]] = {name: [] for name in (*SLOW, "")}
    for item in items:
        module = item.path.with_suffix("").as_posix()
        modules[next((name for name in SLOW if module.endswith(f"/{name}")), "")].append(item)
    others = iter(modules.pop(""))
    share, rest = divmod(len(items), processes)
    ordered: list[pytest.Item] = []
    for number in range(processes):
        slow = [item for name in SLOW[number::processes] for item in modules[name]]
        ordered += [*slow, *islice(others, max(0, share + (number < rest) - len(slow)))]
    return [*ordered, *others]


@pytest.fixture(scope="session")
def shared() -> Path:
    return SHARED


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden from what the code does now")


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of one run over the sample corpus, to be read only."""

    def make(folder: Path) -> None:
        clean(RunRequest([str(ROOT / "corpus")], folder / "out", settings.parse({}), workers=2, run_id="sample"))

    return made_once(tmp_path_factory, "sample", make) / "out"


@pytest.fixture(scope="session")
def hostile_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of one run over the hostile articles (tests/cases/hostile_texts.toml), to be read only."""

    def make(folder: Path) -> None:
        articles = write_articles(folder / "in" / "articles.jsonl")
        chosen = settings.parse({"run": {"max_failed_share": 1.0}})
        clean(RunRequest([str(articles)], folder / "out", chosen, workers=1, run_id="hostile"))

    return made_once(tmp_path_factory, "hostile", make) / "out"
