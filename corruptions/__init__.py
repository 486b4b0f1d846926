"""The benchmark corruptions: uint8 pixels in, uint8 pixels out.

>>> from corruptions import CorruptedDataset, corrupt, perturb
>>> foggy = corrupt(images, "fog", 3)                         # uint8 (N, H, W, 3)
>>> film = perturb(images, "tilt", preset="imagenet")         # uint8 (N, frames, H, W, 3)
>>> dataset = CorruptedDataset(CIFAR10("data", train=False), "fog", 3, transform=ToTensor())
"""

from corruptions.batches import corrupt
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
from corruptions.data_loading import Corrupt, CorruptedDataset
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
from corruptions.sequences import perturb

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
