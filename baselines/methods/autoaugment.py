"""AutoAugment: the policy that a search found, without the operations that overlap with test corruptions.

Source: Cubuk et al. 2019, "AutoAugment: Learning Augmentation Strategies from Data", tables 7 to 9; the star
in the AugMix paper's tables says that contrast, color, brightness, sharpness and cutout were left out.

The policies and operations are torchvision's ``AutoAugment``, which is the paper's algorithm; only the
random draws are ours, keyed like all others. The kernels that AugMix uses would not do: AutoAugment
rotates, shears and translates to the nearest pixel, AugMix between pixels. Where torchvision differs from
the authors' CIFAR code it is followed: it translates by up to 150/331 of the image instead of 10 pixels,
keeps at least 4 bits when it posterizes instead of none, and fills with black instead of grey.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torchvision.transforms import AutoAugment, AutoAugmentPolicy

from baselines.keyed_uniforms import keyed_uniforms
from baselines.methods.cutout import cut_holes
from baselines.methods.method import Batch, Method, option

OVERLAPPING = ("Brightness", "Color", "Contrast", "Sharpness")
CUTOUT_PX = 16
DRAWS = 5  # which sub-policy, and for its two operations whether and which way


@dataclass(frozen=True)
class LearnedPolicy(Method):
    """Cross-entropy on images under one of a policy's pairs of operations, drawn for each image.

    An operation that is left out leaves the other of its pair; a pair that loses both is not drawn.
    """

    summary = "the learned policy without what overlaps with test corruptions; --full: all of it"

    full: bool = option(
        False, "Also contrast, color, brightness and sharpness, and cutout on CIFAR."
    )
    policy: str = option(
        "cifar10", "Which was learned there.", choices=("imagenet", "cifar10", "svhn")
    )

    def overlaps(self) -> tuple[str, ...]:
        """Return what the star stands for, where it was asked for."""
        if not self.full:
            return ()
        return tuple(sorted([*map(str.lower, OVERLAPPING), *(["cutout"] if self._cuts() else [])]))

    def prepare(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the augmented images."""
        transform = KeyedPolicy(AutoAugmentPolicy(self.policy), self.full)
        draws = keyed_uniforms(batch.seed, "autoaugment", batch.epoch, batch.indices, DRAWS)
        images = [transform.apply(*pair) for pair in zip(batch.images, draws, strict=True)]
        inputs = batch.normalization.apply(np.stack(images))
        if self.full and self._cuts():
            cut_holes(inputs, batch, CUTOUT_PX)
        return torch.from_numpy(inputs), torch.from_numpy(batch.labels)

    def _cuts(self) -> bool:
        """Tell whether the paper adds Cutout to the policy; on ImageNet it does not."""
        return self.policy != AutoAugmentPolicy.IMAGENET.value


class KeyedPolicy(AutoAugment):
    """torchvision's transform with given draws in the place of torch's global generator."""

    policies: Any

    def __init__(self, policy: AutoAugmentPolicy, full: bool) -> None:
        super().__init__(policy)
        if not full:
            self.policies = without_overlapping(self.policies)
        self.draws = np.zeros(DRAWS)

    def get_params(self, transform_num: int) -> tuple[int, Any, Any]:
        """Return a sub-policy's number, a chance and a sign for each of its operations."""
        which, *rest = self.draws
        chances, signs = torch.tensor(rest[:2]), torch.tensor(rest[2:])
        return int(which * transform_num), chances, (signs < 0.5).int()

    def apply(self, image: NDArray[np.uint8], draws: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Augment one image, uint8 (H, W, 3), with five numbers in (0, 1)."""
        self.draws = draws
        return np.asarray(self(Image.fromarray(image)))


def without_overlapping(policies: Any) -> Any:
    """Return sub-policies, each a sequence of (operation, probability, magnitude), without what the star leaves out."""
    kept = [[each for each in pair if each[0] not in OVERLAPPING] for pair in policies]
    return [pair for pair in kept if pair]


METHODS = {"autoaugment": LearnedPolicy}
