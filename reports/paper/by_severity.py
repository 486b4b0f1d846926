"""Error and calibration of one run against severity, with intervals for both: the data of the paper's figure 7.

Source: Hendrycks et al. 2020 (AugMix), figure 7; the mean is over corruptions of per-corruption values, or ``pooled``.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from robench import metrics, suites
from robench.metrics.bootstrap import Counts, interval
from robench.metrics.error import wrong
from robench.metrics.intervals import mean_interval
from robench.records import Run
from robench.scoring.sheet import RESAMPLES, Sheet
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
        records = aligned(run, wanted)
        count = len(next(iter(records.values())))
        sheet = Sheet(run.name, suite.name, count, resamples=resamples)
        error = np.mean([wrong(table) for table in records.values()], axis=0)
        calibration = _calibration(records, sheet.counts(count), pooled)
        rows.append((severity, error.mean(), *mean_interval(error), *calibration, count))
    return pd.DataFrame(rows, columns=COLUMNS)


def _calibration(
    records: Mapping[Condition, pd.DataFrame], counts: Counts, pooled: bool
) -> tuple[float, float, float]:
    tables = list(records.values())
    if pooled:
        tables = [pd.concat(tables, ignore_index=True)]
    value = float(np.mean([metrics.registry()[CALIBRATION].value(table) for table in tables]))
    draws = np.mean([metrics.draws(CALIBRATION, table, counts) for table in tables], axis=0)
    return (value, *interval(value, draws))
