"""Run copydesk every night, as an Airflow 3 DAG: put it into the DAGs folder; see docs/how-to/nightly.md.

A DAG run cleans the documents of its data interval, so missed nights are caught up in order. Exit codes that may pass
with time are retried; a refusal fails at once, because a person has to look.
"""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.timetables.interval import CronDataIntervalTimetable

CLEAN = os.environ.get("COPYDESK_CLEAN", "/opt/copydesk/bin/clean")
INPUT = os.environ.get("COPYDESK_INPUT", "/srv/crawl")
OUT = os.environ.get("COPYDESK_OUT", "/srv/corpus")
SETTINGS = os.environ.get("COPYDESK_SETTINGS", "/etc/copydesk/nightly.toml")

#: Another run holds the lock; the store does not answer; interrupted. A kill by a signal gives a negative code.
WORTH_ANOTHER_TRY = (3, 4, 130)


def judge(exit_code: int) -> None:
    """Raise the exception that makes Airflow retry or fail on an exit code of `clean run`."""
    if exit_code == 0:
        return
    if exit_code in WORTH_ANOTHER_TRY or exit_code < 0:
        raise AirflowException(f"clean run exited with {exit_code}: Airflow retries it.")
    raise AirflowFailException(f"clean run exited with {exit_code}: not retried, see the log above.")


@dag(
    dag_id="copydesk_nightly",
    # Not a plain cron string: that has no data interval in Airflow 3, and every night's window would be empty.
    schedule=CronDataIntervalTimetable("30 2 * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=True,
    max_active_runs=1,
    default_args={"depends_on_past": True, "retries": 4, "retry_delay": timedelta(minutes=30)},
    tags=["copydesk"],
)
def copydesk_nightly() -> None:
    """Clean each night's news into the corpus."""

    @task(execution_timeout=timedelta(hours=8))
    def clean(since: str, until: str) -> None:
        """Run `clean run` over the documents from `since` on and before `until`."""
        options = ["--config", SETTINGS, "--since", since, "--until", until, "--wait", "3600", "--log-format", "json"]
        judge(subprocess.run([CLEAN, "run", INPUT, "--out", OUT, *options], check=False).returncode)

    clean(since="{{ data_interval_start.isoformat() }}", until="{{ data_interval_end.isoformat() }}")


copydesk_nightly()
