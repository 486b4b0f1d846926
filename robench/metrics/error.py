"""Top-1 and top-5 error, and what the benchmarks make of it: corruption errors relative to a baseline's.

Source: Hendrycks & Dietterich 2019, section 4.1; Hendrycks et al. 2020 (AugMix), section 4.1 for the unnormalised form.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.metrics.metric import mean_of


def wrong(records: pd.DataFrame) -> NDArray[np.float64]:
    """Return float64 (N,): 1 where the prediction is not the label, else 0."""
    is_wrong = records["prediction"].to_numpy() != records["label"].to_numpy()
    return is_wrong.astype(np.float64)


def wrong_top5(records: pd.DataFrame) -> NDArray[np.float64]:
    """Return float64 (N,): 1 where five classes or more come before the label, else 0. With five classes, all are 0."""
    return (records["label_rank"].to_numpy() >= 5).astype(np.float64)


METRICS = {
    "error": mean_of(
        "share of images whose top-1 prediction is not the label", wrong, is_share=True
    ),
    "top5_error": mean_of(
        "share of images whose label is not among the top 5", wrong_top5, is_share=True
    ),
}


def corruption_errors(
    errors: Mapping[str, NDArray[np.float64]], baseline: Mapping[str, float]
) -> dict[str, NDArray[np.float64]]:
    """Return CE per corruption: its error, averaged over severities, divided by the baseline's.

    ``errors`` maps a corruption to an array whose mean is its error averaged over severities, such as float64 (N,)
    per image; ``baseline`` maps it to the baseline's error averaged over severities, a fraction. CE is 1.0 for the
    baseline.
    """
    return {name: error / baseline[name] for name, error in errors.items()}


def relative_corruption_errors(
    errors: Mapping[str, NDArray[np.float64]],
    clean: NDArray[np.float64],
    baseline: Mapping[str, float],
    baseline_clean: float,
) -> dict[str, NDArray[np.float64]]:
    """Return relative CE per corruption: the error added to the clean error, divided by what the baseline adds.

    Shapes as in ``corruption_errors``; ``clean`` has the shape of the errors and ``baseline_clean`` is a fraction.
    """
    return {
        name: (error - clean) / (baseline[name] - baseline_clean) for name, error in errors.items()
    }
