"""The benchmark corruptions: uint8 pixels in, uint8 pixels out.

>>> from corruptions import corrupt
>>> foggy = corrupt(images, "fog", 3, preset="imagenet")      # uint8 (N, H, W, 3)
"""

from corruptions.batches import corrupt
from corruptions.catalogue import BENCHMARK, EXTRA, FAMILIES, PRESETS, SEVERITIES, families
from corruptions.errors import CorruptionError

__all__ = [
    "BENCHMARK",
    "EXTRA",
    "FAMILIES",
    "PRESETS",
    "SEVERITIES",
    "CorruptionError",
    "corrupt",
    "families",
]
