"""Wide residual networks, normalization before convolution.

Source: Zagoruyko & Komodakis 2016, "Wide Residual Networks"; the parameters are named as in the
published AugMix code, so that its weights load. AugMix trains without dropout; PixMix and IPMix with
dropout of 0.3 between the convolutions of a block, which has no parameters: their weights fit
``wrn-40-4`` and ``wrn-40-4-dropout`` alike, and so with ``wrn-28-10``.
"""

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.architectures.he_initialisation import he_initialise


class Block(nn.Module):
    """Normalize, rectify, convolve, twice; the shortcut is a 1 x 1 convolution where channels change."""

    def __init__(self, channels_in: int, channels_out: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.bn1 = nn.BatchNorm2d(channels_in)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False)
        self.conv_shortcut = None
        if channels_in != channels_out:
            self.conv_shortcut = nn.Conv2d(channels_in, channels_out, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, C', H / stride, W / stride)."""
        active = torch.relu(self.bn1(x))
        # A convolved shortcut starts from the activated input, an identity from the input itself.
        shortcut = x if self.conv_shortcut is None else self.conv_shortcut(active)
        middle = torch.relu(self.bn2(self.conv1(active)))
        if self.dropout:
            middle = functional.dropout(middle, self.dropout, self.training)
        return shortcut + self.conv2(middle)


class Stage(nn.Module):
    """Blocks of one width; its only child is ``layer`` because published weights are named so."""

    def __init__(
        self, channels_in: int, channels_out: int, blocks: int, stride: int, dropout: float
    ) -> None:
        super().__init__()
        first = Block(channels_in, channels_out, stride, dropout)
        others = (Block(channels_out, channels_out, 1, dropout) for _ in range(blocks - 1))
        self.layer = nn.Sequential(first, *others)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, C', H / stride, W / stride)."""
        return self.layer(x)


class WideResNet(nn.Module):
    """A network of ``depth`` = 6 n + 4 layers, ``widening`` times as wide as a ResNet for CIFAR."""

    def __init__(
        self, depth: int, widening: int, num_classes: int, *, dropout: float = 0.0
    ) -> None:
        super().__init__()
        blocks = (depth - 4) // 6
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.block1 = Stage(16, 16 * widening, blocks, 1, dropout)
        self.block2 = Stage(16 * widening, 32 * widening, blocks, 2, dropout)
        self.block3 = Stage(32 * widening, 64 * widening, blocks, 2, dropout)
        self.bn1 = nn.BatchNorm2d(64 * widening)
        self.fc = nn.Linear(64 * widening, num_classes)
        he_initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to logits (N, num_classes)."""
        x = self.block3(self.block2(self.block1(self.conv1(x))))
        return self.fc(torch.relu(self.bn1(x)).mean(dim=(2, 3)))


ARCHITECTURES = {
    f"wrn-{depth}-{widening}": partial(WideResNet, depth, widening)
    for depth, widening in ((40, 2), (40, 4), (28, 10))
} | {
    f"wrn-{depth}-{widening}-dropout": partial(WideResNet, depth, widening, dropout=0.3)
    for depth, widening in ((40, 4), (28, 10))
}
