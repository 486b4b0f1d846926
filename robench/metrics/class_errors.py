"""Error class by class: a mean can hide a class that a corruption ruins."""

import numpy as np
import pandas as pd
from numba import njit

from robench.metrics.bootstrap import Counts, Draws
from robench.metrics.error import wrong
from robench.metrics.metric import Metric, UndefinedMetricError


def class_errors(records: pd.DataFrame) -> pd.Series:
    """Return the error of each class that has images, float64 by label, ascending: a mean over that class's images."""
    errors = pd.Series(wrong(records)).groupby(records["label"].to_numpy()).mean()
    return errors.rename_axis("label").rename("error")


def worst_class_error(records: pd.DataFrame) -> float:
    """Return the largest error of a class; raise UndefinedMetricError for no images."""
    errors = class_errors(records)
    if errors.empty:
        raise UndefinedMetricError("no images")
    return float(errors.max())


def worst_class_draws(records: pd.DataFrame, counts: Counts) -> dict[str, Draws]:
    """Return the metric on each resample, float64 (resamples,); a class that was not drawn does not count."""
    _, label = np.unique(records["label"].to_numpy(), return_inverse=True)
    worst = np.empty(len(counts))
    _worst(counts, label, wrong(records).astype(np.int64), worst)
    return {"worst_class_error": worst}


@njit(cache=True, nogil=True)
def _worst(counts, label, wrong, worst):  # type: ignore[no-untyped-def]
    classes = label.max() + 1
    for resample in range(counts.shape[0]):
        images = np.zeros(classes, np.int64)
        errors = np.zeros(classes, np.int64)
        for place in range(len(label)):
            weight = np.int64(counts[resample, place])
            images[label[place]] += weight
            errors[label[place]] += weight * wrong[place]
        worst[resample] = 0.0
        for each in range(classes):
            if images[each] > 0:
                worst[resample] = max(worst[resample], errors[each] / images[each])


METRICS = {
    "worst_class_error": Metric(
        "the largest error of a class; see robench.metrics.class_errors for each class's",
        worst_class_error,
        draws=worst_class_draws,
    )
}
