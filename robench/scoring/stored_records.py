"""The records of a run as scoring needs them: in one order, and of the classes that count."""

from collections.abc import Sequence

import pandas as pd

from robench.errors import RobenchError
from robench.records import Run
from robench.suites import Condition


def aligned(run: Run, conditions: Sequence[Condition]) -> dict[Condition, pd.DataFrame]:
    """Read the conditions with their images in the same order, so that values per image can be averaged over them."""
    records = {each: run.read(each).sort_values("index", ignore_index=True) for each in conditions}
    for condition, table in records.items():
        first = records[conditions[0]]
        if not table["index"].equals(first["index"]) or not table["label"].equals(first["label"]):
            raise RobenchError(
                f"{run.path}: {condition} and {conditions[0]} hold different images or labels; "
                f"delete the wrong one's file and evaluate again"
            )
    return records


def check_classes(
    run: Run, used: Sequence[int] | None, records: dict[Condition, pd.DataFrame]
) -> None:
    """Raise RobenchError for predictions of classes that were left out: the logits were not masked."""
    if used is None:
        return
    for condition, table in records.items():
        if strange := int((~table["prediction"].isin(used)).sum()):
            raise RobenchError(
                f"{run.path}: {strange} predictions of {condition} are none of the {len(used)} classes "
                f"of {run.info['suite']}; evaluate it anew"
            )
