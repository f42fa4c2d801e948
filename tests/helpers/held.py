"""A program that goes no further than a run's prepared tables, however busy the machine is, and says so by a file."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

#: Comes before the code of a program. It makes the file `held` in the working folder, and then waits to be stopped.
HOLD = """
import signal, sys, time
from pathlib import Path

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored where the tests run under nohup

def hold(event, arguments):
    if event == "os.mkdir" and str(arguments[0]).endswith("index/templates"):
        Path("held").touch()
        time.sleep(600)

sys.addaudithook(hold)
"""


def wait_until_held(process: subprocess.Popen[Any], folder: Path) -> None:
    """Wait until a program that begins with HOLD, started in a folder, has come so far."""
    while not (folder / "held").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
