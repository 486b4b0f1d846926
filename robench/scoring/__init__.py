"""Records and normalisers to tidy scores with intervals, or the reason why there is none."""

from robench import suites
from robench.records import Run
from robench.scoring.anomaly_scores import score_anomalies
from robench.scoring.condition_scores import score_condition
from robench.scoring.corruption_scores import score_corruptions, score_suite
from robench.scoring.sheet import ALL, COLUMNS, Scores, Sheet
from robench.scoring.stored_records import aligned, check_classes

__all__ = ["ALL", "COLUMNS", "Scores", "score", "score_anomalies", "write_scores"]


def score(run: Run) -> Scores:
    """Compute every score that a run's records allow.

    A mean over conditions of which one is missing is refused, never taken over what happens to be there. Raises
    RobenchError when the suite is unknown or a record file is damaged.
    """
    suite = suites.registry()[run.info["suite"]]
    stored = run.conditions()
    records = aligned(run, [condition for condition in suite.conditions() if condition in stored])
    check_classes(run, suite, records)
    sheet = Sheet(run.name, suite.name, run.info["data"]["images"])
    if suite.reference is not None:
        sheet.refused["anomaly detection"] = (
            f"needs a run of {suite.reference} too; see robench.scoring.score_anomalies"
        )
        records = {}  # their labels mean nothing
    for condition, table in records.items():
        score_condition(sheet, condition, table)
    if suite.corruptions:
        score_corruptions(sheet, suite, records)
        score_suite(sheet, suite, records)
    return sheet.scores()


def write_scores(run: Run) -> Scores:
    """Score a run and store the table as ``scores.csv`` in its directory."""
    scores = score(run)
    run.write_table("scores.csv", scores.table)
    return scores
