"""The batches of one epoch, made ready on another thread while the network works on the one before."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from baselines.keyed_uniforms import keyed_uniforms
from baselines.methods.method import Batch
from robench.training.framing import framed
from robench.training.plan import Plan


@dataclass(frozen=True)
class Prepared:
    """A batch and what the method made of it, on the CPU."""

    batch: Batch
    inputs: Tensor
    targets: Tensor


def shuffled(plan: Plan, epoch: int) -> NDArray[np.int64]:
    """Return the positions of the training images in the order of an epoch, a function of seed and epoch."""
    uniforms = keyed_uniforms(plan.seed, "order", epoch, plan.train.indices, 1)[:, 0]
    return np.argsort(uniforms, kind="stable")


def epoch_batches(plan: Plan, epoch: int) -> Iterator[Prepared]:
    """Yield every training image once, in batches; the last one holds what is left."""
    order = shuffled(plan, epoch)
    size = plan.recipe.batch_size
    parts = [order[start : start + size] for start in range(0, len(order), size)]
    with ThreadPoolExecutor(1) as ahead:
        following = ahead.submit(prepared, plan, epoch, 0, parts[0])
        for number in range(len(parts)):
            ready = following.result()
            if number + 1 < len(parts):
                following = ahead.submit(prepared, plan, epoch, number + 1, parts[number + 1])
            yield ready


def prepared(plan: Plan, epoch: int, number: int, positions: NDArray[np.int64]) -> Prepared:
    """Frame the images at ``positions`` and let the method prepare them; ``number`` is the batch's."""
    indices = plan.train.indices[positions]
    images = framed(
        plan.train.pixels[positions],
        indices,
        flip=plan.recipe.flip,
        padding_px=plan.recipe.crop_padding_px,
        seed=plan.seed,
        epoch=epoch,
    )
    batch = Batch(
        images=images,
        labels=plan.train.labels[positions],
        indices=indices,
        num_classes=plan.num_classes,
        normalization=plan.normalization,
        seed=plan.seed,
        epoch=epoch,
        step=epoch * plan.steps_per_epoch + number,
    )
    return Prepared(batch, *plan.method.prepare(batch))
