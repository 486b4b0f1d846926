"""The records of a run, put side by side: what the tables need that the scores no longer tell."""

import pandas as pd

from robench.metrics.error import wrong
from robench.records import Run


def read_evidence(run: Run) -> pd.DataFrame:
    """Return every stored record of a run: corruption, severity, index, wrong (float64, 0 or 1), confidence (float64).

    One row per image and finished condition; "clean" has severity 0.
    """
    parts = []
    for condition in run.conditions():
        records = run.read(condition)
        parts.append(
            pd.DataFrame(
                {
                    "corruption": condition.corruption,
                    "severity": condition.severity,
                    "index": records["index"].to_numpy(),
                    "wrong": wrong(records),
                    "confidence": records["confidence"].to_numpy(float),
                }
            )
        )
    evidence = pd.concat(parts, ignore_index=True)
    return evidence.astype({"corruption": "category", "severity": "int8"})
