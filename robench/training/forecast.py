"""What a training will take, from a few of its steps: time, memory, disk."""

import time
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import torch

from robench.forecast import Forecast, peak_memory_bytes
from robench.training.batches import epoch_batches
from robench.training.checkpoint import initial_state
from robench.training.epoch import seeded, take_step
from robench.training.execution import Execution, shared_network
from robench.training.pace import MEASURED_S, MEASURED_STEPS, WARM_UP_STEPS, training_time
from robench.training.plan import Plan
from robench.training.run_folder import epochs_done

# The weights, their momentum, and as much again while the next checkpoint is written beside the last.
COPIES_OF_WEIGHTS = 4


def forecast(plans: Mapping[str, Plan], folder: Path, how: Execution) -> Forecast:
    """Return what the trainings below ``folder`` take, of which what is done already is not counted.

    A few steps of the first are taken; nothing is written.
    """
    plan = next(iter(plans.values()))
    step_s, inputs, steps, weights_bytes = _measured(plan, how)
    left = [each.recipe.epochs - epochs_done(folder / part) for part, each in plans.items()]
    pace = training_time(plan, 0, step_s, inputs)
    counted = "1 step" if steps == 1 else f"{steps} steps"
    on_gpu = how.device.type == "cuda"
    return Forecast(
        images=len(plan.train),
        times=plan.recipe.epochs * len(plans),
        times_of="epochs",
        steps=len(plan.train) * sum(left),
        seconds=sum(map(pace.of_epochs, left)),
        measured_on=f"training, from {counted} on {how.device}; the evaluation comes on top",
        memory_bytes=torch.cuda.max_memory_allocated(how.device) if on_gpu else peak_memory_bytes(),
        disk_bytes=COPIES_OF_WEIGHTS * weights_bytes * len(plans),
        out=folder,
    )


def _measured(plan: Plan, how: Execution) -> tuple[float, int, int, int]:
    """Return the seconds of a step, the images in it, the steps that this was measured on, and the weights' bytes."""
    state = initial_state(plan, how.device)
    network = shared_network(state.network, plan, how)
    network.train()
    taken: list[float] = []
    inputs = 0
    with seeded(plan, 0, how):
        began = before = time.monotonic()
        for ready in islice(epoch_batches(plan, 0, how.workers), WARM_UP_STEPS + MEASURED_STEPS):
            take_step(network, plan, state, ready, how)
            now = time.monotonic()
            taken.append(now - before)
            before, inputs = now, max(inputs, len(ready.inputs))
            if now - began > 2 * MEASURED_S and len(taken) >= 2:
                break
    measured = taken[WARM_UP_STEPS:] or taken[1:] or taken
    weights_bytes = sum(each.numel() * each.element_size() for each in network.parameters())
    return sum(measured) / len(measured), inputs, len(measured), weights_bytes
