"""Programs for tests that stop them: one goes no further than a run's prepared tables, however busy the machine is."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

#: Comes before the code of a program that is to be stopped. Where the tests run under nohup, or in the background of a
#: script, they and what they start ignore hanging up or Ctrl-C.
HEEDS_SIGNALS = """
import signal

signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
"""
#: Comes before the code of a program. It makes the file `held` in the working folder, and then waits to be stopped.
HOLD = f"""{HEEDS_SIGNALS}
import sys, time
from pathlib import Path

def hold(event, arguments):
    if event == "os.mkdir" and str(arguments[0]).endswith("index/templates"):
        Path("held").touch()
        for _ in range(6000):  # a signal right before a sleep does not end it
            time.sleep(0.1)

sys.addaudithook(hold)
"""


def wait_until_held(process: subprocess.Popen[Any], folder: Path) -> None:
    """Wait until a program that begins with HOLD, started in a folder, has come so far."""
    while not (folder / "held").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
