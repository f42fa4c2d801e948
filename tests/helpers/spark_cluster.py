"""A standalone cluster of Spark on loopback, from the files that pip installs: a master, two workers, their executors.

Each is a process of its own. All of them are killed when the block is left, or when the tests are killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline import settings
from pipeline.engines.spark.engine import SparkEngine
from pipeline.settings import with_cluster

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Without Java the tests of the engine for Spark are skipped, visibly.
NEEDS_JAVA = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17 or newer, and there is none")
SECONDS_TO_START = 120.0
LOOPBACK = "127.0.0.1"
#: Starts a program, and kills it with all that it started when our end of its standard input is closed.
KILLED_WITH_US = '"$0" "$@" & read _; kill -KILL 0'
#: Java compiles each method once and quickly: of a small run, the time that all processes took fell from 52 s to 33 s.
QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@dataclass
class SparkCluster:
    """A running cluster; `workers` are processes of Java, each of which starts its executors itself."""

    folder: Path
    port: int
    environment: dict[str, str]
    executor_memory: str = "512m"
    java: str = QUICK_JAVA
    cores: int = 1
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def master(self) -> str:
        return f"spark://{LOOPBACK}:{self.port}"

    @property
    def conf(self) -> list[str]:
        """What a program on this machine tells Spark to be reached by the executors."""
        hosts = [f"spark.driver.host={LOOPBACK}", f"spark.driver.bindAddress={LOOPBACK}"]
        java = [f"spark.{each}.extraJavaOptions={self.java}" for each in ("driver", "executor")]
        memory = ["spark.driver.memory=512m", f"spark.executor.memory={self.executor_memory}"]
        return [*hosts, *java, *memory, "spark.ui.enabled=false"]

    @contextmanager
    def session(self, *conf: str) -> Iterator[SparkSession]:
        """Hold a session open, which all runs of this process use meanwhile, with the same executors."""
        patient = settings.parse({"spark": {"start_seconds": 10 * SECONDS_TO_START}})
        chosen = with_cluster(patient, self.master, [*self.conf, *conf])
        with SparkEngine(chosen) as engine:
            yield engine.cluster.session

    def start_worker(self) -> subprocess.Popen[bytes]:
        name = f"worker-{len(self.workers)}"
        command = ["org.apache.spark.deploy.worker.Worker", "--host", LOOPBACK, "--memory", "2g"]
        work = self.folder / name
        work.mkdir()
        options = ["--cores", str(self.cores), "--work-dir", str(work), "--webui-port", str(free_port()), self.master]
        worker = self.start(name, [*command, *options])
        self.workers.append(worker)
        wait_until(lambda: "Successfully registered with master" in self.log(name), f"{name}: {self.log(name)[-2000:]}")
        return worker

    def start_missing_workers(self, number: int = 2) -> None:
        """Start as many workers as were killed of so many; a test that kills one leaves that to the next, if any."""
        for _ in range(number - sum(worker.poll() is None for worker in self.workers)):
            self.start_worker()

    def start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        program = Path(self.environment["SPARK_HOME"]) / "bin" / "spark-class"
        with (self.folder / f"{name}.log").open("wb") as log:
            started = subprocess.Popen(
                ["sh", "-c", KILLED_WITH_US, str(program), *command],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(started)
        return started

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def kill_worker(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill a worker with its executors at once, as when its machine goes down."""
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as server:
        return int(server.getsockname()[1])


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.1)


def spark_home() -> str:
    found = find_spec("pyspark")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).parent)


@contextmanager
def spark_cluster(folder: Path, workers: int = 2, cores: int = 1, **executors: str) -> Iterator[SparkCluster]:
    """Start a cluster; `executors` may set `executor_memory` and `java`."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {
        "SPARK_HOME": spark_home(),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": QUICK_JAVA,
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_WORKER_OPTS": "-Dspark.worker.cleanup.enabled=false",
    }
    cluster = SparkCluster(folder, free_port(), environment, cores=cores, **executors)
    try:
        options = ["--host", LOOPBACK, "--port", str(cluster.port), "--webui-port", str(free_port())]
        cluster.start("master", ["org.apache.spark.deploy.master.Master", *options])
        wait_until(lambda: "I have been elected leader" in cluster.log("master"), "the master did not start")
        for _ in range(workers):
            cluster.start_worker()
        yield cluster
    finally:
        for each in cluster.processes:
            with suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL)
            each.wait()
