"""Scores of the -C benchmarks: corruption errors, their means, and what a baseline makes of them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from baselines.published.normaliser import normaliser
from robench import metrics
from robench.metrics.error import corruption_errors, relative_corruption_errors, wrong
from robench.scoring.condition_scores import Drawn, metric_names
from robench.scoring.missing_conditions import incomplete, missing
from robench.scoring.sheet import ALL, PerImage, Sheet
from robench.suites import CLEAN, Condition, Suite


def score_corruptions(sheet: Sheet, suite: Suite, records: dict[Condition, pd.DataFrame]) -> None:
    """Add the corruption errors, means over all severities: unnormalised, and relative to the suite's baseline."""
    errors: dict[str, PerImage] = {}
    for corruption in suite.corruptions:
        wanted = [Condition(corruption, severity) for severity in suite.severities]
        if reason := missing(wanted, records):
            sheet.refused[f"uce of {corruption}"] = reason
            continue
        errors[corruption] = np.mean([wrong(records[condition]) for condition in wanted], axis=0)
        sheet.add_mean(corruption, "uce", errors[corruption])
    complete = len(errors) == len(suite.corruptions)
    if complete:
        sheet.add_mean(ALL, "mean_uce", _mean(errors))
    else:
        sheet.refused["mean_uce"] = incomplete(suite, records)
    if suite.normaliser is not None:
        clean = wrong(records[CLEAN]) if CLEAN in records else None
        _score_normalised(
            sheet, suite, errors, clean, None if complete else incomplete(suite, records)
        )


def _score_normalised(
    sheet: Sheet,
    suite: Suite,
    errors: dict[str, PerImage],
    clean: PerImage | None,
    reason: str | None,
) -> None:
    baseline, baseline_clean = normaliser(str(suite.normaliser))
    families = {"ce": ("mce", corruption_errors(errors, baseline))}
    if clean is not None:
        relative = relative_corruption_errors(errors, clean, baseline, baseline_clean)
        families["relative_ce"] = ("relative_mce", relative)
    else:
        sheet.refused["relative_mce"] = "the clean images are not evaluated"
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
    for name in metric_names()[1:]:
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
