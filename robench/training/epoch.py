"""One epoch of steps: forward, backward, update."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

from robench.errors import RobenchError
from robench.training import checkpoint
from robench.training.batches import Prepared, epoch_batches
from robench.training.checkpoint import State
from robench.training.execution import Execution
from robench.training.plan import Plan

# How PyTorch refuses the statistics of a single number.
TOO_FEW_VALUES = "Expected more than 1 value per channel"


class NonFiniteLossError(RobenchError):
    """The loss became NaN or infinite, so that the weights mean nothing any more."""


def train_epoch(
    network: nn.Module,
    plan: Plan,
    state: State,
    how: Execution,
    advance: Callable[[int], None],
) -> float:
    """Take every step of an epoch and return the loss, averaged over images.

    ``advance`` is told after each step how many images of how many views the network saw.

    Raises NonFiniteLossError for a loss that is no number, and RobenchError for a last batch of which
    batch normalization can make nothing.
    """
    network.train()
    total = 0.0
    with seeded(plan, state.epoch, how):
        for ready in epoch_batches(plan, state.epoch, how.workers):
            loss = take_step(network, plan, state, ready, how)
            if not math.isfinite(loss):
                step = ready.batch.step - state.epoch * plan.steps_per_epoch + 1
                raise NonFiniteLossError(
                    f"the loss became {loss} in epoch {state.epoch + 1}, step {step} of {plan.steps_per_epoch}"
                )
            total += loss * ready.count
            advance(len(ready.inputs))
    return total / len(plan.train)


def take_step(
    network: nn.Module, plan: Plan, state: State, ready: Prepared, how: Execution
) -> float:
    """Take a step and return the loss, averaged over the whole batch, of which this process has a share."""
    total_steps = plan.recipe.epochs * plan.steps_per_epoch
    for group in state.optimizer.param_groups:
        group["lr"] = plan.recipe.lr_at(ready.batch.step, total_steps)
    state.optimizer.zero_grad()
    inputs, targets = ready.inputs.to(how.device), ready.targets.to(how.device)
    weight = how.workers.weight(ready.count)
    try:
        loss = weight * plan.method.loss(network, inputs, targets, ready.batch)
    except ValueError as error:
        if TOO_FEW_VALUES not in str(error):
            raise
        raise RobenchError(
            f"a batch of {len(ready.batch.labels)} is too small for the batch norms of {plan.architecture}; "
            "choose a --batch-size that leaves more for the last batch of an epoch"
        ) from None
    loss.backward()
    state.optimizer.step()
    return how.workers.total(loss.item()) / how.workers.count


@contextmanager
def seeded(plan: Plan, epoch: int, how: Execution) -> Iterator[None]:
    """Key torch's own generators (dropout) by epoch and process, and give the caller's state back afterwards."""
    purpose = "torch" if how.workers.is_first else f"torch of process {how.workers.rank}"
    with torch.random.fork_rng(devices=[how.device] if how.device.type == "cuda" else []):
        torch.manual_seed(checkpoint.torch_seed(plan, purpose, epoch))
        yield
