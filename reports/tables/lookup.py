"""Look values up in the tidy scores."""

import pandas as pd

VALUES = ["value", "low", "high", "n"]


def per_run(scores: pd.DataFrame, corruption: str, metric: str) -> pd.DataFrame:
    """Return columns value, low, high, n by run, in the runs' order: one metric over all severities of ``corruption``.

    "clean" and "all" (the whole suite) are corruptions here, as in the tidy scores. A run without the number has NaN.
    """
    chosen = scores[(scores["corruption"] == corruption) & (scores["metric"] == metric)]
    if corruption != "clean":
        chosen = chosen[chosen["severity"].isna()]
    return chosen.set_index("run")[VALUES].reindex(run_order(scores))


def run_order(scores: pd.DataFrame) -> pd.Index:
    """Return the runs' names in the order they came in."""
    return pd.Index(scores["run"].unique(), name="run")


def has(scores: pd.DataFrame, metric: str) -> bool:
    """Is there a number of that metric for any run?"""
    return bool((scores["metric"] == metric).any())


def corruptions_of(scores: pd.DataFrame) -> list[str]:
    """Return the names of the corruptions any run was measured on, as they come."""
    return [name for name in scores["corruption"].unique() if name not in ("clean", "all")]
