"""Networks exported for one size of batches or images."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from robench.errors import RobenchError


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


def check_size(kind: str, found: Sequence[int], expected: Sequence[int | None]) -> None:
    """Raise RobenchError unless (channels, height, width) of images are those a network takes, None being any."""
    if any(want not in (None, have) for have, want in zip(found[1:], expected[1:], strict=True)):
        raise RobenchError(
            f"this {kind} takes images of {expected[2]} x {expected[3]} pixels, "
            f"got {found[2]} x {found[3]}"
        )
