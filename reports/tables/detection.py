"""Anomaly detection: runs x (score, metric), a table for every set of outside images."""

import pandas as pd

from reports.tables.lookup import run_order


def detection(anomalies: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return outside images -> a row per run that was shown them, a column per metric and score with its interval.

    Columns are such as ``auroc_energy``, fractions, and ``images``, of both sides. ``anomalies`` are the rows of the
    tidy scores about detection, whose ``suite`` names the outside images.
    """
    tables = {}
    for outside, rows in anomalies.groupby("suite", sort=False):
        table = pd.DataFrame(index=run_order(rows))
        for metric, of_metric in rows.groupby("metric", sort=False):
            found = of_metric.set_index("run")
            for end, column in (("value", ""), ("low", "_low"), ("high", "_high")):
                table[f"{metric}{column}"] = found[end].astype(float)
        table["images"] = rows.groupby("run", sort=False)["n"].max().astype("Int64")
        tables[str(outside)] = table
    return tables
