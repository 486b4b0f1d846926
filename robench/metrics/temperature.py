"""Temperature scaling: one number that the logits are divided by, fitted on clean held-out images.

Dividing all logits by a temperature changes no prediction, only the confidence; what is left of a calibration error
after it is what a single number cannot mend. It needs the logits of every class. The records do not hold them, so no
score of a run can be computed "after temperature" from it: fit here, make records of the divided logits with
``robench.records.records_of``, and every metric applies to those.

**Held out.** A temperature must not be scored on the images it was fitted on. ``cross_fitted_temperatures`` gives
every image one that was fitted on other images, so that none has to be left out.

Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from robench.metrics.metric import UndefinedMetricError

SMALLEST, LARGEST = 0.01, 100.0


def mean_nll(
    logits: NDArray[np.floating], labels: NDArray[np.integer], temperature: float = 1.0
) -> float:
    """Return the mean negative log-likelihood, in nats, of logits (N, K) divided by a temperature."""
    scaled = np.asarray(logits, np.float64) / temperature
    of_label = scaled[np.arange(len(labels)), labels]
    return float(np.mean(logsumexp(scaled, axis=1) - of_label))


def fit_temperature(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the temperature with the smallest negative log-likelihood, to a relative 1e-6.

    The likelihood has one optimum, because it is convex in 1 / temperature. Raises UndefinedMetricError for no
    images, logits that are not finite, and an optimum beyond 0.01 to 100: where every prediction is right (the surer
    the better) or where the logits say nothing of the labels.
    """
    if len(logits) == 0:
        raise UndefinedMetricError("no images")
    if bad := int((~np.isfinite(logits).all(axis=1)).sum()):
        raise UndefinedMetricError(f"{bad} of {len(logits)} images have NaN or infinite logits")
    low, high = np.log(SMALLEST), np.log(LARGEST)
    found = minimize_scalar(
        lambda log_t: mean_nll(logits, labels, float(np.exp(log_t))),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-7},
    )
    if min(found.x - low, high - found.x) < 1e-3:
        raise UndefinedMetricError(
            f"no temperature from {SMALLEST:g} to {LARGEST:g} is best for these {len(logits)} images: they are all "
            "classified right, or the logits say nothing of the labels"
        )
    return float(np.exp(found.x))


def cross_fitted_temperatures(
    logits: NDArray[np.floating], labels: NDArray[np.integer], indices: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Return a temperature per image, float64 (N,), fitted on the clean images of the other parity.

    Images of even number get the temperature of the odd ones and the other way round; the same images corrupted keep
    theirs.

    Args:
        logits: of the clean images, (N, K).
        labels: (N,).
        indices: (N,), the images' numbers, as in the records.

    Raises:
        UndefinedMetricError: as ``fit_temperature``, for either half.
    """
    even = np.asarray(indices) % 2 == 0
    of_odd = fit_temperature(logits[~even], labels[~even])
    of_even = fit_temperature(logits[even], labels[even])
    return np.where(even, of_odd, of_even)
