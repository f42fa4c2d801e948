"""Engines by name: the one place that knows which there are."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.engines.base import Engine
from pipeline.engines.local import LocalEngine
from pipeline.errors import UserError

#: Each is called with the number of workers, the tasks after which a worker is replaced, and its memory in bytes.
ENGINES: dict[str, Callable[[int, int, int], Engine]] = {"local": LocalEngine}


def engine_named(name: str, workers: int, tasks_per_worker: int, worker_memory: int) -> Engine:
    """Return a new engine; raise UserError if there is none of this name.

    >>> engine_named("abacus", 1, 100, 10**9)
    Traceback (most recent call last):
    pipeline.errors.UserError: there is no engine 'abacus'. Choose one of: local.
    """
    if name not in ENGINES:
        raise UserError(f"there is no engine {name!r}. Choose one of: {', '.join(sorted(ENGINES))}.")
    return ENGINES[name](workers, tasks_per_worker, worker_memory)
