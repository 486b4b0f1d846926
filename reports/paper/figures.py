"""The paper's figures 5, 6 and 7 from placed runs; published numbers are drawn where a table holds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from baselines import published
from reports import style
from reports.figures.drawing import Drawing
from reports.figures.method_dots import Series, method_dots
from reports.figures.severity import against_severity
from reports.names import slug
from reports.paper.by_severity import CALIBRATION, by_severity
from reports.paper.cells import measured
from reports.paper.layout import Slot
from reports.paper.placed_run import PlacedRun
from reports.paper.variants import VARIANTS, Trained

RESNEXT, DATASET = "resnext29", "cifar-10"  # of figures 5 and 6
SUITES = ("cifar-10-c", "cifar-10-p")
METHODS = ("standard", "cutout", "mixup", "cutmix", "autoaugment", "adversarial", "augmix")
ENDS = {"": "measured", "_low": "low", "_high": "high"}
PUBLISHED = "corrupted_error_published"


@dataclass(frozen=True)
class Network:
    """Whose methods figures 5 and 6 compare: the paper's, or one that runs have in its place."""

    architecture: str
    apart: str = ""

    @property
    def is_the_papers(self) -> bool:
        """Is it the one of the paper's figures?"""
        return self == PAPERS_NETWORK

    @property
    def name(self) -> str:
        """How captions call it."""
        title = "ResNeXt-29" if self.architecture == RESNEXT else self.architecture
        return ", ".join(filter(None, [title, self.apart]))

    def stem(self, stem: str) -> str:
        """Return the stem of a figure's files."""
        return stem if self.is_the_papers else f"{stem}-{slug(self.name)}"

    def slot(self, method: str, suite: str, corruption: str, metric: str) -> Slot:
        """Return what a number of a method is looked up by."""
        trained = Trained(method, self.architecture, DATASET, self.apart)
        return Slot(trained, suite, corruption, metric, own=not self.is_the_papers)


PAPERS_NETWORK = Network(RESNEXT)


def figures(runs: Sequence[PlacedRun], pooled: bool) -> list[Drawing]:
    """Return the figures for which there are numbers; figure 5 has published ones without any run.

    Figures 5 and 6 are of the paper's network and, besides, of every other one that runs on CIFAR-10 have.
    """
    found: list[Drawing | None] = []
    for network in _networks(runs):
        found += [_figure_5(runs, network), *_figure_6(runs, network)]
    found += _figure_7(runs, pooled)
    return [drawing for drawing in found if drawing is not None]


def figure_places() -> set[tuple[Trained, str]]:
    """Return the (trained network, suite) that the paper's figures show."""
    return {(Trained(name, RESNEXT, DATASET), suite) for name in METHODS for suite in SUITES}


def _networks(runs: Sequence[PlacedRun]) -> list[Network]:
    others = {
        Network(run.trained.architecture, run.trained.apart): None
        for run in runs
        if run.trained.variant and run.trained.dataset == DATASET and run.suite in SUITES
    }
    return list(dict.fromkeys([PAPERS_NETWORK, *others]))


def _figure_5(runs: Sequence[PlacedRun], network: Network) -> Drawing | None:
    table, unlike = _of_methods(
        runs,
        network,
        {"clean_error": ("cifar-10-c", "clean", "error"), "corrupted_error": ("cifar-10-c", "all", "mean_uce")},
    )  # fmt: skip
    series = [
        Series("clean_error", "clean, measured", "clean"),
        Series("corrupted_error", "CIFAR-10-C, measured", "corrupted"),
    ]
    if network.is_the_papers:
        printed = published.load("augmix_table1").query(
            "dataset == 'cifar-10-c' and architecture == 'resnext'"
        )
        names = [VARIANTS[name].heading for name in METHODS]
        table.loc[names, PUBLISHED] = [float(printed[name].iloc[0]) / 100 for name in METHODS]
        series.append(Series(PUBLISHED, "CIFAR-10-C, published (table 1)", "corrupted", True))
    title = f"Figure 5: clean error and mean corruption error on CIFAR-10-C, {network.name}"
    return _dots(network.stem("figure-5-cifar-10-c-error"), title + unlike, table, series, "Error")


def _figure_6(runs: Sequence[PlacedRun], network: Network) -> list[Drawing | None]:
    flips, unlike_p = _of_methods(
        runs, network, {"flip_probability": ("cifar-10-p", "all", "mean_flip_probability")}
    )
    calibration, unlike_c = _of_methods(
        runs,
        network,
        {
            "calibration_clean": ("cifar-10-c", "clean", CALIBRATION),
            "calibration_corrupted": ("cifar-10-c", "all", CALIBRATION),
        },
    )
    left = f"Figure 6, left: mean flip probability on CIFAR-10-P, {network.name}"
    right = f"Figure 6, right: RMS calibration error on CIFAR-10 and CIFAR-10-C, {network.name}"
    return [
        _dots(
            network.stem("figure-6-cifar-10-p-flips"),
            left + unlike_p,
            flips,
            [Series("flip_probability", "CIFAR-10-P", "corrupted")],
            "Mean flip probability",
        ),
        _dots(
            network.stem("figure-6-calibration"),
            right + unlike_c,
            calibration,
            [
                Series("calibration_clean", "CIFAR-10", "clean"),
                Series("calibration_corrupted", "CIFAR-10-C", "corrupted"),
            ],
            "RMS calibration error",
        ),
    ]


def _of_methods(
    runs: Sequence[PlacedRun], network: Network, quantities: dict[str, tuple[str, str, str]]
) -> tuple[pd.DataFrame, str]:
    """Return a row per method with each quantity and its interval as fractions, and the rest of the caption.

    A number that no run has is NaN.
    """
    rows, reasons = {}, dict[str, None]()
    for name, variant in VARIANTS.items():
        row: dict[str, float] = {}
        for quantity, place in quantities.items():
            cell = measured(network.slot(name, *place), runs)
            row |= {f"{quantity}{end}": cell[key] / 100 for end, key in ENDS.items()}
            row[f"{quantity}_runs"] = cell["runs"]
            reasons |= dict.fromkeys(filter(None, str(cell["unlike"]).split("; ")))
        if name in METHODS or any(row[f"{quantity}_runs"] for quantity in quantities):
            rows[variant.heading] = row
    words = "; lines are 95% intervals"
    if reasons:
        words += f". Not like for like with the paper: {'; '.join(reasons)}"
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method"), words


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


def _figure_7(runs: Sequence[PlacedRun], pooled: bool) -> list[Drawing]:
    """Return error and calibration on ImageNet-C against severity, a line per run, the ensembles among them."""
    parts, reasons = [], dict[str, None]()
    for each in runs:
        if each.run is not None and each.suite == "imagenet-c":
            parts.append(by_severity(each.run, pooled).assign(run=each.label))
            reasons |= dict.fromkeys(each.unlike(Slot(each.trained, each.suite, "all", "mce")))
    if not parts or not sum(map(len, parts)):
        return []
    unlike = f". Not like for like with the paper: {'; '.join(reasons)}" if reasons else ""
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
                f"Figure 7: {label} on ImageNet-C against severity, {words}; bands are 95% intervals{unlike}",
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
