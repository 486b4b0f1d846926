"""Runs opened for a report: each under a name of its own, all of one protocol unless asked otherwise."""

from collections.abc import Callable, Mapping, Sequence
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


@dataclass(frozen=True)
class ScoredRun:
    """A run and its tidy scores; ``refused``: score -> why there is none. What intervals were drawn from is let go."""

    run: Run
    table: pd.DataFrame
    refused: Mapping[str, str]


def open_finished(path: Path) -> Run:
    """Open a run of which a condition is finished; raise RobenchError for any other folder."""
    run = open_run(path)
    if not run.conditions():
        raise RobenchError(
            f"{path}: no condition of this run is finished; run it again until its first records are written"
        )
    return run


def score_run(run: Run) -> ScoredRun:
    """Score a run; raise RobenchError where its records are damaged."""
    scores = score(run)
    return ScoredRun(run, scores.table, scores.refused)


def read_results(
    given: Sequence[Path], mixed: bool = False, tell: Callable[[], object] = lambda: None
) -> Results:
    """Open and score the runs among ``given``, and put the published models among it, ``published:NAME``, below them.

    ``tell`` is called after each run.

    Raises RobenchError for no run, a path given twice, a path that is not a run, a run without a finished
    condition, an unknown published model and, unless ``mixed``, for different suites or protocols.
    """
    paths, published = split(given)
    check_paths(paths)
    runs = [open_finished(path) for path in paths]
    if not mixed:
        names, infos = named(runs), [run.info for run in runs]
        check_comparable(names, infos)
        check_outside(names, runs)
    scored = []
    for run in runs:
        scored.append(score_run(run))
        tell()
    return results_of(scored, published, mixed)


def named(runs: Sequence[Run]) -> list[str]:
    """Return what a report calls each of its runs, no two alike."""
    return distinguished([run.name for run in runs], [run.path.resolve() for run in runs])


def results_of(
    scored: Sequence[ScoredRun], published: Sequence[str] = (), mixed: bool = False
) -> Results:
    """Put scored runs of one protocol, or ``mixed`` ones, side by side, and published models below them."""
    runs = [each.run for each in scored]
    names, infos = named(runs), [run.info for run in runs]
    pairs = list(zip(names, scored, strict=True))
    table = pd.concat([each.table.assign(run=name) for name, each in pairs], ignore_index=True)
    table.insert(0, "run", table.pop("run"))
    refusals = [
        (name, what, reason) for name, each in pairs for what, reason in each.refused.items()
    ]
    refused = pd.DataFrame(refusals, columns=["run", "score", "reason"])
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
