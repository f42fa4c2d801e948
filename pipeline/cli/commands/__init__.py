"""The commands of `clean`, a module each. Importing this adds them to the application, in the order of its help."""

# isort: skip_file
from pipeline.cli.commands import demo, init, run  # begin
from pipeline.cli.commands import report, find, explain, why, restore  # look
from pipeline.cli.commands import export  # go on with it
from pipeline.cli.commands import config, rules, learn, diff  # tune
from pipeline.cli.commands import runs, verify, delete, forget  # look after it

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
