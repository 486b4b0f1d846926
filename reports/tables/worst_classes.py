"""The classes that a run does worst on: a mean can hide a class that the corruptions ruin."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.metrics.intervals import mean_interval, wilson_interval

COLUMNS = [
    "label",
    "clean_error",
    "error",
    "error_low",
    "error_high",
    "corruption",
    "corruption_error",
    "images",
]


def worst_classes(evidence: pd.DataFrame, count: int = 5) -> pd.DataFrame:
    """Return the ``count`` classes of the highest error, highest first, in the columns ``COLUMNS``.

    ``error`` is a class's mean over the corrupted conditions, of equal weight, or on the clean images where there are
    no others; its interval is over the class's ``images``, each with its own mean over the conditions.
    ``corruption`` is the one of its highest error, the mean over the severities, ``corruption_error``; None without
    corruptions. Errors are fractions; of classes that tie, the lower number comes first. ``evidence`` is one run's (see
    ``reports.evidence``).
    """
    clean = evidence[evidence["severity"] == 0].groupby("label")["wrong"].mean()
    corrupted = evidence[evidence["severity"] > 0]
    measured = corrupted if len(corrupted) else evidence
    errors = measured.groupby("label")["wrong"].mean()
    worst = errors.sort_values(ascending=False, kind="stable").index[:count]
    rows = []
    for label in worst:
        part = measured[measured["label"] == label]
        per_image = part.groupby("index")["wrong"].mean()
        interval = interval_of(per_image.to_numpy())
        hardest: tuple[str | None, float] = (None, float("nan"))
        if len(corrupted):
            by_corruption = part.groupby("corruption", observed=True)["wrong"].mean()
            hardest = (str(by_corruption.idxmax()), float(by_corruption.max()))
        known = float(clean.get(label, float("nan")))
        rows.append((label, known, float(per_image.mean()), *interval, *hardest, len(per_image)))
    return pd.DataFrame(rows, columns=COLUMNS)


def interval_of(per_image: NDArray[np.float64]) -> tuple[float, float]:
    """Return the ends of the interval of a class's error from its images' mean errors, float64 (n,) in [0, 1].

    Wilson's where every image is right or wrong throughout: a class of six images without an error is not known to 0%.
    """
    if np.isin(per_image, (0, 1)).all():
        return wilson_interval(float(per_image.sum()), len(per_image))
    low, high = mean_interval(per_image)
    return max(0.0, low), min(1.0, high)
