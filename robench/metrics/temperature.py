"""Temperature scaling: one number that the logits are divided by, fitted on clean held-out images.

Dividing all logits by a temperature changes no prediction, only the confidence; what is left of a calibration error
after it is what a single number cannot mend. It needs the logits of every class. The records do not hold them, so no
score of a run can be computed "after temperature" from it: ``robench eval --temperature`` makes a run of the divided
logits, and ``robench.records.records_of`` records that every metric applies to.

**Held out.** A temperature must not be scored on the images it was fitted on, and no image should have to be left out
for that. ``cross_fitted_temperatures`` gives the images of each tenth the one that was fitted on the nine others. Ten
and not two: temperatures of two halves differ by so much (1.9 and 2.7 for a ResNet-20 and 250 CIFAR-10 images each)
that mixing them muddles which image the model is surer of.

Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from robench.metrics.metric import UndefinedMetricError

SMALLEST, LARGEST = 0.01, 100.0
FOLDS = 10
BLOCK = 4096  # images whose logits are held as float64 at once


def fit_temperature(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the temperature with the smallest negative log-likelihood of logits (N, K), to a relative 1e-9.

    There is one: the likelihood is convex in 1 / temperature. Raises UndefinedMetricError for no images, logits that
    are not finite, and an optimum beyond 0.01 to 100: where every prediction is right (the surer the better) or where
    the logits say nothing of the labels.
    """
    if len(logits) == 0:
        raise UndefinedMetricError("no images")
    if bad := int((~np.isfinite(logits).all(axis=1)).sum()):
        raise UndefinedMetricError(f"{bad} of {len(logits)} images have NaN or infinite logits")
    bounds = 1 / LARGEST, 1 / SMALLEST
    if _slope(bounds[0], logits, labels) >= 0 or _slope(bounds[1], logits, labels) <= 0:
        raise UndefinedMetricError(
            f"no temperature from {SMALLEST:g} to {LARGEST:g} is best for these {len(logits)} images: they are all "
            "classified right, or the logits say nothing of the labels"
        )
    return 1 / float(brentq(_slope, *bounds, args=(logits, labels), xtol=1e-13, rtol=1e-9))


def _slope(factor: float, logits: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the derivative of the negative log-likelihood by the factor, 1 / temperature: never falling in it."""
    total = 0.0
    for start in range(0, len(logits), BLOCK):
        block = np.asarray(logits[start : start + BLOCK], np.float64)
        block = block - block.max(axis=1, keepdims=True)
        weight = np.exp(factor * block)
        expected = (weight * block).sum(axis=1) / weight.sum(axis=1)
        total += float(
            (expected - block[np.arange(len(block)), labels[start : start + BLOCK]]).sum()
        )
    return total / len(logits)


def folds_of(indices: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the tenth that each image belongs to, int64 (N,), 0 to 9: a function of its number alone.

    Not the last digit of the number, which is the class where a set goes through its classes in turn: a multiplicative
    hash. Source: Knuth, "The Art of Computer Programming" volume 3, section 6.4.
    """
    hashed = np.asarray(indices).astype(np.uint64) * np.uint64(2654435761) & np.uint64(2**32 - 1)
    return (hashed * np.uint64(FOLDS) >> np.uint64(32)).astype(np.int64)


def cross_fitted_temperatures(
    logits: NDArray[np.floating], labels: NDArray[np.integer], indices: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Return a temperature per tenth, float64 (10,), each fitted on the clean images of the nine others.

    That of an image is the one at ``folds_of(index)``; the same image corrupted keeps it.

    Args:
        logits: of the clean images, (N, K).
        labels: (N,).
        indices: (N,), the images' numbers, as in the records.

    Raises:
        UndefinedMetricError: as ``fit_temperature``, for any nine tenths.
    """
    folds = folds_of(indices)
    return np.array(
        [fit_temperature(logits[folds != fold], labels[folds != fold]) for fold in range(FOLDS)]
    )
