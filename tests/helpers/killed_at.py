"""`clean run --again` that kills itself, with SIGKILL, at one of its operations on files of the output folder.

python tests/helpers/killed_at.py INPUT RUN_ID

Each line on standard input, a number and an output folder, is done by a process of its own; 0 is never. For each it
prints the exit status, how many operations there were, and how many when the new generation was ready.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from pipeline import settings
from pipeline.api import RunRequest, clean

OTHER = settings.parse({"evidence": {"line_model": False}, "noise": {"keep": ["byline"]}})
#: `open` stands for fsyncs too, and so for the moment after each exchange of folders, which has no event of its own.
EVENTS = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link")


class Killer:
    """Counts operations on files below a folder, and ends the process at one of them."""

    def __init__(self, folder: str, at: int) -> None:
        self.folder, self.at, self.seen, self.ready = folder, at, 0, 0

    def on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in EVENTS or not str(arguments[0]).startswith(self.folder):
            return
        self.seen += 1
        if event == "os.rename" and str(arguments[1]).endswith(".again/.ready"):
            self.ready = self.seen
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def clean_in_child(source: str, run_id: str, at: int, out: str) -> None:
    """Clean again in a forked process, which spares the imports, until it is killed."""
    child = os.fork()
    if child:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        return
    killer = Killer(out, at)
    sys.addaudithook(killer.on_event)
    clean(RunRequest([source], Path(out), OTHER, workers=1, run_id=run_id, again=True))
    print(killer.seen, killer.ready, end=" ", flush=True)
    os._exit(0)


def main() -> None:
    """Do what standard input says."""
    for line in sys.stdin:
        at, out = line.split(maxsplit=1)
        clean_in_child(*sys.argv[1:], int(at), out.strip())


if __name__ == "__main__":
    main()
