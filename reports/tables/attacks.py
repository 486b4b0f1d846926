"""Adversarial errors, as ``robench attack --out`` stores them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from robench.attacks.outcome import sentence
from robench.errors import RobenchError

ATTACK = "attack.json"
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
    """Read what an attack stored; raise RobenchError for a file that cannot be read."""
    try:
        content = json.loads((folder / ATTACK).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RobenchError(f"{folder / ATTACK} cannot be read ({error}); attack anew") from None
    return Attack(folder, content)


def is_attack(folder: Path) -> bool:
    """Is the folder one that ``robench attack`` wrote?"""
    return (folder / ATTACK).is_file()


def attacks(folders: Sequence[Path]) -> pd.DataFrame:
    """Return a row per attack, by the model's name: how it was attacked, its errors with intervals, how many images.

    Errors are fractions. Raises RobenchError for a file that cannot be read.
    """
    rows = [_row(open_attack(folder).info) for folder in folders]
    return pd.DataFrame(rows).set_index("name") if rows else pd.DataFrame()


def _row(info: Mapping[str, Any]) -> dict[str, object]:
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
