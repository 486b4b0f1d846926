"""Runs opened for a report: each under a name of its own, all of one protocol unless asked otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reports.names import distinguished
from reports.protocol import check_comparable, check_outside, differences
from reports.published_models import beside, split
from robench.errors import RobenchError
from robench.records import Run, open_run
from robench.scoring import anomaly_rows, score


@dataclass(frozen=True)
class Results:
    """What a report is made of.

    Attributes:
        names: one per run, no two alike, in the order given.
        runs: the opened runs.
        scores: the runs' tidy scores (see ``robench.scoring``) with a first column ``run``, one of ``names``.
        anomalies: the same about anomaly detection, whose ``suite`` names the outside images.
        refused: columns run, score, reason: what has no number, and why.
        mixed: the protocol fields in which the runs differ -> each run's value; empty for comparable runs.
        published: the names of published models, whose numbers stand in ``scores`` below the runs'.
    """

    names: tuple[str, ...]
    runs: tuple[Run, ...]
    scores: pd.DataFrame
    anomalies: pd.DataFrame
    refused: pd.DataFrame
    mixed: dict[str, list[str]]
    published: tuple[str, ...] = ()

    @property
    def infos(self) -> list[dict[str, Any]]:
        """The contents of each run's ``run.json``."""
        return [run.info for run in self.runs]


def read_results(given: Sequence[Path], mixed: bool = False) -> Results:
    """Open and score the runs among ``given``, and put the published models among it, ``published:NAME``, below them.

    Raises RobenchError for no run, a path given twice, a path that is not a run, a run without a finished
    condition, an unknown published model and, unless ``mixed``, for different suites or protocols.
    """
    paths, published = split(given)
    check_paths(paths)
    runs = [open_run(path) for path in paths]
    for run in runs:
        if not run.conditions():
            raise RobenchError(
                f"{run.path}: no condition of this run is finished; run it again until its first records are written"
            )
    folders = [path.resolve() for path in paths]
    names = distinguished([run.name for run in runs], folders)
    infos = [run.info for run in runs]
    if not mixed:
        check_comparable(names, infos)
        check_outside(names, runs)
    table, refused = score_all(names, runs)
    anomalies = anomaly_rows(table)
    scores = table.drop(anomalies.index).reset_index(drop=True)
    if published:
        below = beside(published, infos, across_protocols=mixed)
        scores = pd.concat([scores, below[scores.columns]], ignore_index=True)
    found = differences(infos)
    return Results(tuple(names), tuple(runs), scores, anomalies, refused, found, tuple(published))


def check_paths(paths: Sequence[Path]) -> None:
    """Raise RobenchError for an empty list and for a folder that stands in it twice."""
    if not paths:
        raise RobenchError(
            "a report needs at least one run folder, got none; see: robench report --help"
        )
    check_distinct(paths)


def check_distinct(paths: Sequence[Path]) -> None:
    """Raise RobenchError for a folder that is named twice."""
    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise RobenchError(f"{path} is given twice; name each run once")
        seen.add(path.resolve())


def score_all(names: Sequence[str], runs: Sequence[Run]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the scores and the refused scores of every run, each with a first column ``run``."""
    tables, refusals = [], []
    for name, run in zip(names, runs, strict=True):
        scores = score(run)
        tables.append(scores.table.assign(run=name))
        refusals += [(name, what, reason) for what, reason in scores.refused.items()]
    table = pd.concat(tables, ignore_index=True)
    table.insert(0, "run", table.pop("run"))
    return table, pd.DataFrame(refusals, columns=["run", "score", "reason"])
