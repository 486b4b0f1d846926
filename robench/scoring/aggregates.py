"""Other means over a suite than the paper's, by name.

* ``corruptions``: the paper's: per corruption over its severities, then over the corruptions.
* ``pooled``: all predictions on corrupted images as one set. For metrics that are means over images this is the same
  number; a calibration error is smaller, because over- and underconfidence cancel.
* ``family``: the first, over the suite's corruptions of one family (noise, blur, weather, digital, ...).
* ``severity``: the mean over the suite's corruptions at one severity.

None is ever taken over what happens to be there: a group that lacks a condition has a reason instead of a value.
``mean_over`` is the mean of a group and its interval, wherever one is shown: here, on the page, in a paper's figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corruptions import families
from robench import metrics, suites
from robench.errors import RobenchError
from robench.metrics import Counts, UndefinedMetricError
from robench.metrics.bootstrap import Draws, interval, mean_draws, resample_counts
from robench.metrics.intervals import wilson_interval
from robench.records import Run
from robench.scoring.condition_scores import Drawn, draws_of, metric_names
from robench.scoring.missing_conditions import missing
from robench.scoring.sheet import RESAMPLES, rounded
from robench.scoring.stored_records import aligned
from robench.suites import Condition, Suite

COLUMNS = ["aggregation", "group", "metric", "value", "low", "high", "conditions", "n", "reason"]
NO_FAMILY = "other"
POOLED = Condition("pooled", 0)  # all corrupted conditions' records, one after the other
Group = tuple[str, str, list[Condition]]  # aggregation, group, its conditions


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
    counts = resample_counts(first["label"].to_numpy(), resamples)
    if whole := not missing(wanted, records):
        records[POOLED] = pd.concat([records[each] for each in wanted], ignore_index=True)
    drawn = draws_of(records, counts)
    groups = _groups(suite, wanted)
    rows = []
    for name in metric_names():
        cells = _cells(name, records, drawn)
        for aggregation, group, members in groups:
            head = (aggregation, group, name, len(wanted if members == [POOLED] else members))
            needed = members if whole or members != [POOLED] else wanted
            rows.append((*head, *_mean(name, needed, cells, records, counts), len(first)))
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


def mean_over(
    name: str, tables: Sequence[pd.DataFrame], resamples: int = RESAMPLES, *, pooled: bool = False
) -> tuple[float, float, float]:
    """Return a metric's mean over conditions, and the ends of its interval over the images that they share.

    ``tables`` are the conditions' records, all in one order of the images; ``pooled`` takes their predictions as one
    set. Raises UndefinedMetricError where the metric has no value.
    """
    counts = resample_counts(tables[0]["label"].to_numpy(), resamples)
    if pooled:
        tables = [pd.concat(tables, ignore_index=True)]
    metric = metrics.registry()[name]
    cells = []
    for table in tables:
        drawn = None if metric.per_image else metrics.draws(name, table, counts)
        cells.append(
            _Cell(metric.value(table), metric.per_image and metric.per_image(table), drawn)
        )
    return _mean_of_cells(name, cells, counts)


@dataclass(frozen=True)
class _Cell:
    """A metric of a condition: its value, and the values per image that it is the mean of, or else its draws."""

    value: float
    per_image: NDArray[np.float64] | None
    draws: Draws | None


def _cells(
    name: str, records: Mapping[Condition, pd.DataFrame], drawn: Mapping[Condition, Drawn]
) -> dict[Condition, _Cell]:
    """Return the metric of every condition that has one."""
    metric = metrics.registry()[name]
    cells: dict[Condition, _Cell] = {}
    for condition, table in records.items():
        try:
            value = metric.value(table)
        except UndefinedMetricError:
            continue
        per_image = metric.per_image and metric.per_image(table)
        cells[condition] = _Cell(value, per_image, drawn[condition].get(name))
    return cells


def _mean_of_cells(name: str, cells: Sequence[_Cell], counts: Counts) -> tuple[float, float, float]:
    """Return the mean of cells and the ends of its interval, which of a single share of the images is Wilson's."""
    metric = metrics.registry()[name]
    value = float(np.mean([cell.value for cell in cells]))
    per_image = [cell.per_image for cell in cells if cell.per_image is not None]
    if metric.is_share and len(cells) == 1 and len(per_image[0]) == counts.shape[1]:
        return value, *wilson_interval(value * counts.shape[1], counts.shape[1])
    if per_image:
        # A row per condition; of conditions one after the other, a row for each of them.
        rows = np.concatenate([each.reshape(-1, counts.shape[1]) for each in per_image])
        draws = mean_draws(counts, rows.mean(0)[:, np.newaxis])[:, 0]
    else:
        draws = np.mean([cell.draws for cell in cells if cell.draws is not None], axis=0)
    return value, *rounded(*interval(value, draws, metric.bounds))


def _groups(suite: Suite, wanted: Sequence[Condition]) -> list[Group]:
    family = {name: families().get(name, NO_FAMILY) for name in suite.corruptions}
    groups: list[Group] = [("corruptions", "all", list(wanted)), ("pooled", "all", [POOLED])]
    for name in dict.fromkeys(family.values()):
        groups.append(("family", name, [c for c in wanted if family[c.corruption] == name]))
    for severity in suite.severities:
        groups.append(("severity", str(severity), [c for c in wanted if c.severity == severity]))
    return groups


def _mean(
    name: str,
    members: Sequence[Condition],
    cells: Mapping[Condition, _Cell],
    records: Mapping[Condition, pd.DataFrame],
    counts: Counts,
) -> tuple[float, float, float, str]:
    """Return value, low, high and reason of the mean over a group."""
    nothing = float("nan"), float("nan"), float("nan")
    if reason := missing(members, records):
        return (*nothing, reason)
    if any(condition not in cells for condition in members):
        return (*nothing, "undefined for some conditions")
    return *_mean_of_cells(name, [cells[condition] for condition in members], counts), ""
