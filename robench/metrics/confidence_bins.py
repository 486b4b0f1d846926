"""Bins of images sorted by confidence, and the gap of confidence and accuracy in each.

Three ways to cut them: adaptive bins of 100 images (the last takes the remainder), ``BIN_COUNT`` bins of equal mass,
and ``BIN_COUNT`` bins of equal width, closed above, over [0, 1]. Images of equal confidence keep their order (a
stable sort), so that a number does not depend on the sorting algorithm.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from robench.metrics.bootstrap import Counts, Draws
from robench.metrics.error import wrong
from robench.metrics.metric import UndefinedMetricError

BIN_SIZE = 100
BIN_COUNT = 15  # Guo et al. 2017
# The columns of ``gap_draws``: the root of the mean square, the mean and the maximum of the bins' gaps.
SUMMARIES = (
    "rms_adaptive",
    "rms_adaptive_but_last",
    "mean_width",
    "max_width",
    "mean_mass",
    "max_mass",
)


@dataclass(frozen=True)
class Sorted:
    """Images by ascending confidence.

    Attributes:
        order: int64 (N,), the position of each in the records.
        confidence: float64 (N,), ascending.
        gap: float64 (N,), confidence minus correctness.
    """

    order: NDArray[np.int64]
    confidence: NDArray[np.float64]
    gap: NDArray[np.float64]


def sorted_by_confidence(records: pd.DataFrame) -> Sorted:
    """Return the images of records sorted; raise UndefinedMetricError for none and for confidences outside [0, 1]."""
    confidence = records["confidence"].to_numpy(np.float64)
    if len(confidence) == 0:
        raise UndefinedMetricError("no images")
    if bad := int((~((confidence >= 0) & (confidence <= 1))).sum()):
        raise UndefinedMetricError(
            f"{bad} of {len(confidence)} images have no confidence in [0, 1]"
        )
    order = np.argsort(confidence, kind="stable")
    return Sorted(order, confidence[order], (confidence - (1 - wrong(records)))[order])


def adaptive_starts(count: int) -> NDArray[np.int64]:
    """Return where the adaptive bins of ``count`` images start: each holds 100, the last up to 199."""
    return np.arange(max(1, count // BIN_SIZE)) * BIN_SIZE


def equal_mass_starts(count: int) -> NDArray[np.int64]:
    """Return where ``BIN_COUNT`` bins of equal mass start, fewer when there are fewer images."""
    bins = min(BIN_COUNT, count)
    return np.arange(bins) * count // bins


def equal_width_starts(confidence: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return where the filled ones of ``BIN_COUNT`` bins of equal width start among ascending confidences."""
    number = np.clip(np.ceil(confidence * BIN_COUNT) - 1, 0, BIN_COUNT - 1)
    return np.flatnonzero(np.append(True, number[1:] != number[:-1]))


def gaps(
    images: Sorted, starts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return, per bin, |mean confidence - accuracy| and the image count."""
    counts = np.diff(np.append(starts, len(images.gap)))
    return np.abs(np.add.reduceat(images.gap, starts)) / counts, counts


def gap_draws(records: pd.DataFrame, counts: Counts) -> dict[str, Draws]:
    """Return ``SUMMARIES`` on each resample, float64 (resamples,) each; shares one sort and one pass."""
    images = sorted_by_confidence(records)
    total = len(images.gap)
    draws = np.empty((len(counts), len(SUMMARIES)))
    _summarise(
        counts,
        images.order % counts.shape[1],
        images.gap,
        np.append(adaptive_starts(total)[1:], total),
        np.append(equal_mass_starts(total)[1:], total),
        np.append(equal_width_starts(images.confidence)[1:], total),
        draws,
    )
    return dict(zip(SUMMARIES, draws.T, strict=True))


@njit(cache=True, nogil=True)
def _summarise(counts, order, gap, adaptive, mass, width, draws):  # type: ignore[no-untyped-def]
    """Fill draws (resamples, 6). ``adaptive`` and ``mass`` end bins by images drawn, ``width`` by place in ``gap``."""
    total = len(order)
    for resample in range(counts.shape[0]):
        times = counts[resample]
        drawn, signed = np.int64(0), 0.0
        next_adaptive, next_mass = 0, 0
        adaptive_before, mass_before, mass_drawn = 0.0, 0.0, 0
        squares, last_square = 0.0, 0.0
        mean_mass, max_mass, mean_width, max_width = 0.0, 0.0, 0.0, 0.0
        place, adaptive_drawn = 0, 0
        for end in width:
            width_before, width_drawn = signed, drawn
            while place < end:
                weight = np.int64(times[order[place]])
                # An image drawn several times can lie across the end of a bin.
                while next_adaptive < len(adaptive) and drawn + weight >= adaptive[next_adaptive]:
                    stop = adaptive[next_adaptive]
                    at = signed + (stop - drawn) * gap[place]
                    last_square = (at - adaptive_before) ** 2 / (stop - adaptive_drawn)
                    squares += last_square
                    adaptive_before, adaptive_drawn = at, stop
                    next_adaptive += 1
                while next_mass < len(mass) and drawn + weight >= mass[next_mass]:
                    stop = mass[next_mass]
                    at = signed + (stop - drawn) * gap[place]
                    size = abs(at - mass_before)
                    mean_mass += size
                    max_mass = max(max_mass, size / (stop - mass_drawn))
                    mass_before, mass_drawn = at, stop
                    next_mass += 1
                signed += weight * gap[place]
                drawn += weight
                place += 1
            if drawn > width_drawn:
                size = abs(signed - width_before)
                mean_width += size
                max_width = max(max_width, size / (drawn - width_drawn))
        draws[resample, 0] = np.sqrt(squares / total)
        draws[resample, 1] = np.sqrt((squares - last_square) / total)
        draws[resample, 2] = mean_width / total
        draws[resample, 3] = max_width
        draws[resample, 4] = mean_mass / total
        draws[resample, 5] = max_mass
