"""The bootstrap over images: 95% intervals and p-values for any score, linear or not.

A resample draws as many images as there are, with replacement, and every condition of a suite is scored on the same
draw, because every condition shows the same images: a mean over 75 conditions gets the width that its images give it,
and two models on the same images are compared in pairs. What is drawn is stored as counts: how often each image came.

**Strata.** Where every class has at least ``MIN_STRATUM`` images, each class is resampled by itself, so that a resample
has the class counts of the test set, as a new test set of the benchmark would. With fewer images in a class that would
make the intervals too narrow (a class of one image would never vary), and all images are resampled together.

**Intervals.** A resample has ties that the images do not, so scores that bin or sort (calibration errors, maxima over
classes) come out larger on resamples than on images. The interval is the middle 95% of the draws moved by the
difference of their mean and the score: an interval for what the score would be, on average, on other test sets of the
same size. For scores that are means over images the shift is nil and this is the percentile interval. The shift can
carry an end beyond what the score can be; it is then cut at the score's own bounds, which are declared with the score.

Draws are a function of (seed, number of the resample, class sizes) and of nothing else.

Sources: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapters 8 and 13; the generator is Steele, Lea &
Flood 2014, "Fast Splittable Pseudorandom Number Generators" (SplitMix64).
"""

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

from robench.metrics.intervals import UNBOUNDED, Bounds

Counts = NDArray[np.uint8]  # (resamples, images)
Draws = NDArray[np.float64]  # (resamples, ...)

RESAMPLES = 2000
MIN_STRATUM = 20
ROUNDING = 1e-12  # of scores of the order of 1
BLOCK = 128  # resamples whose counts are held as float64 at once

_STEP = uint64(0x9E3779B97F4A7C15)
_MIX_1 = uint64(0xBF58476D1CE4E5B9)
_MIX_2 = uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S32 = uint64(30), uint64(27), uint64(31), uint64(32)


def resample_counts(
    labels: NDArray[np.integer], resamples: int = RESAMPLES, seed: int = 0
) -> Counts:
    """Return how often each image is drawn in each resample, uint8 (resamples, N); every row sums to N.

    ``labels`` (N,) are the images' classes; see the module for when they are the strata.
    """
    strata = strata_of(labels)
    members = np.argsort(strata, kind="stable").astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(np.bincount(strata))]).astype(np.int64)
    counts = np.zeros((resamples, len(strata)), np.uint8)
    _count(starts, members, np.uint64(seed), counts)
    return counts


def strata_of(labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the stratum of each image, int64 (N,): its class, or 0 for all where a class is too small."""
    _, classes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    if len(sizes) == 0 or sizes.min() < MIN_STRATUM:
        return np.zeros(len(labels), np.int64)
    return classes.astype(np.int64)


@njit(cache=True, nogil=True)
def _mixed(word):  # type: ignore[no-untyped-def]
    word = (word ^ (word >> _S30)) * _MIX_1
    word = (word ^ (word >> _S27)) * _MIX_2
    return word ^ (word >> _S31)


@njit(cache=True, nogil=True)
def _count(starts, members, seed, counts):  # type: ignore[no-untyped-def]
    for resample in range(counts.shape[0]):
        state = _mixed(_mixed(seed + _STEP) + uint64(resample) * _STEP)
        for stratum in range(len(starts) - 1):
            first = starts[stratum]
            size = starts[stratum + 1] - first
            for _ in range(size):
                state += _STEP
                # 32 random bits times the size: biased by less than size / 2^32.
                chosen = ((_mixed(state) >> _S32) * uint64(size)) >> _S32
                counts[resample, members[first + np.int64(chosen)]] += 1


def mean_draws(counts: Counts, per_image: NDArray[np.float64]) -> Draws:
    """Return the mean of each column on each resample, float64 (resamples, columns), of values float64 (N, columns)."""
    draws = np.empty((len(counts), per_image.shape[1]))
    for first in range(0, len(counts), BLOCK):
        block = counts[first : first + BLOCK].astype(np.float64)
        np.matmul(block, per_image, out=draws[first : first + BLOCK])
    return draws / counts.shape[1]


def interval(value: float, draws: Draws, bounds: Bounds = UNBOUNDED) -> tuple[float, float]:
    """Return the 95% interval of a score from its draws (resamples,), within the score's ``bounds``.

    NaN where the draws do not vary or are not finite, and where nothing is left between them within the bounds: one
    image, or images that are nearly all alike, tell nothing of others.
    """
    if len(draws) < 2 or not np.isfinite(draws).all() or _alike(draws, value):
        return float("nan"), float("nan")
    low, high = value + np.quantile(draws - draws.mean(), (0.025, 0.975))
    # Of draws that are nearly all alike, the mean can lie beyond both quantiles, and the score outside its interval.
    low, high = min(max(low, bounds.lowest), value), max(min(high, bounds.highest), value)
    return (float(low), float(high)) if low < high else (float("nan"), float("nan"))


def _alike(draws: Draws, value: float) -> bool:
    """Return whether draws differ by the rounding of sums only."""
    return bool(np.ptp(draws) <= ROUNDING * max(1.0, abs(value)))


def p_value(difference: float, draws: Draws) -> float:
    """Return the two-sided p-value of a difference being nil, from its draws (resamples,).

    The smallest level at which the interval of ``interval`` leaves out 0; never below 2 / (resamples + 1), and 1 where
    the difference is nil. NaN for another difference that no resample changes.
    """
    if not np.isfinite(draws).all():
        return float("nan")
    if difference == 0 or (abs(difference) <= ROUNDING and _alike(draws, difference)):
        return 1.0
    if _alike(draws, difference):
        return float("nan")
    moved = draws - draws.mean() + difference
    beyond = min(int((moved <= 0).sum()), int((moved >= 0).sum()))
    return min(1.0, 2 * (beyond + 1) / (len(draws) + 1))
