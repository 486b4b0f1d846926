"""Every metric of one condition, from its records alone."""

import os
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor

import pandas as pd

from robench import metrics
from robench.metrics import UndefinedMetricError
from robench.metrics.bootstrap import Counts, Draws
from robench.metrics.intervals import wilson_interval
from robench.scoring.sheet import Sheet
from robench.suites import Condition

Drawn = Mapping[str, Draws]  # metric -> draws, of one condition


def score_condition(
    sheet: Sheet, condition: Condition, records: pd.DataFrame, drawn: Drawn
) -> None:
    """Add every metric of a condition; one that its records do not define is refused.

    ``drawn`` are the condition's draws from ``draws_of``. A share of the images has Wilson's interval, which is right
    for few images and for none wrong as well.
    """
    for name in metric_names(sheet.also):
        metric = metrics.registry()[name]
        try:
            value = metric.value(records)
        except UndefinedMetricError as reason:
            sheet.refused[f"{name} of {condition}"] = str(reason)
            continue
        per_image = metric.per_image(records) if metric.per_image else None
        sheet.add(
            condition.corruption,
            condition.severity,
            name,
            value,
            wilson_interval(value * len(records), len(records)) if metric.is_share else None,
            per_image=per_image,
            draws=drawn.get(name),
        )


def draws_of(
    records: Mapping[Condition, pd.DataFrame], counts: Counts, also: Collection[str] = ()
) -> dict[Condition, dict[str, Draws]]:
    """Return, by condition, the draws of every metric that is no mean over images; works in parallel."""
    functions = {metrics.registry()[name].draws for name in metric_names(also)} - {None}

    def draw(table: pd.DataFrame) -> dict[str, Draws]:
        drawn: dict[str, Draws] = {}
        for function in functions:
            try:
                drawn |= function(table, counts) if function else {}
            except UndefinedMetricError:
                continue  # its value is refused too, with the reason
        return drawn

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(records, pool.map(draw, records.values()), strict=True))


def metric_names(also: Collection[str] = ()) -> list[str]:
    """Return the error, then the other metrics by name: the order must not depend on the registry's.

    ``also`` names metrics on request that are to be among them.
    """
    known = metrics.registry()
    shown = [name for name, metric in known.items() if not metric.on_request or name in also]
    return ["error", *sorted(name for name in shown if name != "error")]
