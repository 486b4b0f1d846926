"""What the runs give for each cell of a paper's table, beside what was published: a tidy table."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from reports.paper.layout import Key, PaperTable, Slot
from reports.paper.placed_run import PlacedRun
from reports.paper.variants import VARIANTS, command_of
from reports.protocol import check_alike
from reports.tables.provenance import command_line
from robench.errors import RobenchError

COLUMNS = [
    "table", "part", "row", "column", "published", "measured", "low", "high", "spread", "runs", "difference",
    "difference_low", "difference_high", "unlike", "command", "reason",
]  # fmt: skip
ANOMALIES = ("auroc_", "aupr_", "fpr95_")
MEANS = {"ce": "mce", "flip_rate": "mfr", "t5d": "mt5d"}  # whose reason is theirs as well
NO_METHOD = "robench has no training method of this row"


def cells(table: PaperTable, runs: Sequence[PlacedRun]) -> pd.DataFrame:
    """Return a row per cell, ``COLUMNS``; numbers are percentages, as in the paper.

    ``low`` and ``high`` bound a 95% interval: of one run over its images, of several seeds Student's over the seeds,
    whose standard deviation is ``spread``. The difference is measured less published, and its interval takes the
    published number as exact; ``unlike`` says why the two are not like for like, or "". A cell without a measured
    number has the ``command`` that fills it, or the ``reason``; in rows that the paper does not have it may lack both.

    Raises RobenchError for two runs of one cell that are of the same weights or were not measured alike.
    """
    found: dict[Key, dict[str, Any]] = {}
    for key, slot in table.slots.items():
        found[key] = measured(slot, runs)
    for row, members in table.means.items():
        for column in table.columns:
            found[row, column] = _mean([found[each, column] for each in members])
    made = []
    for row in table.rows:
        for column in table.columns:
            cell = found[row, column] | {"row": row, "column": column}
            made.append(cell | _differences(cell, table.published.get((row, column), np.nan)))
    return pd.DataFrame(made).assign(table=table.name, part=table.part)[COLUMNS]


def _belongs(run: PlacedRun, slot: Slot) -> bool:
    return run.trained == slot.trained and run.suite == slot.suite


def measured(slot: Slot, given: Sequence[PlacedRun]) -> dict[str, Any]:
    """Return what the runs that belong to a slot give for it; see ``cells`` for the entries and errors."""
    runs = [each for each in given if _belongs(each, slot)]
    _check(runs)
    found = {run.label: _rows(run, slot) for run in runs}
    known = [run for run in runs if len(found[run.label])]
    if not known:
        return _missing(slot, runs)
    unlike = dict.fromkeys(each for run in known for each in run.unlike(slot))
    if outside := dict.fromkeys(name for run in known for name in _outside(found[run.label], slot)):
        unlike[f"the outside images are {', '.join(outside)}, the paper's are not known to us"] = (
            None
        )
    values = 100 * np.array([found[run.label]["value"].mean() for run in known])
    if len(known) == 1:
        only = found[known[0].label]
        low, high = (100 * float(only[end].iloc[0]) for end in ("low", "high"))
        if len(only) > 1:  # a mean over sets of outside images
            low = high = np.nan
        return _cell(float(values[0]), low, high, np.nan, 1, unlike="; ".join(unlike))
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    half = float(stats.t.ppf(0.975, len(known) - 1)) * spread / np.sqrt(len(known))
    return _cell(mean, mean - half, mean + half, spread, len(known), unlike="; ".join(unlike))


def _rows(run: PlacedRun, slot: Slot) -> pd.DataFrame:
    """Return the score of a cell: one row, and of anomaly detection one for each set of outside images."""
    scores = run.scores
    chosen = scores[(scores["corruption"] == slot.corruption) & (scores["metric"] == slot.metric)]
    if slot.outside:
        chosen = chosen[chosen["suite"] == slot.outside]
    return chosen if slot.corruption == "clean" else chosen[chosen["severity"].isna()]


def _outside(rows: pd.DataFrame, slot: Slot) -> list[str]:
    """Return the sets of outside images that a score of anomaly detection is of, unless the slot names its own."""
    if slot.outside or not slot.metric.startswith(ANOMALIES):
        return []
    return list(rows["suite"])


def _cell(
    value: float, low: float, high: float, spread: float, runs: int, **more: Any
) -> dict[str, Any]:
    numbers = {"measured": value, "low": low, "high": high, "spread": spread, "runs": runs}
    return {**numbers, "unlike": "", "command": "", "reason": "", **more}


def _missing(slot: Slot, runs: Sequence[PlacedRun]) -> dict[str, Any]:
    """Say what would fill a cell: the rest of a run that has begun, or a training and an evaluation."""
    nothing = np.nan, np.nan, np.nan, np.nan, 0
    if runs:
        run = runs[0]
        recorded = command_line(run.info) if _is_unfinished(run) else None
        return _cell(*nothing, command=recorded or "", reason=f"{run.label}: {_first(slot, run)}")
    if slot.trained.apart or slot.own:
        return _cell(*nothing)
    if not VARIANTS[slot.trained.variant].can_be_trained:
        return _cell(*nothing, reason=NO_METHOD)
    return _cell(*nothing, command=command_of(slot.trained, slot.suite) or "")


def _first(slot: Slot, run: PlacedRun) -> str:
    """Return why a run lacks this very score, as far as the scoring says so."""
    of_corruption = (f"{slot.metric} of {slot.corruption}", f"uce of {slot.corruption}")
    for name in (slot.metric, *of_corruption, MEANS.get(slot.metric, "")):
        if name in run.refused:
            return run.refused[name]
    return f"it has no {slot.metric} of {slot.corruption}"


def _is_unfinished(run: PlacedRun) -> bool:
    return run.run is not None and len(run.run.conditions()) < len(run.info["conditions"])


def _mean(members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean over rows where all were measured; of networks that differ there is no interval."""
    values = [each["measured"] for each in members]
    if any(np.isnan(values)):
        reason = "the mean needs every row above"
        return _cell(np.nan, np.nan, np.nan, np.nan, 0, reason=reason)
    runs = sum(each["runs"] for each in members)
    return _cell(float(np.mean(values)), np.nan, np.nan, np.nan, runs)


def _differences(cell: Mapping[str, Any], published: float) -> dict[str, float]:
    ends = {"difference": "measured", "difference_low": "low", "difference_high": "high"}
    made = {name: cell[end] - published for name, end in ends.items()}
    return {"published": published, **made}


def _check(runs: Sequence[PlacedRun]) -> None:
    seen: dict[str, str] = {}
    for each in runs:
        digest = each.info["model"]["sha256"]
        other = seen.setdefault(str(digest), each.label) if digest else each.label
        if other != each.label:
            raise RobenchError(
                f"{other} and {each.label} are evaluations of the same weights on {each.suite}; "
                "name one of them: a mean over seeds counts each once"
            )
    if runs:
        check_alike([each.label for each in runs], [each.info for each in runs])
