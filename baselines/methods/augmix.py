"""AugMix: mix chains of simple operations, and ask for one prediction for all mixtures of an image.

Source: Hendrycks et al. 2020, "AugMix: A Simple Data Processing Method to Improve Robustness and
Uncertainty", and its published code.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from baselines.augmentations import OVERLAPPING, augment_and_mix
from baselines.augmentations.mixing import Mixture, sample_chains
from baselines.methods.jensen_shannon import loss_of_views
from baselines.methods.method import Batch, Method, option


@dataclass(frozen=True)
class AugMix(Method):
    """Cross-entropy on the clean image + 12 x the divergence of it and two mixtures."""

    summary = "mixed chains of simple operations, and one prediction for all mixtures of an image"
    usual: ClassVar = {"imagenet": {"severity": 1.0}}

    width: int = option(3, "Chains of operations that are mixed.", low=1)
    depth: int = option(-1, "Operations in a chain; -1: 1 to 3, drawn for each.", low=1, also=-1)
    severity: float = option(3.0, "Upper end of an operation's level.", low=0.1, high=10)
    # Below, a draw from the Dirichlet distribution is one-hot within rounding, or not a number.
    alpha: float = option(
        1.0, "Of the Dirichlet and Beta distributions that images are mixed by.", low=0.1
    )
    jsd: bool = option(True, "Three views and their divergence, or cross-entropy on one mixture.")
    all_ops: bool = option(False, "Add the operations that overlap with test corruptions.")

    def overlaps(self) -> tuple[str, ...]:
        """Return the four operations that AugMix leaves out, where they were asked for."""
        return tuple(sorted(OVERLAPPING)) if self.all_ops else ()

    def prepare(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return three views of each image, the clean one first; without ``jsd``, one mixture."""
        if not self.jsd:
            return torch.from_numpy(self._mixtures(batch, 1)), torch.from_numpy(batch.labels)
        count, height, width, channels = batch.images.shape
        views = np.empty((3, count, channels, height, width), np.float32)
        batch.normalization.apply(batch.images, views[0])
        for number in (1, 2):
            self._mixtures(batch, number, views[number])
        return torch.from_numpy(views).flatten(0, 1), torch.from_numpy(batch.labels)

    def loss(self, network: nn.Module, inputs: Tensor, targets: Tensor, batch: Batch) -> Tensor:
        """Return the loss; the views go through the network as one batch, with common statistics."""
        return loss_of_views(network(inputs), targets, 3 if self.jsd else 1)

    def _mixtures(self, batch: Batch, view: int, output: np.ndarray | None = None) -> np.ndarray:
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
        return augment_and_mix(batch.images, chains, batch.normalization.table(), output=output)


METHODS = {"augmix": AugMix}
