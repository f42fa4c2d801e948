"""The engine for Spark, without a cluster: messages of what is missing."""

from __future__ import annotations

import platform
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import __version__
from pipeline.engines.spark import java
from pipeline.engines.spark.cluster import refuse_greetings
from pipeline.engines.spark.executor import Greeting
from pipeline.errors import UserError
from tests.helpers.command import clean as command
from tests.helpers.spark_cluster import NEEDS_JAVA, free_port

GREETING = Greeting("one", __version__, platform.python_version(), None, None)


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
