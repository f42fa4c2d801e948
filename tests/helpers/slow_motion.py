"""`clean` in slow motion, for tests that kill it: it says what phase it is in, and lingers where it is quick.

python tests/helpers/slow_motion.py PHASE_FILE run …
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline import cli
from pipeline.runs import phases
from pipeline.storage.folder_lock import Lock
from pipeline.storage.output_folder import OutputFolder

LINGER = 0.2  # seconds in each step that is over in no time


def slowed(tell: Callable[[str], Any], phase: str, function: Callable[..., Any], linger: float) -> Callable[..., Any]:
    """A function that says what phase has begun, and takes its time."""

    def slow(*arguments: Any, **options: Any) -> Any:
        tell(phase)
        time.sleep(linger)
        return function(*arguments, **options)

    return slow


def main() -> None:
    """Slow down the steps of a run, and run it."""
    tell = Path(sys.argv[1]).write_text  # the phase that has begun
    steps: list[tuple[Any, str, str, float]] = [
        (OutputFolder, "stage", "begin", LINGER),
        (phases._Run, "prepare", "prepare", 0),
        (phases._Run, "learn", "learn", LINGER),
        (phases._Run, "index", "resolve", LINGER),
        (OutputFolder, "seal", "seal", LINGER),
        (OutputFolder, "_move", "publish", LINGER),
        (Lock, "check", "publish", LINGER),
        (OutputFolder, "discard", "tidy", LINGER),
    ]
    for owner, name, phase, linger in steps:
        setattr(owner, name, slowed(tell, phase, getattr(owner, name), linger))
    map_whole = phases._Run.map_whole

    def told(self: Any, phase: str, *arguments: Any) -> Any:
        tell(phase)
        done = map_whole(self, phase, *arguments)
        tell("resolve" if phase == "clean" else "seal")
        return done

    phases._Run.map_whole = told  # type: ignore[method-assign]
    sys.argv = ["clean", *sys.argv[2:]]
    cli.main()


if __name__ == "__main__":
    main()
