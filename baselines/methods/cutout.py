"""Cutout: blank a square of the image.

Source: DeVries & Taylor 2017, "Improved Regularization of Convolutional Neural Networks with Cutout",
section 3: the hole's centre is anywhere in the image, so that a part of it can lie outside.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.keyed_uniforms import keyed_uniforms
from baselines.methods.method import Batch, Method, option


@dataclass(frozen=True)
class Cutout(Method):
    """Cross-entropy on images with a square hole, which is zero after normalization."""

    summary = "a square hole in every image"
    usual: ClassVar = {"cifar-100": {"size": 8}}

    size: int = option(16, "Side of the hole in pixels.", low=1)

    def overlaps(self) -> tuple[str, ...]:
        """Return cutout, which is a kind of occlusion that C-bar tests."""
        return ("cutout",)

    def prepare(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the images with their holes."""
        inputs = batch.normalization.apply(batch.images)
        cut_holes(inputs, batch, self.size)
        return torch.from_numpy(inputs), torch.from_numpy(batch.labels)


def cut_holes(inputs: NDArray[np.float32], batch: Batch, size: int) -> None:
    """Set a square of each of the batch's normalized images, float32 (N, 3, H, W), to zero."""
    centres = keyed_uniforms(batch.seed, "cutout", batch.epoch, batch.indices, 2)
    height, width = inputs.shape[2:]
    for image, (down, across) in zip(inputs, centres, strict=True):
        rows = around(int(down * height), size, height)
        columns = around(int(across * width), size, width)
        image[:, rows, columns] = 0


def around(centre: int, size: int, length: int) -> slice:
    """Return the ``size`` places with ``centre`` in the middle, as far as they lie in 0 .. length."""
    start = centre - size // 2
    return slice(max(start, 0), min(start + size, length))


METHODS = {"cutout": Cutout}
