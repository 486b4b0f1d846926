"""Records and normalisers to tidy scores with intervals, or the reason why there is none."""

from collections.abc import Sequence

import pandas as pd

from robench import suites
from robench.errors import RobenchError
from robench.metrics.bootstrap import Draws
from robench.records import Run
from robench.scoring.anomaly_scores import anomaly_rows, score_anomalies, score_outside
from robench.scoring.baseline import kept
from robench.scoring.condition_scores import draws_of, score_condition
from robench.scoring.corruption_scores import score_corruptions, score_suite
from robench.scoring.division import divide_by, open_baseline
from robench.scoring.on_request import (
    BRIER_PER_CLASS,
    add_brier_per_class,
    on_request,
    requested,
)
from robench.scoring.perturbation_scores import score_sequences
from robench.scoring.reasons import as_stored, with_reasons
from robench.scoring.sheet import ALL, RESAMPLES, Scores, Sheet
from robench.scoring.stored_records import aligned, check_classes
from robench.stored_scores import COLUMNS, NAME, conditions_of, read_scores
from robench.suites import CLEAN, Condition

__all__ = [
    "ALL",
    "COLUMNS",
    "Scores",
    "anomaly_rows",
    "on_request",
    "open_baseline",
    "score",
    "score_anomalies",
    "stored_or_written",
    "with_reasons",
    "write_scores",
]


def score(run: Run, resamples: int = RESAMPLES, also: Sequence[str] = ()) -> Scores:
    """Compute every score that a run's records allow, with intervals from that many resamples of its images.

    Of a run that is handed on without its records, these are the scores it was handed on with.
    ``also`` names metrics on request that are to be among them, or is ``["all"]``.

    A mean over conditions of which one is missing is refused, never taken over what happens to be there. Raises
    RobenchError when the suite or a name is unknown or a record file is damaged.
    """
    also = requested(also)
    if not run.keeps_records:
        if also:
            raise RobenchError(
                f"{run.path} was handed on without its records, which {also[0]} needs"
            )
        return as_stored(run)
    suite = suites.registry()[run.info["suite"]]
    stored = run.conditions()
    alike = [c for c in suite.conditions() if c in stored and not c.is_sequence]
    records = aligned(run, alike)
    check_classes(run, suite.classes_used, records)
    sheet = Sheet(run.name, suite.name, run.info["data"]["images"], None, resamples, also)
    if suite.reference is not None:
        sheet.refused["anomaly detection"] = (
            f"needs a run of {suite.reference} too: robench detect RUN_OF_{suite.reference.upper()} {run.path}"
        )
        records = {}  # their labels mean nothing
    drawn = _drawn(sheet, records)
    for condition, table in records.items():
        score_condition(sheet, condition, table, drawn[condition])
    if suite.sequences:
        score_sequences(sheet, run, suite, records.get(CLEAN), kept(run))
    elif suite.corruptions and run.info["conditions"] != [str(CLEAN)]:
        score_corruptions(sheet, suite, records, kept(run))
        score_suite(sheet, suite, records, drawn)
    if BRIER_PER_CLASS in also:
        add_brier_per_class(sheet, run)
    score_outside(sheet, run)
    return sheet.scores()


def _drawn(
    sheet: Sheet, records: dict[Condition, pd.DataFrame]
) -> dict[Condition, dict[str, Draws]]:
    if not records:
        return {}
    sheet.labels = next(iter(records.values()))["label"].to_numpy()
    return draws_of(records, sheet.counts(len(sheet.labels)), sheet.also)


def stored_or_written(run: Run, baseline_run: Run | None = None) -> Scores:
    """Return the scores that a run's scores.csv holds, where it is of all that is finished, or else write it.

    The draws of its intervals are not stored; arguments and errors are those of ``write_scores``.
    """
    if baseline_run is None and (run.path / NAME).is_file():
        suite = str(run.info["suite"])
        if conditions_of(read_scores(run.path), suite) == set(map(str, run.conditions())):
            return as_stored(run)
    return write_scores(run, baseline_run)


def write_scores(run: Run, baseline_run: Run | None = None) -> Scores:
    """Score a run and store the table as ``scores.csv``, with the reasons for what has no score.

    ``baseline_run``, of another network on the same images, becomes what the run is divided by, from now on; it must
    be as ``open_baseline`` says. Raises RobenchError when the two do not belong together.
    """
    if baseline_run is not None:
        divide_by(run, baseline_run)
    scores = score(run)
    run.write_table(NAME, with_reasons(scores, run.name, str(run.info["suite"])))
    return scores
