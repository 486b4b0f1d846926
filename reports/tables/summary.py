"""The summary: a row per run with the few numbers people quote, each with its interval."""

import pandas as pd

from reports.tables.lookup import has, per_run, run_order

# column -> (corruption, metric) of the tidy scores
QUANTITIES = {
    "clean_error": ("clean", "error"),
    "mean_corruption_error": ("all", "mean_uce"),
    "mce": ("all", "mce"),
    "relative_mce": ("all", "relative_mce"),
    "mean_flip_probability": ("all", "mean_flip_probability"),
    "mfr": ("all", "mfr"),
    "mean_top5_distance": ("all", "mean_top5_distance"),
    "mt5d": ("all", "mt5d"),
    "rms_calibration_error": ("all", "rms_calibration_error"),
}
# Exist only where there is a baseline to divide by, or of sequences.
OPTIONAL = (
    "mce",
    "relative_mce",
    "mean_flip_probability",
    "mfr",
    "mean_top5_distance",
    "mt5d",
)


def summary(scores: pd.DataFrame) -> pd.DataFrame:
    """Return a row per run: each quantity, a fraction, with ``_low`` and ``_high``, and ``images`` (Int64).

    A quantity that a run does not have is NaN.
    """
    table = pd.DataFrame(index=run_order(scores))
    for column, (corruption, metric) in QUANTITIES.items():
        if column in OPTIONAL and not has(scores, metric):
            continue
        found = per_run(scores, corruption, metric)
        table[column] = found["value"].astype(float)
        table[f"{column}_low"] = found["low"].astype(float)
        table[f"{column}_high"] = found["high"].astype(float)
    table["images"] = scores.groupby("run", sort=False)["n"].max().astype("Int64")
    return table
