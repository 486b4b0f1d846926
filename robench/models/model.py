"""A model as the evaluation sees it: uint8 images in, logits out, and where it came from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from robench.models.normalisation import Normalisation


@dataclass(frozen=True)
class Model:
    """A classifier with its preprocessing.

    Attributes:
        network: float32 (N, 3, H, W) -> logits (N, classes).
        name: how tables call it.
        normalisation: what is done to images in [0, 1] before the network sees them.
        source: the file or spec it was loaded from.
        sha256: of that file; None where there is no file.
        architecture: its name in ``baselines.architectures``, if it has one.
        training: what the checkpoint records of its training (method, dataset, ...), if anything.
    """

    network: Callable[[torch.Tensor], torch.Tensor] = field(repr=False)
    name: str
    normalisation: Normalisation
    source: str
    sha256: str | None = None
    architecture: str | None = None
    training: dict[str, Any] | None = None

    def to(self, device: torch.device) -> "Model":
        """Move the network to ``device``, set it to evaluation, and return the model."""
        if isinstance(self.network, torch.nn.Module):
            self.network.to(device).eval()
        return self

    def description(self) -> str:
        """Return in a sentence what the model is and how its images are normalised."""
        count = self.parameter_count()
        size = f", {count:,} parameters" if count is not None else ""
        how = self.normalisation
        return (
            f"{self.name} ({self.architecture or 'a callable'}{size}) from {self.source}; "
            f"mean {how.mean}, std {how.std} ({how.origin})"
        )

    def parameter_count(self) -> int | None:
        """Return the number of parameters, or None for a plain callable."""
        if not isinstance(self.network, torch.nn.Module):
            return None
        return sum(parameter.numel() for parameter in self.network.parameters())

    @torch.inference_mode()
    def logits(self, images: NDArray[np.uint8], device: torch.device) -> torch.Tensor:
        """Return float32 logits (N, classes) of uint8 images (N, H, W, 3).

        The arithmetic is that of torchvision's ToTensor and Normalize, in float32 and in the same order.
        """
        # Channels are last in memory, as in the images, which is also what the CPU's convolutions like best.
        pixels = torch.from_numpy(images).to(device).permute(0, 3, 1, 2).float()
        mean = torch.tensor(self.normalisation.mean, device=device).view(1, 3, 1, 1)
        std = torch.tensor(self.normalisation.std, device=device).view(1, 3, 1, 1)
        return self.network(pixels.div_(255).sub_(mean).div_(std)).float()
