"""Proper scores of the predicted probabilities: Brier score and negative log-likelihood.

Source: Brier 1950; Gneiting & Raftery 2007, "Strictly Proper Scoring Rules, Prediction, and Estimation".
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.metrics.intervals import NEVER_NEGATIVE, Bounds
from robench.metrics.metric import mean_of


def brier(records: pd.DataFrame) -> NDArray[np.float64]:
    """Return float64 (N,): the squared distance of probabilities and one-hot label, summed over classes, in [0, 2].

    Some papers divide by the number of classes as well; this does not: see ``brier_per_class``.
    """
    probability_of_label = np.exp(-negative_log_likelihood(records))
    return records["sum_p_squared"].to_numpy(np.float64) - 2 * probability_of_label + 1


def brier_per_class(records: pd.DataFrame, classes: int) -> NDArray[np.float64]:
    """Return float64 (N,): the same averaged over the classes, in [0, 2 / classes]; ``classes`` counts the logits."""
    if classes < 1:
        raise ValueError(f"classes must be at least 1, got {classes}")
    return brier(records) / classes


def negative_log_likelihood(records: pd.DataFrame) -> NDArray[np.float64]:
    """Return float64 (N,): minus the natural logarithm of the label's probability, in nats."""
    return records["nll"].to_numpy(np.float64)


METRICS = {
    "brier_score": mean_of(
        "squared error of the probabilities, summed over classes", brier, Bounds(0.0, 2.0)
    ),
    "nll": mean_of(
        "mean negative log-likelihood of the label, in nats",
        negative_log_likelihood,
        NEVER_NEGATIVE,
    ),
}
