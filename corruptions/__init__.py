"""The benchmark corruptions: uint8 pixels in, uint8 pixels out.

>>> from corruptions import CorruptedDataset, corrupt, perturb
>>> foggy = corrupt(images, "fog", 3)                         # uint8 (N, H, W, 3)
>>> film = perturb(images, "tilt", preset="imagenet")         # uint8 (N, frames, H, W, 3)
>>> dataset = CorruptedDataset(CIFAR10("data", train=False), "fog", 3, transform=ToTensor())
"""

import importlib
from typing import TYPE_CHECKING

from corruptions.catalogue import (
    BENCHMARK,
    CIFAR_BAR,
    EXTRA,
    FAMILIES,
    IMAGENET_BAR,
    PRESETS,
    SEVERITIES,
    corruption_names,
    families,
)
from corruptions.errors import CorruptionError
from corruptions.preset_choice import preset_for
from corruptions.sequence_catalogue import (
    CORE_CIFAR,
    CORE_IMAGENET,
    EXTRA_CIFAR,
    EXTRA_IMAGENET,
    frame_count,
    perturbation_names,
)

if (
    TYPE_CHECKING
):  # what needs the compiler is imported when it is asked for: names are known at once
    from corruptions.batches import corrupt
    from corruptions.data_loading import Corrupt, CorruptedDataset
    from corruptions.sequences import perturb
else:
    LAZY = {
        "Corrupt": "corruptions.data_loading",
        "CorruptedDataset": "corruptions.data_loading",
        "corrupt": "corruptions.batches",
        "perturb": "corruptions.sequences",
    }

    def __getattr__(name: str) -> object:
        """Import one of ``LAZY`` and keep it."""
        if name not in LAZY:
            raise AttributeError(f"module 'corruptions' has no attribute {name!r}")
        found = getattr(importlib.import_module(LAZY[name]), name)
        globals()[name] = found
        return found


__all__ = [
    "BENCHMARK",
    "CIFAR_BAR",
    "CORE_CIFAR",
    "CORE_IMAGENET",
    "EXTRA",
    "EXTRA_CIFAR",
    "EXTRA_IMAGENET",
    "FAMILIES",
    "IMAGENET_BAR",
    "PRESETS",
    "SEVERITIES",
    "Corrupt",
    "CorruptedDataset",
    "CorruptionError",
    "corrupt",
    "corruption_names",
    "families",
    "frame_count",
    "perturb",
    "perturbation_names",
    "preset_for",
]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
