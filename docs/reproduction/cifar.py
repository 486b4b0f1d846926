"""What a published ResNet-20 scores on CIFAR-10's benchmarks, and what training it here by several methods gives."""

import shlex

import pandas as pd
from reproduction.cells import PERCENT, PLAIN, RESULTS, cell, corruptions, opened, row_of, table

from robench.loaded_run import LoadedRun, load_run
from robench.training.run_file import read_run_file

SCORES = (
    ("error", "error", "mean_uce", PERCENT),
    ("RMS calibration error", "rms_calibration_error", "rms_calibration_error", PERCENT),
    ("expected calibration error", "ece", "ece", PERCENT),
    ("negative log-likelihood", "nll", "nll", PLAIN),
    ("Brier score", "brier_score", "brier_score", PLAIN),
    ("area under risk against coverage", "aurc", "aurc", PERCENT),
)
METHODS = ("standard", "cutout", "mixup", "augmix-no-jsd", "augmix", "ipmix")


def network() -> str:
    """Return what the published network scores on clean and on corrupted images, of two draws of the corruptions."""
    first, second = opened("resnet20/cifar-10-c"), opened("resnet20/cifar-10-c-seed-1")
    rows = [
        (
            words,
            cell(first, "clean", clean, scale),
            *(cell(run, "all", corrupted, scale) for run in (first, second)),
        )
        for words, clean, corrupted, scale in SCORES
    ]
    return table(("ResNet-20", "CIFAR-10", "CIFAR-10-C, seed 0", "CIFAR-10-C, seed 1"), rows)


def draws() -> str:
    """Return the published network's error by corruption for two draws of the corruptions, and the largest change."""
    first, second = opened("resnet20/cifar-10-c"), opened("resnet20/cifar-10-c-seed-1")
    rows: list[tuple[object, ...]] = []
    for name in corruptions(first):
        cells = cell(first, name, "uce"), cell(second, name, "uce")
        moved = _cells(second, name) - _cells(first, name)
        rows.append(
            (
                name,
                *cells,
                f"{_points(second, name) - _points(first, name):+.2f}",
                f"{moved.abs().max():.2f}",
            )
        )
    head = ("corruption", "seed 0", "seed 1", "difference", "largest at a severity")
    return table(head, rows)


def sequences() -> str:
    """Return the published network's flip probability by perturbation."""
    run = opened("resnet20/cifar-10-p")
    names = [*corruptions(run), "all"]
    metrics = {"all": "mean_flip_probability"}
    rows: list[tuple[object, ...]] = [
        (
            "**mean**" if name == "all" else name,
            cell(run, name, metrics.get(name, "flip_probability")),
        )
        for name in names
    ]
    return table(("perturbation", "flip probability"), rows)


def methods() -> str:
    """Return a row for each network that was trained here."""
    rows = []
    for folder in sorted((RESULTS / "trained").glob("*/cifar-10-c")):
        run, training = load_run(folder), read_run_file(folder.parent)
        method, _, seed = folder.parent.name.rpartition("-")
        if seed != str(training["seed"]):
            raise ValueError(f"{folder} is of seed {training['seed']}")
        rows.append(
            (
                f"`{shlex.join([training['method'], *_options(training['command'])])}`",
                seed,
                cell(run, "clean", "error"),
                cell(run, "all", "mean_uce"),
                cell(run, "clean", "rms_calibration_error"),
                cell(run, "all", "rms_calibration_error"),
                cell(run, "all", "brier_score", PLAIN),
                METHODS.index(method),
            )
        )
    rows.sort(key=lambda row: (row[-1], row[1]))
    head = ("method", "seed", "clean error", "mean corruption error")
    calibration = ("RMS calibration, clean", "RMS calibration, -C", "Brier, -C")
    return table((*head, *calibration), [row[:-1] for row in rows])


def _options(command: list[str]) -> list[str]:
    """Return the words of a training command that choose a variant of the method."""
    return [word for word in command if word == "--no-jsd"]


def _cells(run: LoadedRun, corruption: str) -> pd.Series:
    """Return the error of each severity in percent."""
    scores = run.scores
    chosen = scores[(scores["corruption"] == corruption) & (scores["metric"] == "error")]
    return PERCENT * chosen.dropna(subset="severity").set_index("severity")["value"].astype(float)


def _points(run: LoadedRun, corruption: str) -> float:
    return PERCENT * float(row_of(run, corruption, "uce")["value"])
