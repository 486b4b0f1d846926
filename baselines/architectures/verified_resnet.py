"""The small ResNets of the verification literature: no batch normalisation, two linear layers at the end.

The first convolution and each stage halve the image. Their published weights are adversarially trained at l_inf 2/255,
so that they serve to check an attack against a published number.

Source: Wang et al. 2021, "Beta-CROWN: Efficient Bound Propagation with Per-neuron Split Constraints" and the CIFAR-10
models resnet2b and resnet4b published with it (2 and 4 blocks).
"""

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional


class Block(nn.Module):
    """Two 3 x 3 convolutions and a shortcut, a 1 x 1 convolution where the shape changes."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, padding=1)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        changes = stride > 1 or channels_in != channels_out
        convolutions = [nn.Conv2d(channels_in, channels_out, 1, stride)] if changes else []
        self.shortcut = nn.Sequential(*convolutions)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, C', H / stride, W / stride)."""
        return torch.relu(self.conv2(torch.relu(self.conv1(x))) + self.shortcut(x))


class VerifiedResNet(nn.Module):
    """A ResNet of ``stages`` stages of two blocks; at 32 pixels its last map has ``side`` x ``side`` places."""

    def __init__(self, width: int, stages: int, side: int, num_classes: int) -> None:
        super().__init__()
        self.side = side
        channels = 2 * width
        self.conv1 = nn.Conv2d(3, width, 3, stride=2, padding=1)
        for stage in range(1, stages + 1):
            first = Block(width if stage == 1 else channels, channels, stride=2)
            self.add_module(f"layer{stage}", nn.Sequential(first, Block(channels, channels, 1)))
        self.linear1 = nn.Linear(channels * side * side, 100)
        self.linear2 = nn.Linear(100, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to logits (N, num_classes)."""
        x = torch.relu(self.conv1(x))
        for name, stage in self.named_children():
            x = stage(x) if name.startswith("layer") else x
        # At 32 pixels this changes nothing; larger images are averaged down to the map the weights are for.
        x = functional.adaptive_avg_pool2d(x, self.side)
        return self.linear2(torch.relu(self.linear1(x.flatten(1))))


ARCHITECTURES = {
    "resnet2b": partial(VerifiedResNet, 8, 1, 8),
    "resnet4b": partial(VerifiedResNet, 16, 2, 4),
}
