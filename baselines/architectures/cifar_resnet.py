"""The ResNets made for CIFAR: three stages of 16, 32 and 64 channels, shortcuts without parameters.

Source: He et al. 2016, "Deep Residual Learning for Image Recognition", section 4.2 (option A shortcuts).
"""

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.architectures.subsample import Subsample


class Block(nn.Module):
    """Two 3 x 3 convolutions and a shortcut that subsamples and pads channels with zeros (option A)."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)
        self.subsample = Subsample(stride)
        self.padding = (channels_out - channels_in) // 2

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, C', H / stride, W / stride)."""
        shortcut = self.subsample(x)
        if self.padding:
            # Half of the new channels come before the old ones and half after.
            shortcut = functional.pad(shortcut, (0, 0, 0, 0, self.padding, self.padding))
        out = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(out)) + shortcut)


class CifarResNet(nn.Module):
    """A ResNet of ``depth`` = 6 n + 2 layers, n blocks a stage."""

    def __init__(self, depth: int, num_classes: int) -> None:
        super().__init__()
        blocks = (depth - 2) // 6
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = _stage(16, 16, blocks, stride=1)
        self.layer2 = _stage(16, 32, blocks, stride=2)
        self.layer3 = _stage(32, 64, blocks, stride=2)
        self.linear = nn.Linear(64, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to logits (N, num_classes)."""
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean(dim=(2, 3)))


def _stage(channels_in: int, channels_out: int, blocks: int, stride: int) -> nn.Sequential:
    first = Block(channels_in, channels_out, stride)
    return nn.Sequential(first, *(Block(channels_out, channels_out, 1) for _ in range(blocks - 1)))


ARCHITECTURES = {f"resnet{depth}": partial(CifarResNet, depth) for depth in (20, 32, 44, 56)}
