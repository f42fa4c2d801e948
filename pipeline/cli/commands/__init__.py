"""The commands of `clean`, a module each. Importing this adds them to the application, in the order of its help."""

# isort: skip_file
from pipeline.cli.commands import run, config, init, restore, explain, rules, learn, export, runs, diff, forget, verify

__all__ = [
    "config",
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
