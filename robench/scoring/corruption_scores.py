"""Scores of the -C benchmarks: corruption errors, their means, and what a baseline makes of them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from baselines.published.normaliser import normaliser
from robench import metrics
from robench.metrics.error import corruption_errors, relative_corruption_errors, wrong
from robench.records import Run
from robench.scoring.baseline import Baseline
from robench.scoring.condition_scores import Drawn, metric_names
from robench.scoring.missing_conditions import incomplete, missing
from robench.scoring.sheet import ALL, PerImage, Sheet
from robench.suites import CLEAN, Condition, Suite


def score_corruptions(
    sheet: Sheet,
    suite: Suite,
    records: dict[Condition, pd.DataFrame],
    baseline: Baseline | None = None,
) -> None:
    """Add the corruption errors, means over all severities: unnormalised, and divided by a baseline's.

    That is ``baseline``, a run of the user's, or else what the suite divides by as published. The suite's extra
    corruptions have an error where they were asked for, but are in no mean and are divided by nothing.
    """
    errors: dict[str, PerImage] = {}
    asked = {condition.corruption for condition in records}
    for corruption in (*suite.corruptions, *(name for name in suite.extra if name in asked)):
        wanted = [Condition(corruption, severity) for severity in suite.severities]
        if reason := missing(wanted, records):
            sheet.refused[f"uce of {corruption}"] = reason
            continue
        per_image = np.mean([wrong(records[condition]) for condition in wanted], axis=0)
        sheet.add_mean(corruption, "uce", per_image)
        if corruption in suite.corruptions:
            errors[corruption] = per_image
    complete = len(errors) == len(suite.corruptions)
    if complete:
        sheet.add_mean(ALL, "mean_uce", _mean(errors))
    else:
        sheet.refused["mean_uce"] = incomplete(suite, records)
    if baseline is not None or suite.normaliser is not None:
        clean = wrong(records[CLEAN]) if CLEAN in records else None
        reason = None if complete else incomplete(suite, records)
        _score_normalised(sheet, _divisors(suite, baseline), errors, clean, reason)
    if baseline is not None:
        sheet.divided_by = baseline.name


def corruption_divisors(run: Run, suite: Suite) -> dict[str, dict[str, float]]:
    """Return what other runs divide by: the error per corruption, a mean over severities, and that of clean images."""
    errors = {
        condition: float(wrong(run.read(condition)).mean()) for condition in suite.conditions()
    }
    return {
        "uce": {
            name: float(np.mean([errors[Condition(name, level)] for level in suite.severities]))
            for name in suite.corruptions
        },
        "error": {str(CLEAN): errors[CLEAN]},
    }


def _divisors(suite: Suite, baseline: Baseline | None) -> tuple[Mapping[str, float], float]:
    """Return a baseline's error per corruption and its clean error."""
    if baseline is None:
        return normaliser(str(suite.normaliser))
    return baseline.values["uce"], baseline.values["error"][str(CLEAN)]


def _score_normalised(
    sheet: Sheet,
    divisors: tuple[Mapping[str, float], float],
    errors: dict[str, PerImage],
    clean: PerImage | None,
    reason: str | None,
) -> None:
    baseline, baseline_clean = divisors
    families: dict[str, tuple[str, dict[str, PerImage]]] = {}
    if not (never := [name for name in errors if not baseline[name] > 0]):
        families["ce"] = "mce", corruption_errors(errors, baseline)
    else:
        sheet.refused["mce"] = f"the baseline is never wrong on {', '.join(never)}"
    if clean is None:
        sheet.refused["relative_mce"] = "the clean images are not evaluated"
    elif not (gains := [name for name in errors if not baseline[name] > baseline_clean]):
        relative = relative_corruption_errors(errors, clean, baseline, baseline_clean)
        families["relative_ce"] = "relative_mce", relative
    else:
        sheet.refused["relative_mce"] = f"the baseline's error does not grow on {', '.join(gains)}"
    for each, (mean, values) in families.items():
        for corruption, per_image in values.items():
            sheet.add_mean(corruption, each, per_image)
        if reason:
            sheet.refused[mean] = reason
        else:
            sheet.add_mean(ALL, mean, _mean(values))


def score_suite(
    sheet: Sheet,
    suite: Suite,
    records: dict[Condition, pd.DataFrame],
    drawn: Mapping[Condition, Drawn],
) -> None:
    """Add the mean over all corrupted conditions of every metric but the error, which the corruption errors cover."""
    wanted = [condition for condition in suite.conditions() if condition != CLEAN]
    for name in metric_names(sheet.also)[1:]:
        metric = metrics.registry()[name]
        if missing(wanted, records):
            sheet.refused[f"mean {name}"] = incomplete(suite, records)
        elif metric.per_image is not None:
            per_image = [metric.per_image(records[condition]) for condition in wanted]
            sheet.add_mean(ALL, name, np.mean(per_image, axis=0))
        elif not any(f"{name} of {condition}" in sheet.refused for condition in wanted):
            values = [sheet.value(each.corruption, each.severity, name) for each in wanted]
            draws = np.mean([drawn[condition][name] for condition in wanted], axis=0)
            sheet.add(ALL, None, name, float(np.mean(values)), draws=draws)
        else:
            sheet.refused[f"mean {name}"] = f"{name} is undefined for some conditions"


def _mean(per_corruption: dict[str, PerImage]) -> PerImage:
    return np.mean(list(per_corruption.values()), axis=0)
