"""What a report needs the records for, read run by run."""

from dataclasses import dataclass

import pandas as pd

from reports.evidence import no_evidence, read_evidence
from reports.results import Results
from reports.tables.by_severity import by_severity, missing_severities
from reports.tables.changed_images import changed_images
from reports.tables.reliability import reliability
from reports.tables.risk_coverage import risk_by_coverage
from reports.tables.worst_classes import worst_classes
from robench import suites
from robench.records import Run
from robench.suites.suite import Suite

OF_ALL_CONDITIONS = ("risk against coverage on corrupted images", "worst classes under corruption")
FEW_RUNS = 3  # of more, fewer classes are shown of each
COMPARED = 4  # of more runs than that, no images are compared: the page would be of nothing else


@dataclass(frozen=True)
class Measured:
    """Tables of every run.

    Attributes:
        severity: ``reports.tables.by_severity`` of all runs, one below another, and of published models.
        risk: ``reports.tables.risk_coverage`` of all runs, one below another.
        reliabilities: ``reports.tables.reliability`` of each run.
        worst: ``reports.tables.worst_classes`` of each run; empty where labels mean nothing.
        changed: name of another run -> ``reports.tables.changed_images`` against the first one.
        refused: columns run, score, reason: everything that has no number.
        labels: of the first run's images, by image number; none of a run without records.
    """

    severity: pd.DataFrame
    risk: pd.DataFrame
    reliabilities: list[pd.DataFrame]
    worst: list[pd.DataFrame]
    changed: dict[str, pd.DataFrame]
    refused: pd.DataFrame
    labels: pd.Series


def measure(results: Results) -> Measured:
    """Read the records of every run; those of two runs are held at a time."""
    severities, risks, reliabilities, worst = [], [], [], []
    changed: dict[str, pd.DataFrame] = {}
    refusals = [results.refused]
    first = None
    for name, run in zip(results.names, results.runs, strict=True):
        suite = suites.registry()[run.info["suite"]]
        evidence = read_evidence(run)
        scores = of_run(results.scores, name)
        severity = by_severity(scores, evidence, suite.corruptions)
        severities.append(severity[:0] if suite.sequences else severity)
        reliabilities.append(reliability(evidence))
        missing = [(name, *pair) for pair in missing_severities(scores, suite.corruptions)]
        whole = evidence
        if reason := lacking(run, suite, evidence):
            whole = evidence[evidence["severity"] == 0]
            missing += [(name, score, reason) for score in OF_ALL_CONDITIONS]
        risks.append(risk_by_coverage(name, whole))
        known = whole if suite.reference is None else whole[:0]
        worst.append(worst_classes(known, 5 if len(results.names) <= FEW_RUNS else 1))
        refusals.append(pd.DataFrame(missing, columns=results.refused.columns))
        if first is None:
            first = evidence
        elif _is_compared(results) and len(first) and len(evidence):
            table = changed_images(first, evidence)
            changed |= {name: table} if len(table) else {}
    if first is None:
        raise ValueError("results without a run")
    severities += [_published_severities(results, name) for name in results.published]
    return Measured(
        _joined(severities),
        _joined(risks),
        reliabilities,
        worst,
        changed,
        pd.concat(refusals, ignore_index=True),
        first.drop_duplicates("index").set_index("index")["label"],
    )


def _published_severities(results: Results, name: str) -> pd.DataFrame:
    """Return the errors of a published model against severity; no row unless they were published by severity."""
    corruptions = suites.registry()[results.infos[0]["suite"]].corruptions
    table = by_severity(of_run(results.scores, name), no_evidence(), corruptions)
    return table if (table["severity"] > 0).any() else table[:0]


def lacking(run: Run, suite: Suite, evidence: pd.DataFrame) -> str:
    """Return why nothing can be said of a run's corrupted images as a whole; "" where it can, or none was begun."""
    begun = (evidence["severity"] > 0).any()
    stored = set(run.conditions())
    absent = [str(each) for each in suite.conditions() if each not in stored]
    if not begun or not absent:
        return ""
    shown = ", ".join(absent[:3]) + (", ..." if len(absent) > 3 else "")
    return f"{len(absent)} of {len(suite.conditions())} conditions missing ({shown})"


def of_run(scores: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the tidy scores of one run."""
    return scores[scores["run"] == name]


def _is_compared(results: Results) -> bool:
    return len(results.names) <= COMPARED and not results.mixed


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Return tables one below another; those without rows only where there is nothing else, for the dtypes' sake."""
    filled = [each for each in tables if len(each)]
    return pd.concat(filled, ignore_index=True) if filled else tables[0]
