"""Densely connected networks: every layer reads the outputs of all earlier layers of its block.

Source: Huang et al. 2017, "Densely Connected Convolutional Networks". ``densenet`` is what the
published AugMix code builds (depth 40, growth 12); the paper names ``densenet-bc-100-12``.
"""

import torch
from torch import Tensor, nn

from baselines.architectures.he_initialisation import he_initialise


class Layer(nn.Module):
    """Append ``growth`` channels made by one 3 x 3 convolution."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, C + growth, H, W)."""
        return torch.cat((x, self.conv1(torch.relu(self.bn1(x)))), dim=1)


class BottleneckLayer(nn.Module):
    """Append ``growth`` channels made by a 1 x 1 and a 3 x 3 convolution."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, 4 * growth, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(4 * growth)
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, C + growth, H, W)."""
        narrow = self.conv1(torch.relu(self.bn1(x)))
        return torch.cat((x, self.conv2(torch.relu(self.bn2(narrow)))), dim=1)


class Transition(nn.Module):
    """Halve height and width between two blocks."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels_in)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 1, bias=False)
        self.pool = nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, C', H / 2, W / 2)."""
        return self.pool(self.conv1(torch.relu(self.bn1(x))))


class DenseNet(nn.Module):
    """Three dense blocks; ``compression`` is the share of channels that a transition keeps."""

    def __init__(
        self, layers: int, growth: int, layer: type[nn.Module], compression: float, num_classes: int
    ) -> None:
        super().__init__()
        channels = 2 * growth
        self.conv1 = nn.Conv2d(3, channels, 3, padding=1, bias=False)
        self.dense1 = _dense_block(channels, growth, layers, layer)
        channels += layers * growth
        self.trans1 = Transition(channels, int(channels * compression))
        channels = int(channels * compression)
        self.dense2 = _dense_block(channels, growth, layers, layer)
        channels += layers * growth
        self.trans2 = Transition(channels, int(channels * compression))
        channels = int(channels * compression)
        self.dense3 = _dense_block(channels, growth, layers, layer)
        channels += layers * growth
        self.bn1 = nn.BatchNorm2d(channels)
        self.fc = nn.Linear(channels, num_classes)
        he_initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to logits (N, num_classes)."""
        x = self.trans1(self.dense1(self.conv1(x)))
        x = self.dense3(self.trans2(self.dense2(x)))
        return self.fc(torch.relu(self.bn1(x)).mean(dim=(2, 3)))


def _dense_block(channels: int, growth: int, layers: int, layer: type[nn.Module]) -> nn.Sequential:
    return nn.Sequential(*(layer(channels + i * growth, growth) for i in range(layers)))


def densenet(num_classes: int) -> DenseNet:
    """Depth 40, growth 12, no bottlenecks and no compression."""
    return DenseNet(12, 12, Layer, 1.0, num_classes)


def densenet_bc_100_12(num_classes: int) -> DenseNet:
    """Depth 100, growth 12, bottlenecks, transitions that keep half of the channels."""
    return DenseNet(16, 12, BottleneckLayer, 0.5, num_classes)


ARCHITECTURES = {"densenet": densenet, "densenet-bc-100-12": densenet_bc_100_12}
