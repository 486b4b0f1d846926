"""run.json of a training run: what was asked for, on which data, with which versions, and when."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from robench.atomic_file import write_atomically
from robench.training.plan import Images, Plan
from robench.version import VERSION

FORMAT = "robench-training/1"
LIBRARIES = ("numba", "numpy", "scipy", "torch")


def write_run_file(
    folder: Path, plan: Plan, device: torch.device, command: Sequence[str], *, finished: bool
) -> None:
    """Write ``folder/run.json``; a continued run keeps the time at which it first started."""
    path = folder / "run.json"
    started = _started(path) or _now()
    content = {
        "format": FORMAT,
        "robench": VERSION,
        "command": list(command),
        "method": plan.method_name,
        "method_options": asdict(plan.method),
        "architecture": plan.architecture,
        "num_classes": plan.num_classes,
        "dataset": plan.dataset,
        "train": _described(plan.train),
        "test": _described(plan.test),
        "recipe": asdict(plan.recipe),
        "seed": plan.seed,
        "device": str(device),
        "device_name": _device_name(device),
        "threads": torch.get_num_threads(),
        "libraries": {"python": platform.python_version()} | {n: version(n) for n in LIBRARIES},
        "started": started,
        "finished": _now() if finished else None,
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_atomically(path, lambda file: file.write(text.encode()))


def _described(images: Images) -> dict[str, Any]:
    return {
        "description": images.description,
        "images": len(images),
        "manifest_sha256": images.sha256,
    }


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()


def _started(path: Path) -> str | None:
    if not path.exists():
        return None
    started: str | None = json.loads(path.read_text(encoding="utf-8")).get("started")
    return started


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
