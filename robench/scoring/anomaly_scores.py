"""Scores of a pair of runs: how well a model tells anomalies from images of its classes."""

import pandas as pd

from robench.errors import RobenchError
from robench.metrics import UndefinedMetricError
from robench.metrics.detection import METRICS_OF_PAIRS, detection_scores
from robench.records import Run
from robench.scoring.sheet import ALL, Scores, Sheet
from robench.scoring.stored_records import check_classes
from robench.suites import CLEAN


def score_anomalies(outside: Run, inside: Run) -> Scores:
    """Score how well a model tells images of none of its classes from images of them.

    Args:
        outside: a run on images that show none of the classes, such as imagenet-o.
        inside: a run of the same model on images that do, such as imagenet-o-reference; the clean ones count.

    Returns:
        a table of metrics ``auroc_max_softmax``, ``aupr_energy``, ..., with the outside images as positives and 95%
        bootstrap intervals; ``suite`` names the outside images, ``n`` counts both sides.

    Raises:
        RobenchError: when the runs are of different models or over different classes, or one is not finished.
    """
    pair = _records(outside, inside)
    sheet = Sheet(inside.name, str(outside.info["suite"]), sum(map(len, pair)))
    try:
        scores = detection_scores(*pair)
    except UndefinedMetricError as reason:
        raise RobenchError(f"{outside.path} against {inside.path}: {reason}") from None
    for row in scores.itertuples():
        interval = float(str(row.low)), float(str(row.high))
        sheet.add(ALL, None, f"{row.metric}_{row.score}", float(str(row.value)), interval)
    return sheet.scores()


def score_outside(sheet: Sheet, run: Run) -> None:
    """Add the anomaly scores of every set of outside images kept with a run, or say why there are none."""
    for outside in run.outside():
        try:
            found = score_anomalies(outside, run)
        except RobenchError as reason:
            sheet.refused[f"anomaly detection on {outside.info['suite']}"] = str(reason)
            continue
        sheet.appended.append(found)


def anomaly_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of tidy scores that are about anomaly detection."""
    return table[table["metric"].str.startswith(tuple(f"{name}_" for name in METRICS_OF_PAIRS))]


def _records(outside: Run, inside: Run) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the clean records of both runs, inside first."""
    if _identity(outside) != _identity(inside):
        raise RobenchError(
            f"{outside.path} and {inside.path} are runs of different models, or of one at different precisions or "
            "temperatures"
        )
    used = inside.info.get("classes_used")
    if outside.info.get("classes_used") != used:
        raise RobenchError(
            f"{outside.path} ({outside.info['suite']}) and {inside.path} ({inside.info['suite']}) are over different "
            "classes, so that their confidences do not compare; imagenet-o goes with imagenet-o-reference, and "
            "robench detect evaluates both sides alike"
        )
    pair = inside.read(CLEAN), outside.read(CLEAN)
    for run, table in zip((inside, outside), pair, strict=True):
        check_classes(run, used, {CLEAN: table})
    return pair


def _identity(run: Run) -> list[object]:
    """Return what two runs of the same model have in common."""
    model, preprocessing = run.info["model"], run.info["preprocessing"]
    return [
        *(model.get(key) for key in ("sha256", "architecture", "members")),
        preprocessing["mean"],
        preprocessing["std"],
        run.info["precision"],
        run.info.get("temperature"),
    ]
