"""The tables of a report, from scores to grids."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from reports import columns
from reports.grid import Cell, Column, Grid, grid
from reports.names import corruption_title
from reports.results import Results
from reports.tables.attacks import attacks
from reports.tables.by_corruption import by_corruption
from reports.tables.by_sequence import by_sequence
from reports.tables.detection import detection
from reports.tables.lookup import has
from reports.tables.probability_scores import probability_scores
from reports.tables.refused import refused
from reports.test_images import TestImages
from robench import suites


def corruption_grids(results: Results, mark: bool) -> tuple[Grid, ...]:
    """Return runs x corruptions: the errors, and where a baseline divides them, the corruption errors."""
    captions = {
        "uce": "Error (%) on each corruption, mean over the severities",
        "ce": "Corruption error (%): each error divided by the baseline network's",
    }
    made = []
    for metric, caption in captions.items():
        if has(results.scores, metric):
            table = by_corruption(results.scores, metric)
            made.append(grid(table, columns.corruption_columns(table), caption, mark_best=mark))
    return tuple(made)


def sequence_grids(results: Results, mark: bool) -> tuple[Grid, ...]:
    """Return runs x perturbation sequences: flips and distances, and where a baseline divides them, the ratios."""
    captions = {
        "flip_probability": ("Flip probability (%) of each sequence", "percent"),
        "flip_rate": (
            "Flip rate (%): each flip probability divided by the baseline run's",
            "percent",
        ),
        "top5_distance": ("Top-5 distance of each sequence, 0 to 15", "number"),
        "t5d": ("Top-5 distance divided by the baseline run's (%)", "percent"),
    }
    made = []
    for metric, (caption, unit) in captions.items():
        if has(results.scores, metric):
            table = by_sequence(results.scores, metric)
            made.append(grid(table, columns.sequence_columns(table, unit), caption, mark_best=mark))
    return tuple(made)


def probability_grid(results: Results, mark: bool) -> Grid:
    """Return runs x probability scores, on clean images and, unless all runs are of sequences, on corrupted ones."""
    kinds, words = ["clean"], "On clean images"
    if not all(suites.registry()[info["suite"]].sequences for info in results.infos):
        kinds.append("corrupted")
        words += ", and as the mean over the corrupted conditions"
    return grid(
        probability_scores(results.scores),
        columns.probability_columns(kinds),
        f"{words}; lower is better",
        mark_best=mark,
    )


def detection_grids(results: Results) -> tuple[Grid, ...]:
    """Return a table of anomaly detection for every set of outside images; more is better but for FPR95."""
    described = {
        outside.info["suite"]: outside.info["data"]["description"]
        for run in results.runs
        for outside in run.outside()
    }
    return tuple(
        grid(
            table,
            columns.detection_columns(table),
            f"{name} as anomalies, the positives: {described[name]}",
        )
        for name, table in detection(results.anomalies).items()
    )


def attack_grid(folders: Sequence[Path]) -> Grid | None:
    """Return the adversarial errors stored in folders of ``robench attack``, or None if there are none."""
    if not folders:
        return None
    caption = "Error under attack, a lower bound of what the strongest attack would do"
    return grid(attacks(folders), columns.attack_columns(), caption, "Model")


def refused_grid(refusals: pd.DataFrame) -> Grid | None:
    """Return the refused scores as a table, or None if there are none."""
    if refusals.empty:
        return None
    shown = [Column("score", "Score", "text"), Column("reason", "Why there is no number", "text")]
    return grid(refused(refusals).set_index("run"), shown, "Scores that the records do not allow")


def worst_class_grid(
    names: Sequence[str], tables: Sequence[pd.DataFrame], images: TestImages | None
) -> Grid | None:
    """Return the worst classes of every run, a group of rows each; None where no run has any."""
    whole = pd.concat([table.assign(run=name) for name, table in zip(names, tables, strict=True)])
    if whole.empty:
        return None
    whole["class"] = [class_name(int(label), images) for label in whole["label"]]
    whole["hardest"] = [
        "" if name is None else corruption_title(name) for name in whole["corruption"]
    ]
    made = grid(
        whole.set_index("run"),
        columns.class_columns(corrupted=bool(whole["corruption"].notna().any())),
        "The classes of the highest error. Some of the worst are so by chance: mind the intervals",
    )
    return replace(made, grouped=True)


def changed_grid(name: str, other: str, table: pd.DataFrame, images: TestImages | None) -> Grid:
    """Return the images on which two runs differ most, from ``reports.tables.changed_images``."""
    shown = (
        Column("label", "Label", "text"),
        *(
            Column(key, heading, unit, group=run)
            for run, prefix in ((name, ""), (other, "other_"))
            for key, heading, unit in (
                (f"{prefix}wrong", "wrong", "count"),
                (f"{prefix}prediction", "mostly says", "text"),
            )
        ),
    )
    rows = tuple(_changed_row(row, images) for row in table.to_dict("records"))
    conditions = int(table["conditions"].max())
    caption = (
        f"Images on which {other} differs most from {name}, first those that it gets right more often: in how many of "
        f"the {conditions} conditions each is wrong"
    )
    return Grid(caption, "Image", shown, tuple(str(each) for each in table["index"]), rows)


def _changed_row(row: Mapping[Hashable, Any], images: TestImages | None) -> tuple[Cell, ...]:
    picture = None if images is None else images.picture(row["index"])
    cells = [Cell(class_name(row["label"], images), picture=picture)]
    for prefix in ("", "other_"):
        wrong = row[f"{prefix}wrong"]
        said = class_name(row[f"{prefix}prediction"], images)
        cells += [Cell(f"{wrong:,}", value=float(wrong)), Cell(said)]
    return tuple(cells)


def class_name(label: int, images: TestImages | None) -> str:
    """Return a class's number, with its name where that is known and another."""
    name = images.classes[label] if images else str(label)
    return name if name == str(label) else f"{label} ({name})"
