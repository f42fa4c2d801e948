"""The commands of `clean`, a module each. Importing this adds them to the application, in the order of its help."""

# isort: skip_file
from pipeline.cli.commands import run, demo, config, init, restore, explain, rules, learn
from pipeline.cli.commands import export, report, runs, find, why, diff, forget, delete, verify

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
    "why",
]
