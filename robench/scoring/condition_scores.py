"""Every metric of one condition, from its records alone."""

import numpy as np
import pandas as pd

from robench import metrics
from robench.metrics import UndefinedMetricError
from robench.metrics.error import wrong
from robench.metrics.intervals import mean_interval, wilson_interval
from robench.scoring.sheet import Sheet
from robench.suites import Condition


def score_condition(sheet: Sheet, condition: Condition, records: pd.DataFrame) -> None:
    """Add every metric of a condition; one that its records do not define is refused."""
    for name in metric_names():
        metric = metrics.registry()[name]
        try:
            value = metric.value(records)
        except UndefinedMetricError as reason:
            sheet.refused[f"{name} of {condition}"] = str(reason)
            continue
        interval = (np.nan, np.nan)
        if name == "error":
            interval = wilson_interval(wrong(records).sum(), len(records))
        elif metric.per_image is not None:
            interval = mean_interval(metric.per_image(records))
        sheet.add(condition.corruption, condition.severity, name, value, interval)


def metric_names() -> list[str]:
    """Return the error, then the other metrics by name: the order must not depend on the registry's."""
    shown = [name for name, metric in metrics.registry().items() if not metric.on_request]
    return ["error", *sorted(name for name in shown if name != "error")]
