"""IPMix: mix an image with operations, patches and pixels at once, and ask for one prediction for all mixtures.

Source: Huang et al. 2023, "IPMix: Label-Preserving Data Augmentation Method for Training Robust
Classifiers", and its published code. The consistency loss is AugMix's: the paper does not say so,
its code does. Different from that code: values are clipped (see ``baselines.augmentations.ipmix``).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from baselines.augmentations.ipmix import Levels, mix_levels, sample_levels
from baselines.methods.jensen_shannon import loss_of_views
from baselines.methods.method import Batch, Method, option
from baselines.mixing_pictures import crops, folder_sha256


@dataclass(frozen=True)
class IPMix(Method):
    """Cross-entropy on the clean image + 12 x the divergence of it and two mixtures."""

    summary = "chains of operations or of patches and pixels mixed with fractals, as AugMix mixes"
    recipe: ClassVar = {"epochs": 100}
    usual: ClassVar = {"imagenet": {"severity": 1.0, "beta": 4.0, "augmented_patches": True}}

    chains: int = option(3, "Chains that are mixed (k).", low=1)
    rounds: int = option(
        3, "Operations or patches in a chain: 0 to so many, drawn for each (t).", low=1
    )
    severity: float = option(3.0, "Upper end of an operation's level.", low=0.1, high=10)
    beta: float = option(
        3.0, "How much mixing leaves of the image: 3 on CIFAR, 4 on ImageNet.", above=0
    )
    augmented_patches: bool = option(
        False, "Mix half of the patches with an augmented copy of the image, as on ImageNet."
    )
    mixing_pictures: str = option(
        "", "Folder of pictures to mix with; fractals when omitted.", folder=True
    )
    jsd: bool = option(True, "Three views and their divergence, or cross-entropy on one mixture.")

    def mixing_pictures_sha256(self) -> str | None:
        """Return a digest of the folder's picture files; None for fractals."""
        return folder_sha256(self.mixing_pictures) if self.mixing_pictures else None

    def prepare(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return three views of each image, the clean one first; without ``jsd``, one mixture."""
        height, width = batch.images.shape[1:3]
        key = {"seed": batch.seed, "epoch": batch.epoch}
        pictures = crops(self.mixing_pictures, (height, width), batch.indices, **key)
        levels = Levels(self.chains, self.rounds, self.severity, self.beta, self.augmented_patches)
        table = batch.normalization.table()
        views = [] if not self.jsd else [batch.normalization.apply(batch.images)]
        for view in (1, 2) if self.jsd else (1,):
            draws = sample_levels(levels, (height, width), batch.indices, view=view, **key)
            views.append(mix_levels(batch.images, pictures, draws, table))
        return torch.from_numpy(np.concatenate(views)), torch.from_numpy(batch.labels)

    def loss(self, network: nn.Module, inputs: Tensor, targets: Tensor, batch: Batch) -> Tensor:
        """Return AugMix's loss, or with one view the cross-entropy."""
        return loss_of_views(network(inputs), targets, 3 if self.jsd else 1)


METHODS = {"ipmix": IPMix}
