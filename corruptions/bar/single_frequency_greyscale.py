"""Single frequency greyscale: one plane sine wave laid over the image, like electrical interference.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.levels import to_level

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10,)
    "imagenet": ((1.0,), (1.5,), (2.0,), (4.5,), (5.0,)),
}
AMPLITUDE_AT_10 = 196.0

Floats = NDArray[np.float64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[Floats, Floats]:
    """Draw the wave: its frequencies along x and y in radians a pixel, (N, 2), and phases (N,).

    One frequency is at most pi either way, the other at most the first; chance decides which of
    them is that along x.
    """
    higher = random.uniform((), -np.pi, np.pi)
    bound = np.abs(higher)
    lower = -bound + (bound + bound) * random.uniform(())
    kept = random.integers((), 0, 2) == 1
    pairs = np.where(kept, (higher, lower), (lower, higher)).T
    return np.ascontiguousarray(pairs), random.uniform((), 0.0, 2 * np.pi)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], frequencies: Floats, phases: Floats
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images`` plus the same wave in every channel."""
    (scale,) = strength
    out = np.empty_like(images)
    _add_wave(images, scale * AMPLITUDE_AT_10 / 10, frequencies, phases, out)
    return out


@njit(cache=True, nogil=True)
def _add_wave(images, amplitude, frequencies, phases, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = images.shape
    for n in range(count):
        for y in range(height):
            for x in range(width):
                angle = x * frequencies[n, 0] + y * frequencies[n, 1] + phases[n]
                wave = amplitude * np.sin(angle)
                for channel in range(3):
                    out[n, y, x, channel] = to_level(images[n, y, x, channel] + wave)
