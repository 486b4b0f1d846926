"""A run's scores.csv, read back: all there is of a run that is handed on without its records."""

from pathlib import Path

import pandas as pd

from robench.errors import RobenchError
from robench.suites import CLEAN, Condition

NAME = "scores.csv"
SEQUENCE_METRIC = "flip_probability"  # every finished perturbation sequence has it
COLUMNS = ("model", "suite", "corruption", "severity", "metric", "value", "low", "high", "n")
REASON = "reason"


def read_scores(path: Path) -> pd.DataFrame:
    """Return the scores.csv in a run folder: the columns of ``COLUMNS`` and ``REASON``; ``severity`` and ``n`` Int64.

    Raises RobenchError when there is none or it is damaged.
    """
    file = path / NAME
    try:
        table = pd.read_csv(file, dtype={"severity": "Int64", "n": "Int64"})
        missing = [name for name in (*COLUMNS, REASON) if name not in table]
        if missing:
            raise ValueError(f"it has no column {missing[0]!r}")
        return table.astype(dict.fromkeys(("value", "low", "high"), "float64"))
    except (OSError, ValueError) as error:
        raise RobenchError(f"{file} cannot be read ({error}); copy it from its run again") from None


def conditions_of(scores: pd.DataFrame, suite: str) -> set[str]:
    """Return the names of the conditions that the scores of a suite have numbers of."""
    measured = scores[scores["value"].notna() & (scores["suite"] == suite)]
    sequences = measured.loc[measured["metric"] == SEQUENCE_METRIC, "corruption"]
    images = measured[measured["severity"].notna() & (measured["metric"] == "error")]
    images = images[(images["corruption"] == CLEAN.corruption) | (images["severity"] > 0)]
    pairs = zip(images["corruption"], images["severity"], strict=True)
    return {*sequences, *(str(Condition(name, int(severity))) for name, severity in pairs)}
