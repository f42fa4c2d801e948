"""A run in slow motion, for tests that kill it: it writes down which phase it is in, and lingers where it is quick.

python tests/helpers/slow_motion.py PHASE_FILE INPUT OUT RUN_ID SETTINGS

It learns of the phases as any caller of `pipeline.api.clean` does, and of what lies between them from Python's audit
events for file operations.
"""

import sys
import time
from pathlib import Path
from typing import Any

from pipeline.api import RunRequest, clean
from pipeline.api import settings as settings_from

LINGER = 0.2  # seconds in each step that is over in no time


class SlowMotion:
    """Writes down the phase that has begun, and lingers in it."""

    def __init__(self, phase_file: Path) -> None:
        self.phase_file = phase_file
        self.staging = ""

    def enter(self, phase: str, linger: float = LINGER) -> None:
        self.phase_file.write_text(phase)
        time.sleep(linger)

    def on_start(self, run_id: str) -> None:
        self.staging = f".staging/{run_id}"
        self.enter("begin")

    def progress(self, phase: str, done: int, total: int | None) -> None:
        if done == 0 and phase in ("prepare", "clean", "resolve", "finish"):
            self.enter(phase, LINGER if phase == "resolve" else 0)
        elif phase == "finish" and done == total:
            self.enter("seal")

    def on_file_operation(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.staging or event not in ("os.mkdir", "os.rename", "shutil.rmtree"):
            return
        path = str(arguments[0])
        if event == "os.mkdir" and path.endswith(f"{self.staging}/index/templates"):
            self.enter("learn")
        elif event == "os.rename" and self.staging in path and ".staging" not in str(arguments[1]):
            self.enter("publish")
        elif event == "shutil.rmtree" and path.endswith(self.staging):
            self.enter("tidy")


def main() -> None:
    """Run in slow motion."""
    phase_file, source, out, run_id, settings = sys.argv[1:]
    slow = SlowMotion(Path(phase_file))
    sys.addaudithook(slow.on_file_operation)
    request = RunRequest([source], Path(out), settings_from(file=settings), workers=2, run_id=run_id)
    clean(request, slow.progress, slow.on_start)


if __name__ == "__main__":
    main()
