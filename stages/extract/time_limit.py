"""Time limit for one page, kept from inside the process."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TimeIsUp(BaseException):
    """The time limit of a page has run out.

    No `Exception`: trafilatura catches those in places where it tries one more way, and would go on.
    """


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise TimeIsUp


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeIsUp` in the block after `seconds`.

    Python hands signals to the main thread alone, and only between two of its own instructions: in another thread
    there is no limit from inside, and a long call into C is only stopped from outside, by killing the worker.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler_before = signal.signal(signal.SIGALRM, _stop)
    # rings again every second: an exception raised inside a destructor or a callback is printed and dropped
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler_before)
