"""Networks that take or give something else than robench does, made to do as it does."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

Network = Callable[[Tensor], Tensor]


class _GivenBgr(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> Tensor:
        logits: Tensor = self.network(pixels.flip(1))
        return logits


class _LogOfProbabilities(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> Tensor:
        return log_of(self.network(pixels))


def given_bgr(network: Network) -> Network:
    """Return a network of BGR images (N, 3, H, W) as one of RGB images."""
    if isinstance(network, nn.Module):
        return _GivenBgr(network)
    return lambda pixels: network(pixels.flip(1))


def giving_logits(network: Network) -> Network:
    """Return a network of probabilities (N, classes) as one of logits, whose softmax they are."""
    if isinstance(network, nn.Module):
        return _LogOfProbabilities(network)
    return lambda pixels: log_of(network(pixels))


def log_of(probabilities: Tensor) -> Tensor:
    """Return float32 logarithms; a probability that rounding made 0 counts as the smallest normal number, 1e-38."""
    return probabilities.float().clamp(min=torch.finfo(torch.float32).tiny).log()
