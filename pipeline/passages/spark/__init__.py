"""Passage matching on Spark: the steps of `pipeline.passages.matching` by many executors, with the same result."""

from .resolution import Plan, resolve

__all__ = ["Plan", "resolve"]
