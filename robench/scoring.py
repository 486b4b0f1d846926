"""Records and normalisers to tidy scores with intervals, or the reason why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baselines.published.normaliser import normaliser
from robench import metrics, suites
from robench.errors import RobenchError
from robench.metrics import UndefinedMetricError
from robench.metrics.detection import detection_scores
from robench.metrics.error import corruption_errors, relative_corruption_errors, wrong
from robench.metrics.intervals import mean_interval, wilson_interval
from robench.records import Run
from robench.suites import CLEAN, Condition, Suite

COLUMNS = ("model", "suite", "corruption", "severity", "metric", "value", "low", "high", "n")
ALL = "all"  # the corruption of a score that belongs to the whole suite

PerImage = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """The scores of one run.

    Attributes:
        table: tidy, the columns of ``COLUMNS``; fractions; ``low`` and ``high`` bound a 95% interval or are NaN;
            ``severity`` is 0 for clean images and missing for a mean over severities; ``n`` counts images.
        refused: score -> why it is not in the table.
    """

    table: pd.DataFrame
    refused: dict[str, str]


@dataclass
class _Sheet:
    """Scores being gathered."""

    model: str
    suite: str
    count: int = 0
    rows: list[tuple[object, ...]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        corruption: str,
        severity: int | None,
        metric: str,
        value: float,
        interval: tuple[float, float] = (np.nan, np.nan),
    ) -> None:
        head = (self.model, self.suite, corruption, severity, metric)
        self.rows.append((*head, value, *interval, self.count))

    def add_mean(self, corruption: str, metric: str, per_image: PerImage) -> None:
        self.add(corruption, None, metric, float(per_image.mean()), mean_interval(per_image))


def score(run: Run) -> Scores:
    """Compute every score that a run's records allow.

    A mean over conditions of which one is missing is refused, never taken over what happens to be there. Raises
    RobenchError when the suite is unknown or a record file is damaged.
    """
    suite = suites.registry()[run.info["suite"]]
    stored = run.conditions()
    records = _aligned(run, [condition for condition in suite.conditions() if condition in stored])
    _check_classes(run, suite, records)
    sheet = _Sheet(run.name, suite.name, run.info["data"]["images"])
    if suite.reference is not None:
        sheet.refused["anomaly detection"] = (
            f"needs a run of {suite.reference} too; see robench.scoring.score_anomalies"
        )
        records = {}  # their labels mean nothing
    for condition, table in records.items():
        _score_condition(sheet, condition, table)
    if suite.corruptions:
        _score_corruptions(sheet, suite, records)
        _score_suite(sheet, suite, records)
    return _scores(sheet)


def _scores(sheet: _Sheet) -> Scores:
    table = pd.DataFrame(sheet.rows, columns=list(COLUMNS)).astype({"severity": "Int64"})
    return Scores(table, sheet.refused)


def _aligned(run: Run, conditions: Sequence[Condition]) -> dict[Condition, pd.DataFrame]:
    """Read the conditions with their images in the same order, so that values per image can be averaged over them."""
    records = {each: run.read(each).sort_values("index", ignore_index=True) for each in conditions}
    for condition, table in records.items():
        first = records[conditions[0]]
        if not table["index"].equals(first["index"]) or not table["label"].equals(first["label"]):
            raise RobenchError(
                f"{run.path}: {condition} and {conditions[0]} hold different images or labels; "
                f"delete the wrong one's file and --resume the run"
            )
    return records


def _check_classes(run: Run, suite: Suite, records: dict[Condition, pd.DataFrame]) -> None:
    """Raise RobenchError for predictions of classes that the suite leaves out: its logits were not masked."""
    if suite.classes_used is None:
        return
    for condition, table in records.items():
        if strange := int((~table["prediction"].isin(suite.classes_used)).sum()):
            raise RobenchError(
                f"{run.path}: {strange} predictions of {condition} are none of the {len(suite.classes_used)} classes "
                f"of {suite.name}; evaluate it anew"
            )


def score_anomalies(outside: Run, inside: Run) -> Scores:
    """Score how well a model tells anomalies from images of its classes; a row per anomaly score and metric.

    Args:
        outside: a run of a suite that has a reference, such as imagenet-o.
        inside: a run of that reference with the same model.

    Returns:
        a table of metrics ``auroc_max_softmax``, ``aupr_energy``, ..., with the outside images as positives.

    Raises:
        RobenchError: when the runs are of other suites or of different models, or one is not finished.
    """
    suite = suites.registry()[outside.info["suite"]]
    if suite.reference != inside.info["suite"]:
        raise RobenchError(
            f"{outside.path} ({suite.name}) is not scored against {inside.path} ({inside.info['suite']}); "
            f"its reference is {suite.reference}"
        )
    if _identity(outside) != _identity(inside):
        raise RobenchError(f"{outside.path} and {inside.path} are runs of different models")
    pair = inside.read(CLEAN), outside.read(CLEAN)
    for run, table in zip((inside, outside), pair, strict=True):
        _check_classes(run, suite, {CLEAN: table})
    sheet = _Sheet(outside.name, suite.name, sum(map(len, pair)))
    for row in detection_scores(*pair).itertuples():
        sheet.add(ALL, None, f"{row.metric}_{row.score}", float(str(row.value)))
    return _scores(sheet)


def _identity(run: Run) -> list[object]:
    """Return what two runs of the same model have in common."""
    model, preprocessing = run.info["model"], run.info["preprocessing"]
    return [model["sha256"], model["architecture"], preprocessing["mean"], preprocessing["std"]]


def write_scores(run: Run) -> Scores:
    """Score a run and store the table as ``scores.csv`` in its directory."""
    scores = score(run)
    run.write_table("scores.csv", scores.table)
    return scores


def _score_condition(sheet: _Sheet, condition: Condition, records: pd.DataFrame) -> None:
    for name in _metric_names():
        metric = metrics.registry()[name]
        try:
            value = metric.value(records)
        except UndefinedMetricError as reason:
            sheet.refused[f"{name} of {condition}"] = str(reason)
            continue
        interval = (np.nan, np.nan)
        if name == "error":
            interval = wilson_interval(wrong(records).sum(), len(records))
        elif metric.per_image is not None:
            interval = mean_interval(metric.per_image(records))
        sheet.add(condition.corruption, condition.severity, name, value, interval)


def _metric_names() -> list[str]:
    """Return the error, then the other metrics by name: the order must not depend on the registry's."""
    return ["error", *sorted(name for name in metrics.registry() if name != "error")]


def _score_corruptions(sheet: _Sheet, suite: Suite, records: dict[Condition, pd.DataFrame]) -> None:
    """Add the corruption errors, means over all severities: unnormalised, and relative to the suite's baseline."""
    errors: dict[str, PerImage] = {}
    for corruption in suite.corruptions:
        wanted = [Condition(corruption, severity) for severity in suite.severities]
        if reason := _missing(wanted, records):
            sheet.refused[f"uce of {corruption}"] = reason
            continue
        errors[corruption] = np.mean([wrong(records[condition]) for condition in wanted], axis=0)
        sheet.add_mean(corruption, "uce", errors[corruption])
    complete = len(errors) == len(suite.corruptions)
    if complete:
        sheet.add_mean(ALL, "mean_uce", _mean(errors))
    else:
        sheet.refused["mean_uce"] = _incomplete(suite, records)
    if suite.normaliser is not None:
        clean = wrong(records[CLEAN]) if CLEAN in records else None
        _score_normalised(
            sheet, suite, errors, clean, None if complete else _incomplete(suite, records)
        )


def _score_normalised(
    sheet: _Sheet,
    suite: Suite,
    errors: dict[str, PerImage],
    clean: PerImage | None,
    incomplete: str | None,
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
        if incomplete:
            sheet.refused[mean] = incomplete
        else:
            sheet.add_mean(ALL, mean, _mean(values))


def _score_suite(sheet: _Sheet, suite: Suite, records: dict[Condition, pd.DataFrame]) -> None:
    """Add the mean over all corrupted conditions of every metric but the error, which the corruption errors cover."""
    wanted = [condition for condition in suite.conditions() if condition != CLEAN]
    for name in _metric_names()[1:]:
        metric = metrics.registry()[name]
        if _missing(wanted, records):
            sheet.refused[f"mean {name}"] = _incomplete(suite, records)
        elif metric.per_image is not None:
            values = [metric.per_image(records[condition]) for condition in wanted]
            sheet.add_mean(ALL, name, np.mean(values, axis=0))
        elif not any(f"{name} of {condition}" in sheet.refused for condition in wanted):
            sheet.add(ALL, None, name, float(np.mean([metric.value(records[c]) for c in wanted])))
        else:
            sheet.refused[f"mean {name}"] = f"{name} is undefined for some conditions"


def _mean(per_corruption: dict[str, PerImage]) -> PerImage:
    return np.mean(list(per_corruption.values()), axis=0)


def _missing(wanted: Sequence[Condition], records: dict[Condition, pd.DataFrame]) -> str | None:
    absent = [condition for condition in wanted if condition not in records]
    if not absent:
        return None
    return f"{len(absent)} of {len(wanted)} conditions missing ({_some(absent)})"


def _incomplete(suite: Suite, records: dict[Condition, pd.DataFrame]) -> str:
    wanted = [condition for condition in suite.conditions() if condition != CLEAN]
    return f"{_missing(wanted, records)}; run robench eval again with --resume to fill them"


def _some(conditions: Sequence[Condition], shown: int = 3) -> str:
    names = ", ".join(map(str, conditions[:shown]))
    return names + (", ..." if len(conditions) > shown else "")
