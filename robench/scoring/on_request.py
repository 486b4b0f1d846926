"""Metrics that scores.csv leaves out, because they take long or say what another says, and that are had by name."""

from collections.abc import Sequence

from robench import metrics
from robench.errors import RobenchError
from robench.records import Run
from robench.registry import unknown_name
from robench.scoring.sheet import Sheet
from robench.scoring.suite_scores import BRIER_PER_CLASS

EVERY = "all"


def on_request() -> dict[str, str]:
    """Return name -> definition of each."""
    defined = {name: each.summary for name, each in metrics.registry().items() if each.on_request}
    return {**defined, BRIER_PER_CLASS: "brier_score divided by the number of classes"}


def requested(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, once each, ``"all"`` standing for every one.

    Those that are scored anyway are left out; raises RobenchError for what is no metric, with the closest name.
    """
    known, always = on_request(), metrics.registry().keys() - on_request().keys()
    for name in names:
        if name not in {*known, *always, EVERY}:
            raise RobenchError(unknown_name("metric on request", name, known))
    return tuple(name for name in known if name in names or EVERY in names)


def add_brier_per_class(sheet: Sheet, run: Run) -> None:
    """Add the Brier score of every place that has one, divided by the number of classes that count."""
    used = run.info.get("classes_used")
    classes = run.info["model"]["num_classes"] if used is None else len(used)
    sheet.add_divided("brier_score", BRIER_PER_CLASS, classes)
