"""What a metric of one condition is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


class UndefinedMetricError(Exception):
    """These records have no value of this metric; the message is the reason, and no number stands in for it."""


@dataclass(frozen=True)
class Metric:
    """A number for one condition, computed from its records alone.

    Attributes:
        summary: definition and source in one line, for ``robench list``.
        value: records -> float. Raises UndefinedMetricError where there is none.
        per_image: records -> float64 (N,), for a metric that is the mean of a value per image; else None.
    """

    summary: str
    value: Callable[[pd.DataFrame], float]
    per_image: Callable[[pd.DataFrame], NDArray[np.float64]] | None = None


def mean_of(summary: str, per_image: Callable[[pd.DataFrame], NDArray[np.float64]]) -> Metric:
    """Return the metric that averages a value per image."""
    return Metric(summary, lambda records: float(per_image(records).mean()), per_image)
