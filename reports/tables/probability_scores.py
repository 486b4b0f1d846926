"""How good the predicted probabilities are: calibration and proper scores, on clean and on corrupted images."""

import pandas as pd

from reports.tables.lookup import per_run, run_order

METRICS = ("rms_calibration_error", "rms_calibration_error_reference", "brier_score", "nll")


def probability_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Return a row per run with ``<metric>_clean`` and ``<metric>_corrupted``, the mean over the corrupted conditions.

    Calibration errors are fractions, Brier scores lie in [0, 2], nll is in nats. A number a run does not have is NaN.
    """
    table = pd.DataFrame(index=run_order(scores))
    for metric in METRICS:
        for corruption, suffix in (("clean", "clean"), ("all", "corrupted")):
            values = per_run(scores, corruption, metric)["value"]
            table[f"{metric}_{suffix}"] = values.astype(float)
    return table
