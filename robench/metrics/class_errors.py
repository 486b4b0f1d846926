"""Error class by class: a mean can hide a class that a corruption ruins."""

import numpy as np
import pandas as pd
from numba import njit

from robench.metrics.bootstrap import Counts, Draws
from robench.metrics.error import wrong
from robench.metrics.intervals import FRACTION
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
    label = records["label"].to_numpy()
    order = np.argsort(label, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(label[order])) + 1, len(order))
    worst = np.empty(len(counts))
    _worst(counts, order % counts.shape[1], ends, wrong(records)[order].astype(np.int64), worst)
    return {"worst_class_error": worst}


@njit(cache=True, nogil=True)
def _worst(counts, order, ends, wrong, worst):  # type: ignore[no-untyped-def]
    """Fill worst (resamples,); ``order`` holds the images class by class, ``ends`` where the classes end."""
    for resample in range(counts.shape[0]):
        times = counts[resample]
        largest, place = 0.0, 0
        for end in ends:
            images, errors = 0, 0
            while place < end:
                weight = int(times[order[place]])
                images += weight
                errors += weight * wrong[place]
                place += 1
            if images > 0:
                largest = max(largest, errors / images)
        worst[resample] = largest


METRICS = {
    "worst_class_error": Metric(
        "the largest error of a class; see robench.metrics.class_errors for each class's",
        worst_class_error,
        FRACTION,
        draws=worst_class_draws,
    )
}
