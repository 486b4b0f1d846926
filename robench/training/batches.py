"""The batches of one epoch, made ready on another thread while the network works on the one before."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from baselines.keyed_uniforms import keyed_uniforms
from baselines.methods.method import Batch
from robench.training.plan import Plan
from robench.training.workers import Workers


@dataclass(frozen=True)
class Prepared:
    """This process's share of a batch of ``count`` images and what the method made of it, on the CPU."""

    batch: Batch
    inputs: Tensor
    targets: Tensor
    count: int


def shuffled(plan: Plan, epoch: int) -> NDArray[np.int64]:
    """Return the positions of the training images in the order of an epoch, a function of seed and epoch."""
    uniforms = keyed_uniforms(plan.seed, "order", epoch, plan.train.indices, 1)[:, 0]
    return np.argsort(uniforms, kind="stable")


def epoch_batches(plan: Plan, epoch: int, workers: Workers) -> Iterator[Prepared]:
    """Yield every training image once, in batches; the last one holds what is left."""
    order = shuffled(plan, epoch)
    size = plan.recipe.batch_size
    parts = [order[start : start + size] for start in range(0, len(order), size)]
    with ThreadPoolExecutor(1) as ahead:
        following = ahead.submit(prepared, plan, epoch, 0, parts[0], workers)
        for number in range(len(parts)):
            ready = following.result()
            if number + 1 < len(parts):
                following = ahead.submit(
                    prepared, plan, epoch, number + 1, parts[number + 1], workers
                )
            yield ready


def prepared(
    plan: Plan, epoch: int, number: int, positions: NDArray[np.int64], workers: Workers
) -> Prepared:
    """Frame this process's share of the images at ``positions`` and let the method prepare it.

    ``number`` is the batch's in its epoch. A method that mixes images prepares the whole batch, of which
    the share is then taken.
    """
    share = workers.part(len(positions))
    if not plan.method.mixes_images:
        batch = framed_batch(plan, epoch, number, positions[share])
        return Prepared(batch, *plan.method.prepare(batch), len(positions))
    whole = framed_batch(plan, epoch, number, positions)
    inputs, targets = plan.method.prepare(whole)
    of_views = inputs.unflatten(0, (-1, len(positions)))[:, share].flatten(0, 1)
    batch = replace(
        whole,
        images=whole.images[share],
        labels=whole.labels[share],
        indices=whole.indices[share],
    )
    return Prepared(batch, of_views, targets[share], len(positions))


def framed_batch(plan: Plan, epoch: int, number: int, positions: NDArray[np.int64]) -> Batch:
    """Return the images at ``positions`` as an epoch frames them, for the method."""
    return Batch(
        images=plan.train.framed(positions, plan.recipe, seed=plan.seed, epoch=epoch),
        labels=plan.train.labels[positions],
        indices=plan.train.indices[positions],
        num_classes=plan.num_classes,
        normalization=plan.normalization,
        seed=plan.seed,
        epoch=epoch,
        step=epoch * plan.steps_per_epoch + number,
    )
