"""Is a prediction stable? Flip probability and the distance of top classes along a perturbation sequence.

Frames are compared in pairs. In a noise sequence, whose name contains "noise", every frame is compared with the first
one, which is clean; in the others every frame is compared with the one ``step`` frames before. A video's value is the
mean over its pairs, a sequence's the mean over its videos.

``step`` is the difficulty of the authors' code: at 2 and 3 frames lie further apart. Noise has no steps: its
difficulties are the stronger sequences ``gaussian_noise_2``, ``gaussian_noise_3`` and the like.

* Flip probability: the share of pairs whose predictions differ.
* Top-5 distance: with c = 0, 1, 2, 3, 4, 5, 5, ... by rank, the sum over the earlier frame's first five classes of
  |c(rank there) - c(rank in the later frame)|. It lies in [0, 15], and is not symmetric in the two frames.
* Zipf distance: the sum over all classes of |1 / r - 1 / s| / r, r and s being a class's ranks, from 1, in the earlier
  and the later frame. It needs the order of all classes, so that it is computed while evaluating and stored.

Classes of equal logits rank in the order of their numbers.

Source: Hendrycks & Dietterich 2019, section 4.2 and appendix; the ImageNet-P/test.py of its code.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.metrics.intervals import FRACTION, NEVER_NEGATIVE, Bounds

TOP = 5
STEPS = (1, 2, 3)
TOP_COLUMNS = ("prediction", "second", "third", "fourth", "fifth")

PerVideo = NDArray[np.float64]


def against_first(sequence: str) -> bool:
    """Are the frames of this sequence compared with its first one?"""
    return "noise" in sequence


def pairs(frame_count: int, to_first: bool, step: int = 1) -> Iterator[tuple[int, int]]:
    """Yield (earlier, later) of every pair of frames that is compared.

    Raises ValueError for a step other than 1 where the first frame is compared with.
    """
    if to_first and step != 1:
        raise ValueError(f"noise is compared with its first frame, without steps; got step {step}")
    for later in range(step, frame_count):
        yield (0 if to_first else later - step), later


def flip_probability(predictions: NDArray[np.int64], to_first: bool, step: int = 1) -> PerVideo:
    """Return, of int (N, F) predicted classes, float64 (N,): the share of pairs that differ."""
    return _mean_over_pairs(
        predictions, to_first, step, lambda before, after: (before != after).astype(np.float64)
    )


def top5_distance(top: NDArray[np.int64], to_first: bool, step: int = 1) -> PerVideo:
    """Return float64 (N,) of int (N, F, 5), the five classes of the largest logits, the largest first."""
    return _mean_over_pairs(top, to_first, step, _distance_of_tops)


def _distance_of_tops(before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.float64]:
    found = before[:, :, None] == after[:, None, :]
    place = np.where(found.any(2), found.argmax(2), TOP)
    return np.abs(np.arange(TOP) - place).sum(1).astype(np.float64)


def _mean_over_pairs(
    frames: NDArray[np.int64],
    to_first: bool,
    step: int,
    distance: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64]],
) -> PerVideo:
    compared = list(pairs(frames.shape[1], to_first, step))
    total = np.zeros(len(frames))
    for earlier, later in compared:
        total += distance(frames[:, earlier], frames[:, later])
    return total / len(compared)


def zipf_distances(ranks: NDArray[np.int64], to_first: bool, step: int = 1) -> NDArray[np.float64]:
    """Return float64 (N, F): every frame's Zipf distance from the one it is compared with, NaN where there is none.

    ``ranks`` is int (N, F, K), the rank of every class, 1 for the largest logit.
    """
    weight = 1 / ranks
    distances = np.full(ranks.shape[:2], np.nan)
    for earlier, later in pairs(ranks.shape[1], to_first, step):
        before, after = weight[:, earlier], weight[:, later]
        distances[:, later] = (np.abs(before - after) * before).sum(1)
    return distances


def zipf_column(step: int) -> str:
    """Return the column of the records that holds Zipf distances at a step."""
    return f"zipf_distance{suffix(step)}"


def suffix(difficulty: int) -> str:
    """Return what a metric's or a noise sequence's name ends with at a difficulty: nothing, ``_2`` or ``_3``."""
    return f"_{difficulty}" if difficulty > 1 else ""


@dataclass(frozen=True)
class SequenceMetric:
    """A number for one perturbation sequence, the mean of a value per video.

    Attributes:
        summary: definition in one line, for ``robench list``.
        per_video: (records sorted by index and frame, against the first frame?, step) -> float64 (N,).
        bounds: between what it lies; so do its means, and their intervals.
    """

    summary: str
    per_video: Callable[[pd.DataFrame, bool, int], PerVideo]
    bounds: Bounds


def _flips(records: pd.DataFrame, to_first: bool, step: int) -> PerVideo:
    return flip_probability(by_video(records, "prediction"), to_first, step)


def _tops(records: pd.DataFrame, to_first: bool, step: int) -> PerVideo:
    top = np.stack([by_video(records, column) for column in TOP_COLUMNS], axis=2)
    return top5_distance(top, to_first, step)


def _zipf(records: pd.DataFrame, to_first: bool, step: int) -> PerVideo:
    values = by_video(records, zipf_column(step))
    return values[:, step:].mean(1, dtype=np.float64)


def by_video(records: pd.DataFrame, column: str) -> NDArray:
    """Return a column of records, sorted by index and frame, as (N, F): a row per video."""
    frame_count = int(records["frame"].max()) + 1
    return records[column].to_numpy().reshape(-1, frame_count)


SEQUENCE_METRICS = {
    "flip_probability": SequenceMetric(
        "share of compared frames of a sequence whose top-1 predictions differ",
        _flips,
        FRACTION,
    ),
    "top5_distance": SequenceMetric(
        "how far the first five classes move between them", _tops, Bounds(0.0, 15.0)
    ),
    "zipf_distance": SequenceMetric(
        "how far all classes move between them, weighted by 1 / rank",
        _zipf,
        NEVER_NEGATIVE,
    ),
}
