"""Saturate: colours are greyed or boosted, as by a camera's or screen's saturation setting.

Source: Hendrycks & Dietterich 2019, create_c/make_{cifar,tinyimagenet,imagenet}_c.py.
Agreement: exact; the CIFAR-10-C file is reproduced to the byte.
Oddity kept: the offset of severities 4 and 5 is added to grey pixels too, whose hue counts as red.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.hsv import hsv_to_rgb, rgb_to_hsv
from corruptions.pixel_range import UNIT, to_pixel

# (factor, offset) of the saturation
STRENGTH = {
    "imagenet": ((0.3, 0.0), (0.1, 0.0), (2.0, 0.0), (5.0, 0.1), (20.0, 0.2)),
    "cifar": ((0.3, 0.0), (0.1, 0.0), (1.5, 0.0), (2.0, 0.1), (2.5, 0.2)),
    "tiny": ((0.3, 0.0), (0.1, 0.0), (2.0, 0.0), (5.0, 0.1), (30.0, 0.2)),
    "inception": ((0.3, 0.0), (0.1, 0.0), (2.0, 0.0), (5.0, 0.1), (20.0, 0.2)),
}


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3) with the saturation s of each pixel at factor * s + offset."""
    factor, offset = strength
    out = np.empty_like(images)
    _saturate(images.reshape(-1, 3), factor, offset, UNIT, out.reshape(-1, 3))
    return out


@njit(cache=True, nogil=True)
def _saturate(pixels, factor, offset, unit, out):  # type: ignore[no-untyped-def]
    for i in range(len(pixels)):
        hue, saturation, value = rgb_to_hsv(
            unit[pixels[i, 0]], unit[pixels[i, 1]], unit[pixels[i, 2]]
        )
        saturation = min(max(saturation * factor + offset, 0.0), 1.0)
        red, green, blue = hsv_to_rgb(hue, saturation, value)
        out[i, 0] = to_pixel(red)
        out[i, 1] = to_pixel(green)
        out[i, 2] = to_pixel(blue)
