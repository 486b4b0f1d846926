"""Runs opened for a paper's tables: which have a place there, which have none and why, and which are ensembles."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reports.names import distinguished
from reports.paper.cells import PlacedRun
from reports.paper.placement import Placement, placement
from reports.paper.variants import VARIANTS, Trained
from reports.results import check_distinct
from robench.errors import RobenchError
from robench.records import Run, open_run
from robench.scoring import score
from robench.scoring.baseline import kept


@dataclass(frozen=True)
class Opened:
    """Runs by what the tables make of them; ``listed`` has a row per run: its place or why it has none."""

    placed: tuple[PlacedRun, ...]
    ensembles: tuple[PlacedRun, ...]
    listed: pd.DataFrame


def open_runs(
    paths: Sequence[Path], any_recipe: bool, places: Container[tuple[Trained, str]]
) -> Opened:
    """Open and score runs.

    ``places`` are the (trained network, suite) that tables and figures show. With ``any_recipe`` a run trained by
    another recipe than the tables' has its place, too. Raises RobenchError for a
    path given twice, a path that is no run and a run without a finished condition.
    """
    check_distinct(paths)
    runs = [open_run(path) for path in paths]
    for run in runs:
        if not run.conditions():
            raise RobenchError(f"{run.path}: no condition of this run is finished; --resume it")
    labels = distinguished([run.name for run in runs], [path.resolve() for path in paths])
    placed, ensembles, listed = [], [], []
    for label, run in zip(labels, runs, strict=True):
        place = _place(run, any_recipe, places)
        if place.trained is not None:
            placed.append(_scored(label, run, place))
        elif run.info["model"].get("members") and run.info["data"]["limit"] is None:
            ensembles.append(_scored(label, run, place))
        listed.append(_listed(label, run, place))
    frame = pd.DataFrame(listed, columns=["run", "suite", "place", "seed", "recipe", "data"])
    return Opened(tuple(placed), tuple(ensembles), frame.set_index("run"))


def _place(run: Run, any_recipe: bool, places: Container[tuple[Trained, str]]) -> Placement:
    place, suite = placement(run), str(run.info["suite"])
    trained = place.trained
    if trained is None:
        return place
    if (trained, suite) not in places:
        words = f"{trained.variant} of {trained.architecture} on {suite} is in no table"
        return Placement(None, words)
    if place.deviations and not any_recipe:
        reason = (
            f"another recipe than the table's: {', '.join(place.deviations)} (see --any-recipe)"
        )
        return Placement(None, reason, place.deviations)
    baseline = kept(run)
    if baseline is not None and "alexnet" not in baseline.name.lower():
        return Placement(None, f"divided by {baseline.name}, the paper's numbers by AlexNet")
    return place


def _scored(label: str, run: Run, place: Placement) -> PlacedRun:
    scores = score(run)
    return PlacedRun(label, run, place.trained, scores.table, scores.refused)


def _listed(label: str, run: Run, place: Placement) -> tuple[str, ...]:
    training = run.info["model"].get("training") or {}
    trained = place.trained
    where = f"no place: {place.reason}"
    if trained is not None:
        where = f"{VARIANTS[trained.variant].heading}, {trained.architecture}"
    recipe = ", ".join(place.deviations) or ("as in the table" if trained else "—")
    seed, data = training.get("seed"), run.info["data"]["description"]
    return (
        label, str(run.info["suite"]), where, "—" if seed is None else str(seed), recipe, data
    )  # fmt: skip
