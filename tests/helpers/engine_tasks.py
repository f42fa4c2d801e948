"""Tasks for the tests of engines. Workers import this module by its name, so it imports next to nothing."""

import os
import re
import signal
import time


def square(n: int) -> int:
    return n * n


def slowly_die_on_three(n: int) -> int:
    time.sleep(0.2)  # so that a worker of Spark can be killed while tasks are under way
    if n == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return n


def raise_on_three(n: int) -> int:
    if n == 3:
        raise RuntimeError("our own bug")
    return n


def sleep_on_three(n: int) -> int:
    if n == 3:
        time.sleep(60)
    return n


def die_on_three(n: int) -> int:
    if n == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return n


def hoard_on_three(n: int) -> int:
    if n == 3:
        hoard = [b"x" * 50_000_000 for _ in range(40)]
        time.sleep(60)
        return len(hoard)
    return n


def run_out_of_memory_on_three(n: int) -> int:
    if n == 3:
        raise MemoryError
    return n


def own_process(_: int) -> int:
    return os.getpid()


def large(n: int) -> bytes:
    return bytes(n)


def kill_if_named(process: int) -> int:
    if process:
        os.kill(process, signal.SIGKILL)
    return process


def spin_on_three(n: int) -> int:
    while n == 3:
        pass
    return n


def search_without_end_on_three(n: int) -> int:
    return n if n != 3 else len(re.findall("(a+)+b", "a" * 60))


def is_four(task: object) -> bool:
    return task == 4
