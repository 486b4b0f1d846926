"""Perlin noise: the image fades into a grey, marbled turbulence.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.gradient_noise import DRAWN_GRADIENTS, TABLE, fill_tables, turbulence
from corruptions.keyed_random import KeyedRandom
from corruptions.levels import to_level

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10,)
    "imagenet": ((4.6,), (5.2,), (5.8,), (7.6,), (8.8,)),
}
OPACITY_AT_10 = 0.5
OCTAVES = 5
GAIN, BIAS = 0.5, 0.5

Integers = NDArray[np.int64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[Integers, Integers]:
    """Draw what the tables of the noise are made of: int64 (N, 514, 2) and (N, 256)."""
    components = random.integers((DRAWN_GRADIENTS, 2), 0, 1 << 31)
    return components, random.integers((TABLE,), 0, 1 << 31)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], components: Integers, swaps: Integers
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images`` mixed with the same noise in every channel."""
    (scale,) = strength
    feature_px = 32 * min(images.shape[1:3]) / 224
    out = np.empty_like(images)
    _mix(images, components, swaps, 1 / feature_px, scale * OPACITY_AT_10 / 10, out)
    return out


@njit(cache=True, nogil=True)
def _mix(images, components, swaps, step, opacity, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = images.shape
    gradients, order = np.empty((TABLE, 2)), np.empty(TABLE, np.int64)
    kept = np.float32(1 - opacity)
    for n in range(count):
        fill_tables(components[n], swaps[n], gradients, order)
        for y in range(height):
            for x in range(width):
                noise = GAIN * turbulence(y * step, x * step, OCTAVES, gradients, order) + BIAS
                # Oddity kept: a pixel next to a gradient without direction is black.
                if np.isnan(noise):
                    out[n, y, x] = 0
                    continue
                noise = 255 * opacity * min(max(noise, 0.0), 1.0)
                for channel in range(3):
                    # Single precision where the reference has it.
                    image = np.float64(kept * np.float32(images[n, y, x, channel]))
                    out[n, y, x, channel] = to_level(image + noise)
