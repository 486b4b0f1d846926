"""Error and calibration of one run against severity, with intervals for both: the data of the paper's figure 7.

Source: Hendrycks et al. 2020 (AugMix), figure 7; the mean is over corruptions of per-corruption values, or ``pooled``.
"""

import pandas as pd

from robench import suites
from robench.records import Run
from robench.scoring.aggregates import mean_over
from robench.scoring.sheet import RESAMPLES
from robench.scoring.stored_records import aligned
from robench.suites import CLEAN, Condition

CALIBRATION = "rms_calibration_error"
COLUMNS = [
    "severity", "error", "error_low", "error_high", CALIBRATION, f"{CALIBRATION}_low", f"{CALIBRATION}_high", "n"
]  # fmt: skip


def by_severity(run: Run, pooled: bool = False, resamples: int = RESAMPLES) -> pd.DataFrame:
    """Return a row per severity, 0 (clean) to 5: ``COLUMNS``, fractions; a severity that is not complete has no row.

    Calibration is the mean over the corruptions of each one's error; with ``pooled`` it is that of all the corruptions'
    predictions as one set, which on many images is smaller, because over- and underconfidence cancel. Intervals are
    95% over images, the same resample in every corruption. A run without records has no rows.
    """
    suite = suites.registry()[run.info["suite"]]
    stored = set(run.conditions()) if run.keeps_records else set()
    rows = []
    for severity in (0, *suite.severities):
        wanted = [Condition(name, severity) for name in suite.corruptions] if severity else [CLEAN]
        if not stored.issuperset(wanted):
            continue
        tables = list(aligned(run, wanted).values())
        error = mean_over("error", tables, resamples)
        calibration = mean_over(CALIBRATION, tables, resamples, pooled=pooled)
        rows.append((severity, *error, *calibration, len(tables[0])))
    return pd.DataFrame(rows, columns=COLUMNS)
