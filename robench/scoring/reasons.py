"""What has no number, with the reason, in the shape of the scores."""

from typing import Any

import numpy as np
import pandas as pd

from robench import metrics
from robench.errors import RobenchError
from robench.records import Run
from robench.scoring.baseline import kept
from robench.scoring.sheet import ALL, Scores
from robench.stored_scores import COLUMNS, REASON, read_scores
from robench.suites import Condition


def with_reasons(scores: Scores, model: str, suite: str) -> pd.DataFrame:
    """Return the scores' table with a last column ``reason``, and a row without a value for every score that is
    refused.

    ``reason`` is missing where there is a value: a score has either the one or the other.
    """
    rows = []
    for name, reason in scores.refused.items():
        corruption, severity, metric = _place(name)
        rows.append((model, suite, corruption, severity, metric, *[None] * 4, reason))
    refused = pd.DataFrame(rows, columns=[*COLUMNS, REASON], dtype=object)
    both = pd.concat([scores.table.astype(object), refused], ignore_index=True)
    both = both.astype({"severity": "Int64", "n": "Int64"})
    return both.astype(dict.fromkeys(("value", "low", "high"), "float64"))


def _place(name: str) -> tuple[str, int | None, str]:
    """Return corruption, severity and metric of a refused score's name, such as "ece of fog-3", "mean nll" or "mce"."""
    metric, separator, place = name.partition(" of ")
    if not separator:
        return ALL, None, name.removeprefix("mean ")
    try:
        condition = Condition.parse(place)
    except RobenchError:
        return place, None, metric
    return condition.corruption, condition.severity, metric


def as_stored(run: Run) -> Scores:
    """Return the content of a run's scores.csv: the reverse of ``with_reasons``, but for the draws, which are NaN."""
    stored = read_scores(run.path)
    table = stored.loc[stored["value"].notna(), list(COLUMNS)].reset_index(drop=True)
    table = table.astype({"n": "int64"})
    table["model"] = run.name
    reasons = stored.loc[stored["value"].isna(), ["corruption", "severity", "metric", REASON]]
    refused = {_name(*place): str(reason) for *place, reason in reasons.itertuples(index=False)}
    divisor = kept(run)
    draws = np.full((len(table), 0), np.nan)
    return Scores(table, refused, draws, None if divisor is None else divisor.name)


def _name(corruption: str, severity: Any, metric: str) -> str:
    """Return the name of a refused score, of which ``_place`` makes its row."""
    if corruption == ALL:
        return f"mean {metric}" if metric in metrics.registry() else metric
    place = corruption if pd.isna(severity) else Condition(corruption, int(severity))
    return f"{metric} of {place}"
