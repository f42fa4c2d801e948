"""The command line: the command `clean`, its progress, its logs, its metrics and its summary."""

from pipeline.cli.commands import app, main

__all__ = ["app", "main"]
