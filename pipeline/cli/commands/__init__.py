"""The commands of `clean`, a module each. Importing this adds them to the application, in the order of its help."""

# isort: skip_file
from pipeline.cli.commands import run, demo, init, config
from pipeline.cli.commands import (
    explain,
    find,
    restore,
    rules,
    learn,
    export,
    report,
    runs,
    diff,
    forget,
    delete,
    verify,
)

__all__ = [
    "config",
    "delete",
    "demo",
    "diff",
    "explain",
    "export",
    "find",
    "forget",
    "init",
    "learn",
    "report",
    "restore",
    "rules",
    "run",
    "runs",
    "verify",
]
