"""The image operations that augmentation methods chain, equal to Pillow's to the last bit.

They act on uint8 images and come from AutoAugment's set; AugMix chains nine of them, which overlap
with no benchmark corruption. On 32 pixels a call of Pillow costs more than its work, so the
operations are compiled here and take a whole batch.
"""

from baselines.augmentations.mixing import augment_and_mix
from baselines.augmentations.operations import (
    ALL_OPERATIONS,
    OPERATIONS,
    OVERLAPPING,
    amounts,
    augment,
)

__all__ = [
    "ALL_OPERATIONS",
    "OPERATIONS",
    "OVERLAPPING",
    "amounts",
    "augment",
    "augment_and_mix",
]
