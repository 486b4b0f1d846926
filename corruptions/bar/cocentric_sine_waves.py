"""Cocentric sine waves: rings of a sawtooth profile around a random point, their radius waving.

The name is the benchmark's, whose files bear it.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.levels import to_level

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10,)
    "imagenet": ((3.0,), (5.0,), (8.0,), (9.0,), (10.0,)),
}
AMPLITUDE_AT_10 = 128.0

Floats = NDArray[np.float64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Draw the rings.

    Returns four float64 arrays: the centre (x, y) in pixels, (N, 2), anywhere in the image; how many
    times the radius waves in a turn, by how many pixels, and the rings' width in pixels, (N,).
    """
    height, width = images.shape[1:3]
    furthest = min(height, width) / 10
    centres = random.uniform((2,)) * (width, height)
    turns = random.uniform((), 0.0, 10.0)
    return centres, turns, random.uniform((), 0.0, furthest), random.uniform((), 0.0, furthest)


def apply(
    images: NDArray[np.uint8],
    strength: tuple[float, ...],
    centres: Floats,
    turns: Floats,
    waves_px: Floats,
    widths_px: Floats,
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images`` plus the same rings in every channel."""
    (scale,) = strength
    out = np.empty_like(images)
    _add_rings(images, scale * AMPLITUDE_AT_10 / 10, centres, turns, waves_px, widths_px, out)
    return out


@njit(cache=True, nogil=True)
def _add_rings(images, amplitude, centres, turns, waves, widths, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = images.shape
    for n in range(count):
        for y in range(height):
            dy = y - centres[n, 1]
            for x in range(width):
                dx = x - centres[n, 0]
                waving = np.sin(np.arctan2(dx, dy) * turns[n]) * waves[n]
                radius = np.sqrt(dx**2 + dy**2) + waving
                ring = amplitude * ((radius % widths[n]) / widths[n] - 0.5)
                for channel in range(3):
                    out[n, y, x, channel] = to_level(images[n, y, x, channel] + ring)
