"""CutMix: paste a rectangle of another image, and mix the labels by area.

Source: Yun et al. 2019, "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable
Features", algorithm 1 and the commands in the authors' repository (clovaai/CutMix-PyTorch): on CIFAR half of
the batches are mixed (--cutmix_prob 0.5), on ImageNet all of them (--cutmix_prob 1.0), with --beta 1.0 on both.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from scipy import special
from torch import Tensor

from baselines.methods.cutout import around
from baselines.methods.method import Batch, Method, option
from baselines.methods.mixup import batch_uniforms, permutation, soft_labels


@dataclass(frozen=True)
class CutMix(Method):
    """Cross-entropy on images with a rectangle of another, the same place for a whole batch.

    The rectangle has the image's proportions and a share 1 - w of its area, w from Beta(beta, beta);
    its centre is anywhere, and the label counts what of it lies inside.
    """

    summary = "a rectangle of another image, and labels mixed by area"
    usual: ClassVar = {"imagenet": {"probability": 1.0}}
    mixes_images = True

    beta: float = option(1.0, "Of the Beta distribution of the area that stays.", above=0)
    probability: float = option(0.5, "Of mixing a batch at all.", low=0, high=1)

    def prepare(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the images with what was pasted, and class probabilities."""
        chance, share, down, across = batch_uniforms(batch, "cutmix", 4)
        inputs = batch.normalization.apply(batch.images)
        partners, kept = permutation(batch, "cutmix partner"), 1.0
        if chance < self.probability:
            height, width = inputs.shape[2:]
            side = math.sqrt(1 - special.betaincinv(self.beta, self.beta, share))
            rows = around(int(down * height), 2 * (int(side * height) // 2), height)
            columns = around(int(across * width), 2 * (int(side * width) // 2), width)
            inputs[:, :, rows, columns] = inputs[partners][:, :, rows, columns]
            pasted = (rows.stop - rows.start) * (columns.stop - columns.start)
            kept = 1 - pasted / (height * width)
        return torch.from_numpy(inputs), soft_labels(batch, partners, kept)


METHODS = {"cutmix": CutMix}
