"""The records of a run, put side by side: what the tables need that the scores no longer tell."""

import pandas as pd

from robench import suites
from robench.metrics.error import wrong
from robench.records import Run

EVIDENCE = {
    "corruption": "str",
    "severity": "int8",
    "index": "int32",
    "label": "int16",
    "prediction": "int16",
    "wrong": "float64",
    "confidence": "float64",
}


def no_evidence() -> pd.DataFrame:
    """Return the records of nothing."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in EVIDENCE.items()})


def read_evidence(run: Run) -> pd.DataFrame:
    """Return every stored record of a run: the columns of ``EVIDENCE``; ``wrong`` is 0 or 1.

    One row per image and finished condition; "clean" has severity 0. Perturbation sequences are left out, and the
    extra corruptions, which no mean is over. There are no rows of a run without records.
    """
    parts, extra = [no_evidence()], suites.registry()[run.info["suite"]].extra
    for condition in run.conditions() if run.keeps_records else ():
        if condition.is_sequence or condition.corruption in extra:
            continue
        records = run.read(condition)
        parts.append(
            pd.DataFrame(
                {
                    "corruption": condition.corruption,
                    "severity": condition.severity,
                    "index": records["index"].to_numpy(),
                    "label": records["label"].to_numpy(),
                    "prediction": records["prediction"].to_numpy(),
                    "wrong": wrong(records),
                    "confidence": records["confidence"].to_numpy(float),
                }
            )
        )
    # Rows of no condition only where there is nothing else: they would spoil the others' dtypes.
    evidence = pd.concat(parts[1:] or parts, ignore_index=True)
    return evidence.astype({"corruption": "category", "severity": "int8"})
