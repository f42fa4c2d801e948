"""Time limit for one page, kept from inside the process."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TimeIsUp(BaseException):
    """The time limit of a page has run out.

    No `Exception`: trafilatura catches those in places where it tries one more way, and would go on.
    """


#: Times a page's limit after which it is stopped by the clock on the wall as well, for a page that waits and does not
#: work. Chosen by hand; not tuned.
PATIENCE = 4

_TIMERS = (  # each with its signal, and its limit in times that of the page
    (signal.ITIMER_VIRTUAL, signal.SIGVTALRM, 1),
    (signal.ITIMER_REAL, signal.SIGALRM, PATIENCE),
)

#: Seconds: a timer that is set to 0 never rings.
LEAST_DELAY = 0.001

#: Seconds after which a timer rings again: an exception inside a destructor or a callback is printed and dropped.
AGAIN = 1.0

#: Seconds after a ring in which no other counts. On a busy machine both timers ring at once, and the second one stopped
#: the code that was taking timers and handlers away.
REST = AGAIN / 2


class _Alarm:
    """Raises `TimeIsUp` when a timer rings, unless the block is left already or is being left."""

    def __init__(self) -> None:
        self.is_off = False
        self.rang = -REST

    def ring(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if not self.is_off and now - self.rang >= REST:
            self.rang = now
            raise TimeIsUp


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeIsUp` in the block after `seconds` of processor time, or PATIENCE times as many by the clock.

    The clock alone would judge a page by what else the machine does. Python hands signals to the main thread alone, and
    only between two of its own instructions: in another thread there is no limit from inside, and a long call into C is
    only stopped from outside, by killing the worker.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    alarm, begun = _Alarm(), time.monotonic()
    handlers_before = [signal.signal(number, alarm.ring) for _, number, _ in _TIMERS]
    timers_before = [signal.getitimer(timer) for timer, _, _ in _TIMERS]
    try:
        try:
            for timer, _, times in _TIMERS:
                signal.setitimer(timer, seconds * times, AGAIN)
            yield
        finally:
            alarm.is_off = True
    finally:
        for timer, _, _ in _TIMERS:
            signal.setitimer(timer, 0)
        for (_, number, _), handler in zip(_TIMERS, handlers_before, strict=True):
            signal.signal(number, handler)
        for (timer, _, _), (left, interval) in zip(_TIMERS, timers_before, strict=True):
            if left:  # an alarm of the program that we are called from: it rings when it would have
                signal.setitimer(timer, max(left - (time.monotonic() - begun), LEAST_DELAY), interval)
