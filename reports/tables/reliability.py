"""Reliability: accuracy by confidence, on the clean images and on all corrupted ones together.

Source: DeGroot & Fienberg 1983; Niculescu-Mizil & Caruana 2005, for the diagram.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.metrics.intervals import wilson_interval

BIN_COUNT = 15
COLUMNS = ["images", "bin_low", "bin_high", "confidence", "accuracy", "low", "high", "n"]


def reliability(evidence: pd.DataFrame, bin_count: int = BIN_COUNT) -> pd.DataFrame:
    """Return a row per filled bin of confidence, for ``images`` "clean" and "corrupted", with the columns ``COLUMNS``.

    Bins are of equal width over [0, 1], closed above. ``confidence`` and ``accuracy`` are the bin's means,
    fractions; low and high bound the accuracy's 95% interval; n counts predictions. ``evidence`` is one run's (see
    ``reports.evidence``).
    """
    corrupted = evidence["severity"] > 0
    parts = []
    for images, chosen in (("clean", evidence[~corrupted]), ("corrupted", evidence[corrupted])):
        binned = np.clip(np.ceil(chosen["confidence"] * bin_count) - 1, 0, bin_count - 1)
        for number, part in chosen.groupby(binned.astype(int)):
            edges = (number / bin_count, (number + 1) / bin_count)
            parts.append((images, *edges, *bin_row(part)))
    return pd.DataFrame(parts, columns=COLUMNS)


def bin_row(part: pd.DataFrame) -> tuple[float, float, float, float, int]:
    """Return mean confidence, accuracy, its interval's ends and the count of one bin's predictions."""
    right = 1 - part["wrong"].to_numpy()
    accuracy = float(right.mean())
    count = effective_count(right, part["index"].to_numpy())
    low, high = wilson_interval(accuracy * count, count)
    return float(part["confidence"].mean()), accuracy, low, high, len(part)


def effective_count(right: NDArray[np.float64], index: NDArray[np.int64]) -> int:
    """Return how many independent predictions these are worth, from 1 to n.

    ``right`` is float64 (n,) of 0 and 1, ``index`` int64 (n,) the image of each. Predictions of one image under
    many corruptions resemble each other, so n is divided by the design effect of such clusters (Kish 1965, "Survey
    Sampling"). Where all predictions agree no effect can be measured, and each image counts once.
    """
    accuracy = right.mean()
    if accuracy in (0, 1):
        return int(np.count_nonzero(np.bincount(index)))
    spread = float(np.sum(np.bincount(index, right - accuracy) ** 2))
    independent = len(right) * accuracy * (1 - accuracy)
    effect = max(1.0, spread / independent)
    return max(1, round(len(right) / effect))
