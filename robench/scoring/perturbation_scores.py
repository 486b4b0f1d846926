"""Scores of the -P benchmarks: flip probabilities and distances of sequences, their means, and ratios to a baseline."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from robench.errors import RobenchError
from robench.metrics.perturbation import SEQUENCE_METRICS, STEPS, against_first, suffix
from robench.records import Run
from robench.scoring.missing_conditions import missing
from robench.scoring.sheet import ALL, PerImage, Sheet
from robench.suites import Condition, Suite

# (metric, of a sequence) -> a value per video.
Values = dict[tuple[str, str], PerImage]


def score_sequences(sheet: Sheet, run: Run, suite: Suite, first: pd.DataFrame | None) -> Values:
    """Add every metric of every stored sequence, at the three difficulties; return the values per video.

    One sequence's records are held at a time. Raises RobenchError when they are not of the images of ``first``, the
    clean records sorted by index, or where that is None of those of the first sequence.
    """
    values: Values = {}
    stored = run.conditions()
    for name in suite.corruptions + suite.extra:
        if Condition(name, 0) not in stored:
            continue
        records = run.read(Condition(name, 0)).sort_values(["index", "frame"], ignore_index=True)
        first = _checked_first(run, name, records, first)
        sheet.labels = first["label"].to_numpy()
        for metric, definition in SEQUENCE_METRICS.items():
            for step in STEPS[:1] if against_first(name) else STEPS:
                per_video = definition.per_video(records, against_first(name), step)
                values[metric + suffix(step), name] = per_video
                sheet.add_mean(name, metric + suffix(step), per_video)
    return values


def _checked_first(
    run: Run, name: str, records: pd.DataFrame, expected: pd.DataFrame | None
) -> pd.DataFrame:
    """Return the records of the first frames, or ``expected``, which must be of the same images."""
    first = records[records["frame"] == 0].reset_index(drop=True)
    frames = records.groupby("index", sort=False)["frame"]
    whole = (frames.size() == records["frame"].max() + 1) & (frames.nunique() == frames.size())
    same = expected is None or all(first[key].equals(expected[key]) for key in ("index", "label"))
    if not whole.all() or not same:
        raise RobenchError(
            f"{run.path}: {name} holds other images or labels than the rest, or not every frame of them; delete its "
            "file and --resume the run"
        )
    return first if expected is None else expected


def score_means(sheet: Sheet, suite: Suite, values: Values) -> None:
    """Add the means over the suite's own sequences, at the difficulties that were begun, unnormalised."""
    for difficulty in STEPS:
        names = [_at(name, difficulty) for name in suite.corruptions]
        stronger = [name for name in names if name not in suite.corruptions]
        if difficulty > 1 and not any(("flip_probability", name) in values for name in stronger):
            continue  # only asked for by name
        reason = _incomplete(names, values)
        for metric in SEQUENCE_METRICS:
            mean = f"mean_{metric}{suffix(difficulty)}"
            if reason:
                sheet.refused[mean] = reason
                continue
            steps = [1 if against_first(name) else difficulty for name in names]
            chosen = [
                values[metric + suffix(step), name] for name, step in zip(names, steps, strict=True)
            ]
            sheet.add_mean(ALL, mean, np.mean(chosen, axis=0))


def _at(name: str, difficulty: int) -> str:
    """Return the sequence that stands for another at a difficulty: of noise a stronger one, of the rest itself."""
    return name + suffix(difficulty) if against_first(name) else name


def _incomplete(names: Sequence[str], values: Mapping[tuple[str, str], object]) -> str | None:
    stored = {Condition(name, 0) for _, name in values}
    reason = missing([Condition(name, 0) for name in names], stored)
    return reason and f"{reason}; run robench eval again with --resume to fill them"
