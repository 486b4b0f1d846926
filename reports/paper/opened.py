"""Runs opened for a paper's tables, each with its place, and a list of what became of them."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import pandas as pd

from reports.found_runs import is_attack
from reports.names import distinguished
from reports.paper.placed_run import PlacedRun, placed_attack, placed_run
from reports.paper.variants import VARIANTS, Trained
from reports.protocol import differences, on_the_fly
from reports.results import ScoredRun, check_distinct, open_finished, score_run
from reports.tables.attacks import Attack, open_attack
from robench.records import Run


def open_runs(
    paths: Sequence[Path], any_recipe: bool, tell: Callable[[], object] = lambda: None
) -> list[PlacedRun]:
    """Open and score runs and attacks; ``tell`` is called after each.

    With ``any_recipe`` a run trained by another recipe than the tables' stands in their cells, marked. Raises
    RobenchError for a path given twice, a path that is no run and a run without a finished condition.
    """
    check_distinct(paths)
    opened: list[ScoredRun | Attack] = []
    for path in paths:
        opened.append(open_attack(path) if is_attack(path) else score_run(open_finished(path)))
        tell()
    return place_runs(opened, any_recipe)


def place_runs(scored: Sequence[ScoredRun | Attack], any_recipe: bool = False) -> list[PlacedRun]:
    """Find the places of scored runs and of attacks among a paper's tables."""
    opened = [each if isinstance(each, Attack) else each.run for each in scored]
    labels = distinguished([each.name for each in opened], [each.path.resolve() for each in opened])
    models = _model_names(opened)
    return [
        placed_attack(label, model, each, any_recipe)
        if isinstance(each, Attack)
        else placed_run(label, model, each, any_recipe)
        for label, model, each in zip(labels, models, scored, strict=True)
    ]


def without_conflicts(runs: Sequence[PlacedRun]) -> tuple[list[PlacedRun], dict[str, str]]:
    """Return the runs that can stand in one set of tables, and label -> why another cannot.

    Of runs of one cell that are of the same weights or were not measured alike, the one on the published files is kept,
    then the one with the most finished conditions, then the first.
    """
    best = sorted(
        runs,
        key=lambda each: (on_the_fly(each.info), -len(each.run.conditions()) if each.run else 0),
    )
    kept: list[PlacedRun] = []
    left_out = {}
    for run in best:
        for other in kept:
            if (other.trained, other.suite) != (run.trained, run.suite):
                continue
            digest = run.info["model"]["sha256"]
            if digest and digest == other.info["model"]["sha256"]:
                left_out[run.label] = f"the same weights as {other.label}, which has their cell"
                break
            if found := differences([run.info, other.info]):
                left_out[run.label] = (
                    f"differs from {other.label}, of the same cell, in its {', '.join(found)}"
                )
                break
        else:
            kept.append(run)
    labels = {run.label for run in kept}
    return [run for run in runs if run.label in labels], left_out


def _model_names(opened: Sequence[Run | Attack]) -> list[str]:
    """Return what each run's model is called: the same for runs of the same weights, no other's."""
    keys = [str(each.info["model"]["sha256"] or each.path) for each in opened]
    first = dict(zip(reversed(keys), reversed(opened), strict=True))
    names = [each.name for each in first.values()]
    labels = distinguished(names, [each.path.resolve() for each in first.values()])
    named = dict(zip(first, labels, strict=True))
    return [named[key] for key in keys]


def listed(
    runs: Sequence[PlacedRun],
    in_cells: Collection[tuple[Trained, str]],
    in_own_rows: Collection[tuple[Trained, str]],
) -> pd.DataFrame:
    """Return a row per run: run, suite, place, seed, recipe, data."""
    rows = [_row(run, in_cells, in_own_rows) for run in runs]
    columns = ["run", "suite", "place", "seed", "recipe", "data"]
    return pd.DataFrame(rows, columns=columns).set_index("run")


def _row(
    run: PlacedRun,
    in_cells: Collection[tuple[Trained, str]],
    in_own_rows: Collection[tuple[Trained, str]],
) -> tuple[str, ...]:
    place, what = run.place, run.trained
    name = VARIANTS[what.variant].heading if what.variant else "training not a row's"
    where = ", ".join(filter(None, [name, what.architecture]))
    if (what, run.suite) not in in_cells:
        own = (what, run.suite) in in_own_rows
        where = f"a row of its own: {where}" if own else f"none: no table is of {run.suite}"
        if own and place.unlike:
            where += f"; {'; '.join(place.unlike)}"
    training = run.info["model"].get("training") or {}
    recipe = ", ".join(place.recipe) or ("as in the table" if what.variant else "—")
    seed = training.get("seed")
    data = str(run.info["data"]["description"])
    return run.label, run.suite, where, "—" if seed is None else str(seed), recipe, data
