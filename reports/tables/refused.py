"""What has no number, and why."""

import pandas as pd


def refused(refusals: pd.DataFrame) -> pd.DataFrame:
    """Return columns run, score, reason with the scores that one run refuses for one reason joined by commas.

    ``refusals`` has a row per run and score, in the same columns; the order of first appearance is kept.
    """
    joined = refusals.groupby(["run", "reason"], sort=False)["score"].agg(", ".join)
    return joined.reset_index()[["run", "score", "reason"]]
