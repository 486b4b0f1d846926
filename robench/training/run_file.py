"""run.json of a training run: what was asked for, on which data, with which versions, and when."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from robench.errors import RobenchError
from robench.hardware import device_name
from robench.outside_file import read_json_object
from robench.provenance import library_versions, now, write_json
from robench.training.execution import Execution
from robench.training.images import Images
from robench.training.plan import Plan
from robench.version import VERSION

FORMAT = "robench-training/1"


def write_run_file(
    folder: Path, plan: Plan, how: Execution, command: Sequence[str], *, finished: bool
) -> None:
    """Write ``folder/run.json``; a continued run keeps the time at which it first started."""
    path = folder / "run.json"
    started = read_run_file(folder).get("started") if path.exists() else now()
    content = {
        "format": FORMAT,
        "robench": VERSION,
        "command": list(command),
        "method": plan.method_name,
        "method_options": asdict(plan.method),
        "mixing_pictures_sha256": plan.mixing_pictures_sha256,
        "overlaps": list(plan.overlaps),
        "architecture": plan.architecture,
        "num_classes": plan.num_classes,
        "dataset": plan.dataset,
        "train": _described(plan.train),
        "test": _described(plan.test),
        "recipe": asdict(plan.recipe),
        "seed": plan.seed,
        "precision": plan.precision,
        "compiled": how.compiled,
        "processes": how.workers.count,
        "synchronised_batch_norm": how.sync_batch_norm,
        "device": str(how.device),
        "device_name": device_name(how.device),
        "threads": torch.get_num_threads(),
        "libraries": library_versions(),
        "started": started,
        "finished": now() if finished else None,
    }
    write_json(path, content)


def read_run_file(folder: Path) -> dict[str, Any]:
    """Return run.json; raise RobenchError when it cannot be read or is not a training run's."""
    path = folder / "run.json"
    content = read_json_object(path, "choose another --out")
    if content.get("format") != FORMAT:
        raise RobenchError(f"{path} is not that of a training run; choose another --out")
    return content


def recorded_identity(folder: Path) -> dict[str, Any]:
    """Return what ``Plan.identity`` was of the run in a folder, as its run.json has it.

    Raises RobenchError when that cannot be read, is not a training run's or lacks something.
    """
    content = read_run_file(folder)
    try:
        recipe = dict(content["recipe"])
        return {
            "architecture": content["architecture"],
            "num_classes": content["num_classes"],
            "dataset": content["dataset"],
            "train_sha256": content["train"]["manifest_sha256"],
            "mean": recipe.pop("mean"),
            "std": recipe.pop("std"),
            "method": content["method"],
            "method_options": dict(content["method_options"]),
            "mixing_pictures_sha256": content.get("mixing_pictures_sha256"),
            "overlaps": content["overlaps"],
            "recipe": recipe,
            "precision": content["precision"],
            "seed": content["seed"],
        }
    except (KeyError, TypeError, ValueError) as error:
        raise RobenchError(
            f"{folder / 'run.json'} is damaged ({error!r}); choose another --out"
        ) from None


def _described(images: Images) -> dict[str, Any]:
    return {
        "description": images.source.description,
        "images": len(images),
        "manifest_sha256": images.sha256,
    }
