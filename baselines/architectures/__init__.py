"""Networks of the papers' tables, one file per family.

A file offers its networks as ``ARCHITECTURES = {name: make(num_classes) -> nn.Module}``. They take
float32 (N, 3, H, W), at least 32 pixels a side, and give logits (N, num_classes).
"""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from robench.errors import RobenchError
from robench.registry import Registry, collect

if TYPE_CHECKING:
    from torch import nn

__all__ = ["create", "registry"]


@functools.cache
def registry() -> "Registry[Callable[[int], nn.Module]]":
    """Return every network that can be built by name."""
    return collect("architecture", __name__, "ARCHITECTURES")


def create(name: str, num_classes: int) -> "nn.Module":
    """Build a network with freshly drawn weights, from torch's global generator.

    Raises RobenchError for an unknown name or fewer than two classes.
    """
    make = registry()[name]
    if num_classes < 2:
        raise RobenchError(f"a classifier needs at least 2 classes, got {num_classes}")
    return make(num_classes)
