"""Anomaly detection: can the model's own scores tell images of its classes from images of none of them?

Three scores per image, each from the stored records, larger for an image that looks more anomalous: minus the maximum
softmax probability, minus the maximum logit, and the energy, minus the logsumexp of the logits. From the scores of
inside (in-distribution) and outside images come AUROC, AUPR and FPR95, all fractions in [0, 1].

**Which class is positive.** AUROC does not depend on it. For AUPR and FPR95 the default is *outside*: an anomaly is
what is to be detected, as in Outlier Exposure and ImageNet-O. Others (ODIN, energy) call the inside images positive:
pass ``positive="inside"``, and say so beside the number. The AUPR of a score that knows nothing is the share of
positives, not 0.5.

**ImageNet-O.** AUPR with the outside images positive and the maximum softmax: outside are its 2,000 images, inside the
10,000 validation images of its 200 classes. The published code (natural-adv-examples, eval_many_models.py) takes the
softmax over the logits of those 200 classes only, so the records must be made from those logits; records over all
1,000 give another number.

**Intervals** are 95%, from a bootstrap stratified by side: inside and outside images are drawn anew, each as many as
there are, the same draws for every score and metric. They tell how another sample of images would vary, not another
training.

Scores are stored as float32: a softmax that has saturated at 1.0 ties, which the maximum logit and the energy do not.
Ties between an inside and an outside image count one half in AUROC.

Sources: Hendrycks & Gimpel 2017 (maximum softmax, AUROC, AUPR); Hendrycks et al. 2019, "Deep Anomaly Detection with
Outlier Exposure" (FPR95, outside positive); Hendrycks et al. 2022, "Scaling Out-of-Distribution Detection" (maximum
logit); Liu et al. 2020, "Energy-based Out-of-distribution Detection"; Hendrycks et al. 2021, "Natural Adversarial
Examples" (ImageNet-O).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.metrics.metric import UndefinedMetricError

Scores = NDArray[np.float64]
Counts = NDArray[np.int64]

# Name -> the column of the records that is large for an image the model is sure of.
SURENESS = {"max_softmax": "confidence", "max_logit": "max_logit", "energy": "logsumexp"}
POSITIVES = ("outside", "inside")
RESAMPLES = 1000
NUMBERS_AT_ONCE = 4_000_000  # of a block of resamples: 32 MB an array


def anomaly_score(records: pd.DataFrame, name: str) -> Scores:
    """Return float64 (N,), larger for more anomalous; ``name`` is one of ``SURENESS``.

    Raises UndefinedMetricError for no images and for scores that are not finite.
    """
    score = -records[SURENESS[name]].to_numpy(np.float64)
    if len(score) == 0:
        raise UndefinedMetricError("no images")
    if bad := int((~np.isfinite(score)).sum()):
        raise UndefinedMetricError(f"{bad} of {len(score)} images have no finite {name}")
    return score


@dataclass(frozen=True)
class Curve:
    """What is called positive as the threshold falls, for B weightings of the images.

    Attributes:
        found: int64 (B, T), how many positives score at least the t-th highest of the T distinct scores.
        false: int64 (B, T), how many negatives do.
    """

    found: Counts
    false: Counts

    def auroc(self) -> Scores:
        """Return float64 (B,): how often a positive scores higher than a negative, ties counting one half."""
        positives, negatives = self.found[:, -1], self.false[:, -1]
        beaten = negatives[:, None] - self.false + _steps(self.false) / 2
        return (_steps(self.found) * beaten).sum(1) / (positives * negatives)

    def aupr(self) -> Scores:
        """Return float64 (B,): the average precision, a sum over the recall gained at each score."""
        precision = self.found / np.maximum(self.found + self.false, 1)
        return (_steps(self.found) * precision).sum(1) / self.found[:, -1]

    def fpr95(self) -> Scores:
        """Return float64 (B,): the share of negatives above the strictest threshold that finds 95% of positives."""
        needed = -(-95 * self.found[:, -1:] // 100)
        place = (self.found >= needed).argmax(1)
        return self.false[np.arange(len(place)), place] / self.false[:, -1]


METRICS_OF_PAIRS: dict[str, Callable[[Curve], Scores]] = {
    "auroc": Curve.auroc,
    "aupr": Curve.aupr,
    "fpr95": Curve.fpr95,
}


def curve(
    inside: Scores, outside: Scores, positive: str = "outside", counts: Counts | None = None
) -> Curve:
    """Return the curve of anomaly scores (N,) and (M,), both larger for more anomalous.

    ``counts``, int64 (B, N + M), says how often each inside and then each outside image counts; once when None. Raises
    ValueError for an unknown ``positive``.
    """
    if positive not in POSITIVES:
        raise ValueError(f"positive must be one of {', '.join(POSITIVES)}, got {positive!r}")
    scores = np.concatenate([inside, outside]) * (1 if positive == "outside" else -1)
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    is_positive = (order >= len(inside)) == (positive == "outside")
    counted = (
        np.ones((1, len(scores)), np.int64) if counts is None else np.take(counts, order, axis=1)
    )
    both = counted.cumsum(1)[:, ends]
    found = (counted * is_positive).cumsum(1)[:, ends]
    return Curve(found, both - found)


def auroc(inside: Scores, outside: Scores) -> float:
    """Return the probability that an outside image scores higher than an inside one, ties counting one half."""
    return float(curve(inside, outside).auroc()[0])


def aupr(inside: Scores, outside: Scores, positive: str = "outside") -> float:
    """Return the area under the precision-recall curve as average precision (a sum, no interpolation)."""
    return float(curve(inside, outside, positive).aupr()[0])


def fpr95(inside: Scores, outside: Scores, positive: str = "outside") -> float:
    """Return the share of negatives called positive at the strictest threshold that finds at least 95% of positives.

    The published code takes the threshold whose recall is nearest to 95% instead, which can find fewer; the two agree
    when 95% of the positives is a whole number and no scores tie.
    """
    return float(curve(inside, outside, positive).fpr95()[0])


def detection_scores(
    inside: pd.DataFrame,
    outside: pd.DataFrame,
    positive: str = "outside",
    resamples: int = RESAMPLES,
) -> pd.DataFrame:
    """Return every metric with every score, one row each, for a pair of records of the same model.

    Args:
        inside: records of images of the model's classes, a row each.
        outside: records of images of none of them.
        positive: which of the two AUPR and FPR95 are to detect.
        resamples: of the bootstrap.

    Returns:
        columns ``score`` (of ``SURENESS``), ``metric``, ``value`` (a fraction), ``low`` and ``high`` (of its 95%
        interval), ``positive``, ``n_inside``, ``n_outside``.

    Raises:
        UndefinedMetricError: for no images on a side, or scores that are not finite.
    """
    sides = {name: (anomaly_score(inside, name), anomaly_score(outside, name)) for name in SURENESS}
    drawn: dict[tuple[str, str], list[Scores]] = {}
    for counts in _resamples(len(inside), len(outside), resamples):
        for name, pair in sides.items():
            resampled = curve(*pair, positive, counts)
            for metric, compute in METRICS_OF_PAIRS.items():
                drawn.setdefault((name, metric), []).append(compute(resampled))
    rows = []
    for name, pair in sides.items():
        whole = curve(*pair, positive)
        for metric, compute in METRICS_OF_PAIRS.items():
            value = float(compute(whole)[0])
            rows.append((name, metric, value, *_ends(value, np.concatenate(drawn[name, metric]))))
    table = pd.DataFrame(rows, columns=["score", "metric", "value", "low", "high"])
    return table.assign(positive=positive, n_inside=len(inside), n_outside=len(outside))


def _ends(value: float, draws: Scores) -> tuple[float, float]:
    """Return the middle 95% of draws, widened to hold the value; NaN where the draws are all alike."""
    low, high = np.quantile(draws, (0.025, 0.975))
    low, high = min(float(low), value), max(float(high), value)
    return (low, high) if low < high else (float("nan"), float("nan"))


def _resamples(inside: int, outside: int, count: int) -> Iterator[Counts]:
    """Yield int64 (B, inside + outside), how often each image is drawn, in blocks of ``count`` resamples in all."""
    random = np.random.default_rng(0)
    size = max(1, NUMBERS_AT_ONCE // (inside + outside))
    for start in range(0, count, size):
        rows = min(size, count - start)
        yield np.concatenate([_drawn(random, rows, side) for side in (inside, outside)], axis=1)


def _drawn(random: np.random.Generator, rows: int, images: int) -> Counts:
    """Return int64 (rows, images): how often each image is among ``images`` draws with replacement."""
    picked = random.integers(0, images, (rows, images)) + images * np.arange(rows)[:, None]
    return np.bincount(picked.ravel(), minlength=rows * images).reshape(rows, images)


def _steps(cumulated: Counts) -> Counts:
    return np.diff(cumulated, axis=1, prepend=0)
