"""What has no number, with the reason, in the shape of the scores."""

import pandas as pd

from robench.errors import RobenchError
from robench.scoring.sheet import ALL, COLUMNS, Scores
from robench.suites import Condition

REASON = "reason"


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
