"""Error and calibration against severity: means over the suite's corruptions, 0 being the clean images."""

from collections.abc import Sequence

import pandas as pd

from robench.scoring.aggregates import mean_over

COLUMNS = ["run", "severity", "error", "error_low", "error_high", "rms_calibration_error", "n"]


def by_severity(
    scores: pd.DataFrame, evidence: pd.DataFrame, corruptions: Sequence[str]
) -> pd.DataFrame:
    """Return a row per severity, 0 to 5, of one run: ``COLUMNS``; errors are fractions, n counts images.

    ``scores`` are the run's tidy scores, ``evidence`` its records (see ``reports.evidence``) and ``corruptions``
    the suite's. A severity at which any of the corruptions is missing has no row: a mean over fewer would not
    compare. The interval is over images, which the corruptions share, and that of ``load_run().aggregates``; a run
    without records has none above severity 0.
    """
    run = scores["run"].iloc[0]
    measured = scores[scores["severity"].notna()]
    cells = measured[measured["corruption"].isin(corruptions)]
    rows = [clean_row(run, measured)] if "clean" in set(measured["corruption"]) else []
    for severity, part in cells.groupby("severity"):
        errors = part[part["metric"] == "error"]
        if errors["corruption"].nunique() < len(set(corruptions)):
            continue
        calibration = part.loc[part["metric"] == "rms_calibration_error", "value"].mean()
        ends = error_interval(evidence[evidence["severity"] == severity], corruptions)
        rows.append(
            (run, severity, errors["value"].mean(), *ends, calibration, errors["n"].iloc[0])
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def error_interval(evidence: pd.DataFrame, corruptions: Sequence[str]) -> tuple[float, float]:
    """Return the ends of the interval of the mean error at one severity; NaN without records."""
    chosen = evidence[evidence["corruption"].isin(corruptions)]
    if chosen.empty:
        return float("nan"), float("nan")
    ordered = chosen.sort_values("index")
    # In the suite's order, in which the sums elsewhere are rounded too.
    tables = [part for name in corruptions if len(part := ordered[ordered["corruption"] == name])]
    return mean_over("error", tables)[1:]


def clean_row(run: str, scores: pd.DataFrame) -> tuple[object, ...]:
    """Return the row of severity 0 from the scores of the clean condition."""
    clean = scores[scores["corruption"] == "clean"]
    error = clean[clean["metric"] == "error"].iloc[0]
    calibration = clean.loc[clean["metric"] == "rms_calibration_error", "value"].mean()
    return (run, 0, error["value"], error["low"], error["high"], calibration, error["n"])


def missing_severities(scores: pd.DataFrame, corruptions: Sequence[str]) -> list[tuple[str, str]]:
    """Return (score, reason) for each begun severity of a run whose mean is refused because corruptions are missing."""
    refused = []
    errors = scores[(scores["metric"] == "error") & (scores["severity"] > 0)]
    for severity, part in errors.groupby("severity"):
        absent = [name for name in corruptions if name not in set(part["corruption"])]
        if absent:
            shown = ", ".join(absent[:3]) + (", ..." if len(absent) > 3 else "")
            reason = f"{len(absent)} of {len(corruptions)} corruptions missing ({shown})"
            refused.append((f"mean at severity {severity}", reason))
    return refused
