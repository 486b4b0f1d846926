"""Runs opened for a paper's tables, each with its place, and a list of what became of them."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from reports.names import distinguished
from reports.paper.placed_run import PlacedRun, placed_attack, placed_run
from reports.paper.variants import VARIANTS, Trained
from reports.results import check_distinct
from reports.tables.attacks import Attack, is_attack, open_attack
from robench.records import Run, open_run


def open_runs(paths: Sequence[Path], any_recipe: bool) -> list[PlacedRun]:
    """Open and score runs and attacks.

    With ``any_recipe`` a run trained by another recipe than the tables' stands in their cells, marked. Raises
    RobenchError for a path given twice, a path that is no run and a run without a finished condition.
    """
    check_distinct(paths)
    opened = [open_attack(path) if is_attack(path) else open_run(path) for path in paths]
    labels = distinguished([each.name for each in opened], [path.resolve() for path in paths])
    models = _model_names(opened)
    return [
        placed_attack(label, model, each, any_recipe)
        if isinstance(each, Attack)
        else placed_run(label, model, each, any_recipe)
        for label, model, each in zip(labels, models, opened, strict=True)
    ]


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
