"""Risk and coverage: the error among the predictions that a run is surest of, on clean and on all corrupted images.

Source: El-Yaniv & Wiener 2010, "On the Foundations of Noise-free Selective Classification", for the curve.
"""

import numpy as np
import pandas as pd

from reports.tables.reliability import effective_count
from robench.metrics.intervals import wilson_interval
from robench.metrics.selective import risk_coverage

STEPS = 20
COLUMNS = ["run", "images", "coverage", "risk", "low", "high", "n"]


def risk_by_coverage(run: str, evidence: pd.DataFrame) -> pd.DataFrame:
    """Return a row per coverage of 5%, 10%, ..., 100% for ``images`` "clean" and "corrupted", the columns ``COLUMNS``.

    ``risk`` is the error, a fraction, of the ``n`` predictions of highest confidence; those of equal confidence count
    as their average. Low and high bound it with 95%, images resembling themselves under every corruption, the
    confidence from which the run answers being taken as given. ``evidence`` is the run's (see ``reports.evidence``).
    """
    corrupted = evidence["severity"] > 0
    parts = [
        _curve(run, images, chosen)
        for images, chosen in (("clean", evidence[~corrupted]), ("corrupted", evidence[corrupted]))
        if len(chosen)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def _curve(run: str, images: str, evidence: pd.DataFrame) -> pd.DataFrame:
    risks = risk_coverage(evidence)["risk"].to_numpy()
    order = np.argsort(-evidence["confidence"].to_numpy(), kind="stable")
    right = 1 - evidence["wrong"].to_numpy()[order]
    index = evidence["index"].to_numpy()[order]
    counts = np.unique(np.ceil(np.arange(1, STEPS + 1) * len(order) / STEPS).astype(int))
    rows = []
    for count in counts:
        risk = float(risks[count - 1])
        worth = effective_count(right[:count], index[:count])
        low, high = wilson_interval(risk * worth, worth)
        rows.append((run, images, count / len(order), risk, low, high, count))
    return pd.DataFrame(rows, columns=COLUMNS)
