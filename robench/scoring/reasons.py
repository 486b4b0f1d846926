"""What has no number, with the reason, in the shape of the scores."""

from typing import Any

import numpy as np
import pandas as pd

from robench import metrics, suites
from robench.errors import RobenchError
from robench.records import Run
from robench.scoring.baseline import kept
from robench.scoring.sheet import ALL, Scores
from robench.stored_scores import COLUMNS, REASON, read_scores
from robench.suites import Condition, Suite

RATIOS = ("mce", "relative_mce")
EFFECTIVE = "effective_robustness"


def not_of_a_run_alone(suite: Suite) -> dict[str, str]:
    """Return score of the whole suite -> what would have to be given for it, beside the run."""
    needs = {}
    if suite.severities and suite.normaliser is None:
        for name in RATIOS:
            needs[name] = (
                f"it divides by another network's errors, and none are published for {suite.name}: give a run of one, "
                "robench eval ... --baseline RUN"
            )
    if suite.severities:
        needs[EFFECTIVE] = (
            "it needs a line through conventionally trained models, and too few are published with clean and corrupted "
            f"errors of {suite.name}: give three or more runs, robench compare ... --line RUN --line RUN --line RUN"
        )
    return needs


def with_reasons(scores: Scores, model: str, suite: str) -> pd.DataFrame:
    """Return the scores' table with a last column ``reason``, and a row without a value for every score that is
    refused.

    ``reason`` is missing where there is a value: a score has either the one or the other.
    """
    rows = []
    given = {*scores.table["metric"], *scores.refused}
    needed = not_of_a_run_alone(suites.registry()[suite])
    missing = {name: reason for name, reason in needed.items() if name not in given}
    for name, reason in {**scores.refused, **missing}.items():
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
    named = {_name(*place): str(reason) for *place, reason in reasons.itertuples(index=False)}
    needed = not_of_a_run_alone(suites.registry()[run.info["suite"]])
    refused = {name: reason for name, reason in named.items() if needed.get(name) != reason}
    divisor = kept(run)
    draws = np.full((len(table), 0), np.nan)
    return Scores(table, refused, draws, None if divisor is None else divisor.name)


def _name(corruption: str, severity: Any, metric: str) -> str:
    """Return the name of a refused score, of which ``_place`` makes its row."""
    if corruption == ALL:
        return f"mean {metric}" if metric in metrics.registry() else metric
    place = corruption if pd.isna(severity) else Condition(corruption, int(severity))
    return f"{metric} of {place}"
