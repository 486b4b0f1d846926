"""Other means over a suite than the paper's, by name.

* ``corruptions``: the paper's: per corruption over its severities, then over the corruptions.
* ``pooled``: all predictions on corrupted images as one set. For metrics that are means over images this is the same
  number; a calibration error is smaller, because over- and underconfidence cancel.
* ``family``: the first, over the suite's corruptions of one family (noise, blur, weather, digital, ...).
* ``severity``: the mean over the suite's corruptions at one severity.

None is ever taken over what happens to be there: a group that lacks a condition has a reason instead of a value.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from corruptions import families
from robench import metrics, suites
from robench.errors import RobenchError
from robench.metrics import UndefinedMetricError
from robench.metrics.bootstrap import Draws, interval
from robench.records import Run
from robench.scoring.condition_scores import Drawn, draws_of, metric_names
from robench.scoring.missing_conditions import missing
from robench.scoring.sheet import RESAMPLES, Sheet
from robench.scoring.stored_records import aligned
from robench.suites import Condition, Suite

COLUMNS = ["aggregation", "group", "metric", "value", "low", "high", "conditions", "n", "reason"]
NO_FAMILY = "other"
POOLED = Condition("pooled", 0)  # all corrupted conditions' records, one after the other
Group = tuple[str, str, list[Condition]]  # aggregation, group, its conditions
Cell = tuple[float, Draws]  # a metric of a condition, and its draws


def aggregates(run: Run, resamples: int = RESAMPLES) -> pd.DataFrame:
    """Return columns ``COLUMNS``: every metric of every aggregation of a -C run, fractions, with 95% bootstrap
    intervals.

    ``reason`` is empty where there is a value. Raises RobenchError for a suite without corruptions at severities.
    """
    suite = suites.registry()[run.info["suite"]]
    if not suite.severities:
        raise RobenchError(f"{suite.name} has no corruptions at severities to take means over")
    stored = run.conditions()
    wanted = [each for each in suite.conditions() if each.corruption in suite.corruptions]
    records = aligned(run, [condition for condition in wanted if condition in stored])
    if not records:
        raise RobenchError(f"{run.path}: no corrupted condition of {suite.name} is finished")
    first = next(iter(records.values()))
    sheet = Sheet(run.name, suite.name, len(first), first["label"].to_numpy(), resamples)
    counts = sheet.counts(len(first))
    if whole := not missing(wanted, records):
        records[POOLED] = pd.concat([records[each] for each in wanted], ignore_index=True)
    drawn = draws_of(records, counts)
    groups = _groups(suite, wanted)
    rows = []
    for name in metric_names():
        cells = _cells(name, records, drawn, counts)
        for aggregation, group, members in groups:
            head = (aggregation, group, name, len(wanted if members == [POOLED] else members))
            needed = members if whole or members != [POOLED] else wanted
            rows.append((*head, *_mean(needed, cells, records), len(first)))
    columns = [
        "aggregation",
        "group",
        "metric",
        "conditions",
        "value",
        "low",
        "high",
        "reason",
        "n",
    ]
    return pd.DataFrame(rows, columns=columns)[COLUMNS]


def _cells(
    name: str,
    records: Mapping[Condition, pd.DataFrame],
    drawn: Mapping[Condition, Drawn],
    counts: metrics.Counts,
) -> dict[Condition, Cell]:
    """Return the metric of every condition that has one, with its draws."""
    metric = metrics.registry()[name]
    cells: dict[Condition, Cell] = {}
    for condition, table in records.items():
        try:
            value = metric.value(table)
        except UndefinedMetricError:
            continue
        draws = drawn[condition].get(name)
        cells[condition] = value, metrics.draws(name, table, counts) if draws is None else draws
    return cells


def _groups(suite: Suite, wanted: Sequence[Condition]) -> list[Group]:
    family = {name: families().get(name, NO_FAMILY) for name in suite.corruptions}
    groups: list[Group] = [("corruptions", "all", list(wanted)), ("pooled", "all", [POOLED])]
    for name in dict.fromkeys(family.values()):
        groups.append(("family", name, [c for c in wanted if family[c.corruption] == name]))
    for severity in suite.severities:
        groups.append(("severity", str(severity), [c for c in wanted if c.severity == severity]))
    return groups


def _mean(
    members: Sequence[Condition],
    cells: Mapping[Condition, Cell],
    records: Mapping[Condition, pd.DataFrame],
) -> tuple[float, float, float, str]:
    """Return value, low, high and reason of the mean over a group."""
    nothing = float("nan"), float("nan"), float("nan")
    if reason := missing(members, records):
        return (*nothing, reason)
    if any(condition not in cells for condition in members):
        return (*nothing, "undefined for some conditions")
    value = float(np.mean([cells[condition][0] for condition in members]))
    draws = np.mean([cells[condition][1] for condition in members], axis=0)
    return value, *interval(value, draws), ""
