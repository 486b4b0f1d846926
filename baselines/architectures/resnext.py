"""ResNeXt for CIFAR: bottleneck blocks whose 3 x 3 convolution is split into groups.

Source: Xie et al. 2017, "Aggregated Residual Transformations for Deep Neural Networks", section 5.3;
the parameters are named as in the published AugMix code, so that its weights load.
"""

import torch
from torch import Tensor, nn

from baselines.architectures.he_initialisation import he_initialise

EXPANSION = 4


class Block(nn.Module):
    """Reduce, convolve in groups, expand; a 1 x 1 convolution in the shortcut where the shape changes."""

    def __init__(
        self, channels_in: int, planes: int, stride: int, cardinality: int, base_width: int
    ) -> None:
        super().__init__()
        inner, outer = planes * base_width // 64 * cardinality, planes * EXPANSION
        self.conv_reduce = nn.Conv2d(channels_in, inner, 1, bias=False)
        self.bn_reduce = nn.BatchNorm2d(inner)
        self.conv_conv = nn.Conv2d(
            inner, inner, 3, stride, padding=1, groups=cardinality, bias=False
        )
        self.bn = nn.BatchNorm2d(inner)
        self.conv_expand = nn.Conv2d(inner, outer, 1, bias=False)
        self.bn_expand = nn.BatchNorm2d(outer)
        self.downsample = None
        if stride != 1 or channels_in != outer:
            convolution = nn.Conv2d(channels_in, outer, 1, stride, bias=False)
            self.downsample = nn.Sequential(convolution, nn.BatchNorm2d(outer))

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, 4 planes, H / stride, W / stride)."""
        out = torch.relu(self.bn_reduce(self.conv_reduce(x)))
        out = torch.relu(self.bn(self.conv_conv(out)))
        out = self.bn_expand(self.conv_expand(out))
        return torch.relu(out + (x if self.downsample is None else self.downsample(x)))


class CifarResNeXt(nn.Module):
    """Three stages of ``blocks`` bottlenecks."""

    def __init__(self, blocks: int, cardinality: int, base_width: int, num_classes: int) -> None:
        super().__init__()
        self.conv_1_3x3 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.bn_1 = nn.BatchNorm2d(64)
        self.stage_1 = _stage(64, 64, blocks, 1, cardinality, base_width)
        self.stage_2 = _stage(256, 128, blocks, 2, cardinality, base_width)
        self.stage_3 = _stage(512, 256, blocks, 2, cardinality, base_width)
        self.classifier = nn.Linear(1024, num_classes)
        he_initialise(self)
        nn.init.kaiming_normal_(self.classifier.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to logits (N, num_classes)."""
        x = torch.relu(self.bn_1(self.conv_1_3x3(x)))
        x = self.stage_3(self.stage_2(self.stage_1(x)))
        return self.classifier(x.mean(dim=(2, 3)))


def _stage(
    channels_in: int, planes: int, blocks: int, stride: int, cardinality: int, base_width: int
) -> nn.Sequential:
    first = Block(channels_in, planes, stride, cardinality, base_width)
    channels = planes * EXPANSION
    others = (Block(channels, planes, 1, cardinality, base_width) for _ in range(blocks - 1))
    return nn.Sequential(first, *others)


def resnext29(num_classes: int) -> CifarResNeXt:
    """29 layers, cardinality 4, base width 32."""
    return CifarResNeXt(3, 4, 32, num_classes)


ARCHITECTURES = {"resnext29": resnext29}
