"""Benchmarks as frozen descriptions, one file per benchmark, each offering ``SUITES = {name: Suite(...)}``."""

import functools

from robench.registry import Registry, collect
from robench.suites.condition import CLEAN, Chunk, Condition, chunks_of
from robench.suites.suite import Suite

__all__ = ["CLEAN", "Chunk", "Condition", "Suite", "chunks_of", "registry"]


@functools.cache
def registry() -> Registry[Suite]:
    """Return every suite by name."""
    return collect("suite", __name__, "SUITES")
