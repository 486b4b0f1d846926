"""Ripple: rows and columns are shifted to and fro in sine waves, as seen through moving water.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code.
Agreement with the reference on its own draws: exact but for the last bit of numpy's sine, which turns
with its version and, where the image is flat, shifts 0.06% of values by 1 level.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.bilinear_fetch import fetch
from corruptions.keyed_random import KeyedRandom
from corruptions.levels import to_level

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10,)
    "cifar": ((5.5,), (6.0,), (6.5,), (7.5,), (8.0,)),
}
AMPLITUDE_AT_10 = 0.025  # of the image's height for rows, of its width for columns

Floats = NDArray[np.float64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[Floats, Floats]:
    """Draw the lengths in pixels and the phases in radians of the waves along y and x: (N, 2) each."""
    lengths_px = random.uniform((2,), 0.1, 0.3) * images.shape[1:3]
    return lengths_px, random.uniform((2,), 0.0, 2 * np.pi)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], lengths_px: Floats, phases: Floats
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images``, rippled; black where it shows what is beyond them."""
    (scale,) = strength
    rows, columns = (
        _rippled(side, scale * AMPLITUDE_AT_10 / 10 * side, lengths_px[:, axis], phases[:, axis])
        for axis, side in enumerate(images.shape[1:3])
    )
    out = np.empty_like(images)
    _fetch_all(images.astype(np.float64), rows, columns, out)
    return out


def _rippled(side: int, amplitude_px: float, lengths_px: Floats, phases: Floats) -> Floats:
    """Return where each position on an axis is fetched from, (N, side)."""
    positions = np.arange(side)
    angles = 2 * np.pi * positions / lengths_px[:, None] + phases[:, None]
    return positions + amplitude_px * np.sin(angles)


@njit(cache=True, nogil=True)
def _fetch_all(images, rows, columns, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = images.shape
    weights, pixel = np.empty(4), np.empty(3)
    for n in range(count):
        for y in range(height):
            for x in range(width):
                fetch(images[n], rows[n, y], columns[n, x], weights, pixel)
                for channel in range(3):
                    out[n, y, x, channel] = to_level(pixel[channel])
