"""Error and calibration against severity: means over the suite's corruptions, 0 being the clean images."""

from collections.abc import Sequence

import pandas as pd

from robench.metrics.intervals import mean_interval

COLUMNS = ["run", "severity", "error", "error_low", "error_high", "rms_calibration_error", "n"]


def by_severity(
    scores: pd.DataFrame, evidence: pd.DataFrame, corruptions: Sequence[str]
) -> pd.DataFrame:
    """Return a row per severity, 0 to 5, of one run: ``COLUMNS``; errors are fractions, n counts images.

    ``scores`` are the run's tidy scores, ``evidence`` its records (see ``reports.evidence``) and ``corruptions``
    the suite's. A severity at which any of the corruptions is missing has no row: a mean over fewer would not
    compare. The interval is over images, each with its own mean over the corruptions, because the corruptions share
    their images.
    """
    run = scores["run"].iloc[0]
    per_condition = scores[scores["metric"].isin(["error", "rms_calibration_error"])]
    rows = [clean_row(run, per_condition)] if "clean" in set(evidence["corruption"]) else []
    chosen = evidence[evidence["corruption"].isin(corruptions)]
    for severity, part in chosen.groupby("severity"):
        if part["corruption"].nunique() < len(set(corruptions)):
            continue
        per_image = part.groupby("index")["wrong"].mean()
        at_severity = per_condition[per_condition["severity"] == severity]
        gaps = at_severity[at_severity["corruption"].isin(corruptions)]
        calibration = gaps.loc[gaps["metric"] == "rms_calibration_error", "value"].mean()
        low, high = mean_interval(per_image.to_numpy())
        rows.append((run, severity, per_image.mean(), low, high, calibration, len(per_image)))
    return pd.DataFrame(rows, columns=COLUMNS)


def clean_row(run: str, scores: pd.DataFrame) -> tuple[object, ...]:
    """Return the row of severity 0 from the scores of the clean condition."""
    clean = scores[scores["corruption"] == "clean"]
    error = clean[clean["metric"] == "error"].iloc[0]
    calibration = clean.loc[clean["metric"] == "rms_calibration_error", "value"].mean()
    return (run, 0, error["value"], error["low"], error["high"], calibration, error["n"])


def missing_severities(evidence: pd.DataFrame, corruptions: Sequence[str]) -> list[tuple[str, str]]:
    """Return (score, reason) for each begun severity whose mean is refused because corruptions are missing."""
    refused = []
    for severity, part in evidence[evidence["severity"] > 0].groupby("severity"):
        absent = [name for name in corruptions if name not in set(part["corruption"])]
        if absent:
            shown = ", ".join(absent[:3]) + (", ..." if len(absent) > 3 else "")
            reason = f"{len(absent)} of {len(corruptions)} corruptions missing ({shown})"
            refused.append((f"mean at severity {severity}", reason))
    return refused
