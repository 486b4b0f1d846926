"""The all convolutional network of the AugMix paper.

Source: Springenberg et al. 2015, "Striving for Simplicity: The All Convolutional Net"; with the batch
normalization, GELU and dropout of the published AugMix code, whose parameter names it keeps.
"""

import torch
from torch import Tensor, nn

from baselines.architectures.he_initialisation import he_initialise


class SigmoidGELU(nn.Module):
    """The sigmoid approximation of the Gaussian error linear unit, x sigmoid(1.702 x).

    Source: Hendrycks & Gimpel 2016, "Gaussian Error Linear Units", section 2.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Apply it to every element."""
        return x * torch.sigmoid(1.702 * x)


class PoolWithoutLastTwo(nn.Module):
    """Average over the map without its last two rows and columns.

    Two 1 x 1 convolutions padded by one pixel leave a 32-pixel image a 10 x 10 map, of which the
    published code averages the first 8 x 8. Published weights expect it, so it stays.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, C)."""
        return x[:, :, :-2, :-2].mean(dim=(2, 3))


class AllConvNet(nn.Module):
    """Three convolutions of 96 channels, three of 192, one unpadded and two of 1 x 1."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_convolution(3, 96),
            *_convolution(96, 96),
            *_convolution(96, 96),
            nn.MaxPool2d(2),
            nn.Dropout(0.5),
            *_convolution(96, 192),
            *_convolution(192, 192),
            *_convolution(192, 192),
            nn.MaxPool2d(2),
            nn.Dropout(0.5),
            *_convolution(192, 192, padding=0),
            *_convolution(192, 192, kernel=1),
            *_convolution(192, 192, kernel=1),
            PoolWithoutLastTwo(),
        )
        self.classifier = nn.Linear(192, num_classes)
        he_initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to logits (N, num_classes)."""
        return self.classifier(self.features(x))


def _convolution(
    channels_in: int, channels_out: int, kernel: int = 3, padding: int = 1
) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(channels_in, channels_out, kernel, padding=padding)
    return convolution, nn.BatchNorm2d(channels_out), SigmoidGELU()


ARCHITECTURES = {"allconvnet": AllConvNet}
