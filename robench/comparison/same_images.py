"""Which runs may be compared: the same protocol, and the same images in the same order."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from reports.names import distinguished
from reports.protocol import differences
from robench.errors import RobenchError
from robench.records import Run, open_run
from robench.suites import Condition


def opened(paths: Sequence[str | Path], across_protocols: bool) -> tuple[list[Run], list[str]]:
    """Open runs of one protocol on the same images; return them and a name for each, no two alike.

    Raises RobenchError for a path given twice, what is not a run, runs without a finished condition, runs of another
    suite, preset, seed or data unless ``across_protocols``, and runs over other images in any case: pairs need the
    same ones.
    """
    folders = [Path(path).resolve() for path in paths]
    if len(set(folders)) < len(folders):
        raise RobenchError("the same run is given twice; name each run once")
    runs = [open_run(path) for path in paths]
    names = distinguished([run.name for run in runs], folders)
    found = {} if across_protocols else differences([run.info for run in runs])
    if found:
        field, values = next(iter(found.items()))
        other = next(number for number, value in enumerate(values) if value != values[0])
        raise RobenchError(
            f"the runs differ in their {field}: {values[0]} for {names[0]}, {values[other]} for {names[other]}; "
            "their scores do not measure the same, --across-protocols compares them nevertheless"
        )
    for run, name in zip(runs[1:], names[1:], strict=True):
        _check_images(runs[0], names[0], run, name)
    return runs, names


def common_conditions(first: Run, second: Run) -> list[Condition]:
    """Return the conditions that both runs have finished, in the order of the first."""
    return [condition for condition in first.conditions() if condition in second.conditions()]


def sorted_records(run: Run, condition: Condition) -> pd.DataFrame:
    """Return the records of a condition by image number."""
    return run.read(condition).sort_values("index", ignore_index=True)


def _check_images(first: Run, first_name: str, second: Run, second_name: str) -> None:
    common = common_conditions(first, second)
    if not common:
        raise RobenchError(f"{first_name} and {second_name} have no finished condition in common")
    one, other = (sorted_records(run, common[0]) for run in (first, second))
    if not np.array_equal(one["index"], other["index"]):
        shared = len(np.intersect1d(one["index"], other["index"]))
        raise RobenchError(
            f"{first_name} ({len(one)} images) and {second_name} ({len(other)} images) hold different images, {shared} "
            "in common: evaluate both with the same --limit and --subset"
        )
    if not np.array_equal(one["label"], other["label"]):
        raise RobenchError(
            f"{first_name} and {second_name} have different labels for the same image numbers: their data differs"
        )
