"""Effective robustness against a line through runs of the user's own.

Source: see ``robench.metrics.effective_robustness``.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from robench.comparison.same_images import opened
from robench.errors import RobenchError
from robench.metrics import UndefinedMetricError
from robench.metrics.bootstrap import interval
from robench.metrics.effective_robustness import (
    Line,
    effective_robustness,
    effective_robustness_draws,
    fit_line,
)
from robench.records import Run
from robench.scoring import ALL, Scores, score
from robench.scoring.suite_scores import EFFECTIVE, bounds_of

CLEAN, SHIFTED = ("clean", "error"), (ALL, "mean_uce")


def line_through(paths: Sequence[str | Path], like: Run, across_protocols: bool) -> Line:
    """Return the line from clean to mean corrupted accuracy through three or more runs.

    They must be of the protocol and images of ``like``. Raises RobenchError where they are not, where one lacks a
    condition, or where there is no line through them.
    """
    folders = [Path(path).resolve() for path in paths]
    others = [
        path for path, folder in zip(paths, folders, strict=True) if folder != like.path.resolve()
    ]
    runs, names = opened([like.path, *others], across_protocols)
    by_folder = dict(
        zip((run.path.resolve() for run in runs), zip(runs, names, strict=True), strict=True)
    )
    points, chosen = [], []
    for folder in dict.fromkeys(folders):
        run, name = by_folder[folder]
        scores = score(run, 2)
        places = [_row(scores, *place) for place in (CLEAN, SHIFTED)]
        if None in places:
            raise RobenchError(f"--line {run.path}: {_reason(scores)}")
        points.append(
            [float(scores.table["value"].iloc[place]) for place in places if place is not None]
        )
        chosen.append(name)
    try:
        clean, shifted = np.transpose(points)
        return fit_line(clean, shifted, ", ".join(chosen))
    except UndefinedMetricError as reason:
        raise RobenchError(f"--line: {reason}") from None


def with_effective_robustness(scores: Scores, line: Line) -> Scores:
    """Return the scores with the effective robustness of the whole suite, or the reason why there is none."""
    places = [_row(scores, *place) for place in (CLEAN, SHIFTED)]
    clean, shifted = places
    if clean is None or shifted is None:
        return replace(scores, refused={**scores.refused, EFFECTIVE: _reason(scores)})
    table = scores.table
    try:
        value = effective_robustness(table["value"].iloc[clean], table["value"].iloc[shifted], line)
    except UndefinedMetricError as reason:
        return replace(scores, refused={**scores.refused, EFFECTIVE: str(reason)})
    draws = effective_robustness_draws(scores.draws[clean], scores.draws[shifted], line)
    low, high = interval(value, draws, bounds_of(EFFECTIVE))
    row = {
        **table.iloc[shifted].to_dict(),
        "metric": EFFECTIVE,
        "value": value,
        "low": low,
        "high": high,
    }
    added = pd.DataFrame([row]).astype(table.dtypes.to_dict())
    return replace(
        scores,
        table=pd.concat([table, added], ignore_index=True),
        draws=np.concatenate([scores.draws, draws[np.newaxis]]),
    )


def _row(scores: Scores, corruption: str, metric: str) -> int | None:
    table = scores.table
    found = np.flatnonzero((table["corruption"] == corruption) & (table["metric"] == metric))
    return int(found[0]) if len(found) else None


def _reason(scores: Scores) -> str:
    if _row(scores, *CLEAN) is None:
        return "the clean images are not evaluated"
    return scores.refused.get("mean_uce", "the suite has no corruptions at severities")
