"""Published results as tidy scores, so that they stand beside measured ones in any table.

The columns are those of a run's scores, with two more: ``table``, the file of ``baselines.published`` whose source it
names, and ``protocol``, what was measured where that is not the whole official test set. ``model`` starts with
``published:``. There are no intervals and no image counts: a printed number has none. Means over corruptions are
computed from the cells where those are published, and are as printed where they are not; neither is made of an
incomplete set.
"""

import functools
from collections.abc import Iterator

import numpy as np
import pandas as pd

from baselines import published
from baselines.published.normaliser import normaliser
from corruptions import BENCHMARK, SEVERITIES
from robench.errors import RobenchError
from robench.metrics.effective_robustness import Line, fit_line
from robench.registry import unknown_name
from robench.scoring import ALL, COLUMNS

PREFIX = "published:"
Row = tuple[
    str, str, str, int | None, str, float, str
]  # model, suite, corruption, severity, metric, value, protocol
WHOLE = ""
DOUBLE_CROP = "Resize(256) and CenterCrop(224) of files that are 224 px already (a double crop)"
ROBUSTBENCH_SUBSET = "a subset of 5,000 images"
# The testbed's models that were trained in the usual way; the others are meant to be more robust.
STANDARD_MODELS = (
    "alexnet", "densenet121", "resnet101", "resnet152", "resnet18", "resnet50", "squeezenet1_0", "vgg19"
)  # fmt: skip
TESTBED_SUITES = ("imagenet-a", "imagenet-r")


@functools.cache
def published_scores() -> pd.DataFrame:
    """Return every published score; see the module for the columns."""
    parts = []
    for table, rows in TABLES.items():
        columns = ["model", "suite", "corruption", "severity", "metric", "value", "protocol"]
        part = pd.DataFrame(list(rows(published.load(table))), columns=columns)
        parts.append(part.assign(model=PREFIX + part["model"], table=table))
    whole = pd.concat(parts, ignore_index=True).assign(low=np.nan, high=np.nan, n=np.nan)
    whole = whole[[*COLUMNS, "table", "protocol"]]
    return whole.astype({"severity": "Int64", "n": "Int64"})


def load_published(model: str, suite: str) -> pd.DataFrame:
    """Return the scores of one published model on one suite, with or without ``published:`` before its name.

    Raises RobenchError for a model that nothing is published of on that suite, with the closest name.
    """
    of_suite = published_scores().query("suite == @suite")
    name = PREFIX + model.removeprefix(PREFIX)
    if name not in set(of_suite["model"]):
        known = set(of_suite["model"].str.removeprefix(PREFIX))
        if not known:
            suites = ", ".join(sorted(set(published_scores()["suite"])))
            raise RobenchError(f"nothing is published of {suite!r} here; known suites: {suites}")
        words = unknown_name(f"published model of {suite}", model, known)
        raise RobenchError(f"{words}; see: robench list published")
    return of_suite[of_suite["model"] == name].reset_index(drop=True)


def published_line(suite: str = "imagenet-r") -> Line:
    """Return the line of effective robustness from clean ImageNet, all 1,000 classes, to ImageNet-R among its 200.

    Fitted to the testbed's eight conventionally trained models (``STANDARD_MODELS``). There is no other line: the
    testbed's ImageNet-C was measured with a double crop, and ImageNet-A was chosen so that a ResNet-50 gets all of it
    wrong.
    """
    if suite != "imagenet-r":
        raise RobenchError(f"the only published line is that to imagenet-r, got {suite!r}")
    cells = published.load("imagenet_testbed_cells_double_crop")
    errors = cells[cells["severity"] == 0].pivot(
        index="model", columns="corruption", values="error"
    )
    chosen = errors.loc[list(STANDARD_MODELS)]
    origin = f"ImageNet to {suite}: {', '.join(STANDARD_MODELS)} in the ImageNet testbed"
    return fit_line(chosen["val"].to_numpy(), chosen[suite].to_numpy(), origin)


def _cells(model: str, suite: str, cells: pd.DataFrame, protocol: str) -> Iterator[Row]:
    """Yield the errors of one model per condition, and their means over the benchmark where all are there."""
    for cell in cells.itertuples():
        place = str(cell.corruption), int(str(cell.severity))
        yield (model, suite, *place, "error", float(str(cell.error)), protocol)
    per_corruption = cells.groupby("corruption")["error"].agg(["mean", "size"])
    complete = per_corruption[per_corruption["size"] == len(SEVERITIES)]["mean"]
    for corruption, error in complete.items():
        yield model, suite, str(corruption), None, "uce", float(error), protocol
    if set(BENCHMARK) <= set(complete.index):
        mean = float(complete[list(BENCHMARK)].mean())
        yield model, suite, ALL, None, "mean_uce", mean, protocol


def _robustbench(table: pd.DataFrame) -> Iterator[Row]:
    for (dataset, model), cells in table.groupby(["dataset", "model"], sort=False):
        suite, _, subset = str(dataset).partition(" ")
        yield from _cells(
            f"robustbench/{model}", suite, cells, ROBUSTBENCH_SUBSET if subset else WHOLE
        )


def _robustbench_clean(table: pd.DataFrame) -> Iterator[Row]:
    for row in table.to_dict("records"):
        suite, _, subset = str(row["dataset"]).partition(" ")
        protocol = ROBUSTBENCH_SUBSET if subset else WHOLE
        yield f"robustbench/{row['model']}", suite, "clean", 0, "error", row["error"], protocol


def _testbed(table: pd.DataFrame) -> Iterator[Row]:
    for model, cells in table.groupby("model", sort=False):
        name = f"testbed/{model}"
        single = cells[cells["severity"] == 0].set_index("corruption")["error"]
        yield name, "imagenet-c", "clean", 0, "error", float(single["val"]), WHOLE
        for suite in TESTBED_SUITES:
            yield name, suite, "clean", 0, "error", float(single[suite]), WHOLE
        yield from _cells(name, "imagenet-c", cells[cells["severity"] > 0], DOUBLE_CROP)


def _alexnet(table: pd.DataFrame) -> Iterator[Row]:
    model, suite = "alexnet", "imagenet-c"
    baseline, clean = normaliser("alexnet_imagenet_c")
    long = table.drop(columns="mean").melt("corruption", var_name="severity", value_name="error")
    long["severity"] = long["severity"].str.removeprefix("severity_").astype(int)
    yield model, suite, "clean", 0, "error", clean, WHOLE
    yield from _cells(model, suite, long, WHOLE)
    errors = long.groupby("corruption")["error"].mean()
    ratios = {name: float(errors[name]) / baseline[name] for name in BENCHMARK}
    for name, ratio in ratios.items():
        yield model, suite, name, None, "ce", ratio, WHOLE
    yield model, suite, ALL, None, "mce", float(np.mean(list(ratios.values()))), WHOLE


def _table_1(table: pd.DataFrame) -> Iterator[Row]:
    networks = table[table["architecture"] != "mean"]
    for cell in networks.melt(["dataset", "architecture"], var_name="method").to_dict("records"):
        model = f"augmix-paper/{cell['method']}-{cell['architecture']}"
        yield model, cell["dataset"], ALL, None, "mean_uce", cell["value"] / 100, WHOLE


def _table_4(table: pd.DataFrame) -> Iterator[Row]:
    for row in table.to_dict("records"):
        for dataset in ("cifar-10-c", "cifar-100-c"):
            model = f"augmix-paper-ablation/{row['method']}-wideresnet"
            yield model, dataset, ALL, None, "mean_uce", row[dataset] / 100, WHOLE


def _ratios(table: pd.DataFrame, suite: str, ratio: str, mean: str) -> Iterator[Row]:
    for row in table.to_dict("records"):
        model = f"augmix-paper/{row['method']}-resnet50"
        yield model, suite, "clean", 0, "error", row["clean_error"] / 100, WHOLE
        for name in table.columns.drop(["method", "clean_error", mean]):
            yield model, suite, str(name), None, ratio, row[name] / 100, WHOLE
        yield model, suite, ALL, None, mean, row[mean] / 100, WHOLE


def _ipmix_networks(table: pd.DataFrame) -> Iterator[Row]:
    for row in table.to_dict("records"):
        model, suite = f"ipmix-paper/ipmix-{row['architecture']}", f"{row['dataset']}-c"
        yield model, suite, "clean", 0, "error", row["clean_error"] / 100, WHOLE
        calibration = row["rms_calibration_error"] / 100
        yield model, suite, "clean", 0, "rms_calibration_error_reference", calibration, WHOLE
        yield model, suite, ALL, None, "mean_uce", row["mean_corruption_error"] / 100, WHOLE
        flips = row["mean_flip_probability"] / 100
        yield model, f"{row['dataset']}-p", ALL, None, "mean_flip_probability", flips, WHOLE


def _ipmix_methods(table: pd.DataFrame) -> Iterator[Row]:
    for row in table.to_dict("records"):
        model, suite = f"ipmix-paper-figure/{row['method']}-wrn-28-10", "cifar-100-c"
        yield model, suite, "clean", 0, "error", row["clean_error"] / 100, WHOLE
        yield model, suite, ALL, None, "mean_uce", row["mean_corruption_error"] / 100, WHOLE


TABLES = {
    "alexnet_imagenet_c": _alexnet,
    "augmix_table1": _table_1,
    "augmix_table2": lambda table: _ratios(table, "imagenet-c", "ce", "mce"),
    "augmix_table3": lambda table: _ratios(table, "imagenet-p", "flip_rate", "mfr"),
    "augmix_table4": _table_4,
    "ipmix_networks": _ipmix_networks,
    "ipmix_methods": _ipmix_methods,
    "robustbench_cells": _robustbench,
    "robustbench_clean": _robustbench_clean,
    "imagenet_testbed_cells_double_crop": _testbed,
}
