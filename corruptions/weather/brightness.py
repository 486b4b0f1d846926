"""Brightness: daylight of another intensity, as a constant added to the value channel of HSV.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference: exact; the published CIFAR-10-C file comes out byte for byte.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.hsv import hsv_to_rgb, rgb_to_hsv
from corruptions.pixel_range import to_unit

STRENGTH = {  # (added to the value channel, whose range is 0 to 1,)
    "cifar": ((0.05,), (0.1,), (0.15,), (0.2,), (0.3,)),
    "tiny": ((0.1,), (0.2,), (0.3,), (0.4,), (0.5,)),
    "imagenet": ((0.1,), (0.2,), (0.3,), (0.4,), (0.5,)),
    "inception": ((0.1,), (0.2,), (0.3,), (0.4,), (0.5,)),
}


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3), brighter than ``images`` of the same shape; black becomes grey."""
    (added,) = strength
    return _brighten(images, added)


@njit(cache=True, nogil=True)
def _brighten(images: NDArray[np.uint8], added: float) -> NDArray[np.uint8]:
    output = np.empty_like(images)
    source = images.reshape(-1, 3)
    target = output.reshape(-1, 3)
    for i in range(source.shape[0]):
        hue, saturation, value = rgb_to_hsv(
            to_unit(source[i, 0]), to_unit(source[i, 1]), to_unit(source[i, 2])
        )
        red, green, blue = hsv_to_rgb(hue, saturation, min(value + added, 1.0))
        target[i, 0] = np.uint8(red * 255.0)
        target[i, 1] = np.uint8(green * 255.0)
        target[i, 2] = np.uint8(blue * 255.0)
    return output
