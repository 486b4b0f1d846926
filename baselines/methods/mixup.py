"""Mixup: train on weighted means of two images and of their labels.

Source: Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization", section 2; like the authors' code,
a batch is mixed with a permutation of itself by one weight.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import special
from torch import Tensor

from baselines.keyed_uniforms import keyed_uniforms
from baselines.methods.method import Batch, Method, option


@dataclass(frozen=True)
class Mixup(Method):
    """Cross-entropy on the mean of two images, weighted w and 1 - w, with w from Beta(alpha, alpha)."""

    summary = "weighted means of two images and of their labels"
    # The paper's, which penalises less because the mixtures regularise already.
    recipe: ClassVar = {"weight_decay": 1e-4}
    mixes_images = True

    alpha: float = option(1.0, "Of the Beta distribution of the weight.", above=0)

    def prepare(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the mixed images and their class probabilities."""
        (uniform,) = batch_uniforms(batch, "mixup weight", 1)
        weight = np.float32(special.betaincinv(self.alpha, self.alpha, uniform))
        partners = permutation(batch, "mixup partner")
        inputs = batch.normalization.apply(batch.images)
        mixed = weight * inputs + (1 - weight) * inputs[partners]
        return torch.from_numpy(mixed), soft_labels(batch, partners, float(weight))


def batch_uniforms(batch: Batch, purpose: str, count: int) -> NDArray[np.float64]:
    """Return ``count`` numbers in (0, 1) for a batch as a whole, keyed by its step."""
    step = np.array([batch.step], np.int64)
    return keyed_uniforms(batch.seed, purpose, batch.epoch, step, count)[0]


def permutation(batch: Batch, purpose: str) -> NDArray[np.int64]:
    """Return int64 (N,): for each image of the batch the place of its partner."""
    uniforms = keyed_uniforms(batch.seed, purpose, batch.epoch, batch.indices, 1)[:, 0]
    return np.argsort(uniforms, kind="stable")


def soft_labels(batch: Batch, partners: NDArray[np.int64], weight: float) -> Tensor:
    """Return float32 (N, num_classes): ``weight`` on the image's own class, the rest on its partner's.

    Cross-entropy is linear in them, so that it equals the weighted sum of that of both labels.
    """
    one_hot = np.eye(batch.num_classes, dtype=np.float32)[batch.labels]
    return torch.from_numpy(
        np.float32(weight) * one_hot + np.float32(1 - weight) * one_hot[partners]
    )


METHODS = {"mixup": Mixup}
