"""Was a model's training at its end? What its checkpoint says of that."""

from collections.abc import Mapping
from typing import Any


def unfinished_training(record: Mapping[str, Any]) -> str | None:
    """Return "3 of 10 epochs" of a model whose checkpoint was written on the way, or None.

    Args:
        record: the entry ``model`` of an evaluation's run.json; of an ensemble, the first such member counts.
    """
    for member in record.get("members") or ():
        if found := unfinished_training(member):
            return found
    training = record.get("training") or {}
    done, planned = training.get("epoch"), (training.get("recipe") or {}).get("epochs")
    if done is None or planned is None or done >= planned:
        return None
    return f"{done} of {planned} epochs"
