"""The batch size at which a network is fastest, found by a short measurement.

On a CPU that is a small one, whose activations stay in the cache from one layer to the next; on a GPU a large one.
Logits depend on the batch size by float rounding only.
"""

import time

import numpy as np
import torch
from torch import nn

from robench.forward_pass import ForwardPass
from robench.models import Model

UNMEASURED = 64  # good on any CPU, and where the measurement would cost more than it gains
WORTH_MEASURING = 2048  # images
SMALLEST_AND_LARGEST = {"cpu": (16, 256), "cuda": (64, 1024)}
WORTH_DOUBLING = 1.03  # times as fast; less is noise, and memory for nothing
BUDGET_S = 3.0
REPEATS, REPEATS_S = 5, 0.2  # of one size: so many, or as many as fit into that time


def chosen_batch_size(
    model: Model, device: torch.device, size_px: tuple[int, int], images: int
) -> tuple[int, str]:
    """Return a batch size for a run of so many images, and in a word how it was chosen.

    Only a network is measured: a plain callable is shown nothing but the images that it is to classify.
    """
    if images < WORTH_MEASURING or not isinstance(model.network, nn.Module):
        return UNMEASURED, "default"
    return measured_batch_size(model, device, size_px), "measured"


def measured_batch_size(model: Model, device: torch.device, size_px: tuple[int, int]) -> int:
    """Return the batch size with the most images a second, doubled from a small one while that gains.

    Takes about ``BUDGET_S`` seconds at most, or one forward pass where that takes longer. Raises RobenchError as
    ``ForwardPass.logits`` does.
    """
    size, largest = SMALLEST_AND_LARGEST["cuda" if device.type == "cuda" else "cpu"]
    best, fastest = size, 0.0
    began = time.perf_counter()
    while size <= largest:
        rate = _images_per_second(model, device, size_px, size)
        if rate < fastest * WORTH_DOUBLING:
            break
        best, fastest = size, rate
        if time.perf_counter() - began > BUDGET_S / 3:  # twice the size takes twice as long again
            break
        size *= 2
    return best


def _images_per_second(
    model: Model, device: torch.device, size_px: tuple[int, int], size: int
) -> float:
    """Return the speed of the best of a few passes after a first one, or 0 where memory is too small."""
    images = np.random.default_rng(0).integers(0, 256, (size, *size_px, 3), np.uint8)
    forward = ForwardPass(model, device, size)
    forward.logits(images)
    took: list[float] = []
    while len(took) < REPEATS and (not took or sum(took) < REPEATS_S):
        start = time.perf_counter()
        forward.logits(images)
        took.append(time.perf_counter() - start)
    return size / min(took) if forward.batch_size == size else 0.0
