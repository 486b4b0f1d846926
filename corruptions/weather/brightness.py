"""Brightness: daylight of another intensity, as a constant added to the value channel of HSV.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference: exact; the published CIFAR-10-C file comes out byte for byte.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.channel_tiles import TILE_PX, fetch_units, store_units
from corruptions.hsv import hsv_to_rgb, rgb_to_hsv

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
    source, target = images.reshape(-1), output.reshape(-1)
    red, green, blue = np.zeros(TILE_PX), np.zeros(TILE_PX), np.zeros(TILE_PX)
    for start in range(0, len(source) // 3, TILE_PX):
        count = min(TILE_PX, len(source) // 3 - start)
        fetch_units(source, start, count, red, green, blue)
        _brighten_tile(red, green, blue, added)
        store_units(red, green, blue, target, start, count)
    return output


@njit(cache=True, nogil=True)
def _brighten_tile(red, green, blue, added):  # type: ignore[no-untyped-def]
    for i in range(len(red)):
        hue, saturation, value = rgb_to_hsv(red[i], green[i], blue[i])
        red[i], green[i], blue[i] = hsv_to_rgb(hue, saturation, min(value + added, 1.0))
