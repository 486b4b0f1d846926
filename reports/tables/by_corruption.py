"""Runs x corruptions: each corruption's mean over the severities, as in Table 1 of Hendrycks & Dietterich 2019."""

import pandas as pd

from reports.names import in_benchmark_order
from reports.tables.lookup import corruptions_of, per_run, run_order

# metric of a corruption -> metric of the whole suite
MEANS = {"uce": "mean_uce", "ce": "mce"}


def by_corruption(scores: pd.DataFrame, metric: str = "uce") -> pd.DataFrame:
    """Return a row per run: clean, one column per corruption in the benchmark's order, mean, rms_calibration_error.

    Values are fractions. ``metric`` is "uce", the mean error over the severities, or "ce", that error divided by
    the baseline's. ``clean`` is the clean error; ``mean`` and ``rms_calibration_error`` are over all corrupted
    conditions. Where a run lacks conditions, the number they would belong to is NaN.
    """
    table = pd.DataFrame(index=run_order(scores))
    table["clean"] = per_run(scores, "clean", "error")["value"].astype(float)
    for corruption in in_benchmark_order(
        corruptions_of(scores[scores["metric"].isin(["error", metric])])
    ):
        table[corruption] = per_run(scores, corruption, metric)["value"].astype(float)
    table["mean"] = per_run(scores, "all", MEANS[metric])["value"].astype(float)
    calibration = per_run(scores, "all", "rms_calibration_error")
    table["rms_calibration_error"] = calibration["value"].astype(float)
    return table
