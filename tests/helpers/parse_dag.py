"""Run by the Python of an Airflow environment: `parse_dag.py FOLDER` prints what Airflow makes of the DAGs there."""

import importlib
import json
import sys
from pathlib import Path


def judged(module: object, exit_code: int) -> str:
    """What becomes of an exit code: "done", or the name of the exception."""
    try:
        module.judge(exit_code)  # type: ignore[attr-defined]
    except Exception as error:
        return type(error).__name__
    return "done"


def main(folder: Path) -> None:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(folder))
    sys.path.insert(0, str(folder))
    module = importlib.import_module("copydesk_nightly")
    dags = {
        dag.dag_id: {
            "tasks": {task.task_id: {"kwargs": task.op_kwargs, "retries": task.retries} for task in dag.tasks},
            "interval": type(dag.timetable).__name__,
            "max_active_runs": dag.max_active_runs,
        }
        for dag in bag.dags.values()
    }
    codes = {code: judged(module, code) for code in (0, 1, 2, 3, 4, 70, 130, -9)}
    print(
        "\n"
        + json.dumps({"errors": {str(k): str(v) for k, v in bag.import_errors.items()}, "dags": dags, "codes": codes})
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
