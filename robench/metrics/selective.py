"""Does the model know when it is wrong? Error and accuracy where it answers only the images that it is surest of.

* ``aurc``: the area under the risk-coverage curve: the error among the k most confident images, averaged over k = 1..N.
  Source: Geifman, Uziel & El-Yaniv 2019, "Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers".
* ``aurra``: the area under the response-rate accuracy curve, the accuracy among them: 1 - aurc. Source: Hendrycks et
  al. 2021, "Natural Adversarial Examples".

Images of equal confidence have no order: each counts as their average, which is the mean over all orders of the tied.
The published codes take them in the order of their sort, which differs from machine to machine.
"""

import numpy as np
import pandas as pd
from numba import njit

from robench.metrics.bootstrap import Counts, Draws
from robench.metrics.confidence_bins import sorted_by_confidence
from robench.metrics.intervals import FRACTION
from robench.metrics.metric import Metric


def risk_coverage(records: pd.DataFrame) -> pd.DataFrame:
    """Return columns ``coverage`` and ``risk``, (N,): share of images answered, and the error among those."""
    images = sorted_by_confidence(records)
    wrong = (images.gap > images.confidence - 0.5)[::-1].astype(np.float64)
    tied = np.cumsum(np.append(True, np.diff(images.confidence[::-1]) != 0)) - 1
    average = (np.bincount(tied, wrong) / np.bincount(tied))[tied]
    answered = np.arange(1, len(wrong) + 1)
    return pd.DataFrame({"coverage": answered / len(wrong), "risk": np.cumsum(average) / answered})


def area_under_risk_coverage(records: pd.DataFrame) -> float:
    """Return the mean risk over the coverages 1/N, 2/N, ..., 1: a fraction in [0, 1], small for a good model."""
    return float(risk_coverage(records)["risk"].mean())


def selective_draws(records: pd.DataFrame, counts: Counts) -> dict[str, Draws]:
    """Return both metrics on each resample, float64 (resamples,) each."""
    images = sorted_by_confidence(records)
    order, confidence = images.order[::-1] % counts.shape[1], images.confidence[::-1]
    wrong = (images.gap > images.confidence - 0.5)[::-1].astype(np.int64)
    closes = np.append(np.diff(confidence) != 0, True)
    harmonic = np.append(0.0, np.cumsum(1 / np.arange(1, len(order) + 1)))
    area = np.empty(len(counts))
    _areas(counts, order, wrong, closes, np.append(0.0, np.cumsum(harmonic)), harmonic[-1], area)
    return {"aurc": area, "aurra": 1 - area}


@njit(cache=True, nogil=True)
def _areas(counts, order, wrong, closes, harmonic_sums, harmonic, area):  # type: ignore[no-untyped-def]
    """Fill area (resamples,). ``closes`` says which images of ``order`` end a run of equal confidence.

    An error at rank p adds 1/k to the sum of risks for every k >= p: H(N) - H(p - 1) with the harmonic numbers H. The
    errors of a run share its ranks evenly; ``harmonic_sums`` holds the sums of H(0), ..., H(n - 1).
    """
    total = len(order)
    for resample in range(counts.shape[0]):
        times = counts[resample]
        answered, drawn, errors, risks = 0, 0, 0, 0.0
        for place in range(total):
            weight = int(times[order[place]])
            drawn += weight
            errors += weight * wrong[place]
            if not closes[place]:
                continue
            reach = harmonic_sums[drawn] - harmonic_sums[answered]
            if drawn - answered == weight:  # no ties: spares the division
                risks += wrong[place] * (weight * harmonic - reach)
            elif errors > 0:
                risks += errors * (harmonic - reach / (drawn - answered))
            errors = 0
            answered = drawn
        area[resample] = risks / total


METRICS = {
    "aurc": Metric(
        "area under the risk-coverage curve: error among the k surest images, averaged over k",
        area_under_risk_coverage,
        FRACTION,
        draws=selective_draws,
    ),
    "aurra": Metric(
        "area under the response-rate accuracy curve: 1 - aurc",
        lambda records: 1 - area_under_risk_coverage(records),
        FRACTION,
        draws=selective_draws,
    ),
}
