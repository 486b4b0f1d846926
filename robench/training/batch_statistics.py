"""Batch normalization with the statistics of all processes' images, for processors.

PyTorch's ``SyncBatchNorm`` works on GPUs only; this one is for the rest, with the same result: that of one process
with the whole batch.
"""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


class SumOfAll(torch.autograd.Function):
    """The sum of a tensor over all processes, whose gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        """Add up the values."""
        total = value.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """Add up the gradients."""
        total = gradients[0].clone()
        dist.all_reduce(total)
        return total


def sum_of_all(value: Tensor) -> Tensor:
    """Return the sum of ``value`` over all processes, through which gradients flow to each."""
    total: Tensor = SumOfAll.apply(value)
    return total


class SharedBatchNorm2d(nn.BatchNorm2d):
    """``BatchNorm2d`` whose mean and variance are taken over every process's part of the batch."""

    def forward(self, input: Tensor) -> Tensor:
        """Normalize (N, C, H, W)."""
        if not self.training:
            return super().forward(input)
        count = torch.tensor(float(input.numel() // input.shape[1]))
        dist.all_reduce(count)
        total = count.item()
        mean = sum_of_all(input.sum(dim=(0, 2, 3))) / total
        centred = input - mean.view(1, -1, 1, 1)
        variance = sum_of_all(centred.square().sum(dim=(0, 2, 3))) / total
        self._keep(mean.detach(), variance.detach() * (total / (total - 1)))
        scaled = centred * torch.rsqrt(variance + self.eps).view(1, -1, 1, 1)
        if not self.affine:
            return scaled
        return scaled * self.weight.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)

    def _keep(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None or self.momentum is None:
            return
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)


def synchronised(module: nn.Module) -> nn.Module:
    """Return the module with every BatchNorm2d in it replaced; its parameters stay where they are."""
    for name, child in module.named_children():
        setattr(module, name, synchronised(child))
    if not isinstance(module, nn.BatchNorm2d):
        return module
    shared = SharedBatchNorm2d(
        module.num_features, module.eps, module.momentum, module.affine, module.track_running_stats
    )
    shared.weight, shared.bias = module.weight, module.bias
    for name, buffer in module.named_buffers():
        setattr(shared, name, buffer)
    return shared
