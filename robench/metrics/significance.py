"""Tests of a difference between two models on the same images."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest


def mcnemar(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the two-sided p-value of two models being wrong equally often, exact.

    ``first`` and ``second`` (N,) are 1 where the model is wrong on that image, else 0. Only images on which one is
    right and the other wrong tell anything; under the hypothesis each side has half of them. Without any, p = 1.

    Source: McNemar 1947, "Note on the sampling error of the difference between correlated proportions or percentages".
    """
    if first.shape != second.shape:
        raise ValueError(f"as many images for both, got {first.shape} and {second.shape}")
    only_first = int(((first == 1) & (second == 0)).sum())
    only_second = int(((first == 0) & (second == 1)).sum())
    if only_first + only_second == 0:
        return 1.0
    return float(binomtest(only_first, only_first + only_second).pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number: those below 0.05 are, together, wrong with probability 0.05 at most.

    NaN stays NaN and does not count. Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".
    """
    values = np.asarray(p_values, np.float64)
    known = np.flatnonzero(np.isfinite(values))
    ascending = known[np.argsort(values[known], kind="stable")]
    corrected = np.full(len(values), np.nan)
    steps = (len(known) - np.arange(len(known))) * values[ascending]
    corrected[ascending] = np.minimum(1.0, np.maximum.accumulate(steps))
    return [float(value) for value in corrected]
