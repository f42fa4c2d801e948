"""The commands of `clean`, a module each. Importing this adds them to the application, in the order of its help."""

# isort: skip_file
from pipeline.cli.commands import run, config, init, restore, explain, rules, learn
from pipeline.cli.commands import export, report, runs, find, diff, forget, verify

__all__ = [
    "config",
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
