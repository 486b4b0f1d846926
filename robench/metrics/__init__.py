"""Metrics: pure functions of the stored records, one file per kind, each offering ``METRICS = {name: Metric(...)}``."""

import functools

import numpy as np
import pandas as pd

from robench.metrics.bootstrap import Counts, Draws, mean_draws
from robench.metrics.metric import Metric, UndefinedMetricError
from robench.registry import Registry, collect

__all__ = ["Counts", "Draws", "Metric", "UndefinedMetricError", "draws", "registry"]


@functools.cache
def registry() -> Registry[Metric]:
    """Return every metric of a single condition by name."""
    return collect("metric", __name__, "METRICS")


def draws(name: str, records: pd.DataFrame, counts: Counts) -> Draws:
    """Return a metric on each resample, float64 (resamples,).

    ``records`` may hold several conditions one after the other, each of the images of ``counts`` in their order. Raises
    UndefinedMetricError where the metric has no value.
    """
    metric = registry()[name]
    if metric.per_image is not None:
        per_image = metric.per_image(records).reshape(-1, counts.shape[1]).mean(0)
        return mean_draws(counts, per_image[:, np.newaxis])[:, 0]
    if metric.draws is None:
        return np.full(len(counts), np.nan)
    return metric.draws(records, counts)[name]
