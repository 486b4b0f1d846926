"""Is the confidence right? RMS calibration error, in two definitions.

Source: Hendrycks et al. 2019, "Deep Anomaly Detection with Outlier Exposure", with adaptive bins of 100 images
(Nguyen & O'Connor 2015). Confidence is the maximum softmax probability.

The code published with it never visits its last bin, the most confident one, though it divides by all images, and its
last bin also takes the remainder. ``rms_calibration_error`` covers all bins; ``rms_calibration_error_reference`` is
that code's number. Even a perfectly calibrated model scores about 0.024 at 10,000 images, because a bin of 100 is a
small sample.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.metrics.error import wrong
from robench.metrics.metric import Metric, UndefinedMetricError

BIN_SIZE = 100


def binned_gaps(
    confidence: NDArray[np.float64], correct: NDArray[np.float64], bin_size: int = BIN_SIZE
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return, per adaptive bin of ascending confidence, |mean confidence - accuracy| and the image count.

    ``confidence`` in [0, 1] and ``correct`` in {0, 1} are float64 (N,). Bins hold ``bin_size`` images; the last also
    takes the remainder, so it holds up to 2 * bin_size - 1. Images of equal confidence keep their order (a stable
    sort), so that the number does not depend on the sorting algorithm.
    """
    if len(confidence) == 0:
        raise UndefinedMetricError("no images")
    order = np.argsort(confidence, kind="stable")
    starts = np.arange(max(1, len(order) // bin_size)) * bin_size
    counts = np.diff(np.append(starts, len(order)))
    signed = np.add.reduceat((confidence - correct)[order], starts) / counts
    return np.abs(signed), counts


def rms_over_all_bins(records: pd.DataFrame) -> float:
    """Return the RMS calibration error over all bins, a fraction in [0, 1]."""
    gaps, counts = binned_gaps(*_confidence_and_correct(records))
    return float(np.sqrt(np.sum(counts * gaps**2) / counts.sum()))


def rms_of_reference(records: pd.DataFrame) -> float:
    """Return the RMS calibration error as the published code computes it: without the last bin.

    Raises UndefinedMetricError below 200 images, where the last bin is the only one and the code would report 0.
    """
    gaps, counts = binned_gaps(*_confidence_and_correct(records))
    if len(gaps) == 1:
        raise UndefinedMetricError(
            f"needs at least {2 * BIN_SIZE} images (it never visits its last bin of {BIN_SIZE}), got {counts.sum()}"
        )
    return float(np.sqrt(np.sum(counts[:-1] * gaps[:-1] ** 2) / counts.sum()))


def _confidence_and_correct(
    records: pd.DataFrame,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return records["confidence"].to_numpy(np.float64), 1 - wrong(records)


METRICS = {
    "rms_calibration_error": Metric(
        "RMS gap of confidence and accuracy over all adaptive bins of 100 images", rms_over_all_bins
    ),
    "rms_calibration_error_reference": Metric(
        "the same as the published code computes it, without its most confident bin",
        rms_of_reference,
    ),
}
