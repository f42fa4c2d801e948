"""The command line: the command `clean`, its progress, its logs, its metrics and its summary."""

from pipeline.cli import commands
from pipeline.cli.application import app, main

__all__ = ["app", "commands", "main"]
