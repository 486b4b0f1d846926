"""Scores of a pair of runs: how well a model tells anomalies from images of its classes."""

from robench import suites
from robench.errors import RobenchError
from robench.metrics.detection import detection_scores
from robench.records import Run
from robench.scoring.sheet import ALL, Scores, Sheet
from robench.scoring.stored_records import check_classes
from robench.suites import CLEAN


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
        check_classes(run, suite, {CLEAN: table})
    sheet = Sheet(outside.name, suite.name, sum(map(len, pair)))
    for row in detection_scores(*pair).itertuples():
        sheet.add(ALL, None, f"{row.metric}_{row.score}", float(str(row.value)))
    return sheet.scores()


def _identity(run: Run) -> list[object]:
    """Return what two runs of the same model have in common."""
    model, preprocessing = run.info["model"], run.info["preprocessing"]
    return [model["sha256"], model["architecture"], preprocessing["mean"], preprocessing["std"]]
