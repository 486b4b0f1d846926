"""Random AutoAugment: two operations drawn at random, at random strength, instead of a learned policy.

Source: Hendrycks et al. 2020 (AugMix), section 4.4 and table 4, where it tells what AugMix's mixing
adds to its operations. The paper does not say how many operations or how strong; here they are two,
as in AutoAugment's sub-policies, of any level on AutoAugment's scale of 10. The operations are the
nine of AugMix, which are AutoAugment's without those that overlap with test corruptions (and without
Invert), by the same kernels.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from baselines.augmentations import augment_and_mix
from baselines.augmentations.mixing import Mixture, sample_chains
from baselines.methods.jensen_shannon import loss_of_views
from baselines.methods.method import Batch, Method, option


@dataclass(frozen=True)
class RandomAA(Method):
    """One chain of random operations; its end is the view, not mixed with the image."""

    summary = "two random operations of AugMix's set; with AugMix's consistency loss or without"

    depth: int = option(2, "Operations in the chain.", low=1)
    severity: float = option(10.0, "Upper end of an operation's level.", low=0.1, high=10)
    jsd: bool = option(True, "Three views and their divergence, or cross-entropy on one view.")

    def prepare(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return three views of each image, the clean one first; without ``jsd``, one augmented."""
        if self.jsd:
            clean = batch.normalization.apply(batch.images)
            inputs = np.concatenate([clean, self._augmented(batch, 1), self._augmented(batch, 2)])
        else:
            inputs = self._augmented(batch, 1)
        return torch.from_numpy(inputs), torch.from_numpy(batch.labels)

    def loss(self, network: nn.Module, inputs: Tensor, targets: Tensor, batch: Batch) -> Tensor:
        """Return AugMix's loss, or with one view the cross-entropy."""
        return loss_of_views(network(inputs), targets, 3 if self.jsd else 1)

    def _augmented(self, batch: Batch, view: int) -> np.ndarray:
        height, width = batch.images.shape[1:3]
        mixture = Mixture(width=1, depth=self.depth, severity=self.severity)
        key = {"seed": batch.seed, "epoch": batch.epoch, "view": view}
        chains = sample_chains(mixture, (height, width), batch.indices, **key)
        # The whole weight on the one chain, none on the image.
        alone = replace(
            chains, weights=np.ones_like(chains.weights), shares=np.ones_like(chains.shares)
        )
        return augment_and_mix(batch.images, alone, batch.normalization.table())


METHODS = {"random_aa": RandomAA}
