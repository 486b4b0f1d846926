"""Adversarial training: learn from the images that the network of the moment gets most wrong.

Source: Madry et al. 2018, "Towards Deep Learning Models Resistant to Adversarial Attacks", with the
settings in common use on CIFAR: l_inf, 7 steps of 2/255 in a ball of 8/255. During the attack the
network is in evaluation mode (running batch statistics, no dropout), as in TRADES (Zhang et al. 2019)
and in the library robustness (Engstrom et al. 2019); the training step itself is in training mode.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.keyed_uniforms import keyed_noise
from baselines.methods.method import Batch, Method, Normalization, bare, option

PIXELS = Normalization((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


@dataclass(frozen=True)
class Adversarial(Method):
    """Cross-entropy on adversarial images: projected gradient descent from a random start in the ball.

    The attack acts on pixels in [0, 1] and goes through the normalization, so that its ball is the
    same in every channel. It costs a forward and a backward pass a step.
    """

    summary = "adversarial images: projected gradient descent in the l_inf norm"

    epsilon: float = option(8.0, "Largest change of a pixel, in 255ths.", above=0, high=255)
    step_size: float = option(2.0, "Of each step, in 255ths.", above=0)
    steps: int = option(7, "Of the attack.", low=1)

    def prepare(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return two views as pixels in [0, 1]: the images, and the random starts of the attack."""
        clean = PIXELS.apply(batch.images)
        shapes = [clean.shape[1:]] * len(clean)
        noise = np.stack(keyed_noise(batch.seed, "attack", batch.epoch, batch.indices, shapes))
        start = (clean + np.float32(self.epsilon / 255) * (2 * noise - 1)).clip(0, 1)
        return torch.from_numpy(np.concatenate([clean, start])), torch.from_numpy(batch.labels)

    def loss(self, network: nn.Module, inputs: Tensor, targets: Tensor, batch: Batch) -> Tensor:
        """Attack the network as it is, then return its loss on what came of that."""
        clean, start = inputs.chunk(2)
        mean, std = (
            torch.tensor(values, device=inputs.device).view(1, 3, 1, 1)
            for values in (batch.normalization.mean, batch.normalization.std)
        )
        attacked = self._attacked(bare(network), clean, start, targets, mean, std)
        return functional.cross_entropy(network((attacked - mean) / std), targets)

    def _attacked(
        self,
        network: nn.Module,
        clean: Tensor,
        image: Tensor,
        targets: Tensor,
        mean: Tensor,
        std: Tensor,
    ) -> Tensor:
        """Return the image after the last step, inside the ball around ``clean`` and inside [0, 1]."""
        lowest = (clean - self.epsilon / 255).clamp(min=0)
        highest = (clean + self.epsilon / 255).clamp(max=1)
        was_training = network.training
        network.eval()
        for _ in range(self.steps):
            image = image.detach().requires_grad_()
            # The sum, so that an image's gradient does not shrink with the batch.
            loss = functional.cross_entropy(network((image - mean) / std), targets, reduction="sum")
            (gradient,) = torch.autograd.grad(loss, image)
            stepped = image.detach() + self.step_size / 255 * gradient.sign()
            image = torch.minimum(torch.maximum(stepped, lowest), highest)
        network.train(was_training)
        return image.detach()


METHODS = {"adversarial": Adversarial}
