"""The commands of `clean`, a module each. Importing this adds them to the application, in the order of its help."""

# isort: skip_file
from pipeline.cli.commands import run, demo, init, config
from pipeline.cli.commands import explain, restore, rules, learn, export, runs, diff, forget, verify

__all__ = [
    "config",
    "demo",
    "diff",
    "explain",
    "export",
    "forget",
    "init",
    "learn",
    "restore",
    "rules",
    "run",
    "runs",
    "verify",
]
