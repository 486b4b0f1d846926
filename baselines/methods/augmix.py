"""AugMix: mix chains of simple operations, and ask for one prediction for all mixtures of an image.

Source: Hendrycks et al. 2020, "AugMix: A Simple Data Processing Method to Improve Robustness and
Uncertainty", and its published code.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.augmentations import augment_and_mix
from baselines.augmentations.mixing import Mixture, sample_chains
from baselines.methods.jensen_shannon import jensen_shannon
from baselines.methods.method import Batch, Method
from robench.errors import RobenchError

CONSISTENCY_WEIGHT = 12.0
# Below, a draw from the Dirichlet distribution is one-hot within rounding, or not a number.
SMALLEST_ALPHA = 0.1


@dataclass(frozen=True)
class AugMix(Method):
    """Cross-entropy on the clean image + 12 x the divergence of it and two mixtures.

    Options: ``width`` chains of ``depth`` operations (-1: 1 to 3, drawn); ``severity``, the upper
    end of an operation's level (the paper: 3 on CIFAR, 1 on ImageNet); ``alpha`` of the Dirichlet
    and Beta distributions; ``jsd`` false for cross-entropy on one mixture alone; ``all_ops`` true to
    add operations that overlap with test corruptions.
    """

    summary = "mixed chains of simple operations, and one prediction for all mixtures of an image"

    width: int = 3
    depth: int = -1
    severity: float = 3.0
    alpha: float = 1.0
    jsd: bool = True
    all_ops: bool = False

    def __post_init__(self) -> None:
        checks = {
            "width must be at least 1": self.width >= 1,
            "depth must be -1 or at least 1": self.depth == -1 or self.depth >= 1,
            "severity must be 0.1 to 10": 0.1 <= self.severity <= 10,
            f"alpha must be at least {SMALLEST_ALPHA}": SMALLEST_ALPHA <= self.alpha < math.inf,
        }
        for rule, holds in checks.items():
            if not holds:
                raise RobenchError(f"augmix: {rule}, got {getattr(self, rule.split()[0])}")

    def prepare(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return three views of each image, the clean one first; without ``jsd``, one mixture."""
        if self.jsd:
            clean = batch.normalization.apply(batch.images)
            inputs = np.concatenate([clean, self._mixtures(batch, 1), self._mixtures(batch, 2)])
        else:
            inputs = self._mixtures(batch, 1)
        return torch.from_numpy(inputs), torch.from_numpy(batch.labels)

    def loss(self, network: nn.Module, inputs: Tensor, targets: Tensor, batch: Batch) -> Tensor:
        """Return the loss; the views go through the network as one batch, with common statistics."""
        logits = network(inputs)
        if not self.jsd:
            return functional.cross_entropy(logits, targets)
        views = logits.chunk(3)
        consistency = jensen_shannon(views)
        return functional.cross_entropy(views[0], targets) + CONSISTENCY_WEIGHT * consistency

    def _mixtures(self, batch: Batch, view: int) -> np.ndarray:
        mixture = Mixture(self.width, self.depth, self.severity, self.alpha, self.all_ops)
        height, width = batch.images.shape[1:3]
        chains = sample_chains(
            mixture,
            (height, width),
            batch.indices,
            seed=batch.seed,
            epoch=batch.epoch,
            view=view,
        )
        return augment_and_mix(batch.images, chains, batch.normalization.table())


METHODS = {"augmix": AugMix}
