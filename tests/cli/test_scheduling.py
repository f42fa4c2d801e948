"""What a scheduler needs of `clean run`: windows of time, logs, metrics, exit codes, trends; the files in config/."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline import settings, sources
from pipeline.api import RunReport, RunRequest
from pipeline.api import clean as clean_run
from pipeline.cli import app, json_log, prometheus
from pipeline.errors import UserError
from pipeline.reports import run_history
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import read
from pipeline.tally import Tally
from tests.helpers.command import clean

STORY = "The ferry to Holm sails again from {day}, the harbour office said after nine days of storm."
DAYS = ("2026-03-01T22:00:00Z", "2026-03-02T00:00:00Z", "2026-03-02T23:59:59+01:00", "2026-03-03", None)


def crawl(folder: Path) -> Path:
    path = folder / "crawl.jsonl"
    lines = [
        {"id": str(at), "outlet": "holm", "text": STORY.format(day=at), "published": day} for at, day in enumerate(DAYS)
    ]
    path.write_text("".join(json.dumps({k: v for k, v in line.items() if v}) + "\n" for line in lines))
    return path


def night(path: Path, out: Path, since: str | None, until: str | None) -> RunReport:
    return clean_run(RunRequest([str(path)], out, settings.parse({}), 1, window=sources.window_of(since, until)))


# ---------------------------------------------------------------- windows


def test_a_window_takes_what_lies_in_it_and_undated_documents_and_names_the_others(tmp_path: Path) -> None:
    path, out = crawl(tmp_path), tmp_path / "out"
    first = night(path, out, None, "2026-03-02")
    assert (first.tally.documents_out, first.tally.rows["source", "skipped", "outside_window"]) == (2, 3)
    second = night(path, out, "2026-03-02", "2026-03-03")
    assert (second.tally.documents_out, second.tally.rows["source", "skipped", "already_published"]) == (2, 1)
    assert night(path, out, "2026-03-02", "2026-03-03").run_id is None
    third = night(path, out, None, None)
    assert third.tally.documents_out == 1
    assert night(path, out, "2026-03-01", "2026-03-09").run_id is None  # the run without a window read all there is
    ids = Counter(read(out, "documents", OutputFolder(out).runs(), ["source_id"])["source_id"].to_pylist())
    assert ids == Counter({str(at): 1 for at in range(len(DAYS))})


def test_a_skipped_document_says_its_time_and_the_window() -> None:
    window = sources.window_of("2026-03-02", None)
    document = sources.RawDocument(
        *("id", None, "a.jsonl:1", "holm", None, None, None, (), datetime(2026, 3, 1, 22, tzinfo=UTC), None),
        *(None, (), "text", None, b"", ""),
    )
    problem = window.look_at(document)
    assert isinstance(problem, sources.Problem)
    assert (problem.action, problem.reason, problem.before) == (
        "skipped",
        "outside_window",
        "2026-03-01T22:00:00+00:00",
    )
    assert problem.after == "since 2026-03-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [
        ("yesterday", None, "neither a date nor a time"),
        ("2026-02-30", None, "day is out of range"),
        ("2026-03-02T06:00", None, "a time needs its zone. Try: 2026-03-02T06:00Z"),
        ("2026-03-02", "2026-03-02", "no document can lie between them"),
        ("2026-03-03", "2026-03-02", "is not before --until"),
    ],
)
def test_a_window_that_cannot_be_meant_is_refused_with_a_hint(since: str, until: str | None, told: str) -> None:
    with pytest.raises(UserError, match=re.escape(told)):
        sources.window_of(since, until)


# ---------------------------------------------------------------- logs and metrics


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a run and, after it, a run with a wrong input say: exit codes, log lines, output, metrics."""
    folder = tmp_path_factory.mktemp("told")
    path, prom = crawl(folder), folder / "metrics" / "copydesk.prom"
    program = [sys.executable, "-c", "from pipeline.cli import main; main()", "run"]
    options = ["--out", str(folder / "out"), "--workers", "1", "--log-format", "json", "--metrics", str(prom)]
    found: dict[str, Any] = {"out": str(folder / "out")}
    for name, given in (("good", path), ("bad", folder / "nowhere.jsonl")):
        done = subprocess.run([*program, str(given), *options], text=True, capture_output=True, check=False)
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        found[name] = {"code": done.returncode, "lines": lines, "stdout": done.stdout, "metrics": prom.read_text()}
    return found


def values(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """The samples of a text that Prometheus' own parser reads, without the label that all have."""
    return {
        (
            sample.name.removeprefix(prometheus.PREFIX),
            tuple(v for v in sorted(sample.labels.items()) if v[0] != "corpus"),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_line_of_a_json_log_is_an_object_that_says_when_what_and_of_which_run(told: dict[str, Any]) -> None:
    lines = told["good"]["lines"]
    assert told["good"]["code"] == 0
    assert told["good"]["stdout"] == ""
    assert lines[0]["event"] == "run_started"
    assert {line["phase"] for line in lines if line["event"] == "progress"} >= {"prepare", "clean", "finish"}
    end = lines[-1]
    assert (end["event"], end["published"], end["counts"]["documents_out"]) == ("run_finished", True, len(DAYS))
    for line in lines:
        assert {"time", "level", "event", "run_id", "seconds"} <= line.keys()
        assert datetime.fromisoformat(line["time"]).tzinfo is not None
        assert line["run_id"] == end["run_id"]


def test_an_error_is_one_line_of_the_json_log_with_its_exit_code(told: dict[str, Any]) -> None:
    (line,) = told["bad"]["lines"]
    assert told["bad"]["code"] == line["exit_code"] == 2
    assert (line["level"], line["event"]) == ("error", "run_failed")
    assert "there is no such file" in line["message"]


def test_metrics_are_what_prometheus_reads_and_count_what_the_run_did(told: dict[str, Any]) -> None:
    found = values(told["good"]["metrics"])
    assert found["exit_code", ()] == 0
    assert found["published", ()] == 1
    assert found["documents", (("state", "out"),)] == len(DAYS)
    assert found["documents", (("state", "failed"),)] == 0
    assert found["phase_seconds", (("phase", "clean"),)] > 0
    assert found["last_success_timestamp_seconds", ()] == found["end_timestamp_seconds", ()]
    corpora = {s.labels["corpus"] for f in text_string_to_metric_families(told["good"]["metrics"]) for s in f.samples}
    assert corpora == {told["out"]}


def test_metrics_of_a_failed_run_keep_the_time_of_the_last_success_and_no_old_counts(told: dict[str, Any]) -> None:
    before, after = values(told["good"]["metrics"]), values(told["bad"]["metrics"])
    assert after["exit_code", ()] == 2
    assert after["published", ()] == 0
    assert after["last_success_timestamp_seconds", ()] == before["last_success_timestamp_seconds", ()]
    assert after["end_timestamp_seconds", ()] > before["end_timestamp_seconds", ()]
    assert not [name for name, _ in after if name in ("documents", "ledger_rows", "words")]


def test_a_refused_run_counts_what_it_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "crawl.jsonl"
    path.write_text(json.dumps({"outlet": "holm", "text": STORY}) + "\n" + "no json\n" * 3)
    prom = tmp_path / "copydesk.prom"
    options = ["--out", str(tmp_path / "out"), "--workers", "1", "--log-format", "json", "--metrics", str(prom)]
    assert clean("run", str(path), *options) == 1
    found = values(prom.read_text())
    assert (found["exit_code", ()], found["published", ()], found["documents", (("state", "failed"),)]) == (1, 0, 3)
    end = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (end["event"], end["counts"]["ledger"][0]["reason"]) == ("run_failed", "malformed")


def test_metrics_survive_any_name_of_a_corpus(tmp_path: Path) -> None:
    name = 'out "new"\\\nand {more}'
    tally = Tally(documents_in=3, documents_out=2)
    tally.rows["noise", "cut", "nav"] = 7
    path = tmp_path / "copydesk.prom"
    for ended in (100.0, 200.0):
        prometheus.write(
            path, prometheus.Ending(name, 0 if ended < 150 else 1, ended, 1.5, {}, RunReport("r", tmp_path, tally))
        )
    found = values(path.read_text())
    assert found["last_success_timestamp_seconds", ()] == 100.0
    assert found["ledger_rows", (("action", "cut"), ("reason", "nav"), ("stage", "noise"))] == 7
    assert [each.name for each in tmp_path.iterdir()] == ["copydesk.prom"]


def test_a_place_where_metrics_cannot_be_written_is_told_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    where = tmp_path / "file" / "copydesk.prom"
    assert clean("run", str(crawl(tmp_path)), "--out", str(tmp_path / "out"), "--metrics", str(where)) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_json_log_tells_progress_when_a_phase_begins_ends_and_now_and_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    time = iter(range(1000))
    log = json_log.JsonLog(clock=lambda: float(next(time)) * 3)
    for done in range(12):
        log.progress("clean", done, 11)
    log.progress("finish", 0, 2)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert lines[0]["done"] == 0
    assert (lines[-2]["done"], lines[-1]["phase"]) == (11, "finish")
    assert 3 < len(lines) < 10


# ---------------------------------------------------------------- clean runs


def manifest(documents: int, failed: int = 0, seconds: float = 60.0) -> dict[str, Any]:
    ledger = [{"stage": "extract", "action": "failed", "reason": "no_text", "rows": failed, "words": 0}]
    counts = {"documents_in": documents, "documents_out": documents - failed, "words_in": 9000, "ledger": ledger}
    return {"counts": counts, "seconds": seconds}


def test_a_night_is_compared_with_the_median_of_those_before_it() -> None:
    nights = [manifest(1000), manifest(1010), manifest(990), manifest(1000, failed=200), manifest(400, seconds=300.0)]
    found = run_history.trends(nights)
    assert {trend.arrow for trend in found[2].values()} == {" "}  # too few before it
    assert (found[3]["failed_share"].arrow, found[3]["documents"].arrow) == ("↑", "→")
    assert (found[4]["documents"].arrow, found[4]["seconds"].arrow) == ("↓", "↑")


# ---------------------------------------------------------------- the files in config/


def options_of_run() -> set[str]:
    import typer.main

    group = typer.main.get_command(app)
    return {name for each in group.commands["run"].params for name in each.opts}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name", ["systemd/copydesk.service", "cron/copydesk", "airflow/copydesk_nightly.py", "nightly.toml"]
)
def test_files_for_schedulers_use_options_that_clean_run_has(repository: Path, name: str) -> None:
    text = (repository / "config" / name).read_text(encoding="utf-8")
    used = set(
        re.findall(r"(?<![\w-])--[a-z][a-z-]+", "\n".join(line for line in text.splitlines() if "logger" not in line))
    )
    assert used
    assert used <= options_of_run()


def test_the_nightly_settings_are_settings_and_stricter_than_the_defaults(repository: Path) -> None:
    nightly = settings.load(repository / "config" / "nightly.toml")
    assert nightly.run.max_failed_share < settings.parse({}).run.max_failed_share
    assert settings.as_toml(nightly)


def test_systemd_takes_the_units_and_finds_them_safe(repository: Path, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("needs systemd-analyze (Debian: apt-get install systemd)")
    for unit in (repository / "config" / "systemd").iterdir():
        text = unit.read_text(encoding="utf-8").replace("/opt/copydesk/bin/clean", shutil.which("true") or "/bin/true")
        (tmp_path / unit.name).write_text(text.replace("/usr/bin/logger", shutil.which("true") or "/bin/true"))
    units = [str(tmp_path / name) for name in ("copydesk.service", "copydesk.timer")]
    verified = subprocess.run([analyze, "verify", "--man=no", *units], text=True, capture_output=True, check=False)
    assert verified.returncode == 0, verified.stderr
    assert [line for line in verified.stderr.splitlines() if str(tmp_path) in line or "copydesk" in line] == []
    command = [analyze, "security", "--offline=true", "--threshold=25", "--no-pager", units[0]]
    judged = subprocess.run(command, text=True, capture_output=True, check=False)
    assert judged.returncode == 0, judged.stdout.splitlines()[-1]


@pytest.mark.parametrize("given", ["crawl.jsonl", "nowhere.jsonl"])
def test_the_line_of_cron_runs_logs_and_prints_only_what_must_be_mailed(
    repository: Path, tmp_path: Path, given: str
) -> None:
    text = (repository / "config" / "cron" / "copydesk").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    *variables, job = lines
    assert re.fullmatch(r"(\S+ ){5}copydesk .*", job)
    script = tmp_path / "clean"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from pipeline.cli import main; main()" "$@"\n')
    script.chmod(0o755)
    crawl(tmp_path)
    ours = {
        "CLEAN": str(script), "INPUT": str(tmp_path / given), "OUT": str(tmp_path / "out"),
        "LOG": str(tmp_path / "log"), "SETTINGS": str(repository / "config" / "nightly.toml"),
        "METRICS": str(tmp_path / "copydesk.prom"),
    }  # fmt: skip
    assert {line.partition("=")[0] for line in variables} == {*ours, "SHELL", "MAILTO"}
    command = job.split(" ", 6)[6].replace(r"\%", "%")  # cron gives the shell "%" for "\%", and a line break for "%"
    environment = {**os.environ, **ours, "PYTHONPATH": str(repository)}
    done = subprocess.run(["/bin/sh", "-c", command], text=True, capture_output=True, check=False, env=environment)
    logged = [json.loads(line)["event"] for line in (tmp_path / "log").read_text().splitlines()]
    if given == "crawl.jsonl":
        assert (done.stdout, logged[-1]) == ("", "run_finished")
    else:
        assert "exit code 2" in done.stdout
        assert logged == ["run_failed"]
    assert (tmp_path / "copydesk.prom").exists()


def test_the_dag_knows_every_exit_code_that_can_be_tried_again(repository: Path) -> None:
    tree = ast.parse((repository / "config" / "airflow" / "copydesk_nightly.py").read_text(encoding="utf-8"))
    (codes,) = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "WORTH_ANOTHER_TRY"
    ]
    documented = (repository / "docs" / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|.*\| (yes|no)[^|]* \|$", documented, re.MULTILINE)
    assert {int(code) for code, again in rows if again == "yes"} == set(codes)


@pytest.mark.long
def test_airflow_parses_the_dag_in_an_environment_of_its_own(repository: Path, tmp_path: Path) -> None:
    python = os.environ.get("COPYDESK_AIRFLOW_PYTHON", str(tmp_path / "airflow" / "bin" / "python"))
    if not Path(python).exists():
        subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "airflow")], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "apache-airflow>=3,<4"], check=True)
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python, str(repository / "tests" / "helpers" / "parse_dag.py"), str(repository / "config" / "airflow")]
    done = subprocess.run(command, text=True, capture_output=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["errors"] == {}
    dag = found["dags"]["copydesk_nightly"]
    assert (dag["interval"], dag["max_active_runs"]) == ("CronDataIntervalTimetable", 1)
    window = {"since": "{{ data_interval_start.isoformat() }}", "until": "{{ data_interval_end.isoformat() }}"}
    assert dag["tasks"] == {"clean": {"kwargs": window, "retries": 4}}
    again, never = "AirflowException", "AirflowFailException"
    codes = {0: "done", 1: never, 2: never, 3: again, 4: again, 70: never, 130: again, -9: again}
    assert found["codes"] == {str(code): what for code, what in codes.items()}
