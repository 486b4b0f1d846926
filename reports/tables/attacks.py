"""Adversarial errors, as ``robench attack --out`` stores them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from robench.attacks.outcome import sentence
from robench.errors import RobenchError

ATTACK = "attack.json"
COLUMNS = ("clean_error", "adversarial_error")
ENDS = {"": "value", "_low": "low", "_high": "high"}


def is_attack(folder: Path) -> bool:
    """Is the folder one that ``robench attack`` wrote?"""
    return (folder / ATTACK).is_file()


def attacks(folders: Sequence[Path]) -> pd.DataFrame:
    """Return a row per attack, by the model's name: how it was attacked, its errors with intervals, how many images.

    Errors are fractions. Raises RobenchError for a file that cannot be read.
    """
    rows = [_row(_info(folder)) for folder in folders]
    return pd.DataFrame(rows).set_index("name") if rows else pd.DataFrame()


def _info(folder: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((folder / ATTACK).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RobenchError(f"{folder / ATTACK} cannot be read ({error}); attack anew") from None
    return content


def _row(info: dict[str, Any]) -> dict[str, object]:
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
