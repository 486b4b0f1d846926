"""Patch Uniform: add uniform noise to a random square of the image.

Source: Hendrycks et al. 2020 (AugMix), section 4.2: Lopes et al. 2019, "Improving Robustness Without
Sacrificing Accuracy with Patch Gaussian Augmentation", with uniform instead of Gaussian noise, for
Gaussian noise is a test corruption. The AugMix paper tuned the settings and does not give them, nor does
its code have the method: these are ours. The patch has the side of Patch Gaussian on CIFAR (25 of 32
pixels; 175 of 224 is the same share), and the noise the same spread (0.1 of the range of a pixel is the
standard deviation of a uniform distribution of half-width 0.17). The side is the same for every image; the
Patch Gaussian of TensorFlow's object detection draws it for each, as it draws the spread, from 1 to a maximum.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from baselines.keyed_uniforms import keyed_noise, keyed_uniforms
from baselines.methods.cutout import around
from baselines.methods.method import Batch, Method, option


@dataclass(frozen=True)
class PatchUniform(Method):
    """Cross-entropy on images whose noisy square has its centre anywhere, a part of it maybe outside.

    The noise is uniform in -a to a, and a in 0 to ``amplitude``, drawn for each image; the result is
    clipped to the range of a pixel.
    """

    summary = "uniform noise in a random square of every image"
    usual: ClassVar = {"imagenet": {"size": 175}}

    size: int = option(25, "Side of the patch in pixels.", low=1)
    amplitude: float = option(
        0.17, "Largest half-width of the noise; pixels are 0 to 1.", above=0, high=1
    )

    def overlaps(self) -> tuple[str, ...]:
        """Return noise: four test corruptions are noise, of other distributions."""
        return ("noise",)

    def prepare(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the images with their noisy patches."""
        height, width = batch.images.shape[1:3]
        uniforms = keyed_uniforms(batch.seed, "patch", batch.epoch, batch.indices, 3)
        patches = [
            (
                around(int(down * height), self.size, height),
                around(int(across * width), self.size, width),
            )
            for down, across, _ in uniforms
        ]
        shapes = [
            (3, rows.stop - rows.start, across.stop - across.start) for rows, across in patches
        ]
        noises = keyed_noise(batch.seed, "patch noise", batch.epoch, batch.indices, shapes)
        inputs = batch.normalization.apply(batch.images)
        mean, std = (
            np.array(values, np.float32)[:, None, None]
            for values in (batch.normalization.mean, batch.normalization.std)
        )
        for i, ((rows, columns), noise) in enumerate(zip(patches, noises, strict=True)):
            half_width = np.float32(uniforms[i, 2] * self.amplitude)
            pixels = batch.images[i, rows, columns].transpose(2, 0, 1) / np.float32(255)
            noisy = (pixels + half_width * (2 * noise - 1)).clip(0, 1)
            inputs[i, :, rows, columns] = (noisy - mean) / std
        return torch.from_numpy(inputs), torch.from_numpy(batch.labels)


METHODS = {"patch_uniform": PatchUniform}
