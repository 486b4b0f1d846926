"""Is the confidence right? Calibration errors, in the definitions in use.

Confidence is the maximum softmax probability; the gap of a bin is |mean confidence - accuracy|. What differs is how the
images are cut into bins (see ``robench.metrics.confidence_bins``) and how the gaps are summarised:

* ``rms_calibration_error``: the root of the mean square over adaptive bins of 100 images. Source: Hendrycks et al.
  2019, "Deep Anomaly Detection with Outlier Exposure" (bins: Nguyen & O'Connor 2015). The code published with it
  never visits its last bin, the most confident one, though it divides by all images;
  ``rms_calibration_error_reference`` is that code's number, with images of equal confidence in the order of the records
  (there, in whatever order its unstable sort leaves them). Even a perfectly calibrated model scores about 0.024 at
  10,000 images, because a bin of 100 is a small sample.
* ``ece``, ``max_calibration_error``: mean over images and maximum, over 15 bins of equal width. Source: Naeini et al.
  2015; Guo et al. 2017, "On Calibration of Modern Neural Networks".
* ``ece_equal_mass``, ``max_calibration_error_equal_mass``: the same over 15 bins of equally many images. Source:
  Nixon et al. 2019, "Measuring Calibration in Deep Learning".

Images of equal confidence are parted by no order but the reference's: see ``robench.metrics.confidence_bins``.

The maximum over bins of equal width is often that of a bin with a handful of images: its interval shows it.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.metrics.bootstrap import Counts, Draws
from robench.metrics.confidence_bins import (
    BIN_SIZE,
    Sorted,
    adaptive_starts,
    equal_mass_starts,
    equal_width_starts,
    gap_draws,
    gaps,
    sorted_by_confidence,
)
from robench.metrics.intervals import FRACTION
from robench.metrics.metric import Metric, UndefinedMetricError


def rms_over_all_bins(records: pd.DataFrame) -> float:
    """Return the RMS calibration error over all adaptive bins, a fraction in [0, 1]."""
    sizes, counts = _adaptive(sorted_by_confidence(records).without_order_of_ties())
    return float(np.sqrt(np.sum(counts * sizes**2) / counts.sum()))


def rms_of_reference(records: pd.DataFrame) -> float:
    """Return the RMS calibration error as the published code computes it: without the last bin.

    Raises UndefinedMetricError below 200 images, where the last bin is the only one and the code would report 0.
    """
    sizes, counts = _adaptive(sorted_by_confidence(records))
    if len(sizes) == 1:
        raise UndefinedMetricError(
            f"needs at least {2 * BIN_SIZE} images (it never visits its last bin of {BIN_SIZE}), got {counts.sum()}"
        )
    return float(np.sqrt(np.sum(counts[:-1] * sizes[:-1] ** 2) / counts.sum()))


def expected_calibration_error(records: pd.DataFrame, *, equal_mass: bool = False) -> float:
    """Return the gap averaged over images, a fraction in [0, 1]."""
    sizes, counts = _fixed(sorted_by_confidence(records), equal_mass)
    return float(np.sum(counts * sizes) / counts.sum())


def max_calibration_error(records: pd.DataFrame, *, equal_mass: bool = False) -> float:
    """Return the largest gap of a filled bin, a fraction in [0, 1]."""
    return float(_fixed(sorted_by_confidence(records), equal_mass)[0].max())


def _adaptive(images: Sorted) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return gaps(images, adaptive_starts(len(images.gap)))


def _fixed(images: Sorted, equal_mass: bool) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    if equal_mass:
        return gaps(images.without_order_of_ties(), equal_mass_starts(len(images.gap)))
    return gaps(images, equal_width_starts(images.confidence))


def calibration_draws(records: pd.DataFrame, counts: Counts) -> dict[str, Draws]:
    """Return every metric of this file on each resample, float64 (resamples,) each."""
    draws = gap_draws(records, counts)
    return {name: draws[summary] for name, (_, summary, _) in _DEFINITIONS.items()}


# Metric -> its line in ``robench list``, its name among the summaries of bins, its value.
_DEFINITIONS: dict[str, tuple[str, str, Callable[[pd.DataFrame], float]]] = {
    "rms_calibration_error": (
        "RMS gap of confidence and accuracy over all adaptive bins of 100 images",
        "rms_adaptive",
        rms_over_all_bins,
    ),
    "rms_calibration_error_reference": (
        "the same as the published code computes it, without its most confident bin",
        "rms_adaptive_but_last",
        rms_of_reference,
    ),
    "ece": (
        "mean gap of confidence and accuracy over 15 bins of equal width",
        "mean_width",
        expected_calibration_error,
    ),
    "ece_equal_mass": (
        "mean gap of confidence and accuracy over 15 bins of equally many images",
        "mean_mass",
        lambda records: expected_calibration_error(records, equal_mass=True),
    ),
    "max_calibration_error": (
        "largest gap of confidence and accuracy of 15 bins of equal width",
        "max_width",
        max_calibration_error,
    ),
    "max_calibration_error_equal_mass": (
        "largest gap of confidence and accuracy of 15 bins of equally many images",
        "max_mass",
        lambda records: max_calibration_error(records, equal_mass=True),
    ),
}
METRICS = {
    name: Metric(summary, value, FRACTION, draws=calibration_draws)
    for name, (summary, _, value) in _DEFINITIONS.items()
}
