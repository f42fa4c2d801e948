"""`clean`, called in the process of a test."""

import sys

import pytest

from pipeline.cli import main


def clean(*arguments: str) -> int:
    """The exit code of `clean` with these arguments."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["clean", *arguments])
        try:
            main()
        except SystemExit as left:
            return int(left.code or 0)
    return 0
