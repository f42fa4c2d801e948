"""Ctrl-C: one line and exit code 130 at any moment, and no traceback.

A command is left at once while it only loads code; once it works, KeyboardInterrupt lets it tidy up and log. Leaving at
once is as safe as `kill -9`, which every run survives: workers end with their main process, nothing is half written.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing takes long to import
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any, NoReturn

#: The exit code for Ctrl-C, stopped services and closed terminals.
INTERRUPTED = 130
#: Ctrl-C; a service that is stopped; a terminal that is closed.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LINE = "clean: interrupted."
#: For a terminal on which a progress bar is drawn: to the beginning of the line, clear what follows, show the cursor.
CLEARED = "\r\x1b[J\x1b[?25h"


def begin() -> None:
    """Leave at once on Ctrl-C from now on: importing swallows exceptions here and there, or prints them."""
    leave_by(lambda: LINE)
    sys.unraisablehook = _leave_if_swallowed


def leave_by(line: Callable[[], str]) -> None:
    """Leave at once on Ctrl-C, with this line on standard error."""
    _handle_by(lambda *_: leave(line()))


def end() -> None:
    """Ignore Ctrl-C: the command is done, and what Python tidies up at its end takes no time."""
    _handle_by(signal.SIG_IGN)


@contextmanager
def handled() -> Iterator[None]:
    """Handle Ctrl-C in this block, at first by leaving at once; afterwards as before."""
    hook, before = sys.unraisablehook, {each: signal.getsignal(each) for each in SIGNALS}
    begin()
    try:
        yield
    finally:
        sys.unraisablehook = hook
        with suppress(ValueError):
            for number, handler in before.items():
                signal.signal(number, handler)


def can_tidy_up() -> None:
    """Let the first Ctrl-C raise KeyboardInterrupt from now on; the next one leaves at once."""
    _handle_by(_raise)


def leave(line: str) -> NoReturn:
    """Print a line and end this process without any cleaning up."""
    with suppress(OSError):
        os.write(2, f"{CLEARED if os.isatty(2) else ''}{line}\n".encode())
    os._exit(INTERRUPTED)


def _raise(_number: int, _frame: FrameType | None) -> NoReturn:
    leave_by(lambda: LINE)
    raise KeyboardInterrupt


def _handle_by(handler: Any) -> None:
    """Handle all signals but those that are ignored, as `nohup` has it. Only the main thread can, and gets signals."""
    with suppress(ValueError):
        for each in SIGNALS:
            if signal.getsignal(each) is not signal.SIG_IGN:
                signal.signal(each, handler)


def _leave_if_swallowed(unraisable: Any) -> None:
    """Leave when a KeyboardInterrupt came up in a callback or destructor, where Python prints it and goes on."""
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        leave(LINE)
    sys.__unraisablehook__(unraisable)
