"""Adversarial errors, as ``robench attack --out`` stores them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reports.found_runs import ATTACK
from reports.names import distinguished
from robench.errors import RobenchError
from robench.outside_file import read_json_object

COLUMNS = ("clean_error", "adversarial_error")
ENDS = {"": "value", "_low": "low", "_high": "high"}


@dataclass(frozen=True)
class Attack:
    """A folder of ``robench attack`` and the content of its ``attack.json``."""

    path: Path
    info: Mapping[str, Any]

    @property
    def name(self) -> str:
        """How tables call the model that was attacked."""
        return str(self.info["model"]["name"])


def open_attack(folder: Path) -> Attack:
    """Read what an attack stored; raise RobenchError for a file that cannot be read or lacks an entry."""
    hint = "attack anew"
    content = read_json_object(folder / ATTACK, hint)
    attack = Attack(folder, content)
    try:
        _row(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RobenchError(f"{folder / ATTACK} is damaged ({error!r}); {hint}") from None
    return attack


def attacks(folders: Sequence[Path]) -> pd.DataFrame:
    """Return a row per attack, by the model's name: how it was attacked, its errors with intervals, how many images.

    Errors are fractions. Raises RobenchError for a file that cannot be read.
    """
    opened = [open_attack(folder) for folder in folders]
    if not opened:
        return pd.DataFrame()
    names = distinguished([each.name for each in opened], [each.resolve() for each in folders])
    table = pd.DataFrame([_row(each.info) for each in opened])
    return table.assign(name=names).set_index("name")


def _row(info: Mapping[str, Any]) -> dict[str, object]:
    from robench.attacks.outcome import sentence  # not before: it loads torch

    settings = dict(info["settings"])
    row: dict[str, object] = {
        "name": info["model"]["name"],
        "how": f"{settings.pop('attack')}, {sentence(settings)}",
        "images": info["data"]["images"],
        "without_gradient": info["without_gradient"],
    }
    for column, score in zip(COLUMNS, info["scores"], strict=True):
        row |= {f"{column}{end}": score[key] for end, key in ENDS.items()}
    return row
