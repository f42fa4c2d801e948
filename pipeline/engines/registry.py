"""Engines by name: the one place that knows which there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pipeline.engines.base import Engine
from pipeline.engines.local import LocalEngine
from pipeline.engines.main_process import MainProcessEngine
from pipeline.errors import UserError
from pipeline.settings import Settings


@dataclass(frozen=True)
class EngineOptions:
    """The wishes of a run about the engine that carries it out."""

    settings: Settings
    workers: int
    may_hang: Callable[[Any], bool]  # tells of a task if only killing its process stops it
    small: bool = False  # the inputs are so small that starting workers would take longer than they save
    session: Any = field(default=None, repr=False)  # a session of Spark that the caller has open


def _local(options: EngineOptions) -> Engine:
    run = options.settings.run
    workers = LocalEngine(1 if options.small else options.workers, run.tasks_per_worker, run.worker_memory_bytes)
    return MainProcessEngine(workers, options.may_hang) if options.small else workers


def _spark(options: EngineOptions) -> Engine:
    from pipeline.engines.spark.engine import SparkEngine  # noqa: PLC0415 - an extra

    return SparkEngine(options.settings, options.session)


ENGINES: dict[str, Callable[[EngineOptions], Engine]] = {"local": _local, "spark": _spark}


def engine_named(name: str, options: EngineOptions) -> Engine:
    """Return a new engine; raise UserError if there is none of this name.

    >>> engine_named("abacus", EngineOptions(Settings(), 1, bool))
    Traceback (most recent call last):
    pipeline.errors.UserError: there is no engine 'abacus'. Choose one of: local, spark.
    """
    if name not in ENGINES:
        raise UserError(f"there is no engine {name!r}. Choose one of: {', '.join(sorted(ENGINES))}.")
    return ENGINES[name](options)
