"""Anomaly detection: can the model's own scores tell images of its classes from images of none of them?

Three scores per image, each from the stored records, larger for an image that looks more anomalous: minus the maximum
softmax probability, minus the maximum logit, and the energy, minus the logsumexp of the logits. From the scores of
inside (in-distribution) and outside images come AUROC, AUPR and FPR95, all fractions in [0, 1].

**Which class is positive.** AUROC does not depend on it. For AUPR and FPR95 the default is *outside*: an anomaly is
what is to be detected, as in Outlier Exposure and ImageNet-O. Others (ODIN, energy) call the inside images positive:
pass ``positive="inside"``, and say so beside the number. The AUPR of a score that knows nothing is the share of
positives, not 0.5.

**ImageNet-O.** AUPR with the outside images positive and the maximum softmax: outside are its 2,000 images, inside the
10,000 validation images of its 200 classes. The published code takes the softmax over the logits of those 200
classes only, so the records must be made from those logits; records over all 1,000 give another number.

Scores are stored as float32: a softmax that has saturated at 1.0 ties, which the maximum logit and the energy do not.
Ties between an inside and an outside image count one half in AUROC.

Sources: Hendrycks & Gimpel 2017 (maximum softmax, AUROC, AUPR); Hendrycks et al. 2019, "Deep Anomaly Detection with
Outlier Exposure" (FPR95, outside positive); Hendrycks et al. 2022, "Scaling Out-of-Distribution Detection" (maximum
logit); Liu et al. 2020, "Energy-based Out-of-distribution Detection"; Hendrycks et al. 2021, "Natural Adversarial
Examples" (ImageNet-O).
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from robench.metrics.metric import UndefinedMetricError

Scores = NDArray[np.float64]

# Name -> the column of the records that is large for an image the model is sure of.
SURENESS = {"max_softmax": "confidence", "max_logit": "max_logit", "energy": "logsumexp"}
POSITIVES = ("outside", "inside")


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


def auroc(inside: Scores, outside: Scores) -> float:
    """Return the probability that an outside image scores higher than an inside one, ties counting one half."""
    return float(roc_auc_score(*_labelled(outside, inside)))


def aupr(inside: Scores, outside: Scores, positive: str = "outside") -> float:
    """Return the area under the precision-recall curve as average precision (a sum, no interpolation)."""
    return float(average_precision_score(*_labelled(*_sides(inside, outside, positive))))


def fpr95(inside: Scores, outside: Scores, positive: str = "outside") -> float:
    """Return the share of negatives called positive at the strictest threshold that finds at least 95% of positives.

    The published code takes the threshold whose recall is nearest to 95% instead, which can find fewer; the two agree
    when 95% of the positives is a whole number and no scores tie.
    """
    positives, negatives = _sides(inside, outside, positive)
    needed = -(-95 * len(positives) // 100)
    threshold = np.sort(positives)[-needed]
    return float(np.mean(negatives >= threshold))


METRICS_OF_PAIRS: dict[str, Callable[[Scores, Scores, str], float]] = {
    "auroc": lambda inside, outside, _: auroc(inside, outside),
    "aupr": aupr,
    "fpr95": fpr95,
}


def detection_scores(
    inside: pd.DataFrame, outside: pd.DataFrame, positive: str = "outside"
) -> pd.DataFrame:
    """Return every metric with every score, one row each, for a pair of records of the same model.

    Args:
        inside: records of images of the model's classes, a row each.
        outside: records of images of none of them.
        positive: which of the two AUPR and FPR95 are to detect.

    Returns:
        columns ``score`` (of ``SURENESS``), ``metric``, ``value`` (a fraction), ``positive``, ``n_inside``,
        ``n_outside``.

    Raises:
        UndefinedMetricError: for no images on a side, or scores that are not finite.
    """
    rows = []
    for name in SURENESS:
        sides = anomaly_score(inside, name), anomaly_score(outside, name)
        for metric, compute in METRICS_OF_PAIRS.items():
            rows.append((name, metric, compute(*sides, positive)))
    table = pd.DataFrame(rows, columns=["score", "metric", "value"])
    return table.assign(positive=positive, n_inside=len(inside), n_outside=len(outside))


def _sides(inside: Scores, outside: Scores, positive: str) -> tuple[Scores, Scores]:
    """Return (positives, negatives), both larger for what looks more positive."""
    if positive not in POSITIVES:
        raise ValueError(f"positive must be one of {', '.join(POSITIVES)}, got {positive!r}")
    return (outside, inside) if positive == "outside" else (-inside, -outside)


def _labelled(positives: Scores, negatives: Scores) -> tuple[NDArray[np.int64], Scores]:
    truth = np.repeat([1, 0], [len(positives), len(negatives)])
    return truth, np.concatenate([positives, negatives])
