"""Leaving out pixels, as a module, so that an anti-aliased network can have another in its place."""

from torch import Tensor, nn


class Subsample(nn.Module):
    """Keep every ``stride``-th pixel of every ``stride``-th row."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, C, ceil(H / stride), ceil(W / stride))."""
        return x[:, :, :: self.stride, :: self.stride]
