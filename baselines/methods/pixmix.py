"""PixMix: add or multiply fractals and augmented copies to an image, again and again.

Source: Hendrycks et al. 2022, "PixMix: Dreamlike Pictures Comprehensively Improve Safety Measures",
and its published code.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.augmentations import ALL_OPERATIONS, OPERATIONS, OVERLAPPING
from baselines.augmentations.chains import operate_batch
from baselines.augmentations.mixing import LOWEST_LEVEL
from baselines.augmentations.operations import amounts
from baselines.augmentations.picture_mixing import strengths
from baselines.augmentations.picture_mixing_kernels import mix_whole
from baselines.augmentations.threads import in_threads
from baselines.keyed_uniforms import keyed_uniforms
from baselines.methods.method import Batch, Method, option
from baselines.mixing_pictures import crops, folder_sha256

PER_START, PER_ROUND = 5, 8


@dataclass(frozen=True)
class PixMix(Method):
    """Cross-entropy on one mixture of each image.

    A mixture starts from the image or, as often, from it after one operation. Then 0 to ``rounds`` times
    it is added to or multiplied by the mixing picture or, as often, the image after one operation, and
    clipped.
    """

    summary = "fractals and augmented copies added to and multiplied with the image"
    recipe: ClassVar = {"epochs": 100}
    usual: ClassVar = {"imagenet": {"severity": 1.0, "beta": 4.0}}

    rounds: int = option(4, "Most rounds of mixing (k).", low=1)
    severity: float = option(3.0, "Upper end of an operation's level.", low=0.1, high=10)
    beta: float = option(
        3.0, "How much mixing leaves of the image: 3 on CIFAR, 4 on ImageNet.", above=0
    )
    all_ops: bool = option(False, "Add the operations that overlap with test corruptions.")
    mixing_pictures: str = option(
        "", "Folder of pictures to mix with; fractals when omitted.", folder=True
    )

    def overlaps(self) -> tuple[str, ...]:
        """Return the four operations that are left out, where they were asked for."""
        return tuple(sorted(OVERLAPPING)) if self.all_ops else ()

    def mixing_pictures_sha256(self) -> str | None:
        """Return a digest of the folder's picture files; None for fractals."""
        return folder_sha256(self.mixing_pictures) if self.mixing_pictures else None

    def prepare(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the mixtures."""
        height, width = batch.images.shape[1:3]
        pictures = crops(
            self.mixing_pictures,
            (height, width),
            batch.indices,
            seed=batch.seed,
            epoch=batch.epoch,
        )
        count = PER_START + self.rounds * PER_ROUND
        uniforms = keyed_uniforms(batch.seed, "pixmix", batch.epoch, batch.indices, count)
        mixed = np.empty(batch.images.shape, np.float32)

        def mix(part: slice) -> None:
            mixed[part] = self.mixtures(batch.images[part], pictures[part], uniforms[part])

        in_threads(mix, len(mixed))
        mean, std = (
            np.array(row, np.float32) for row in (batch.normalization.mean, batch.normalization.std)
        )
        inputs = ((mixed - mean) / std).transpose(0, 3, 1, 2)
        return torch.from_numpy(np.ascontiguousarray(inputs)), torch.from_numpy(batch.labels)

    def mixtures(
        self,
        images: NDArray[np.uint8],
        pictures: NDArray[np.uint8],
        uniforms: NDArray[np.float64],
    ) -> NDArray[np.float32]:
        """Mix N images, uint8 (N, H, W, 3), with their pictures, by the numbers in (0, 1) that decide.

        Returns float32 (N, H, W, 3) in [0, 1].
        """
        augmented, rounds = uniforms[:, 0] < 0.5, (uniforms[:, 1] * (self.rounds + 1)).astype(int)
        start = self._augmented(images, uniforms[:, 2:5], augmented, images)
        mixed = start.astype(np.float32) / np.float32(255)
        steps = uniforms[:, PER_START:].reshape(-1, self.rounds, PER_ROUND)
        for step, own in enumerate(np.moveaxis(steps, 1, 0)):
            active = rounds > step
            others = self._augmented(images, own[:, 1:4], own[:, 0] < 0.5, pictures)
            multiplied = (own[:, 4] < 0.5).astype(np.int64)
            mix_whole(mixed, others, active, multiplied, strengths(self.beta, *own[:, 5:8].T))
        return mixed

    def _augmented(
        self,
        images: NDArray[np.uint8],
        draws: NDArray[np.float64],
        chosen: NDArray[np.bool_],
        others: NDArray[np.uint8],
    ) -> NDArray[np.uint8]:
        """Return the images after one operation where ``chosen``, else ``others``; ``draws`` are (N, 3)."""
        names = ALL_OPERATIONS if self.all_ops else OPERATIONS
        operations = (draws[:, 0] * len(names)).astype(np.int64)
        levels = LOWEST_LEVEL + draws[:, 1] * (self.severity - LOWEST_LEVEL)
        height, width = images.shape[1:3]
        strength = amounts(
            operations, levels, np.where(draws[:, 2] > 0.5, -1.0, 1.0), (height, width)
        )
        output = np.empty_like(images)
        operate_batch(np.ascontiguousarray(images), operations, strength, output)
        return np.where(chosen[:, None, None, None], output, others)


METHODS = {"pixmix": PixMix}
