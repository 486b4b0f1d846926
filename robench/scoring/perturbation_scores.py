"""Scores of the -P benchmarks: flip probabilities and distances of sequences, their means, and ratios to a baseline."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from robench.errors import RobenchError
from robench.metrics.perturbation import SEQUENCE_METRICS, STEPS, against_first, suffix
from robench.records import Run
from robench.scoring.baseline import Baseline
from robench.scoring.missing_conditions import missing
from robench.scoring.sheet import ALL, PerImage, Sheet
from robench.suites import Condition, Suite

# (metric, sequence) -> a value per video. A metric's name ends with its step where that is not 1.
Values = dict[tuple[str, str], PerImage]
# metric -> (its ratio to the baseline's, the mean of the ratios over the suite's own sequences)
RATIOS = {"flip_probability": ("flip_rate", "mfr"), "top5_distance": ("t5d", "mt5d")}


def values_of(
    run: Run, suite: Suite, first: pd.DataFrame | None = None
) -> tuple[Values, pd.DataFrame | None]:
    """Return every metric of every stored sequence at its steps, and the records of one frame of every video.

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
        for metric, definition in SEQUENCE_METRICS.items():
            for step in STEPS[:1] if against_first(name) else STEPS:
                found = definition.per_video(records, against_first(name), step)
                values[metric + suffix(step), name] = found
    return values, first


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
            "file and evaluate again"
        )
    return first if expected is None else expected


def score_sequences(
    sheet: Sheet, run: Run, suite: Suite, clean: pd.DataFrame | None, baseline: Baseline | None
) -> None:
    """Add all that is scored of sequences; ``clean`` are the clean records sorted by index, where there are any."""
    values, first = values_of(run, suite, clean)
    if first is not None:
        sheet.labels = first["label"].to_numpy()
    for (metric, name), per_video in values.items():
        sheet.add_mean(name, metric, per_video)
    _score_means(sheet, suite, values)
    _score_ratios(sheet, suite, values, baseline)


def _score_means(sheet: Sheet, suite: Suite, values: Values) -> None:
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


def _score_ratios(sheet: Sheet, suite: Suite, values: Values, baseline: Baseline | None) -> None:
    """Add what the baseline makes of the suite's own sequences, or say what would have to be given."""
    if baseline is None:
        if suite.baseline:
            reason = _how_to_get(suite)
            sheet.refused |= {mean: reason for _, mean in RATIOS.values()}
        return
    sheet.divided_by = baseline.name
    incomplete = _incomplete(suite.corruptions, values)
    for metric, (ratio, mean) in RATIOS.items():
        divisors = baseline.values[metric]
        if never := [name for name in suite.corruptions if not divisors[name] > 0]:
            sheet.refused[mean] = f"{metric} of {baseline.name} is 0 on {', '.join(never)}"
            continue
        ratios = {
            name: values[metric, name] / divisors[name]
            for name in suite.corruptions
            if (metric, name) in values
        }
        # The mean is divided, not the mean of quotients taken: a run divided by itself is then exactly 1.
        of_means = {name: float(values[metric, name].mean()) / divisors[name] for name in ratios}
        for name, per_video in ratios.items():
            sheet.add(name, None, ratio, of_means[name], per_image=per_video)
        if incomplete:
            sheet.refused[mean] = incomplete
        else:
            per_video = np.mean(list(ratios.values()), axis=0)
            sheet.add(ALL, None, mean, float(np.mean(list(of_means.values()))), per_image=per_video)


def sequence_divisors(run: Run, suite: Suite) -> dict[str, dict[str, float]]:
    """Return what other runs divide by: metric -> the suite's own sequences -> value."""
    found, _ = values_of(run, suite)
    return {
        metric: {name: float(found[metric, name].mean()) for name in suite.corruptions}
        for metric in RATIOS
    }


def _how_to_get(suite: Suite) -> str:
    return (
        f"the values of {suite.baseline} that they divide by are published nowhere; evaluate it on the same images "
        f"(robench eval --model torchvision:{suite.baseline} --suite {suite.name} ... --out BASELINE), then repeat "
        "this command with --baseline BASELINE"
    )


def _incomplete(names: Sequence[str], values: Values) -> str | None:
    stored = {Condition(name, 0) for _, name in values}
    reason = missing([Condition(name, 0) for name in names], stored)
    return reason and f"{reason}; evaluate them into the same run to have it"
