"""The paper's figures 5, 6 and 7 from placed runs; published numbers are drawn where a table holds them."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from baselines import published
from reports import style
from reports.figures.drawing import Drawing
from reports.figures.method_dots import Series, method_dots
from reports.figures.severity import against_severity
from reports.paper.by_severity import CALIBRATION, by_severity
from reports.paper.cells import PlacedRun, measured
from reports.paper.layout import Slot
from reports.paper.opened import Opened
from reports.paper.variants import VARIANTS, Trained

NETWORK, DATASET = "resnext29", "cifar-10"  # of figures 5 and 6
METHODS = ("standard", "cutout", "mixup", "cutmix", "autoaugment", "adversarial", "augmix")
ENDS = {"": "measured", "_low": "low", "_high": "high"}
PUBLISHED = "corrupted_error_published"


def figures(opened: Opened, pooled: bool) -> list[Drawing]:
    """Return the figures for which there are numbers; figure 5 has published ones without any run."""
    found = [_figure_5(opened.placed), *_figure_6(opened.placed), *_figure_7(opened, pooled)]
    return [drawing for drawing in found if drawing is not None]


def _figure_5(runs: Sequence[PlacedRun]) -> Drawing | None:
    table = _of_methods(
        runs,
        {"clean_error": ("cifar-10-c", "clean", "error"), "corrupted_error": ("cifar-10-c", "all", "mean_uce")},
    )  # fmt: skip
    printed = published.load("augmix_table1").query(
        "dataset == 'cifar-10-c' and architecture == 'resnext'"
    )
    table[PUBLISHED] = [float(printed[name].iloc[0]) / 100 for name in METHODS]
    series = [
        Series("clean_error", "clean, measured", "clean"),
        Series("corrupted_error", "CIFAR-10-C, measured", "corrupted"),
        Series(PUBLISHED, "CIFAR-10-C, published (table 1)", "corrupted", published=True),
    ]
    return _dots(
        "figure-5-cifar-10-c-error",
        "Figure 5: clean error and mean corruption error on CIFAR-10-C, ResNeXt-29; lines are 95% intervals",
        table,
        series,
        "Error",
    )


def _figure_6(runs: Sequence[PlacedRun]) -> list[Drawing | None]:
    flips = _of_methods(runs, {"flip_probability": ("cifar-10-p", "all", "mean_flip_probability")})
    calibration = _of_methods(
        runs,
        {
            "calibration_clean": ("cifar-10-c", "clean", CALIBRATION),
            "calibration_corrupted": ("cifar-10-c", "all", CALIBRATION),
        },
    )
    return [
        _dots(
            "figure-6-cifar-10-p-flips",
            "Figure 6, left: mean flip probability on CIFAR-10-P, ResNeXt-29; lines are 95% intervals",
            flips,
            [Series("flip_probability", "CIFAR-10-P", "corrupted")],
            "Mean flip probability",
        ),
        _dots(
            "figure-6-calibration",
            "Figure 6, right: RMS calibration error on CIFAR-10 and CIFAR-10-C, ResNeXt-29; lines are 95% intervals",
            calibration,
            [
                Series("calibration_clean", "CIFAR-10", "clean"),
                Series("calibration_corrupted", "CIFAR-10-C", "corrupted"),
            ],
            "RMS calibration error",
        ),
    ]


def _of_methods(
    runs: Sequence[PlacedRun], quantities: dict[str, tuple[str, str, str]]
) -> pd.DataFrame:
    """Return a row per method with each quantity and its interval as fractions; NaN where no run has it."""
    rows = {}
    for name in METHODS:
        trained = Trained(name, NETWORK, DATASET)
        row: dict[str, float] = {}
        for quantity, (suite, corruption, metric) in quantities.items():
            cell = measured(Slot(trained, suite, corruption, metric), runs)
            row |= {f"{quantity}{end}": cell[key] / 100 for end, key in ENDS.items()}
            row[f"{quantity}_runs"] = cell["runs"]
        rows[VARIANTS[name].heading] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def _dots(
    stem: str, title: str, table: pd.DataFrame, series: Sequence[Series], label: str
) -> Drawing | None:
    """Return a drawing of the methods and series that have numbers, or None if none has."""
    shown = [each for each in series if table[each.column].notna().any()]
    filled = table[table[[each.column for each in series]].notna().any(axis=1)]
    if not shown:
        return None
    said = [
        f"{method}: " + ", ".join(f"{each.label} {_percent(row[each.column])}" for each in shown)
        for method, row in filled.iterrows()
    ]
    return Drawing(
        stem,
        title,
        f"Dot plot. {'; '.join(said)}.",
        filled,
        partial(method_dots, series=shown, label=label),
        (style.WIDTH_IN, 1.3 + 0.34 * len(filled)),
        legend=True,
    )


def _figure_7(opened: Opened, pooled: bool) -> list[Drawing]:
    """Return error and calibration on ImageNet-C against severity, a line per run, the ensembles among them."""
    parts = []
    for each in (*opened.placed, *opened.ensembles):
        if each.run.info["suite"] == "imagenet-c":
            parts.append(by_severity(each.run, pooled).assign(run=each.label))
    if not parts or not sum(map(len, parts)):
        return []
    table = pd.concat(parts, ignore_index=True)
    how = "of all corruptions' images as one set" if pooled else "mean over the corruptions"
    made = []
    for quantity, label, words in (
        ("error", "Error", "mean over the corruptions"),
        (CALIBRATION, "RMS calibration error", how),
    ):
        columns = ["run", "severity", quantity, f"{quantity}_low", f"{quantity}_high", "n"]
        made.append(
            Drawing(
                f"figure-7-imagenet-c-{quantity.replace('_', '-')}",
                f"Figure 7: {label} on ImageNet-C against severity, {words}; bands are 95% intervals",
                f"Line plot. {_ends(table, quantity)}.",
                table[columns],
                partial(against_severity, quantity=quantity, label=label),
                legend=True,
            )
        )
    return made


def _ends(table: pd.DataFrame, quantity: str) -> str:
    said = []
    for name, part in table.groupby("run", sort=False):
        first, last = part.iloc[0], part.iloc[-1]
        said.append(
            f"{name}: {_percent(first[quantity])} at severity {int(first['severity'])}, "
            f"{_percent(last[quantity])} at {int(last['severity'])}"
        )
    return "; ".join(said)


def _percent(value: float) -> str:
    return "no number" if np.isnan(value) else f"{100 * value:.1f}%"
