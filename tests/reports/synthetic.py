"""Runs with records made up from a seed, written as ``robench eval`` writes them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from robench import suites
from robench.records import COLUMNS, Run
from robench.suites import Condition

CLASSES = 10
INFO: dict[str, Any] = {
    "format": 1,
    "robench": "0.1.0",
    "command": ["robench", "eval", "--model", "checkpoints/a model.pt", "--suite", "cifar-10-c"],
    "name": "standard",
    "model": {
        "source": "checkpoints/a model.pt",
        "sha256": "ab" * 32,
        "architecture": "wrn-40-2",
        "parameters": 2243546,
        "num_classes": CLASSES,
        "training": {"method": "standard", "dataset": "cifar-10", "seed": None},
    },
    "preprocessing": {"mean": [0.5] * 3, "std": [0.5] * 3, "origin": "the checkpoint"},
    "suite": "cifar-10-c",
    "preset": "cifar",
    "seed": 0,
    "data": {
        "description": "the CIFAR-10 test set, corrupted on the fly",
        "manifest_sha256": "cd" * 32,
        "images": 300,
        "limit": None,
    },
    "conditions": [str(each) for each in suites.registry()["cifar-10-c"].conditions()],
    "batch_size": 256,
    "device": "cpu",
    "precision": "fp32",
    "libraries": {"python": "3.11.2", "torch": "2.6.0"},
    "started": "2026-01-02T03:04:05+00:00",
    "finished": "2026-01-02T03:05:05+00:00",
    "seconds": 60.0,
}


def records(error: float, images: int, generator: np.random.Generator) -> pd.DataFrame:
    """Return records of an overconfident model with about this error."""
    label = np.arange(images) % CLASSES
    wrong = generator.random(images) < error
    confidence = np.clip(generator.beta(6, 1.2, images) - 0.12 * wrong, 0.11, 0.9999)
    of_label = np.where(wrong, (1 - confidence) / (CLASSES - 1), confidence)
    columns = {
        "index": np.arange(images),
        "label": label,
        "prediction": (label + wrong) % CLASSES,
        "label_rank": wrong,
        "confidence": confidence,
        "nll": -np.log(of_label),
        "sum_p_squared": confidence**2 + (1 - confidence) ** 2 / (CLASSES - 1),
        "entropy": 1 - confidence,
        "logsumexp": confidence,
        "max_logit": confidence,
    }
    return pd.DataFrame({name: np.asarray(columns[name], COLUMNS[name]) for name in COLUMNS})


def write_run(
    path: Path,
    name: str = "standard",
    clean_error: float = 0.05,
    slope: float = 0.06,
    conditions: Iterable[str] | None = None,
    records_seed: int = 0,
    **changes: Any,
) -> Path:
    """Write a run whose error grows with severity; ``conditions`` are those that are finished, all by default.

    ``changes`` replace entries of run.json; a dict is merged into the entry.
    """
    info = {**INFO, "name": name}
    for key, value in changes.items():
        info[key] = {**INFO[key], **value} if isinstance(value, dict) else value
    run = Run(path, info)
    run.write_info()
    generator = np.random.default_rng(records_seed)
    all_conditions = suites.registry()[info["suite"]].conditions()
    finished = map(str, all_conditions) if conditions is None else conditions
    for each in map(Condition.parse, finished):
        hardness = 1 if each.corruption == "clean" else 0.5 + len(each.corruption) / 12
        error = min(0.95, clean_error + slope * each.severity * hardness)
        run.write(each, records(error, info["data"]["images"], generator))
    return path
