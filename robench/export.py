"""Scores of runs in the formats that other tools read.

* ``csv``: the tidy scores of all runs, as in scores.csv, with a first column ``run``.
* ``json``: per run the content of run.json, the scores and what is refused, with null for what is missing.
* ``timm``: the columns of timm's results files, percent, a row per test set of a run: its clean images and, for a -C
  suite, the mean over all corrupted conditions. ``suite`` and ``images`` are two columns more.
* ``robustbench``: accuracy per corruption and severity in the layout of RobustBench's ``unaggregated_results.csv``, a
  row per model, fractions.

The last two have no place for a reason, so that what cannot be given whole is refused.
"""

import json
from collections.abc import Callable, Sequence

import pandas as pd

from robench.errors import RobenchError
from robench.loaded_run import LoadedRun
from robench.scoring import ALL

FORMAT = "robench-scores/1"
TIMM_COLUMNS = [
    "model", "img_size", "top1", "top1_err", "top5", "top5_err", "param_count", "crop_pct", "interpolation"
]  # fmt: skip
# The order of RobustBench's files.
ROBUSTBENCH_CORRUPTIONS = (
    "shot_noise", "motion_blur", "snow", "pixelate", "gaussian_noise", "defocus_blur", "brightness", "fog", "zoom_blur",
    "frost", "glass_blur", "impulse_noise", "contrast", "jpeg_compression", "elastic_transform"
)  # fmt: skip


def as_csv(runs: Sequence[LoadedRun], names: Sequence[str]) -> str:
    """Return the tidy scores and the reasons of all runs."""
    tables = []
    for run, name in zip(runs, names, strict=True):
        table = run.scores_and_reasons
        table.insert(0, "run", name)
        tables.append(table)
    return _text(pd.concat(tables, ignore_index=True))


def as_json(runs: Sequence[LoadedRun], names: Sequence[str]) -> str:
    """Return one object: ``format`` and ``runs``, each with name, info, scores and refused."""
    entries = [
        {
            "name": name,
            "info": run.info,
            "scores": _plain(run.scores.drop(columns=["model", "suite"])),
            "refused": run.refused.to_dict("records"),
        }
        for run, name in zip(runs, names, strict=True)
    ]
    return json.dumps({"format": FORMAT, "runs": entries}, indent=1, allow_nan=False) + "\n"


def as_timm(runs: Sequence[LoadedRun], names: Sequence[str]) -> str:
    """Return a row per test set; raise RobenchError for a run that has neither clean nor all corrupted images."""
    rows = []
    for run, name in zip(runs, names, strict=True):
        found = list(_test_sets(run))
        if not found:
            raise RobenchError(
                f"{name} has no test set that is whole; see robench report {run.run.path}"
            )
        rows += [{"model": name, **row} for row in found]
    table = pd.DataFrame(rows)[[*TIMM_COLUMNS, "suite", "images"]]
    return _text(table.sort_values("top1", ascending=False, kind="stable"))


def as_robustbench(runs: Sequence[LoadedRun], names: Sequence[str]) -> str:
    """Return the cells of the 15 corruptions; raise RobenchError for a run that lacks any."""
    places = [(name, severity) for name in ROBUSTBENCH_CORRUPTIONS for severity in range(1, 6)]
    rows = {}
    for run, name in zip(runs, names, strict=True):
        cells = run.scores[run.scores["metric"] == "error"]
        keys = zip(cells["corruption"], cells["severity"], strict=True)
        errors = dict(zip(keys, cells["value"].astype(float), strict=True))
        absent = [place for place in places if place not in errors]
        if absent:
            shown = ", ".join(f"{corruption}-{severity}" for corruption, severity in absent[:3])
            raise RobenchError(
                f"{name}: {len(absent)} of {len(places)} conditions that this format needs are missing ({shown}"
                f"{', ...' if len(absent) > 3 else ''})"
            )
        rows[name] = [1 - errors[place] for place in places]
    columns = pd.MultiIndex.from_tuples(places)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return str(table.to_csv(lineterminator="\n"))


FORMATS: dict[str, Callable[[Sequence[LoadedRun], Sequence[str]], str]] = {
    "csv": as_csv,
    "json": as_json,
    "timm": as_timm,
    "robustbench": as_robustbench,
}


def _test_sets(run: LoadedRun) -> list[dict[str, object]]:
    table = run.scores
    clean = table[(table["corruption"] == "clean")].set_index("metric")["value"]
    whole = table[table["corruption"] == ALL].set_index("metric")["value"]
    rows = []
    for images, values, error in (("clean", clean, "error"), ("corrupted", whole, "mean_uce")):
        if error in values and "top5_error" in values:
            rows.append({"images": images, **_timm_row(run, values[error], values["top5_error"])})
    return rows


def _timm_row(run: LoadedRun, top1_error: float, top5_error: float) -> dict[str, object]:
    model = run.info["model"]
    view, size = model.get("clean_view") or {}, model.get("input_size_px")
    crop = (view.get("crop_px") or [None])[0]
    resize = view.get("resize_px")
    return {
        "img_size": crop or (size[0] if size else None),
        "top1": round(100 * (1 - top1_error), 3),
        "top1_err": round(100 * top1_error, 3),
        "top5": round(100 * (1 - top5_error), 3),
        "top5_err": round(100 * top5_error, 3),
        "param_count": round(model["parameters"] / 1e6, 2) if model.get("parameters") else None,
        "crop_pct": round(crop / resize, 3) if crop and resize else None,
        "interpolation": view.get("interpolation"),
        "suite": run.info["suite"],
    }


def _plain(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return rows with None for what is missing, and Python's own numbers."""
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in rows]


def _text(table: pd.DataFrame) -> str:
    return str(table.to_csv(index=False, lineterminator="\n"))
