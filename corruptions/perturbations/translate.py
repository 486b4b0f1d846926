"""Translate: the image passes from left to right by a pixel a frame, black where nothing follows.

The clean frame is number 7 for CIFAR, 15 for Tiny-ImageNet, 20 for ImageNet.

Source: Hendrycks & Dietterich 2019, section 4, and the create_p scripts of its code.
Agreement with the reference: exact. CIFAR's 16 frames and ImageNet's 41 are the reference's.
"""

import numpy as np
from numpy.typing import NDArray

STRENGTH = {  # (frames, how far right the first one is, in pixels)
    "cifar": ((16, -7),),
    "tiny": ((31, -15),),
    "imagenet": ((41, -20),),
    "inception": ((41, -20),),
}
# The reference shifts the photograph and crops afterwards, so that its margin comes into view.
WARPS_BEFORE_CROP = True


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): ``images`` one pixel further right in every frame."""
    frames, first_px = strength
    count, height, width, _ = images.shape
    output = np.zeros((count, int(frames), height, width, 3), np.uint8)
    for k in range(int(frames)):
        right = min(max(int(first_px) + k, -width), width)
        start, stop = max(right, 0), width + min(right, 0)
        output[:, k, :, start:stop] = images[:, :, start - right : stop - right]
    return output
