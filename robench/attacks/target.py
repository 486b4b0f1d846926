"""What an attack sees of a model: images in [0, 1] in, logits out, and gradients back."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from robench.errors import RobenchError
from robench.models import Model
from robench.models.model import in_type_of, logits_of


@dataclass(frozen=True)
class Target:
    """A model with its normalisation inside, on a device, as a differentiable function."""

    model: Model
    device: torch.device

    def __call__(self, pixels: Tensor) -> Tensor:
        """Return logits (N, K) of float32 images (N, 3, H, W) in [0, 1]."""
        normalisation = self.model.known_normalisation()
        mean = torch.tensor(normalisation.mean, device=pixels.device).view(1, 3, 1, 1)
        std = torch.tensor(normalisation.std, device=pixels.device).view(1, 3, 1, 1)
        normalised = in_type_of(self.model.network, (pixels - mean) / std)
        return logits_of(self.model.network(normalised)).float()

    def predictions(self, pixels: Tensor) -> Tensor:
        """Return int64 (N,), the class of the largest logit."""
        with torch.no_grad():
            return self(pixels).argmax(1)

    def class_count(self, pixels: Tensor) -> int:
        """Return how many logits an image gets; asked of the first of the images."""
        with torch.no_grad():
            return self(pixels[:1]).shape[1]

    def loss_gradient(self, pixels: Tensor, labels: Tensor) -> Tensor:
        """Return the gradient of each image's own cross-entropy, (N, 3, H, W).

        Raises RobenchError for a model that cannot be differentiated, such as an ONNX file.
        """
        with torch.enable_grad():
            pixels = pixels.detach().requires_grad_()
            # The sum, not the mean: an image's gradient must not depend on how many others there are.
            loss = functional.cross_entropy(self(pixels), labels, reduction="sum")
        if not loss.requires_grad:
            raise RobenchError(
                f"{self.model.name} gives no gradients, which gradient attacks need; "
                "attack the PyTorch model that it was exported from"
            )
        return torch.autograd.grad(loss, pixels)[0]

    def pixels(self, images: NDArray[np.uint8]) -> Tensor:
        """Return uint8 (N, H, W, 3) as float32 (N, 3, H, W) in [0, 1] on the device."""
        return torch.from_numpy(images).to(self.device).permute(0, 3, 1, 2).contiguous() / 255


def target_of(model: Model, device: str | torch.device | None) -> Target:
    """Return the model as a target on a device, the CPU when None, in evaluation mode."""
    place = torch.device(device or "cpu")
    return Target(model.to(place), place)
