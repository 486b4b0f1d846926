"""A run with its place among a paper's tables: an evaluation, or what an attack measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from reports.paper.layout import Slot
from reports.paper.placement import Placement, placement
from reports.paper.variants import ATTACKED, Trained
from reports.protocol import on_the_fly
from reports.tables.attacks import Attack
from robench.errors import RobenchError
from robench.records import Run
from robench.scoring import score
from robench.scoring.baseline import kept
from robench.suites import CLEAN

ON_THE_FLY = "corrupted on the fly, with other random draws than the published files that the paper measured on"
PGD = {"attack": "pgd", "norm": "linf", "epsilon": 2 / 255, "steps": 20, "step_size": 0.5 / 255}


@dataclass(frozen=True)
class PlacedRun:
    """A run, its place and its tidy scores.

    Attributes:
        label: what the page calls it.
        info: its ``run.json``, or the same of an attack, whose suite is ``attack:<dataset>``.
        place: where it belongs and what is unlike the paper.
        scores: tidy; ``refused`` says why numbers are missing.
        run: the records; None of an attack.
    """

    label: str
    info: Mapping[str, Any]
    place: Placement
    scores: pd.DataFrame
    refused: Mapping[str, str]
    run: Run | None = None

    @property
    def trained(self) -> Trained:
        """What was trained, and what sets it apart."""
        return self.place.trained

    @property
    def suite(self) -> str:
        """The suite, or ``attack:<dataset>``."""
        return str(self.info["suite"])

    def unlike(self, slot: Slot) -> tuple[str, ...]:
        """Return why its number of a cell is not like for like with a paper's; nothing where it is."""
        changed = slot.corruption != str(CLEAN) and on_the_fly(self.info)
        return (*self.place.unlike, *((ON_THE_FLY,) if changed else ()))


def placed_run(label: str, model: str, run: Run, any_recipe: bool) -> PlacedRun:
    """Score a run and place it; ``model`` is what its weights are called.

    Raises RobenchError for a run without a finished condition.
    """
    if not run.conditions():
        raise RobenchError(f"{run.path}: no condition of this run is finished; evaluate it again")
    divisor = kept(run)
    place = placement(run.info, model, any_recipe, None if divisor is None else divisor.name)
    scores = score(run)
    return PlacedRun(label, run.info, place, scores.table, scores.refused, run)


def placed_attack(label: str, model: str, attack: Attack, any_recipe: bool) -> PlacedRun:
    """Place what ``robench attack`` stored; an attack that is not the IPMix paper's is named as unlike it."""
    settings = attack.info["settings"]
    info = {
        "suite": f"{ATTACKED}{_attacked(attack)}",
        "preset": "",
        "seed": settings.get("seed", 0),
        "command": attack.info["command"],
        "model": attack.info["model"],
        "data": {**attack.info["data"], "limit": None},
    }
    place = placement(info, model, any_recipe)
    other = [
        f"{key.replace('_', ' ')} {settings.get(key)}"
        for key, value in PGD.items()
        if not _equal(settings.get(key), value)
    ]
    if other:
        why = f"attacked otherwise than with PGD, l_inf 2/255, 20 steps of 0.5/255: {', '.join(other)}"
        place = Placement(place.trained, (*place.unlike, why), place.recipe)
    scores = pd.DataFrame(attack.info["scores"]).assign(corruption="all", severity=np.nan)
    scores.loc[scores["metric"] == "error", ["corruption", "severity"]] = str(CLEAN), 0
    return PlacedRun(label, info, place, scores, {})


def _attacked(attack: Attack) -> str:
    """Return the data set that was attacked: the command's, else, of an attack from Python, that of the training."""
    words = [str(word) for word in attack.info["command"]]
    if "--dataset" in words[:-1]:
        return words[words.index("--dataset") + 1]
    return str((attack.info["model"].get("training") or {}).get("dataset"))


def _equal(found: Any, expected: Any) -> bool:
    if isinstance(expected, float):
        return found is not None and abs(float(found) - expected) < 1e-9
    return bool(found == expected)
