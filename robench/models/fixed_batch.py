"""Networks exported for one batch size only."""

from collections.abc import Callable

import torch
from torch import Tensor


def in_batches_of(size: int, forward: Callable[[Tensor], Tensor], pixels: Tensor) -> Tensor:
    """Return the logits of any number of images from a ``forward`` that takes exactly ``size`` of them.

    The last batch is filled up with black images, whose logits are dropped.
    """
    parts = []
    for start in range(0, len(pixels), size):
        part = pixels[start : start + size]
        missing = size - len(part)
        padded = torch.cat([part, part.new_zeros(missing, *part.shape[1:])]) if missing else part
        parts.append(forward(padded)[: len(part)])
    return torch.cat(parts)
