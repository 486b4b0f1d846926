"""Records and normalisers to tidy scores with intervals, or the reason why there is none."""

from robench import suites
from robench.records import Run
from robench.scoring.anomaly_scores import anomaly_rows, score_anomalies, score_outside
from robench.scoring.condition_scores import score_condition
from robench.scoring.corruption_scores import score_corruptions, score_suite
from robench.scoring.sheet import ALL, COLUMNS, Scores, Sheet
from robench.scoring.stored_records import aligned, check_classes
from robench.suites import CLEAN

__all__ = ["ALL", "COLUMNS", "Scores", "anomaly_rows", "score", "score_anomalies", "write_scores"]


def score(run: Run) -> Scores:
    """Compute every score that a run's records allow.

    A mean over conditions of which one is missing is refused, never taken over what happens to be there. Raises
    RobenchError when the suite is unknown or a record file is damaged.
    """
    suite = suites.registry()[run.info["suite"]]
    stored = run.conditions()
    records = aligned(run, [condition for condition in suite.conditions() if condition in stored])
    check_classes(run, suite.classes_used, records)
    sheet = Sheet(run.name, suite.name, run.info["data"]["images"])
    if suite.reference is not None:
        sheet.refused["anomaly detection"] = (
            f"needs a run of {suite.reference} too: robench detect RUN_OF_{suite.reference.upper()} {run.path}"
        )
        records = {}  # their labels mean nothing
    for condition, table in records.items():
        score_condition(sheet, condition, table)
    if suite.corruptions and run.info["conditions"] != [str(CLEAN)]:
        score_corruptions(sheet, suite, records)
        score_suite(sheet, suite, records)
    score_outside(sheet, run)
    return sheet.scores()


def write_scores(run: Run) -> Scores:
    """Score a run and store the table as ``scores.csv`` in its directory."""
    scores = score(run)
    run.write_table("scores.csv", scores.table)
    return scores
