"""Contrast: pixels move towards their channel's mean, as in fog light or on a poor display.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference: exact; the published CIFAR-10-C file comes out byte for byte.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.pixel_range import UNIT, to_pixel

STRENGTH = {  # (factor of a pixel's distance from the mean,)
    "imagenet": ((0.4,), (0.3,), (0.2,), (0.1,), (0.05,)),
    "cifar": ((0.75,), (0.5,), (0.4,), (0.3,), (0.15,)),
    "tiny": ((0.4,), (0.3,), (0.2,), (0.1,), (0.05,)),
    "inception": ((0.4,), (0.3,), (0.2,), (0.1,), (0.05,)),
}


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): each channel of each image drawn towards its own mean."""
    (factor,) = strength
    count = len(images)
    out = np.empty_like(images)
    _flatten(images.reshape(count, -1, 3), factor, UNIT, out.reshape(count, -1, 3))
    return out


@njit(cache=True, nogil=True)
def _flatten(images, factor, unit, out):  # type: ignore[no-untyped-def]
    pixel_of = np.empty((3, 256), np.uint8)
    for n in range(len(images)):
        # Summed as floats from first to last pixel: an integer sum is nicer and differs in the
        # last bit, which truncation turns into levels.
        red, green, blue = 0.0, 0.0, 0.0
        for i in range(images.shape[1]):
            red += unit[images[n, i, 0]]
            green += unit[images[n, i, 1]]
            blue += unit[images[n, i, 2]]
        for channel, total in enumerate((red, green, blue)):
            mean = total / images.shape[1]
            for level in range(256):
                pixel_of[channel, level] = to_pixel((unit[level] - mean) * factor + mean)
        for i in range(images.shape[1]):
            for channel in range(3):
                out[n, i, channel] = pixel_of[channel, images[n, i, channel]]
