"""Training runs as an article: curves of loss and error, where they ended, recipes, and the commands that go on."""

import json
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from reports import style
from reports.article import Article, Section
from reports.figures.curves import curve
from reports.figures.drawing import Drawing
from reports.found_runs import RUN
from reports.grid import Cell, Column, Grid, grid
from reports.names import distinguished
from reports.results import check_distinct
from reports.tables.provenance import NOT_RECORDED, in_words, listed
from robench.errors import RobenchError
from robench.outside_file import read_bytes, read_json_object

CURVES = {
    "train_loss": ("Training loss", False),
    "test_error": ("Clean test error", True),
    "corruption_error": ("Error under corruptions, on some test images", True),
}


# The -C suite of each data set.
SUITES = {
    each: f"{each}-c" for each in ("cifar-10", "cifar-100", "digits", "tiny-imagenet", "imagenet")
}


@dataclass(frozen=True)
class TrainingRun:
    """A training run: its folder, its run.json, and its log with a row per epoch."""

    path: Path
    info: Mapping[str, Any]
    log: pd.DataFrame

    @property
    def name(self) -> str:
        """Its folder's name, with the one above where that is only a seed's number."""
        folder = self.path.resolve()
        return f"{folder.parent.name}-{folder.name}" if _is_seed(folder.name) else folder.name

    def evaluation(self) -> str:
        """Return the command that evaluates its checkpoint on the -C suite of its data."""
        checkpoint = shlex.quote(str(self.path / "checkpoints" / "last.pt"))
        suite = SUITES.get(self.info["dataset"], "SUITE")
        return f"robench eval --model {checkpoint} --suite {suite} --out {shlex.quote(str(self.path / suite))}"


def _is_seed(name: str) -> bool:
    return name.startswith("seed-")


def open_training(path: Path) -> TrainingRun:
    """Open a training run.

    Raises RobenchError for a run.json or a log that is missing or damaged, a log without an epoch, and a run of a newer
    version.
    """
    from robench.training.run_file import FORMAT  # not before: it loads torch

    info = read_json_object(path / RUN, "train anew into another --out")
    if info.get("format") != FORMAT:
        raise RobenchError(
            f"{path} has run format {info.get('format')}, this robench reads {FORMAT}; upgrade robench"
        )
    log = _log(path)
    try:
        _settings(info)
        epochs = info["recipe"]["epochs"]
        whole = log[["epoch", "train_loss", "test_error", "seconds"]].astype(float).notna().all()
        if not isinstance(epochs, int) or not whole["epoch"]:
            raise ValueError("epochs")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RobenchError(
            f"{path} is damaged ({error!r}); train anew into another --out"
        ) from None
    return TrainingRun(path, info, log)


def training_article(paths: Sequence[Path]) -> tuple[Article, pd.DataFrame]:
    """Return the report of training runs, and their logs as tidy rows; see ``open_training`` for its errors.

    Raises RobenchError for a folder given twice, too.
    """
    check_distinct(paths)
    return article_of([open_training(path) for path in paths])


def training_names(runs: Sequence[TrainingRun]) -> list[str]:
    """Return what a report calls each training run, no two alike."""
    return distinguished([each.name for each in runs], [each.path.resolve() for each in runs])


def article_of(runs: Sequence[TrainingRun]) -> tuple[Article, pd.DataFrame]:
    """Return the report of open training runs; its rows are run, then a column for each entry of the log."""
    infos, names = [each.info for each in runs], training_names(runs)
    log = pd.concat(
        [each.log.assign(run=name) for each, name in zip(runs, names, strict=True)],
        ignore_index=True,
    )
    log.insert(0, "run", log.pop("run"))
    drawings = [_drawing(log, column) for column in CURVES if column in log]
    sections = [
        Section("Where they ended", grids=(_ends(log, infos, names),)),
        Section("Curves", drawings=tuple(drawings)),
        Section("Recipes", grids=(_recipes(infos, names),)),
        *(
            Section(f"{name}: commands", code=tuple(_commands(each)))
            for name, each in zip(names, runs, strict=True)
        ),
        Section("How to read the numbers", notes=NOTES),
    ]
    what = names[0] if len(names) == 1 else f"{len(names)} runs"
    return Article(f"Training of {what}", _facts(infos), tuple(sections)), log


NOTES = (
    "The training loss is the mean over an epoch's steps of what the method minimises; of two methods it does not "
    "compare.",
    "The test error is measured after each epoch and chooses nothing: the checkpoint is that of the last epoch.",
    "A curve of the test set is no result: evaluate the checkpoint, which gives intervals.",
)


def _facts(infos: Sequence[Mapping[str, Any]]) -> str:
    what = dict.fromkeys(
        f"{info['method']}, {info['architecture']}, {info['dataset']}" for info in infos
    )
    return " · ".join(what)


def _log(path: Path) -> pd.DataFrame:
    file = path / "log.jsonl"
    try:
        lines = [json.loads(line) for line in read_bytes(file).decode("utf-8").splitlines()]
    except (OSError, ValueError, RecursionError) as error:
        raise RobenchError(f"{file} cannot be read ({error}); --resume the training") from None
    if not lines:
        raise RobenchError(f"{path}: no epoch of this training is finished; --resume it")
    return pd.DataFrame(lines)


def _ends(log: pd.DataFrame, infos: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Grid:
    last = log.groupby("run", sort=False).last().loc[list(names)]
    last["epochs"] = [info["recipe"]["epochs"] for info in infos]
    last["hours"] = log.groupby("run", sort=False)["seconds"].sum() / 3600
    columns = [
        Column("epoch", "Epochs done", "count"),
        Column("epochs", "of", "count"),
        Column("train_loss", "Training loss", "number"),
        Column("test_error", "Clean test error (%)"),
        Column("corruption_error", "Corrupted (%)"),
        Column("hours", "Hours", "number"),
    ]
    shown = [column for column in columns if column.key in last]
    return grid(last, shown, "The last whole epoch of each run")


def _recipes(infos: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Grid:
    """Return settings x runs; only what is in run.json, word for word."""
    described = [_settings(info) for info in infos]
    keys = list(dict.fromkeys(key for each in described for key in each))
    columns = tuple(Column(name, name, "text") for name in names)
    rows = tuple(tuple(Cell(each.get(key, NOT_RECORDED)) for each in described) for key in keys)
    return Grid("What was trained, on what, and how", "Setting", columns, tuple(keys), rows)


def _settings(info: Mapping[str, Any]) -> dict[str, str]:
    options = {f"option {key}": value for key, value in info["method_options"].items()}
    recipe = {key.replace("_", " "): value for key, value in info["recipe"].items()}
    entries = {
        "method": info["method"],
        **options,
        "overlaps with test corruptions": info["overlaps"],
        "network": info["architecture"],
        "training images": f"{info['train']['images']:,} of {info['train']['description']}",
        "test images": f"{info['test']['images']:,} of {info['test']['description']}",
        **{("recipe" if key == "name" else key): value for key, value in recipe.items()},
        "seed": info["seed"],
        "precision": info["precision"],
        "device": f"{info['device']} ({info['device_name']})",
        "software": f"robench {info['robench']}; {in_words(info['libraries'])}",
        "time": f"{info['started']} to {info['finished'] or 'unfinished'}",
    }
    return {key: str(listed(value)) for key, value in entries.items()}


def _commands(run: TrainingRun) -> list[str]:
    made = [shlex.join(map(str, run.info["command"]))] if run.info["command"] else []
    return [*made, run.evaluation()]


def _drawing(log: pd.DataFrame, column: str) -> Drawing:
    title, in_percent = CURVES[column]
    said = []
    for name, part in log.dropna(subset=[column]).groupby("run", sort=False):
        last = part.iloc[-1]
        value = f"{100 * last[column]:.1f}%" if in_percent else f"{last[column]:.3f}"
        said.append(f"{name}: {value} after {int(last['epoch'])} epochs")
    runs = log["run"].nunique()
    return Drawing(
        f"training-{column.replace('_', '-')}",
        f"{title} after each epoch",
        f"Line plot. {'; '.join(said)}.",
        log[["run", "epoch", column]],
        partial(curve, column=column, label=title, in_percent=in_percent),
        (style.WIDTH_IN, style.HEIGHT_IN + 0.2 * max(0, math.ceil(runs / 2) - 3)),
        legend=runs > 1,
    )
