"""The state of a training run in one file, which is also a model that can be evaluated.

The file holds tensors, numbers, strings, lists and dicts only, so that it loads without running code.
"""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from baselines.keyed_uniforms import keyed_uniforms
from robench.atomic_file import write_atomically
from robench.errors import RobenchError
from robench.models.architecture import build
from robench.models.weights_file import read_checkpoint
from robench.training.plan import Plan

FORMAT = "robench-checkpoint/1"
# How a run's random numbers follow from its seed: a checkpoint made another way cannot be continued.
RANDOM_SCHEME = "philox4x32-10 keyed by seed, purpose, epoch, image"


@dataclass
class State:
    """A network in training after ``epoch`` whole epochs; ``log`` holds one dict for each of them."""

    network: nn.Module
    optimizer: torch.optim.SGD
    epoch: int = 0
    log: list[dict[str, float]] = field(default_factory=list)


def initial_state(plan: Plan, device: torch.device) -> State:
    """Draw the first weights from the seed, on the CPU, so that every device starts from the same."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(torch_seed(plan, "initial weights", 0))
        network = build(plan.architecture, plan.num_classes)
    network.to(device).to(memory_format=torch.channels_last)
    recipe = plan.recipe
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=recipe.lr,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
    )
    return State(network, optimizer)


def torch_seed(plan: Plan, purpose: str, epoch: int) -> int:
    """Return a seed for torch's own generator (first weights, dropout), keyed like everything else."""
    index = torch.zeros(1, dtype=torch.int64).numpy()
    return int(keyed_uniforms(plan.seed, purpose, epoch, index, 1)[0, 0] * 2**52)


def save(path: Path, plan: Plan, state: State) -> None:
    """Write the state atomically; raise RobenchError when the folder cannot be written."""
    content = {
        "format": FORMAT,
        **plan.identity(),
        "framing": plan.test_framing(),
        "epoch": state.epoch,
        "step": state.epoch * plan.steps_per_epoch,
        "state_dict": _on_cpu(state.network.state_dict()),
        "optimizer": _on_cpu(state.optimizer.state_dict()),
        "random": {"scheme": RANDOM_SCHEME, "seed": plan.seed},
        "log": state.log,
    }
    # To memory first: of a full disk, torch's writer has nothing to say but where in its source it failed.
    buffer = io.BytesIO()
    torch.save(content, buffer)
    write_atomically(path, lambda file: file.write(buffer.getbuffer()))


def restore(path: Path, plan: Plan, device: torch.device) -> State:
    """Read the state of a run of the same plan.

    Raises RobenchError for a damaged file and for one of another plan, naming what differs.
    """
    content = _content(path, plan)
    state = initial_state(plan, device)
    state.network.load_state_dict(content["state_dict"])
    state.optimizer.load_state_dict(content["optimizer"])
    state.epoch, state.log = content["epoch"], content["log"]
    return state


def read_log(path: Path, plan: Plan) -> list[dict[str, float]]:
    """Return the log of a run of the same plan, without making its network; raise RobenchError as ``restore``."""
    log: list[dict[str, float]] = _content(path, plan)["log"]
    return log


def _content(path: Path, plan: Plan) -> dict[str, Any]:
    content = read_checkpoint(path)
    if content.get("format") != FORMAT:
        raise RobenchError(f"{path} is not a {FORMAT} file; give another --out")
    _check_same_plan(path, content, plan)
    return content


def _check_same_plan(path: Path, content: dict[str, Any], plan: Plan) -> None:
    scheme = content["random"]["scheme"]
    why = plan.difference(content)
    if why is None and scheme != RANDOM_SCHEME:
        why = f"its random scheme is {scheme}, this run's is {RANDOM_SCHEME}"
    if why is not None:
        raise RobenchError(f"cannot resume {path}: {why}; give the same, or another --out")


def _on_cpu(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach().cpu()
    if isinstance(value, dict):
        return {key: _on_cpu(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_on_cpu(item) for item in value]
    return value
