"""Saturate: colours are greyed or boosted, as by a camera's or screen's saturation setting.

Source: Hendrycks & Dietterich 2019, create_c/make_{cifar,tinyimagenet,imagenet}_c.py.
Agreement: exact; the CIFAR-10-C file is reproduced to the byte.
Oddity kept: the offset of severities 4 and 5 is added to grey pixels too, whose hue counts as red.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.channel_tiles import TILE_PX, fetch_units, store_units
from corruptions.hsv import hsv_to_rgb, rgb_to_hsv

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
    return _saturate(images, factor, offset)


@njit(cache=True, nogil=True)
def _saturate(images: NDArray[np.uint8], factor: float, offset: float) -> NDArray[np.uint8]:
    output = np.empty_like(images)
    source, target = images.reshape(-1), output.reshape(-1)
    red, green, blue = np.zeros(TILE_PX), np.zeros(TILE_PX), np.zeros(TILE_PX)
    for start in range(0, len(source) // 3, TILE_PX):
        count = min(TILE_PX, len(source) // 3 - start)
        fetch_units(source, start, count, red, green, blue)
        _saturate_tile(red, green, blue, factor, offset)
        store_units(red, green, blue, target, start, count)
    return output


@njit(cache=True, nogil=True)
def _saturate_tile(red, green, blue, factor, offset):  # type: ignore[no-untyped-def]
    for i in range(len(red)):
        hue, saturation, value = rgb_to_hsv(red[i], green[i], blue[i])
        saturation = min(max(saturation * factor + offset, 0.0), 1.0)
        red[i], green[i], blue[i] = hsv_to_rgb(hue, saturation, value)
