"""Proper scores of the confidence, taken apart: what recalibration could mend, and what it could not.

The forecast is "the prediction is right, with probability confidence". Its score (Brier: the squared error; log: the
negative log-likelihood in nats; both means over images) is the sum of

* **calibration**: the score minus that of the recalibrated confidence, the best that any map of confidences that keeps
  their order could save on these images (fitted and scored on the same images, so a little more than on new ones); 0
  exactly when the confidences are already the fitted ones;
* **refinement**: the score of the recalibrated confidence: how far from 0 and 1 the share of right predictions is among
  images that the model is equally sure of.

Recalibration is isotonic regression, which leaves nothing to choose and makes the sum exact; decompositions by bins
depend on the bins and leave a remainder. The full Brier score of all classes cannot be taken apart from the records,
which do not hold every class's probability.

Sources: DeGroot & Fienberg 1983, "The Comparison and Evaluation of Forecasters" (calibration and refinement);
Dimitriadis, Gneiting & Jordan 2021, "Stable reliability diagrams for probabilistic classifiers" (the isotonic form:
miscalibration, and uncertainty minus discrimination).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray
from scipy.special import xlogy

from robench.metrics.bootstrap import Counts, Draws
from robench.metrics.confidence_bins import Sorted, sorted_by_confidence
from robench.metrics.intervals import FRACTION, NEVER_NEGATIVE
from robench.metrics.metric import Metric, UndefinedMetricError

SCORES = ("brier", "log")


@dataclass(frozen=True)
class Decomposition:
    """A score and its two parts: ``score == calibration + refinement``, all at least 0."""

    score: float
    calibration: float
    refinement: float


def decompose(records: pd.DataFrame, score: str) -> Decomposition:
    """Take the Brier or the log score of the confidence apart; ``score`` is one of ``SCORES``.

    Raises UndefinedMetricError for no images, and for a log score that is infinite: a prediction that is wrong with
    confidence 1 or right with confidence 0.
    """
    if score not in SCORES:
        raise ValueError(f"score must be one of {', '.join(SCORES)}, got {score!r}")
    images = sorted_by_confidence(records)
    ones = np.ones((1, len(images.order)), np.uint8)
    whole, refinement = (float(draws[0]) for draws in _parts(images, ones, score))
    return Decomposition(whole, whole - refinement, refinement)


def decomposition_draws(records: pd.DataFrame, counts: Counts, score: str) -> dict[str, Draws]:
    """Return both parts on each resample, float64 (resamples,) each."""
    whole, refinement = _parts(sorted_by_confidence(records), counts, score)
    return {
        f"confidence_{score}_calibration": whole - refinement,
        f"confidence_{score}_refinement": refinement,
    }


def _parts(images: Sorted, counts: Counts, score: str) -> tuple[Draws, Draws]:
    """Return the score and its refinement on each resample."""
    correct = np.rint(images.confidence - images.gap)
    losses = _losses(images.confidence, correct, score)
    if bad := int((~np.isfinite(losses)).sum()):
        raise UndefinedMetricError(
            f"{bad} of {len(losses)} predictions are wrong with confidence 1 or right with confidence 0: "
            f"the log score is infinite"
        )
    whole, refinement = np.empty(len(counts)), np.empty(len(counts))
    _refine(
        counts,
        images.order % counts.shape[1],
        correct,
        losses,
        images.closes,
        score == "log",
        whole,
        refinement,
    )
    return whole, refinement


def _losses(
    confidence: NDArray[np.float64], correct: NDArray[np.float64], score: str
) -> NDArray[np.float64]:
    if score == "brier":
        return (confidence - correct) ** 2
    return np.asarray(-xlogy(correct, confidence) - xlogy(1 - correct, 1 - confidence))


@njit(cache=True, nogil=True)
def _refine(counts, order, correct, losses, closes, is_log, whole, refinement):  # type: ignore[no-untyped-def]
    """Score as it is, and after pooling adjacent violators: runs of images whose share of right ones must not fall."""
    total = len(order)
    weights, rights = np.empty(total), np.empty(total)
    for resample in range(counts.shape[0]):
        pools, weight, right, sum_of_losses = 0, 0.0, 0.0, 0.0
        for place in range(total):
            times = float(counts[resample, order[place]])
            weight += times
            right += times * correct[place]
            sum_of_losses += times * losses[place]
            if not closes[place] or weight == 0:
                continue
            while pools > 0 and rights[pools - 1] * weight >= right * weights[pools - 1]:
                pools -= 1
                weight += weights[pools]
                right += rights[pools]
            weights[pools], rights[pools] = weight, right
            pools += 1
            weight, right = 0.0, 0.0
        sum_of_pools = 0.0
        for pool in range(pools):
            share = rights[pool] / weights[pool]
            if 0 < share < 1:
                if is_log:
                    sum_of_pools -= rights[pool] * np.log(share)
                    sum_of_pools -= (weights[pool] - rights[pool]) * np.log(1 - share)
                else:
                    sum_of_pools += rights[pool] * (1 - share)
        whole[resample] = sum_of_losses / total
        refinement[resample] = sum_of_pools / total


def _brier_draws(records: pd.DataFrame, counts: Counts) -> dict[str, Draws]:
    return decomposition_draws(records, counts, "brier")


def _log_draws(records: pd.DataFrame, counts: Counts) -> dict[str, Draws]:
    return decomposition_draws(records, counts, "log")


def _metric(score: str, part: str, meaning: str) -> Metric:
    def value(records: pd.DataFrame) -> float:
        return float(getattr(decompose(records, score), part))

    draws: Callable[[pd.DataFrame, Counts], dict[str, Draws]]
    draws = _brier_draws if score == "brier" else _log_draws
    summary = f"{score} score of the confidence, {meaning}"
    bounds = FRACTION if score == "brier" else NEVER_NEGATIVE
    return Metric(summary, value, bounds, draws=draws, on_request=True)


METRICS = {
    f"confidence_{score}_{part}": _metric(score, part, meaning)
    for score in SCORES
    for part, meaning in (
        ("calibration", "the part that isotonic recalibration would save"),
        ("refinement", "the part that remains after isotonic recalibration"),
    )
}
