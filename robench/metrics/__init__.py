"""Metrics: pure functions of the stored records, one file per kind, each offering ``METRICS = {name: Metric(...)}``."""

import functools

from robench.metrics.metric import Metric, UndefinedMetricError
from robench.registry import Registry, collect

__all__ = ["Metric", "UndefinedMetricError", "registry"]


@functools.cache
def registry() -> Registry[Metric]:
    """Return every metric of a single condition by name."""
    return collect("metric", __name__, "METRICS")
