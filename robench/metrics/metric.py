"""What a metric of one condition is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.metrics.bootstrap import Counts, Draws
from robench.metrics.intervals import FRACTION, Bounds


class UndefinedMetricError(Exception):
    """These records have no value of this metric; the message is the reason, and no number stands in for it."""


@dataclass(frozen=True)
class Metric:
    """A number for one condition, computed from its records alone.

    Attributes:
        summary: definition and source in one line, for ``robench list``.
        value: records -> float. Raises UndefinedMetricError where there is none.
        bounds: between what it lies; so do its means over conditions, and their intervals.
        per_image: records -> float64 (N,), for a metric that is the mean of a value per image; else None.
        is_share: the value per image is 0 or 1, so that the mean is a share of the images.
        draws: records and the counts of a bootstrap -> metric -> float64 (resamples,), for a metric that is no such
            mean; several metrics may share one function, which is then called once. None where there is none.
            The records may hold several conditions one after the other, each of the images that are counted.
        on_request: left out of the scores of a run unless asked for by name, because its draws take long.
    """

    summary: str
    value: Callable[[pd.DataFrame], float]
    bounds: Bounds
    per_image: Callable[[pd.DataFrame], NDArray[np.float64]] | None = None
    is_share: bool = False
    draws: Callable[[pd.DataFrame, Counts], Mapping[str, Draws]] | None = None
    on_request: bool = False


def mean_of(
    summary: str,
    per_image: Callable[[pd.DataFrame], NDArray[np.float64]],
    bounds: Bounds = FRACTION,
    *,
    is_share: bool = False,
) -> Metric:
    """Return the metric that averages a value per image, which lies within the bounds."""

    def value(records: pd.DataFrame) -> float:
        values = per_image(records)
        if len(values) == 0:
            raise UndefinedMetricError("no images")
        if bad := int((~np.isfinite(values)).sum()):
            raise UndefinedMetricError(f"{bad} of {len(values)} images have no finite value")
        return float(values.mean())

    return Metric(summary, value, bounds, per_image, is_share)
