"""Bins of images sorted by confidence, and the gap of confidence and accuracy in each.

Three ways to cut them: adaptive bins of 100 images (the last takes the remainder), ``BIN_COUNT`` bins of equal mass
(of N images, number k of 0 to 14 holds those in places floor(k N / 15) to floor((k + 1) N / 15) - 1 by ascending
confidence, so that no two differ by more than one image), and ``BIN_COUNT`` bins of equal width, closed above, over
[0, 1].

**Ties.** Images of equal confidence have no order, and the edge of a bin of 100 images or of equal mass can lie among
them. Each then counts as their average: every bin gets its share of the tied images, of which as many are right as
among all of them. No order of the images, no sorting algorithm and no batch changes the number. Bins of equal width
never part them.
"""

from dataclasses import dataclass, replace

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

    @property
    def closes(self) -> NDArray[np.bool_]:
        """Return bool (N,): where a run of images of equal confidence ends."""
        return np.append(np.diff(self.confidence) != 0, True)

    def without_order_of_ties(self) -> "Sorted":
        """Return the same with the gap of every image the average of those of its confidence."""
        run = np.cumsum(np.append(True, np.diff(self.confidence) != 0)) - 1
        return replace(self, gap=(np.bincount(run, self.gap) / np.bincount(run))[run])


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
        images.closes,
        np.append(adaptive_starts(total)[1:], total),
        np.append(equal_mass_starts(total)[1:], total),
        np.append(equal_width_starts(images.confidence)[1:], total),
        draws,
    )
    return dict(zip(SUMMARIES, draws.T, strict=True))


@njit(cache=True, nogil=True)
def _summarise(counts, order, gap, closes, adaptive, mass, width, draws):  # type: ignore[no-untyped-def]
    """Fill draws (resamples, 6). ``adaptive`` and ``mass`` end bins by images drawn, ``width`` by place in ``gap``.

    ``closes`` says where a run of equal confidence ends. Adaptive bins are cut twice: through the runs' averages, and,
    for the published definition (``ordered``), image by image as they are sorted.
    """
    total = len(order)
    for resample in range(counts.shape[0]):
        times = counts[resample]
        drawn, signed = np.int64(0), 0.0
        next_ordered, next_adaptive, next_mass = 0, 0, 0
        ordered_before, adaptive_before, mass_before = 0.0, 0.0, 0.0
        ordered_drawn, adaptive_drawn, mass_drawn = 0, 0, 0
        squares, ordered_squares, last_square = 0.0, 0.0, 0.0
        mean_mass, max_mass, mean_width, max_width = 0.0, 0.0, 0.0, 0.0
        place = 0
        for end in width:
            width_before, width_drawn = signed, drawn
            while place < end:
                run, run_drawn, run_signed = place, drawn, signed
                # Of a run of equal confidence image by image, each of which may be drawn several times.
                while True:
                    weight = np.int64(times[order[place]])
                    while next_ordered < len(adaptive) and drawn + weight >= adaptive[next_ordered]:
                        stop = adaptive[next_ordered]
                        at = signed + (stop - drawn) * gap[place]
                        last_square = (at - ordered_before) ** 2 / (stop - ordered_drawn)
                        ordered_squares += last_square
                        ordered_before, ordered_drawn = at, stop
                        next_ordered += 1
                    signed += weight * gap[place]
                    drawn += weight
                    place += 1
                    if closes[place - 1]:
                        break
                # And as a whole, every image drawn of it being their average.
                average = gap[run]
                if place - run > 1 and drawn > run_drawn:
                    average = (signed - run_signed) / (drawn - run_drawn)
                while next_adaptive < len(adaptive) and drawn >= adaptive[next_adaptive]:
                    stop = adaptive[next_adaptive]
                    at = run_signed + (stop - run_drawn) * average
                    squares += (at - adaptive_before) ** 2 / (stop - adaptive_drawn)
                    adaptive_before, adaptive_drawn = at, stop
                    next_adaptive += 1
                while next_mass < len(mass) and drawn >= mass[next_mass]:
                    stop = mass[next_mass]
                    at = run_signed + (stop - run_drawn) * average
                    size = abs(at - mass_before)
                    mean_mass += size
                    max_mass = max(max_mass, size / (stop - mass_drawn))
                    mass_before, mass_drawn = at, stop
                    next_mass += 1
            if drawn > width_drawn:
                size = abs(signed - width_before)
                mean_width += size
                max_width = max(max_width, size / (drawn - width_drawn))
        draws[resample, 0] = np.sqrt(squares / total)
        draws[resample, 1] = np.sqrt((ordered_squares - last_square) / total)
        draws[resample, 2] = mean_width / total
        draws[resample, 3] = max_width
        draws[resample, 4] = mean_mass / total
        draws[resample, 5] = max_mass
