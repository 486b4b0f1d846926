"""Corruption x severity of one run."""

import pandas as pd

from reports.names import in_benchmark_order
from reports.tables.lookup import corruptions_of


def by_condition(scores: pd.DataFrame, metric: str = "error") -> pd.DataFrame:
    """Return one run's metric by corruption (rows, in the benchmark's order) and severity (columns, 1 to 5).

    ``scores`` are the tidy scores of a single run. An error is a fraction; a condition that was not measured is NaN.
    """
    cells = scores[(scores["metric"] == metric) & scores["severity"].notna()]
    cells = cells[cells["corruption"] != "clean"]
    table = cells.pivot(index="corruption", columns="severity", values="value").astype(float)
    table.columns = table.columns.astype(int)
    return table.reindex(in_benchmark_order(corruptions_of(cells))).rename_axis("corruption")
